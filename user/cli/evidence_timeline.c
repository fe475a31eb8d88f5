// SPDX-License-Identifier: GPL-2.0
/*
 * The case as a timeline, comma-separated values in the order of time: events, and what came of them in the stores, in
 * decisions and in findings. A line is kept as text until all are known and can be sorted.
 */
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "evidence.h"
#include "lib/grow.h"
#include "lib/names_gen.h"
#include "render.h"
#include "word.h"

struct moment {
	int64_t ns;
	size_t n;	/* in the order of arrival, for equal times */
	char *line;
};

struct timeline {
	struct jw_case *the_case;
	struct moment *v;
	size_t n;
};

/* What a line tells; all shown text, NULL for what does not apply. */
struct cells {
	const char *what, *verdict, *reason, *user, *login, *from, *program, *object, *job, *text, *attack, *row;
};

static void add(struct timeline *timeline, int64_t ns, const struct cells *cells)
{
	const char *const texts[] = { cells->what, cells->verdict, cells->reason, cells->user, cells->login, cells->from,
				      cells->program, cells->object, cells->job, cells->text, cells->attack, cells->row };
	char time[JW_TIME_MAX], *line;
	size_t len, i;
	FILE *out;

	if (ns <= 0)
		return;
	timeline->v = jw_must(jw_grow(timeline->v, timeline->n, sizeof(*timeline->v)));
	out = jw_must(open_memstream(&line, &len));
	jw_time_format((uint64_t)ns, time);
	jw_csv_cell(out, time, false, true);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		jw_csv_cell(out, texts[i] ? texts[i] : "", true, false);
	if (fclose(out))
		jw_must(NULL);
	timeline->v[timeline->n] = (struct moment){ ns, timeline->n, line };
	timeline->n++;
}

static const char *job_id(uint64_t id)
{
	char text[JW_ID_HEX];

	if (!id)
		return NULL;
	jw_job_id_format(id, text);
	return jw_showf("%s", text);
}

static int take_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	const struct jw_subject *subject = &event->subject;
	const char *attack = NULL;
	size_t i;

	for (i = 0; event->attack[i]; i++)
		attack = jw_showf("%s%s%s", attack ?: "", attack ? " " : "", event->attack[i]);
	add(ctx, (int64_t)event->time_ns, &(struct cells){
		.what = jw_showf("%s %s", jw_kind_name(event->kind), jw_action_name(event->action)),
		.verdict = jw_verdict_name(event->verdict),
		.reason = event->reason ? jw_reason_name(event->reason) : NULL,
		.user = jw_showf("%u", subject->uid),
		.login = subject->has_auid ? jw_showf("%u", subject->auid) : NULL,
		.from = subject->origin_address ? jw_show(subject->origin_address) : subject->origin,
		.program = subject->exe ? jw_show(subject->exe) : NULL,
		.object = event->target.path ? jw_show(event->target.path) :
			  event->object.path ? jw_show(event->object.path) : NULL,
		.job = job_id(event->job),
		.text = jw_word_what(event),
		.attack = attack,
		.row = jw_showf("%llu", (unsigned long long)row),
	});
	return 0;
}

static int take_versions(struct timeline *timeline, const struct jw_job *job)
{
	struct jw_job_version *versions;
	size_t n, i;
	int err = jw_store_get_versions(timeline->the_case->cli->store, job->id, &versions, &n);

	if (err)
		return jw_cli_store_failed(timeline->the_case->cli, "the versions", err);
	for (i = 0; i < n; i++)
		add(timeline, versions[i].time_ns, &(struct cells){
			.what = i ? "job changed" : "job first seen", .object = jw_cli_place(job), .job = job_id(job->id),
			.text = versions[i].command ? jw_show(versions[i].command) : NULL });
	jw_job_versions_free(versions, n);
	jw_show_reset();
	return JW_EXIT_YES;
}

/* Rows of a view: a time and words; what the view has no column for stays empty. */
static int take_view(struct timeline *timeline, const char *view, const char *what, const char *time, const char *job,
		     const char *text)
{
	json_t *rows, *row;
	size_t i;
	int code = jw_json_rows(timeline->the_case->cli, view, &rows);

	if (code)
		return code;
	json_array_foreach(rows, i, row) {
		const char *when = json_string_value(json_object_get(row, time));
		const char *words = json_string_value(json_object_get(row, text));
		const char *id = job ? json_string_value(json_object_get(row, job)) : NULL;
		uint64_t ns = 0;

		if (when && !jw_time_parse(when, &ns))
			add(timeline, (int64_t)ns, &(struct cells){ .what = what, .job = id ? jw_show(id) : NULL,
								    .text = words ? jw_show(words) : NULL });
	}
	json_decref(rows);
	jw_show_reset();
	return JW_EXIT_YES;
}

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	return x->ns != y->ns ? (x->ns > y->ns) - (x->ns < y->ns) : (x->n > y->n) - (x->n < y->n);
}

static bool is_within(const struct jw_case *the_case, int64_t ns)
{
	return ns >= the_case->since_ns && (!the_case->until_ns || ns < the_case->until_ns);
}

static void print(struct timeline *timeline, FILE *out)
{
	size_t i;

	fputs("time,what,verdict,reason,uid,login,from,program,object,job,text,attack,row\r\n", out);
	if (timeline->n)
		qsort(timeline->v, timeline->n, sizeof(*timeline->v), by_time);
	for (i = 0; i < timeline->n; i++) {
		if (is_within(timeline->the_case, timeline->v[i].ns))
			fprintf(out, "%s\r\n", timeline->v[i].line);
		free(timeline->v[i].line);
	}
	free(timeline->v);
}

int jw_evidence_timeline(struct jw_case *the_case, FILE *out)
{
	struct timeline timeline = { .the_case = the_case };
	size_t i;
	int code = jw_case_events(the_case, take_event, &timeline);

	for (i = 0; !code && i < the_case->n_jobs; i++)
		code = take_versions(&timeline, the_case->jobs[i]);
	/* Decisions and findings of other jobs are no part of a case about some. */
	if (!code && !jw_cli_option(the_case->cli, "job"))
		code = take_view(&timeline, "decisions", "decision", "time", "job", "state");
	if (!code && !jw_cli_option(the_case->cli, "job"))
		code = take_view(&timeline, "findings", "finding", "since", NULL, "text");
	print(&timeline, out);
	return code;
}
