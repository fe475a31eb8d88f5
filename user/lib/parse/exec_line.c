// SPDX-License-Identifier: GPL-2.0
/*
 * Exec lines of systemd's services: prefixes, words, and the variables that are put in at exec. Facts:
 * systemd.service(5), sections "Command lines", and systemd.syntax(7), section "Quoting".
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "out.h"
#include "utf8.h"

#define WHITESPACE " \t\n\r"

/* How a word is read; a command line is first read strictly, then, when that fails, with unknown escapes kept. */
enum word_mode { WORD_ESCAPES = 1, WORD_KEEP_UNKNOWN = 2, WORD_ANY_QUOTES = 4 };

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* @digits digits of @base. Return: the number, 0 when they are no such number (a NUL byte is none either). */
static uint32_t read_digits(const char *s, int digits, int base)
{
	uint32_t n = 0;
	int d;

	for (; digits; digits--, s++) {
		d = hex_digit(*s);
		if (d < 0 || d >= base)
			return 0;
		n = n * base + d;
	}
	return n;
}

/* The escape behind a backslash. Return: bytes taken, 0 when it is none; *n bytes are in @out. */
static size_t read_escape(const char *s, char out[4], size_t *n)
{
	static const char letters[] = "abfnrtv\\\"'s", values[] = "\a\b\f\n\r\t\v\\\"' ";
	const char *letter = *s ? strchr(letters, *s) : NULL;
	uint32_t c, back;
	size_t digits;

	*n = 1;
	if (letter) {
		out[0] = values[letter - letters];
		return 1;
	}
	if (*s == 'x' || (*s >= '0' && *s <= '7')) {
		c = *s == 'x' ? read_digits(s + 1, 2, 16) : read_digits(s, 3, 8);
		out[0] = (char)c;
		return c && c < 256 ? 3 : 0;
	}
	if (*s != 'u' && *s != 'U')
		return 0;
	digits = *s == 'u' ? 4 : 8;
	c = read_digits(s + 1, digits, 16);
	if (!c || c > 0x10ffff)
		return 0;
	*n = jw_utf8_put(c, out);
	/* Only of the long form the character must be one; "\ud800" gives the bytes of a surrogate. */
	if (digits == 8 && jw_utf8_len(out, *n, &back) != *n)
		return 0;
	return digits + 1;
}

/* Adds what the backslash before @s means. Return: bytes taken, 0 when the word is bad, -ENOMEM. */
static int take_backslash(const char *s, enum word_mode mode, bool quoted, struct jw_parse_buf *word)
{
	char out[4];
	size_t n, taken;

	if (!*s) {
		if ((mode & WORD_KEEP_UNKNOWN) && !quoted)
			return jw_parse_buf_add(word, "\\", 1);
		return mode & WORD_ANY_QUOTES ? 0 : -EINVAL;
	}
	if (!(mode & WORD_ESCAPES))
		return jw_parse_buf_add(word, s, 1) < 0 ? -ENOMEM : 1;
	taken = read_escape(s, out, &n);
	if (taken)
		return jw_parse_buf_add(word, out, n) < 0 ? -ENOMEM : (int)taken;
	if (!(mode & WORD_KEEP_UNKNOWN))
		return -EINVAL;
	out[0] = '\\';
	out[1] = *s;
	return jw_parse_buf_add(word, out, 2) < 0 ? -ENOMEM : 1;
}

/*
 * First word of *p, quotes taken off; *p moves to the next. Return: 1, 0 when there is none, -EINVAL for an unknown
 * escape or an open quote, -ENOMEM.
 */
