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

/* Longest cause kept; a megabyte of crontab in a message helps nobody. */
#define CAUSE_MAX 1024

/* Length of the valid UTF-8 character at @s that is no control character; 0: none. RFC 3629, section 4. */
static size_t printable_len(const unsigned char *s)
{
	size_t n, i;
	uint32_t c;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		n = 2;
		c = s[0] & 0x1f;
	} else if ((s[0] & 0xf0) == 0xe0) {
		n = 3;
		c = s[0] & 0x0f;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		n = 4;
		c = s[0] & 0x07;
	} else {
		return 0;
	}
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < 0xa0 || (n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	/* U+2028..U+202E and U+2066..U+2069 break lines or turn the direction of the text around. */
	if ((c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return 0;
	return n;
}

static char *make_visible(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = strlen(text), n;
	char *out = malloc(4 * len + 1), *p = out;

	if (!out)
		return NULL;
	while (*s) {
		n = printable_len(s);
		if (n) {
			memcpy(p, s, n);
			p += n;
			s += n;
		} else {
			p += sprintf(p, "\\x%02x", *s++);
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
	return make_visible(text);
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
	file = make_visible(diag->file);
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
