#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 3
# guests: backports
# vm: --mode enforce --timeout 2400 --boot full --reboots
# Enforce mode over a reboot: the host comes up, the mode and the approvals are still there, nothing legitimate is denied.
. lib/tap.sh
state=/var/lib/jw-reboot
denials() { jobward log --json | jq -c 'select(.verdict != "allow")'; }

if [ "${JW_BOOT:-1}" = 1 ]; then
	mkdir -p $state
	jobward mode audit --gate write >/dev/null
	printf '* * * * * root touch /run/approved\n' >/etc/cron.d/mine
	printf '* * * * * root touch /run/unapproved\n' >/etc/cron.d/evil
	printf '@reboot root touch /run/at-reboot\n' >/etc/cron.d/start
	until_true '[ -n "$(job_id run/approved)" ] && [ -n "$(job_id at-reboot)" ]'
	jobward approve "$(job_id run/approved)" "$(job_id at-reboot)" >/dev/null
	jobward mode enforce >/dev/null
	jobward jobs --json | jq -r '.[] | select(.scheduler != "at") | .id' | sort >$state/ids
	cat /proc/sys/kernel/random/boot_id >$state/boot
	systemctl reboot
	sleep 600
fi

nok "this is another boot" grep -qf /proc/sys/kernel/random/boot_id $state/boot
ok "the module is there" grep -q ^jobward /proc/modules
ok "the daemon is there" until_true 'jobward status --json | jq -e ".daemon.pid > 0"'
is "the mode is still enforce" "$(jobward status --json | jq -r .mode)" enforce
ok "systemd has no failed unit of ours" eval '! systemctl --failed --no-legend | grep -i jobward'
ok "the approved @reboot job ran" until_true 'test -e /run/at-reboot'
near_minute
ok "the approved job runs" until_true 'test -e /run/approved'
ok "the unapproved one is denied" until_true 'event ".verdict == \"deny\" and (.argv // [] | tostring | contains(\"run/unapproved\"))"'
nok "and its marker is absent" test -e /run/unapproved
ok "ids are the same as before" eval 'jobward jobs --json | jq -r ".[].id" | sort >/run/ids; [ -z "$(comm -23 '$state'/ids /run/ids)" ]'
# Only what was planted is denied in this boot, and nothing of the system's own.
ok "nothing else is denied" eval '[ -z "$(denials | jq -c --arg b "$(cat /proc/sys/kernel/random/boot_id)" "select(.boot == \$b) | select((.argv // [] | tostring | contains(\"run/unapproved\")) | not)")" ]'
ok "sequence numbers begin anew and have no hole" eval 'until_true caught_up; jobward log --json | jq -r --arg b "$(cat /proc/sys/kernel/random/boot_id)" "select(.boot == \$b) | .seq" | sort -n | awk "NR == 1 { f = \$1 } { n++; l = \$1 } END { exit !(n == l - f + 1 && f == 1) }"'
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
