#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check: every shipped hunt has its record, every rule what it finds there
# A rule's record tells both: what is found, in "# finds:" lines, and all else in it is what must not be.
cd "$(dirname "$0")/../.." || exit
for f in user/hunts/*.sql; do
	n=${f##*/} n=${n%.sql}
	for kind in record expect; do
		[ -s "tests/hunts/$n.$kind" ] || echo "$f: there is no tests/hunts/$n.$kind"
	done
	! grep -q '^-- finding: ' "$f" || grep -q '^# finds: ' "tests/hunts/$n.record" || echo "$f: tests/hunts/$n.record has no '# finds:' line"
done
