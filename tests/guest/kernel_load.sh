#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# Loads and unloads under load: execs, opens and writes into a store all the while, tables committed, gates in enforce, events
# pending, viewers attached, auditors that die. Then nothing of it is left. JW_CYCLES: how often (default 6).
PASS=JW_CYCLES
VM_OPTIONS=${VM_OPTIONS:---smp 2}
JW_TIMEOUT=${JW_TIMEOUT:-3000}
JW_KEEP=1
PROGRAMS=acts
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_load.py"
