#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Edit: private copy, check, write through the daemon, offer. The stores of this host are only read; the daemon is a stand-in.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
start_daemon
export EDITOR=$work/editor
# What the editor does with the file.
editor() { printf '#!/bin/sh\n%s\n' "$1" >"$EDITOR"; chmod +x "$EDITOR"; }
target=/etc/cron.d/jobward-test-of-the-cli
[ ! -e $target ] || { echo "Bail out! $target is there"; exit 1; }
mkdir -p "$work/tmp"
export TMPDIR=$work/tmp
if [ ! -d /etc/cron.d ]; then
	tests=1
	echo "ok 1 - edit # SKIP no /etc/cron.d here"
	exit 0
fi

editor 'echo "*/5 * * * * root /bin/true" >>"$1"; stat -c "%a %U" "$1" "${1%/*}" >"'"$work"'/seen"'
jw edit $target
ok "edit" is "$rc" 0
ok "the copy is private" is "$(sort -u "$work/seen" | tr '\n' ,)" "600 $(id -un),700 $(id -un),"
ok "the daemon writes" asked ".cmd == \"edit\" and .path == \"$target\" and .content == \"*/5 * * * * root /bin/true\n\""
ok "nothing is left behind" [ -z "$(ls -A "$work/tmp")" ]
: >"$work/requests"

editor 'echo "61 * * * * root /bin/true" >>"$1"'
jw edit $target
ok "a table with an error: 2" is "$rc" 2
ok "says where" warns "$target:1"
ok "is not sent" [ ! -s "$work/requests" ]
ok "the text is kept" grep -q "61 " "$work"/tmp/*/*
rm -rf "${work:?}"/tmp/*

editor 'true'
jw edit $target
ok "nothing changed" is "$rc" 0
ok "is not sent" [ ! -s "$work/requests" ]
editor 'exit 3'
jw edit $target
ok "an editor that fails: 1" is "$rc" 1
ok "is not sent" [ ! -s "$work/requests" ]
editor 'printf "%%b" "*/5 * * * * root /bin/\\0377\n" >"$1"'
jw edit $target
ok "what is no text is refused" [ "$rc" != 0 ]
ok "is not sent" [ ! -s "$work/requests" ]
rm -rf "${work:?}"/tmp/*

editor 'echo "1 2 * * * root /bin/true" >>"$1"'
answer edit '{"ok":false,"error":"no store","code":2}'
jw edit $target
ok "the daemon refuses: its code" is "$rc" 2
ok "the text is kept" warns "your text is in $work/tmp"
rm -f "$work/answers/edit"
rm -rf "${work:?}"/tmp/*

# A terminal: the first text has an error and is edited again.
editor 'if grep -q bad "$1"; then echo "1 2 * * * root /bin/true" >"$1"; else echo "bad" >"$1"; fi'
printf 'y\n' | tests/cli/pty 80 "$JOBWARD" --store "$store" --control "$work/control" edit $target >"$out" || true
ok "on a terminal it can be mended" asked '.content == "1 2 * * * root /bin/true\n"'

jw edit /etc
ok "a folder: 2" is "$rc" 2
jw edit /nonexistent/x
ok "no folder: 2" is "$rc" 2
jw edit /dev/null
ok "a device: 2" is "$rc" 2
jw edit $target --yes --no-approve
ok "yes and no: 2" is "$rc" 2
