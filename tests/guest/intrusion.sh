#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 3
# guests: trixie
# vm: --mode audit --timeout 2400
# An intrusion from a remote login to the removal of its traces, in audit mode: planting by three schedulers, discovery, a beacon, ssh to
# another host, further planting. What comes of it is one story, complete and in order.
#
#   namespace "far"                 the guest                            namespace "near"
#   10.66.0.2  -- ssh, login -->  10.66.0.1, 10.77.0.1  -- beacon, ssh -->  10.77.0.2: listener on 8443, sshd on 22
. lib/tap.sh
KEY=/root/.ssh/id_ed25519
mkdir -p /root/.ssh /run/sshd
ssh-keygen -q -t ed25519 -N '' -f $KEY
cp $KEY.pub /root/.ssh/authorized_keys
SSH="ssh -q -i $KEY -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes"
join() { # NAMESPACE NET: this end is .1, the other .2
	ip netns add "$1"
	ip link add "$1" type veth peer name up netns "$1"
	ip addr add "10.$2.0.1/24" dev "$1"
	ip link set "$1" up
	ip -n "$1" addr add "10.$2.0.2/24" dev up
	ip -n "$1" link set up up
	ip -n "$1" link set lo up
}
join far 66
join near 77
ip netns exec near /usr/sbin/sshd
ip netns exec near python3 -c 'import socket
s = socket.create_server(("", 8443))
while True: s.accept()[0].close()' &
listener=$!
systemctl start ssh
far() { ip netns exec far $SSH -tt root@10.66.0.1 "$1"; }
ok "a login from elsewhere" until_true 'far true'
ok "another host that takes the same key" until_true "$SSH root@10.77.0.2 true"

# ---- what will run: each scheduler its part ----
mkdir /var/tmp/.x
cat >/var/tmp/.x/cron <<END
#!/bin/bash
whoami; id; uname -a
find /root -name 'id_*'
exec 3<>/dev/tcp/10.77.0.2/8443
$SSH root@10.77.0.2 true </dev/null
[ -e /etc/cron.d/second ] || echo '* * * * * root /var/tmp/.x/second' >/etc/cron.d/second
END
printf '#!/bin/bash\nss -tn; getent passwd\n' >/var/tmp/.x/at
printf '#!/bin/bash\nexec 3<>/dev/tcp/10.77.0.2/8443; hostnamectl; true\n' >/var/tmp/.x/timer
printf '#!/bin/bash\ngroups; true\n' >/var/tmp/.x/second
chmod 755 /var/tmp/.x/*

# ---- planting, by one login ----
ok "planted by three schedulers" far "echo '* * * * * /var/tmp/.x/cron' | crontab - && echo /var/tmp/.x/at | at now + 2 minutes &&
	printf '[Service]\nType=oneshot\nExecStart=/var/tmp/.x/timer\n' >/etc/systemd/system/upd.service &&
	printf '[Timer]\nOnCalendar=*:*:30\nAccuracySec=1s\n[Install]\nWantedBy=timers.target\n' >/etc/systemd/system/upd.timer &&
	systemctl daemon-reload && systemctl start upd.timer"
ok "cron's is listed" until_true '[ -n "$(job_id .x/cron)" ]'
ok "at's is listed" until_true '[ -n "$(job_id .x/at)" ]'
ok "systemd's is listed" until_true '[ -n "$(job_id .x/timer)" ]'

# ---- it runs ----
did() { jobward log --json --kind "$1" | jq -e "select($2)" | grep -q .; }
date -s '+125 seconds' >/dev/null
ok "at's runs" until_true 'did chain ".object.path == \"/usr/bin/getent\""'
near_minute
ok "cron's plants another" until_true 'test -e /etc/cron.d/second'
ok "which is listed" until_true '[ -n "$(job_id .x/second)" ]'
ok "the timer's runs" until_true 'did chain ".object.path == \"/usr/bin/hostnamectl\""'
for i in 1 2 3 4; do
	near_minute
	ok "the beacon, once more ($i)" until_true "[ \$(jobward log --json --kind net --job $(job_id .x/cron) | jq -c 'select(.object.port == 8443)' | wc -l) -gt $i ]"
done
ok "the second one runs" until_true 'did chain ".object.path == \"/usr/bin/groups\""'

# ---- traces ----
ok "cleaned up" far "crontab -r; systemctl stop upd.timer; rm /etc/systemd/system/upd.*; systemctl daemon-reload"
ok "cron's is gone" until_true '[ -z "$(job_id .x/cron)" ]'
ok "systemd's is gone" until_true '[ -z "$(job_id .x/timer)" ]'
ok "all that happened is stored" until_true caught_up
kill $listener

# ---- the story ----
jobward hunt stories --json >/run/story.json
cat /run/story.json | jq -c '[.story, .n, .step, .program, .what, .times]' >&2
is "one story" "$(jq -s 'map(.story) | unique | length' /run/story.json)" 1
like "begins with the origin: who, from where, on which terminal" "$(jq -r 'select(.n == 0) | .what' /run/story.json)" \
	'^ssh from 10\.66\.0\.2, login 0, user 0, pts/[0-9]+, session [0-9]+$'
is "in the order of time" "$(jq -s 'map(.time) == (map(.time) | sort)' /run/story.json)" true
# in_order STEP WHAT...: numbers of the first rows of each, rising
in_order() {
	local last=0 n
	while [ $# -gt 0 ]; do
		n=$(jq -s --arg s "$1" --arg w "$2" '[.[] | select(.step == $s and (.what | contains($w))) | .n] | first // 0' /run/story.json)
		[ "$n" -gt "$last" ] || { echo "'$1' '$2' is row $n, after $last"; return 1; }
		last=$n
		shift 2
	done
}
ok "cron's part" in_order planted .x/cron ran .x/cron discovery whoami discovery id discovery 'uname -a' credentials "-name id_" \
	connection 10.77.0.2:8443 'lateral movement' root@10.77.0.2 'lateral movement' 10.77.0.2:22 'planted further' .x/second 'taken out' .x/cron
ok "at's part" in_order planted '.x/at' ran .x/at discovery 'ss -tn' discovery 'getent passwd'
ok "the timer's part" in_order planted .x/timer ran .x/timer discovery hostnamectl 'taken out' .x/timer
ok "what was planted further" in_order 'planted further' .x/second ran .x/second discovery groups
is "nothing that was not done" "$(jq -r .step /run/story.json | sort -u | paste -sd,)" \
	"connection,credentials,discovery,lateral movement,origin,planted,planted further,ran,taken out"

# ---- the other hunts, the record ----
like "the beacon has its rhythm" "$(jobward hunt beacons --json | jq -c 'select(.destination == "10.77.0.2:8443") | [.connects, .seconds, .other_jobs]')" '^\[[5-9],(5[0-9]|6[0-9]),1\]'
like "a line for what a run did" "$(COLUMNS=160 jobward log 2>&1)" 'the job that began at [0-9]+: [0-9]+ programs, [0-9]+ connects'
like "a line each where asked for" "$(COLUMNS=160 jobward log --kind net 2>&1)" 'connect 10.77.0.2:8443 \(tcp\)'
like "by program" "$(COLUMNS=160 jobward log --kind chain 2>&1)" 'exec /usr/bin/find /root -name'
ok "the chain holds" jobward verify
ok "the kernel log is free of warnings" kernel_is_quiet
done_testing
