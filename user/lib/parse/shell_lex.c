// SPDX-License-Identifier: GPL-2.0
/*
 * Words and operators of a shell command. Facts: dash(1), and for what it lacks bash(1): |&, &>, <<<, <(…), $'…',
 * {a,b}. SHELL may be either, so what only one of them expands counts as dynamic.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../grow.h"
#include "shell_lex.h"

struct word_buf {
	struct jw_parse_buf text;
	bool dynamic, glob, quoted, braces, bracket;
};

int jw_shell_report(struct jw_shell *sh, enum jw_shell_word_kind kind, const char *text, size_t len)
{
	size_t n = sh->out->n;
	struct jw_shell_word *v;

	if (!len)
		return 0;
	v = jw_grow(sh->out->v, n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	sh->out->v = v;
	v[n].kind = kind;
	v[n].text = jw_parse_text(text, len);
	if (!v[n].text)
		return -ENOMEM;
	sh->out->n++;
	return 0;
}

void jw_shell_done(struct jw_shell *sh)
{
	size_t i;

	for (i = 0; i < sh->n_heredocs; i++)
		free(sh->heredocs[i].delimiter);
	free(sh->heredocs);
	free(sh->word.text);
}

/* Reports the rest as dynamic and ends: what nests deeper than a person writes is not followed. */
static int give_up(struct jw_shell *sh)
{
	size_t len = strlen(sh->s);
	int r = jw_shell_report(sh, JW_SHELL_DYNAMIC, sh->s, len < 256 ? len : 256);

	sh->s += len;
	return r;
}

/* A list in parentheses; sh->s stands behind the first one. */
static int parenthesised(struct jw_shell *sh)
{
	struct jw_shell_arg outer = sh->word;
	int r;

	if (sh->depth >= JW_SHELL_DEPTH)
		return give_up(sh);
	sh->depth++;
	sh->word = (struct jw_shell_arg){ 0 };
	r = jw_shell_list(sh);
	free(sh->word.text);
	sh->word = outer;
	sh->depth--;
	return r;
}

/* `…`; sh->s stands behind the first. A backslash takes the meaning off "`", "$" and itself. */
static int backticks(struct jw_shell *sh)
{
	struct jw_parse_buf text = { 0 };
	int r = jw_parse_buf_add(&text, "", 0);

	for (; *sh->s && *sh->s != '`' && r == 0; sh->s++) {
		if (*sh->s == '\\' && sh->s[1] && strchr("`$\\", sh->s[1]))
			sh->s++;
		r = jw_parse_buf_add(&text, sh->s, 1);
	}
	if (*sh->s)
		sh->s++;
	if (r == 0)
		r = jw_shell_nested(sh, text.s);
	free(text.s);
	return r;
}

static int dollar(struct jw_shell *sh);

/* Takes quotes, escapes and substitutions up to an unquoted @end and that itself: "${…}" and "$((…))". */
static int skip_to(struct jw_shell *sh, char end)
{
	bool quoted = false;
	int r = 0, open = 0;

	while (*sh->s && r == 0) {
		char c = *sh->s++;

		if (c == '\\' && *sh->s)
			sh->s++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == '\'' && !quoted)
			sh->s += strcspn(sh->s, "'") + (strchr(sh->s, '\'') != NULL);
		else if (c == '`')
			r = backticks(sh);
		else if (c == '$')
			r = dollar(sh);
		else if (c == '(' && end == ')' && !quoted)
			open++;
		else if (c == end && !quoted && !open--)
			return r;
	}
	return r;
}

/*
 * Does the arithmetic that begins at @s end in "))"? If not it is a substitution that begins with a subshell. Looks
 * at no more than a person would write, so that a hostile text can't make this quadratic.
 */
static bool is_arithmetic(const char *s)
{
	const char *end = s + strnlen(s, 4096);
	int open = 0;

	for (; s < end; s++) {
		if (*s == '(')
			open++;
		else if (*s == ')' && !open--)
			return s[1] == ')';
	}
	return false;
}

/* What follows a "$" that is not in single quotes; sh->s stands behind it. */
static int dollar(struct jw_shell *sh)
{
	char end;
	int r;

	if (*sh->s != '{' && *sh->s != '(')
		return 0;
	end = *sh->s++ == '{' ? '}' : ')';
	if (end == ')' && (*sh->s != '(' || !is_arithmetic(sh->s + 1)))
		return parenthesised(sh);
	if (sh->depth >= JW_SHELL_DEPTH)
		return give_up(sh);
	sh->depth++;
	if (end == ')')
		sh->s++;
	r = skip_to(sh, end);
	if (end == ')' && *sh->s == ')')
		sh->s++;
	sh->depth--;
	return r;
}

