// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs and files a shell command names. What the shell computes is reported as dynamic, what comes out of
 * it is not guessed. Facts: dash(1), bash(1), and shell_tools.c for programs.
 *
 *   list    commands between operators; "(", "$(" and backticks nest (shell_lex.c)
 *   simple  keywords and assignments off its front, then a builtin, a function or a program
 *   program its own operands: what a wrapper runs, what an interpreter reads
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../grow.h"
#include "shell_lex.h"
#include "shell_tools.h"

struct simple {
	struct jw_shell_arg *v;
	size_t n;
	struct jw_shell_arg input;	/* file of the last "<" */
	bool reads_file;	/* "<" or "<<": its standard input is known */
};

/* Words of a simple command that are still to look at. */
struct args {
	const struct jw_shell_arg *v;
	size_t n;
	const struct jw_shell_arg *input;	/* NULL: none */
	bool reads_file;
};

static int run(struct jw_shell *sh, struct args a);

static void simple_done(struct simple *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i].text);
	free(c->v);
	free(c->input.text);
	*c = (struct simple){ 0 };
}

static int simple_add(struct simple *c, struct jw_shell *sh)
{
	struct jw_shell_arg *v = jw_grow(c->v, c->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	c->v = v;
	v[c->n++] = sh->word;
	sh->word = (struct jw_shell_arg){ 0 };
	return 0;
}

static struct args shift(struct args a, size_t n)
{
	if (n > a.n)
		n = a.n;
	if (n)
		a.v += n;
	a.n -= n;
	return a;
}

static int report(struct jw_shell *sh, enum jw_shell_word_kind kind, const struct jw_shell_arg *w)
{
	if (w->dynamic)
		return jw_shell_report(sh, JW_SHELL_DYNAMIC, w->raw, w->raw_len);
	if (w->glob)
		return jw_shell_report(sh, JW_SHELL_GLOB, w->text, strlen(w->text));
	return jw_shell_report(sh, kind, w->text, strlen(w->text));
}

/* A word whose value is a shell command. */
static int nested(struct jw_shell *sh, const struct jw_shell_arg *w)
{
	if (w->dynamic)
		return report(sh, JW_SHELL_COMMAND, w);
	return jw_shell_nested(sh, w->text);
}

int jw_shell_nested(struct jw_shell *sh, const char *text)
{
	struct jw_shell inner = { .s = text, .out = sh->out, .depth = sh->depth + 1 };
	int r = 0;

	if (inner.depth > JW_SHELL_DEPTH)
		return jw_shell_report(sh, JW_SHELL_DYNAMIC, text, strnlen(text, 256));
	/* A ")" without its "(" ends a list; a shell would stop there, but what follows is looked at all the same. */
	while (r == 0 && *inner.s)
		r = jw_shell_list(&inner);
	jw_shell_done(&inner);
	return r;
}

/* Length of the name when the word is NAME=… or NAME+=…, else 0. */
static size_t assignment_name(const struct jw_shell_arg *w)
{
	size_t len = strspn(w->raw, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	if (!len || len >= w->raw_len || (*w->raw >= '0' && *w->raw <= '9'))
		return 0;
	if (w->raw[len] == '=' || (w->raw[len] == '+' && len + 1 < w->raw_len && w->raw[len + 1] == '='))
		return len;
	return 0;
}

/* PATH decides what later names mean; other variables make programs load files. */
static int assignment(struct jw_shell *sh, const struct jw_shell_arg *w)
{
	size_t len = assignment_name(w);
	const char *value;

	if (len == 4 && !memcmp(w->raw, "PATH", 4))
		return jw_shell_report(sh, JW_SHELL_DYNAMIC, w->raw, w->raw_len);
	if (!jw_shell_loads_file(w->raw, len))
		return 0;
	if (w->dynamic)
		return jw_shell_report(sh, JW_SHELL_DYNAMIC, w->raw, w->raw_len);
	value = strchr(w->text, '=');
	return value ? jw_shell_report(sh, JW_SHELL_SCRIPT, value + 1, strlen(value + 1)) : 0;
}

/* The value of an option: the rest of its word, or the next word, which is then taken. */
struct value {
	struct jw_shell_arg w;
	bool found;
};

static struct value take_value(struct args *a, const struct jw_shell_arg *opt, const char *rest)
{
	struct value v = { .found = true };

	if (*rest) {
		v.w = *opt;
		v.w.text = (char *)rest;
		return v;
	}
	if (!a->n)
		return (struct value){ .found = false };
	v.w = a->v[0];
	*a = shift(*a, 1);
	return v;
}

static bool has(const char *set, char c)
{
	return set && c && strchr(set, c);
}

/* Does the long option, without its dashes, take the next word? */
static bool takes_next(const struct jw_shell_tool *t, const char *name)
{
	const char *p = t->long_values;
	size_t len = strlen(name);

	if (strchr(name, '=') || strchr(name, ' ') || !len)
		return false;
	while (p && (p = strchr(p, ' ')) && *++p)
		if (!strncmp(p, name, len) && p[len] == ' ')
			return true;
	return false;
}

/* One option word that was taken. Sets *code when its value was code. */
static int option(struct jw_shell *sh, const struct jw_shell_tool *t, struct args *a, const struct jw_shell_arg *w,
		  bool *code)
{
	const char *s = w->text + 1;
	struct value v;

	if (*s == '-') {
		if (t->kind == JW_TOOL_SHELL && (!strcmp(s, "-rcfile") || !strcmp(s, "-init-file")) && a->n) {
			*a = shift(*a, 1);
			return report(sh, JW_SHELL_SCRIPT, a->v - 1);
		}
		if (t->kind == JW_TOOL_WRAPPER && t->code && !strncmp(s, "-command", 8) && (!s[8] || s[8] == '=')) {
			v = take_value(a, w, s[8] ? s + 9 : "");
			*code = true;
			return v.found ? nested(sh, &v.w) : 0;
		}
		*a = shift(*a, takes_next(t, s + 1));
		return 0;
	}
	for (; *s; s++) {
		if (t->kind == JW_TOOL_SHELL && *s == 's')
			return jw_shell_report(sh, JW_SHELL_DYNAMIC, w->raw, w->raw_len);
		if (has(t->code, *s)) {
			*code = true;
			/* A shell's -c takes no value of its own: the code is the first operand. */
			if (t->kind == JW_TOOL_SHELL)
				continue;
			v = take_value(a, w, s + 1);
			if (t->kind == JW_TOOL_WRAPPER)
				return v.found ? nested(sh, &v.w) : 0;
			return *s == 'm' ? jw_shell_report(sh, JW_SHELL_DYNAMIC, w->raw, w->raw_len) : 0;
		}
		if (has(t->files, *s)) {
			v = take_value(a, w, s + 1);
			return v.found ? report(sh, JW_SHELL_SCRIPT, &v.w) : 0;
		}
		if (has(t->values, *s)) {
			take_value(a, w, s + 1);
			return 0;
		}
	}
	return 0;
}

/* Takes options off the front of *a. Return: 0 or -ENOMEM. */
static int options(struct jw_shell *sh, const struct jw_shell_tool *t, struct args *a, bool *code)
{
	const struct jw_shell_arg *w;
	int r = 0;

	while (a->n && r == 0) {
		w = &a->v[0];
		if (t->kind == JW_TOOL_SHELL && *w->text == '+' && w->text[1]) {
			*a = shift(*a, 1 + has(t->values, w->text[1]));
			continue;
		}
		if (*w->text != '-' || !w->text[1])
			break;
		*a = shift(*a, 1);
		if (!strcmp(w->text, "--"))
			break;
		r = option(sh, t, a, w, code);
		/* What follows the code belongs to it. */
		if (*code && t->kind == JW_TOOL_INTERPRETER)
			break;
	}
	return r;
}

static int wrapper(struct jw_shell *sh, const struct jw_shell_tool *t, struct args a)
{
	bool code = false;
	int r;

	r = options(sh, t, &a, &code);
	if (t->skip < 0) {
		/* Nothing but an option is run; it may also stand behind the operands. */
		if (r == 0 && a.n && !code && !strcmp(t->name, "runuser"))
			r = run(sh, a);
		for (; r == 0 && a.n; a = shift(a, 1))
			r = options(sh, t, &a, &code);
		return r;
	}
	while (r == 0 && t->assignments && a.n && assignment_name(&a.v[0])) {
		r = assignment(sh, &a.v[0]);
		a = shift(a, 1);
	}
	if (t->skip && a.n) {
		a = shift(a, t->skip);
		if (r == 0 && t->code && a.n && *a.v[0].text == '-')
			r = options(sh, t, &a, &code);
	}
	return r < 0 || !a.n ? r : run(sh, a);
}

/* Something that runs what it reads: a file, a here-document (reported as such) or what another program writes. */
static int code_from_input(struct jw_shell *sh, const struct jw_shell_arg *self, struct args a)
{
	if (a.input)
		return report(sh, JW_SHELL_SCRIPT, a.input);
	return a.reads_file ? 0 : jw_shell_report(sh, JW_SHELL_DYNAMIC, self->raw, self->raw_len);
}

static int shell(struct jw_shell *sh, const struct jw_shell_tool *t, const struct jw_shell_arg *self, struct args a)
{
	bool code = false;
	int r = options(sh, t, &a, &code);

	if (r < 0)
		return r;
	if (code)
		return a.n ? nested(sh, &a.v[0]) : 0;
	if (a.n && strcmp(a.v[0].text, "-"))
		return report(sh, JW_SHELL_SCRIPT, &a.v[0]);
	return code_from_input(sh, self, a);
}

static int interpreter(struct jw_shell *sh, const struct jw_shell_tool *t, const struct jw_shell_arg *self,
		       struct args a)
{
	size_t before = sh->out->n;
	bool code = false;
	int r = options(sh, t, &a, &code);

	if (r < 0 || code)
		return r;
	if (a.n && strcmp(a.v[0].text, "-"))
		return report(sh, JW_SHELL_SCRIPT, &a.v[0]);
	return sh->out->n != before ? 0 : code_from_input(sh, self, a);
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

/* java -jar FILE, find … -exec …, start-stop-daemon --exec FILE: options in one word that name what runs. */
static int long_options(struct jw_shell *sh, const char *name, struct args a)
{
	static const char *const exec[] = { "-exec", "-execdir", "-ok", "-okdir", NULL };
	static const char *const start[] = { "-x", "--exec", "-a", "--startas", NULL };
	bool find = !strcmp(name, "find"), java = !strcmp(name, "java"), daemon = !strcmp(name, "start-stop-daemon");
	size_t end;
	int r = 0;

	for (; r == 0 && a.n > 1; a = shift(a, 1)) {
		const char *o = a.v[0].text;

		if (find && is_one_of(o, exec)) {
			for (end = 1; end < a.n && strcmp(a.v[end].text, ";") && strcmp(a.v[end].text, "+"); end++)
				;
			r = run(sh, (struct args){ .v = a.v + 1, .n = end - 1, .reads_file = true });
			a = shift(a, end - 1);
		} else if (java && !strcmp(o, "-jar")) {
			return report(sh, JW_SHELL_SCRIPT, &a.v[1]);
		} else if (daemon && is_one_of(o, start)) {
			r = report(sh, JW_SHELL_COMMAND, &a.v[1]);
		}
	}
	return r;
}

static int program(struct jw_shell *sh, struct args a)
{
	const struct jw_shell_arg *self = &a.v[0];
	const char *slash = strrchr(self->text, '/');
	const struct jw_shell_tool *t;
	bool code = false;
	int r;

	r = report(sh, JW_SHELL_COMMAND, self);
	if (r < 0 || self->dynamic)
		return r;
	t = jw_shell_tool_find(self->text);
	a = shift(a, 1);
	if (!t)
		return long_options(sh, slash ? slash + 1 : self->text, a);
	switch (t->kind) {
	case JW_TOOL_WRAPPER:
		return wrapper(sh, t, a);
	case JW_TOOL_SHELL:
		return shell(sh, t, self, a);
	case JW_TOOL_INTERPRETER:
		return interpreter(sh, t, self, a);
	case JW_TOOL_PROGRAM_TEXT:
		for (; r == 0 && a.n; a = shift(a, 1))
			r = options(sh, t, &a, &code);
		return r;
	}
	return 0;
}

/* eval: its words, joined by blanks, are a command. */
static int eval(struct jw_shell *sh, struct args a)
{
	struct jw_parse_buf text = { 0 };
	int r = jw_parse_buf_add(&text, "", 0);

	for (; r == 0 && a.n; a = shift(a, 1)) {
		if (a.v[0].dynamic) {
			r = report(sh, JW_SHELL_COMMAND, &a.v[0]);
			free(text.s);
			return r;
		}
		r = jw_parse_buf_add(&text, a.v[0].text, strlen(a.v[0].text));
		if (r == 0)
			r = jw_parse_buf_add(&text, " ", 1);
	}
	if (r == 0)
		r = jw_shell_nested(sh, text.s);
	free(text.s);
	return r;
}

/* Takes words that begin with "-"; @values: options that take a value. */
static struct args skip_options(struct args a, const char *values)
{
	while (a.n && a.v[0].text[0] == '-' && a.v[0].text[1]) {
		bool end = !strcmp(a.v[0].text, "--");

		a = shift(a, !end && has(values, a.v[0].text[1]) && !a.v[0].text[2] ? 2 : 1);
		if (end)
			break;
	}
	return a;
}

static int builtin(struct jw_shell *sh, const char *name, struct args a)
{
	int r = 0;

	if (!strcmp(name, ".") || !strcmp(name, "source")) {
		a = skip_options(a, "");
		return a.n ? report(sh, JW_SHELL_SCRIPT, &a.v[0]) : 0;
	}
	if (!strcmp(name, "eval"))
		return eval(sh, skip_options(a, ""));
	if (!strcmp(name, "exec")) {
		a = skip_options(a, "a");
		return a.n ? run(sh, a) : 0;
	}
	if (!strcmp(name, "command") || !strcmp(name, "builtin")) {
		/* "command -v" only asks. */
		if (a.n && a.v[0].text[0] == '-' && strpbrk(a.v[0].text, "vV"))
			return 0;
		a = skip_options(a, "");
		return a.n ? run(sh, a) : 0;
	}
	if (!strcmp(name, "trap")) {
		a = skip_options(a, "");
		return a.n > 1 ? nested(sh, &a.v[0]) : 0;
	}
	if (!strcmp(name, "hash") && a.n > 1 && !strcmp(a.v[0].text, "-p"))
		return report(sh, JW_SHELL_SCRIPT, &a.v[1]);
	if (!strcmp(name, "enable") && a.n > 1 && !strcmp(a.v[0].text, "-f"))
		return report(sh, JW_SHELL_SCRIPT, &a.v[1]);
	if (!strcmp(name, "alias")) {
		for (; r == 0 && a.n; a = shift(a, 1))
			if (assignment_name(&a.v[0]) && !a.v[0].dynamic)
				r = jw_shell_nested(sh, strchr(a.v[0].text, '=') + 1);
		return r;
	}
	if (strcmp(name, "export") && strcmp(name, "declare") && strcmp(name, "readonly") && strcmp(name, "typeset") &&
	    strcmp(name, "local"))
		return 0;
	for (; r == 0 && a.n; a = shift(a, 1))
		if (assignment_name(&a.v[0]))
			r = assignment(sh, &a.v[0]);
	return r;
}

/* A command whose keywords and assignments are gone, or what a wrapper runs. */
static int run(struct jw_shell *sh, struct args a)
{
	const struct jw_shell_arg *w = a.v;
	int r;

	if (!a.n || (!w->dynamic && !*w->text))
		return 0;
	if (sh->depth >= JW_SHELL_DEPTH)
		return jw_shell_report(sh, JW_SHELL_DYNAMIC, w->raw, w->raw_len);
	sh->depth++;
	if (!w->dynamic && !w->glob && jw_shell_is_builtin(w->text))
		r = builtin(sh, w->text, shift(a, 1));
	else
		r = program(sh, a);
	sh->depth--;
	return r;
}

static bool is(const struct args *a, size_t i, const char *word)
{
	return i < a->n && !a->v[i].quoted && !a->v[i].dynamic && !strcmp(a->v[i].text, word);
}

static int finish(struct jw_shell *sh, struct simple *c)
{
	struct args a = {
		.v = c->v, .n = c->n, .input = c->input.text ? &c->input : NULL, .reads_file = c->reads_file,
	};
	int r = 0;

	for (;;) {
		while (a.n && !a.v[0].quoted && !a.v[0].dynamic && jw_shell_is_keyword(a.v[0].text))
			a = shift(a, 1);
		if (is(&a, 0, "time"))
			a = shift(a, is(&a, 1, "-p") ? 2 : 1);
		else if (is(&a, 0, "function"))
			a = shift(a, 2);
		else if ((is(&a, 0, "for") || is(&a, 0, "select")) && is(&a, 2, "do"))
			a = shift(a, 3);
		else
			break;
	}
	if (is(&a, 0, "for") || is(&a, 0, "select"))
		a.n = 0;
	while (r == 0 && a.n && assignment_name(&a.v[0])) {
		r = assignment(sh, &a.v[0]);
		a = shift(a, 1);
	}
	if (r == 0)
		r = run(sh, a);
	simple_done(c);
	return r;
}

/* State of one list; "case" is the only construct whose words are no commands. */
struct list {
	struct simple c;
	unsigned int cases;
	bool pattern;
};

static bool is_case(const struct simple *c)
{
	struct args a = { .v = c->v, .n = c->n };

	return a.n == 3 && is(&a, 0, "case") && is(&a, 2, "in");
}

/*
 * [[ … ]] of bash, whose operators are not the shell's. Another shell sees commands behind "||" and "&&": their names
 * are reported, and a separator that bash would not allow ends it.
 */
static int skip_test(struct jw_shell *sh)
{
	bool operand = false;
	int t, r = 0;

	while (r == 0) {
		t = jw_shell_next(sh);
		if (t < 0)
			return t;
		if (t == JW_SHELL_END || t == JW_SHELL_NEWLINE)
			break;
		if (t == JW_SHELL_SEPARATOR && (sh->s[-1] != sh->s[-2] || sh->s[-1] == ';'))
			break;
		if (t == JW_SHELL_WORD && !sh->word.quoted && !strcmp(sh->word.text, "]]"))
			break;
		if (t == JW_SHELL_WORD && operand && !strchr("-!", *sh->word.text))
			r = report(sh, JW_SHELL_COMMAND, &sh->word);
		operand = t == JW_SHELL_SEPARATOR;
	}
	return r;
}

static int take_word(struct jw_shell *sh, struct list *l)
{
	bool bare = !sh->word.quoted && !sh->word.dynamic, esac = bare && !strcmp(sh->word.text, "esac");
	int r;

	if (esac && l->cases && (l->pattern || !l->c.n)) {
		l->cases--;
		l->pattern = false;
		return 0;
	}
	if (l->pattern)
		return 0;
	if (!l->c.n && bare && !strcmp(sh->word.text, "[["))
		return skip_test(sh);
	if (!l->c.n && bare && jw_shell_is_keyword(sh->word.text))
		return 0;
	r = simple_add(&l->c, sh);
	if (r == 0 && is_case(&l->c)) {
		l->cases++;
		l->pattern = true;
		simple_done(&l->c);
	}
	return r;
}

/* "(": a function's, an array's or a subshell's. */
static int open_parenthesis(struct jw_shell *sh, struct list *l)
{
	const struct jw_shell_arg *last = l->c.n ? &l->c.v[l->c.n - 1] : NULL;
	int r;

	if (l->pattern)
		return 0;
	if (last && !sh->blank_before && assignment_name(last) && last->raw[last->raw_len - 1] == '=') {
		do {
			r = jw_shell_next(sh);
		} while (r >= 0 && r != JW_SHELL_END && r != JW_SHELL_CLOSE);
		return r < 0 ? r : 0;
	}
	if (last && sh->s[strspn(sh->s, " \t")] == ')') {
		/* NAME ( ): what follows is its body. */
		sh->s += strspn(sh->s, " \t") + 1;
		simple_done(&l->c);
		return 0;
	}
	r = finish(sh, &l->c);
	if (r < 0)
		return r;
	if (sh->depth >= JW_SHELL_DEPTH)
		return jw_shell_report(sh, JW_SHELL_DYNAMIC, "(", 1);
	sh->depth++;
	r = jw_shell_list(sh);
	sh->depth--;
	return r;
}

static int redirected(struct jw_shell *sh, struct list *l, int token)
{
	int r = token == JW_SHELL_HEREDOC ? 0 : jw_shell_next(sh);

	if (r < 0)
		return r;
	if (token == JW_SHELL_REDIRECT)
		return 0;
	l->c.reads_file = true;
	if (token == JW_SHELL_INPUT && r == JW_SHELL_WORD) {
		free(l->c.input.text);
		l->c.input = sh->word;
		sh->word = (struct jw_shell_arg){ 0 };
	}
	return 0;
}

int jw_shell_list(struct jw_shell *sh)
{
	struct list l = { .pattern = false };
	int t, r = 0;

	while (r == 0) {
		t = jw_shell_next(sh);
		if (t < 0)
			r = t;
		else if (t == JW_SHELL_WORD)
			r = take_word(sh, &l);
		else if (t == JW_SHELL_OPEN)
			r = open_parenthesis(sh, &l);
		else if (t == JW_SHELL_INPUT || t == JW_SHELL_REDIRECT || t == JW_SHELL_HEREDOC)
			r = redirected(sh, &l, t);
		else if (t == JW_SHELL_CLOSE && l.pattern)
			l.pattern = false;
		else if (!l.pattern)
			r = finish(sh, &l.c);
		if (t == JW_SHELL_CASE_END && l.cases)
			l.pattern = true;
		if (t == JW_SHELL_END || (t == JW_SHELL_CLOSE && !l.pattern && !l.cases))
			break;
	}
	simple_done(&l.c);
	return r;
}

int jw_parse_shell_command(const char *command, struct jw_shell_words *out)
{
	struct jw_shell sh = { .s = command, .out = out };
	int r = 0;

	while (r == 0 && *sh.s)
		r = jw_shell_list(&sh);
	jw_shell_done(&sh);
	return r;
}

void jw_shell_words_done(struct jw_shell_words *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		free(words->v[i].text);
	free(words->v);
	*words = (struct jw_shell_words){ 0 };
}
