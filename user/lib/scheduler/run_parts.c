// SPDX-License-Identifier: GPL-2.0
/*
 * Debian's run-parts: each file of a periodic directory is a job of its own, since one exec of run-parts starts many.
 * Who calls run-parts, and how, stands in the tables of cron and anacron; their rows are read before this one. It execs
 * DIR/NAME with DIR as written by the caller (run-parts.c, run_parts) and the caller's environment.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "../schedule/schedule.h"
#include "pam_env.h"
#include "store_file.h"
#include "table.h"

#define CALLS_MAX 64
#define ARGS_MAX 16
/* Beyond this a job's text is not kept for people; its digest is. */
#define SOURCE_MAX (64u << 10)

static const struct jw_image_row images[] = {
	{ "/usr/bin/run-parts", JOBWARD_IMAGE_FILE | JOBWARD_IMAGE_PERIODIC_ONLY }, { NULL }
};
static const struct jw_store_row stores[] = {
	{ "/etc/cron.hourly", JW_CLASS_RUN_PARTS },
	{ "/etc/cron.daily", JW_CLASS_RUN_PARTS },
	{ "/etc/cron.weekly", JW_CLASS_RUN_PARTS },
	{ "/etc/cron.monthly", JW_CLASS_RUN_PARTS },
	{ "/etc/cron.yearly", JW_CLASS_RUN_PARTS },
	{ NULL }
};

/* One way in which a table calls run-parts. Strings but dir and args belong to the caller's job. */
struct call {
	size_t job;			/* in reading->jobs */
	char *dir;			/* as written; NULL: none was found */
	char *args[ARGS_MAX + 1];	/* of --arg, in order */
	bool lsb;			/* --lsbsysinit */
};
struct calls {
	struct call v[CALLS_MAX];
	size_t n;
};

static void calls_done(struct calls *calls)
{
	for (size_t i = 0; i < calls->n; i++) {
		free(calls->v[i].dir);
		for (char **a = calls->v[i].args; *a; a++)
			free(*a);
	}
}

static bool is_run_parts(const char *word)
{
	return !strcmp(word, "run-parts") || !strcmp(word, "/usr/bin/run-parts") || !strcmp(word, "/bin/run-parts");
}

/*
 * Reads the words after "run-parts" up to the directory. Options with a value of their own are all long ones with "="
 * or "-a".
 */
static int read_call(char **save, struct call *call)
{
	size_t n_args = 0;
	char *word;

	while ((word = strtok_r(NULL, " \t\n;|&(){}<>\"'", save))) {
		const char *arg = !strncmp(word, "--arg=", 6) ? word + 6 : NULL;

		if (!strcmp(word, "-a") || !strcmp(word, "--arg"))
			arg = strtok_r(NULL, " \t\n;|&(){}<>\"'", save);
		if (arg) {
			if (n_args < ARGS_MAX && !(call->args[n_args++] = strdup(arg)))
				return -ENOMEM;
		} else if (!strcmp(word, "--lsbsysinit")) {
			call->lsb = true;
		} else if (!strcmp(word, "-u") || !strcmp(word, "--umask") || !strcmp(word, "--regex")) {
			strtok_r(NULL, " \t\n;|&(){}<>\"'", save);
		} else if (word[0] != '-') {
			call->dir = strdup(word);
			return call->dir ? 0 : -ENOMEM;
		}
	}
	return 0;
}

