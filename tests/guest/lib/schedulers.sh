# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One scheduler of the cron family after another, as Debian packages it, from its installation beside a running daemon to a job that
# was approved. A script sets what differs and calls scheduler_works:
#   scheduler     whose jobs they are for jobward
#   units         started anew before a full minute; empty: whoever keeps the time follows the clock by itself
#   tables        which places it reads: "system user"
#   plain         a command of the distribution's that must be listed
#   crontab       its own crontab command
#   system_text, user_text   by what the planted jobs are known, where not by their commands
. lib/tap.sh
export JW=/run/jw
mkdir -p $JW

# What a planted job is known by, in the inventory and in events.
text() { case $1 in system) echo "${system_text:-jw/system}" ;; user) echo "${user_text:-jw/user}" ;; esac; }
listed() { jobward jobs --json | jq -e --arg s "$scheduler" --arg t "$1" '.[] | select(.scheduler == $s and (tostring | contains($t)))'; }
# Of two crons that read one table each has its own jobs.
state_of() { jobward jobs --json | jq -r --arg s "$scheduler" --arg t "$1" '[.[] | select(.scheduler == $s and (tostring | contains($t))) | .state] | join(",")'; }
id_of() { jobward jobs --json | jq -r --arg s "$scheduler" --arg t "$1" '.[] | select(.scheduler == $s and (tostring | contains($t))) | .id'; }
denied() { event ".kind == \"run\" and .verdict == \"deny\" and .scheduler == \"$scheduler\" and (tostring | contains(\"$1\"))"; }
allowed() { event ".kind == \"run\" and .verdict == \"allow\" and .scheduler == \"$scheduler\" and (tostring | contains(\"$1\"))"; }

# install_debs [PKG...]: the packages of the run's --with, after those that stand in their way.
install_debs() {
	[ $# = 0 ] || dpkg -r --force-depends "$@" >/dev/null 2>&1
	dpkg -i --force-confold /jw/debs/*.deb >/run/dpkg.log 2>&1 || { tail -20 /run/dpkg.log; return 1; }
}

# Jobs are planted where the write gate is open, so that the run gate has something to do.
plant() {
	jobward mode audit --gate write >/dev/null
	case $tables in *system*) printf '* * * * * root touch %s/system\n' $JW >/etc/cron.d/planted ;; esac
	jobward mode enforce --gate write >/dev/null
}

minute() {
	if [ -n "$units" ]; then
		# shellcheck disable=SC2086
		near_minute $units
	else
		date -s "$(date +'%Y-%m-%d %H:%M'):57" >/dev/null
	fi
}

# What a script sets: see above.
: "${scheduler:=}" "${units:=}" "${tables:=}" "${plain:=}" "${crontab:=}"

scheduler_works() {
	local t all=''
	[ -z "${plain:-}" ] || ok "$scheduler: the distribution's jobs are its own now" until_true "listed '$plain'"
	ok "$scheduler: its jobs are listed once" eval '[ "$(jobward jobs --json | jq -r ".[] | select(.source.path == \"/etc/crontab\" or (.source.path | startswith(\"/etc/cron.d/\"))) | \"\(.source.path):\(.source.line)\"" | sort | uniq -d | wc -l)" = 0 ]'
	plant
	case $tables in *system*) all+=" system" ;; esac
	case $tables in *user*)
		all+=" user"
		if [ -n "$crontab" ]; then
			printf '* * * * * touch %s/user\n' $JW >/run/table
			ok "$scheduler: its crontab command may write" "$crontab" /run/table
		fi ;;
	esac
	for t in $all; do
		ok "$scheduler, $t: the planted job is listed" until_true "listed $(text "$t")"
		is "$scheduler, $t: and waits for a decision" "$(state_of "$(text "$t")")" unknown
	done
	case $tables in *system*) eperm "$scheduler: a shell may not write cron.d" "echo x >>/etc/cron.d/planted" ;; esac
	eperm "$scheduler: nor into the spool" 'echo x >>/var/spool/cron/crontabs/root'
	eperm "$scheduler: nor make a table there" 'echo x >/var/spool/cron/crontabs/daemon'
	minute
	for t in $all; do
		ok "$scheduler, $t: denied" until_true "denied $(text "$t")"
		nok "$scheduler, $t: its marker is absent" test -e $JW/$t
		ok "$scheduler, $t: approve" jobward approve "$(id_of "$(text "$t")")" --reason test
	done
	minute
	for t in $all; do
		ok "$scheduler, $t: runs after approval" until_true "test -e $JW/$t"
		ok "$scheduler, $t: and that is on record" until_true "allowed $(text "$t")"
	done
	ok "the kernel log is free of warnings" kernel_is_quiet
}
