#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Approve, revoke, deny, learn, mode, sync, reload, selftest: what is asked of the daemon, and what is made of its answers.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
bad=$(id_of /etc/cron.d/zz-update)
backup=$(id_of /etc/systemd/system/backup.timer)

jw approve "${bad:0:8}"
ok "no daemon: 3" is "$rc" 3
ok "and what to do" warns "systemctl start jobwardd"
start_daemon

answer approve "{\"ok\":true,\"generation\":7,\"jobs\":[{\"id\":\"$bad\",\"state\":\"approved\",\"command\":\"/tmp/x\\u001b[2J\"}]}"
jw approve "${bad:0:6}" --reason "a reason" --until +1d
ok "approve" is "$rc" 0
ok "asks with the whole id" asked ".cmd == \"approve\" and .jobs == [\"$bad\"] and .reason == \"a reason\""
ok "until is in nanoseconds ahead" asked ".until / 1e9 > now + 86000 and .until / 1e9 < now + 87000"
ok "shows what came of it" says approved
ok "and what is not covered" warns "not covered: '/var/log/*.gz' is a pattern"
ok "nothing acts on a terminal" harmless "$out"
jw approve "$bad" --json
ok "approve as JSON" json ".generation == 7"
jw approve "$bad" backup.service
ok "several" asked ".jobs == [\"$bad\", \"$backup\"]"
jw approve --all
ok "all" asked '.all == true and (has("jobs") | not)'
: >"$work/requests"
jw approve "$bad" nonsense
ok "one that is none: 1" is "$rc" 1
ok "only has the stores read again" is "$(cat "$work/requests")" '{"cmd": "sync"}'
ok "and says that nothing was done" warns "nothing was changed"
jw approve
ok "no jobs: 2" is "$rc" 2
jw approve --all "$bad"
ok "all and some: 2" is "$rc" 2
jw approve "$bad" --until yesterday
ok "until yesterday: 2" is "$rc" 2

answer revoke "{\"ok\":true,\"jobs\":[{\"id\":\"$bad\",\"state\":\"approved\",\"command\":\"x\"}]}"
jw revoke "$bad"
ok "revoke" asked ".cmd == \"revoke\" and .jobs == [\"$bad\"] and (has(\"reason\") | not)"
ok "says when the policy approves it still" warns "jobward deny ${bad:0:8}"
jw deny "$bad" --reason no
ok "deny" asked ".cmd == \"deny\" and .jobs == [\"$bad\"] and .reason == \"no\""

for code in 1 2 3 4; do
	answer revoke "{\"ok\":false,\"error\":\"no \\u001b[2J\",\"code\":$code}"
	jw revoke "$bad"
	ok "the daemon's code $code is the exit code" is "$rc" "$code"
	ok "its words are shown harmlessly" harmless "$err"
done
answer revoke '{"ok":false}'
jw revoke "$bad"
ok "a refusal without a code is a failure" is "$rc" 1
answer revoke 'nonsense'
jw revoke "$bad"
ok "a daemon that talks nonsense: 3" is "$rc" 3

jw learn
ok "learn" asked '.cmd == "learn"'
ok "what packages own" grep -qE '^cron +3.0pl1-162 +1' "$out"
ok "what is left, with the command" says "jobward approve $bad"
jw learn --json
ok "learn as JSON" json '(.left | length) == 2'
jw learn --for nonsense
ok "learn for nonsense: 2" is "$rc" 2
jw learn --for 1s
ok "learn for a second" is "$(tail -2 "$work/requests" | sort -u | jq -c .)" '{"cmd":"learn"}'

jw mode enforce --gate run
ok "mode" asked '. == {"cmd": "mode", "mode": "enforce", "gate": "run"}'
ok "says what will not run" warns "2 jobs have no approval"
jw mode sideways
ok "a mode that is none: 2" is "$rc" 2
jw mode audit --gate x
ok "a gate that is none: 2" is "$rc" 2

answer mode '{"ok":false,"error":"the module is locked: until the next boot no mode is weakened","code":4}'
jw mode audit
ok "a weaker mode while locked: 4" is "$rc" 4
ok "says why" warns "locked: until the next boot"
rm "$work/answers/mode"

jw lock
ok "lock" asked '. == {"cmd": "lock"}'
ok "says for how long" warns "locked until the next boot"
jw lock --no-kexec --json
ok "lock without kexec" asked '. == {"cmd": "lock", "no_kexec": true}'
ok "lock as JSON" json '.ok == true'
jw lock now
ok "lock takes no argument: 2" is "$rc" 2
answer lock '{"ok":false,"error":"the module is not loaded","code":3}'
jw lock
ok "lock without a module: 3" is "$rc" 3

jw sync
ok "sync" is "$rc$(tail -1 "$work/requests")" '0{"cmd": "sync"}'
answer reload '{"ok":false,"error":"policy.yaml:3: no","code":2}'
jw reload
ok "a policy with an error: 2" is "$rc" 2
ok "says which stays" warns "stays"

answer canary '{"ok":true,"canaries":[{"gate":"run","tried":true,"held":true},{"gate":"module","tried":false,"held":false}]}'
jw selftest
ok "selftest" is "$rc" 0
ok "what was not tried" grep -qE '^module +not tried' "$out"
answer canary '{"ok":true,"canaries":[{"gate":"run","held":true},{"gate":"write","held":false}]}'
jw selftest
ok "a gate that did not hold: 1" is "$rc" 1
ok "is named" grep -qE '^write +DID NOT HOLD' "$out"
answer canary '{"ok":true,"canaries":[]}'
jw selftest --json
ok "nothing tried is nothing held: 1" is "$rc" 1
