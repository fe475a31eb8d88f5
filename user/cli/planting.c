// SPDX-License-Identifier: GPL-2.0
/*
 * See planting.h. A job stands in a file, and who wrote that last before the job was first seen as it is, planted it. (Of a table
 * that has more lines than one the write of the whole counts: the records do not say which line was new.)
 */
#include <stdlib.h>
#include <string.h>
#include "lib/names_gen.h"
#include "planting.h"
#include "render.h"
#include "word.h"

#define LOOK_BACK 256	/* writes of one file, before one that brings text must be among them */

static bool brings_text(const struct jw_event *event)
{
	switch (event->action) {
	case JOBWARD_ACTION_CREATE:
	case JOBWARD_ACTION_MODIFY:
	case JOBWARD_ACTION_RENAME:
	case JOBWARD_ACTION_LINK:
	case JOBWARD_ACTION_SYMLINK:
	case JOBWARD_ACTION_TRUNCATE:
		return event->kind == JOBWARD_KIND_WRITE && event->verdict != JOBWARD_VERDICT_DENY;
	default:
		return false;
	}
}

/* The last one that is told. */
struct newest {
	bool (*wanted)(const struct jw_event *event);
	char *text;
};

static int keep_newest(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct newest *newest = ctx;

	(void)row;
	if (newest->wanted && !newest->wanted(event))
		return 0;
	free(newest->text);
	newest->text = jw_must(jw_event_to_text(event));
	return 0;
}

/* Return: exit code; *ret is empty (seq 0) where there is no such event. */
static int find_newest(struct jw_cli *cli, const struct jw_event_filter *filter,
		       bool (*wanted)(const struct jw_event *event), struct jw_event *ret)
{
	struct newest newest = {.wanted = wanted};
	int err = jw_store_events(cli->store, filter, keep_newest, &newest);

	*ret = (struct jw_event){0};
	if (!err && newest.text)
		err = jw_event_from_text(ret, newest.text, strlen(newest.text));
	free(newest.text);
	return err ? jw_cli_store_failed(cli, "events", err) : JW_EXIT_YES;
}

/* "/etc/cron.d/x:3" → "/etc/cron.d/x" */
static const char *file_of(const char *source)
{
	const char *colon = strrchr(source, ':');

	if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
		return jw_showf("%s", source);
	return jw_showf("%.*s", (int)(colon - source), source);
}

/* The event at which the job started that acts in @event. */
static int find_root(struct jw_cli *cli, const struct jw_event *event, struct jw_event *ret)
{
	const struct jw_event_filter filter = {
		.kind = -1, .verdict = -1, .scheduler = -1, .action = -1, .seq = event->root_seq, .boot = event->boot,
	};

	return find_newest(cli, &filter, NULL, ret);
}

/* Goes back from the file at @path, as it was before @until_ns. */
static int go_back(struct jw_cli *cli, const char *path, int64_t until_ns, struct jw_planting *ret)
{
	int code = JW_EXIT_YES;

	while (!code && path && ret->n < JW_PLANTING_MAX) {
		const struct jw_event_filter filter = {
			.kind = JOBWARD_KIND_WRITE, .verdict = -1, .scheduler = -1, .action = -1, .path = path,
			.until_ns = until_ns, .limit = LOOK_BACK,
		};
		struct jw_event *step = &ret->steps[ret->n], root;

		code = find_newest(cli, &filter, brings_text, step);
		if (code || !step->seq)
			break;
		ret->n++;
		path = NULL;
		if (!step->root_seq)
			break;
		code = find_root(cli, step, &root);
		/* What planted a job was there before that started; so the way back ends. */
		if (!code && root.seq && root.job_source && (int64_t)root.time_ns <= (int64_t)step->time_ns) {
			path = file_of(root.job_source);
			until_ns = (int64_t)root.time_ns;
		}
		jw_event_done(&root);
	}
	return code;
}

int jw_planting_of_job(struct jw_cli *cli, const struct jw_job *job, struct jw_planting *ret)
{
	int64_t seen_ns = job->changed_ns > job->first_seen_ns ? job->changed_ns : job->first_seen_ns;
	int code = go_back(cli, job->path, seen_ns ? seen_ns + 1 : 0, ret);

	/* None before it by the clock, which may have been set. */
	return code || ret->n ? code : go_back(cli, job->path, 0, ret);
}

int jw_planting_of_actor(struct jw_cli *cli, const struct jw_event *event, struct jw_planting *ret)
{
	struct jw_event root;
	int code;

	if (event->kind != JOBWARD_KIND_WRITE || !event->root_seq)
		return JW_EXIT_YES;
	code = find_root(cli, event, &root);
	if (!code && root.seq && root.job_source)
		code = go_back(cli, file_of(root.job_source), (int64_t)root.time_ns, ret);
	jw_event_done(&root);
	return code;
}

void jw_planting_done(struct jw_planting *planting)
{
	while (planting->n)
		jw_event_done(&planting->steps[--planting->n]);
}

/* systemd's manager writes for whoever asks it. */
static bool is_by_manager(const struct jw_event *event)
{
	return event->subject.exe && !strcmp(jw_word_base(event->subject.exe), "systemd");
}

const char *jw_planting_say(const struct jw_planting *planting, size_t i)
{
	const struct jw_event *step = &planting->steps[i];
	const char *how = jw_showf("%s, process %u, %s (event %llu)", jw_word_what(step), step->subject.pid,
				   jw_show_time((int64_t)step->time_ns), (unsigned long long)step->seq);

	if (step->root_seq) {
		const char *job = step->job ? jw_showf("job %s", jw_cli_short_id(step->job, 16)) : "a job that is not on record";

		return jw_showf("by %s%s%s, which started with event %llu: %s", job,
				step->job_command ? ", " : "", step->job_command ? jw_show(step->job_command) : "",
				(unsigned long long)step->root_seq, how);
	}
	if (is_by_manager(step))
		return jw_showf("through systemd's manager, which writes for whoever asks it; who asked is not on"
				" record: %s", how);
	return jw_showf("by %s, by no job: %s", jw_word_who(&step->subject), how);
}

json_t *jw_planting_json(const struct jw_planting *planting)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < planting->n; i++)
		jw_json_add(array, jw_event_to_json(&planting->steps[i]));
	return array;
}
