// SPDX-License-Identifier: GPL-2.0
/*
 * Users' tables of busybox crond. Facts: busybox 1.35 and 1.37 (crond.c, load_crontab; libbb/parse_config.c, config_read).
 *
 *   line       ends at a newline, or with the file; "\" at its end joins the next; a NUL byte ends its text
 *   words      between blanks and tabs; "#" ends the line wherever it stands
 *   assignment SHELL= and MAILTO=, up to the first blank; PATH= is passed over, as Debian builds it
 *   entry      five words and a command, in which "%" and "\" are nothing special; @word and what is behind it, where
 *              "#" is nothing special either. A field that is no time does not make the line bad: the job then runs
 *              never or at fewer times
 *   refusal    lines of fewer words are passed over; of a table that is not root's own, 255 lines count
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"

#define BLANK(c) ((c) == ' ' || (c) == '\t')
#define WORDS 6

struct table {
	const struct jw_busybox_opts *opts;
	struct jw_parse_out *out;
	const char *at, *end;
	unsigned int line;
	char *shell;
	struct jw_parse_buf text;	/* of the line that is read, joined */
	/* where it stands in the file */
	const char *source;
	size_t source_len;
	unsigned int source_line;
};

/* Return: 1; 0 at the end; -ENOMEM. */
static int next_line(struct table *t)
{
	bool more = true;

	if (t->at >= t->end)
		return 0;
	t->text.n = 0;
	t->source = t->at;
	t->source_line = t->line;
	while (more && t->at < t->end) {
		const char *nl = memchr(t->at, '\n', t->end - t->at);
		size_t len = (nl ? nl : t->end) - t->at;

		more = len && t->at[len - 1] == '\\';
		if (jw_parse_buf_add(&t->text, t->at, len - more) < 0)
			return -ENOMEM;
		t->at += len + !!nl;
		t->line++;
	}
	t->source_len = t->at - t->source - (t->at[-1] == '\n');
	return 1;
}

/*
 * Splits as config_read() does: the last word is the rest of the line without blanks at its end. Return: number of
 * words.
 */
static size_t split(char *line, char *words[WORDS])
{
	size_t n = 0;

	do {
		size_t len = n == WORDS - 1 ? strcspn(line, "#") : strcspn(line, "# \t");
		bool comment = line[len] == '#';

		words[n++] = line;
		if (n == WORDS)
			while (len && BLANK(line[len - 1])) {
				len--;
				comment = false;
			}
		if (comment || !line[len]) {
			line[len] = '\0';
			break;
		}
		line[len] = '\0';
		line += len + 1;
		line += strspn(line, " \t");
	} while (*line && *line != '#' && n < WORDS);
	return n;
}

static int add_job(struct table *t, const char *schedule, const char *command)
{
	struct jw_job *job = jw_jobs_add(&t->out->jobs);

	if (!job)
		return -ENOMEM;
	job->scheduler = JOBWARD_SCHEDULER_BUSYBOX;
	job->line = t->source_line;
	job->schedule = strdup(schedule);
	job->owner = strdup(t->opts->owner);
	job->path = strdup(t->opts->path);
	job->command = strdup(command);
	if (!job->schedule || !job->owner || !job->path || !job->command)
		return -ENOMEM;
	/* without SHELL= it is the shell that crond was started with, which nothing here knows for sure */
	for (const char *const *s = t->opts->shells; *s; s++) {
		const char *shell = t->shell ? t->shell : *s;
		struct jw_exec *exec = jw_job_add_exec(job);

		if (!exec || jw_exec_set_argv(exec, shell, "-c", command, NULL) < 0)
			return -ENOMEM;
		if (t->shell)
			break;
	}
	return jw_parse_set_source(job, t->source, t->source_len);
}

static bool is_special(const char *word)
{
	static const char *const specials[] = {
		"yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly", "reboot"
	};

	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (!strcmp(word, specials[i]))
			return true;
	return false;
}

static int refuse(struct table *t, const char *cause)
{
	const struct jw_parse_bad bad = {
		.scheduler = JOBWARD_SCHEDULER_BUSYBOX, .path = t->opts->path, .owner = t->opts->owner, .uid = (uid_t)-1,
		.line = t->source_line, .source = t->source, .source_len = t->source_len,
	};

	return jw_parse_unreadable(t->out, &bad, "%s, so busybox ignores the line", cause);
}

/* @copy: the line before it was split. */
static int read_entry(struct table *t, char *words[WORDS], size_t n, const char *copy)
{
	char schedule[256];

	if (words[0][0] == '@') {
		if (n < 2)
			return refuse(t, "bad command");
		if (!is_special(words[0] + 1))
			return refuse(t, "bad time specifier");
		copy += strcspn(copy, " \t\n\v\f\r");
		copy += strspn(copy, " \t\n\v\f\r");
		return add_job(t, words[0], copy);
	}
	if (n < WORDS)
		return refuse(t, "fewer than five fields and a command");
	schedule[0] = '\0';
	for (size_t i = 0; i < 5; i++)
		if (strlen(schedule) + strlen(words[i]) + 2 < sizeof(schedule))
			strcat(strcat(schedule, i ? " " : ""), words[i]);
	return add_job(t, schedule, words[5]);
}

static int read_line(struct table *t, char *line)
{
	char *words[WORDS], *copy = strdup(line);
	size_t n;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	n = split(line, words);
	if (!strncmp(words[0], "SHELL=", 6)) {
		free(t->shell);
		t->shell = strdup(words[0] + 6);
		r = t->shell ? 0 : -ENOMEM;
	} else if (strncmp(words[0], "MAILTO=", 7) && strncmp(words[0], "PATH=", 5)) {
		r = read_entry(t, words, n, copy);
	}
	free(copy);
	return r;
}

int jw_parse_busybox_crontab(const char *buf, size_t len, const struct jw_busybox_opts *opts, struct jw_parse_out *out)
{
	struct table t = { .opts = opts, .out = out, .at = buf, .end = buf + len, .line = 1 };
	unsigned int left = strcmp(opts->owner, "root") ? 256 : 65535;
	int r;

	while ((r = next_line(&t)) > 0) {
		char *line = t.text.s + strspn(t.text.s, " \t");

		/* blank lines and comments are not counted: config_read() goes on by itself */
		if (!*line || *line == '#')
			continue;
		r = --left ? read_line(&t, line) :
			     jw_diag_add(&out->diags, JW_DIAG_WARNING, opts->path, t.source_line, 0,
					 "too many lines, busybox ignores the rest");
		if (r < 0 || !left)
			break;
	}
	free(t.text.s);
	free(t.shell);
	return r < 0 ? r : 0;
}