static int read_word(const char **p, enum word_mode mode, char **ret)
{
	const char *s = *p + strspn(*p, WHITESPACE);
	struct jw_parse_buf word = { 0 };
	char quote = 0;
	int r;

	if (!*s)
		return 0;
	r = jw_parse_buf_add(&word, "", 0);
	while (r >= 0 && *s && (quote || !strchr(WHITESPACE, *s))) {
		if (*s == '\\') {
			s++;
			r = take_backslash(s, mode, quote, &word);
			s += r > 0 ? r : 0;
		} else if (quote ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote ? 0 : *s;
			s++;
		} else {
			r = jw_parse_buf_add(&word, s++, 1);
		}
	}
	if (r >= 0 && quote && !(mode & WORD_ANY_QUOTES))
		r = -EINVAL;
	if (r < 0) {
		free(word.s);
		return r;
	}
	*p = s + strspn(s, WHITESPACE);
	*ret = word.s;
	return 1;
}

static int read_command_word(const char **p, char **ret)
{
	int r = read_word(p, WORD_ESCAPES, ret);

	return r == -EINVAL ? read_word(p, WORD_ESCAPES | WORD_KEEP_UNKNOWN, ret) : r;
}

/* Each prefix counts once; "+" excludes "!", and "!!" is one. Return: what is behind them. */
static const char *take_prefixes(const char *s, struct jw_exec_line *out, bool *own_argv0)
{
	int bangs = 0;
	bool plus = false;

	for (;; s++) {
		if (*s == '-' && !out->ignore_failure)
			out->ignore_failure = true;
		else if (*s == '@' && !*own_argv0)
			*own_argv0 = true;
		else if (*s == ':' && !out->no_env)
			out->no_env = true;
		else if (*s == '+' && !plus && !bangs)
			plus = true;
		else if (*s == '!' && !plus && bangs < 2)
			bangs++;
		else
			break;
	}
	out->privileged = plus || bangs;
	return s;
}

