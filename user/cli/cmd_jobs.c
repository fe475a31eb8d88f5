// SPDX-License-Identifier: GPL-2.0
/* jobward jobs: the one inventory. */
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "lib/names_gen.h"
#include "lib/provenance/provenance.h"
#include "lib/schedule/schedule.h"
#include "render.h"
#include "word.h"

static const struct jw_column columns[] = {
	{"JOB", 0, 0, false}, {"STATE", 0, 0, false}, {"SCHEDULER", 0, 0, false}, {"OWNER", 5, 0, false},
	{"SCHEDULE", 11, 4, false}, {"NEXT RUN", 0, 2, false}, {"ORIGIN", 0, 1, false}, {"SOURCE", 20, 3, true},
	{"COMMAND", 20, 0, false},
};

struct wanted {
	int state, scheduler;	/* -1: any */
	const char *owner;	/* NULL: any */
};

static bool is_wanted(const struct jw_job *job, const struct wanted *wanted)
{
	return (wanted->state < 0 || wanted->state == (int)job->state) &&
	       (wanted->scheduler < 0 || wanted->scheduler == (int)job->scheduler) &&
	       (!wanted->owner || (job->owner && !strcmp(wanted->owner, job->owner)));
}

static const char *schedule(const struct jw_job *job)
{
	const char *shown;
	char *words;

	/* at's is a number of seconds: nobody reads that. */
	if (job->scheduler != JOBWARD_SCHEDULER_AT || !job->schedule)
		return job->schedule ? jw_show(job->schedule) : "-";
	words = jw_must(jw_schedule_words(job->scheduler, job->schedule));
	shown = jw_show(words);
	free(words);
	return shown;
}

static const char *next_run(const struct jw_job *job, int64_t now_ns)
{
	int64_t ns = jw_cli_next_run(job, now_ns);

	if (!ns)
		return "-";
	if (ns == -1)
		return "at boot";
	return jw_render_terminal()->is_terminal ? jw_show_distance(ns, now_ns) : jw_show_time(ns);
}

static const char *origin(const struct jw_provenance *provenance)
{
	const char *kind = jw_provenance_name(provenance->kind);

	if (provenance->kind == JW_PROVENANCE_PACKAGE && provenance->package)
		return jw_show(provenance->package);
	if (provenance->package)
		return jw_showf("%s (%s)", kind, jw_show(provenance->package));
	return provenance->kind == JW_PROVENANCE_UNKNOWN ? "-" : kind;
}

static void add_row(struct jw_table *table, const struct jw_job *job, unsigned int digits, int64_t now_ns)
{
	jw_table_add(table, JW_PLAIN, jw_cli_short_id(job->id, digits));
	jw_table_add(table, jw_word_state_style(job->state), jw_state_name(job->state));
	jw_table_add(table, JW_PLAIN, jw_scheduler_name(job->scheduler));
	jw_table_add(table, JW_PLAIN, job->owner ? jw_show(job->owner) : "-");
	jw_table_add(table, JW_PLAIN, schedule(job));
	jw_table_add(table, JW_PLAIN, next_run(job, now_ns));
	jw_table_add(table, JW_PLAIN, origin(&job->provenance));
	jw_table_add(table, JW_DIM, jw_cli_place(job));
	jw_table_add(table, JW_PLAIN, jw_cli_command(job));
}

static void print_table(const struct jw_jobs *jobs, const struct wanted *wanted)
{
	struct jw_table *table = jw_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	/* A pipe gets whole ids: what it keeps should still be unique next year. */
	unsigned int digits = jw_render_terminal()->is_terminal ? jw_cli_id_digits(jobs) : 16;
	size_t i, counts[JOBWARD_STATE_MAX + 1] = {0};
	int64_t now_ns = jw_when_now();

	for (i = 0; i < jobs->n; i++) {
		if (!is_wanted(&jobs->v[i], wanted))
			continue;
		add_row(table, &jobs->v[i], digits, now_ns);
		counts[jobs->v[i].state <= JOBWARD_STATE_MAX ? jobs->v[i].state : 0]++;
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
	if (!jw_render_terminal()->is_terminal)
		return;
	fflush(stdout);
	fprintf(stderr, "\n%zu approved, %zu unknown, %zu changed, %zu denied.", counts[JOBWARD_STATE_APPROVED],
		counts[JOBWARD_STATE_UNKNOWN], counts[JOBWARD_STATE_CHANGED], counts[JOBWARD_STATE_DENIED]);
	if (counts[JOBWARD_STATE_UNKNOWN] + counts[JOBWARD_STATE_CHANGED])
		fputs("\njobward why JOB says what there is to decide.", stderr);
	fputc('\n', stderr);
}

static void print_json(const struct jw_jobs *jobs, const struct wanted *wanted)
{
	json_t *array = jw_must(json_array());
	int64_t now_ns = jw_when_now();
	size_t i;

	for (i = 0; i < jobs->n; i++) {
		if (!is_wanted(&jobs->v[i], wanted))
			continue;
		jw_json_add(array, jw_json_job(&jobs->v[i], now_ns));
	}
	jw_json_print(array);
}

int jw_cmd_jobs(struct jw_cli *cli)
{
	struct wanted wanted = {.owner = jw_cli_option(cli, "owner")};
	struct jw_jobs jobs = {0};
	size_t i, n = 0;
	int code;

	code = jw_word_option(cli, "state", jw_state_from_name, &wanted.state);
	if (!code)
		code = jw_word_option(cli, "scheduler", jw_scheduler_from_name, &wanted.scheduler);
	if (!code)
		code = jw_cli_jobs(cli, false, &jobs);
	if (code)
		return code;
	for (i = 0; i < jobs.n; i++)
		n += is_wanted(&jobs.v[i], &wanted);
	if (cli->json)
		print_json(&jobs, &wanted);
	else if (n)
		print_table(&jobs, &wanted);
	else if (jobs.n)
		jw_complain("none of %zu jobs matches", jobs.n);
	else
		jw_complain("there are no scheduled jobs on record");
	code = n || (wanted.state < 0 && wanted.scheduler < 0 && !wanted.owner) ? JW_EXIT_YES : JW_EXIT_NO;
	jw_jobs_done(&jobs);
	return code;
}
