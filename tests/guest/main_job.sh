#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# vm: --mode enforce --timeout 2400
# The main job with real cron, atd, run-parts and systemd timers: the denied and the approved path of each.
. lib/tap.sh
export JW=/run/jw
mkdir -p $JW /opt
# The write gate is open here, so that what gets planted shows what the run gate does alone; writes have their own test.
jobward mode audit --gate write >/dev/null

run_denied() { event ".kind == \"run\" and .verdict == \"deny\" and ((.argv // []) + [.text // \"\", .object.path // \"\"] | tostring | contains(\"$1\"))"; }
denials() { jobward log --json --kind run --verdict deny | grep -c "$1"; }
run_allowed() { event ".kind == \"run\" and .verdict == \"allow\" and ((.argv // []) + [.text // \"\", .object.path // \"\"] | tostring | contains(\"$1\"))"; }
approve() { jobward approve "$(job_id "$1")" --reason test; }

# ---- cron: system table, user table, cron.d ----
printf '* * * * * root touch %s/cron.d\n' $JW >/etc/cron.d/planted
printf '* * * * * root touch %s/crontab\n' $JW >>/etc/crontab
printf '* * * * * touch %s/spool\n' $JW | crontab -
ok "the planted cron jobs are listed" until_true '[ -n "$(job_id jw/cron.d)" ] && [ -n "$(job_id jw/crontab)" ] && [ -n "$(job_id jw/spool)" ]'
is "and unknown" "$(jobward jobs --json | jq -r '[.[] | select(.command | contains("/run/jw/")) | .state] | unique | join(",")')" unknown
near_minute
for j in cron.d crontab spool; do
	ok "cron, $j: denied" until_true "run_denied jw/$j"
	nok "cron, $j: its marker is absent" test -e $JW/$j
done
# (a minute that ended before the auditor had read the tables gave a denial that knows no job)
e=
until_true 'e=$(jobward log --json --kind run --verdict deny | jq -c "select(.job.command and (.argv | tostring | contains(\"jw/spool\")))" | tail -1); [ -n "$e" ]'
ok "a denial names job, key, reason and scheduler" jq -e '.job.command and .key and .reason and .scheduler' <<<"$e"
ok "and its subject with ancestors" jq -e '.subject.pid > 0 and (.subject.exe | length > 0) and (.subject.ancestors | length > 0)' <<<"$e"
like "why tells what would change it" "$(jobward why "$(jq -r .seq <<<"$e")" 2>&1)" 'jobward approve'
for j in cron.d crontab spool; do ok "cron, $j: approve" approve jw/$j; done
near_minute
for j in cron.d crontab spool; do ok "cron, $j: runs after approval" until_true "test -e $JW/$j"; done
ok "and the runs are on record" until_true 'run_allowed jw/spool'
jobward revoke "$(job_id jw/spool)" >/dev/null
rm -f $JW/spool
n=$(denials jw/spool)
near_minute
ok "cron, spool: denied again after revoke" until_true '[ "$(denials jw/spool)" -gt "$n" ]'
nok "its marker is absent" test -e $JW/spool
crontab -r
rm -f /etc/cron.d/planted
sed -i '/run\/jw/d' /etc/crontab

# ---- at ----
echo "touch $JW/at1" | at now 2>/dev/null
ok "at: denied" until_true 'run_denied jw/at1'
nok "at: its marker is absent" test -e $JW/at1
echo "touch $JW/at2" | at now + 1 minute 2>/dev/null
ok "at: a later job is listed" until_true '[ -n "$(job_id jw/at2)" ]'
ok "at: approve" approve jw/at2
date -s '+65 seconds' >/dev/null
ok "at: runs after approval" until_true "test -e $JW/at2"

