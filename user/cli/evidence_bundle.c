// SPDX-License-Identifier: GPL-2.0
/*
 * The case as a bundle: the chain's records byte by byte with their hashes, all versions of the jobs' texts, decisions,
 * findings, and a word on who took it along; sealed with the host's key.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "evidence.h"
#include "lib/bundle.h"
#include "render.h"

#define KEY_NAME "evidence.key"

struct sealing {
	struct jw_case *the_case;
	struct jw_bundle_writer *writer;
	FILE *events, *chain;
	json_t *description;
	size_t n_events;
	uint64_t bad_row;	/* first record that does not hold; 0: none */
};

static int complain(int err)
{
	if (err == -ENOMEM)
		jw_must(NULL);
	jw_complain("cannot write the bundle: %s", strerror(-err));
	return JW_EXIT_USAGE;
}

static void put_line(FILE *out, json_t *value)
{
	char *text = jw_must(json_dumps(value, JSON_COMPACT));

	fputs(text, out);
	putc('\n', out);
	free(text);
	json_decref(value);
}

/* ---- events and their chain ---- */
static int put_record(void *ctx, const struct jw_record *record)
{
	struct jw_chain_tip tip = { .row = record->row - 1 };
	struct sealing *sealing = ctx;

	memcpy(tip.hash, record->before, sizeof(tip.hash));
	jw_chain_link(&tip, record->doc, record->len);
	if (!sealing->bad_row && memcmp(tip.hash, record->hash, sizeof(tip.hash)))
		sealing->bad_row = record->row;
	fwrite(record->doc, 1, record->len, sealing->events);
	putc('\n', sealing->events);
	fprintf(sealing->chain, "{\"row\":%llu,\"before\":\"%s\",\"hash\":\"%s\"}\n", (unsigned long long)record->row,
		jw_show_hex(record->before, sizeof(record->before)), jw_show_hex(record->hash, sizeof(record->hash)));
	sealing->n_events++;
	jw_show_reset();
	return ferror(sealing->events) || ferror(sealing->chain) ? -EIO : 0;
}

static int put_events(struct sealing *sealing)
{
	struct jw_case *the_case = sealing->the_case;
	int err = jw_bundle_open_content(sealing->writer, &sealing->events);

	if (err)
		return complain(err);
	err = jw_bundle_open_content(sealing->writer, &sealing->chain);
	if (err) {
		fclose(sealing->events);
		return complain(err);
	}
	err = jw_store_records(the_case->cli->store, the_case->filters, the_case->n_filters, put_record, sealing);
	if (err) {
		fclose(sealing->events);
		fclose(sealing->chain);
		return jw_cli_store_failed(the_case->cli, "events", err);
	}
	err = jw_bundle_put(sealing->writer, "events.jsonl", sealing->events);
	if (err)
		fclose(sealing->chain);
	else
		err = jw_bundle_put(sealing->writer, "chain.jsonl", sealing->chain);
	return err ? complain(err) : JW_EXIT_YES;
}

/* ---- jobs ---- */
/* The bytes themselves; JSON holds none that are no UTF-8. Return: 0 or negative errno. */
static int put_text(struct sealing *sealing, json_t *object, const char *text, size_t len)
{
	char hex[65];
	int err;

	if (!text)
		return 0;
	err = jw_bundle_put_text(sealing->writer, text, len, hex);
	if (!err)
		jw_json_set(object, "text_sha256", json_string(hex));
	return err;
}

static int put_versions(struct sealing *sealing, const struct jw_job *job, json_t *object)
{
	struct jw_case *the_case = sealing->the_case;
	json_t *array = jw_must(json_array());
	struct jw_job_version *versions;
	int64_t before_ns = 0;
	size_t n, i;
	int code = JW_EXIT_YES, err = jw_store_get_versions(the_case->cli->store, job->id, &versions, &n);

	jw_json_set(object, "versions", array);
	if (err)
		return jw_cli_store_failed(the_case->cli, "the versions", err);
	for (i = 0; !code && i < n; i++) {
		json_t *version = jw_json_version(&versions[i]);

		jw_json_add(array, version);
		err = put_text(sealing, version, versions[i].source, versions[i].source_len);
		code = err ? complain(err) :
			     jw_case_planter(the_case, job, before_ns, versions[i].time_ns, version);
		before_ns = versions[i].time_ns;
	}
	jw_job_versions_free(versions, n);
	return code;
}

static int put_execs(struct sealing *sealing, const struct jw_job *job, json_t *object)
{
	json_t *execs = jw_json_execs(job);
	size_t i;
	int err = 0;

	for (i = 0; !err && i < job->n_execs; i++)
		if (job->execs[i].has_content)
			err = put_text(sealing, json_array_get(execs, i), job->execs[i].content, job->execs[i].content_len);
	jw_json_set(object, "execs", execs);
	return err ? complain(err) : JW_EXIT_YES;
}

