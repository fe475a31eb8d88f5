#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What questions to a big store cost: makes stores of so many events (tests/bench/make_events.c says of what), asks each
# common question and each shipped hunt, and prints a table. A question counts as it is the second time: what the first one
# read is in the page cache, as it is on a host whose daemon writes all the time; the first time depends on the disk alone.
# Exits 1 when a target is missed: 1 s for common questions, 5 s for hunts. Ten million events take 14 GB of disk and, on
# two processors, a quarter of an hour.
#   tests/bench/hunts.sh [--store FILE] [N...]      default 1000000 10000000; --store asks one that is there and keeps it
set -euo pipefail
cd "$(dirname "$0")/../.."
given=
[ "${1:-}" != --store ] || { given=$(realpath "$2"); shift 2; set -- given; }
[ $# -gt 0 ] || set -- 1000000 10000000
out=build/bench
mkdir -p "$out"
cat >"$out/bench.mk" <<'EOF_MK'
include Makefile
$(O)/bench/make_events: tests/bench/make_events.c $(O)/libjobward.a
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)
bench: $(O)/jobward $(O)/bench/make_events
EOF_MK
make -s -j"$(nproc)" -f "$out/bench.mk" bench
work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'rm -rf "$work"' EXIT
missed=0

row() { # NAME TARGET COMMAND...
	local name=$1 target=$2 took cpu mark=
	shift 2
	"$@" >/dev/null 2>&1 || [ $? = 1 ] || { echo "bench: failed: $*" >&2; exit 2; }
	TIMEFORMAT='%R %U %S'
	{ time "$@" >"$work/answer" 2>/dev/null || true; } 2>"$work/time"
	read -r took user sys <"$work/time"
	cpu=$(bc <<<"$user + $sys")
	[ "$(bc <<<"$took <= $target")" = 1 ] || { mark=MISSED; missed=1; }
	printf '  %-38s %8.3f s %8.3f s CPU %4s s %7d lines  %s\n' "$name" "$took" "$cpu" "$target" "$(wc -l <"$work/answer")" "$mark"
}
for n in "$@"; do
	store=${given:-$work/$n.db}
	if [ -z "$given" ]; then
		build/bench/make_events "$store" "$n"
	fi
	jw() { build/jobward --store "$store" "$@"; }
	job=$(jw jobs --json | jq -r '.[17].id')
	end=$(jw hunt --sql "SELECT time FROM events ORDER BY row DESC LIMIT 1" --json | jq -r .time)
	echo "$(jw hunt --sql "SELECT count(*) AS n FROM jobs" --json | jq .n) jobs, $(jw hunt --sql "SELECT max(row) AS n FROM events" --json | jq .n) events, $(du -m "$store" | cut -f1) MiB"
	row "jobs" 1 jw jobs
	row "show JOB" 1 jw show "$job"
	row "log -n 200" 1 jw log -n 200
	row "log --verdict deny -n 200" 1 jw log --verdict deny -n 200
	row "log --job JOB -n 200" 1 jw log --job "$job" -n 200
	row "log of a minute" 1 jw log --since "$(date -u -d "$end - 1 minute" +%FT%TZ)"
	row "why PATH" 1 jw why /etc/cron.d/work-7
	row "hunt --sql: who wrote this file" 1 jw hunt --sql "SELECT time, exe, uid, auid, argv FROM events WHERE target = '/etc/cron.d/work-7' AND +kind = 'write' ORDER BY row DESC LIMIT 200"
	row "hunt --sql: denials of each job" 1 jw hunt --sql "SELECT job, count(*) FROM events WHERE verdict = 'deny' GROUP BY job_number ORDER BY 2 DESC LIMIT 20"
	row "hunt --sql: runs of a job by day" 1 jw hunt --sql "SELECT time_ns / 86400000000000 AS day, count(*) FROM runs WHERE job_number = (SELECT id_number FROM jobs WHERE id = '$job') GROUP BY 1"
	for f in user/hunts/*.sql; do
		f=${f##*/}
		row "hunt ${f%.sql}" 5 jw hunt "${f%.sql}" --from user/hunts --csv
	done
	[ -n "$given" ] || rm -f "$store"*
done
exit "$missed"
