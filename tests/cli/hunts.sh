#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each shipped hunt over a record of its own, tests/hunts/NAME.record: it finds what NAME.expect has, and nothing else. Where
# it is a rule, its findings are those of the record's lines "# finds: SEVERITY: WORDS", and no others.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
answers() {
	jw hunt "$1" --from user/hunts --csv --until 2026-12-01T00:00:00Z
	[ "$rc" = 0 ] && diff "tests/hunts/$1.expect" <(tr -d '\r' <"$out")
}
findings() {
	jw hunt "$1" --try --from user/hunts --json --until 2026-12-01T00:00:00Z
	[ ! -s "$err" ] && diff <(sed -n 's/^# finds: //p' "tests/hunts/$1.record") <(jq -r '"\(.severity): \(.text)"' "$out")
}
for f in user/hunts/*.sql; do
	n=${f##*/} n=${n%.sql}
	store=$work/$n.db
	ok "$n: the record is taken" "$RECORD" "$store" <"tests/hunts/$n.record"
	ok "$n: finds what it is for, and no more" answers "$n"
	! grep -q '^-- finding: ' "$f" || ok "$n: its findings, and no more" findings "$n"
	jw hunt "$n" --from user/hunts --until 2026-10-01T00:00:00Z
	# same-text-many-owners and the like heed the first sight of a job; lesser-user-writes looks at what is there now.
	[ "$n" = lesser-user-writes ] || ok "$n: heeds the time" is "$rc" 1
	jw hunt "$n" --from user/hunts
	ok "$n: nothing acts on a terminal" harmless "$out"
done
for f in tests/hunts/*.record; do
	n=${f##*/} n=${n%.record}
	ok "$n: has its hunt" [ -e "user/hunts/$n.sql" ]
done
