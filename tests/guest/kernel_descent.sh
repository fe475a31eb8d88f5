#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a job's processes execute and whom they connect to: on record once in a run, whichever way it is done; nobody else's is.
# minutes: 2
PROGRAMS="sched connects"
JW_TIMEOUT=${JW_TIMEOUT:-2400}
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_descent.py"
