#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module gate: what loads and what does not, by finit_module and init_module, and what the record says.
TEST_MODULES=1
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_module.py"
