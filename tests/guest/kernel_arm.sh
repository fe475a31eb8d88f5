#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Arming the gates where a function belongs to somebody else already: that one row is off, is said to be, and the others hold.
TEST_MODULES=1
JW_KEEP=1
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_arm.py"
