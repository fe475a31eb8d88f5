#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# guests: bookworm trixie backports
# vm: --mode audit
# Rules in the running daemon: what is planted is found, told and recorded once, and acknowledged; a rule that is wrong says so and
# stops nothing; a slow one does not keep events from being stored.
. lib/tap.sh
found() { jobward hunt --findings --json | jq -se "any(.[]; $1)" >/dev/null; }

ok "to begin with" rules_are_asked
is "nothing is found" "$(jobward hunt --findings --all --json)" ""

# ---- planted, past the store's own tools
echo '* * * * * root echo aWQK | base64 -d | sh' >/etc/cron.d/planted
ok "asked after the act" rules_are_asked
ok "a decoded payload is found" found '.name == "inline-code" and .severity == "high"'
ok "with its job and the event that planted it" found '.name == "inline-code" and .job and (.rows | length > 0)'
ok "the write past cron's own tools too" found '.name == "direct-write" and (.text | test("/etc/cron.d/planted"))'
id=$(jobward hunt --findings --json | jq -r 'select(.name == "inline-code") | .id')
ok "status has it" eval "jobward status --json | jq -e '.findings[] | select(.id == \"$id\")'"
like "why tells what to do" "$(jobward why "$id")" "M1038"
caught_up
ok "it is an event of the record" event ".kind == \"admin\" and .action == \"finding\" and (.detail | startswith(\"$id inline-code\"))"
ok "asked again" rules_are_asked
is "nothing is found twice" "$(jobward hunt --findings --json | grep -c inline-code)" 1
ok "acknowledged" jobward hunt --acknowledge "$id" --reason "a test"
nok "is not listed" found ".id == \"$id\""
kept() { jobward hunt --findings --all --json | jq -se "any(.[]; .id == \"$id\" and .acknowledged.reason == \"a test\" and (.acknowledged.by | startswith(\"root\")))" >/dev/null; }
ok "but kept, with who and why" kept
ok "asked once more" rules_are_asked
nok "it stays so" found ".id == \"$id\""

# ---- rules of one's own
head() { printf -- '-- technique: T1053\n-- severity: low\n-- tells: x\n-- reading: y\n-- because: z\n-- finding: %s\n-- key: %s\n-- mitigation: M1018\n-- advice: a\n' "$1" "$2"; }
{ head 'a job in {source_path}' source_path; echo "SELECT source_path FROM jobs WHERE source_path = '/etc/cron.d/planted'"; } >/etc/jobward/hunts.d/mine.sql
{ head '{nix}' nix; echo 'SELECT 1 AS one'; } >/etc/jobward/hunts.d/wrong.sql
{ head '{x}' x; echo 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) AS x FROM c'; } >/etc/jobward/hunts.d/slow.sql
now=$(date +%s%N)
jobward sync >/dev/null
# Some five seconds, of which this is one.
touch /etc/cron.d/meanwhile
ok "while a slow rule is asked, events are stored" until_true 'event ".object.path == \"/etc/cron.d/meanwhile\""' 20
ok "and it ends" until_true "[ \"\$(sqlite3 -readonly /var/lib/jobward/jobward.db \"SELECT value FROM value WHERE name = 'rules.until'\")\" -gt $now ]"
ok "a rule of one's own finds" found '.name == "mine"'
like "a wrong rule is told with file, line and cause" "$(jobward status --json | jq -r '.findings[] | select(.name == "rules") | .text')" "s(low|wrong).sql|wrong.sql:7: the answer has no column 'nix'"
like "the journal has both" "$(journalctl -u jobwardd --no-pager)" "slow.sql: it takes longer than 5 s"
rm /etc/jobward/hunts.d/*.sql
ok "asked without them" rules_are_asked
is "nothing is wrong with the rules any more" "$(jobward status --json | jq '[.findings[] | select(.name == "rules")] | length')" 0
nok "no process is left" pgrep -f -- "--ask-rules"
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
