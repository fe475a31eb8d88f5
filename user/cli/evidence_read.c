// SPDX-License-Identifier: GPL-2.0
/*
 * A bundle is read again, by evidence show and verify: alone, offline, and as if an enemy had made it. Whatever does
 * not hold is named by its member, and in the events by the record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "evidence.h"
#include "lib/bundle.h"
#include "render.h"

/* Longest line of a member that is read by lines; jobs with texts of megabytes exist. */
#define LINE_MAX_BYTES (64 << 20)
#define DESCRIPTION_MAX (64 << 20)
#define LABEL_COLUMNS 10

struct checked {
	struct jw_cli *cli;
	struct jw_bundle bundle;
	json_t *description;		/* case.json; NULL: it can't be read */
	uint64_t records;		/* that hold, up to the first that does not */
	uint64_t bad_row, bad_line;	/* 0: none */
	char bad_cause[160];
	bool is_known;			/* the key is the one that was given */
	bool was_sealed;		/* digests and signature hold */
};

/* ---- members ---- */
struct lines {
	FILE *file;
	char *text;
	size_t len, room;
};

/* The next line without its end. Return: 1, 0 at the end, -E2BIG. */
static int next_line(struct lines *lines)
{
	int c;

	lines->len = 0;
	while ((c = getc_unlocked(lines->file)) != EOF && c != '\n') {
		if (lines->len + 1 >= LINE_MAX_BYTES)
			return -E2BIG;
		if (lines->len + 1 >= lines->room) {
			lines->room = lines->room ? 2 * lines->room : 4096;
			lines->text = jw_must(realloc(lines->text, lines->room));
		}
		lines->text[lines->len++] = (char)c;
	}
	if (lines->text)
		lines->text[lines->len] = '\0';
	/* Every line that was written has its end. */
	return c == '\n';
}

static void lines_done(struct lines *lines)
{
	if (lines->file)
		fclose(lines->file);
	free(lines->text);
}

static json_t *read_description(struct jw_bundle *bundle)
{
	struct lines lines = { .file = jw_bundle_member(bundle, "case.json") };
	json_error_t error;
	char *text = NULL;
	size_t len = 0;
	json_t *root;

	if (!lines.file)
		return NULL;
	text = jw_must(malloc(DESCRIPTION_MAX));
	len = fread(text, 1, DESCRIPTION_MAX, lines.file);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(root))
		jw_bundle_fault(bundle, "case.json", "line %d: it is no JSON object", error.line);
	free(text);
	lines_done(&lines);
	return root;
}

/* ---- the chain ---- */
static void bad_record(struct checked *checked, uint64_t row, uint64_t line, const char *cause)
{
	checked->bad_row = row;
	checked->bad_line = line;
	snprintf(checked->bad_cause, sizeof(checked->bad_cause), "%s", cause);
}

static bool parse_hex(const char *hex, uint8_t out[JW_CHAIN_SIZE])
{
	int i, n;

	if (!hex || strlen(hex) != 2 * JW_CHAIN_SIZE || strspn(hex, "0123456789abcdef") != 2 * JW_CHAIN_SIZE)
		return false;
	for (i = 0; i < JW_CHAIN_SIZE; i++)
		sscanf(hex + 2 * i, "%2hhx%n", &out[i], &n);
	return true;
}

static bool get_tip(const json_t *description, const char *key, struct jw_chain_tip *ret)
{
	const json_t *tip = json_object_get(description, key);

	ret->row = (uint64_t)json_integer_value(json_object_get(tip, "row"));
	return parse_hex(json_string_value(json_object_get(tip, "hash")), ret->hash);
}

static bool parse_link(const char *line, struct jw_record *ret)
{
	char before[65], hash[65];
	unsigned long long row;
	int end = -1;

	if (sscanf(line, "{\"row\":%llu,\"before\":\"%64[0-9a-f]\",\"hash\":\"%64[0-9a-f]\"}%n", &row, before, hash,
		   &end) != 3 || end < 0 || line[end] || !row)
		return false;
	ret->row = row;
	return parse_hex(before, ret->before) && parse_hex(hash, ret->hash);
}

struct chain {
	struct jw_chain_tip last;	/* that held */
	struct jw_chain_tip anchor, head;
	bool is_whole;
};

