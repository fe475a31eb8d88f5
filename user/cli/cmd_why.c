// SPDX-License-Identifier: GPL-2.0
/* jobward why: finds out what is asked about, an event, a job or a path, and has its story told. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "finding.h"
#include "lib/names_gen.h"
#include "planting.h"
#include "story.h"
#include "word.h"

static const struct jw_event_filter any = {.kind = -1, .verdict = -1, .scheduler = -1, .action = -1};

static void finish(struct jw_cli *cli, const struct jw_story *story, json_t *root)
{
	if (cli->json) {
		jw_story_json(story, root);
		jw_json_print(root);
		return;
	}
	jw_story_print(story);
	json_decref(root);
}

/* @of: what the first step tells about. */
static void tell_planting(struct jw_story *story, const struct jw_planting *planting, const char *of, json_t *root)
{
	for (size_t i = 0; i < planting->n; i++)
		jw_story_say(story, "%s was planted %s.", i ? "That one" : of, jw_planting_say(planting, i));
	jw_json_set(root, "planting", jw_planting_json(planting));
}

/* ---- an event ---- */
struct event_ctx {
	struct jw_cli *cli;
	const struct jw_jobs *jobs;
	bool found;
	int code;
	struct jw_event_filter filter;
};

static int tell_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct event_ctx *asked = ctx;
	struct jw_story story = {0};
	json_t *root = jw_must(json_object());
	const struct jw_job *job = jw_story_find_job(event, asked->jobs);
	struct jw_planting planting = {0};

	asked->found = true;
	asked->code = jw_planting_of_actor(asked->cli, event, &planting);
	jw_story_event(&story, event, asked->jobs);
	if (planting.n)
		tell_planting(&story, &planting, "The job at work", root);
	jw_story_findings(&story, asked->cli, &(struct jw_finding_filter){.all = true, .row = row});
	if (asked->cli->json) {
		jw_json_set(root, "event", jw_event_to_json(event));
		if (job)
			jw_json_set(root, "job", jw_json_job(job, jw_when_now()));
	}
	finish(asked->cli, &story, root);
	jw_planting_done(&planting);
	return 0;
}

/* The newest event with this number: numbers begin anew with each boot. */
static int why_event(struct jw_cli *cli, uint64_t seq, const struct jw_jobs *jobs, bool *ret_found)
{
	struct event_ctx ctx = {.cli = cli, .jobs = jobs, .filter = any};
	int err;

	ctx.filter.seq = seq;
	ctx.filter.limit = 1;
	err = jw_store_events(cli->store, &ctx.filter, tell_event, &ctx);
	if (err < 0)
		return jw_cli_store_failed(cli, "events", err);
	*ret_found = ctx.found;
	return ctx.code;
}

/* ---- a job ---- */
static int why_job(struct jw_cli *cli, const struct jw_jobs *jobs, const struct jw_job *job)
{
	struct jw_story story = {0};
	json_t *root = jw_must(json_object());
	struct jw_planting planting = {0};
	const struct jw_decision *decision;
	struct jw_decision *list = NULL;
	size_t n = 0;
	int code = jw_detail_find_decision(cli, job->id, &list, &n, &decision);

	if (!code)
		code = jw_planting_of_job(cli, job, &planting);
	if (code) {
		jw_planting_done(&planting);
		jw_decisions_free(list, n);
		json_decref(root);
		return code;
	}
	jw_story_job(&story, job, decision, jw_cli_id_digits(jobs));
	tell_planting(&story, &planting, "It", root);
	jw_planting_done(&planting);
	jw_story_findings(&story, cli, &(struct jw_finding_filter){.all = true, .job = job->id});
	jw_json_set(root, "job", jw_json_job(job, jw_when_now()));
	finish(cli, &story, root);
	jw_decisions_free(list, n);
	return JW_EXIT_YES;
}

/* ---- a path ---- */
struct path_ctx {
	struct jw_story *story;
	json_t *events;
	size_t n;
};

static int tell_write(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct path_ctx *asked = ctx;

	(void)row;
	if (event->kind != JOBWARD_KIND_WRITE)
		return 0;
	asked->n++;
	jw_story_fact(asked->story, event->verdict == JOBWARD_VERDICT_DENY ? JW_BAD : JW_PLAIN,
		      jw_showf("event %llu", (unsigned long long)event->seq),
		      jw_showf("%s  %s  %s\n%s", jw_show_time((int64_t)event->time_ns), jw_verdict_name(event->verdict),
			       jw_word_who(&event->subject), jw_word_what(event)));
	jw_json_add(asked->events, jw_event_to_json(event));
	return 0;
}

static bool comes_from(const struct jw_job *job, const char *path)
{
	size_t i;

	if (job->path && !strcmp(job->path, path))
		return true;
	for (i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return true;
	return false;
}

static size_t tell_jobs(struct jw_story *story, const struct jw_jobs *jobs, const char *path, json_t *array)
{
	unsigned int digits = jw_cli_id_digits(jobs);
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++) {
		const struct jw_job *job = &jobs->v[i];
		const char *id = jw_cli_short_id(job->id, digits);

		if (!comes_from(job, path))
			continue;
		n++;
		jw_json_add(array, jw_json_job(job, jw_when_now()));
		jw_story_fact(story, jw_word_state_style(job->state),
			      jw_showf("%s", strcmp(job->path, path) ? "run by" : "job"),
			      jw_showf("%s  %s  %s", id, jw_state_name(job->state), jw_cli_command(job)));
		if (job->state != JOBWARD_STATE_APPROVED)
			jw_story_change(story, "to know what to decide", "jobward why %s", id);
	}
	return n;
}

