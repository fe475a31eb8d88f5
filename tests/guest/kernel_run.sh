#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# The run gate: what runs and what does not, by a stand-in for a scheduler in every way to execute, and by cron, at, run-parts and
# systemd themselves.
PROGRAMS="acts sched"
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_run.py"
