#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Evidence: the bundle and what is in it, its seal, every way to tamper with it, bundles of enemies, and its other shapes.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
bad=$(id_of /etc/cron.d/zz-update)
b=$work/case.tar
member() { tar -xOf "$b" "$1"; }
# More than the rows that are checked when a store is opened: what is altered in it shows at verify.
seq 7 120 | jq -c --arg boot "$("$JOBWARD" --store "$store" log --json -n 1 | jq -r .boot)" --arg time "$(date -u +%FT%T.%NZ)" \
	'{seq: ., boot: $boot, time: $time, kind: "write", action: "modify", verdict: "allow", reason: "writer", subject: {pid: 9, uid: 0,
	  euid: 0, exe: "/usr/bin/crontab"}, object: {path: "/var/spool/cron/crontabs/alice"}}' | "$MAKE_STORE" --append "$store"

# ---- what is in it
jw evidence export "$b" --note "odd job after the login of monday"
ok "export" is "$rc" 0
ok "says what it took" says "120 events and 7 jobs"
ok "only its owner may read it" is "$(stat -c %a "$b")" 600
jw log --json
ok "events as log has them" cmp <(member events.jsonl) "$out"
ok "a hash for each" is "$(member chain.jsonl | jq -s 'map(.hash | length) | add / 64')" 120
ok "each follows on the one before" is "$(member chain.jsonl | jq -s '[range(1; length) as $i | .[$i].before == .[$i - 1].hash] | all')" true
ok "the case: note, host, boots, head" is "$(member case.json | jq -c '[.note, (.host | length > 0), (.boots | length), .head.row, .whole, .events, .jobs]')" \
	'["odd job after the login of monday",true,1,120,true,120,7]'
member jobs.jsonl >"$work/jobs"
ok "every version of a job" is "$(jq -c 'select(.source.path == "/etc/systemd/system/backup.timer") | .versions | length' "$work/jobs")" 2
ok "its text, byte by byte" is "$(member "texts/$(jq -r "select(.id == \"$bad\") | .versions[0].text_sha256" "$work/jobs")" | sha256sum | cut -d' ' -f1)" \
	"$(jq -r "select(.id == \"$bad\") | .text_sha256" "$work/jobs")"
ok "its programs by their hash" is "$(jq -r "select(.id == \"$bad\") | .pins[0].sha256" "$work/jobs")" "11$(printf '0%.0s' {1..62})"
ok "decisions" is "$(member decisions.jsonl | jq -r .by | sort -u)" "root (uid 0, login alice, pts/0)"
ok "findings" is "$(member findings.jsonl | jq -r .name)" gate-write
mkdir "$work/x" && tar -xf "$b" -C "$work/x"
ok "the manifest has the digest of each" is "$(cd "$work/x" && jq -r '.members | to_entries[] | "\(.value.sha256)  \(.key)"' manifest.json | sha256sum -c --quiet 2>&1)" ""
ok "openssl verifies it too" openssl pkeyutl -verify -pubin -inkey "$work/x/key.pem" -rawin -in "$work/x/manifest.json" -sigfile "$work/x/manifest.sig" >/dev/null

# ---- the key
ok "the key is beside the store" is "$(stat -c %a "$work/evidence.key")" 600
openssl pkey -in "$work/evidence.key" -pubout >"$work/host.pem"
openssl pkey -in "$work/evidence.key" -pubout -outform DER | sha256sum | cut -d' ' -f1 >"$work/fingerprint"
jw evidence verify "$b"
ok "verify" is "$rc" 0
ok "with the fingerprint" says "$(cat "$work/fingerprint")"
ok "and what the signature does not prove" says "not by whom"
jw evidence verify "$b" --key "$work/host.pem"
ok "by a known key" is "$rc" 0
ok "that is said" says "the one that was given"
jw evidence verify "$b" --json
ok "as JSON" json '.ok and .checked == 120 and (.key.known | not)'
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout >"$work/other.pem"
jw evidence verify "$b" --key "$work/other.pem"
ok "another key: 1" is "$rc" 1
ok "says so" says "another key"
jw evidence verify "$b" --key "$b"
ok "no key: bad input" is "$rc" 2
jw evidence export "$work/second.tar"
ok "the key stays the same" is "$(tar -xOf "$work/second.tar" key.pem)" "$(member key.pem)"
chmod 640 "$work/evidence.key"
jw evidence export "$work/third.tar"
ok "a key that others may read signs nothing" is "$rc" 2
ok "and nothing is left" not test -e "$work/third.tar"
chmod 600 "$work/evidence.key"
rc=0
"$JOBWARD" --store /dev/fd/3 evidence export "$work/fd.tar" 3<"$store" >"$out" 2>"$err" || rc=$?
ok "where no key can be kept" is "$rc" 0
ok "it says that" warns "made for it alone"
jw evidence verify "$work/fd.tar"
ok "and it still verifies" is "$rc" 0

