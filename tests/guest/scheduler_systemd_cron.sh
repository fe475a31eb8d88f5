#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie
# minutes: 2
# vm: --mode enforce --timeout 1200 --with systemd-cron
# systemd-cron, installed in the place of cron and anacron: no daemon of its own, a generator makes timers of the tables.
. lib/tap.sh
. lib/schedulers.sh
scheduler=systemd units='' tables=system plain='' crontab=crontab
# Its jobs run scripts that the generator has made: they are known by their units.
system_text=cron-planted-root-
ok "systemd-cron takes cron's place" install_debs cron anacron
scheduler_works
done_testing
