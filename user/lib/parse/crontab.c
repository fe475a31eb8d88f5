// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of Debian's cron (Vixie 3.0pl1), read as the daemon reads them. Facts: crontab(5), cron(8), Debian's
 * changelog of cron, and runs of the daemon with a shell that shows its arguments.
 *
 *   line       ends at a newline or a NUL byte, so "A=b<NUL>* * * * * root cmd" is an assignment and a job
 *   order      every line is tried as an assignment first, then as an entry
 *   assignment NAME = VALUE, either side may be quoted; 998 bytes count, the rest of the line is dropped; blanks at
 *              the end of the value go even when it was quoted, and then one more pair of quotes
 *   entry      @word or five fields, in a system table a user name up to a blank; exactly that blank is eaten
 *   command    the rest, trailing blanks and carriage returns included; %, \% and \\ are cron's, see split_command()
 *   refusal    one bad line, an unknown user, a last line without newline, a command over 998 bytes or more than some
 *              10000 lines (blank lines and comments at the end do not count): cron runs nothing of the whole file
 *
 * The two flavours: an assignment without a value, "MAILTO=", is an error for Debian 12 and empty for Debian 13.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"
#include "../schedule/cron_times.h"

#define LINE_KEPT 998		/* bytes of an assignment and of a command that count, crontab(5) */
#define WORD_KEPT 999		/* bytes of a user name that count */
#define LINES_MAX 10003		/* "10000" in cron's own message; runs show that an item may end on line 10003 */
#define SPACE(c) ((c) == ' ' || ((c) >= '\t' && (c) <= '\r'))

/* cron copies all assignments into each entry; past this sum the table is a way to eat memory and not a table. */
#define ENV_BYTES_MAX ((size_t)64 << 20)

struct table {
	const struct jw_crontab_opts *opts;
	struct jw_cron_reader in;
	/* what the last assignment left is still behind a shorter line, see read_side() */
	char line[LINE_KEPT + 2];
	char **env;
	size_t n_env, env_bytes, copied_bytes;
	struct jw_jobs jobs;		/* handed out only when the whole table is good */
};

enum line_kind { LINE_ASSIGNMENT, LINE_ENTRY, LINE_END, LINE_CUT };

static void skip_comments(struct jw_cron_reader *in)
{
	int ch;

	while ((ch = jw_cron_getc(in)) >= 0) {
		while (ch == ' ' || ch == '\t')
			ch = jw_cron_getc(in);
		if (ch >= 0 && ch != '\n' && ch != '#')
			break;
		/* A comment ends at a newline only: a NUL byte hides nothing behind "#". */
		while (ch >= 0 && ch != '\n')
			ch = jw_cron_getc(in);
	}
	jw_cron_ungetc(in, ch);
}

/* Reads up to a newline or NUL byte and keeps at most @keep bytes. Return: the terminator, -1 at the end. */
static int read_rest(struct jw_cron_reader *in, char *out, size_t keep, size_t *n)
{
	int ch;

	*n = 0;
	while ((ch = jw_cron_getc(in)) >= 0 && ch != '\n' && ch)
		if (*n < keep)
			out[(*n)++] = ch;
	out[*n] = '\0';
	return ch;
}

/* One side of an assignment. */
struct side {
	char text[LINE_KEPT + 2];
	size_t n;
	char quote;
	bool ended;
};

/*
 * Takes the side that begins at @c. A quote that is the last byte of the line makes cron step over the final NUL byte
 * and go on in what the buffer still holds of an earlier line; the table's buffer is kept so that this comes out the
 * same.
 */
static const char *read_side(const char *c, const char *end, struct side *s, bool is_name)
{
	bool first = true;

	s->n = 0;
	s->ended = false;
	s->quote = 0;
	if (*c == '\'' || *c == '"')
		s->quote = *c++;
	for (; c < end && (*c || (first && s->quote)); first = false) {
		if (s->quote && *c == s->quote) {
			s->ended = true;
			c++;
			break;
		}
		if (is_name && *c == '=') {
			s->ended = !s->quote;
			break;
		}
		if (is_name && !s->quote && SPACE(*c)) {
			s->ended = true;
			c++;
			break;
		}
		s->text[s->n++] = *c++;
	}
	s->text[s->n] = '\0';
	return c;
}

/* Takes off what stands around a value that was unquoted already: "'x '  " becomes "x ". */
static void trim_value(char *value)
{
	size_t len = strlen(value);

	while (len && SPACE(value[len - 1]))
		len--;
	value[len] = '\0';
	if (len < 2 || (*value != '\'' && *value != '"') || value[len - 1] != *value)
		return;
	value[len - 1] = '\0';
	memmove(value, value + 1, len - 1);
}

