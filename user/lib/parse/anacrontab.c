// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of Debian's anacron 2.3. Facts: anacrontab(5), anacron(8), and runs of the program.
 *
 *   "\" and newline join lines, the newline becomes a blank; every other backslash and every NUL byte is deleted
 *   NAME=VALUE              tried first; the value is everything behind "=", blanks too
 *   PERIOD DELAY ID COMMAND PERIOD is days or "@monthly" and the like; an ID has no "/"
 *   a line that is none of these is passed over, the others live
 *
 * anacron has no users and does not change its own: its jobs are root's. It puts the assignments into its own
 * environment before each job and never takes them back, so a later assignment reaches an earlier line when that one
 * runs later.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"

struct anacrontab {
	const char *path;
	const char *buf;
	size_t len, pos;
	unsigned int line;		/* of buf[pos] */
	char **env;
	size_t n_env, env_bytes, copied_bytes;
};

/* anacron keeps one list for all; copies for each job are ours, and past this sum we do without. */
#define ENV_BYTES_MAX ((size_t)64 << 20)

/*
 * Next joined line as anacron sees it: it decides about a byte when it has seen the next one, and so keeps a
 * backslash or newline that is the very last byte. Return: 1, 0 at the end, -ENOMEM.
 */
static int next_line(struct anacrontab *t, struct jw_parse_buf *out)
{
	int prev = 0, c;

	if (t->pos > t->len)
		return 0;
	out->n = 0;
	if (jw_parse_buf_add(out, "", 0) < 0)
		return -ENOMEM;
	for (;; prev = c) {
		c = t->pos < t->len ? (unsigned char)t->buf[t->pos] : -1;
		t->pos++;
		if (c == '\n')
			t->line++;
		if (c < 0 || (c == '\n' && prev != '\\'))
			return prev && jw_parse_buf_add(out, &(char){ prev }, 1) < 0 ? -ENOMEM : 1;
		if (prev && prev != '\\' && jw_parse_buf_add(out, prev == '\n' ? " " : &(char){ prev }, 1) < 0)
			return -ENOMEM;
	}
}

static size_t blanks(const char *s)
{
	return strspn(s, " \t");
}

/* Memory that a copy of the assignment takes, roughly. */
static size_t env_cost(const char *assignment)
{
	return strlen(assignment) + 48;
}

/* [ \t]*([^ \t=]+)[ \t]*=(.*) Return: 1 when it is one and was taken, 0, -ENOMEM. */
static int take_assignment(struct anacrontab *t, const char *s)
{
	size_t len, i;
	const char *eq;
	char *text;

	s += blanks(s);
	len = strcspn(s, " \t=");
	eq = s + len + blanks(s + len);
	if (!len || *eq != '=')
		return 0;
	if (asprintf(&text, "%.*s%s", (int)len, s, eq) < 0)
		return -ENOMEM;
	t->env_bytes += env_cost(text);
	for (i = 0; i < t->n_env; i++) {
		if (strncmp(t->env[i], text, len + 1))
			continue;
		t->env_bytes -= env_cost(t->env[i]);
		free(t->env[i]);
		t->env[i] = text;
		return 1;
	}
	return jw_parse_strv_push(&t->env, &t->n_env, text) < 0 ? -ENOMEM : 1;
}

/* A line's four parts; pointers into the line. */
struct entry {
	const char *period, *delay, *id, *command;
	size_t period_len, delay_len, id_len;
};

static bool number_ok(const char *s, size_t len)
{
	long n;

	if (!len || strspn(s, "0123456789") < len)
		return false;
	errno = 0;
	n = strtol(s, NULL, 10);
	return errno == 0 && n <= INT_MAX;
}

