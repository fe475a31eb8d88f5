#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# policy diff and replay: another policy over the jobs and the runs on record; nothing is written.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
rm -f "$store"*
run_of() { printf '{"event": {"time": "2026-11-05T%s.000000000Z", "kind": "run", "action": "exec", "verdict": "%s", "reason": "%s", "rule": "%s", "subject": {"pid": 9, "ppid": 8, "uid": 0, "euid": 0, "comm": "cron", "exe": "/usr/sbin/cron"}, "object": {"path": "/bin/sh"}}, "of": "%s", "times": %s, "every": 60}\n' "$@"; }
job() { printf '{"scheduler": "cron", "owner": "%s", "uid": 0, "path": "%s", "line": 1, "schedule": "* * * * *", "command": "%s", "provenance": "%s", "package": "p"}' "$@"; }
{
	printf '{"at": "2026-11-01T08:00:00.000000000Z", "jobs": [%s, %s, %s]}\n' "$(job root /etc/cron.d/ours '/opt/ours' admin)" \
		"$(job root /etc/cron.d/pack '/usr/bin/pack' package)" "$(job alice /etc/cron.d/hers '/home/alice/x' admin)"
	run_of 08:00:00 allow approved policy.yaml:9 /etc/cron.d/pack 5
	run_of 09:00:00 deny unapproved "" /etc/cron.d/ours 3
	run_of 10:00:00 allow approved "approval of 2026-11-02 by root" /etc/cron.d/hers 2
	run_of 11:00:00 deny denied "denial of 2026-11-03 by root" /etc/cron.d/hers 1
} | "$RECORD" "$store" || exit 1
sqlite3 "$store" "UPDATE job SET state = 'approved' WHERE path = '/etc/cron.d/pack'"
before=$(sqlite3 "$store" .dump | sha256sum)
policy() { printf 'version: 1\n%s' "$2" >"$work/$1.yaml"; chmod 600 "$work/$1.yaml"; }
policy same $'jobs:\n  - state: approved\n    provenance: package\n'
policy wide $'mode: enforce\njobs:\n  - state: denied\n    owner: alice\n    reason: she left\n  - state: approved\n    source: /etc/cron.d/*\n'
policy none $'mode: audit\n'
policy bad $'mode: sideways\n'

# ---- diff
jw policy diff "$work/same.yaml"
ok "diff: no difference: 0" is "$rc" 0
ok "and says so" says "All 3 jobs would be as they are."
jw policy diff "$work/same.yaml" --json
ok "as JSON" is "$(jq -c . "$out")" "[]"
jw policy diff "$work/wide.yaml"
ok "diff: differences: 1" is "$rc" 1
ok "a table with the reason" grep -qE "unknown +denied +/etc/cron.d/hers:1 .*she left" "$out"
ok "and the other" grep -qE "unknown +approved +/etc/cron.d/ours:1" "$out"
jw policy diff "$work/wide.yaml" --json
ok "as JSON with the rule" json 'map({(.source.path): [.state, .would_be, (.reason | test("wide.yaml:"))]}) | add ==
	{"/etc/cron.d/hers": ["unknown", "denied", true], "/etc/cron.d/ours": ["unknown", "approved", true]}'
for columns in 60 80; do
	jw_at $columns policy diff "$work/wide.yaml"
	ok "fits $columns columns" fits $columns
done

# ---- replay
jw policy replay "$work/same.yaml" --from user/hunts
ok "replay: no difference: 0" is "$rc" 0
ok "counts" says "11 runs on record, 0 of no job that is known; 0 would have had another verdict."
jw policy replay "$work/wide.yaml" --from user/hunts --json
ok "replay: differences: 1" is "$rc" 1
ok "which, how many, an example" json '[.changes[] | [.job.source.path, .verdict, .would_be, .events, .last_seq]] | sort ==
	[["/etc/cron.d/hers", "allow", "deny", 2, 10], ["/etc/cron.d/ours", "deny", "allow", 3, 8]]'
ok "an approval is weaker than a rule that denies" json '.changes[] | select(.verdict == "allow") | .reason | test("she left")'
ok "in sum" json '.events == 11 and .differ == 5 and .not_judged == 0'
ok "and what the rules would have found" json '.findings | type == "array"'
jw policy replay "$work/none.yaml" --from user/hunts --json
ok "without rules, in audit: an approval and a denial of people stay theirs" json '[.changes[] | [.job.source.path, .verdict, .would_be]] | sort ==
	[["/etc/cron.d/hers", "deny", "audit"], ["/etc/cron.d/ours", "deny", "audit"], ["/etc/cron.d/pack", "allow", "audit"]]'
jw policy replay "$work/wide.yaml" --since 2026-11-05T10:30:00Z --from user/hunts --json
ok "since then" json '.events == 1 and .differ == 0'
jw policy replay "$work/wide.yaml" --from user/hunts
ok "for people" grep -qE " 3 +deny +allow .*/opt/ours" "$out"
for columns in 60 80; do
	jw_at $columns policy replay "$work/wide.yaml" --from user/hunts
	ok "fits $columns columns" fits $columns
done
for verb in diff replay; do
	jw policy $verb "$work/bad.yaml"
	ok "$verb: a bad file: 2" is "$rc" 2
	ok "$verb: says where" warns "bad.yaml:2:"
	jw policy $verb "$work/missing.yaml"
	ok "$verb: no file: 2" is "$rc" 2
	jw policy $verb
	ok "$verb: of nothing: 2" is "$rc" 2
done
jw policy diff "$work/same.yaml" --since -1h
ok "diff has no time: 2" is "$rc" 2
ok "nothing was written" is "$(sqlite3 "$store" .dump | sha256sum)" "$before"
