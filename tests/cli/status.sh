#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Status, verify, policy check, modules: as far as they go without a module.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"

jw status
ok "no module: 3" is "$rc" 3
ok "says so first" grep -q '^Not guarded: ' <(head -1 "$out")
ok "says what to do" says "modprobe jobward"
ok "counts the jobs" says "4 approved, 1 unknown, 1 changed, 1 denied"
ok "counts the events" says "2 acts denied, 2 that enforce would have denied"
ok "has the findings" says "held by a livepatch"
ok "on one screen" [ "$(wc -l <"$out")" -le 12 ]
jw status --json
ok "no module as JSON: 3" is "$rc" 3
ok "keys of the contract" json 'has("mode") and has("gates") and has("module") and has("daemon") and has("events") and
	has("verdicts") and has("jobs") and has("findings") and has("locked")'
ok "gates are off, and why" json '.mode == "off" and (.gates | length == 3 and all(startswith("off: ")))'
ok "jobs by state" json '.jobs == {"unknown": 1, "approved": 4, "changed": 1, "denied": 1}'
ok "findings" json '.findings == [.findings[0]] and .findings[0].name == "gate-write" and (.findings[0] | has("text") and has("since"))'
start_daemon
jw status --json
ok "a daemon is seen" json ".daemon.pid == $daemon and .daemon.uptime >= 0"
for columns in 60 80; do
	jw_at $columns status
	ok "fits $columns columns" fits $columns
done

jw verify
ok "an unaltered chain" is "$rc" 0
jw verify --json
ok "as JSON" json '.ok == true and .checked >= 6'

printf 'version: 1\nmode: audit\n' >"$work/good.yaml"
printf 'version: 1\nmode: sideways\n' >"$work/bad.yaml"
chmod 600 "$work"/*.yaml
jw policy check "$work/good.yaml"
ok "a good policy" is "$rc" 0
jw policy check "$work/bad.yaml"
ok "a bad one: 1" is "$rc" 1
ok "says where" says "$work/bad.yaml:2:"
jw policy check "$work/bad.yaml" --json
ok "as JSON" json '.ok == false and .diagnoses[0].line == 2 and .diagnoses[0].severity == "error"'
jw policy check "$work/none.yaml"
ok "one that is not there: 2" is "$rc" 2
jw policy check user/policy/policy.yaml
ok "the one that is delivered" is "$rc" 0
awk '/^```$/ { f = !f; next } f' user/man/jobward-policy.5.scd >"$work/example.yaml"
chmod 600 "$work/example.yaml"
jw policy check "$work/example.yaml"
ok "the man page's example" is "$rc" 0
jw policy mend
ok "policy does nothing else: 2" is "$rc" 2

"$JOBWARD" --store "$store" jobs >/dev/full 2>"$err"
ok "a full disk is not passed over" is $? 2
