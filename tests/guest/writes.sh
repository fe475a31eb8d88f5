#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: --mode enforce --timeout 2400
# Writes into the stores as people make them: who may, who may not, and what the record says.
. lib/tap.sh

for f in /etc/crontab /etc/cron.d/x /etc/cron.daily/x /etc/cron.hourly/x /etc/anacrontab /var/spool/cron/crontabs/root /var/spool/cron/atjobs/a00001 \
	/etc/systemd/system/x.timer /etc/systemd/system/x.service /run/systemd/system/x.timer /usr/lib/systemd/system/x.timer; do
	eperm "a shell may not write $f" "echo x >>$f"
done
eperm "nor an editor" 'cp /etc/crontab /run/c; sed -i s/a/b/ /etc/crontab'
eperm "nor move in" 'echo x >/root/x; mv /root/x /etc/cron.d/x'
eperm "nor link in" 'ln -s /root/x /etc/cron.d/x'
eperm "nor remove" 'rm /etc/cron.d/e2scrub_all'
eperm "nor mount over" 'mount -t tmpfs none /etc/cron.d'
eperm "nor the policy" 'echo x >>/etc/jobward/policy.yaml'
eperm "nor the store" 'echo x >>/var/lib/jobward/jobward.db'
ok "crontab may" eval 'echo "0 5 * * * true" | crontab -'
ok "at may" eval 'echo true | at 23:59 tomorrow'
ok "systemctl may" systemctl mask --now e2scrub_reap.service
ok "reading is free" eval 'cat /etc/crontab /etc/cron.d/* /etc/systemd/system/*.timer 2>/dev/null; true'
ok "other files too" eval 'echo x >/etc/motd.test && rm /etc/motd.test'
until_true caught_up
e=$(jobward log --json --kind write --verdict deny | jq -c 'select(.object.path == "/etc/cron.d/x" and .action == "create")' | head -1)
ok "a denied write names program, arguments, user and ancestors" jq -e '.subject.exe and (.subject.argv | length > 0) and .subject.uid == 0 and (.subject.ancestors | length > 0)' <<<"$e"
ok "its technique" jq -e '.attack | index("T1053.003")' <<<"$e"
ok "a writer's write is on record with its reason" event '.verdict == "allow" and .reason == "writer" and .subject.exe == "/usr/bin/crontab"'
e=$(jobward log --json --kind write --verdict deny | jq -c 'select(.object.path == "/run/systemd/system/x.timer")' | head -1)
ok "paths on other file systems are whole" test -n "$e"
jobward why "$(jobward log --json --kind write --verdict deny | jq -r .seq | head -1)" >/run/why 2>&1
is "why has an answer" $? 0
like "it says what to do instead" "$(cat /run/why)" 'jobward edit|crontab'
# An administrator's way.
cat >/run/editor <<'E'
#!/bin/sh
echo '5 5 * * * root /usr/bin/true edited' >>"$1"
E
chmod +x /run/editor
ok "jobward edit writes" eval 'VISUAL=/run/editor EDITOR=/run/editor jobward edit /etc/cron.d/edited </dev/null'
ok "the file is there" grep -q edited /etc/cron.d/edited
ok "and its job is listed" until_true '[ -n "$(job_id edited)" ]'
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
