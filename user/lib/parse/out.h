/* SPDX-License-Identifier: GPL-2.0 */
/* What every parser hands out: a job that can be run, or one that says why it can't be parsed. */
#ifndef JOBWARD_PARSE_OUT_H
#define JOBWARD_PARSE_OUT_H

#include "parse.h"

/* Where the unreadable stands; strings belong to the caller. */
struct jw_parse_bad {
	enum jobward_scheduler scheduler;
	const char *path;
	const char *owner;	/* may be NULL */
	const char *name;	/* may be NULL */
	uid_t uid;
	unsigned int line;
	const void *source;
	size_t source_len;
};
/* Adds an unreadable job and the error that goes with it. Return: 0 or -ENOMEM. */
int jw_parse_unreadable(struct jw_parse_out *out, const struct jw_parse_bad *bad, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Copy of @len bytes with a final NUL byte. Return: NULL when out of memory. */
char *jw_parse_text(const void *data, size_t len);
/* Sets ->source. Return: 0 or -ENOMEM. */
int jw_parse_set_source(struct jw_job *job, const void *data, size_t len);

/* Appends @s, which the list owns from now on, to a NULL-terminated list of @n. NULL as @s: out of memory. */
int jw_parse_strv_push(char ***v, size_t *n, char *s);
void jw_parse_strv_free(char **v);

/* Bytes of a growing text; zero-initialised is empty. */
struct jw_parse_buf {
	char *s;	/* NUL-terminated as soon as anything was added */
	size_t n, cap;
};
/* Return: 0 or -ENOMEM. */
int jw_parse_buf_add(struct jw_parse_buf *buf, const void *data, size_t len);

#endif
