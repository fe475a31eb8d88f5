#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie
# minutes: 2
# vm: --mode enforce --timeout 1200
# busybox crond, which Debian builds and ships without a unit, beside a shell of the same inode that is no scheduler.
. lib/tap.sh
. lib/schedulers.sh
cat >/run/crond.service <<U
[Service]
ExecStart=/bin/busybox crond -f
U
scheduler=busybox units=crond tables=user plain='' crontab=''
ok "cron makes way" systemctl disable --now cron
jobward mode audit --gate write >/dev/null
cp /run/crond.service /etc/systemd/system/crond.service
printf '* * * * * touch %s/user\n' $JW >/var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
jobward mode enforce --gate write >/dev/null
systemctl daemon-reload
ok "busybox crond starts" systemctl start crond
echo '* * * * * true' | busybox crontab - 2>/dev/null
nok "its crontab command is any busybox to the write gate, and may not" grep -q true /var/spool/cron/crontabs/root
ok "its shell is no scheduler" busybox sh -c '/bin/echo yes; exit 0'
scheduler_works
done_testing
