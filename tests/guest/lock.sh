#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie
# vm: --mode enforce --timeout 1800
# The lock with the daemon: what people are told, and that approvals, restarts and upgrades of jobward go on.
. lib/tap.sh
daemon_up() { jobward status --json | jq -e '.daemon.pid > 0' >/dev/null; }
attached() { jobward status --json | jq -e '.gates.write == "enforce" and .daemon.pid > 0' >/dev/null && jobward sync 2>/dev/null; }
tamper() { jobward sync; jobward log --kind tamper --json | jq -es "any($1)" >/dev/null; }
is "not locked" "$(jobward status --json | jq .locked)" false
ok "lock" jobward lock
is "locked" "$(jobward status --json | jq .locked)" true
ok "the log has who did it" bash -c 'jobward sync; jobward log --kind admin --json | jq -es "any(.action == \"lock\")"'
jobward mode audit 2>/run/err
is "a weaker mode: exit code" $? 4
ok "a weaker mode: the words" grep -q 'locked: until the next boot' /run/err
ok "is on record" tamper '.action == "mode" and .verdict == "deny"'
ok "the mode it has may be set" jobward mode enforce
nok "unload" rmmod jobward
echo '* * * * * root true' >/run/x
EDITOR='cp /run/x' jobward edit --yes /etc/cron.d/x
is "a job is approved as ever" "$(jobward jobs --json | jq -r '.[] | select(.source.path == "/etc/cron.d/x") | .state')" approved
eperm "and others denied" 'echo x >/etc/cron.d/y'

killer=$(bash -c 'echo $$; kill -KILL "$(pidof jobwardd)"')
ok "killed, it comes back" until_true attached
ok "and has who did it" tamper ".action == \"signal\" and .subject.pid == $killer"
ok "the journal, too" bash -c 'journalctl -u jobwardd | grep -q "tamper: signal: signal 9 to the auditor"'
ok "restart" systemctl restart jobwardd
ok "it is there" until_true attached

cp /usr/sbin/jobwardd /usr/sbin/jobwardd.new
mv /usr/sbin/jobwardd.new /usr/sbin/jobwardd
systemctl restart jobwardd
ok "replaced by hand it is not the auditor" until_true 'dmesg | grep -q "tamper: not the program that was the auditor"'
nok "nothing can be approved then" jobward lock
mkdir -p /run/deb/DEBIAN
printf 'Package: jobward\nVersion: 0.1.1\nArchitecture: amd64\nMaintainer: test <test@example.org>\nDescription: test\n' >/run/deb/DEBIAN/control
for f in /usr/sbin/jobwardd /usr/bin/jobward; do cp -a --parents $f /run/deb/; done
ok "build a package of it" dpkg-deb -b /run/deb /run/jobward.deb
ok "install it" dpkg -i /run/jobward.deb
ok "restart" systemctl restart jobwardd
ok "from the package it is" until_true attached
ok "still locked" bash -c 'jobward status --json | jq -e .locked'
eperm "still denied" 'echo x >/etc/cron.d/z'
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
