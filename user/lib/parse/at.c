// SPDX-License-Identifier: GPL-2.0
/*
 * Spool files of at 3.2. Facts: at(1), atd(8), and runs of both.
 *
 *   name     queue letter, 5 hex digits of the number, 8 of minutes since the epoch; atd reads it with sscanf(3), so
 *            anything may follow
 *   runs     regular file, executable for its owner, no link besides atd's own lock; time passed
 *   header   "#!/bin/sh", "# atrun uid=U gid=G", "# mail NAME N"; U must be the file's owner, G is not checked
 *   then     umask, the caller's environment as shell assignments, "cd DIR || {", and the user's text
 *
 * sh reads the file from standard input with an empty environment: the whole content is what runs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "out.h"

bool jw_at_name_parse(const char *name, int64_t *run_at, char *queue)
{
	unsigned long number, minutes;
	char letter;

	if (sscanf(name, "%c%5lx%8lx", &letter, &number, &minutes) != 3)
		return false;
	/* "=" is atd's lock on a job; other names are nobody's. */
	if (!((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')))
		return false;
	*run_at = (int64_t)((uint64_t)minutes * 60);
	*queue = letter;
	return true;
}

struct header {
	int uid, gid, send_mail;
	char mail[257];		/* LOGIN_NAME_MAX and the final NUL byte */
};

/* The same conversion on the same bytes as atd: blanks match any, also none, and a number wraps. */
static bool read_header(const char *buf, size_t len, struct header *ret)
{
	FILE *f = len ? fmemopen((void *)buf, len, "r") : NULL;
	bool ok;

	if (!f)
		return false;
	ok = fscanf(f, "#!/bin/sh\n# atrun uid=%d gid=%d\n# mail %256s %d", &ret->uid, &ret->gid, ret->mail,
		    &ret->send_mail) == 4;
	fclose(f);
	return ok;
}

/* Why atd would not run the file now. Return: NULL when it would. */
static const char *why_not(const char *buf, size_t len, const struct jw_at_opts *opts, struct header *header)
{
	if (!S_ISREG(opts->mode))
		return "not a regular file";
	if (!(opts->mode & S_IXUSR))
		return "not executable, so atd does not run it until somebody changes its mode";
	/* Two while atd has its lock on it, atd(8). */
	if (opts->nlink > 2)
		return "file has further hard links, so atd does not run it";
	if (!opts->owner)
		return "owner of the file is no user";
	if (!read_header(buf, len, header))
		return "header is not that of at, so atd does not run it";
	if (header->mail[0] == '-')
		return "name to mail to begins with \"-\", so atd does not run it";
	if ((uid_t)header->uid != opts->uid)
		return "header names another user than the owner of the file, so atd does not run it";
	return NULL;
}

/* Return: the line behind @line, or the end. */
static const char *next_line(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', end - line);

	return newline ? newline + 1 : end;
}

static bool line_is(const char *line, const char *end, const char *first, const char *last)
{
	size_t len = next_line(line, end) - line, n = strlen(first), m = strlen(last);

	if (len && line[len - 1] == '\n')
		len--;
	return len >= n + m && !memcmp(line, first, n) && !memcmp(line + len - m, last, m);
}

/*
 * What follows the block of "cd". at quotes every newline and blank in what it writes before, so the first line that
 * looks like the block is it. Without one the file was not written by at, or is not all here: then it is what follows
 * the header.
 */
static const char *behind_block(const char *buf, const char *end)
{
	const char *line = buf, *body;
	int i;

	for (i = 0; i < 3; i++)
		line = next_line(line, end);
	body = line;
	for (; line < end; line = next_line(line, end)) {
		if (!line_is(line, end, "cd ", " || {"))
			continue;
		while (line < end && !line_is(line, end, "}", ""))
			line = next_line(line, end);
		return line < end ? next_line(line, end) : body;
	}
	return body;
}

const char *jw_at_user_text(const char *buf, size_t len, bool whole, size_t *ret_len)
{
	static const char first[] = "umask ";	/* what at itself writes behind the header */
	const char *end = buf + len, *text = behind_block(buf, end);

	if (!whole && (text == end || (end - text >= (ptrdiff_t)sizeof(first) - 1 && !memcmp(text, first, sizeof(first) - 1))))
		return NULL;
	while (end > text && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	*ret_len = end - text;
	return text;
}

static int set_command(struct jw_job *job, const char *buf, size_t buf_len)
{
	size_t len;
	const char *text = jw_at_user_text(buf, buf_len, true, &len);

	job->command = jw_parse_text(text, len);
	return job->command ? 0 : -ENOMEM;
}

static int add_job(const char *buf, size_t len, const struct jw_at_opts *opts, const char *name, const char *schedule,
		   struct jw_parse_out *out)
{
	struct jw_job *job = jw_jobs_add(&out->jobs);
	struct jw_exec *exec;

	if (!job)
		return -ENOMEM;
	job->scheduler = JOBWARD_SCHEDULER_AT;
	job->uid = opts->uid;
	job->owner = strdup(opts->owner);
	job->name = strdup(name);
	job->path = strdup(opts->path);
	job->schedule = strdup(schedule);
	exec = jw_job_add_exec(job);
	if (!job->owner || !job->name || !job->path || !job->schedule || !exec)
		return -ENOMEM;
	exec->program = strdup("/bin/sh");
	if (!exec->program || jw_exec_set_argv(exec, "sh", NULL) < 0 || jw_exec_set_content(exec, buf, len) < 0)
		return -ENOMEM;
	if (set_command(job, buf, len) < 0)
		return -ENOMEM;
	return jw_parse_set_source(job, buf, len);
}

int jw_parse_at(const char *buf, size_t len, const struct jw_at_opts *opts, struct jw_parse_out *out)
{
	const char *slash = strrchr(opts->path, '/'), *name = slash ? slash + 1 : opts->path, *cause;
	const struct jw_parse_bad bad = {
		.scheduler = JOBWARD_SCHEDULER_AT, .path = opts->path, .owner = opts->owner, .name = name,
		.uid = opts->uid, .source = buf, .source_len = len,
	};
	struct header header = { 0 };
	char schedule[64], queue;
	int64_t run_at;

	if (!jw_at_name_parse(name, &run_at, &queue))
		return 0;
	snprintf(schedule, sizeof(schedule), "@%" PRId64 " queue %c", run_at, queue);
	cause = why_not(buf, len, opts, &header);
	if (cause) {
		if (jw_parse_unreadable(out, &bad, "%s", cause) < 0)
			return -ENOMEM;
		out->jobs.v[out->jobs.n - 1].schedule = strdup(schedule);
		return out->jobs.v[out->jobs.n - 1].schedule ? 0 : -ENOMEM;
	}
	if (opts->nlink == 2 && jw_diag_add(&out->diags, JW_DIAG_NOTE, opts->path, 0, 0,
					    "file has two links: atd runs it, or somebody keeps it from running") < 0)
		return -ENOMEM;
	if (header.gid == 0 && opts->uid && jw_diag_add(&out->diags, JW_DIAG_WARNING, opts->path, 2, 0,
							"runs with group 0 though its owner is not root") < 0)
		return -ENOMEM;
	return add_job(buf, len, opts, name, schedule, out);
}