static int find_calls(struct jw_reading *reading, struct calls *calls)
{
	for (size_t i = 0; i < reading->jobs.n; i++) {
		const struct jw_job *job = &reading->jobs.v[i];
		char *save = NULL, *word;
		_cleanup_free_ char *text = NULL;

		if (job->unreadable || !job->command || !strstr(job->command, "run-parts"))
			continue;
		text = strdup(job->command);
		if (!text)
			return -ENOMEM;
		for (word = strtok_r(text, " \t\n;|&(){}<>\"'", &save); word;
		     word = strtok_r(NULL, " \t\n;|&(){}<>\"'", &save)) {
			struct call call = { .job = i };
			int r;

			if (!is_run_parts(word))
				continue;
			if (calls->n == CALLS_MAX)
				return jw_diag_add(&reading->diags, JW_DIAG_WARNING, job->path, job->line, 0,
						   "more than %u calls of run-parts: not followed", CALLS_MAX);
			r = read_call(&save, &call);
			calls->v[calls->n++] = call;
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Is the call's directory the same as the periodic one (another spelling is another argv, see find_execs)? */
static bool same_dir(const char *root, const char *written, const char *dir)
{
	char a[JOBWARD_PATH_MAX], b[JOBWARD_PATH_MAX];
	struct stat x, y;

	if (!written || written[0] != '/' || snprintf(a, sizeof(a), "%s%s", root, written) >= (int)sizeof(a) ||
	    snprintf(b, sizeof(b), "%s%s", root, dir) >= (int)sizeof(b))
		return false;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int set_argv(struct jw_exec *exec, const struct call *call, const char *name)
{
	size_t len = strlen(call->dir) + strlen(name) + 2;
	char *p;

	for (char *const *a = call->args; *a; a++)
		len += strlen(*a) + 1;
	p = exec->argv = malloc(len);
	if (!p)
		return -ENOMEM;
	exec->argv_len = len;
	p = stpcpy(stpcpy(stpcpy(p, call->dir), "/"), name) + 1;
	for (char *const *a = call->args; *a; a++)
		p = stpcpy(p, *a) + 1;
	return 0;
}

/* One exec of the job for each exec of each caller: their environments differ. */
static int add_execs(struct jw_reading *reading, struct jw_job *job, const struct call *call, const char *name,
		     const char *text, size_t len)
{
	const struct jw_job *caller = &reading->jobs.v[call->job];
	int r = 0;

	for (size_t i = 0; i < caller->n_execs && !r; i++) {
		struct jw_exec *exec = jw_job_add_exec(job);

		if (!exec)
			return -ENOMEM;
		r = set_argv(exec, call, name);
		if (!r && caller->execs[i].env)
			r = jw_exec_default_env(exec, caller->execs[i].env);
		if (!r)
			r = jw_exec_set_content(exec, text, len);
		/* the digest is enough from here on */
		free(exec->content);
		exec->content = NULL;
		exec->content_len = 0;
	}
	return r;
}

/* cron's five fields are understood by more people and programs than anacron's period and delay: they go first. */
static int copy_schedule(struct jw_reading *reading, struct jw_job *job, const struct call *call)
{
	const struct jw_job *caller = &reading->jobs.v[call->job];

	if (job->schedule && !jw_schedule_is_cron(caller->scheduler))
		return 0;
	if (job->schedule && strchr(job->schedule, '*'))
		return 0;
	free(job->schedule);
	job->schedule = strdup(caller->schedule ? caller->schedule : "");
	return job->schedule ? 0 : -ENOMEM;
}

static int read_file(struct jw_reading *reading, const struct calls *calls, const char *dir, const char *name)
{
	_cleanup_free_ char *text = NULL, *full = NULL, *path = NULL;
	struct jw_jobs found = { 0 };
	struct jw_job *job = NULL;
	struct stat st;
	size_t len = 0;
	int r;

	if (asprintf(&path, "%s/%s", dir, name) < 0 || asprintf(&full, "%s%s", reading->root, path) < 0)
		return -ENOMEM;
	r = jw_store_file_read(full, true, 256u << 20, &text, &len, &st);
	if (r == -ENOMEM)
		return r;
	if (r == -ENOENT || r == -ENOTSUP || (r == 0 && !(st.st_mode & 0111)))
		return 0;
	for (size_t i = 0; i < calls->n; i++) {
		const struct call *call = &calls->v[i];

		if (!same_dir(reading->root, call->dir, dir) || !jw_run_parts_name_ok(name, call->lsb))
			continue;
		if (!job) {
			job = jw_jobs_add(&found);
			if (!job)
				return -ENOMEM;
			job->scheduler = JOBWARD_SCHEDULER_RUN_PARTS;
			job->uid = reading->jobs.v[call->job].uid;
			job->owner =
				strdup(reading->jobs.v[call->job].owner ? reading->jobs.v[call->job].owner : "root");
			job->path = strdup(path);
			job->command = strdup(path);
			if (!job->owner || !job->path || !job->command)
				r = -ENOMEM;
			else if (r < 0)
				r = jw_job_refuse(job, "can't be read: %s", strerror(-r));
		}
		if (!r)
			r = copy_schedule(reading, job, call);
		if (!r && !job->unreadable)
			r = add_execs(reading, job, call, name, text, len);
		if (r < 0)
			break;
	}
	if (job && !r && text) {
		job->source_len = len < SOURCE_MAX ? len : 0;
		job->source = strndup(text, job->source_len);
		r = job->source ? jw_job_add_provenance(reading, job, true, path, text, len) : -ENOMEM;
		job->source_len = job->source ? strlen(job->source) : 0;
	}
	if (!r)
		r = jw_jobs_move(&reading->jobs, &found);
	jw_jobs_done(&found);
	return r;
}

static int read_run_parts(struct jw_reading *reading)
{
	struct calls calls = { 0 };
	int r = find_calls(reading, &calls);

	for (const struct jw_store_row *s = stores; s->path && !r; s++) {
		char full[JOBWARD_PATH_MAX], **names = NULL;
		size_t n = 0;

		snprintf(full, sizeof(full), "%s%s", reading->root, s->path);
		if (jw_store_folder_names(full, &names, &n) < 0)
			continue;
		for (size_t i = 0; i < n && !r; i++)
			r = read_file(reading, &calls, s->path, names[i]);
		jw_store_names_free(names, n);
	}
	calls_done(&calls);
	return r;
}

const struct jw_scheduler jw_scheduler_run_parts = {
	.id = JOBWARD_SCHEDULER_RUN_PARTS, .images = images, .stores = stores, .read = read_run_parts,
};
