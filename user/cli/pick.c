// SPDX-License-Identifier: GPL-2.0
/* Jobs of the store, and which of them a word on the command line means. */
#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "lib/names_gen.h"
#include "lib/schedule/schedule.h"
#include "render.h"

static int compare_jobs(const void *a, const void *b)
{
	const struct jw_job *x = a, *y = b;
	int order = (int)x->scheduler - (int)y->scheduler;

	if (!order)
		order = strcmp(x->path ? x->path : "", y->path ? y->path : "");
	if (!order)
		order = (x->line > y->line) - (x->line < y->line);
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

int jw_cli_jobs(struct jw_cli *cli, bool gone, struct jw_jobs *ret)
{
	int code = jw_cli_store(cli), err;

	if (code)
		return code;
	err = jw_store_get_jobs(cli->store, gone, ret);
	if (err)
		return jw_cli_store_failed(cli, "the jobs", err);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare_jobs);
	return JW_EXIT_YES;
}

static bool is_hex(const char *name)
{
	return *name && strspn(name, "0123456789abcdefABCDEF") == strlen(name);
}

static bool job_matches(const struct jw_job *job, const char *name)
{
	char id[JW_ID_HEX];

	jw_job_id_format(job->id, id);
	if (is_hex(name) && !strncasecmp(id, name, strlen(name)))
		return true;
	if (job->name && !strcmp(job->name, name))
		return true;
	return *name == '/' && job->path &&
	       (!strcmp(job->path, name) || (job->line && !strcmp(jw_showf("%s:%u", job->path, job->line), name)));
}

size_t jw_cli_matches(const struct jw_jobs *jobs, const char *name, const struct jw_job **ret_first)
{
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++)
		if (job_matches(&jobs->v[i], name) && !n++ && ret_first)
			*ret_first = &jobs->v[i];
	return n;
}

static void list_candidates(const struct jw_jobs *jobs, const char *name, size_t n)
{
	size_t i, shown = 0;

	for (i = 0; i < jobs->n && shown < 20; i++) {
		char id[JW_ID_HEX];

		if (!job_matches(&jobs->v[i], name))
			continue;
		jw_job_id_format(jobs->v[i].id, id);
		jw_advise("%s  %s  %s", id, jw_cli_place(&jobs->v[i]),
			  jw_show_cut(jw_cli_command(&jobs->v[i]), 50));
		shown++;
	}
	if (n > shown)
		jw_advise("and %zu more", n - shown);
}

int jw_cli_pick(const struct jw_jobs *jobs, const char *name, const struct jw_job **ret)
{
	size_t n = jw_cli_matches(jobs, name, ret);

	if (n == 1)
		return JW_EXIT_YES;
	if (!n) {
		jw_complain("no job is called '%s'", jw_show(name));
		jw_advise("jobward jobs lists them; jobward sync reads all stores again");
		return JW_EXIT_NO;
	}
	jw_complain("'%s' may mean any of %zu jobs:", jw_show(name), n);
	list_candidates(jobs, name, n);
	return JW_EXIT_USAGE;
}

int64_t jw_cli_next_run(const struct jw_job *job, int64_t now_ns)
{
	if (jw_schedule_is_cron(job->scheduler) && job->schedule) {
		int64_t ns = jw_schedule_cron_next(job->schedule, now_ns);

		if (ns)
			return ns;
	}
	return job->next_run_ns == -1 || job->next_run_ns >= now_ns ? job->next_run_ns : 0;
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

unsigned int jw_cli_id_digits(const struct jw_jobs *jobs)
{
	uint64_t *ids = jw_must(calloc(jobs->n + 1, sizeof(*ids)));
	unsigned int digits = 8;
	size_t i;

	for (i = 0; i < jobs->n; i++)
		ids[i] = jobs->v[i].id;
	qsort(ids, jobs->n, sizeof(*ids), compare_ids);
	for (i = 1; i < jobs->n; i++)
		while (digits < 16 && ids[i - 1] != ids[i] && !((ids[i - 1] ^ ids[i]) >> (64 - 4 * digits)))
			digits++;
	free(ids);
	return digits;
}

const char *jw_cli_short_id(uint64_t id, unsigned int digits)
{
	char text[JW_ID_HEX];

	jw_job_id_format(id, text);
	return jw_showf("%.*s", (int)digits, text);
}

const char *jw_cli_place(const struct jw_job *job)
{
	return job->line ? jw_showf("%s:%u", jw_show(job->path), job->line) : jw_show(job->path);
}

const char *jw_cli_command(const struct jw_job *job)
{
	if (job->unreadable)
		return jw_showf("(unreadable: %s)", jw_show(job->unreadable));
	return job->command ? jw_show(job->command) : "-";
}

const char *jw_cli_user(uint32_t uid)
{
	/*
	 * One look-up for each user: where names come over the network it is slow, and slowest when the network is
	 * gone.
	 */
	static struct {
		uint32_t uid;
		char *name;
	} known[64];
	static size_t n;
	struct passwd *entry;
	size_t i;

	for (i = 0; i < n; i++)
		if (known[i].uid == uid)
			return jw_show(known[i].name);
	entry = getpwuid(uid);
	if (!entry)
		return jw_showf("%u", uid);
	if (n < sizeof(known) / sizeof(known[0])) {
		known[n].uid = uid;
		known[n++].name = jw_must(strdup(entry->pw_name));
	}
	return jw_show(entry->pw_name);
}
