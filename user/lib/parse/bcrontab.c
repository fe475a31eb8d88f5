// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of bcron, read as bcron-sched reads them. Facts: bcron 0.11 (crontab.c, timespec-parse.c, bcron-exec.c).
 *
 *   line       ends at a newline, or with the file; blanks at both ends go; "#" first is a comment
 *   assignment NAME = VALUE up to the first blank or "="; one pair of quotes around the value goes
 *   entry      five fields, in a system table a user, then the command: all of the rest up to a NUL byte. "%" and "\"
 *              are nothing special, there are no @words
 *   refusal    a bad line is passed over and the rest lives; an unknown user makes a line bad
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "out.h"

#define SPACE(c) ((c) == ' ' || ((c) >= '\t' && (c) <= '\r'))
#define DIGIT(c) ((c) >= '0' && (c) <= '9')
#define ALPHA(c) (((c) >= 'a' && (c) <= 'z') || ((c) >= 'A' && (c) <= 'Z'))
/* All assignments go into each entry; past this sum the table is a way to eat memory and not a table. */
#define ENV_BYTES_MAX ((size_t)64 << 20)

static const char *const days[] = {
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", NULL
};
static const char *const months[] = {
	"", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
	"november", "december", NULL
};
static const struct {
	int min, max;
	const char *const *names;
	const char *error;
} fields[] = {
	{ 0, 59, NULL, "bad minute" }, { 0, 23, NULL, "bad hour" }, { 1, 31, NULL, "bad day of month" },
	{ 1, 12, months, "bad month" }, { 0, 7, days, "bad day of week" },
};

struct bcrontab {
	const struct jw_crontab_opts *opts;
	struct jw_parse_out *out;
	char **env;
	size_t n_env, env_bytes, copied_bytes;
	/* of the line that is read */
	unsigned int line;
	const char *source;
	size_t source_len;
};

/* A name whole or by its first three letters, or a number. Return: bytes read, 0: neither. */
static size_t read_value(const char *s, const char *const *names, int *ret)
{
	size_t n = 0;

	for (*ret = 0; DIGIT(s[n]); n++)
		*ret = *ret > 100000 ? *ret : *ret * 10 + s[n] - '0';
	for (int i = 0; !n && names && names[i]; i++) {
		size_t len = strlen(names[i]);

		for (size_t k = len; len && !n && k; k = k > 3 ? 3 : 0)
			if (!strncasecmp(names[i], s, k) && !ALPHA(s[k]))
				n = k;
		*ret = i;
	}
	return n;
}

/* One field, up to a blank. Return: what is behind it, NULL when it is bad. */
static const char *read_field(const char *s, int min, int max, const char *const *names)
{
	do {
		int first = min, last = max, step = 1;
		size_t n = 1;

		if (*s != '*') {
			n = read_value(s, names, &first);
			last = first;
		}
		s += n;
		if (n && s[-1] != '*' && *s == '-') {
			n = read_value(++s, names, &last);
			s += n;
		}
		if (n && *s == '/') {
			n = read_value(++s, NULL, &step);
			s += n;
		}
		if (!n || first > last || first < min || last > max)
			return NULL;
		while (*s == ',')
			s++;
	} while (!SPACE(*s));
	return s;
}

/* Return: 1 when it is an assignment, 0 or -ENOMEM. */
static int read_assignment(struct bcrontab *t, char *line, size_t len)
{
	size_t name = 0, at, i;
	char *both;

	while (name < len && !SPACE(line[name]) && line[name] != '=')
		name++;
	for (at = name; at < len && SPACE(line[at]); )
		at++;
	if (at >= len || line[at] != '=')
		return 0;
	for (at++; at < len && SPACE(line[at]); )
		at++;
	if (at >= len)
		return 0;
	if ((line[at] == '"' || line[at] == '\'') && line[len - 1] == line[at]) {
		at++;
		line[len - 1] = '\0';
	}
	/* texts as C strings from here on, in envstr_set() of bglibs as well */
	name = strnlen(line, name);
	both = malloc(name + strlen(line + at) + 2);
	if (!both)
		return -ENOMEM;
	memcpy(both, line, name);
	both[name] = '=';
	strcpy(both + name + 1, line + at);
	t->env_bytes += strlen(both) + 48;
	for (i = 0; i < t->n_env; i++) {
		if (strncmp(t->env[i], both, name + 1))
			continue;
		free(t->env[i]);
		t->env[i] = both;
		return 1;
	}
	return jw_parse_strv_push(&t->env, &t->n_env, both) < 0 ? -ENOMEM : 1;
}