/* Does the record hold, and stand where it should? NULL: yes; else why not. */
static const char *check_record(const struct chain *chain, const struct jw_record *record, uint64_t line)
{
	const bool follows = record->row == chain->last.row + 1;
	struct jw_chain_tip tip = { .row = record->row - 1 };

	if (!follows && (chain->is_whole || record->row <= chain->last.row))
		return "a record is missing before it, or it is out of order";
	if (record->row > chain->head.row)
		return "it is not in the chain, which ends before it";
	/* In a selection the first record and those behind a gap have nothing to follow on. */
	if (follows && (line > 1 || chain->is_whole) && memcmp(record->before, chain->last.hash, JW_CHAIN_SIZE))
		return "it does not follow on the record before it";
	memcpy(tip.hash, record->before, JW_CHAIN_SIZE);
	jw_chain_link(&tip, record->doc, record->len);
	if (memcmp(tip.hash, record->hash, JW_CHAIN_SIZE))
		return "it is not what was written";
	if (record->row == chain->head.row && memcmp(tip.hash, chain->head.hash, JW_CHAIN_SIZE))
		return "it is not the end of the chain that was on record";
	return NULL;
}

static void check_lines(struct checked *checked, struct chain *chain, struct lines *events, struct lines *links)
{
	struct jw_record record = {0};
	const char *cause = NULL;
	uint64_t line = 0;
	int more = 0, more_links = 0;

	while (!cause) {
		more = next_line(events);
		more_links = next_line(links);
		if (more <= 0 || more_links <= 0)
			break;
		line++;
		if (!parse_link(links->text, &record)) {
			bad_record(checked, chain->last.row + 1, line, "its line in chain.jsonl is none");
			return;
		}
		record.doc = events->text;
		record.len = events->len;
		cause = check_record(chain, &record, line);
		if (cause) {
			bad_record(checked, record.row, line, cause);
			return;
		}
		chain->last.row = record.row;
		memcpy(chain->last.hash, record.hash, JW_CHAIN_SIZE);
		checked->records++;
	}
	if (more || more_links || events->len || links->len)
		bad_record(checked, chain->last.row + 1, line + 1, "it is cut short, too long, or has no hash");
	else if (chain->is_whole && chain->last.row != chain->head.row)
		bad_record(checked, chain->last.row + 1, line + 1, "it is missing, with all behind it");
}

static void check_chain(struct checked *checked)
{
	struct lines events = { .file = jw_bundle_member(&checked->bundle, "events.jsonl") },
		     links = { .file = jw_bundle_member(&checked->bundle, "chain.jsonl") };
	struct chain chain = { .is_whole = json_is_true(json_object_get(checked->description, "whole")) };

	if (!events.file || !links.file)
		jw_bundle_fault(&checked->bundle, events.file ? "chain.jsonl" : "events.jsonl", "it is missing");
	else if (!get_tip(checked->description, "anchor", &chain.anchor) ||
		 !get_tip(checked->description, "head", &chain.head))
		jw_bundle_fault(&checked->bundle, "case.json", "it does not say where the chain begins and ends");
	else {
		if (chain.is_whole)
			chain.last = chain.anchor;
		check_lines(checked, &chain, &events, &links);
	}
	if (checked->bad_row)
		jw_bundle_fault(&checked->bundle, "events.jsonl", "the record in row %llu: %s",
				(unsigned long long)checked->bad_row, checked->bad_cause);
	lines_done(&events);
	lines_done(&links);
}

/* ---- all of it ---- */
static int check_key(struct checked *checked)
{
	const char *path = jw_cli_option(checked->cli, "key");
	char fingerprint[JW_FINGERPRINT_MAX];
	EVP_PKEY *key = NULL;
	int err;

	if (!path)
		return JW_EXIT_YES;
	err = jw_key_read_public(path, &key);
	if (!err)
		err = jw_key_fingerprint(key, fingerprint);
	EVP_PKEY_free(key);
	if (err)
		return jw_cli_usage(checked->cli, "cannot read a key from '%s': %s", jw_show(path),
				    err == -EINVAL ? "it is no Ed25519 public key in PEM" : strerror(-err));
	checked->is_known = !strcmp(fingerprint, checked->bundle.fingerprint);
	if (!checked->is_known)
		jw_bundle_fault(&checked->bundle, "key.pem", "it is signed by another key than the one that was given");
	return JW_EXIT_YES;
}

static int check(struct jw_cli *cli, const char *path, struct checked *ret)
{
	int err;

	*ret = (struct checked){ .cli = cli };
	err = jw_bundle_read(&ret->bundle, path);
	switch (err) {
	case 0:
	case -EBADMSG:
		break;
	case -EINVAL:
		jw_complain("refused '%s': %s", jw_show(path), jw_show(ret->bundle.cause));
		return JW_EXIT_USAGE;
	case -ENOMEM:
		jw_must(NULL);
		return JW_EXIT_NO;
	default:
		jw_complain("cannot read '%s': %s", jw_show(path), strerror(-err));
		return err == -EACCES || err == -EPERM ? JW_EXIT_NOT_PERMITTED : JW_EXIT_USAGE;
	}
	ret->was_sealed = !err;
	/* Without it the file was not read to its end. */
	if (!ret->bundle.manifest)
		return JW_EXIT_YES;
	ret->description = read_description(&ret->bundle);
	if (ret->description)
		check_chain(ret);
	return check_key(ret);
}