/* Return: NULL when it is an entry, else what is wrong with it. */
static const char *parse_entry(const char *s, struct entry *e)
{
	s += blanks(s);
	e->period = s;
	e->period_len = strcspn(s, " \t");
	s += e->period_len;
	e->delay = s += blanks(s);
	e->delay_len = strcspn(s, " \t");
	s += e->delay_len;
	e->id = s += blanks(s);
	e->id_len = strcspn(s, " \t");
	s += e->id_len;
	e->command = s + blanks(s);
	if (!*e->command)
		return "invalid syntax: period, delay, identifier or command is missing";
	if (*e->period == '@' ? e->period_len < 2 : !number_ok(e->period, e->period_len))
		return "invalid syntax: bad period";
	if (!number_ok(e->delay, e->delay_len))
		return "invalid syntax: bad delay";
	if (memchr(e->id, '/', e->id_len))
		return "invalid syntax: a job identifier has no slash";
	return NULL;
}

static bool period_known(const struct entry *e)
{
	static const char *const names[] = { "@monthly", "@yearly", "@annualy", "@annually", "@daily", "@weekly" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == e->period_len && !memcmp(names[i], e->period, e->period_len))
			return true;
	return *e->period != '@';
}

static int copy_env(struct anacrontab *t, struct jw_exec *exec)
{
	size_t n = 0, i;
	int r = 0;

	t->copied_bytes += t->env_bytes;
	for (i = 0; i < t->n_env && r == 0; i++)
		r = jw_parse_strv_push(&exec->env, &n, strdup(t->env[i]));
	return r;
}

static int add_job(struct anacrontab *t, const struct entry *e, unsigned int line, const char *text,
		   struct jw_parse_out *out)
{
	struct jw_job *job = jw_jobs_add(&out->jobs);
	struct jw_exec *exec;

	if (!job)
		return -ENOMEM;
	job->scheduler = JOBWARD_SCHEDULER_ANACRON;
	job->uid = 0;
	job->line = line;
	job->owner = strdup("root");
	job->path = strdup(t->path);
	job->name = jw_parse_text(e->id, e->id_len);
	job->command = strdup(e->command);
	if (asprintf(&job->schedule, "%.*s %.*s", (int)e->period_len, e->period, (int)e->delay_len, e->delay) < 0)
		job->schedule = NULL;
	exec = jw_job_add_exec(job);
	if (!job->owner || !job->path || !job->name || !job->command || !job->schedule || !exec)
		return -ENOMEM;
	if (jw_exec_set_argv(exec, "/bin/sh", "-c", e->command, NULL) < 0 || copy_env(t, exec) < 0)
		return -ENOMEM;
	return jw_parse_set_source(job, text, strlen(text));
}

static int parse_line(struct anacrontab *t, const char *s, unsigned int line, struct jw_parse_out *out)
{
	const struct jw_parse_bad bad = {
		.scheduler = JOBWARD_SCHEDULER_ANACRON, .path = t->path, .owner = "root", .uid = 0, .line = line,
		.source = s, .source_len = strlen(s),
	};
	const char *first = s + blanks(s), *cause;
	struct entry e;
	int r;

	if (!*first || *first == '#')
		return 0;
	r = take_assignment(t, s);
	if (r)
		return r < 0 ? r : 0;
	cause = parse_entry(s, &e);
	if (cause && *first != '@' && (*first < '0' || *first > '9'))
		return jw_diag_add(&out->diags, JW_DIAG_WARNING, t->path, line, 0, "%s, anacron passes over the line",
				   cause);
	if (!cause && t->copied_bytes + t->env_bytes > ENV_BYTES_MAX)
		cause = "assignments times entries are too many to hold";
	if (cause)
		return jw_parse_unreadable(out, &bad, "%s", cause);
	if (!period_known(&e) && jw_diag_add(&out->diags, JW_DIAG_WARNING, t->path, line, 0,
					     "period is unknown to anacron, when the job runs is undefined") < 0)
		return -ENOMEM;
	return add_job(t, &e, line, s, out);
}

int jw_parse_anacrontab(const char *buf, size_t len, const char *path, struct jw_parse_out *out)
{
	struct anacrontab t = { .path = path, .buf = buf, .len = len, .line = 1 };
	struct jw_parse_buf text = { 0 };
	unsigned int line;
	int r;

	for (;;) {
		line = t.line;
		r = next_line(&t, &text);
		if (r > 0)
			r = parse_line(&t, text.s, line, out);
		else
			break;
		if (r < 0)
			break;
	}
	free(text.s);
	jw_parse_strv_free(t.env);
	return r;
}
