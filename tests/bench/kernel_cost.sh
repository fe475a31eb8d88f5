#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the guest, for scripts/bench: what jobward costs a kernel. See kernel_cost.py.
set -e
cd "$(dirname "$0")"
gcc -O1 -o /run/cost cost.c
gcc -O1 -static -nostartfiles -x c -o /run/nothing - <<'C'
/* The smallest program: what is measured is the exec, not the dynamic loader. */
void _start(void) { __asm__("mov $60, %eax; xor %edi, %edi; syscall"); }
C
export PYTHONPATH=/share/lib PYTHONDONTWRITEBYTECODE=1 JW_HEADER=/share/jobward.h JW_KO=/share/jobward.ko
exec python3 kernel_cost.py "$@"