static bool begins_expansion(const char *s)
{
	return *s == '{' || *s == '(' || *s == '_' || strchr("@*#?-$!\"'", *s ? *s : 'x') || (*s >= '0' && *s <= '9') ||
	       (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');
}

/* A "$" in a word. One before nothing that it expands is a byte like others. */
static int word_dollar(struct jw_shell *sh, struct word_buf *w, bool quoted)
{
	if (!begins_expansion(sh->s) || (quoted && *sh->s == '"'))
		return jw_parse_buf_add(&w->text, "$", 1);
	w->dynamic = true;
	/* In $'…' bash takes "\'" for a quote and dash does not: from there on nobody knows which shell reads it. */
	if (!quoted && *sh->s == '\'' && sh->s[1 + strcspn(sh->s + 1, "'")] && sh->s[strcspn(sh->s + 1, "'")] == '\\')
		return give_up(sh);
	return dollar(sh);
}

static int double_quoted(struct jw_shell *sh, struct word_buf *w)
{
	int r = 0;

	w->quoted = true;
	while (*sh->s && *sh->s != '"' && r == 0) {
		char c = *sh->s++;

		if (c == '\\' && *sh->s == '\n') {
			sh->s++;
		} else if (c == '\\' && *sh->s && strchr("$`\"\\", *sh->s)) {
			r = jw_parse_buf_add(&w->text, sh->s++, 1);
		} else if (c == '`') {
			w->dynamic = true;
			r = backticks(sh);
		} else if (c == '$') {
			r = word_dollar(sh, w, true);
		} else {
			r = jw_parse_buf_add(&w->text, &c, 1);
		}
	}
	if (*sh->s)
		sh->s++;
	return r;
}

static int single_quoted(struct jw_shell *sh, struct word_buf *w)
{
	size_t len = strcspn(sh->s, "'");
	int r = jw_parse_buf_add(&w->text, sh->s, len);

	w->quoted = true;
	sh->s += len;
	if (*sh->s)
		sh->s++;
	return r;
}

/* One unquoted byte that was taken. "[" is a pattern only with a "]" behind it; "{" only with "," or "..". */
static int plain(struct word_buf *w, char c, bool first)
{
	if (c == '*' || c == '?' || (c == ']' && w->bracket))
		w->glob = true;
	if (c == '~' && first)
		w->dynamic = true;
	if (c == '{')
		w->braces = true;
	if (c == '[')
		w->bracket = true;
	if (w->braces && (c == ',' || (c == '.' && w->text.n && w->text.s[w->text.n - 1] == '.')))
		w->dynamic = true;
	return jw_parse_buf_add(&w->text, &c, 1);
}

static int read_word(struct jw_shell *sh)
{
	const char *start = sh->s;
	struct word_buf w = { .dynamic = false };
	int r = jw_parse_buf_add(&w.text, "", 0);

	while (*sh->s && r == 0 && !strchr(" \t\n;&|()<>", *sh->s)) {
		char c = *sh->s++;

		if (c == '\\' && *sh->s == '\n') {
			sh->s++;
		} else if (c == '\\' && *sh->s) {
			w.quoted = true;
			r = jw_parse_buf_add(&w.text, sh->s++, 1);
		} else if (c == '\'') {
			r = single_quoted(sh, &w);
		} else if (c == '"') {
			r = double_quoted(sh, &w);
		} else if (c == '`') {
			w.dynamic = true;
			r = backticks(sh);
		} else if (c == '$') {
			r = word_dollar(sh, &w, false);
		} else {
			r = plain(&w, c, sh->s == start + 1);
		}
	}
	free(sh->word.text);
	sh->word = (struct jw_shell_arg){
		.text = w.text.s, .raw = start, .raw_len = sh->s - start, .dynamic = w.dynamic, .glob = w.glob,
		.quoted = w.quoted,
	};
	return r < 0 ? r : JW_SHELL_WORD;
}

/* Blanks, joined lines and comments. A carriage return is no blank for a shell but a byte of a word. */
static void skip_blanks(struct jw_shell *sh)
{
	const char *start = sh->s;

	for (;;) {
		if (*sh->s == ' ' || *sh->s == '\t')
			sh->s++;
		else if (sh->s[0] == '\\' && sh->s[1] == '\n')
			sh->s += 2;
		else if (*sh->s == '#')
			sh->s += strcspn(sh->s, "\n");
		else
			break;
	}
	sh->blank_before = sh->s != start;
}

/* The delimiter behind "<<"; the body is skipped at the next newline. */
static int heredoc(struct jw_shell *sh)
{
	struct jw_shell_heredoc *v, h = { .strip_tabs = *sh->s == '-' };
	const char *raw;
	int r;

	if (h.strip_tabs)
		sh->s++;
	skip_blanks(sh);
	raw = sh->s;
	r = read_word(sh);
	if (r < 0)
		return r;
	r = jw_shell_report(sh, JW_SHELL_DYNAMIC, raw, sh->s - raw);
	if (r < 0)
		return r;
	v = jw_grow(sh->heredocs, sh->n_heredocs, sizeof(*v));
	if (!v)
		return -ENOMEM;
	sh->heredocs = v;
	h.delimiter = sh->word.text;
	sh->word.text = NULL;
	v[sh->n_heredocs++] = h;
	return JW_SHELL_HEREDOC;
}

/* Skips the bodies that begin here, at the first byte of a line. */
static void skip_heredocs(struct jw_shell *sh)
{
	size_t i, len, n;

	for (i = 0; i < sh->n_heredocs; i++) {
		n = strlen(sh->heredocs[i].delimiter);
		for (;;) {
			const char *l = sh->s;

			if (sh->heredocs[i].strip_tabs)
				l += strspn(l, "\t");
			len = strcspn(l, "\n");
			sh->s = l + len + (l[len] == '\n');
			if (!*sh->s || (len == n && !memcmp(l, sh->heredocs[i].delimiter, n)))
				break;
		}
		free(sh->heredocs[i].delimiter);
	}
	free(sh->heredocs);
	sh->heredocs = NULL;
	sh->n_heredocs = 0;
}

/* "<" or ">" and what belongs to it; sh->s stands at it. */
static int redirection(struct jw_shell *sh)
{
	char c = *sh->s++;

	if (*sh->s == '(') {
		/* <(…) and >(…) of bash are words; as operands they are dynamic. */
		const char *raw = sh->s - 1;
		int r;

		sh->s++;
		r = parenthesised(sh);
		free(sh->word.text);
		sh->word = (struct jw_shell_arg){
			.text = jw_parse_text("", 0), .raw = raw, .raw_len = sh->s - raw, .dynamic = true,
		};
		return r < 0 || !sh->word.text ? -ENOMEM : JW_SHELL_WORD;
	}
	if (c == '>') {
		sh->s += *sh->s == '>' || *sh->s == '|' || *sh->s == '&';
		return JW_SHELL_REDIRECT;
	}
	if (sh->s[0] == '<' && sh->s[1] == '<') {
		sh->s += 2;
		return JW_SHELL_REDIRECT;
	}
	if (*sh->s == '<') {
		sh->s++;
		return heredoc(sh);
	}
	if (*sh->s == '&' || *sh->s == '>') {
		sh->s++;
		return JW_SHELL_REDIRECT;
	}
	return JW_SHELL_INPUT;
}

static int operator(struct jw_shell *sh)
{
	char c = *sh->s++;

	if (c == '(')
		return JW_SHELL_OPEN;
	if (c == ')')
		return JW_SHELL_CLOSE;
	if (c == ';') {
		if (*sh->s != ';' && *sh->s != '&')
			return JW_SHELL_SEPARATOR;
		sh->s += sh->s[0] == ';' && sh->s[1] == '&' ? 2 : 1;
		return JW_SHELL_CASE_END;
	}
	if (c == '&' && *sh->s == '>') {
		sh->s += sh->s[1] == '>' ? 2 : 1;
		return JW_SHELL_REDIRECT;
	}
	if (*sh->s == c || (c == '|' && *sh->s == '&'))
		sh->s++;
	return JW_SHELL_SEPARATOR;
}

int jw_shell_next(struct jw_shell *sh)
{
	const char *digits;

	skip_blanks(sh);
	switch (*sh->s) {
	case '\0':
		return JW_SHELL_END;
	case '\n':
		sh->s++;
		skip_heredocs(sh);
		return JW_SHELL_NEWLINE;
	case ';': case '&': case '|': case '(': case ')':
		return operator(sh);
	case '<': case '>':
		return redirection(sh);
	}
	digits = sh->s + strspn(sh->s, "0123456789");
	if (digits != sh->s && (*digits == '<' || *digits == '>')) {
		sh->s = digits;
		return redirection(sh);
	}
	return read_word(sh);
}
