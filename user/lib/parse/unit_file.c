// SPDX-License-Identifier: GPL-2.0
/*
 * Unit files and drop-ins of systemd. Facts: systemd.syntax(7), and what 252 does where the page is silent.
 *
 *   line          ends at LF, CR or NUL byte; different ones in a row are one end, but nothing joins a NUL byte; 1
 *                 MiB at most
 *   comment       first non-blank is "#" or ";", also between the parts of a continued line, which goes on behind it
 *   continuation  an unescaped "\" at the end becomes a blank; an empty line ends it
 *   refusal       a bad section header or a line that is not UTF-8 ends the parsing: of a unit's own file, then the
 *                 unit does not load; of a drop-in, then what came before counts
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../grow.h"
#include "out.h"
#include "utf8.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define WHITESPACE " \t\n\r"
#define BOM "\xef\xbb\xbf"

struct unit_reader {
	const char *buf, *path;
	size_t len, pos;
	unsigned int line;		/* of what was read last */
	bool bom_seen;
	char *section;
	struct jw_parse_buf text;	/* physical line */
	struct jw_parse_buf joined;	/* logical line so far */
	bool joining;
	unsigned int first;		/* line that the logical line began in */
	struct jw_unit_file *out;
	struct jw_diags *diags;
};

static unsigned int eol_kind(char c)
{
	return c == '\0' ? 1 : c == '\n' ? 2 : c == '\r' ? 4 : 0;
}

/* Return: 1 for a line, 0 at the end, -EBADMSG when it is too long, -ENOMEM. */
static int read_line(struct unit_reader *r)
{
	size_t start = r->pos;
	unsigned int seen = 0, kind;

	if (start >= r->len)
		return 0;
	while (r->pos < r->len && !eol_kind(r->buf[r->pos]))
		r->pos++;
	r->line++;
	if (r->pos - start >= LINE_MAX_BYTES)
		return -EBADMSG;
	r->text.n = 0;
	if (jw_parse_buf_add(&r->text, r->buf + start, r->pos - start) < 0)
		return -ENOMEM;
	for (; r->pos < r->len; r->pos++) {
		kind = eol_kind(r->buf[r->pos]);
		if (!kind || (seen & (kind | 1)))
			break;
		seen |= kind;
	}
	return 1;
}

static char *strip(char *s)
{
	size_t len;

	s += strspn(s, WHITESPACE);
	len = strlen(s);
	while (len && strchr(WHITESPACE, s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

static int add_setting(struct unit_reader *r, char *key, char *value)
{
	struct jw_unit_setting set = { .line = r->first };
	size_t n = r->out->n;
	struct jw_unit_setting *v = jw_grow(r->out->v, n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	r->out->v = v;
	set.section = strdup(r->section);
	set.key = strdup(strip(key));
	set.value = strdup(strip(value));
	if (!set.section || !set.key || !set.value) {
		free(set.section);
		free(set.key);
		free(set.value);
		return -ENOMEM;
	}
	r->out->v[r->out->n++] = set;
	return 0;
}

static int complain(struct unit_reader *r, enum jw_severity severity, const char *cause)
{
	return jw_diag_add(r->diags, severity, r->path, r->first, 0, "%s", cause);
}

/* Return: -EBADMSG, the way to say that systemd stops here, or -ENOMEM. */
static int refuse(struct unit_reader *r, const char *what)
{
	if (jw_diag_add(r->diags, JW_DIAG_ERROR, r->path, r->first, 0, "%s, systemd stops reading here", what) < 0)
		return -ENOMEM;
	return -EBADMSG;
}

/* Return: 0, -EBADMSG when systemd stops here, -ENOMEM. */
static int parse_logical(struct unit_reader *r, char *text)
{
	char *l = strip(text), *eq;
	size_t len = strlen(l);

	if (!*l)
		return 0;
	if (!jw_utf8_valid(l, len))
		return refuse(r, "line is not UTF-8");
	if (*l == '[') {
		if (l[len - 1] != ']')
			return refuse(r, "bad section header");
		free(r->section);
		r->section = strndup(l + 1, len - 2);
		return r->section ? 0 : -ENOMEM;
	}
	if (!r->section)
		return complain(r, JW_DIAG_WARNING, "assignment outside of a section is ignored");
	eq = strchr(l, '=');
	if (!eq)
		return complain(r, JW_DIAG_WARNING, "line without \"=\" is ignored");
	if (eq == l)
		return complain(r, JW_DIAG_WARNING, "line without a name before \"=\" is ignored");
	*eq = '\0';
	return add_setting(r, l, eq + 1);
}

static bool ends_escaped(const char *s)
{
	size_t len = strlen(s), n = 0;

	while (n < len && s[len - 1 - n] == '\\')
		n++;
	return n & 1;
}

/* Takes one physical line. Return: as parse_logical(). */
static int take_line(struct unit_reader *r)
{
	char *l = r->text.s, *first = l + strspn(l, WHITESPACE);
	size_t len;
	int rc;

	if (*first == '#' || *first == ';')
		return 0;
	if (!r->bom_seen && !strncmp(l, BOM, strlen(BOM))) {
		l += strlen(BOM);
		r->bom_seen = true;
	}
	len = strlen(l);
	if (!r->joining)
		r->first = r->line;
	if (r->joining && r->joined.n + len > LINE_MAX_BYTES)
		return refuse(r, "continued line is longer than 1 MiB");
	if (ends_escaped(l)) {
		l[len - 1] = ' ';
		if (!r->joining)
			r->joined.n = 0;
		r->joining = true;
		return jw_parse_buf_add(&r->joined, l, len);
	}
	if (!r->joining)
		return parse_logical(r, l);
	if (jw_parse_buf_add(&r->joined, l, len) < 0)
		return -ENOMEM;
	rc = parse_logical(r, r->joined.s);
	r->joining = false;
	return rc;
}

int jw_parse_unit_file(const char *buf, size_t len, const char *path, struct jw_unit_file *out, struct jw_diags *diags)
{
	struct unit_reader r = { .buf = buf, .len = len, .path = path, .out = out, .diags = diags };
	int rc;

	for (;;) {
		rc = read_line(&r);
		if (rc == -EBADMSG) {
			r.first = r.line;
			rc = refuse(&r, "line is longer than 1 MiB");
		}
		if (rc <= 0)
			break;
		rc = take_line(&r);
		if (rc < 0)
			break;
	}
	if (rc == 0 && r.joining)
		rc = parse_logical(&r, r.joined.s);
	free(r.section);
	free(r.text.s);
	free(r.joined.s);
	return rc == -ENOMEM ? rc : 0;
}

void jw_unit_file_done(struct jw_unit_file *file)
{
	size_t i;

	for (i = 0; i < file->n; i++) {
		free(file->v[i].section);
		free(file->v[i].key);
		free(file->v[i].value);
	}
	free(file->v);
	*file = (struct jw_unit_file){ 0 };
}