/* "//" and "/./" and a "/" at the end go, as systemd's path_simplify() has it. */
static void simplify_path(char *path)
{
	char *in = path, *out = path;

	while (*in) {
		if (*in == '/' && (in[1] == '/' || (in[1] == '.' && (in[2] == '/' || !in[2])))) {
			in += in[1] == '/' ? 1 : 2;
			continue;
		}
		*out++ = *in++;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

/* Why systemd refuses the program's name. Return: NULL when it does not. */
static const char *path_bad(const char *path)
{
	const char *s;

	if (!*path)
		return "command line has no program";
	for (s = path; *s; s++)
		if ((*s > 0 && *s < ' ') || strchr("\"'\\\x7f", *s))
			return "name of the program has special characters";
	if (s[-1] == '/')
		return "program is a directory";
	if (*path != '/' && (strchr(path, '/') || !strcmp(path, ".") || !strcmp(path, "..") || s - path > NAME_MAX))
		return "program is neither an absolute path nor a file name";
	return s - path >= PATH_MAX ? "path of the program is too long" : NULL;
}

static int read_arguments(const char *p, struct jw_exec_line *out, size_t *n)
{
	char *word;
	int r;

	while (*p) {
		/* A semicolon as a word of its own ends the command, unless a backslash stands before it. */
		if (p[0] == ';' && (!p[1] || strchr(WHITESPACE, p[1]))) {
			p++;
			p += strspn(p, WHITESPACE);
			if (!*p)
				return 0;
			out->rest = strdup(p);
			return out->rest ? 0 : -ENOMEM;
		}
		if (p[0] == '\\' && p[1] == ';' && (!p[2] || strchr(WHITESPACE, p[2]))) {
			p += 2;
			p += strspn(p, WHITESPACE);
			word = strdup(";");
		} else {
			r = read_command_word(&p, &word);
			if (r <= 0)
				return r;
		}
		r = jw_parse_strv_push(&out->argv, n, word);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_command(const char *value, struct jw_exec_line *out, const char **bad)
{
	const char *p = value, *path;
	bool own_argv0 = false;
	char *word = NULL;
	size_t n = 0;
	int r;

	r = read_command_word(&p, &word);
	if (r <= 0)
		return r ? r : -EINVAL;
	path = take_prefixes(word, out, &own_argv0);
	*bad = path_bad(path);
	if (!*bad) {
		out->path = strdup(path);
		r = out->path ? 0 : -ENOMEM;
		if (r == 0 && !own_argv0)
			r = jw_parse_strv_push(&out->argv, &n, strdup(path));
	}
	free(word);
	if (*bad || r < 0)
		return *bad ? -EINVAL : r;
	simplify_path(out->path);
	r = read_arguments(p, out, &n);
	if (r == 0 && !n)
		*bad = "\"@\" without a name for the program";
	return *bad ? -EINVAL : r;
}

int jw_parse_exec_line(const char *value, struct jw_exec_line *out, char **cause)
{
	const char *bad = NULL;
	int r;

	*out = (struct jw_exec_line){ 0 };
	*cause = NULL;
	r = read_command(value, out, &bad);
	if (r == 0)
		return 0;
	jw_exec_line_done(out);
	if (r != -EINVAL)
		return -ENOMEM;
	*cause = strdup(bad ? bad : *value ? "quotes are not balanced" : "command line is empty");
	return *cause ? 0 : -ENOMEM;
}

void jw_exec_line_done(struct jw_exec_line *line)
{
	jw_parse_strv_free(line->argv);
	free(line->path);
	free(line->rest);
	*line = (struct jw_exec_line){ 0 };
}

/* Value of the @len bytes @name; the last assignment wins. Return: NULL when there is none. */
static const char *lookup(char *const *env, const char *name, size_t len)
{
	const char *value = NULL;

	for (; len && env && *env; env++)
		if (!strncmp(*env, name, len) && (*env)[len] == '=')
			value = *env + len + 1;
	return value;
}

/* A word that is just "$NAME": the value's own words, none when it is not set. */
static int expand_whole(const char *value, char ***argv, size_t *n)
{
	char *word;
	int r = 0;

	while (value && r >= 0) {
		r = read_word(&value, WORD_ANY_QUOTES, &word);
		if (r <= 0)
			break;
		r = jw_parse_strv_push(argv, n, word);
	}
	return r;
}

/*
 * "${NAME}" and "$$" inside of a word; anything else with "$" stays, "${NAME:-x}" too. Return: NULL when out of memory.
 */
static char *expand_braces(const char *s, char *const *env)
{
	struct jw_parse_buf out = { 0 };
	int r = jw_parse_buf_add(&out, "", 0);
	const char *value;
	size_t len;

	while (*s && r >= 0) {
		len = s[0] == '$' && s[1] == '{' ? strcspn(s + 2, "}:") : 0;
		if (s[0] == '$' && s[1] == '{' && s[2 + len] == '}') {
			value = lookup(env, s + 2, len);
			if (value)
				r = jw_parse_buf_add(&out, value, strlen(value));
			s += len + 3;
		} else if (s[0] == '$' && s[1] == '{' && !s[2 + len]) {
			/* A brace that nothing closes swallows what follows. */
			r = jw_parse_buf_add(&out, s, len + 2);
			s += len + 2;
		} else if (s[0] == '$' && s[1]) {
			/* Of "$$" one stays; else both bytes, and the second begins no variable any more. */
			r = jw_parse_buf_add(&out, s, s[1] == '$' ? 1 : 2);
			s += 2;
		} else {
			r = jw_parse_buf_add(&out, s++, 1);
		}
	}
	if (r < 0) {
		free(out.s);
		return NULL;
	}
	return out.s;
}

int jw_systemd_expand_env(char *const *argv, char *const *env, char ***ret_argv)
{
	char **out = NULL;
	size_t n = 0;
	int r = 0;

	for (; *argv && r >= 0; argv++) {
		if ((*argv)[0] == '$' && (*argv)[1] != '{' && (*argv)[1] != '$')
			r = expand_whole(lookup(env, *argv + 1, strlen(*argv + 1)), &out, &n);
		else
			r = jw_parse_strv_push(&out, &n, expand_braces(*argv, env));
	}
	if (r >= 0 && !out) {
		out = calloc(1, sizeof(*out));
		r = out ? 0 : -ENOMEM;
	}
	if (r < 0) {
		jw_parse_strv_free(out);
		return -ENOMEM;
	}
	*ret_argv = out;
	return 0;
}