# ---- show
jw evidence show "$b"
ok "show" is "$rc" 0
ok "the case" says "odd job after the login of monday"
ok "the jobs" says "/etc/cron.d/zz-update:3"
ok "nothing acts on a terminal" harmless "$out"
jw evidence show "$b" --json
ok "as JSON" json '.verify.ok and (.jobs | length) == 7 and .case.note != null'
rm -f "$work/none.db"
jw --store "$work/none.db" evidence verify "$b"
ok "no store is needed" is "$rc" 0

# ---- a selection
jw evidence export "$b" --job "${bad:0:8}"
ok "one job" is "$rc" 0
ok "its runs and its file's writes" is "$(member events.jsonl | jq -s -c 'map(.seq)')" "[1,2,4]"
ok "itself alone" is "$(member jobs.jsonl | jq -r .id)" "$bad"
jw evidence verify "$b"
ok "a selection verifies" is "$rc" 0
ok "and is said to be one" says "A selection"
jw evidence export "$b" --job "$bad" --job /etc/crontab:17 --since -21m
ok "several, by time" is "$(member events.jsonl | jq -s -c 'map(.seq)')" "[4,5]"
jw evidence export "$b" --job "$bad" /etc/crontab:17
ok "several after one --job" is "$(member jobs.jsonl | wc -l)" 2
jw evidence export "$b" --job nix
ok "no such job: 1" is "$rc" 1
ok "what was there stays" is "$(member jobs.jsonl | wc -l)" 2
for bad_args in "" "export" "nix $b" "export $b too" "show $b too" "export $b --since never" "export $b --format pdf" "verify $work/none" "verify $work" \
	"export $b --key $b"; do
	# shellcheck disable=SC2086
	jw evidence $bad_args
	ok "bad input: $bad_args" is "$rc" 2
done

# ---- altered: in the store
cp "$store" "$work/copy.db"
sqlite3 "$work/copy.db" "UPDATE event SET doc = replace(doc, '10.0.0.5', '10.0.0.6') WHERE id = 1" >/dev/null
jw --store "$work/copy.db" evidence export "$b"
ok "an altered store is taken along" is "$rc" 0
ok "with a word on it" warns "the record in row 1"
jw evidence verify "$b"
ok "verify: 1" is "$rc" 1
ok "names the record" says "row 1, line 1 of events.jsonl"
ok "and that it was so before" says "before the bundle was made"
jw evidence verify "$b" --json
ok "as JSON" json '.ok == false and .bad_row == 1'
jw --store "$work/copy.db" evidence export "$b" --since -20m
jw evidence verify "$b"
ok "a selection that an altered record is not in" is "$rc" 0
cp "$store" "$work/copy.db"
sqlite3 "$work/copy.db" "DELETE FROM event WHERE id = 30" >/dev/null
jw --store "$work/copy.db" evidence export "$b"
jw evidence verify "$b" --json
ok "a record that is missing" json '.ok == false and .bad_row == 31'

# ---- altered: in the bundle
jw evidence export "$work/whole.tar"
tamper() { tests/cli/tamper "$@"; }
for m in events.jsonl chain.jsonl jobs.jsonl decisions.jsonl findings.jsonl case.json key.pem manifest.json manifest.sig; do
	for where in header data padding; do
		tamper change "$work/whole.tar" "$b" "$m" $where
		jw evidence verify "$b"
		ok "one byte, $where of $m: 1" is "$rc" 1
		# A damaged header is told by the member before it; key and signature by what was signed.
		case $where.$m in
		header.events.jsonl) place=events.jsonl ;;
		header.*) place=".*" ;;
		data.key.pem) place="(key.pem|manifest.json)" ;;
		data.manifest.sig) place=manifest.json ;;
		*) place=$m ;;
		esac
		ok "names it" grep -qE "^altered: $place: " "$out"
	done
done
tamper change "$work/whole.tar" "$b" events.jsonl data
jw evidence verify "$b"
ok "in the events the record is named" grep -qE 'record +row [0-9]+, line [0-9]+ of events.jsonl: it is not what was written' "$out"
tamper byte "$work/whole.tar" "$b" -1
jw evidence verify "$b"
ok "the last byte of all" is "$rc" 1
cp "$work/whole.tar" "$b"; printf x >>"$b"
jw evidence verify "$b"
ok "a byte too many" is "$rc" 1
# Somebody who signs it anew: only the key tells.
tamper forge "$work/whole.tar" "$b" 10.0.0.5 10.0.0.99
jw evidence verify "$b"
ok "forged and signed anew it holds in itself" is "$rc" 0
ok "which is what is said" says "can sign it anew"
jw evidence verify "$b" --key "$work/host.pem"
ok "but not by the host's key" is "$rc" 1