static int put_job(struct sealing *sealing, const struct jw_job *job, FILE *out)
{
	json_t *object = jw_json_job(job, sealing->the_case->now_ns);
	int code = put_execs(sealing, job, object), err;

	jw_json_set(object, "uid", json_integer(job->uid));
	jw_json_set_text(object, "input", job->input);
	jw_json_set(object, "pins", jw_json_pins(job));
	err = put_text(sealing, object, job->source, job->source_len);
	if (!code && err)
		code = complain(err);
	if (!code)
		code = put_versions(sealing, job, object);
	put_line(out, object);
	jw_show_reset();
	return code;
}

static int put_jobs(struct sealing *sealing)
{
	FILE *out;
	size_t i;
	int code = JW_EXIT_YES, err = jw_bundle_open_content(sealing->writer, &out);

	if (err)
		return complain(err);
	for (i = 0; !code && i < sealing->the_case->n_jobs; i++)
		code = put_job(sealing, sealing->the_case->jobs[i], out);
	if (code) {
		fclose(out);
		return code;
	}
	err = jw_bundle_put(sealing->writer, "jobs.jsonl", out);
	return err ? complain(err) : JW_EXIT_YES;
}

/* ---- decisions, findings ---- */
static bool is_chosen(const struct jw_case *the_case, const json_t *row)
{
	const char *id = json_string_value(json_object_get(row, "job"));
	char have[JW_ID_HEX];
	size_t i;

	for (i = 0; id && i < the_case->n_jobs; i++) {
		jw_job_id_format(the_case->jobs[i]->id, have);
		if (!strcmp(have, id))
			return true;
	}
	return the_case->is_whole;
}

static int put_view(struct sealing *sealing, const char *view, const char *name, bool of_jobs)
{
	FILE *out;
	json_t *rows, *row;
	size_t i;
	int code = jw_json_rows(sealing->the_case->cli, view, &rows), err;

	if (code)
		return code;
	err = jw_bundle_open_content(sealing->writer, &out);
	if (!err) {
		json_array_foreach(rows, i, row)
			if (!of_jobs || is_chosen(sealing->the_case, row))
				put_line(out, json_incref(row));
		err = jw_bundle_put(sealing->writer, name, out);
	}
	json_decref(rows);
	return err ? complain(err) : JW_EXIT_YES;
}

/* ---- what the bundle is ---- */
static json_t *json_tip(const struct jw_chain_tip *tip)
{
	json_t *object = jw_must(json_object());

	jw_json_set(object, "row", json_integer((json_int_t)tip->row));
	jw_json_set_text(object, "hash", jw_show_hex(tip->hash, sizeof(tip->hash)));
	return object;
}

static int take_boot(void *ctx, const char *boot, uint64_t last_seq)
{
	json_t *object = jw_must(json_object());

	jw_json_set_text(object, "boot", boot);
	jw_json_set(object, "last_seq", json_integer((json_int_t)last_seq));
	jw_json_add(ctx, object);
	return 0;
}

/* Who takes it along: the user, and the one who logged in where that is another. */
static const char *by_whom(void)
{
	const char *text = jw_cli_user(getuid());
	FILE *file = fopen("/proc/self/loginuid", "re");
	unsigned int login;

	if (!file)
		return text;
	if (fscanf(file, "%u", &login) == 1 && login != (unsigned int)-1 && login != getuid())
		text = jw_showf("%s, login %s", text, jw_cli_user(login));
	fclose(file);
	return text;
}

static int describe_chain(struct sealing *sealing, json_t *description)
{
	struct jw_cli *cli = sealing->the_case->cli;
	struct jw_chain_tip anchor, head;
	json_t *boots = jw_must(json_array());
	int err = jw_store_chain_ends(cli->store, &anchor, &head);

	jw_json_set(description, "boots", boots);
	if (!err)
		err = jw_store_boots(cli->store, take_boot, boots);
	if (err)
		return jw_cli_store_failed(cli, "the chain", err);
	jw_json_set(description, "anchor", json_tip(&anchor));
	jw_json_set(description, "head", json_tip(&head));
	return JW_EXIT_YES;
}

