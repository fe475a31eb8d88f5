/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a parser found, one JSON object a line: the form of the expectations. Bytes that are not UTF-8 are written as
 * \u0080 to \u00ff, so that any argv has a text.
 */
#ifndef JOBWARD_TESTS_DUMP_H
#define JOBWARD_TESTS_DUMP_H

#include <stdio.h>
#include <string.h>
#include "parse/parse.h"
#include "parse/utf8.h"

static inline void dump_string(FILE *f, const char *s, size_t len)
{
	uint32_t c;
	size_t n;

	fputc('"', f);
	for (; len; s += n, len -= n) {
		n = jw_utf8_len(s, len, &c);
		if (!n) {
			n = 1;
			fprintf(f, "\\u%04x", (unsigned char)*s);
		} else if (c == '"' || c == '\\') {
			fprintf(f, "\\%c", (int)c);
		} else if (c < 0x20 || c == 0x7f) {
			fprintf(f, "\\u%04x", (unsigned int)c);
		} else {
			fwrite(s, 1, n, f);
		}
	}
	fputc('"', f);
}

static inline void dump_text(FILE *f, const char *key, const char *s)
{
	if (!s)
		return;
	fprintf(f, ", \"%s\": ", key);
	dump_string(f, s, strlen(s));
}

static inline void dump_exec(FILE *f, const struct jw_exec *exec)
{
	const char *arg;
	char **e;

	fputs(", \"argv\": [", f);
	for (arg = exec->argv; arg < exec->argv + exec->argv_len; arg += strlen(arg) + 1) {
		fputs(arg == exec->argv ? "" : ", ", f);
		dump_string(f, arg, strlen(arg));
	}
	fputs("]", f);
	dump_text(f, "program", exec->program);
	if (!exec->env)
		return;
	fputs(", \"env\": [", f);
	for (e = exec->env; *e; e++) {
		fputs(e == exec->env ? "" : ", ", f);
		dump_string(f, *e, strlen(*e));
	}
	fputs("]", f);
}

static inline void dump_job(FILE *f, const struct jw_job *job)
{
	size_t i;

	fprintf(f, "{\"line\": %u", job->line);
	dump_text(f, "unreadable", job->unreadable);
	dump_text(f, "owner", job->owner);
	dump_text(f, "name", job->name);
	dump_text(f, "schedule", job->schedule);
	for (i = 0; i < job->n_execs; i++)
		dump_exec(f, &job->execs[i]);
	if (job->n_execs && (job->execs[0].has_content))
		dump_text(f, "command", job->command);
	dump_text(f, "input", job->input);
	fputs("}\n", f);
}

static inline void dump_out(FILE *f, const struct jw_parse_out *out)
{
	static const char *const severities[] = { "note", "warning", "error" };
	size_t i;

	for (i = 0; i < out->jobs.n; i++)
		dump_job(f, &out->jobs.v[i]);
	for (i = 0; i < out->diags.n; i++) {
		const struct jw_diag *d = &out->diags.v[i];

		/* An error of a job is the job's own cause. */
		if (d->severity == JW_DIAG_ERROR)
			continue;
		fprintf(f, "{\"%s\": ", severities[d->severity]);
		dump_string(f, d->cause, strlen(d->cause));
		fprintf(f, ", \"line\": %u}\n", d->line);
	}
}

#endif
