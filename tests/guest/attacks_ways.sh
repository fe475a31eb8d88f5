#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# vm: --mode enforce --timeout 2400
# Every store and every way in, from lib/attack_cells.py. A cell's line says what held: `ok N - attack: STORE: WAY: GATE`.
. lib/tap.sh
exec python3 lib/attacks_ways.py