# ---- periodic directories by run-parts, through cron ----
# The clock seconds before the next 17th minute, at which /etc/crontab runs cron.hourly; again, if the host was too slow to start cron
# in time.
at_hourly() {
	local left
	for left in 5 10 20 40; do
		date -s "$(date -d '+1 hour' +'%Y-%m-%d %H'):16:$((60 - left))" >/dev/null
		systemctl restart cron
		[ "$(date +%M)" = 17 ] || [ "$(date +%S)" -gt 58 ] || return
	done
}
printf '#!/bin/sh\ntouch %s/hourly\n' $JW >/etc/cron.hourly/planted
chmod 755 /etc/cron.hourly/planted
ok "run-parts: the file is listed" until_true 'jobward jobs --json | jq -e ".[] | select(.source.path == \"/etc/cron.hourly/planted\")"'
at_hourly
ok "run-parts: denied" until_true 'run_denied cron.hourly/planted'
nok "run-parts: its marker is absent" test -e $JW/hourly
jobward approve "$(jobward jobs --json | jq -r '.[] | select(.source.path == "/etc/cron.hourly/planted") | .id')" >/dev/null
at_hourly
ok "run-parts: runs after approval" until_true "test -e $JW/hourly"
printf '#!/bin/sh\ntouch %s/hourly2\n' $JW >/etc/cron.hourly/planted
n=$(denials cron.hourly/planted)
at_hourly
ok "run-parts: denied when its content changed" until_true '[ "$(denials cron.hourly/planted)" -gt "$n" ]'
nok "its marker is absent" test -e $JW/hourly2
rm -f /etc/cron.hourly/planted

# ---- systemd: a timer of its own, a transient one ----
cat >/etc/systemd/system/planted.service <<U
[Service]
Type=oneshot
ExecStart=/usr/bin/touch $JW/timer
U
cat >/etc/systemd/system/planted.timer <<U
[Timer]
OnActiveSec=1s
AccuracySec=100ms
U
systemctl daemon-reload
systemctl start planted.timer
ok "timer: denied" until_true 'event ".kind == \"run\" and .verdict == \"deny\" and .unit == \"planted.service\""'
nok "timer: its marker is absent" test -e $JW/timer
ok "timer: listed" until_true '[ -n "$(job_id jw/timer)" ]'
ok "timer: approve" approve jw/timer
systemctl restart planted.timer
ok "timer: runs after approval" until_true "test -e $JW/timer"
systemd-run -q --on-active=1 --timer-property=AccuracySec=100ms --unit=fleeting touch $JW/transient
ok "transient timer: denied" until_true 'event ".kind == \"run\" and .verdict == \"deny\" and .unit == \"fleeting.service\""'
nok "transient timer: its marker is absent" test -e $JW/transient
systemd-run -q --on-active=3600 --timer-property=AccuracySec=100ms --unit=later touch $JW/later
ok "transient timer: a later one is listed" until_true '[ -n "$(job_id jw/later)" ]'
ok "transient timer: approve" approve jw/later
systemctl start later.service
ok "transient timer: runs after approval" until_true "test -e $JW/later"
ok "an ordinary service is none of our business" systemctl restart systemd-journald.service

# ---- the approved script, changed ----
printf '#!/bin/sh\ntouch %s/script\n' $JW >/opt/job.sh
chmod 755 /opt/job.sh
printf '* * * * * root /opt/job.sh --nightly\n' >/etc/cron.d/script
until_true '[ -n "$(job_id job.sh)" ]'
ok "script: approve" approve job.sh
near_minute
ok "script: runs" until_true "test -e $JW/script"
rm -f $JW/script
echo "touch $JW/evil" >>/opt/job.sh
near_minute
ok "script: denied once changed under its command line" until_true 'event ".kind == \"run\" and .verdict == \"deny\" and .reason == \"changed\""'
nok "script: the marker of the old line is absent" test -e $JW/script
nok "script: the marker of the new line is absent" test -e $JW/evil
ok "script: the job's state is changed" until_true '[ "$(jobward jobs --json | jq -r ".[] | select(.command | contains(\"job.sh\")) | .state")" = changed ]'
like "why names the file" "$(jobward why "$(job_id job.sh)" 2>&1)" '/opt/job.sh'
ok "script: approve again" approve job.sh
near_minute
ok "script: the changed one runs" until_true "test -e $JW/evil"

# ---- the record ----
like "log reads well" "$(COLUMNS=120 jobward log --verdict deny 2>&1 | head -5)" 'deny'
ok "all that happened is stored" until_true caught_up
ok "the chain holds" jobward verify
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
