#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# minutes: 2
# vm: --mode audit --timeout 2400 --share tests/corpus
# guests: bookworm trixie
# The parsers against the daemons: nasty tables are listed and approved, then the real cron, anacron and atd run them. What they
# start must be what was listed, to the byte: the run gate allows it then, and audits it otherwise. What the parsers call
# unreadable must not start.
. lib/tap.sh
exec python3 lib/parsers_vs_daemons.py
