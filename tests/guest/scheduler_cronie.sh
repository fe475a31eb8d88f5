#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie
# minutes: 2
# vm: --mode enforce --timeout 1200 --with cronie
# cronie, installed in cron's place while the daemon runs. Debian has it from 13 on.
. lib/tap.sh
. lib/schedulers.sh
scheduler=cronie units=cronie tables="system user" plain=e2scrub crontab=crontab
ok "cronie takes cron's place" install_debs cron
scheduler_works
done_testing
