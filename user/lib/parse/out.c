// SPDX-License-Identifier: GPL-2.0
/* What every parser hands out: a job that can be run, or one that says why it can't be parsed. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"

/* A whole refused file may be large; for people its beginning is enough. */
#define SOURCE_MAX 4096

void jw_parse_out_done(struct jw_parse_out *out)
{
	jw_jobs_done(&out->jobs);
	jw_diags_done(&out->diags);
}

char *jw_parse_text(const void *data, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		return NULL;
	if (len)
		memcpy(text, data, len);
	text[len] = '\0';
	return text;
}

int jw_parse_set_source(struct jw_job *job, const void *data, size_t len)
{
	free(job->source);
	job->source = jw_parse_text(data, len);
	job->source_len = job->source ? len : 0;
	return job->source ? 0 : -ENOMEM;
}

int jw_parse_unreadable(struct jw_parse_out *out, const struct jw_parse_bad *bad, const char *fmt, ...)
{
	size_t len = bad->source_len < SOURCE_MAX ? bad->source_len : SOURCE_MAX;
	struct jw_job *job;
	va_list ap;
	char *cause;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&cause, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	job = jw_jobs_add(&out->jobs);
	if (!job || jw_diag_add(&out->diags, JW_DIAG_ERROR, bad->path, bad->line, 0, "%s", cause) < 0) {
		free(cause);
		return -ENOMEM;
	}
	free(cause);
	job->scheduler = bad->scheduler;
	job->line = bad->line;
	job->uid = bad->uid;
	/* The diagnosis has made the text visible; the job says the same words. */
	job->unreadable = strdup(out->diags.v[out->diags.n - 1].cause);
	job->path = strdup(bad->path);
	if (bad->owner)
		job->owner = strdup(bad->owner);
	if (bad->name)
		job->name = strdup(bad->name);
	if (!job->unreadable || !job->path || (bad->owner && !job->owner) || (bad->name && !job->name))
		return -ENOMEM;
	return jw_parse_set_source(job, bad->source, len);
}

/* Slots of a list that uses @used of them: nothing keeps the number, it follows from the length. */
static size_t slots(size_t used)
{
	size_t cap = 4;

	while (cap < used)
		cap *= 2;
	return cap;
}

int jw_parse_strv_push(char ***v, size_t *n, char *s)
{
	char **bigger;

	if (!s)
		return -ENOMEM;
	if (!*v || slots(*n + 2) > slots(*n + 1)) {
		bigger = reallocarray(*v, slots(*n + 2), sizeof(*bigger));
		if (!bigger) {
			free(s);
			return -ENOMEM;
		}
		*v = bigger;
	}
	(*v)[(*n)++] = s;
	(*v)[*n] = NULL;
	return 0;
}

void jw_parse_strv_free(char **v)
{
	char **s;

	for (s = v; s && *s; s++)
		free(*s);
	free(v);
}

int jw_parse_buf_add(struct jw_parse_buf *buf, const void *data, size_t len)
{
	size_t cap = buf->cap ? buf->cap : 64;
	char *bigger;

	while (cap - buf->n <= len)
		cap *= 2;
	if (cap != buf->cap) {
		bigger = realloc(buf->s, cap);
		if (!bigger)
			return -ENOMEM;
		buf->s = bigger;
		buf->cap = cap;
	}
	if (len)
		memcpy(buf->s + buf->n, data, len);
	buf->n += len;
	buf->s[buf->n] = '\0';
	return 0;
}
