// SPDX-License-Identifier: GPL-2.0
/* jobward learn: today's jobs into the allowlist, those that packages own at once, the rest for a decision. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"
#include "lib/names_gen.h"
#include "render.h"
#include "when.h"
#include "word.h"

#define ROUND_S 60

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int learn_once(struct jw_cli *cli)
{
	json_t *request = jw_must(json_object()), *reply;
	int code;

	jw_json_set(request, "cmd", json_string("learn"));
	code = jw_cli_ask(cli, request, &reply);
	if (!code)
		json_decref(reply);
	return code;
}

/* Ctrl-C ends the waiting, not the learning: what was learnt is shown. */
static int learn_for(struct jw_cli *cli, int64_t for_ns)
{
	struct sigaction action = {.sa_handler = interrupt};
	int64_t end_ns = jw_when_now() + for_ns, left_ns;
	int code = learn_once(cli);

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!code && isatty(STDERR_FILENO))
		jw_advise("learning until %s; Ctrl-C ends it now", jw_show_time(end_ns));
	while (!code && !interrupted && (left_ns = end_ns - jw_when_now()) > 0) {
		struct timespec pause = {.tv_sec = ROUND_S};

		if (left_ns < ROUND_S * 1000000000LL)
			pause = (struct timespec){.tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000};
		nanosleep(&pause, NULL);
		code = learn_once(cli);
	}
	return code;
}

static bool is_left(const struct jw_job *job)
{
	return job->state == JOBWARD_STATE_UNKNOWN || job->state == JOBWARD_STATE_CHANGED;
}

static bool was_approved(const struct jw_jobs *before, uint64_t id)
{
	size_t i;

	for (i = 0; i < before->n; i++)
		if (before->v[i].id == id)
			return before->v[i].state == JOBWARD_STATE_APPROVED;
	return false;
}

static int compare_packages(const void *a, const void *b)
{
	const struct jw_job *x = *(struct jw_job *const *)a, *y = *(struct jw_job *const *)b;

	return strcmp(x->provenance.package ? x->provenance.package : "~",
		      y->provenance.package ? y->provenance.package : "~");
}

static void add_package(struct jw_table *table, const struct jw_job *job, size_t n, size_t new_ones)
{
	jw_table_add(table, JW_PLAIN,
		     job->provenance.package ? jw_show(job->provenance.package) : "(none: by decision)");
	jw_table_add(table, JW_DIM, jw_show(job->provenance.version ? job->provenance.version : "-"));
	jw_table_add(table, JW_PLAIN, jw_showf("%zu", n));
	jw_table_add(table, new_ones ? JW_GOOD : JW_DIM, new_ones ? jw_showf("%zu", new_ones) : "-");
}

static void print_approved(const struct jw_jobs *before, const struct jw_jobs *after)
{
	static const struct jw_column columns[] = {
		{"PACKAGE", 10, 0, false}, {"VERSION", 8, 1, false}, {"APPROVED JOBS", 0, 0, false},
		{"NEW", 0, 0, false},
	};
	const struct jw_job **approved = jw_must(calloc(after->n + 1, sizeof(struct jw_job *)));
	struct jw_table *table = jw_table_new(columns, 4);
	size_t i, n = 0, count = 0, new_ones = 0;

	for (i = 0; i < after->n; i++)
		if (after->v[i].state == JOBWARD_STATE_APPROVED)
			approved[n++] = &after->v[i];
	qsort(approved, n, sizeof(*approved), compare_packages);
	for (i = 0; i < n; i++) {
		count++;
		new_ones += !was_approved(before, approved[i]->id);
		if (i + 1 < n && !compare_packages(&approved[i], &approved[i + 1]))
			continue;
		add_package(table, approved[i], count, new_ones);
		count = new_ones = 0;
	}
	if (n)
		jw_table_print(table, stdout);
	else
		puts("No job is approved.");
	jw_table_free(table);
	free(approved);
}

static void print_left(const struct jw_jobs *jobs)
{
	unsigned int digits = jw_render_terminal()->is_terminal ? jw_cli_id_digits(jobs) : 16;
	size_t columns = jw_render_terminal()->columns, i, n = 0;

	for (i = 0; i < jobs->n; i++)
		n += is_left(&jobs->v[i]);
	if (!n) {
		puts("\nNothing is left to decide.");
		return;
	}
	printf("\n%zu %s left to decide:\n", n, n == 1 ? "job is" : "jobs are");
	for (i = 0; i < jobs->n; i++) {
		const struct jw_job *job = &jobs->v[i];
		const char *id = jw_cli_short_id(job->id, digits);

		if (!is_left(job))
			continue;
		printf("\n  %s  %s, %s, %s, %s\n", jw_show_styled(JW_STRONG, id),
		       jw_show_styled(jw_word_state_style(job->state), jw_state_name(job->state)),
		       jw_scheduler_name(job->scheduler), job->owner ? jw_show(job->owner) : "?", jw_cli_place(job));
		printf("            %s\n", jw_show_cut(jw_cli_command(job), columns > 32 ? columns - 12 : columns));
		if (!job->unreadable)
			printf("            %s\n", jw_show_styled(JW_DIM, jw_showf("jobward approve %s", id)));
	}
}

static void print_json(const struct jw_jobs *before, const struct jw_jobs *after)
{
	json_t *root = jw_must(json_object()), *approved = jw_must(json_array()), *left = jw_must(json_array());
	int64_t now_ns = jw_when_now();
	size_t i;

	for (i = 0; i < after->n; i++) {
		const struct jw_job *job = &after->v[i];

		if (is_left(job))
			jw_json_add(left, jw_json_job(job, now_ns));
		else if (job->state == JOBWARD_STATE_APPROVED && !was_approved(before, job->id))
			jw_json_add(approved, jw_json_job(job, now_ns));
	}
	jw_json_set(root, "approved", approved);
	jw_json_set(root, "left", left);
	jw_json_print(root);
}

int jw_cmd_learn(struct jw_cli *cli)
{
	const char *duration = jw_cli_option(cli, "for");
	struct jw_jobs before = {0}, after = {0};
	int64_t for_ns = 0;
	int code;

	if (duration && jw_when_duration(duration, &for_ns))
		return jw_cli_usage(cli, "'%s' is no duration: give 10m, 2h or 1h30m", jw_show(duration));
	code = jw_cli_jobs(cli, false, &before);
	if (!code)
		code = for_ns ? learn_for(cli, for_ns) : learn_once(cli);
	if (!code)
		code = jw_cli_jobs(cli, false, &after);
	if (!code && cli->json) {
		print_json(&before, &after);
	} else if (!code) {
		print_approved(&before, &after);
		print_left(&after);
	}
	jw_jobs_done(&before);
	jw_jobs_done(&after);
	return code;
}
