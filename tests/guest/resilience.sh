#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# guests: bookworm
# vm: --mode enforce --timeout 2400
# The auditor dies, its store fills up, is deleted or damaged, its policy breaks: the kernel goes on, nothing is lost or told twice,
# and each leaves a clear finding.
. lib/tap.sh
db=/var/lib/jobward/jobward.db
mkdir -p /run/jw

daemon_up() { jobward status --json | jq -e '.daemon.pid > 0' >/dev/null; }
finding() { jobward status --json | jq -e --arg t "$1" '.findings | tostring | test($t)' >/dev/null; }
# Sequence numbers of this boot as the store has them: how many, how many different, from, to.
seqs() { jobward log --json | jq -r .seq | awk '{ n++; if (!($1 in s)) { s[$1]; d++ } if (!min || $1 < min) min = $1; if ($1 > max) max = $1 } END { print n, d, min, max }'; }
no_holes() {
	local n d min max
	read -r n d min max <<<"$(seqs)"
	echo "$n events, $d different, $min to $max"
	[ "$n" = "$d" ] && [ "$n" = $((max - min + 1)) ]
}
noise() { local i; for i in $(seq "$1"); do echo "x$i" >/etc/cron.d/noise; done 2>/dev/null; }

ok "to begin with, every number is there once" eval 'until_true caught_up && no_holes'
eperm "and a write is denied" 'echo x >/etc/cron.d/x'

# ---- killed under load ----
noise 400 & bg=$!
for i in 1 2 3; do
	sleep 0.5
	kill -9 "$(pidof jobwardd)"
	until_true daemon_up
done
wait $bg
ok "killed three times under load: it came back" until_true daemon_up
ok "and caught up" until_true caught_up
ok "not one event lost, none twice" no_holes
is "nothing counted as lost" "$(jobward status --json | jq .events.lost)" 0
ok "the attempts are on record" eval '[ "$(jobward log --json --kind write --verdict deny | grep -c cron.d/noise)" -ge 400 ]'

# ---- stopped: the kernel enforces by itself ----
printf '* * * * * root touch /run/jw/dead\n' >/run/jw/table
systemctl stop jobwardd
nok "the daemon is down" pidof jobwardd
eperm "without a daemon a write is denied all the same" 'cp /run/jw/table /etc/cron.d/dead'
systemd-run -q --on-active=1 --timer-property=AccuracySec=100ms --unit=while-dead touch /run/jw/while-dead
sleep 4
nok "and an unapproved timer does not run" test -e /run/jw/while-dead
jobward status >/run/jw/status 2>&1
is "status exits 3" $? 3
like "and says that the daemon is not there" "$(cat /run/jw/status)" '[Dd]aemon'
ok "the log can be read without it" jobward log -n 1
systemctl start jobwardd
ok "started again, it has what happened meanwhile" until_true 'event ".verdict == \"deny\" and .unit == \"while-dead.service\""'
ok "without holes" eval 'until_true caught_up && no_holes'

# ---- store full ----
eperm "nobody may mount over the store" 'mount -t tmpfs none /var/lib/jobward'
jobward mode audit --gate write >/dev/null
systemctl stop jobwardd
mkdir /run/jw/small
# room for what there is and for all that is to be stored once the fill is gone
mount -t tmpfs -o "size=$(($(du -sm /var/lib/jobward | cut -f1) + 4))m,mode=700" none /run/jw/small
cp -a /var/lib/jobward/. /run/jw/small/
mount --bind /run/jw/small /var/lib/jobward
systemctl start jobwardd
until_true daemon_up
jobward mode enforce --gate write >/dev/null
dd if=/dev/zero of=/run/jw/small/fill bs=4k 2>/dev/null
noise 200
ok "store full: a finding says so" until_true 'finding "full|space"'
eperm "store full: still enforcing" 'echo x >/etc/cron.d/x'
nok "store full: the ring keeps what could not be stored" caught_up
rm /run/jw/small/fill
ok "room again: everything is stored" until_true caught_up 300
ok "without holes" no_holes
ok "and the finding goes" until_true '! finding "full|space"' 300
jobward mode audit --gate write >/dev/null
systemctl stop jobwardd
umount /var/lib/jobward
umount /run/jw/small
systemctl start jobwardd
until_true daemon_up

# ---- store deleted, store damaged ----
rm -f $db $db-wal $db-shm
noise 5
ok "store deleted: a new one is begun" until_true "test -e $db" 400
ok "store deleted: a finding says so" until_true 'finding "[Ss]tore"' 400
jobward mode enforce >/dev/null
eperm "store deleted: still enforcing" 'echo x >/etc/cron.d/x'
ok "store deleted: new events are stored" until_true 'event ".object.path == \"/etc/cron.d/x\""' 300
jobward mode audit --gate write >/dev/null
systemctl stop jobwardd
dd if=/dev/urandom of=$db bs=1k seek=1 count=60 conv=notrunc 2>/dev/null
rm -f $db-wal $db-shm
systemctl start jobwardd
ok "store damaged: the daemon runs" until_true daemon_up
ok "store damaged: the old one is kept aside" eval 'ls /var/lib/jobward/*damaged*'
ok "store damaged: a finding says so" until_true 'finding "damaged"'

jobward mode enforce >/dev/null

# ---- policy broken ----
generation() { jobward status --json | jq '.verdicts'; }
before=$(generation)
cp /etc/jobward/policy.yaml /run/jw/policy.good
printf 'version: 1\njobs:\n  - state: aproved\n' >/run/jw/policy.bad
jobward policy check /run/jw/policy.bad >/run/jw/check 2>&1
is "policy check refuses it" $? 1
like "and names file, line and word" "$(cat /run/jw/check)" 'policy.bad:3.*aproved'
# The policy is a guarded file too: put it there as an administrator would, with the write gate in audit.
jobward mode audit --gate write >/dev/null
cp /run/jw/policy.bad /etc/jobward/policy.yaml
jobward reload >/run/jw/reload 2>&1
is "reload refuses it" $? 2
jobward mode enforce --gate write >/dev/null
ok "policy broken: a finding names file and line" until_true 'finding "policy.yaml:3"'
is "the table stands" "$(generation)" "$before"
eperm "and is enforced" 'echo x >/etc/cron.d/x'
systemctl restart jobwardd
ok "restarted with a broken policy it runs" until_true daemon_up
eperm "and enforces" 'echo x >/etc/cron.d/x'
jobward mode audit --gate write >/dev/null
cp /run/jw/policy.good /etc/jobward/policy.yaml
ok "the good one is taken again" jobward reload
jobward mode enforce --gate write >/dev/null
ok "and the finding goes" until_true '! finding "policy"'
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
