#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie
# minutes: 2
# vm: --mode enforce --timeout 2400
# Jobs that plant jobs, with real cron, crontab, at, dpkg, systemd-run and apt-daily-upgrade: refused by default, attributed to the job at
# work and to who planted that one, allowed where the policy names the job.
. lib/tap.sh
export JW=/run/jw
mkdir -p $JW /opt /run/deb/DEBIAN /run/deb/etc/cron.d

refused() { event ".kind == \"write\" and .verdict == \"${2:-deny}\" and .reason == \"planted-by-job\" and .subject.exe == \"$1\" and .job.id == \"$planter\""; }
let_in() { event ".kind == \"write\" and .verdict == \"allow\" and .subject.exe == \"$1\" and .job.id == \"$planter\" and .root_seq > 0"; }
minute_of() { rm -f $JW/done; near_minute; until_true "test -e $JW/done" 300; }
policy() { jobward mode audit --gate write >/dev/null; cat >/etc/jobward/policy.d/plant.yaml; jobward mode enforce --gate write >/dev/null; jobward reload; }

printf 'Package: planted\nVersion: 1\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: test\n' >/run/deb/DEBIAN/control
echo "5 5 * * * root touch $JW/by-dpkg" >/run/deb/etc/cron.d/by-dpkg
dpkg-deb -b /run/deb /run/planted.deb >/dev/null

# ---- a job that plants in every way; who planted it is a person ----
cat >/opt/planter.sh <<S
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
echo '* * * * * touch $JW/by-crontab' | crontab -
echo 'touch $JW/by-at' | at now
dpkg -i /run/planted.deb
(setsid sh -c 'sleep 1; echo "* * * * * touch $JW/by-daemon" | crontab -u daemon -; touch $JW/done' </dev/null &)
systemd-run -q --on-active=1 --timer-property=AccuracySec=100ms --unit=by-bus touch $JW/by-bus
S
chmod 755 /opt/planter.sh
jobward mode audit --gate write >/dev/null
printf '* * * * * root /opt/planter.sh\n' >/etc/cron.d/planter
jobward mode enforce --gate write >/dev/null
ok "the planter is listed" until_true '[ -n "$(job_id planter.sh)" ]'
planter=$(job_id planter.sh)
ok "and approved" jobward approve "$planter"
ok "it runs" minute_of
for exe in crontab at dpkg; do ok "by $exe: refused" until_true "refused /usr/bin/$exe"; done
ok "what it left behind when it ended: refused, and still its" until_true 'event ".reason == \"planted-by-job\" and .job.id == \"$planter\" and (.subject.argv | index(\"daemon\"))"'
nok "no table of root's" crontab -l
nok "nor of daemon's" crontab -u daemon -l
nok "no file of the package's" test -e /etc/cron.d/by-dpkg
is "no job of at's" "$(atq)" ''
ok "through the bus: the write is the manager's, the run gate refuses the job" until_true 'event ".kind == \"run\" and .verdict == \"deny\" and .unit == \"by-bus.service\""'
nok "its marker is absent" test -e $JW/by-bus
e=$(jobward log --json --kind write --verdict deny | jq -c 'select(.reason == "planted-by-job" and .subject.exe == "/usr/bin/crontab")' | head -1)
why=$(COLUMNS=400 jobward why "$(jq -r .seq <<<"$e")" 2>&1)
like "why: a job was at work" "$why" 'a job was at work'
like "which" "$why" 'acted for a job: /opt/planter.sh'
like "and who planted that" "$why" 'The job at work was planted by root.*by no job: bash: create /etc/cron.d/planter'
like "and what would change it" "$why" 'source: /etc/cron.d/planter'
ok "in JSON" eval 'jobward why --json '"$(jq -r .seq <<<"$e")"' | jq -e ".planting[0].object.path == \"/etc/cron.d/planter\" and .planting[0].subject.exe == \"/usr/bin/bash\""'

# ---- a person at the same time ----
ok "who is no job may" eval 'echo "0 5 * * * true" | crontab -u daemon - && crontab -u daemon -r'

# ---- the policy names it ----
policy <<'Y'
version: 1
planters:
  - scheduler: cron
    owner: root
    source: /etc/cron.d/planter
Y
like "why: it may plant" "$(COLUMNS=400 jobward why "$planter")" 'it may plant jobs by plant.yaml:3'
ok "it runs again" minute_of
for exe in crontab at dpkg; do ok "by $exe: let in, as an act of the job" until_true "let_in /usr/bin/$exe"; done
rm -f /opt/planter.sh
ok "what it planted is listed" until_true '[ -n "$(job_id by-crontab)" ] && [ -n "$(job_id by-daemon)" ]'
is "and waits for an approval" "$(jobward jobs --json | jq -r '[.[] | select(.command | contains("/run/jw/by-crontab")) | .state] | join(",")')" unknown
near_minute
ok "which the run gate asks for" until_true 'event ".kind == \"run\" and .verdict == \"deny\" and (.argv | tostring | contains(\"jw/by-crontab\"))"'
show=$(COLUMNS=500 jobward show "$(job_id by-crontab)")
like "show: planted by the job" "$show" "planted +by job $planter, /opt/planter.sh, which started with event [0-9]+: crontab: rename"
like "and that one by a person" "$show" 'that one was planted by root.*by no job'
show=$(COLUMNS=500 jobward show "$(job_id by-daemon)")
like "by what the job left behind: the same" "$show" "planted +by job $planter, /opt/planter.sh"
ok "in JSON" eval 'jobward show --json "$(job_id by-crontab)" | jq -e ".planting | length == 2 and .[0].job.id == \"$planter\" and .[1].root_seq == null"'

# ---- audit ----
printf '#!/bin/sh\ncrontab -r\necho "* * * * * touch %s/by-crontab2" | crontab -\ntouch %s/done\n' $JW $JW >/opt/planter.sh
chmod 755 /opt/planter.sh
policy <<<'version: 1'
jobward approve "$planter" >/dev/null
jobward mode audit --gate write >/dev/null
ok "in audit it runs" minute_of
ok "and its planting goes through, as audit" until_true 'refused /usr/bin/crontab audit'
ok "to take a table away was none" event '.action == "delete" and .verdict == "allow" and .subject.exe == "/usr/bin/crontab" and .job.id == "'"$planter"'"'
ok "the table is there" eval 'crontab -l | grep by-crontab2'
crontab -r
jobward mode enforce --gate write >/dev/null
rm -f /opt/planter.sh

# ---- the distribution's own planter ----
dpkg -P planted >/dev/null 2>&1
cat >/usr/bin/unattended-upgrade <<'S'
#!/bin/sh
exec dpkg -i /run/planted.deb
S
chmod 755 /usr/bin/unattended-upgrade
printf 'APT::Periodic::Enable "1";\nAPT::Periodic::Unattended-Upgrade "1";\n' >/etc/apt/apt.conf.d/99test
planter=$(jobward jobs --json | jq -r '.[] | select(.source.path | endswith("/apt-daily-upgrade.timer")) | .id')
like "apt-daily-upgrade may plant" "$(COLUMNS=400 jobward why "$planter")" 'it may plant jobs by policy.yaml:'
rm -f /var/lib/apt/periodic/*
ok "it runs" systemctl start apt-daily-upgrade.service
ok "and its package manager writes" until_true "let_in /usr/bin/dpkg"
ok "the package's job is there" test -e /etc/cron.d/by-dpkg
nok "man-db may not" eval 'COLUMNS=400 jobward why man-db.service | grep -q "may plant"'
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
