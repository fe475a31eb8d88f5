#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Findings of rules: stored once, listed, told by status, show and why, acknowledged; rules that are wrong.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
rm -f "$store"*
"$RECORD" "$store" <tests/hunts/inline-code.record || exit 1
ask() { echo '{"rules": "user/hunts", "until": "'"$1"'"}' | "$RECORD" "$store"; }

# One of the stream's objects is so.
any() { jq -se "any(.[]; $1)" "$out" >/dev/null; }

# ---- once each
ok "the rules are asked" ask 2026-12-01T00:00:00.000000000Z
jw hunt --findings --json
n=$(wc -l <"$out")
ok "findings are stored" [ "$n" -ge 6 ]
ok "with all that is known of them" any '.name == "inline-code" and .severity == "high" and (.id | startswith("F")) and
	(.technique | index("T1140")) and .because and .advice and (.mitigation | index("M1038")) and .job and .since and .last and
	(has("acknowledged") | not)'
before=$(jq -r '"\(.id) \(.since)"' "$out" | sort)
ok "and asked again" ask 2026-12-01T02:00:00.000000000Z
jw hunt --findings --json
ok "nothing is found twice" is "$(jq -r '"\(.id) \(.since)"' "$out" | sort)" "$before"
ok "but seen later" any '.name == "inline-code" and .last == "2026-12-01T02:00:00.000000000Z"'
ok "a stream without escapes" harmless "$out"

# ---- told
id=$(jq -r 'select(.text | test("base64")) | .id' "$out") job=$(jq -r 'select(.text | test("base64")) | .job' "$out")
jw hunt --findings
ok "a table" grep -qE "^$id +high .*base64" "$out"
for columns in 60 80 120; do
	jw_at $columns hunt --findings
	ok "fits $columns columns" fits $columns
	jw_at $columns status
	ok "status fits $columns columns" fits $columns
done
jw why "$id"
ok "why: the words" says "base64"
ok "why: the severity and its reason" says "Severity high: code that is decoded"
ok "why: advice and mitigations" says "M1038"
ok "why: what is next" says "jobward hunt --acknowledge $id"
jw why "$id" --json
ok "why as JSON" json ".finding.id == \"$id\" and (.explanation | length > 0)"
jw why F99999
ok "no such finding: 1" is "$rc" 1
jw why "$job"
ok "the job's why has it" says "$id (high, inline-code)"
jw show "$job" --json
ok "show has it" json ".findings[0].id == \"$id\""
jw show "$job"
ok "and for people" says "Findings"
jw status --json
ok "status counts them" json ".findings | map(select(.id)) | length == $n"
jw status
ok "status shows the first" says "F1 "
ok "and where the rest is" says "jobward hunt --findings"
jw hunt --sql "SELECT f.finding, f.severity, f.job FROM findings f WHERE f.finding = '$id'" --json
ok "the view has it" json ".job == \"$job\" and .severity == \"high\""
"$RECORD" "$work/remote.db" <tests/hunts/remote-origin.record
echo '{"rules": "user/hunts", "until": "2026-12-01T00:00:00.000000000Z"}' | "$RECORD" "$work/remote.db"
jw hunt --findings --json --store "$work/remote.db"
ok "events behind it, and their times" any '.name == "remote-origin" and .severity == "low" and
	(.rows | length == 2) and (.since | startswith("2026-11")) and .since < .last'
seq=$(jw hunt --store "$work/remote.db" --sql "SELECT seq FROM events WHERE row = 1" --json; jq .seq "$out")
jw why "$seq" --store "$work/remote.db"
ok "the event's why has it" says "remote-origin"

# ---- acknowledged
start_daemon
answer acknowledge '{"ok": true, "generation": 1, "jobs": []}'
jw hunt --acknowledge "$id" --reason "known"
ok "acknowledged" is "$rc" 0
ok "the daemon is asked" asked ".cmd == \"acknowledge\" and .findings == [${id#F}] and .reason == \"known\""
jw hunt --acknowledge 12
ok "what is no finding: 2" is "$rc" 2
sqlite3 "$store" "UPDATE finding SET acknowledged_ns = 1, acknowledged_by = 'root' WHERE id = ${id#F}"
jw hunt --findings --json
ok "is not listed" is "$(grep -c "\"$id\"" "$out")" 0
jw hunt --findings --all --json
ok "but with --all" any ".id == \"$id\" and .acknowledged.by == \"root\""
ask 2026-12-01T03:00:00.000000000Z
jw hunt --findings --json
ok "seen again it stays so" is "$(grep -c "\"$id\"" "$out")" 0

# ---- rules of one's own, and wrong ones
mkdir "$work/own"
rule() { # NAME KEY FINDING SQL
	printf -- '-- technique: T1053\n-- severity: low\n-- tells: x\n-- reading: y\n-- because: z\n-- finding: %s\n-- key: %s\n-- mitigation: M1018\n-- advice: a\n%s\n' \
		"$3" "$2" "$4" >"$work/own/$1.sql"
}
rule good id 'job {id} of {owner}' "SELECT id, owner FROM jobs"
rule rated id 'job {id}' "SELECT id, 'high' AS severity, owner = 'root' AS finding FROM jobs"
rule bad-key nix 'job {id}' "SELECT id FROM jobs"
rule bad-words id 'job {nix}' "SELECT id FROM jobs"
rule bad-sql id 'job {id}' $'SELECT id,\n  nix FROM jobs'
rule slow id '{id}' "WITH RECURSIVE x(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM x) SELECT max(id) AS id FROM x"
rule many id '{id}' "WITH RECURSIVE x(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM x LIMIT 1000) SELECT id FROM x"
rule hostile t '{t}' "SELECT CAST(x'411b5b324aff0a00' AS TEXT) || char(8238) || printf('%.*c', 1000, 'x') AS t"
sed '/^-- advice/d' "$work/own/good.sql" >"$work/own/half.sql"
jw hunt --try --from "$work/own" --json --timeout 1s
jobs=$("$JOBWARD" --store "$store" jobs --json | jq length)
ok "wrong rules do not stop the others" is "$(jq -r .name "$out" | sort | uniq -c | tr -s ' \n' ' ')" \
	" $jobs good 1 hostile 200 many $(grep -c '"rated"' "$out") rated "
ok "but are told by its end" is "$rc" 1
for words in "bad-key.sql:7: the answer has no column 'nix'" "bad-words.sql:6: the answer has no column 'nix'" "bad-sql.sql:11:3: no such column: nix" \
	"slow.sql: it takes longer than 1 s" "many.sql: finds more than 200 at once" "half.sql:1: a rule lacks its 'advice:'"; do
	ok "says: $words" warns "$words"
done
ok "a severity of its own, and rows that are no finding" any '.name == "rated" and .severity == "high"'
ok "words of strangers are made visible and cut" any '.name == "hostile" and (.text | startswith("A\\x1b[2J\\xff\\x0a") and length > 150 and length < 400)'
jw hunt good --try --from "$work/own"
ok "one rule" is "$rc" 0
jw hunt planted-by-hand --try --from user/hunts
ok "a hunt that is no rule: 2" is "$rc" 2
for bad_args in "--try --findings" "--sql x --try" "good --findings" "--acknowledge F1 good"; do
	# shellcheck disable=SC2086
	jw hunt $bad_args
	ok "bad usage: $bad_args" is "$rc" 2
done
