// SPDX-License-Identifier: GPL-2.0
/*
 * Files that EnvironmentFile= names. Facts: systemd.exec(5), EnvironmentFile=.
 *
 *   NAME=VALUE   blanks around either are cut; '…' and "…" may follow each other, then "\" takes special meaning off;
 *                outside of quotes it joins lines or keeps the next byte
 *   # or ;       comment when first on the line
 *
 * Comments that end in "\" go on in the next line up to systemd 253 and do not from 254 on: such a file is read the
 * new way and reported.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"
#include "utf8.h"

struct env_reader {
	const char *s, *path;
	unsigned int line;
	struct jw_diags *diags;
	char **env;
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_newline(char c)
{
	return c == '\n' || c == '\r';
}

static int skip_comment(struct env_reader *r)
{
	char last = 0;

	for (; *r->s && !is_newline(*r->s); r->s++)
		last = *r->s;
	if (last != '\\')
		return 0;
	return jw_diag_add(r->diags, JW_DIAG_WARNING, r->path, r->line, 0,
			   "comment that ends in a backslash: before systemd 254 the next line belongs to it");
}

/* Adds the bytes of one quoted part; @r->s stands behind the first quote. */
static int read_quoted(struct env_reader *r, char quote, struct jw_parse_buf *value)
{
	int rc = 0;

	for (; *r->s && *r->s != quote && rc == 0; r->s++) {
		if (*r->s == '\n')
			r->line++;
		if (quote == '\'' || *r->s != '\\') {
			rc = jw_parse_buf_add(value, r->s, 1);
			continue;
		}
		r->s++;
		if (!*r->s)
			break;
		/* "\" goes before what is special for a shell and before a newline, which goes with it. */
		if (strchr("\"\\`$", *r->s))
			rc = jw_parse_buf_add(value, r->s, 1);
		else if (*r->s != '\n')
			rc = jw_parse_buf_add(value, r->s - 1, 2);
		else
			r->line++;
	}
	if (*r->s && rc == 0)
		r->s++;
	return rc;
}

/* Unquoted bytes up to the end of the line, blanks at the end cut; an escaped byte is never cut. */
static int read_plain(struct env_reader *r, struct jw_parse_buf *value)
{
	size_t keep = value->n;
	int rc = 0;

	for (; *r->s && !is_newline(*r->s) && rc == 0; r->s++) {
		if (*r->s == '\\') {
			r->s++;
			if (!*r->s)
				return 0;
			if (is_newline(*r->s))
				r->line++;
			else
				rc = jw_parse_buf_add(value, r->s, 1);
			keep = value->n;
			continue;
		}
		rc = jw_parse_buf_add(value, r->s, 1);
		if (!is_blank(*r->s))
			keep = value->n;
	}
	if (value->s && rc == 0) {
		value->n = keep;
		value->s[keep] = '\0';
	}
	return rc;
}

static int read_value(struct env_reader *r, struct jw_parse_buf *value)
{
	int rc = 0;

	/* Quoted parts and blanks between them; the first other byte begins a plain rest, in which quotes are bytes. */
	while (*r->s && !is_newline(*r->s) && rc == 0) {
		if (*r->s == '\'' || *r->s == '"') {
			r->s++;
			rc = read_quoted(r, r->s[-1], value);
		} else if (is_blank(*r->s)) {
			r->s++;
		} else {
			return read_plain(r, value);
		}
	}
	return rc;
}

static bool name_ok(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!(name[i] == '_' || (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z') ||
		      (i && name[i] >= '0' && name[i] <= '9')))
			return false;
	return len;
}

static bool value_ok(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && *s != '\t' && *s != '\n') || *s == 0x7f)
			return false;
	return true;
}

/* Sets NAME=VALUE; a name that was set takes the new value in its old place. */
static int set(struct env_reader *r, const char *name, size_t len, const struct jw_parse_buf *value, unsigned int line)
{
	const char *text = value->s ? value->s : "";
	struct jw_parse_buf out = { 0 };
	size_t i;

	if (!jw_utf8_valid(name, len) || !jw_utf8_valid(text, strlen(text)))
		return jw_diag_add(r->diags, JW_DIAG_ERROR, r->path, line, 0,
				   "assignment is not UTF-8, systemd refuses the file") < 0 ?
		       -ENOMEM : -EBADMSG;
	if (!name_ok(name, len) || !value_ok(text))
		return jw_diag_add(r->diags, JW_DIAG_WARNING, r->path, line, 0, "invalid assignment is ignored");
	if (jw_parse_buf_add(&out, name, len) < 0 || jw_parse_buf_add(&out, "=", 1) < 0 ||
	    jw_parse_buf_add(&out, text, strlen(text)) < 0) {
		free(out.s);
		return -ENOMEM;
	}
	for (i = 0; i < r->n; i++) {
		if (strncmp(r->env[i], out.s, len + 1))
			continue;
		free(r->env[i]);
		r->env[i] = out.s;
		return 0;
	}
	return jw_parse_strv_push(&r->env, &r->n, out.s);
}

/* One assignment from its first byte on. */
static int read_assignment(struct env_reader *r)
{
	const char *name = r->s;
	struct jw_parse_buf value = { 0 };
	unsigned int line = r->line;
	size_t len;
	int rc;

	while (*r->s && *r->s != '=' && !is_newline(*r->s))
		r->s++;
	if (*r->s != '=')
		return 0;
	len = r->s - name;
	while (len && is_blank(name[len - 1]))
		len--;
	r->s++;
	rc = read_value(r, &value);
	if (rc == 0)
		rc = set(r, name, len, &value, line);
	free(value.s);
	return rc;
}

static int read_all(struct env_reader *r)
{
	int rc = 0;

	while (*r->s && rc == 0) {
		if (is_blank(*r->s)) {
			r->line += *r->s == '\n';
			r->s++;
		} else if (*r->s == '#' || *r->s == ';') {
			rc = skip_comment(r);
		} else {
			rc = read_assignment(r);
		}
	}
	return rc;
}

int jw_parse_environment_file(const char *buf, size_t len, const char *path, char ***ret_env, struct jw_diags *diags)
{
	struct env_reader r = { .path = path, .line = 1, .diags = diags };
	char *text = jw_parse_text(buf, len);
	int rc;

	if (!text)
		return -ENOMEM;
	r.s = text;
	if (strlen(text) != len)
		rc = jw_diag_add(diags, JW_DIAG_ERROR, path, 0, 0, "file has a NUL byte, systemd refuses it");
	else
		rc = read_all(&r);
	free(text);
	if (rc == -EBADMSG) {
		jw_parse_strv_free(r.env);
		r.env = NULL;
		rc = 0;
	}
	if (rc == 0 && !r.env) {
		r.env = calloc(1, sizeof(*r.env));
		rc = r.env ? 0 : -ENOMEM;
	}
	if (rc < 0) {
		jw_parse_strv_free(r.env);
		return rc;
	}
	*ret_env = r.env;
	return 0;
}
