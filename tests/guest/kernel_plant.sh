#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Jobs that plant jobs through writers: who may, who may not, and that nobody gets away from his job by forks, sessions, other parents
# or another's number.
PROGRAMS="acts sched"
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
exec python3 "$here/lib/kernel_plant.py"
