#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Why: an event, a job, a path.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
bad=$(id_of /etc/cron.d/zz-update)
short=${bad:0:8}

jw why 4
ok "an event" is "$rc" 0
ok "what was tried" says "cron was about to start a job of root"
ok "what came of it" says "It was denied and did not run."
ok "why" says "nobody has approved this job"
ok "the lineage" says "└─ cron (612) root  /usr/sbin/cron"
ok "what would change it" says "jobward approve $short"
ok "nothing acts on a terminal" harmless "$out"
jw why 1
ok "a write" says "tried to create /etc/cron.d/zz-update"
ok "audit means enforce would have denied" says "enforce would have denied it"
ok "who, and from where" says "as root, pts/0, ssh from 10.0.0.5"
ok "how to let the program write" says "- program: /usr/bin/vim.basic"
jw why 6
ok "a module" says "none of the module's code ran"
ok "how to list it" says "- sha256: 0000"
jw why 4 --json
ok "an event as JSON" json ".event.seq == 4 and .job.id == \"$bad\" and (.explanation | length) > 1 and (.change | length) > 1"
jw why 99
ok "no such event: 1" is "$rc" 1

jw why "$short"
ok "a job" is "$rc" 0
ok "its state" says "Job $short is unknown"
jw why backup.service
ok "what changed" says "the content of /usr/local/bin/backup is another"
ok "the command for it" says "jobward approve "
jw why "$bad" --json
ok "a job as JSON" json ".job.id == \"$bad\" and (.explanation | length) > 0"
jw why nonsense
ok "no such job: 1" is "$rc" 1

jw why /etc/cron.d/zz-update
ok "a path" is "$rc" 0
ok "its jobs" says "$short  unknown"
ok "its last writer" says "vim.basic: create /etc/cron.d/zz-update"
jw why /usr/local/bin/backup
ok "a program that a job runs" says "/usr/local/bin/backup --all"
jw why /etc/cron.d/zz-update --json
ok "a path as JSON" json '(.jobs | length) == 1 and (.events | length) == 1'
jw why /nothing/at/all
ok "a path without a story: 1" is "$rc" 1
for columns in 60 80 120; do
	jw_at $columns why 4
	ok "fits $columns columns" fits $columns
done

# A job that plants a job: the event at which it started is 2, and 1 planted it.
alice=$(id_of /var/spool/cron/crontabs/alice)
planting() {	# SEQ VERDICT
	"$JOBWARD" --store "$store" log --json | jq -c --argjson seq "$1" --arg verdict "$2" --arg job "$bad" 'select(.seq == 2) | .seq = $seq | .kind = "write"
		| .action = "rename" | .verdict = $verdict | .reason = "planted-by-job" | .root_seq = 2 | .subject.exe = "/usr/bin/crontab" | .subject.comm = "crontab"
		| .job = {id: $job, owner: "root", command: "/tmp/.x/upd", source: "/etc/cron.d/zz-update:3"} | .object = {path: "/var/spool/cron/crontabs/tmp.x"}
		| .target = {path: "/var/spool/cron/crontabs/alice"} | del(.key, .argv, .rule)' | "$MAKE_STORE" --append "$store"
}
planting 20 deny
jw why 20
ok "a denied planting" is "$rc" 0
ok "says that a job was at work" says "jobs plant no jobs"
ok "which" says "It acted for a job: /tmp/.x/upd, which started with event 2."
ok "who planted that" grep -q 'The job at work was planted by .* as root, pts/0, ssh from 10.0.0.5, by no job' <(tr -s '\n ' ' ' <"$out")
ok "and how to let it" says "source: /etc/cron.d/zz-update"
ok "not as a writer" not says "writers:"
jw show "$alice" --json
ok "what was denied planted nothing" json '.planting == []'
planting 21 audit
jw show "$alice"
ok "what went through did" grep -q "planted by job $bad, /tmp/.x/upd, which started with event 2: crontab: rename" <(tr -s '\n ' ' ' <"$out")
ok "and that came by a person" grep -q 'that one was planted by .* as root, pts/0, ssh from 10.0.0.5, by no job: vim.basic: create /etc/cron.d/zz-update' <(tr -s '\n ' ' ' <"$out")
jw why "$alice" --json
ok "as JSON" json ".planting | map(.seq) == [21, 1]"
jw why "$alice"
ok "in sentences" grep -q "It was planted by job $bad.* That one was planted by" <(tr -s '\n ' ' ' <"$out")
