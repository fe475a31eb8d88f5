#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The inventory: table, JSON, filters, one job.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
bad=$(id_of /etc/cron.d/zz-update)

jw jobs
ok "jobs" is "$rc" 0
ok "all of them" is "$(wc -l <"$out")" 8
ok "a pipe gets whole ids" says "$bad"
ok "a pipe gets whole commands" says "e2fsprogs/e2scrub_all_cron"
ok "nothing acts on a terminal" harmless "$out"
ok "escapes are shown" says '/tmp/.x/upd\x1b[2J'
ok "wide characters are shown" says "größe-日本.sh"

jw jobs --json
ok "one JSON document" json 'length == 7'
ok "keys of the contract" json 'all(has("id") and has("scheduler") and has("owner") and has("command") and has("source")
	and has("schedule") and has("state") and has("provenance") and has("first_seen") and has("runs"))'
ok "source is a place" json '.[] | select(.source.path == "/etc/crontab") | .source.line == 17'
ok "provenance is a kind and a package" json '.[] | select(.source.path == "/etc/crontab") | .provenance == {"kind": "package",
	"package": "cron", "version": "3.0pl1-162"}'
ok "the command is to the byte" json '.[] | select(.state == "unknown") | .command == "/tmp/.x/upd\u001b[2J --quiet $TARGET /var/log/*.gz"'
ok "times are RFC 3339 with nanoseconds" json 'all(.first_seen | test("^[0-9-]+T[0-9:]+\\.[0-9]{9}Z$"))'
ok "a run is on record" json '.[] | select(.source.path == "/etc/crontab") | .runs == 1 and has("last_run")'
ok "what never ran has no last run" json '.[] | select(.state == "unknown") | has("last_run") | not'

jw jobs --json --state unknown
ok "by state" json 'length == 1 and .[0].state == "unknown"'
jw jobs --json --scheduler systemd
ok "by scheduler" json 'length == 2 and all(.scheduler == "systemd")'
jw jobs --json --owner alice
ok "by owner" json 'length == 1 and .[0].owner == "alice"'
jw jobs --json --owner nobody
ok "nothing matches: 1" is "$rc" 1
ok "and an empty document" json '. == []'
jw jobs --owner nobody
ok "nothing matches: a message" warns "none of 7 jobs matches"
ok "and no answer" silent
jw jobs --state maybe
ok "a state that is none: 2" is "$rc" 2

for columns in 60 80 120 200; do
	jw_at $columns jobs
	ok "fits $columns columns" fits $columns
done
jw_at 120 jobs
ok "colour on a terminal" grep -q $'\033\\[' "$out"
NO_COLOR=1 jw_at 120 jobs
ok "none with NO_COLOR" harmless "$out"
TERM=dumb jw_at 120 jobs
ok "none on a dumb terminal" harmless "$out"
LC_ALL=C jw_at 80 jobs
ok "a terminal without UTF-8 gets ASCII" not env LC_ALL=C grep -qP '[\x80-\xff]' "$out"

jw show "${bad:0:8}"
ok "show" is "$rc" 0
ok "text in the store" says "# system update"
ok "nothing acts on a terminal" harmless "$out"
ok "what an approval cannot cover" grep -q "^  not covered .*'/var/log/\*.gz' is a pattern" "$out"
ok "schedule in words" grep -q '^  schedule .*5 min' "$out"
jw show backup.service
ok "by the unit's name" is "$rc" 0
ok "who approved it" says "root (uid 0, login alice, pts/0)"
ok "what changed since" says "/usr/local/bin/backup is another"
jw show /etc/cron.d/zz-update:3 --json
ok "by its place, as JSON" json ".id == \"$bad\" and (.pins | length) == 1 and (.execs | length) == 1 and .gone == false"
ok "what is covered and what is not" json '(.covers | map(.kind) | index("command") != null and index("file") != null) and (.limits | any(.kind == "pattern" and .subject == "/var/log/*.gz"))'
jw show logrotate.service --json
ok "a job without limits" json '.limits == [] and (.covers | length) == 2'
jw show ffffffffffffffff
ok "no such job: 1" is "$rc" 1
ok "and what to do" warns "jobward jobs lists them"
jw show ''
ok "no name is no prefix of all" is "$rc" 1
digit=$("$JOBWARD" --store "$store" jobs --json | jq -r '.[].id[0:1]' | sort | uniq -d | head -1)
if [ -n "$digit" ]; then
	jw show "$digit"
	ok "ambiguous: 2" is "$rc" 2
	ok "and the candidates" grep -qE "^  ${digit}[0-9a-f]{15}  /" "$err"
fi

store=$work/none.db
jw jobs
ok "no store: 3" is "$rc" 3
ok "and what to do" warns "systemctl start jobwardd"
echo nonsense >"$work/broken.db"
store=$work/broken.db
jw jobs
ok "a store that is none is no success" [ "$rc" != 0 ]
ok "and no answer" silent
