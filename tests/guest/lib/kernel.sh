# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests of the kernel module alone. Sourced first: on the host it builds the module for the guests named as arguments (all three
# by default), runs the script in each, and does not return. In the guest it loads the module and makes what the tests need.
#   JW_KEEP=1   the module is not loaded: the test does it
#   TEST_MODULES=1   the modules of tests/kmod are in /share, too
#   PROGRAMS=   which of tests/guest/programs are in /run
# Options for scripts/vm are in VM_OPTIONS, what the script is to have in its environment in PASS (names).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if [ -z "${JW_GUEST:-}" ]; then
	top=$(cd "$here/../.." && pwd)
	[ $# -gt 0 ] || set -- bookworm trixie backports
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	status=0
	for g; do
		rm -rf "${work:?}/share"; mkdir -p "$work/share"
		"$top/scripts/vm" make "$g" -s modules ${TEST_MODULES:+test-modules} ${PROGRAMS:+test-programs} >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 125; }
		# where scripts/vm keeps this checkout as built for the guest
		build=${XDG_CACHE_HOME:-$HOME/.cache}/jobward/$g/build-$(printf %s "$top" | sha256sum | cut -c1-12)/src
		cp "$build/jobward.ko" ${TEST_MODULES:+"$build"/tests/kmod/*.ko} "$top/include/uapi/linux/jobward.h" "$work/share/"
		mkdir "$work/share/programs"
		for name in ${PROGRAMS:-}; do cp "$build/build/guest/$name" "$work/share/programs/"; done
		for name in ${PASS:-}; do [ -z "${!name:-}" ] || printf '%s=%q\n' "$name" "${!name}"; done >"$work/share/env"
		echo "# $(basename "$0") on $g"
		# shellcheck disable=SC2086
		"$top/scripts/vm" run --guest "$g" --mode off --timeout "${JW_TIMEOUT:-600}" --share "$work/share" ${VM_OPTIONS:-} "$0" || status=$?
	done
	exit $status
fi

set -a
# shellcheck source=/dev/null
. /share/env
set +a
# (no PYTHONPATH: it would taint what the tests start as a package manager; python finds what lies beside a script)
export PYTHONDONTWRITEBYTECODE=1 JW_HEADER=/share/jobward.h JW_KO=/share/jobward.ko
cp /share/programs/* /run/ 2>/dev/null
[ -n "${JW_KEEP:-}" ] || insmod "$JW_KO" ${JW_KO_ARGS:+"$JW_KO_ARGS"} || exit 125
