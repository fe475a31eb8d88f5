#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The events: lines, JSON, filters, following.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
bad=$(id_of /etc/cron.d/zz-update)
count() { jq -s length "$out"; }

jw log
ok "log" is "$rc" 0
ok "one line an event" is "$(wc -l <"$out")" 6
ok "nothing acts on a terminal" harmless "$out"
ok "who, with the login" grep -q ' as root, pts/0, ssh from 10.0.0.5  vim.basic: create /etc/cron.d/zz-update (not-a-writer)$' "$out"
jw log --json
ok "one object a line" is "$(wc -l <"$out")" 6
ok "in order" is "$(jq -s -c 'map(.seq)' "$out")" "[1,2,3,4,5,6]"
ok "as the contract has it" is "$(jq -s -c '.[3] | [.kind, .action, .verdict, .reason, .scheduler, .job.id]' "$out")" \
	"[\"run\",\"exec\",\"deny\",\"unapproved\",\"cron\",\"$bad\"]"

jw log --json --kind write
ok "by kind" is "$(count)" 1
jw log --json --verdict deny
ok "by verdict" is "$(jq -s -c 'map(.seq)' "$out")" "[4,6]"
jw log --json --job "${bad:0:8}"
ok "by job" is "$(jq -s -c 'map(.seq)' "$out")" "[2,4]"
jw log --json --scheduler cron
ok "by scheduler" is "$(jq -s -c 'map(.seq)' "$out")" "[1,2,4,5]"
jw log --json --since -21m
ok "since" is "$(jq -s -c 'map(.seq)' "$out")" "[4,5,6]"
jw log --json --since 24m --until -15m
ok "since and until" is "$(jq -s -c 'map(.seq)' "$out")" "[3,4]"
jw log --json -n 2
ok "the newest" is "$(jq -s -c 'map(.seq)' "$out")" "[5,6]"
jw log --json -n 0
ok "all" is "$(count)" 6
jw log --kind chain
ok "nothing matches: 1" is "$rc" 1
ok "and no answer" silent
jw log --json --until 2020-01-01
ok "nothing matches as JSON: 1" is "$rc" 1
jw log --job abcdefabcdefabcd
ok "a whole id that the inventory has not" is "$rc" 1
ok "is looked for" warns "no event matches"
for bad_args in "--since nonsense" "--kind x" "--verdict x" "--scheduler x" "-n x" "-n -1"; do
	# shellcheck disable=SC2086
	jw log $bad_args
	ok "bad input: $bad_args" is "$rc" 2
done

for columns in 60 80 120 200; do
	jw_at $columns log
	ok "fits $columns columns" fits $columns
done
jw_at 80 log
ok "the reason is never cut" says "(not-a-writer)"

"$JOBWARD" --store "$store" log --follow --json -n 1 >"$work/followed" 2>"$work/followed.err" &
follower=$!
sleep 0.5
append '{seq: 7, kind: "admin", action: "mode", detail: "audit"}'
for _ in $(seq 50); do [ "$(wc -l <"$work/followed")" -ge 2 ] && break; sleep 0.1; done
ok "follows" is "$(jq -s -c 'map(.seq)' "$work/followed")" "[6,7]"
kill -INT $follower
rc=0
wait $follower || rc=$?
ok "an interrupt is a clean end" is "$rc" 0
ok "without a word" [ ! -s "$work/followed.err" ]
rc=0
timeout 20 "$JOBWARD" --store "$store" log --follow | head -1 >"$out" || rc=$?
ok "ends when its reader does" is "$rc" 0

