#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Writers that are made to do what somebody else says: by their environment, by a tracer, through their memory, by another process that
# says it were one; and the auditor's own freedom in the wrong hands.
PROGRAMS="acts meddle foreign"
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_taint.py"
