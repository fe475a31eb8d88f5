#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the module does with messages that are wrong: every one is refused with an errno, and harms neither table nor events.
PASS="JW_MUTATIONS JW_SEED"
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_netlink.py"
