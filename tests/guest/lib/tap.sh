# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# TAP for guest scripts: `. lib/tap.sh`, any number of checks, `done_testing` at the end.

tap_n=0
tap_bad=0

# ok NAME COMMAND...: passes when the command does. Its output becomes the diagnosis.
ok() {
	local name=$1 out rc=0
	shift
	out=$("$@" 2>&1) || rc=$?
	tap_line "$rc" "$name" "$out"
}

# nok NAME COMMAND...: passes when the command fails.
nok() {
	local name=$1 out rc=0
	shift
	out=$("$@" 2>&1) && rc=1
	tap_line "$rc" "$name" "$out"
}

# eperm NAME SHELL-TEXT: passes when it fails with EPERM in its message.
eperm() {
	local name=$1 out rc=0
	if out=$(bash -c "$2" 2>&1); then
		rc=1
	else
		grep -qi 'not permitted\|permission denied' <<<"$out" || rc=1
	fi
	tap_line "$rc" "$name" "$out"
}

# is NAME GOT WANTED
is() {
	local rc=0
	[ "$2" = "$3" ] || rc=1
	tap_line "$rc" "$1" "got '$2', wanted '$3'"
}

# like NAME TEXT REGEX
like() {
	local rc=0
	grep -qE -- "$3" <<<"$2" || rc=1
	tap_line "$rc" "$1" "no match for '$3' in: $2"
}

tap_line() {
	tap_n=$((tap_n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_n - $2"
	else
		tap_bad=$((tap_bad + 1))
		echo "not ok $tap_n - $2"
		diag "$3"
	fi
}

diag() { sed 's/^/#   /' <<<"$*" | head -20; }

# until_true SHELL-TEXT [TRIES]: waits for a condition; the tries lie 0.2 s apart, later 0.5 s and 1 s, since asking is work, too.
# Time limits decide nothing else.
until_true() {
	local i
	for ((i = 0; i < ${2:-150}; i++)); do
		eval "$1" >/dev/null 2>&1 && return 0
		if [ $i -lt 5 ]; then sleep 0.2; elif [ $i -lt 15 ]; then sleep 0.5; else sleep 1; fi
	done
	return 1
}

# near_minute [UNIT...]: the clock three seconds before the next full minute. cron (or UNIT) sleeps to the minute that it has reckoned
# out, whatever the clock does meanwhile; started anew it reckons again.
near_minute() {
	date -s "$(date +'%Y-%m-%d %H:%M'):57" >/dev/null
	[ $# -gt 0 ] || set -- cron
	systemctl restart "$@"
}

# rules_are_asked: have the rules been asked about all that is on record now? The store says up to when they were.
rules_are_asked() {
	local now
	now=$(date +%s%N)
	jobward sync >/dev/null
	until_true "[ \"\$(sqlite3 -readonly /var/lib/jobward/jobward.db \"SELECT value FROM value WHERE name = 'rules.until'\")\" -gt $now ]"
}

# event JQ-CONDITION: is there such an event?
event() { jobward log --json | jq -e "select($1)" | grep -q .; }

# job_id TEXT: id of the job whose command contains it.
job_id() { jobward jobs --json | jq -r --arg t "$1" '.[] | select(.command | contains($t)) | .id' | head -1; }

# caught_up: everything the kernel has is stored.
caught_up() { jobward status --json | jq -e '.events.acked == .events.seq' >/dev/null; }

kernel_is_quiet() { ! dmesg | grep -v 'ommand line:' | grep -E 'BUG:|WARNING:|Oops|Call Trace|general protection|rcu.*detected.*stall'; }

done_testing() {
	echo "1..$tap_n"
	[ "$tap_bad" = 0 ]
	exit
}
