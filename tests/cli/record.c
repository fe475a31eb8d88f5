// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a store from a record in words, or adds to it: record FILE <RECORD. A line is a JSON object, in order of time:
 *
 *	{"at": TIME, "jobs": [{"scheduler", "owner", "uid", "path", "line", "name", "schedule", "command", "source",
 *	 "script", "provenance", "package", "next_run", "files": [{"path", "sha256"}]}, …]}
 *		what all stores hold then; source is the command where it is not given, sha256 is any word
 *	{"event": {…}, "of": PLACE, "times": N, "every": SECONDS}
 *		an event as the contract has it, completed as the daemon completes it; PLACE is the path or name of the job
 *		that it is about; N of them, SECONDS apart
 *
 *	{"rules": FOLDER, "until": TIME}
 *		the rules of a folder are asked about all up to then, as the daemon does, and what they find is put in
 *
 * Empty lines and those that begin with # are passed over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/names_gen.h"
#include "lib/provenance/provenance.h"
#include "lib/store/store.h"

#define BOOT "0b0f1c9e-6a3b-4d9b-9a51-000000000001"

static struct jw_store *store;
static struct jw_jobs jobs;	/* as the newest line has them */
static unsigned int line;
static uint64_t seq;

static void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "record: line %u: %s: %s\n", line, what, strerror(-err));
	exit(1);
}

static char *text(const json_t *json, const char *key)
{
	const char *s = json_string_value(json_object_get(json, key));
	char *out = s ? strdup(s) : NULL;

	must(s && !out ? -12 : 0, "memory");
	return out;
}

static int64_t when(const json_t *json, const char *key)
{
	const char *s = json_string_value(json_object_get(json, key));
	uint64_t ns = 0;

	must(s ? jw_time_parse(s, &ns) : 0, key);
	return (int64_t)ns;
}

static int word(const json_t *json, const char *key, int (*from_name)(const char *))
{
	const char *s = json_string_value(json_object_get(json, key));
	int v = s ? from_name(s) : 0;

	must(v < 0 ? -22 : 0, key);
	return v;
}

static void add_files(struct jw_job *job, const json_t *files)
{
	const json_t *file;
	size_t i;

	job->pins = calloc(json_array_size(files) + 1, sizeof(*job->pins));
	must(job->pins ? 0 : -12, "memory");
	json_array_foreach(files, i, file) {
		struct jw_pin *pin = &job->pins[job->n_pins++];
		char *content = text(file, "sha256");

		pin->path = text(file, "path");
		pin->present = true;
		if (content)
			memcpy(pin->sha256, content, strnlen(content, JW_DIGEST_SIZE));
		free(content);
	}
}

static void add_job(const json_t *json)
{
	const char *script = json_string_value(json_object_get(json, "script"));
	struct jw_job *job = jw_jobs_add(&jobs);
	struct jw_exec *exec;

	must(job ? 0 : -12, "memory");
	job->scheduler = (enum jobward_scheduler)word(json, "scheduler", jw_scheduler_from_name);
	job->owner = text(json, "owner");
	job->uid = (uid_t)json_integer_value(json_object_get(json, "uid"));
	job->name = text(json, "name");
	job->path = text(json, "path");
	job->line = (unsigned int)json_integer_value(json_object_get(json, "line"));
	job->schedule = text(json, "schedule");
	job->command = text(json, "command");
	job->source = text(json, "command");
	job->source_len = job->source ? strlen(job->source) : 0;
	if (json_object_get(json, "source")) {
		free(job->source);
		job->source_len = json_string_length(json_object_get(json, "source"));
		job->source = malloc(job->source_len + 1);
		must(job->source ? 0 : -12, "memory");
		memcpy(job->source, json_string_value(json_object_get(json, "source")), job->source_len + 1);
	}
	job->provenance.kind = (enum jw_provenance_kind)word(json, "provenance", jw_provenance_from_name);
	job->provenance.package = text(json, "package");
	job->next_run_ns = when(json, "next_run");
	exec = jw_job_add_exec(job);
	must(exec ? jw_exec_set_argv(exec, "/bin/sh", "-c", job->command, NULL) : -12, "argv");
	must(script ? jw_exec_set_content(exec, script, strlen(script)) : 0, "script");
	jw_job_set_id(job, 0);
	must(jw_exec_set_key(exec, job->scheduler, job->uid, job->name ? job->name : ""), "key");
	add_files(job, json_object_get(json, "files"));
}

