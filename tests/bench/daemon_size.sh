#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest in audit mode, for scripts/bench: resident memory of the daemon with 1,000 jobs, after so many events (default 100,000).
#     daemon_size.sh [EVENTS]
set -u
events=${1:-100000}
seq_now() { jobward status --json | jq .events.seq; }
caught_up() { jobward status --json | jq -e '.events.acked == .events.seq' >/dev/null; }
for ((f = 0; f < 20; f++)); do
	for ((j = 0; j < 50; j++)); do echo "5 5 * * * root /usr/bin/true job $f $j"; done >/etc/cron.d/bench-$f
done
for ((i = 0; i < 300; i++)); do
	n=$(jobward jobs --json | jq length)
	[ "$n" -lt 1000 ] || break
	sleep 0.2
done
[ "$n" -ge 1000 ] || { echo "the daemon has $n jobs, not 1,000" >&2; exit 2; }
first=$(seq_now)
# in portions that the ring holds, each stored before the next
while [ $(($(seq_now) - first)) -lt "$events" ]; do
	for ((i = 0; i < 300; i++)); do : >>/etc/cron.d/bench-0; done
	for ((i = 0; i < 600; i++)); do
		! caught_up || break
		sleep 0.05
	done
done
lost=$(jobward status --json | jq .events.lost)
pid=$(jobward status --json | jq .daemon.pid)
rss=$(awk '/^VmRSS/{print $2}' "/proc/$pid/status")
peak=$(awk '/^VmHWM/{print $2}' "/proc/$pid/status")
printf '%-40s %10s %10.2f MiB %13s MiB  %s\n' "daemon, $n jobs, $(($(seq_now) - first)) events" "" "$(bc <<<"scale=2; $rss/1024")" 16 \
	"$([ "$rss" -le 16384 ] || echo MISSED) (peak $(bc <<<"scale=2; $peak/1024"), lost $lost)"
[ "$rss" -le 16384 ]
