#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Writers that are made to do what somebody else says: by their environment, by a tracer, through their memory, by another process that
# says it were one; and the auditor's own freedom in the wrong hands.
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
acts
gcc -O1 -w -o /run/meddle "$here/lib/meddle.c" || exit 125
gcc -O1 -w -shared -fPIC -o /run/foreign.so -x c - <<'C' || exit 125
#include <fcntl.h>
#include <stdlib.h>
__attribute__((constructor)) static void foreign(void)
{
	const char *path = getenv("FOREIGN");

	if (path)
		open(path, O_CREAT | O_WRONLY, 0644);
}
C
exec python3 "$here/lib/kernel_taint.py"
