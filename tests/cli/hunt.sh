#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Questions to the store: the list of hunts, SQL by hand, its forms and its limits, files that are wrong.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
mkdir "$work/own"
hunt_file() { printf -- '-- technique: %s\n-- severity: %s\n-- tells: all jobs\n-- reading: as it stands,\n--   over two lines\n%s\n' "$2" "$3" "$4" >"$work/own/$1.sql"; }

# ---- by hand
jw hunt --sql "SELECT kind, count(*) AS how_many FROM events GROUP BY kind ORDER BY kind"
ok "a table" is "$(tr -s ' ' <"$out" | paste -sd,)" "KIND HOW MANY,admin 1,module 1,run 3,write 1"
ok "is an answer" is "$rc" 0
jw hunt --sql "SELECT source_path, line, NULL AS none, x'00ff' AS bytes, 0.5 AS half, command FROM jobs WHERE state = 'unknown'" --json
ok "JSON, an object a row, absent where there is nothing" is "$(jq -c '[.source_path, .line, has("none"), .bytes, .half]' "$out")" \
	'["/etc/cron.d/zz-update",3,false,"00ff",0.5]'
ok "JSON has the bytes themselves" json '.command | contains("\u001b[2J")'
ok "escaped" harmless "$out"
jw hunt --sql "SELECT 1 AS a UNION SELECT 2" --json
ok "a stream of objects" is "$(paste -sd, "$out")" '{"a":1},{"a":2}'
jw hunt --sql "SELECT 'a,b' AS x, 'say \"so\"' AS y, '=1+1' AS z, -1 AS n, char(27) || 'c' AS e" --csv
ok "CSV: quotes, no formulas, no escapes" is "$(tail -1 "$out" | tr -d '\r')" "\"a,b\",\"say \"\"so\"\"\",'=1+1,-1,\\x1bc"
ok "CSV: names first" is "$(head -1 "$out" | tr -d '\r')" x,y,z,n,e
jw hunt --sql "SELECT CAST(x'414243ff1b5b324a' AS TEXT) AS t, 1 AS \"$(printf '\033[2J')\""
ok "bytes that are no characters, in values and names" harmless "$out"
ok "are shown" says 'ABC\xff\x1b[2J'
jw hunt --sql "SELECT CAST(x'414243ff' AS TEXT) AS t" --json
ok "and replaced in JSON" is "$(jq -r .t "$out")" "ABC�"
jw hunt --sql "SELECT id FROM jobs WHERE 0"
ok "nothing matches: 1" is "$rc" 1
ok "and says so" warns "nothing matches"
jw hunt --sql "SELECT row FROM events WHERE time_ns >= :since_ns AND time_ns < :until_ns" --since -21m --until -12m --json
ok "times are parameters" is "$(jq -s -c 'map(.row)' "$out")" "[4,5]"
jw hunt --sql "SELECT row FROM events" -n 2
ok "so many rows" is "$(wc -l <"$out")" 3
ok "and a word on the rest" warns "more rows than 2"
jw hunt --sql "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x LIMIT 5000) SELECT n FROM x" --csv
ok "no limit where the answer is a stream" is "$(wc -l <"$out")" 5001
jw_at 60 hunt --sql "SELECT * FROM events LIMIT 2"
ok "too wide for a table: a line a value" grep -qE ' -$' "$out"
jw_at 100 hunt --sql "SELECT kind, exe, command FROM events LEFT JOIN jobs ON id = job"
ok "fits" fits 100

# ---- what it may
refused() {
	before=$(sha256sum <"$store")
	jw hunt --sql "$1"
	[ "$rc" = 2 ] && silent && [ "$(sha256sum <"$store")" = "$before" ]
}
for sql in "DELETE FROM event" "DELETE FROM event RETURNING id" "PRAGMA journal_mode = DELETE" "PRAGMA wal_checkpoint" \
	"PRAGMA database_list" "UPDATE event SET doc = ''" "DROP VIEW events" "CREATE TABLE x (a)" "CREATE TEMP TABLE x (a)" \
	"ATTACH '$work/other.db' AS other" "VACUUM INTO '$work/other.db'" "PRAGMA user_version = 0" "PRAGMA writable_schema = 1" \
	"BEGIN" "SELECT load_extension('x')" "SELECT 1; DELETE FROM event" "SELECT nix FROM jobs" "SELEC 1" "" "SELECT :mine" "-- a word"; do
	ok "refused: $sql" refused "$sql"
done
ok "nothing came of it" [ ! -e "$work/other.db" ]
jw hunt --sql $'SELECT id,\n  nix\nFROM jobs'
ok "an error has its place" warns "--sql:2:3: no such column: nix"
jw hunt --sql "SELECT 1; -- a remark"
ok "a remark at the end is no second statement" is "$rc" 0
jw hunt --sql "PRAGMA table_info(jobs)" --csv
ok "which columns are there?" grep -q ',source_path,' "$out"
jw hunt --sql "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT max(n) FROM x" --timeout 300ms
ok "no such duration" is "$rc" 2
jw hunt --sql "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT max(n) FROM x" --timeout 1s
ok "ends when its time is over" is "$rc" 1
ok "and says so" warns "takes longer than 1 s"
jw hunt --sql "WITH RECURSIVE x(n) AS (SELECT zeroblob(50000000) UNION ALL SELECT n FROM x) SELECT group_concat(n) FROM x" --timeout 20s
ok "ends when it takes too much memory" is "$rc" 1
ok "and says that" warns "MiB"

