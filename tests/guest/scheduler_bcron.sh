#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie backports
# vm: --mode enforce --timeout 1200 --with bcron
# bcron, installed in cron's place while the daemon runs. Debian 12 has init scripts for it and no units.
. lib/tap.sh
. lib/schedulers.sh
scheduler=bcron units="bcron-update bcron-sched" tables="system user" plain=e2scrub crontab=crontab
# Debian's units start what goes to the background, as services that do not: systemd ends it at once. Here each stays in front.
in_front() { # UNIT COMMAND...
	local unit=$1
	shift
	mkdir -p /run/fronts
	printf '[Service]\nExecStart=\nExecStart=%s\nExecStop=\n' "$*" >"/run/fronts/$unit"
	SYSTEMD_EDITOR="/bin/cp /run/fronts/$unit" systemctl edit "$unit" >/dev/null
	systemctl restart "$unit"
}
ok "bcron takes cron's place" install_debs cron
ok "bcron-spool, in front" in_front bcron-spool /usr/bin/unixserver "-u$(id -u cron)" "-g$(id -g cron)" /run/bcron-spool /usr/sbin/bcron-spool
ok "bcron-update, in front" in_front bcron-update /usr/sbin/bcron-update /etc/crontab /etc/cron.d
ok "bcron-sched, in front" in_front bcron-sched /usr/sbin/bcron-start
scheduler_works
done_testing