at() { # SEQ TEXT: atd starts sh with this on its standard input
	append "{seq: $1, kind: \"run\", action: \"exec\", scheduler: \"at\", verdict: \"deny\", reason: \"unapproved\", argv: [\"sh\"],
		text: $(jq -n --arg t "$2" '$t')}"
}
head=$'#!/bin/sh\n# atrun uid=0 gid=0\n# mail root 0\n'
block=$'umask 22\nHOME=/root; export HOME\ncd /root || {\n\t echo gone >&2\n\t exit 1\n}\n'
at 8 "$head${block}touch /tmp/x"$'\n'
jw log -n 1
ok "what an at job runs, not only its shell" grep -q ' at: touch /tmp/x (unapproved)$' "$out"
jw why 8
ok "why, too" says "at was about to start a job: touch /tmp/x"
at 9 "${head}echo by hand"
jw log -n 1
ok "without what at writes" grep -q ' at: echo by hand (unapproved)$' "$out"
at 10 "${head}umask 22"$'\nLONG=xxx'
jw log -n 1
ok "a beginning that ends before it" grep -q ' at: sh (unapproved)$' "$out"

gen() { # SEQ PATH [MORE]
	append "{seq: $1, kind: \"write\", action: \"create\", reason: \"writer\", object: {path: \"$2\"}} + ${3:-{\}}"
}
for i in 11 12 13; do gen $i /run/systemd/generator/$i.service; done
gen 14 /run/systemd/generator.late '{action: "mkdir"}'
gen 15 /run/systemd/generator/x.service '{verdict: "audit", reason: "not-a-writer"}'
gen 16 /run/systemd/generator/x.service '{verdict: "deny", reason: "not-a-writer"}'
gen 17 /run/systemd/generator/a '{action: "rename", target: {path: "/etc/systemd/system/a"}}'
gen 18 /run/systemd/generators/a
gen 19 /run/systemd/generator.early/a
jw log --kind write
ok "a row of generators' writes is one line" is "$(awk '{ print $1 }' "$out" | xargs)" "1 11 15 16 17 18 19"
ok "with how many they are, and which" says "systemd's generators: 4 writes, events 11 to 14"
ok "one is one" says "systemd's generators: 1 write"
for columns in 60 80 120 200; do
	jw_at $columns log --kind write
	ok "folded it fits $columns columns" fits $columns
done
jw log --kind write --all
ok "all of them, when asked for" is "$(wc -l <"$out")" 10
jw log --kind write --json
ok "JSON always has all" is "$(count)" 10

# ---- what jobs' processes do
did() { # SEQ KIND ROOT OBJECT [MORE]
	append "{seq: $1, kind: \"$2\", action: (if \"$2\" == \"net\" then \"connect\" else \"exec\" end), root_seq: $3, object: $4} + ${5:-{\}}"
}
did 20 chain 3 '{path: "/usr/bin/find"}' '{argv: ["find", "/", "-name", "a\u001bb"]}'
did 21 chain 3 '{path: "/usr/bin/whoami"}' '{argv: ["whoami"]}'
did 22 net 3 '{family: "ipv6", protocol: "tcp", address: "2001:db8::1", port: 443}'
did 23 chain 3 '{path: "/usr/bin/x"}' '{action: "limit", detail: "more"}'
did 24 chain 8 '{path: "/usr/bin/id"}' '{argv: ["id"]}'
did 25 net 3 '{path: "@a\u001b[2J", family: "unix", protocol: "stream"}'
jw log --since -100d
ok "a row of what one run does is one line" is "$(awk '$1 >= 20 { print $1 }' "$out" | xargs)" "20 23 24 25"
ok "with how much it is, and which" says "the job that began at 3: 2 programs, 1 connect, events 20 to 22"
ok "one alone is itself" says "exec /usr/bin/id"
ok "a limit always has its line" says "limit /usr/bin/x"
jw log --kind chain
ok "asked for by kind, each has its line" is "$(awk '{ print $1 }' "$out" | xargs)" "20 21 23 24"
ok "the program and its arguments" says 'exec /usr/bin/find / -name'
ok "harmless" harmless "$out"
jw log --kind net
ok "a destination" says 'connect [2001:db8::1]:443 (tcp)'
ok "a name that acts on terminals does not" harmless "$out"
jw log --all
ok "all, when asked for" is "$(awk '$1 >= 20 { print $1 }' "$out" | xargs)" "20 21 22 23 24 25"
jw why 22
ok "why: of which run" says "the job that began at event 3"
for columns in 60 80 120 200; do
	jw_at $columns log
	ok "folded it fits $columns columns" fits $columns
done
