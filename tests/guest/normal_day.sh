#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 5
# guests: bookworm
# vm: --mode enforce --timeout 2400
# A day of a stock server in enforce mode, by stepping the clock: the distribution's own timers and cron jobs, packages installed again,
# accounts made and removed. Nothing legitimate is denied, and what ran is on record.
. lib/tap.sh

# What nobody here attacks with must not be denied; in audit it would be the verdict audit.
denials() { jobward log --json | jq -c 'select(.verdict != "allow")'; }
no_denials() { local d; d=$(denials); [ -z "$d" ] || { head -c 1500 <<<"$d"; return 1; }; }

ok "to begin with, nothing is denied" no_denials

# ---- a day ----
start=$(date +%s)
for h in $(seq 0 23); do
	# Across the minute of cron.hourly; a cron that is started anew reckons with the new time.
	date -s "@$((start + h * 3600))" >/dev/null
	date -s "$(date +'%Y-%m-%d %H'):16:58" >/dev/null
	systemctl restart cron
	sleep 4
	# Debian's daily, weekly and monthly lines stand at 6:25, 6:47 and 6:52.
	if [ "$(date +%H)" = 06 ]; then
		for m in 24 46 51; do
			date -s "$(date +'%Y-%m-%d %H'):$m:58" >/dev/null
			systemctl restart cron
			sleep 4
		done
	fi
done
sleep 5
until_true caught_up
ran=$(jobward log --json --kind run --verdict allow | jq -r '.scheduler' | sort | uniq -c | tr '\n' ' ')
diag "runs by scheduler: $ran"
ok "cron's jobs ran" event '.kind == "run" and .scheduler == "cron"'
ok "timers' jobs ran" event '.kind == "run" and .scheduler == "systemd"'
ok "a day of the distribution's own jobs: nothing denied" no_denials

# ---- all the distribution's timers, once more and each ----
for t in $(systemctl list-unit-files --type=timer --no-legend --no-pager | awk '$1 !~ /@/ {print $1}'); do
	u=$(systemctl show -P Unit "$t" 2>/dev/null)
	case $u in '' | apt-daily*) continue ;; esac
	timeout 120 systemctl start "$u" >/dev/null 2>&1
done
until_true caught_up
ok "each timer's service started by itself: nothing denied" no_denials

# ---- every periodic directory, through anacron and through run-parts ----
# By force and without its delays, which are real minutes.
timeout 300 anacron -f -n -d >/dev/null 2>&1
until_true caught_up
ok "anacron's jobs: nothing denied" no_denials
ok "and they are on record" event '.kind == "run" and .scheduler == "anacron"'

# ---- packages ----
export DEBIAN_FRONTEND=noninteractive
ok "apt-get install --reinstall" timeout 400 apt-get install -y --reinstall --allow-downgrades cron logrotate at anacron
until_true caught_up
ok "packages installed again: nothing denied" no_denials
ok "their writes are on record" event '.kind == "write" and .verdict == "allow" and (.reason == "writer" or .reason == "writer-lineage")'
jobward sync >/dev/null
is "and the jobs they brought are approved as before" "$(jobward jobs --json | jq '[.[] | select(.provenance.kind == "package" and .state != "approved")] | length')" 0
date -s "$(date -d '+1 hour' +'%Y-%m-%d %H'):16:40" >/dev/null
systemctl restart cron
ok "the hourly job runs again" until_true '[ "$(jobward log --json --kind run --verdict allow --scheduler cron | tail -1 | jq -r .time)" \> "'"$(date -u +%FT%H:16)"'" ]'
ok "and the upgraded scheduler's jobs run: nothing denied" no_denials

# ---- accounts, crontab, at, systemctl, as an administrator does ----
useradd -m jwuser
ok "a user's crontab" eval 'echo "0 5 * * * true" | crontab -u jwuser -'
ok "and its removal" crontab -u jwuser -r
ok "at" eval 'echo true | at 23:59 tomorrow 2>/dev/null'
ok "atrm" eval 'atrm $(atq | cut -f1)'
ok "systemctl disable and enable a timer" eval 'systemctl disable logrotate.timer && systemctl enable logrotate.timer'
ok "systemctl daemon-reload" systemctl daemon-reload
ok "set the time zone" eval 'ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime'
userdel -r jwuser 2>/dev/null
until_true caught_up
ok "administration: nothing denied" no_denials
ok "a signed module of the distribution loads" modprobe dummy
# ---- what the rules make of it ----
ok "the rules were asked about all of it" rules_are_asked
is "and they found nothing" "$(jobward hunt --findings --all --json)" ""
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
