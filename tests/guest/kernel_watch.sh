#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 3
# Self-checks: pieces of the gates that a module takes away are missed, recorded and put back; signals to the auditor have a sender, and
# its silence is seen.
TEST_MODULES=1
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_watch.py"