static const struct jw_job *find(const char *place)
{
	size_t i;

	for (i = 0; i < jobs.n; i++)
		if (!strcmp(jobs.v[i].path, place) || (jobs.v[i].name && !strcmp(jobs.v[i].name, place)))
			return &jobs.v[i];
	must(-2, place);
	return NULL;
}

static void put_event(const json_t *json, const char *place, int64_t later_ns)
{
	const struct jw_job *job = place ? find(place) : NULL;
	struct jw_event event;

	must(jw_event_from_json(&event, json), "event");
	strcpy(event.boot, BOOT);
	event.seq = event.seq ? event.seq : ++seq;
	seq = event.seq;
	event.time_ns += (uint64_t)later_ns;
	if (job) {
		event.job = job->id;
		event.scheduler = job->scheduler;
	}
	if (job && event.kind == JOBWARD_KIND_RUN && !event.has_key) {
		event.has_key = true;
		memcpy(event.key, job->execs->key, sizeof(event.key));
	}
	jw_event_enrich(&event);
	must(jw_store_append(store, &event, 1, NULL), "append");
	if (job && event.kind == JOBWARD_KIND_RUN && event.verdict != JOBWARD_VERDICT_DENY)
		must(jw_store_put_run(store, job->id, (int64_t)event.time_ns, event.seq), "run");
	jw_event_done(&event);
}

static void ask_rules(const char *path, const char *folder, int64_t until_ns)
{
	const struct jw_rule_span span = {0, until_ns, 0};
	struct jw_rule_findings findings = {0};
	struct jw_hunts hunts = {0};
	struct jw_diags diags = {0};
	struct jw_store *reader;
	size_t left_out;

	must(jw_hunts_load(&hunts, folder, &diags), folder);
	must(jw_store_open(&reader, path, true, NULL), "open to read");
	must(jw_rules_ask(reader, &hunts, &span, &findings, &diags), "rules");
	must(diags.n ? -22 : 0, "a rule is wrong");
	jw_store_close(reader);
	must(jw_store_put_rule_findings(store, &findings, &left_out), "findings");
	jw_rule_findings_done(&findings);
	jw_hunts_done(&hunts);
	jw_diags_done(&diags);
}

static void take(const json_t *json, const char *path)
{
	const char *rules = json_string_value(json_object_get(json, "rules"));
	const json_t *list = json_object_get(json, "jobs"), *event = json_object_get(json, "event"), *job;
	json_int_t times = json_integer_value(json_object_get(json, "times")), k;
	size_t i;

	if (rules)
		ask_rules(path, rules, when(json, "until"));
	if (list) {
		jw_jobs_done(&jobs);
		json_array_foreach(list, i, job)
			add_job(job);
		must(jw_store_put_jobs(store, &jobs, when(json, "at")), "jobs");
	}
	for (k = 0; event && k < (times ? times : 1); k++)
		put_event(event, json_string_value(json_object_get(json, "of")),
			  k * json_integer_value(json_object_get(json, "every")) * 1000000000);
}

int main(int argc, char **argv)
{
	struct jw_diags diags = {0};
	json_error_t error;
	char *row = NULL;
	size_t room = 0;

	if (argc != 2)
		return 2;
	must(jw_store_open(&store, argv[1], false, &diags), "open");
	for (line = 1; getline(&row, &room, stdin) > 0; line++) {
		json_t *json = *row == '#' || *row == '\n' ? NULL : json_loads(row, JSON_ALLOW_NUL, &error);

		if (!json && *row != '#' && *row != '\n') {
			fprintf(stderr, "record: line %u: %s\n", line, error.text);
			return 1;
		}
		if (json)
			take(json, argv[1]);
		json_decref(json);
	}
	free(row);
	jw_jobs_done(&jobs);
	jw_diags_done(&diags);
	jw_store_close(store);
	return 0;
}