# ---- the manual
scripts/hunt-man user/man/jobward-hunt.5.scd user/lib/store/schema/views.sql user/hunts/*.sql >"$work/page.scd"
ok "the page is well formed" scdoc <"$work/page.scd" >"$work/page"
views=$(sed -n 's/^CREATE VIEW \(.*\) AS$/\1/p' user/lib/store/schema/views.sql)
ok "there are views" [ "$(wc -w <<<"$views")" -ge 10 ]
for v in $views; do
	jw hunt --sql "PRAGMA table_info($v)" --json
	ok "$v: the manual has its columns, and no others" diff <(jq -r .name "$out") \
		<(awk -v v="$v" '/^#/ { inside = $0 == "## " v } inside && /^[|]  _/ { gsub(/^[|]  _|_$/, ""); print }' "$work/page.scd")
done
for f in user/hunts/*.sql; do
	n=${f##*/}
	ok "the manual has ${n%.sql}" grep -qF "*${n%.sql}* (" "$work/page.scd"
done
mkdir "$work/manual"
awk -v folder="$work/manual" '/^```/ { n += !inside; inside = !inside; next }
	inside { print >(folder "/example-" n ".sql") }' user/man/jobward-hunt.5.scd
jw hunt example-1 --from "$work/manual" --json
ok "the manual's example works" is "$(jq -r .source_path "$out")" /var/spool/cron/crontabs/alice
jw hunt --try example-2 --from "$work/manual" --json
ok "the manual's rule too" json '.severity == "medium" and (.text | startswith("alice has a cron job in /var/spool/cron/crontabs/alice"))'

# ---- a store that is not as it should be
sqlite3 "$store" "PRAGMA journal_mode = DELETE" >/dev/null
cp "$store" "$work/copy.db"
sqlite3 "$work/copy.db" "DROP VIEW jobs; CREATE VIEW jobs AS SELECT 'all is well' AS id, 1 AS present; DROP VIEW events"
jw --store "$work/copy.db" hunt --sql "SELECT count(*) AS n FROM jobs JOIN events" --json
ok "a copy's own views are not trusted" is "$(jq .n "$out")" 42
jw hunt --store "$work/none.db" --sql "SELECT 1"
ok "no store" is "$rc" 3

# ---- files
jw hunt --from user/hunts
ok "the list" is "$rc" 0
ok "has all of them" is "$(($(wc -l <"$out") - 1))" "$(find user/hunts -name '*.sql' | wc -l)"
ok "none is wrong" [ ! -s "$err" ]
for columns in 60 80 120; do
	jw_at $columns hunt --from user/hunts
	ok "fits $columns columns" fits $columns
done
jw hunt --from user/hunts --json
ok "as JSON" json 'map(select(.name == "inline-code")) | .[0] | .severity == "high" and (.technique | index("T1140")) and (.tells | length > 9) and (.reading | length > 9)'
jw hunt --store "$work/none.db" --from user/hunts
ok "the list needs no store" is "$rc" 0
hunt_file good T1053 low "SELECT id FROM jobs"
jw hunt good --from "$work/own" --json
ok "a file of one's own" is "$(wc -l <"$out")" 7
hunt_file bad-column T1053.003 high $'SELECT id,\n  nix FROM jobs'
hunt_file bad-technique T99 high "SELECT 1"
hunt_file bad-severity T1053 terrible "SELECT 1"
hunt_file Bad T1053 low "SELECT 1"
printf -- '-- technique: T1053\n-- severity: low\n-- tels: x\nSELECT 1\n' >"$work/own/bad-key.sql"
printf 'SELECT 1\n' >"$work/own/no-head.sql"
printf -- '-- technique: T1053\n\0' >"$work/own/nul.sql"
ln -s /dev/zero "$work/own/device.sql"
hunt_file writes T1053 low "DELETE FROM event"
touch "$work/own/good.sql~" "$work/own/.hidden.sql" "$work/own/good.sql.dpkg-old"
jw hunt --from "$work/own"
ok "wrong files do not stop the list" is "$(sed 1d "$out" | awk '{ print $1 }')" good
ok "but are told by its end" is "$rc" 1
ok "one error each" is "$(wc -l <"$err")" 9
for words in "bad-column.sql:7:3: no such column: nix" "bad-technique.sql:1: a technique is written" "bad-severity.sql:2: a severity is" \
	"Bad.sql: the name of a hunt" "bad-key.sql:3: neither a key" "no-head.sql:1: the head lacks its 'technique:'" "nul.sql: there is a NUL" \
	"device.sql: is no regular file" "writes.sql: a question may only read"; do
	ok "says: $words" warns "$words"
done
jw hunt good --from "$work/own"
ok "nor the one that is asked" is "$rc" 0
ok "in silence" [ ! -s "$err" ]
jw hunt bad-column --from "$work/own"
ok "the wrong one itself is bad input" is "$rc" 2
ok "with file, line and cause" warns "own/bad-column.sql:7:3: no such column: nix"
jw hunt bad-severity --from "$work/own"
ok "also where its head is wrong" warns "own/bad-severity.sql:2: a severity is low, medium or high"
jw hunt nonsense --from user/hunts
ok "no such hunt" is "$rc" 2
jw hunt --from "$work/none"
ok "no such folder" is "$rc" 2
for bad_args in "good --sql x" "--json --csv" "-n x --sql x" "--since never --sql x" "--timeout never --sql x"; do
	# shellcheck disable=SC2086
	jw hunt $bad_args
	ok "bad usage: $bad_args" is "$rc" 2
done
jw_at 80 hunt good --from "$work/own"
ok "on a terminal the reading is told too" says "as it stands, over two lines"
