#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A full event ring: noise does not push out denials, what is lost is said exactly, and afterwards all flows.
JW_KO_ARGS=ring_kib=128
PROGRAMS=acts
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_ring.py"
