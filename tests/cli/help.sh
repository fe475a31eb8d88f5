#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Help, man page and completion all say what the command table says.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"

jw --help
ok "help is an answer" is "$rc" 0
commands=$(awk '/^  [a-z]/ { print $1 }' "$out")
ok "there are commands" [ "$(wc -w <<<"$commands")" -ge 17 ]
for c in $commands; do
	jw "$c" --help
	sed -n 's/^Usage: //p' "$out"
done >"$work/table"
ok "each command has its usage" is "$(wc -l <"$work/table")" "$(wc -w <<<"$commands")"
awk '/^# SYNOPSIS/ { f = 1; next } /^# / { f = 0 } f && NF' user/man/jobward.1.scd | sed 's/++$//; s/\*//g' >"$work/man"
ok "the man page's synopsis is the table" diff "$work/table" "$work/man"
for c in $commands; do
	jw "$c" --help
	# Long options of the command itself, which the man page explains.
	grep -oE '^  (-., )?--[a-z-]+' "$out" | grep -oE -- '--[a-z-]+' | while read -r o; do
		grep -qF -- "*$o*" user/man/jobward.1.scd || echo "$c $o"
	done
done >"$work/untold"
ok "the man page has every option" [ ! -s "$work/untold" ]

jw --completion bash
ok "bash completion is as generated" diff -q "$out" user/completion/jobward.bash
ok "bash takes it" bash -n "$out"
jw --completion zsh
ok "zsh completion is as generated" diff -q "$out" user/completion/_jobward
jw --completion jobs
ok "names of jobs for completion" is "$(wc -l <"$out")" 7
ok "one to a line, harmless" harmless "$out"
# shellcheck disable=SC2034
complete_words() {
	COMP_WORDS=("$@")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	# shellcheck source=/dev/null
	. user/completion/jobward.bash
	_jobward 2>/dev/null
	echo "${COMPREPLY[*]}"
}
ok "completes commands" is "$(complete_words jobward st)" "status"
ok "completes states" is "$(complete_words jobward jobs --state d)" "denied"
ok "completes options" is "$(complete_words jobward log --si)" "--since"
ok "completes past a global option" is "$(complete_words jobward --store x mode enf)" "enforce"

jw
ok "no command is bad usage" is "$rc" 2
jw nonsense
ok "an unknown command is bad usage" is "$rc" 2
ok "and says so" warns "there is no command 'nonsense'"
jw stat
ok "a beginning is made whole" warns "do you mean 'status'?"
jw help log
ok "help is a word too" grep -q '^Usage: jobward log ' "$out"
jw $'\033[2Jx'
ok "what was typed is shown harmlessly" harmless "$err"
jw jobs --nonsense
ok "an unknown option is bad usage" is "$rc" 2
jw jobs --state
ok "an option without its value is bad usage" is "$rc" 2
jw jobs extra
ok "a word too many is bad usage" is "$rc" 2
jw show
ok "a word too few is bad usage" is "$rc" 2
jw --version
ok "version" is "$rc" 0