/* The path need not be there any more: its folder is resolved, its last part kept. */
static const char *whole_path(const char *path)
{
	char *copy = jw_must(strdup(path)), *slash = strrchr(copy, '/'), resolved[PATH_MAX];
	const char *base = slash ? slash + 1 : path, *ret = path;

	if (realpath(path, resolved))
		ret = jw_showf("%s", resolved);
	else if (slash)
		*slash = '\0';
	if (ret == path && realpath(slash ? *copy ? copy : "/" : ".", resolved))
		ret = jw_showf("%s/%s", strcmp(resolved, "/") ? resolved : "", base);
	free(copy);
	return ret;
}

static int why_path(struct jw_cli *cli, const char *name, const struct jw_jobs *jobs)
{
	struct jw_story story = {0};
	struct jw_event_filter filter = any;
	struct path_ctx ctx = {.story = &story, .events = jw_must(json_array())};
	json_t *root = jw_must(json_object()), *array = jw_must(json_array());
	size_t n;
	int err;

	filter.path = whole_path(name);
	filter.limit = 5;
	filter.kind = JOBWARD_KIND_WRITE;
	jw_json_set_text(root, "path", filter.path);
	story.title = jw_showf("%s", jw_show(filter.path));
	story.style = JW_STRONG;
	n = tell_jobs(&story, jobs, filter.path, array);
	err = jw_store_events(cli->store, &filter, tell_write, &ctx);
	jw_json_set(root, "jobs", array);
	jw_json_set(root, "events", ctx.events);
	if (n)
		jw_story_say(&story, "%zu %s from this file or %s it.", n, n == 1 ? "job comes" : "jobs come",
			     n == 1 ? "runs" : "run");
	else
		jw_story_say(&story, "No job comes from this file, and none runs it.");
	if (ctx.n)
		jw_story_say(&story, "Last written by the newest of the events below.");
	else
		jw_story_say(&story, "No write to it is on record: it is older than the records, or was written by a way "
				     "that no gate sees.");
	if (err < 0) {
		json_decref(root);
		return jw_cli_store_failed(cli, "events", err);
	}
	finish(cli, &story, root);
	return n || ctx.n ? JW_EXIT_YES : JW_EXIT_NO;
}

/* ---- a finding ---- */
static int why_finding(struct jw_cli *cli, uint64_t id, const struct jw_jobs *jobs)
{
	struct jw_rule_findings list = {0};
	struct jw_story story = {0};
	json_t *root;
	int code = jw_findings_get(cli, &(struct jw_finding_filter){.all = true, .id = id}, &list);

	if (!code && !list.n) {
		jw_complain("there is no finding F%llu", (unsigned long long)id);
		jw_advise("jobward hunt --findings lists them");
		code = JW_EXIT_NO;
	} else if (!code) {
		root = jw_must(json_object());
		jw_json_set(root, "finding", jw_finding_json(list.v));
		jw_story_finding(&story, list.v, jobs);
		finish(cli, &story, root);
	}
	jw_rule_findings_done(&list);
	return code;
}

/* ---- which of them ---- */
static bool parse_seq(const char *name, uint64_t *ret_seq)
{
	char *end;

	if (!isdigit((unsigned char)*name))
		return false;
	errno = 0;
	*ret_seq = strtoull(name, &end, 10);
	return !errno && !*end && *ret_seq;
}

static bool is_place(const char *name, const struct jw_jobs *jobs)
{
	const struct jw_job *job;

	return jw_cli_matches(jobs, name, &job) == 1 && job->path && strcmp(job->path, name);
}

static int tell(struct jw_cli *cli, const char *name, const struct jw_jobs *jobs)
{
	const struct jw_job *job;
	bool found = false;
	uint64_t seq = 0;
	int code;

	if (jw_finding_parse(name, &seq))
		return why_finding(cli, seq, jobs);
	/* An id may be all digits; one of 16 of them is no number of an event. */
	if (strlen(name) < 16 && parse_seq(name, &seq)) {
		code = why_event(cli, seq, jobs, &found);
		if (code)
			return code;
	}
	if (found && !cli->json && jw_cli_matches(jobs, name, &job) == 1)
		jw_advise("there is also a job whose id begins so: jobward why %s", jw_cli_short_id(job->id, 16));
	if (found)
		return JW_EXIT_YES;
	/* "/etc/cron.d/x" is the file, "/etc/cron.d/x:3" the job. */
	if (strchr(name, '/') && !is_place(name, jobs))
		return why_path(cli, name, jobs);
	if (seq && !jw_cli_matches(jobs, name, NULL)) {
		jw_complain("there is no event %llu, and no job whose id begins so", (unsigned long long)seq);
		jw_advise("jobward log has the numbers; jobward sync waits for events that are not stored yet");
		return JW_EXIT_NO;
	}
	code = jw_cli_pick(jobs, name, &job);
	return code ? code : why_job(cli, jobs, job);
}

int jw_cmd_why(struct jw_cli *cli)
{
	struct jw_jobs jobs = {0};
	int code = jw_cli_jobs(cli, false, &jobs);

	if (!code)
		code = tell(cli, cli->words[0], &jobs);
	jw_jobs_done(&jobs);
	return code;
}