/* Is the line in @t->line an assignment? Then *ret is "NAME=VALUE". Return: 1, 0 or -ENOMEM. */
static int parse_assignment(struct table *t, char **ret)
{
	const char *c = t->line, *end = t->line + sizeof(t->line) - 1;
	struct side name, value = { .n = 0 };
	size_t len;

	if (!*c)
		return 0;
	c = read_side(c, end, &name, true);
	if (!name.ended)
		return 0;
	while (SPACE(*c))
		c++;
	if (*c++ != '=')
		return 0;
	while (SPACE(*c))
		c++;
	if (!*c) {
		if (t->opts->flavour == JW_CRON_DEBIAN_12)
			return 0;
	} else {
		c = read_side(c, end, &value, false);
		if (value.quote && !value.ended)
			return 0;
		while (SPACE(*c))
			c++;
		if (*c)
			return 0;
		trim_value(value.text);
	}
	/* Texts as C strings: what stands behind a NUL byte that came out of the buffer's past is not seen by cron. */
	len = strlen(name.text);
	*ret = malloc(len + strlen(value.text) + 2);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, name.text, len);
	(*ret)[len] = '=';
	strcpy(*ret + len + 1, value.text);
	return 1;
}

/* Memory that a copy of the assignment takes, roughly. */
static size_t env_cost(const char *assignment)
{
	return strlen(assignment) + 48;
}

/* The last assignment of a name wins and takes the place of the first. Takes @assignment over. */
static int set_env(struct table *t, char *assignment)
{
	size_t len = strcspn(assignment, "=") + 1, i;

	/* cron formats the assignment back into the line buffer. */
	strcpy(t->line, assignment);
	t->env_bytes += env_cost(assignment);
	for (i = 0; i < t->n_env; i++) {
		if (strncmp(t->env[i], assignment, len))
			continue;
		t->env_bytes -= env_cost(t->env[i]);
		free(t->env[i]);
		t->env[i] = assignment;
		return 0;
	}
	return jw_parse_strv_push(&t->env, &t->n_env, assignment);
}

static const char *get_env(const struct table *t, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < t->n_env; i++)
		if (!strncmp(t->env[i], name, len) && t->env[i][len] == '=')
			return t->env[i] + len + 1;
	return NULL;
}

/* Return: enum line_kind or -ENOMEM. An assignment is consumed and set, the reader stands before anything else. */
static int next_line(struct table *t)
{
	struct jw_cron_reader start;
	char *assignment;
	size_t n;
	int r;

	skip_comments(&t->in);
	start = t->in;
	if (read_rest(&t->in, t->line, LINE_KEPT, &n) < 0)
		return n ? LINE_CUT : LINE_END;
	r = parse_assignment(t, &assignment);
	if (r < 0)
		return r;
	if (r) {
		r = set_env(t, assignment);
		return r < 0 ? r : LINE_ASSIGNMENT;
	}
	t->in = start;
	return LINE_ENTRY;
}

/*
 * The fields as written with single blanks between; bytes that are no text can only be passed over ones and become "?".
 */
static char *schedule_text(const unsigned char *s, size_t len)
{
	char *text = malloc(len + 1), *p = text;
	bool gap = false;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < len; i++) {
		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
			gap = true;
			continue;
		}
		if (gap && p != text)
			*p++ = ' ';
		gap = false;
		*p++ = s[i] > ' ' && s[i] < 0x7f ? s[i] : '?';
	}
	*p = '\0';
	return text;
}

/*
 * "\%" is "%" and "\\" is "\"; the first bare "%" ends the command. Return: what is behind it, NULL when there is none.
 */
static const char *split_command(const char *raw, char *command)
{
	for (; *raw && *raw != '%'; raw++) {
		if (*raw == '\\' && (raw[1] == '%' || raw[1] == '\\'))
			raw++;
		else if (*raw == '\\' && raw[1])
			*command++ = *raw++;
		*command++ = *raw;
	}
	*command = '\0';
	return *raw ? raw + 1 : NULL;
}

/* Input of the job: "%" is a newline, "\%" is "%", and a newline ends it. Empty text is no input. */
static char *input_text(const char *raw)
{
	char *text, *p;

	text = malloc(strlen(raw) + 2);
	if (!text)
		return NULL;
	for (p = text; *raw; raw++) {
		if (raw[0] == '\\' && raw[1] == '%')
			*p++ = *++raw;
		else
			*p++ = *raw == '%' ? '\n' : *raw;
	}
	if (p != text && p[-1] != '\n')
		*p++ = '\n';
	*p = '\0';
	return text;
}

static int copy_env(struct table *t, struct jw_exec *exec)
{
	size_t n = 0, i;
	int r = 0;

	t->copied_bytes += t->env_bytes;
	for (i = 0; i < t->n_env && r == 0; i++)
		r = jw_parse_strv_push(&exec->env, &n, strdup(t->env[i]));
	return r;
}

