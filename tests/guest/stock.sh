#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: --mode off --timeout 1200
# The guest itself: what every other script takes for granted, and that `--mode off` has nothing of jobward.
. lib/tap.sh

is "systemd is PID 1" "$(cat /proc/1/comm)" systemd
is "and everything started" "$(systemctl is-system-running)" running
for u in cron atd; do is "$u runs" "$(systemctl is-active $u)" active; done
for t in anacron apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim logrotate man-db; do
	is "the distribution's $t.timer is enabled" "$(systemctl is-enabled $t.timer)" enabled
done
is "auditd does not run" "$(systemctl is-active auditd)" inactive

nok "no module" grep -q ^jobward /proc/modules
nok "no module file" modinfo jobward
nok "no daemon" pgrep -x jobwardd
nok "no command" command -v jobward
nok "no configuration" ls -d /etc/jobward /var/lib/jobward

ok "the kernel's headers" test -f "/lib/modules/$(uname -r)/build/Makefile"
printf 'int main(void) { return 7; }\n' >/tmp/seven.c
ok "gcc" gcc -o /tmp/seven /tmp/seven.c
/tmp/seven
is "and what it made" $? 7
ok "python3 with sqlite and ctypes" python3 -c 'import ctypes, socket, sqlite3, struct'

nok "standard output is no terminal" test -t 1
nok "standard error is no terminal" test -t 2
nok "and there is none to open" bash -c ': </dev/tty'
is "the folder of the script is here" "$(basename "$(ls "$PWD"/lib/tap.sh)")" tap.sh
ok "the clock can be stepped" date -s '+1 hour'

ok "apt installs again what is there, without a network" apt-get install -y --reinstall logrotate
ok "and has a package that brings a cron.d file and a timer" apt-get install -y --no-install-recommends --download-only sysstat
ok "the kernel has nothing to complain about" kernel_is_quiet
done_testing