/* The fields with single blanks between. */
static char *schedule_text(const char *s, const char *end)
{
	char *text = malloc(end - s + 1), *p = text;

	for (; text && s < end; s++)
		if (!SPACE(*s))
			*p++ = *s;
		else if (p != text && p[-1] != ' ')
			*p++ = ' ';
	if (text)
		p[-(p != text && p[-1] == ' ')] = '\0';
	return text;
}

static int add_job(struct bcrontab *t, const char *user, char *schedule, const char *command)
{
	struct jw_job *job = jw_jobs_add(&t->out->jobs);
	const char *shell = "/bin/sh";
	struct jw_exec *exec;
	size_t n = 0;
	int r = 0;

	if (!job || !schedule) {
		free(schedule);
		return -ENOMEM;
	}
	job->scheduler = JOBWARD_SCHEDULER_BCRON;
	job->schedule = schedule;
	job->line = t->line;
	job->owner = strdup(user);
	job->path = strdup(t->opts->path);
	job->command = strdup(command);
	exec = jw_job_add_exec(job);
	if (!job->owner || !job->path || !job->command || !exec)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_env && !r; i++) {
		if (!strncmp(t->env[i], "SHELL=", 6))
			shell = t->env[i] + 6;
		r = jw_parse_strv_push(&exec->env, &n, strdup(t->env[i]));
	}
	t->copied_bytes += t->env_bytes;
	if (!r)
		r = jw_exec_set_argv(exec, shell, "-c", command, NULL);
	return r < 0 ? r : jw_parse_set_source(job, t->source, t->source_len);
}

/* Return: 0, 1 when the line is bad (then *cause), -ENOMEM. */
static int read_entry(struct bcrontab *t, char *line, const char **cause)
{
	const char *s = line, *end = line, *user = t->opts->owner;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		while (SPACE(*s))
			s++;
		s = read_field(s, fields[i].min, fields[i].max, fields[i].names);
		*cause = fields[i].error;
		if (!s)
			return 1;
		end = s;
	}
	while (SPACE(*s))
		s++;
	if (!user) {
		char *name = line + (s - line);
		size_t len = strcspn(name, " \t\n\v\f\r");

		s += len + (s[len] != '\0');
		name[len] = '\0';
		user = name;
		while (SPACE(*s))
			s++;
		*cause = "unknown user";
		if (!*name || (t->opts->user_exists && !t->opts->user_exists(t->opts->ctx, name)))
			return 1;
	}
	*cause = "command is missing";
	return *s ? add_job(t, user, schedule_text(line, end), s) : 1;
}

static int read_line(struct bcrontab *t, char *line, size_t len)
{
	const char *cause = NULL;
	int r;

	while (len && SPACE(line[len - 1]))
		len--;
	while (len && SPACE(*line)) {
		line++;
		len--;
	}
	line[len] = '\0';
	if (!len || *line == '#')
		return 0;
	r = read_assignment(t, line, len);
	if (r)
		return r < 0 ? r : 0;
	r = read_entry(t, line, &cause);
	if (r == 1) {
		const struct jw_parse_bad bad = {
			.scheduler = JOBWARD_SCHEDULER_BCRON, .path = t->opts->path, .owner = t->opts->owner,
			.uid = (uid_t)-1, .line = t->line, .source = t->source, .source_len = t->source_len,
		};

		r = jw_parse_unreadable(t->out, &bad, "%s, so bcron ignores the line", cause);
	}
	return r;
}

int jw_parse_bcrontab(const char *buf, size_t len, const struct jw_crontab_opts *opts, struct jw_parse_out *out)
{
	struct bcrontab t = { .opts = opts, .out = out };
	const char *end = buf + len;
	int r = 0;

	for (const char *s = buf, *next; s < end && !r; s = next) {
		const char *nl = memchr(s, '\n', end - s);
		char *line;

		t.line++;
		t.source = s;
		t.source_len = (nl ? nl : end) - s;
		next = nl ? nl + 1 : end;
		if (t.copied_bytes + t.env_bytes > ENV_BYTES_MAX) {
			r = jw_diag_add(&out->diags, JW_DIAG_ERROR, opts->path, t.line, 0,
					"assignments times entries are too many to hold: not read further");
			break;
		}
		line = jw_parse_text(s, t.source_len);
		r = line ? read_line(&t, line, t.source_len) : -ENOMEM;
		free(line);
	}
	jw_parse_strv_free(t.env);
	return r;
}