# ---- bundles of enemies
refused() { jw evidence verify "$b"; [ "$rc" = 2 ] && silent && [ "$(wc -l <"$err")" = 1 ] && warns "refused"; }
mkdir "$work/empty"
before=$(find "$work" | sort | sha256sum)
for act in 'add("../../etc/cron.d/x")' 'add("/etc/cron.d/x")' 'add("events.jsonl/../../x")' 'add("texts/../x")' 'add("other")' 'add("texts/" + "g" * 64)' \
	'add("events.jsonl", type=tarfile.SYMTYPE, linkname="/etc/shadow")' 'add("events.jsonl", type=tarfile.LNKTYPE, linkname="case.json")' \
	'add("events.jsonl", type=tarfile.DIRTYPE)' 'add("events.jsonl", type=tarfile.CHRTYPE)' 'add("\033[2J")'; do
	tamper enemy "$b" "$act"
	ok "refused: $act" refused
	ok "harmless" harmless "$err"
done
: >"$b"; ok "refused: an empty file" refused
head -c 100000 /dev/zero >"$b"; ok "refused: zeros" refused
head -c 100000 /dev/urandom >"$b"; ok "refused: noise" refused
tamper enemy "$b" 'add("events.jsonl"); add("events.jsonl")'
jw evidence verify "$b"
ok "twice the same: not as it was written" is "$rc" 1
for size in 1 511 512 513 5000 20000; do
	head -c -$size "$work/whole.tar" >"$b"
	jw evidence verify "$b"
	ok "truncated by $size: 1" is "$rc" 1
done
# A size in the header that the file does not have.
tamper huge "$b"
jw evidence verify "$b"
ok "a member bigger than the file" is "$rc" 1
ok "is told" says "truncated"
ln -sf /dev/zero "$work/device.tar"
jw evidence verify "$work/device.tar"
ok "a device is no bundle" is "$rc" 2
rm "$work/device.tar"
ok "verify leaves nothing anywhere" is "$(find "$work" | sort | sha256sum)" "$before"

# ---- other shapes
jw evidence export "$work/stix.json" --format stix --note "the case"
ok "STIX" is "$rc" 0
cp "$work/stix.json" "$out"
ok "nothing in it but ASCII" not grep -qP '[^\x20-\x7e\n]' "$out"
ok "ids are UUIDs of version 5" json '[.. | objects | select(has("id")) | .id] | all(test("^[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"))'
ok "each once" json '[.objects[].id] | length == (unique | length)'
ok "an id begins with its type" json '.objects | all(.type as $t | .id | startswith($t + "--"))'
ok "what is referred to is there" json '[.objects[].id] as $ids | [.objects[] | to_entries[] | select(.key | test("_refs?$")) | .value | if type == "array" then .[] else . end] | all(. as $r | $ids | index($r))'
required() { json "[.objects[] | select(.type == \"$1\")] | length > 0 and all($2)"; }
own='.spec_version == "2.1" and (.created | test("^....-..-..T..:..:..[.][0-9]{3}Z$")) and (.modified >= .created)'
ok "identity" required identity "$own and .name and .identity_class == \"system\""
ok "observed-data" required observed-data "$own and .first_observed <= .last_observed and .number_observed > 0 and (.object_refs | length > 0)"
ok "attack-pattern" required attack-pattern "$own and .name and .external_references[0].source_name == \"mitre-attack\" and (.external_references[0].external_id | test(\"^T1\"))"
ok "sighting" required sighting "$own and (.sighting_of_ref | startswith(\"attack-pattern--\")) and (.observed_data_refs | length > 0) and .count > 0"
ok "grouping" required grouping "$own and .context and (.object_refs | length > 0)"
ok "file" required file '.name'
ok "user-account" required user-account '.user_id'
ok "equal acts are one, with their number" json '[.objects[] | select(.type == "observed-data") | .number_observed] | max == 114'
ok "the id that the specification gives an address" json '.objects | any(.type == "ipv4-addr" and .id == "ipv4-addr--9b2a70bf-92d9-5cd3-a61c-f06e7f0277c9")'
jw evidence export "$work/again.json" --format stix --note "the case"
ok "the same case has the same ids" is "$(jq -c '[.objects[].id]' "$work/again.json")" "$(jq -c '[.objects[].id]' "$work/stix.json")"
jw evidence export - --format navigator
ok "a layer of ATT&CK Navigator, to standard output" is "$rc" 0
ok "format 4.5" json '.versions.layer == "4.5" and .domain == "enterprise-attack" and (.name | length > 0)'
ok "observed has a score" json '.techniques | any(.techniqueID == "T1053.003" and .score == 4)'
ok "covered has a colour" json '.techniques | any(.techniqueID == "T1053.002" and (has("score") | not) and .color)'
jw evidence export - --format timeline
ok "a timeline" is "$rc" 0
ok "in order" is "$(sed 1d "$out" | cut -d, -f1)" "$(sed 1d "$out" | cut -d, -f1 | sort)"
ok "events, jobs, decisions, findings" is "$(sed 1d "$out" | cut -d, -f2 | sort -u | paste -sd,)" \
	"admin mode,decision,finding,job changed,job first seen,module load,run exec,write create,write modify"
tr -d '\r' <"$out" >"$work/lines"
ok "nothing acts on a terminal" harmless "$work/lines"
