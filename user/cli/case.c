// SPDX-License-Identifier: GPL-2.0
/* What of the store is taken along: jobs and times from the command line into filters, and the reading by them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "evidence.h"
#include "lib/grow.h"
#include "render.h"
#include "word.h"

/* A job is seen this long after it was written, at most: the stores are read when they change. */
#define SEEN_NS (120 * 1000000000LL)
/* Writes into one file between two versions of a job that are looked at, newest first. */
#define WRITES_MAX 200

static struct jw_event_filter *add_filter(struct jw_case *the_case)
{
	struct jw_event_filter *filter;

	the_case->filters = jw_must(jw_grow(the_case->filters, the_case->n_filters, sizeof(*the_case->filters)));
	filter = &the_case->filters[the_case->n_filters++];
	*filter = (struct jw_event_filter){
		.since_ns = the_case->since_ns, .until_ns = the_case->until_ns,
		.kind = -1, .verdict = -1, .scheduler = -1, .action = -1,
	};
	return filter;
}

/* What the job did, and what was done to the file that it stands in. */
static void choose_job(struct jw_case *the_case, const struct jw_job *job)
{
	size_t i;

	for (i = 0; i < the_case->n_jobs; i++)
		if (the_case->jobs[i] == job)
			return;
	the_case->jobs[the_case->n_jobs++] = job;
	add_filter(the_case)->job = job->id;
	if (job->path)
		add_filter(the_case)->path = job->path;
}

static int choose_jobs(struct jw_case *the_case)
{
	const char *list = jw_cli_option(the_case->cli, "job"), *end;
	const struct jw_job *job;
	int code = JW_EXIT_YES;
	size_t i;

	the_case->jobs = jw_must(calloc(the_case->inventory.n + 1, sizeof(*the_case->jobs)));
	if (!list) {
		for (i = 0; i < the_case->inventory.n; i++)
			the_case->jobs[the_case->n_jobs++] = &the_case->inventory.v[i];
		return JW_EXIT_YES;
	}
	for (; !code && *list; list = end + (*end == '\n')) {
		char *name;

		end = strchrnul(list, '\n');
		name = jw_must(strndup(list, (size_t)(end - list)));
		code = jw_cli_pick(&the_case->inventory, name, &job);
		if (!code)
			choose_job(the_case, job);
		free(name);
	}
	/* export FILE --job A B C */
	for (i = 2; !code && i < the_case->cli->n_words; i++) {
		code = jw_cli_pick(&the_case->inventory, the_case->cli->words[i], &job);
		if (!code)
			choose_job(the_case, job);
	}
	return code;
}

static void read_host(struct jw_case *the_case)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (gethostname(the_case->host, sizeof(the_case->host)))
		the_case->host[0] = '\0';
	the_case->host[sizeof(the_case->host) - 1] = '\0';
	if (!file)
		return;
	if (!fgets(the_case->boot, sizeof(the_case->boot), file))
		the_case->boot[0] = '\0';
	fclose(file);
}

int jw_case_open(struct jw_cli *cli, struct jw_case *ret)
{
	int code, err;

	*ret = (struct jw_case){ .cli = cli, .note = jw_cli_option(cli, "note"), .now_ns = jw_when_now() };
	if (cli->n_words > 2 && !jw_cli_option(cli, "job"))
		return jw_cli_usage(cli, "'%s' is one word too many", jw_show(cli->words[2]));
	code = jw_time_option(cli, "since", &ret->since_ns);
	if (!code)
		code = jw_time_option(cli, "until", &ret->until_ns);
	if (!code)
		code = jw_cli_store(cli);
	if (code)
		return code;
	err = jw_store_hold(cli->store);
	if (err)
		return jw_cli_store_failed(cli, "anything", err);
	code = jw_cli_jobs(cli, true, &ret->inventory);
	if (!code)
		code = choose_jobs(ret);
	if (!code && !ret->n_filters && (ret->since_ns || ret->until_ns))
		add_filter(ret);
	ret->is_whole = !ret->n_filters;
	read_host(ret);
	return code;
}

void jw_case_done(struct jw_case *the_case)
{
	if (the_case->cli->store)
		jw_store_release(the_case->cli->store);
	jw_jobs_done(&the_case->inventory);
	free(the_case->jobs);
	free(the_case->filters);
}

/* ---- events ---- */
struct reading {
	int (*fn)(void *ctx, uint64_t row, const struct jw_event *event);
	void *ctx;
};

static int read_record(void *ctx, const struct jw_record *record)
{
	const struct reading *reading = ctx;
	struct jw_event event = {0};
	int r = jw_event_from_text(&event, record->doc, record->len);

	/* One that can't be read is in the bundle as it is; there is nothing to tell about it in another shape. */
	r = r == -EINVAL ? 0 : r ? r : reading->fn(reading->ctx, record->row, &event);
	jw_event_done(&event);
	jw_show_reset();
	return r;
}

int jw_case_events(struct jw_case *the_case, int (*fn)(void *ctx, uint64_t row, const struct jw_event *event), void *ctx)
{
	struct reading reading = { fn, ctx };
	int err = jw_store_records(the_case->cli->store, the_case->filters, the_case->n_filters, read_record, &reading);

	return err ? jw_cli_store_failed(the_case->cli, "events", err) : JW_EXIT_YES;
}

static int take_planter(void *ctx, uint64_t row, const struct jw_event *event)
{
	json_t *json = ctx, *whole, *by;

	if (event->verdict == JOBWARD_VERDICT_DENY)
		return 0;
	whole = jw_must(jw_event_to_json(event));
	by = jw_must(json_object());
	jw_json_set(by, "row", json_integer((json_int_t)row));
	jw_json_set(by, "time", json_incref(json_object_get(whole, "time")));
	jw_json_set_text(by, "action", json_string_value(json_object_get(whole, "action")));
	if (json_object_get(whole, "subject"))
		jw_json_set(by, "subject", json_incref(json_object_get(whole, "subject")));
	jw_json_set(json, "planted_by", by);
	json_decref(whole);
	return 0;
}

int jw_case_planter(struct jw_case *the_case, const struct jw_job *job, int64_t after_ns, int64_t until_ns, json_t *json)
{
	struct jw_event_filter filter = {
		.path = job->path, .kind = JOBWARD_KIND_WRITE, .verdict = -1, .scheduler = -1, .action = -1,
		.since_ns = after_ns ? after_ns : until_ns - SEEN_NS, .until_ns = until_ns + SEEN_NS, .limit = WRITES_MAX,
	};
	int err = job->path ? jw_store_events(the_case->cli->store, &filter, take_planter, json) : 0;

	return err ? jw_cli_store_failed(the_case->cli, "events", err) : JW_EXIT_YES;
}