static int add_job(struct table *t, const char *user, char *schedule, const char *raw,
		   const struct jw_cron_reader *start)
{
	const char *shell = get_env(t, "SHELL"), *input;
	struct jw_job *job = jw_jobs_add(&t->jobs);
	struct jw_exec *exec;

	if (!job) {
		free(schedule);
		return -ENOMEM;
	}
	job->scheduler = JOBWARD_SCHEDULER_CRON;
	job->schedule = schedule;
	job->line = start->line;
	job->owner = strdup(user);
	job->path = strdup(t->opts->path);
	job->command = malloc(strlen(raw) + 1);
	exec = jw_job_add_exec(job);
	if (!job->owner || !job->path || !job->command || !exec)
		return -ENOMEM;
	input = split_command(raw, job->command);
	if (input && *input) {
		job->input = input_text(input);
		if (!job->input)
			return -ENOMEM;
	}
	if (jw_exec_set_argv(exec, shell ? shell : "/bin/sh", "-c", job->command, NULL) < 0 || copy_env(t, exec) < 0)
		return -ENOMEM;
	return jw_parse_set_source(job, start->buf + start->pos, t->in.pos - start->pos - 1);
}

/* User name of a system table's entry: up to a blank or NUL byte, even over a newline. Return: NULL or what is bad. */
static const char *read_user(struct table *t, char user[WORD_KEPT + 1])
{
	size_t n = 0;
	int ch;

	while ((ch = jw_cron_getc(&t->in)) >= 0 && ch != ' ' && ch != '\t' && ch)
		if (n < WORD_KEPT)
			user[n++] = ch;
	user[n] = '\0';
	if (ch < 0)
		return "bad command";
	if (!n)
		return "bad user name";
	if (strchr(user, '\n'))
		return "user name or command is missing";
	if (t->opts->user_exists && !t->opts->user_exists(t->opts->ctx, user))
		return "unknown user";
	return NULL;
}

/* Return: 0, 1 when the line is bad (then *cause), -ENOMEM. */
static int read_entry(struct table *t, const char **cause)
{
	struct jw_cron_reader start;
	struct jw_cron_times times;
	char user[WORD_KEPT + 1], raw[LINE_KEPT + 2], *schedule;
	size_t n;

	skip_comments(&t->in);
	start = t->in;
	*cause = jw_cron_times_read(&t->in, &times);
	if (*cause)
		return 1;
	schedule = schedule_text(start.buf + start.pos, t->in.pos - start.pos);
	if (!schedule)
		return -ENOMEM;
	if (!t->opts->owner) {
		*cause = read_user(t, user);
	} else {
		int ch = jw_cron_getc(&t->in);

		jw_cron_ungetc(&t->in, ch);
		if (ch == '*')
			*cause = "bad command: it begins with \"*\", as a sixth field would";
	}
	if (!*cause && read_rest(&t->in, raw, LINE_KEPT + 1, &n) < 0)
		*cause = "bad command: the file ends in it";
	else if (!*cause && n > LINE_KEPT)
		*cause = "command is longer than 998 bytes";
	if (*cause) {
		free(schedule);
		return 1;
	}
	return add_job(t, t->opts->owner ? t->opts->owner : user, schedule, raw, &start);
}

static int refuse(struct table *t, unsigned int line, const char *cause, struct jw_parse_out *out)
{
	const struct jw_parse_bad bad = {
		.scheduler = JOBWARD_SCHEDULER_CRON, .path = t->opts->path, .owner = t->opts->owner, .uid = (uid_t)-1,
		.line = line, .source = t->in.buf, .source_len = t->in.len,
	};

	return jw_parse_unreadable(out, &bad, "%s, so cron ignores the whole file", cause);
}

/* Return: 0 when the table is good, 1 when it was refused, -ENOMEM. */
static int read_table(struct table *t, struct jw_parse_out *out)
{
	const char *cause = NULL;
	unsigned int line;
	int r;

	for (;;) {
		r = next_line(t);
		if (r < 0 || r == LINE_END)
			return r < 0 ? r : 0;
		line = t->in.line;
		if (r == LINE_CUT) {
			cause = "no newline at the end of the file";
		} else if (r == LINE_ENTRY) {
			r = read_entry(t, &cause);
			if (r < 0)
				return r;
		}
		if (!cause && t->in.line - 1 > LINES_MAX)
			cause = "more than 10000 lines";
		if (!cause && t->copied_bytes + t->env_bytes > ENV_BYTES_MAX)
			cause = "assignments times entries are too many to hold";
		if (cause) {
			r = refuse(t, line, cause, out);
			return r < 0 ? r : 1;
		}
	}
}

int jw_parse_crontab(const char *buf, size_t len, const struct jw_crontab_opts *opts, struct jw_parse_out *out)
{
	struct table *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->opts = opts;
	t->in = (struct jw_cron_reader){ .buf = (const unsigned char *)buf, .len = len, .line = 1 };
	r = read_table(t, out);
	if (r == 0)
		r = jw_jobs_move(&out->jobs, &t->jobs);
	jw_jobs_done(&t->jobs);
	jw_parse_strv_free(t->env);
	free(t);
	return r < 0 ? r : 0;
}