static void checked_done(struct checked *checked)
{
	json_decref(checked->description);
	jw_bundle_done(&checked->bundle);
}

static bool holds(const struct checked *checked)
{
	return !checked->bundle.place[0];
}

/* ---- verify ---- */
static json_t *to_json(const struct checked *checked)
{
	json_t *root = jw_must(json_object()), *key = jw_must(json_object());

	jw_json_set(root, "ok", json_boolean(holds(checked)));
	jw_json_set(root, "checked", json_integer((json_int_t)checked->records));
	if (checked->bad_row)
		jw_json_set(root, "bad_row", json_integer((json_int_t)checked->bad_row));
	if (!holds(checked)) {
		jw_json_set_text(root, "place", checked->bundle.place);
		jw_json_set_text(root, "cause", checked->bundle.cause);
	}
	jw_json_set(root, "members", json_integer((json_int_t)checked->bundle.n_members));
	if (checked->bundle.fingerprint[0])
		jw_json_set_text(key, "fingerprint", checked->bundle.fingerprint);
	jw_json_set(key, "known", json_boolean(checked->is_known));
	jw_json_set(root, "key", key);
	return root;
}

static void print_line(const char *label, enum jw_style style, const char *text)
{
	jw_print_labelled(label, LABEL_COLUMNS, style, text);
}

static void print_fault(const struct checked *checked)
{
	printf("%s: %s: %s\n", jw_show_styled(JW_BAD, "altered"), jw_show(checked->bundle.place),
	       jw_show(checked->bundle.cause));
	if (!checked->bad_row)
		return;
	print_line("record", JW_BAD, jw_showf("row %llu, line %llu of events.jsonl: %s; %llu before it hold",
					     (unsigned long long)checked->bad_row, (unsigned long long)checked->bad_line,
					     checked->bad_cause, (unsigned long long)checked->records));
	if (checked->was_sealed)
		print_line("", JW_PLAIN, "digests and signature hold: the store had been altered before the bundle was made");
}

static void print_key(const struct checked *checked)
{
	if (!checked->bundle.fingerprint[0])
		return;
	print_line("key", JW_PLAIN, jw_showf("%s%s", checked->bundle.fingerprint,
					    checked->is_known ? ", the one that was given" : ""));
	if (checked->is_known || jw_cli_option(checked->cli, "key"))
		return;
	print_line("", JW_WARN, "It is known from the bundle alone. The signature proves that nothing was changed since it was "
				"made, not by whom: who changes a bundle can sign it anew with a key of their own. Compare the "
				"fingerprint with the host's, or give the host's public key with --key.");
}

static void print_seal(const struct checked *checked)
{
	const bool is_whole = json_is_true(json_object_get(checked->description, "whole"));

	if (!holds(checked))
		print_fault(checked);
	else
		printf("%s: %s, each with its hash; %s as in the manifest, and its signature\n",
		       jw_show_styled(JW_GOOD, "unaltered"),
		       jw_show_count((size_t)checked->records, "record", "records"),
		       jw_show_count(checked->bundle.n_members, "member", "members"));
	if (holds(checked) && !is_whole)
		print_line("", JW_PLAIN, "A selection: what lies between its records is not in it, and vouched for by the "
					 "signature alone.");
	print_key(checked);
}

int jw_evidence_verify(struct jw_cli *cli, const char *path)
{
	struct checked checked;
	int code = check(cli, path, &checked);

	if (!code) {
		if (cli->json)
			jw_json_print(to_json(&checked));
		else
			print_seal(&checked);
		code = holds(&checked) ? JW_EXIT_YES : JW_EXIT_NO;
	}
	checked_done(&checked);
	return code;
}

/* ---- show ---- */
/* Lines of a member that are JSON objects, one by one. */
static void each_object(const struct checked *checked, const char *name, void (*fn)(void *ctx, json_t *object), void *ctx)
{
	struct lines lines = { .file = jw_bundle_member(&checked->bundle, name) };
	json_t *object;

	while (lines.file && next_line(&lines) > 0) {
		object = json_loadb(lines.text, lines.len, JSON_REJECT_DUPLICATES, NULL);
		if (json_is_object(object))
			fn(ctx, object);
		json_decref(object);
	}
	lines_done(&lines);
}

