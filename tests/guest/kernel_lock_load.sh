#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The lock as a parameter, as it may stand on the kernel's command line: it holds before an auditor comes, and kexec is refused.
JW_KO_ARGS=lock_kexec=1
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_lock_load.py"
