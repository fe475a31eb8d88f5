#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guests: trixie
# vm: --mode enforce --timeout 2400
# An upgrade of jobward itself in enforce mode: files replaced, daemon restarted, module exchanged. Approvals, mode and the sequence
# of events stay; nothing is denied but what was.
. lib/tap.sh
ko=$(modinfo -n jobward)
mode_is() { jobward status --json | jq -e --arg m "$1" '.mode == $m' >/dev/null; }
daemon_up() { jobward status --json | jq -e '.daemon.pid > 0' >/dev/null; }
no_holes() { jobward log --json | jq -r .seq | sort -n | awk 'NR == 1 { f = $1 } { n++; l = $1 } END { print n, f, l; exit !(n == l - f + 1) }'; }

ok "to begin with the mode is enforce" mode_is enforce
before=$(jobward jobs --json | jq -r '[.[] | select(.state == "approved") | .id] | sort | join(" ")')
boot_events=$(jobward log --json | wc -l)

# ---- files, by the package manager; a copy by hand is what the write gate keeps out ----
unit=/usr/lib/systemd/system/jobwardd.service
eperm "by hand the unit cannot be replaced" "cp -a $unit $unit.new"
mkdir -p /run/deb/DEBIAN
printf 'Package: jobward\nVersion: 0.1.1\nArchitecture: amd64\nMaintainer: test <test@example.org>\nDescription: test\n' >/run/deb/DEBIAN/control
for f in /usr/sbin/jobwardd /usr/bin/jobward $unit; do cp -a --parents $f /run/deb/; done
ok "build a package of it" dpkg-deb -b /run/deb /run/jobward.deb
ok "install it" dpkg -i /run/jobward.deb
ok "and once more, over itself" dpkg -i /run/jobward.deb
ok "daemon-reload" systemctl daemon-reload
ok "restart the daemon" systemctl restart jobwardd
ok "it is there" until_true daemon_up
ok "still enforce" mode_is enforce
eperm "still denied" 'echo x >/etc/cron.d/x'

# ---- the module ----
old=$(cat /sys/module/jobward/srcversion)
ok "stop" systemctl stop jobwardd
ok "unload" rmmod jobward
ok "load" insmod "$ko"
is "it is the same" "$(cat /sys/module/jobward/srcversion)" "$old"
ok "start" systemctl start jobwardd
ok "it is there" until_true daemon_up
ok "enforce again, as the administrator had set it" until_true 'mode_is enforce'
eperm "and denied" 'echo x >/etc/cron.d/y'
ok "all is stored" until_true caught_up
ok "the sequence goes on without a hole" no_holes
ok "the record of before is there" eval "[ $(jobward log --json | wc -l) -gt $boot_events ]"
is "approvals are as before" "$(jobward jobs --json | jq -r '[.[] | select(.state == "approved") | .id] | sort | join(" ")')" "$before"

# ---- the module goes away under a running daemon, and comes back ----
rmmod jobward 2>/run/rmmod
ok "the daemon says that the module is missing" until_true 'jobward status 2>&1 | grep -qi module; jobward status --json | jq -e ".module.loaded == false"' 100
modprobe jobward
ok "it connects again by itself" until_true 'mode_is enforce' 200
eperm "and denied again" 'echo x >/etc/cron.d/z'
ok "the chain holds" jobward verify
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