static void keep_object(void *ctx, json_t *object)
{
	jw_json_add(ctx, json_incref(object));
}

static json_t *all_objects(const struct checked *checked, const char *name)
{
	json_t *array = jw_must(json_array());

	each_object(checked, name, keep_object, array);
	return array;
}

static const char *text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_integer(value))
		return jw_showf("%lld", (long long)json_integer_value(value));
	return json_is_string(value) ? jw_show_bytes(json_string_value(value), json_string_length(value)) : NULL;
}

static const char *or_dash(const char *shown)
{
	return shown ? shown : "-";
}

static void add_job(void *ctx, json_t *job)
{
	const char *line = text_of(json_object_get(job, "source"), "line");
	const char *place = or_dash(text_of(json_object_get(job, "source"), "path"));

	jw_table_add(ctx, JW_STRONG, or_dash(text_of(job, "id")));
	jw_table_add(ctx, JW_PLAIN, or_dash(text_of(job, "state")));
	jw_table_add(ctx, JW_PLAIN, or_dash(text_of(job, "owner")));
	jw_table_add(ctx, JW_DIM, jw_showf("%zu", json_array_size(json_object_get(job, "versions"))));
	jw_table_add(ctx, JW_PLAIN, line ? jw_showf("%s:%s", place, line) : place);
	jw_table_add(ctx, JW_PLAIN, or_dash(text_of(job, "command")));
}

static void print_jobs(const struct checked *checked)
{
	static const struct jw_column columns[] = {
		{"JOB", 0, 0, false}, {"STATE", 0, 0, false}, {"OWNER", 0, 2, false}, {"VERSIONS", 0, 1, false},
		{"SOURCE", 16, 0, true}, {"COMMAND", 12, 0, false},
	};
	struct jw_table *table = jw_table_new(columns, sizeof(columns) / sizeof(columns[0]));

	putchar('\n');
	each_object(checked, "jobs.jsonl", add_job, table);
	jw_table_print(table, stdout);
	jw_table_free(table);
}

static void print_finding(void *ctx, json_t *finding)
{
	const char *text = text_of(finding, "text"), *cleared = text_of(finding, "cleared");

	print_line((*(size_t *)ctx)++ ? "" : "findings", cleared ? JW_DIM : JW_BAD,
		   jw_showf("%s: %s%s", or_dash(text_of(finding, "name")), or_dash(text), cleared ? " (over)" : ""));
}

static void print_case(const struct checked *checked)
{
	static const struct {
		const char *label, *key;
	} rows[] = {
		{"note", "note"}, {"host", "host"}, {"made", "made"}, {"by", "by"}, {"with", "with"}, {"store", "store"},
		{"since", "since"}, {"until", "until"}, {"events", "events"}, {"jobs", "jobs"},
	};
	const json_t *head = json_object_get(checked->description, "head"), *boot;
	const char *boots = "";
	size_t i, findings = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		print_line(rows[i].label, JW_PLAIN, text_of(checked->description, rows[i].key));
	json_array_foreach(json_object_get(checked->description, "boots"), i, boot)
		boots = jw_showf("%s%s%s", boots, i ? "\n" : "", or_dash(text_of(boot, "boot")));
	print_line("boots", JW_PLAIN, boots);
	if (head)
		print_line("head", JW_PLAIN, jw_showf("row %s, %s", or_dash(text_of(head, "row")), or_dash(text_of(head, "hash"))));
	each_object(checked, "findings.jsonl", print_finding, &findings);
}

static void show_json(const struct checked *checked)
{
	json_t *root = jw_must(json_object());

	jw_json_set(root, "case", checked->description ? json_incref(checked->description) : json_object());
	jw_json_set(root, "jobs", all_objects(checked, "jobs.jsonl"));
	jw_json_set(root, "decisions", all_objects(checked, "decisions.jsonl"));
	jw_json_set(root, "findings", all_objects(checked, "findings.jsonl"));
	jw_json_set(root, "verify", to_json(checked));
	jw_json_print(root);
}

int jw_evidence_show(struct jw_cli *cli, const char *path)
{
	struct checked checked;
	int code = check(cli, path, &checked);

	if (!code) {
		if (cli->json) {
			show_json(&checked);
		} else {
			print_seal(&checked);
			putchar('\n');
			print_case(&checked);
			print_jobs(&checked);
		}
		code = holds(&checked) ? JW_EXIT_YES : JW_EXIT_NO;
	}
	checked_done(&checked);
	return code;
}
