// SPDX-License-Identifier: GPL-2.0
/*
 * Diagnoses of parsers. A cause may quote hostile bytes of a store, and it ends on a terminal: control characters and
 * what is no valid UTF-8 are shown as \xNN.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "diag.h"
#include "parse/utf8.h"

/* Longest cause kept; a megabyte of crontab in a message helps nobody. */
#define CAUSE_MAX 1024

/* Length of the character at @s that a terminal only shows; 0: none. */
static size_t printable_len(const char *s, size_t len)
{
	uint32_t c;
	size_t n = jw_utf8_len(s, len, &c);

	if (!n || c < 0x20 || (c >= 0x7f && c < 0xa0))
		return 0;
	/*
	 * U+2028..U+202E and U+2066..U+2069 break lines or turn the direction of the text around, U+200E and U+200F
	 * too.
	 */
	if (c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return 0;
	return n;
}

char *jw_diag_visible(const char *text, size_t len)
{
	size_t n;
	const char *s = text, *end = text + len;
	char *out = malloc(4 * len + 1), *p = out;

	if (!out)
		return NULL;
	while (s < end) {
		n = printable_len(s, end - s);
		if (n) {
			memcpy(p, s, n);
			p += n;
			s += n;
		} else {
			p += sprintf(p, "\\x%02x", (unsigned char)*s++);
		}
	}
	*p = '\0';
	return out;
}

static char *format_cause(const char *fmt, va_list ap)
{
	char text[CAUSE_MAX];

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		return NULL;
	return jw_diag_visible(text, strlen(text));
}

/* Room for @more in a list whose capacity is the power of two at or above its length. */
static int grow(struct jw_diags *list, size_t more)
{
	size_t cap = 4, need = list->n + more;
	struct jw_diag *v;

	while (cap < list->n)
		cap *= 2;
	if (list->v && need <= cap)
		return 0;
	while (cap < need)
		cap *= 2;
	v = reallocarray(list->v, cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	return 0;
}

int jw_diag_add(struct jw_diags *list, enum jw_severity severity, const char *file, unsigned int line,
		unsigned int column, const char *fmt, ...)
{
	struct jw_diag d = { .severity = severity, .line = line, .column = column };
	va_list ap;

	va_start(ap, fmt);
	d.cause = format_cause(fmt, ap);
	va_end(ap);
	if (file)
		d.file = strdup(file);
	if (!d.cause || (file && !d.file) || grow(list, 1) < 0) {
		free(d.cause);
		free(d.file);
		return -ENOMEM;
	}
	list->v[list->n++] = d;
	return 0;
}

int jw_diags_move(struct jw_diags *to, struct jw_diags *from)
{
	if (!from->n) {
		jw_diags_done(from);
		return 0;
	}
	if (grow(to, from->n) < 0)
		return -ENOMEM;
	memcpy(to->v + to->n, from->v, from->n * sizeof(*from->v));
	to->n += from->n;
	free(from->v);
	*from = (struct jw_diags){ 0 };
	return 0;
}

char *jw_diag_format(const struct jw_diag *diag)
{
	char *file = NULL, *text = NULL;
	int n;

	if (!diag->file) {
		if (diag->line && diag->column)
			n = asprintf(&text, "%u:%u: %s", diag->line, diag->column, diag->cause);
		else if (diag->line)
			n = asprintf(&text, "%u: %s", diag->line, diag->cause);
		else
			n = asprintf(&text, "%s", diag->cause);
		return n < 0 ? NULL : text;
	}
	file = jw_diag_visible(diag->file, strlen(diag->file));
	if (!file)
		return NULL;
	if (diag->line && diag->column)
		n = asprintf(&text, "%s:%u:%u: %s", file, diag->line, diag->column, diag->cause);
	else if (diag->line)
		n = asprintf(&text, "%s:%u: %s", file, diag->line, diag->cause);
	else
		n = asprintf(&text, "%s: %s", file, diag->cause);
	free(file);
	return n < 0 ? NULL : text;
}

void jw_diags_done(struct jw_diags *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->v[i].file);
		free(list->v[i].cause);
	}
	free(list->v);
	*list = (struct jw_diags){ 0 };
}
