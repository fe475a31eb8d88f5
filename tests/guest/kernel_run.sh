#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# The run gate: what runs and what does not, by a stand-in for a scheduler in every way to execute, and by cron, at, run-parts and
# systemd themselves.
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
acts
gcc -O1 -w -o /run/sched "$here/lib/sched.c" || exit 125
exec python3 "$here/lib/kernel_run.py"
