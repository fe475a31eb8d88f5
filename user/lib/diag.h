/* SPDX-License-Identifier: GPL-2.0 */
/* A diagnosis: file, line, column and cause. Parsers return them; only callers print. */
#ifndef JOBWARD_DIAG_H
#define JOBWARD_DIAG_H

#include <stddef.h>

enum jw_severity { JW_DIAG_NOTE, JW_DIAG_WARNING, JW_DIAG_ERROR };

struct jw_diag {
	enum jw_severity severity;
	char *file;		/* may be NULL */
	unsigned int line;	/* from 1; 0: the file as a whole */
	unsigned int column;	/* from 1; 0: the line as a whole */
	char *cause;		/* one sentence without final stop or newline, no control characters */
};

/* A growing list; zero-initialised is empty. Owns its strings. */
struct jw_diags {
	struct jw_diag *v;
	size_t n;
};

/* Appends; copies @file. Return: 0 or -ENOMEM. Control characters in the text are shown as \xNN. */
int jw_diag_add(struct jw_diags *list, enum jw_severity severity, const char *file, unsigned int line,
		unsigned int column, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* A copy with everything that a terminal or a log would act on shown as \xNN; caller frees. Return: NULL: out of memory. */
char *jw_diag_visible(const char *text, size_t len);
/* Moves all of @from to the end of @to. Return: 0 or -ENOMEM (then nothing moved). */
int jw_diags_move(struct jw_diags *to, struct jw_diags *from);
/* "FILE:LINE:COLUMN: cause", parts that are not known left out; caller frees. Return: NULL when out of memory. */
char *jw_diag_format(const struct jw_diag *diag);
void jw_diags_done(struct jw_diags *list);

#endif
