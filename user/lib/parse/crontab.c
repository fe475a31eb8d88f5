// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of Debian's cron (Vixie 3.0pl1) and of cronie, read as the daemons read them. Facts: crontab(5), cron(8),
 * Debian's changelog of cron, and runs of the daemon with a shell that shows its arguments; cronie 1.7.2: its sources
 * (user.c, entry.c, env.c, do_command.c).
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
 * The flavours of cron: an assignment without a value, "MAILTO=", is an error for Debian 12 and empty for Debian 13.
 * cronie has the same lines and order; what it does otherwise is the data of dialects[] and
 *
 *   assignment of a quoted value only what stands between the quotes counts, blanks and all
 *   entry      "-" before the minutes (no log; root's), "-n " before the command (mail on errors); A~B is a minute
 *              of chance; all blanks before the command are eaten
 *   refusal    a bad line is passed over and the rest lives; a user's table is refused as a whole for its size alone
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"
#include "../names_gen.h"
#include "../schedule/cron_times.h"

#define LINE_KEPT 998		/* bytes of an assignment and of a command that count, crontab(5) */
#define WORD_KEPT 999		/* bytes of a user name that count; no user of Linux has more than 32 */
#define LINES_MAX 10003		/* "10000" in cron's own message; runs show that an item may end on line 10003 */
#define SPACE(c) ((c) == ' ' || ((c) >= '\t' && (c) <= '\r'))

/* cron copies all assignments into each entry; past this sum the table is a way to eat memory and not a table. */
#define ENV_BYTES_MAX ((size_t)64 << 20)

struct table;

/* What a reader of crontabs does in its own way. 0: no limit. */
struct dialect {
	enum jobward_scheduler scheduler;
	size_t line_kept;		/* bytes of an assignment and of a command that count */
	unsigned int lines_max;
	size_t garbage_max;		/* bytes of comments and blanks in a row, macros.h of cronie */
	unsigned int user_entries_max, user_assignments_max;
	bool bad_line_kills;		/* one bad line: nothing of the file runs */
	bool cuts_commands;		/* to line_kept; else a longer one is a bad line */
	bool takes_empty_value;
	bool takes_unknown_user;	/* an entry waits for the user to appear (job.c) */
	bool takes_options;
	bool pairs_backslashes;		/* "\\\\" in a command is "\\" */
	int (*parse_assignment)(struct table *t, char **ret);
	const char *(*read_times)(struct jw_cron_reader *in, struct jw_cron_times *ret);
};

struct table {
	const struct jw_crontab_opts *opts;
	const struct dialect *dialect;
	struct jw_cron_reader in;
	/* line_kept + 2 bytes; what the last assignment left is still behind a shorter line, see read_side() */
	char *line;
	char **env;
	size_t n_env, env_bytes, copied_bytes;
	unsigned int entries, assignments;
	struct jw_jobs jobs;		/* handed out only when the whole table is good */
};

enum line_kind { LINE_ASSIGNMENT, LINE_ENTRY, LINE_END, LINE_CUT, LINE_GARBAGE };

/*
 * Return: false when there was more than the dialect takes. The reader then stands where that was, be it in the middle
 * of a comment: in a system table cronie goes on from there, and the rest of the comment is a line.
 */
static bool skip_comments(struct table *t)
{
	struct jw_cron_reader *in = &t->in;
	size_t left = t->dialect->garbage_max ? t->dialect->garbage_max : SIZE_MAX;
	int ch;

	while ((ch = jw_cron_getc(in)) >= 0) {
		for (; ch == ' ' || ch == '\t'; ch = jw_cron_getc(in))
			if (!left--)
				return false;
		if (ch >= 0 && !left--)
			return false;
		if (ch >= 0 && ch != '\n' && ch != '#')
			break;
		/* A comment ends at a newline only: a NUL byte hides nothing behind "#". */
		while (ch >= 0 && ch != '\n') {
			ch = jw_cron_getc(in);
			if (ch >= 0 && !left--)
				return false;
		}
	}
	jw_cron_ungetc(in, ch);
	return true;
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
static int parse_cron_assignment(struct table *t, char **ret)
{
	const char *c = t->line, *end = t->line + LINE_KEPT + 1;
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
		if (!t->dialect->takes_empty_value)
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

/*
 * The same for cronie, whose states these are (env.c, load_env). The line is rewritten in place and is the assignment
 * in the end; a value that was quoted may have anything in front of its end but the quote.
 */
static int parse_cronie_assignment(struct table *t, char **ret)
{
	const char *c = t->line;
	char *out = t->line, *value, quote = 0;

	if (!*c)
		return 0;
	if (*c == '\'' || *c == '"')
		quote = *c++;
	for (; *c && (quote ? *c != quote : *c != '=' && !SPACE(*c)); *out++ = *c++)
		if (quote && *c == '=')
			return 0;
	if (!*c)
		return 0;
	if (quote || SPACE(*c))
		c++;
	while (SPACE(*c))
		c++;
	if (*c++ != '=')
		return 0;
	*out++ = '=';
	value = out;
	while (SPACE(*c))
		c++;
	quote = *c == '\'' || *c == '"' ? *c++ : 0;
	while (*c && !(quote && *c == quote))
		*out++ = *c++;
	if (quote && *c++ != quote)
		return 0;
	while (SPACE(*c))
		c++;
	if (*c)
		return 0;
	while (!quote && out > value && SPACE(out[-1]))
		out--;
	*out = '\0';
	*ret = strdup(t->line);
	return *ret ? 1 : -ENOMEM;
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

	if (!skip_comments(t) && t->opts->owner)
		return LINE_GARBAGE;
	start = t->in;
	if (read_rest(&t->in, t->line, t->dialect->line_kept, &n) < 0)
		return n ? LINE_CUT : LINE_END;
	r = t->dialect->parse_assignment(t, &assignment);
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
 * "\%" is "%" and, where @pairs, "\\" is "\"; the first bare "%" ends the command. Return: what is behind it, NULL when
 * there is none.
 */
static const char *split_command(const char *raw, bool pairs, char *command)
{
	for (; *raw && *raw != '%'; raw++) {
		if (*raw == '\\' && (raw[1] == '%' || (pairs && raw[1] == '\\')))
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
	job->scheduler = t->dialect->scheduler;
	job->schedule = schedule;
	job->line = start->line;
	job->owner = strdup(user);
	job->path = strdup(t->opts->path);
	job->command = malloc(strlen(raw) + 1);
	exec = jw_job_add_exec(job);
	if (!job->owner || !job->path || !job->command || !exec)
		return -ENOMEM;
	input = split_command(raw, t->dialect->pairs_backslashes, job->command);
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
	if (!t->dialect->takes_unknown_user && t->opts->user_exists && !t->opts->user_exists(t->opts->ctx, user))
		return "unknown user";
	return NULL;
}

static int skip_blanks(struct jw_cron_reader *in)
{
	int ch;

	do {
		ch = jw_cron_getc(in);
	} while (ch == ' ' || ch == '\t');
	jw_cron_ungetc(in, ch);
	return ch;
}

/* cronie's "-n " before a command. Return: NULL or what is bad. */
static const char *read_options(struct jw_cron_reader *in)
{
	bool seen = false;
	int ch;

	for (ch = jw_cron_getc(in); ch == '-'; ch = jw_cron_getc(in), seen = true) {
		if (jw_cron_getc(in) != 'n' || seen)
			return "bad option";
		ch = jw_cron_getc(in);
		if (ch != ' ' && ch != '\t')
			return "bad option";
		ch = skip_blanks(in);
		if (ch < 0 || ch == '\n')
			return "bad command";
	}
	jw_cron_ungetc(in, ch);
	return NULL;
}

/* What stands between the times and the command. */
static const char *read_who(struct table *t, char user[WORD_KEPT + 1])
{
	bool own = t->dialect->takes_options;	/* cronie */
	int ch = jw_cron_getc(&t->in);
	const char *cause = NULL;

	jw_cron_ungetc(&t->in, ch);
	if ((own || t->opts->owner) && ch == '*')
		return "bad command: it begins with \"*\", as a sixth field would";
	if (own && ch == '\n')
		return "bad command";
	if (!t->opts->owner)
		cause = read_user(t, user);
	if (!cause && own && !t->opts->owner) {
		ch = skip_blanks(&t->in);
		if (ch < 0 || ch == '\n')
			return "bad command";
	}
	return !cause && own ? read_options(&t->in) : cause;
}

/* cronie's "-" before the minutes keeps the job out of the log; for root and in system tables. */
static const char *read_dash(struct table *t)
{
	int ch = t->dialect->takes_options ? jw_cron_getc(&t->in) : 0;

	if (ch == '-')
		return t->opts->owner && strcmp(t->opts->owner, "root") ? "bad option" : NULL;
	if (t->dialect->takes_options)
		jw_cron_ungetc(&t->in, ch);
	return NULL;
}

static const char *read_command(struct table *t, char *raw)
{
	size_t n, max = t->dialect->line_kept + !t->dialect->cuts_commands;

	if (read_rest(&t->in, raw, max, &n) < 0)
		return "bad command: the file ends in it";
	return n > t->dialect->line_kept ? "command is longer than 998 bytes" : NULL;
}

/* Return: 0, 1 when the line is bad (then *cause), -ENOMEM. */
static int read_entry(struct table *t, const char **cause)
{
	struct jw_cron_reader start, fields;
	struct jw_cron_times times;
	char user[WORD_KEPT + 1], *raw, *schedule;
	int r = 1;

	if (t->dialect->bad_line_kills)
		skip_comments(t);
	start = t->in;
	*cause = read_dash(t);
	fields = t->in;
	if (!*cause)
		*cause = t->dialect->read_times(&t->in, &times);
	if (*cause)
		return 1;
	schedule = schedule_text(fields.buf + fields.pos, t->in.pos - fields.pos);
	raw = malloc(t->dialect->line_kept + 2);
	if (!schedule || !raw)
		r = -ENOMEM;
	else
		*cause = read_who(t, user);
	if (r == 1 && !*cause)
		*cause = read_command(t, raw);
	if (r == 1 && !*cause)
		r = add_job(t, t->opts->owner ? t->opts->owner : user, schedule, raw, &start);
	else
		free(schedule);
	free(raw);
	return r;
}

/* What the reader makes of a bad line: nothing of the file runs, or nothing of the line. */
static int refuse(struct table *t, const struct jw_cron_reader *start, const char *cause, bool whole,
		  struct jw_parse_out *out)
{
	const char *reader = jw_scheduler_name(t->dialect->scheduler);
	const struct jw_parse_bad bad = {
		.scheduler = t->dialect->scheduler, .path = t->opts->path, .owner = t->opts->owner, .uid = (uid_t)-1,
		.line = start->line, .source = whole ? t->in.buf : start->buf + start->pos,
		.source_len = whole ? t->in.len : t->in.pos - start->pos,
	};

	return whole ? jw_parse_unreadable(out, &bad, "%s, so %s ignores the whole file", cause, reader) :
		       jw_parse_unreadable(out, &bad, "%s, so %s ignores the line", cause, reader);
}

/* The rest of a bad line (entry.c, load_entry). */
static void skip_line(struct table *t, const struct jw_cron_reader *start)
{
	int ch = t->in.pos > start->pos ? t->in.buf[t->in.pos - 1] : 0;

	while (ch >= 0 && ch != '\n')
		ch = jw_cron_getc(&t->in);
}

/* What makes the reader refuse a table as a whole. */
static const char *beyond_limits(const struct table *t)
{
	const struct dialect *d = t->dialect;

	if (d->lines_max && t->in.line - 1 > d->lines_max)
		return "more than 10000 lines";
	if (t->opts->owner && d->user_entries_max && t->entries > d->user_entries_max)
		return "too many entries";
	if (t->opts->owner && d->user_assignments_max && t->assignments > d->user_assignments_max)
		return "too many assignments";
	if (t->copied_bytes + t->env_bytes > ENV_BYTES_MAX)
		return "assignments times entries are too many to hold";
	return NULL;
}

/* Return: 0 when the table is good, 1 when it was refused, -ENOMEM. */
static int read_table(struct table *t, struct jw_parse_out *out)
{
	for (;;) {
		const char *cause = NULL, *limit;
		struct jw_cron_reader start;
		int kind = next_line(t), r = 0;

		start = t->in;
		if (kind < 0 || kind == LINE_END)
			return kind < 0 ? kind : 0;
		if (kind == LINE_CUT) {
			cause = "no newline at the end of the file";
		} else if (kind == LINE_ENTRY) {
			t->entries++;
			r = read_entry(t, &cause);
		} else if (kind == LINE_ASSIGNMENT) {
			t->assignments++;
		}
		if (r < 0)
			return r;
		limit = kind == LINE_GARBAGE ? "too many comments in a row" : beyond_limits(t);
		if (limit || (cause && t->dialect->bad_line_kills)) {
			r = refuse(t, &start, cause ? cause : limit, true, out);
			return r < 0 ? r : 1;
		}
		if (cause) {
			if (kind == LINE_ENTRY)
				skip_line(t, &start);
			if (refuse(t, &start, cause, false, out) < 0)
				return -ENOMEM;
		}
	}
}

#define CRON_DIALECT								\
	.scheduler = JOBWARD_SCHEDULER_CRON, .line_kept = LINE_KEPT, .lines_max = LINES_MAX,	\
	.bad_line_kills = true, .pairs_backslashes = true,			\
	.parse_assignment = parse_cron_assignment, .read_times = jw_cron_times_read

static const struct dialect dialects[] = {
	[JW_CRON_DEBIAN_12] = { CRON_DIALECT },
	[JW_CRON_DEBIAN_13] = { CRON_DIALECT, .takes_empty_value = true },
	[JW_CRON_CRONIE] = {
		.scheduler = JOBWARD_SCHEDULER_CRONIE,
		.line_kept = 131071, .garbage_max = 32768, .user_entries_max = 10000, .user_assignments_max = 1000,
		.cuts_commands = true, .takes_empty_value = true, .takes_unknown_user = true, .takes_options = true,
		.parse_assignment = parse_cronie_assignment, .read_times = jw_cron_times_read_cronie,
	},
};

int jw_parse_crontab(const char *buf, size_t len, const struct jw_crontab_opts *opts, struct jw_parse_out *out)
{
	struct table *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->opts = opts;
	t->dialect = &dialects[opts->flavour];
	t->line = calloc(1, t->dialect->line_kept + 2);
	t->in = (struct jw_cron_reader){ .buf = (const unsigned char *)buf, .len = len, .line = 1 };
	r = t->line ? read_table(t, out) : -ENOMEM;
	if (r == 0)
		r = jw_jobs_move(&out->jobs, &t->jobs);
	jw_jobs_done(&t->jobs);
	jw_parse_strv_free(t->env);
	free(t->line);
	free(t);
	return r < 0 ? r : 0;
}