static int describe(struct sealing *sealing)
{
	const struct jw_case *the_case = sealing->the_case;
	json_t *root = sealing->description, *jobs = jw_must(json_array());
	char id[JW_ID_HEX];
	size_t i;

	jw_json_set_text(root, "note", the_case->note);
	jw_json_set_time(root, "made", the_case->now_ns);
	jw_json_set_text(root, "by", by_whom());
	jw_json_set_text(root, "with", "jobward " JOBWARD_VERSION);
	jw_json_set_text(root, "host", the_case->host);
	jw_json_set_text(root, "boot", the_case->boot);
	jw_json_set_text(root, "store", the_case->cli->store_path);
	jw_json_set(root, "whole", json_boolean(the_case->is_whole));
	jw_json_set_time(root, "since", the_case->since_ns);
	jw_json_set_time(root, "until", the_case->until_ns);
	for (i = 0; jw_cli_option(the_case->cli, "job") && i < the_case->n_jobs; i++) {
		jw_job_id_format(the_case->jobs[i]->id, id);
		jw_json_add(jobs, json_string(id));
	}
	jw_json_set(root, "chosen_jobs", jobs);
	jw_json_set(root, "events", json_integer((json_int_t)sealing->n_events));
	jw_json_set(root, "jobs", json_integer((json_int_t)the_case->n_jobs));
	return describe_chain(sealing, root);
}

static int put_description(struct sealing *sealing)
{
	char *text = jw_must(json_dumps(sealing->description, JSON_INDENT(2)));
	int err = jw_bundle_put_bytes(sealing->writer, "case.json", text, strlen(text));

	free(text);
	return err ? complain(err) : JW_EXIT_YES;
}

/* ---- the key ---- */
/* Beside the store, wherever that is: a copy has its own. */
static int open_key(struct jw_cli *cli, EVP_PKEY **ret)
{
	const char *slash = strrchr(cli->store_path, '/');
	const char *path = jw_showf("%.*s" KEY_NAME, slash ? (int)(slash - cli->store_path) + 1 : 0, cli->store_path);
	int err = jw_key_open(path, ret);

	switch (err) {
	case 0:
		return JW_EXIT_YES;
	case -EPERM:
		jw_complain("the key '%s' may be read by others: whoever did can sign in this host's name", jw_show(path));
		jw_advise("if nobody did: chmod 600 it; else move it aside, and a new one is made");
		return JW_EXIT_USAGE;
	case -EINVAL:
		jw_complain("'%s' is no Ed25519 key", jw_show(path));
		return JW_EXIT_USAGE;
	case -ENOMEM:
		jw_must(NULL);
		return JW_EXIT_NO;
	default:
		/* A copy on a medium that can't be written. */
		jw_complain("no key can be kept in '%s' (%s): this bundle is signed with one made for it alone", jw_show(path),
			    strerror(-err));
		return jw_key_new(ret) ? complain(-ENOMEM) : JW_EXIT_YES;
	}
}

static int seal(struct sealing *sealing)
{
	json_t *manifest = jw_must(json_object());
	char fingerprint[JW_FINGERPRINT_MAX];
	EVP_PKEY *key = NULL;
	int code = open_key(sealing->the_case->cli, &key), err;

	if (!code) {
		err = jw_bundle_seal(sealing->writer, key, manifest);
		if (!err)
			err = jw_key_fingerprint(key, fingerprint);
		code = err ? complain(err) : JW_EXIT_YES;
	}
	if (!code)
		jw_json_set_text(sealing->description, "key", fingerprint);
	EVP_PKEY_free(key);
	json_decref(manifest);
	return code;
}

static void tell(const struct sealing *sealing)
{
	const struct jw_case *the_case = sealing->the_case;

	if (sealing->bad_row)
		jw_complain("the record in row %llu is not what was written; it is taken along as it is, and verify says so too",
			    (unsigned long long)sealing->bad_row);
	/* A bundle that goes to standard output has no room for an answer there. */
	if (!strcmp(the_case->cli->words[1], "-"))
		return;
	if (the_case->cli->json) {
		jw_json_print(json_incref(sealing->description));
		return;
	}
	printf("%s and %s in '%s'%s\n", jw_show_count(sealing->n_events, "event", "events"),
	       jw_show_count(the_case->n_jobs, "job", "jobs"), jw_show(the_case->cli->words[1]),
	       the_case->is_whole ? "" : ", a selection");
	printf("signed with the key %s\n", json_string_value(json_object_get(sealing->description, "key")));
}

int jw_evidence_bundle(struct jw_case *the_case, FILE *out)
{
	struct sealing sealing = { .the_case = the_case };
	const char *path = the_case->cli->words[1], *slash = strrchr(path, '/');
	int code, err;

	err = jw_bundle_begin(&sealing.writer, out, slash ? jw_showf("%.*s", (int)(slash - path) + 1, path) : ".");
	if (err)
		return complain(err);
	sealing.description = jw_must(json_object());
	code = put_events(&sealing);
	if (!code)
		code = put_jobs(&sealing);
	if (!code)
		code = put_view(&sealing, "decisions", "decisions.jsonl", true);
	if (!code)
		code = put_view(&sealing, "findings", "findings.jsonl", false);
	if (!code)
		code = describe(&sealing);
	if (!code)
		code = put_description(&sealing);
	if (!code)
		code = seal(&sealing);
	if (!code)
		tell(&sealing);
	jw_bundle_writer_free(sealing.writer);
	json_decref(sealing.description);
	return code;
}
