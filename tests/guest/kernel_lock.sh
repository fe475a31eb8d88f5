#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# The lock: each way to switch the guard off that the kernel offers to root, tried by root.
TEST_MODULES=1
JW_TIMEOUT=${JW_TIMEOUT:-2400}
PROGRAMS="acts meddle foreign"
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
# an auditor's program of its own, which can be changed
mkdir -p /srv/bin
cp "$(readlink -f /usr/bin/python3)" /srv/bin/auditor
exec /srv/bin/auditor "$here/lib/kernel_lock.py"
