#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: --mode audit --timeout 2400
# The main job, told step by step: what a stock Debian server runs, what an attacker would plant, and what comes of it. Every step
# is checked; the last line counts.
set -u
export PAGER=cat COLUMNS=110
pass=0 fail=0

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
say() { printf '   %s\n' "$*"; }
# Shows a command and what it prints.
show() {
	printf '\033[2m$\033[0m %s\n' "$*"
	eval "$*" 2>&1 | sed 's/^/   /'
	return "${PIPESTATUS[0]}"
}
check() {
	local what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		pass=$((pass + 1))
		printf '   \033[32mok\033[0m      %s\n' "$what"
	else
		fail=$((fail + 1))
		printf '   \033[31mNOT OK\033[0m  %s\n' "$what"
	fi
}
denied() { ! eval "$1" 2>/run/demo.err && grep -qi 'not permitted' /run/demo.err; }
absent() { [ ! -e "$1" ]; }
# Waits for a condition, a number of tries at most.
until_true() {
	local i
	for ((i = 0; i < 600; i++)); do
		eval "$1" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	return 1
}
# The clock three seconds before the next full minute; cron reckons anew when it is started again.
near_minute() {
	date -s "$(date +'%Y-%m-%d %H:%M'):57" >/dev/null
	systemctl restart cron
}
events() { jobward log --json 2>/dev/null | jq -e "select($1)" | grep -q .; }
id_of() { jobward jobs --json | jq -r ".[] | select(.command | contains(\"$1\")) | .id" | head -1; }

title "1. A stock server: every scheduled job on it, in one list"
say "kernel $(uname -r), $(. /etc/os-release; echo "$PRETTY_NAME")"
show jobward jobs
check "jobs of Debian's own packages are listed and approved" \
	eval 'jobward jobs --json | jq -e "[.[] | select(.provenance.kind == \"package\" and .state == \"approved\")] | length > 3"'

title "2. The administrator's own job, approved"
mkdir -p /opt
printf '#!/bin/sh\necho backup >>/run/demo.backup\n' >/opt/backup.sh
chmod 755 /opt/backup.sh
printf '* * * * * root /opt/backup.sh\n' >/etc/cron.d/backup
until_true '[ -n "$(id_of backup.sh)" ]'
show "jobward approve $(id_of backup.sh) --reason 'nightly backup'"
show jobward mode enforce
near_minute
check "the approved job runs" until_true '[ -s /run/demo.backup ]'

title "3. An attacker writes into the stores"
show "echo '* * * * * root touch /run/demo.evil' >>/etc/crontab"
check "a line appended to a crontab by a shell: denied" denied 'echo "* * * * * root touch /run/demo.evil" >>/etc/crontab'
check "a new file in /etc/cron.d: denied" denied 'cp /etc/cron.d/backup /etc/cron.d/evil'
check "a timer unit by hand: denied" denied 'echo "[Timer]" >/etc/systemd/system/evil.timer'

title "4. He gets something planted all the same: the write gate is only in audit"
show jobward mode audit --gate write
show "echo '* * * * * root touch /run/demo.evil' >/etc/cron.d/evil"
near_minute
check "at its time it is stopped: the event is there" \
	until_true 'events ".kind == \"run\" and .verdict == \"deny\" and (.argv // [] | tostring | contains(\"demo.evil\"))"'
check "and its marker file is not" absent /run/demo.evil

title "5. By at, and by a transient timer"
show "echo 'touch /run/demo.at' | at now"
check "the at job is stopped" until_true 'events ".scheduler == \"at\" and .verdict == \"deny\""'
check "its marker file is absent" absent /run/demo.at
show "systemd-run --on-active=1 --timer-property=AccuracySec=100ms touch /run/demo.timer"
check "the transient timer's job is stopped" until_true 'events ".scheduler == \"systemd\" and .verdict == \"deny\""'
check "its marker file is absent" absent /run/demo.timer

title "6. The approved script is changed, its command line is not"
show "echo 'touch /run/demo.changed' >>/opt/backup.sh"
near_minute
check "the job is stopped, since what it runs is not what was approved" \
	until_true 'events ".kind == \"run\" and .verdict == \"deny\" and .reason == \"changed\""'
check "its marker file is absent" absent /run/demo.changed
show "jobward jobs --state changed"

title "7. A kernel module that is not on the list"
mkdir -p /root/rootkit
cat >/root/rootkit/rootkit.c <<'C'
#include <linux/module.h>
static int __init hello(void) { pr_info("rootkit: my init ran\n"); return 0; }
static void __exit bye(void) { }
module_init(hello); module_exit(bye); MODULE_LICENSE("GPL");
C
echo 'obj-m := rootkit.o' >/root/rootkit/Kbuild
make -s -C "/lib/modules/$(uname -r)/build" M=/root/rootkit modules >/run/demo.build 2>&1
show insmod /root/rootkit/rootkit.ko
check "insmod is refused" denied 'insmod /root/rootkit/rootkit.ko'
check "its init did not run" eval '! dmesg | grep -q "my init ran"'

title "8. The administrator approves, and the same job runs"
job=$(id_of demo.evil)
show "jobward approve $job --reason 'was mine after all'"
near_minute
check "the job that was stopped runs now" until_true '[ -e /run/demo.evil ]'

title "9. Who tried what"
show "jobward log --verdict deny"
seq=$(jobward log --json --verdict deny --scheduler cron | jq -r 'select(.kind == "run") | .seq' | head -1)
show "jobward why $seq"
check "the log names the program, the user and the file" \
	events '.kind == "write" and .verdict == "deny" and .subject.exe != null and .object.path == "/etc/crontab"'
show jobward status

printf '\n%s passed, %s failed, 0 skipped\n' "$pass" "$fail"
[ "$fail" = 0 ]
