#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In a guest in audit mode, for scripts/bench: resident memory of the daemon with 1,000 jobs, after so many events (default 100,000),
# and what it was after half of them: a leak shows there, what is allocated once does not.
#     daemon_size.sh [EVENTS]
set -u
events=${1:-100000}
portion=800	# what the ring holds, if the daemon reads none of it
target_kib=16384
status() { jobward status --json | jq -r "$1"; }
memory() { awk -v what="$1:" '$1 == what { print $2 }' "/proc/$pid/status"; }
mib() { bc <<<"scale=2; $1/1024"; }
# Denied writes: an allowed one has all stores read again, which is most of the work and none of what is measured here. Each
# portion is stored before the next; between ten of them the stores are read.
make_events() {
	local end=$((seq + $1)) acked i
	while [ "$seq" -lt "$end" ]; do
		for ((i = 0; i < 10 && seq < end; i++)); do
			"$work/writes" /etc/cron.d/bench-0 "$portion" || exit 2
			while read -r seq acked < <(status '.events | "\(.seq) \(.acked)"') && [ "$acked" -lt "$seq" ]; do sleep 0.05; done
		done
		jobward sync || exit 2
	done
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -o "$work/writes" writes.c || exit 2
for ((f = 0; f < 20; f++)); do
	for ((j = 0; j < 50; j++)); do echo "5 5 * * * root /usr/bin/true job $f $j"; done >/etc/cron.d/bench-$f
done
jobward sync || exit 2
n=$(jobward jobs --json | jq length)
[ "$n" -ge 1000 ] || { echo "the daemon has $n jobs, not 1,000" >&2; exit 2; }
jobward mode enforce --gate write >/dev/null || exit 2
pid=$(status .daemon.pid) seq=$(status .events.seq)
first=$seq
make_events $((events / 2))
half=$(memory VmRSS)
make_events $((events - events / 2))
rss=$(memory VmRSS)
printf '%-40s %10s %10.2f MiB %13s MiB  %s\n' "daemon, $n jobs, $((seq - first)) events" "" "$(mib "$rss")" $((target_kib / 1024)) \
	"$([ "$rss" -le $target_kib ] || echo MISSED) (peak $(mib "$(memory VmHWM)"), half-way $(mib "$half"), lost $(status .events.lost))"
[ "$rss" -le $target_kib ]
