// SPDX-License-Identifier: GPL-2.0
/* Colour, width, escaping and messages. Tables are in table.c, times in when.c. */
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>
#include "render.h"

static struct jw_terminal terminal;
static bool stderr_colour;

static unsigned int terminal_columns(void)
{
	struct winsize size;
	const char *columns;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	columns = getenv("COLUMNS");
	if (columns && atoi(columns) > 0)
		return (unsigned int)atoi(columns);
	return 80;
}

/* no-color.org: set and not empty. A terminal that calls itself dumb knows no colours either. */
static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return !(no_color && *no_color) && term && strcmp(term, "dumb");
}

void jw_render_init(void)
{
	terminal.is_terminal = isatty(STDOUT_FILENO);
	terminal.columns = terminal.is_terminal ? terminal_columns() : 0;
	terminal.colour = terminal.is_terminal && wants_colour();
	terminal.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	stderr_colour = isatty(STDERR_FILENO) && wants_colour();
}

const struct jw_terminal *jw_render_terminal(void)
{
	return &terminal;
}

void jw_render_set_terminal(const struct jw_terminal *as)
{
	terminal = *as;
}

void *jw_must(void *p)
{
	if (p)
		return p;
	fputs("jobward: out of memory\n", stderr);
	exit(2);
}

/* ---- the arena ---- */
struct chunk {
	struct chunk *next;
	size_t used, size;
	char bytes[];
};

static struct chunk *arena;

static char *arena_get(size_t size)
{
	struct chunk *chunk = arena;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > 16384 ? size : 16384;

		chunk = jw_must(malloc(sizeof(*chunk) + room));
		chunk->next = arena;
		chunk->used = 0;
		chunk->size = room;
		arena = chunk;
	}
	chunk->used += size;
	return chunk->bytes + chunk->used - size;
}

void jw_show_reset(void)
{
	while (arena) {
		struct chunk *next = arena->next;

		free(arena);
		arena = next;
	}
}

const char *jw_showf(const char *fmt, ...)
{
	va_list args;
	char *text, *out;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		jw_must(NULL);
	out = memcpy(arena_get((size_t)len + 1), text, (size_t)len + 1);
	free(text);
	return out;
}

const char *jw_show_hex(const void *bytes, size_t len)
{
	char *out = arena_get(2 * len + 1), *p = out;
	const unsigned char *byte = bytes;

	*p = '\0';
	for (; len; len--)
		p += sprintf(p, "%02x", *byte++);
	return out;
}

const char *jw_show_count(size_t n, const char *one, const char *many)
{
	return jw_showf("%zu %s", n, n == 1 ? one : many);
}

/* ---- escaping ---- */
/*
 * Characters that print but deceive: they turn the direction of what follows, have no width, or look like a blank and
 * are none. iswprint() lets them pass.
 */
static bool is_deceptive(wchar_t c)
{
	return c == 0xad || c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 ||
	       (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0 || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

/* A character at @text, or 0 when its bytes are to be shown as such. */
static size_t harmless_char(const char *text, size_t len, wchar_t *ret_c)
{
	mbstate_t state = {0};
	size_t n = mbrtowc(ret_c, text, len, &state);

	if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
		return 0;
	return n;
}

/* Writes at most 10 bytes for the character or byte at @text. Return: bytes of @text that were used. */
static size_t escape_one(const char *text, size_t len, char *out, size_t *ret_len)
{
	unsigned char byte = (unsigned char)*text;
	wchar_t c;
	size_t n;

	if (byte >= 0x20 && byte < 0x7f) {
		*out = *text;
		*ret_len = 1;
		return 1;
	}
	n = byte < 0x80 ? 0 : harmless_char(text, len, &c);
	if (!n) {
		*ret_len = (size_t)sprintf(out, "\\x%02x", byte);
		return 1;
	}
	if (is_deceptive(c) || !iswprint((wint_t)c) || wcwidth(c) < 0)
		*ret_len = (size_t)sprintf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned int)c);
	else
		memcpy(out, text, *ret_len = n);
	return n;
}

const char *jw_show_bytes(const char *text, size_t len)
{
	size_t i, room = 0, used;
	char one[16], *out, *p;

	for (i = 0; i < len; room += used)
		i += escape_one(text + i, len - i, one, &used);
	p = out = arena_get(room + 1);
	for (i = 0; i < len; p += used)
		i += escape_one(text + i, len - i, p, &used);
	*p = '\0';
	return out;
}

const char *jw_show(const char *text)
{
	return text ? jw_show_bytes(text, strlen(text)) : "?";
}

static bool needs_quotes(const char *word)
{
	return !*word || strpbrk(word, " \t\n\"'\\$`|&;<>()*?[]{}~#!") != NULL;
}

static const char *show_word(const char *word, size_t len)
{
	const char *shown = jw_show_bytes(word, len), *quote;
	char *out, *p;
	size_t quotes = 0;

	if (!needs_quotes(word))
		return shown;
	for (quote = shown; (quote = strchr(quote, '\'')); quote++)
		quotes++;
	p = out = arena_get(strlen(shown) + 3 * quotes + 3);
	*p++ = '\'';
	for (; *shown; shown++) {
		if (*shown == '\'')
			p = stpcpy(p, "'\\'");
		*p++ = *shown;
	}
	strcpy(p, "'");
	return out;
}

const char *jw_show_argv(const char *argv, size_t len)
{
	const char *end = argv + len, *shown = "";

	while (argv && argv < end) {
		size_t n = strnlen(argv, (size_t)(end - argv));
		char *word = jw_must(strndup(argv, n));

		shown = *shown ? jw_showf("%s %s", shown, show_word(word, n)) : show_word(word, n);
		free(word);
		argv += n + 1;
	}
	return shown;
}

/* ---- width ---- */
/* Shown text is valid in the locale; anything else counts one column a byte. */
static size_t char_width(const char *shown, size_t *ret_bytes)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t n = mbrtowc(&c, shown, MB_CUR_MAX, &state);
	int width;

	if (n == (size_t)-1 || n == (size_t)-2 || n == 0) {
		*ret_bytes = 1;
		return 1;
	}
	*ret_bytes = n;
	width = wcwidth(c);
	return width < 0 ? 1 : (size_t)width;
}

size_t jw_show_width(const char *shown)
{
	size_t width = 0, bytes;

	for (; *shown; shown += bytes)
		width += char_width(shown, &bytes);
	return width;
}

const char *jw_show_cut(const char *shown, size_t columns)
{
	const char *dots = terminal.utf8 ? "…" : "...";
	size_t dots_width = terminal.utf8 ? 1 : 3;
	size_t used = 0, bytes, at = 0;

	if (!columns || jw_show_width(shown) <= columns)
		return shown;
	if (columns < dots_width)
		return jw_showf("%.*s", (int)columns, dots);
	while (shown[at]) {
		size_t width = char_width(shown + at, &bytes);

		if (used + width > columns - dots_width)
			break;
		used += width;
		at += bytes;
	}
	return jw_showf("%.*s%s", (int)at, shown, dots);
}

const char *jw_show_cut_left(const char *shown, size_t columns)
{
	const char *dots = terminal.utf8 ? "…" : "...";
	size_t dots_width = terminal.utf8 ? 1 : 3, width = jw_show_width(shown), bytes;

	if (!columns || width <= columns)
		return shown;
	if (columns <= dots_width)
		return jw_show_cut(shown, columns);
	for (; width > columns - dots_width; shown += bytes)
		width -= char_width(shown, &bytes);
	return jw_showf("%s%s", dots, shown);
}

const char *jw_show_pad(const char *shown, size_t columns)
{
	size_t width = jw_show_width(shown);

	return width >= columns ? shown : jw_showf("%s%*s", shown, (int)(columns - width), "");
}

static const char *const sgr[] = {
	[JW_PLAIN] = "", [JW_GOOD] = "32", [JW_WARN] = "33", [JW_BAD] = "1;31", [JW_DIM] = "2", [JW_STRONG] = "1",
};

const char *jw_show_styled(enum jw_style style, const char *shown)
{
	if (!terminal.colour || style == JW_PLAIN || !*shown)
		return shown;
	return jw_showf("\033[%sm%s\033[0m", sgr[style], shown);
}

/* ---- lines ---- */
/*
 * Bytes of the text that go on a line of @columns (0: no limit): up to a newline, or broken at a blank where there is
 * one.
 */
static size_t line_length(const char *shown, size_t columns)
{
	size_t at = 0, blank = 0, width = 0, bytes;

	while (shown[at] && shown[at] != '\n') {
		if (shown[at] == ' ')
			blank = at;
		width += char_width(shown + at, &bytes);
		/* A word too long for any line stays whole: it may be a path that somebody wants to copy. */
		if (columns && width > columns && blank)
			return blank;
		at += bytes;
	}
	return at;
}

void jw_print_hanging(const char *first, unsigned int indent, enum jw_style style, const char *shown)
{
	size_t columns = terminal.columns > indent + 20 ? terminal.columns - indent : 0;

	fputs(first, stdout);
	while (*shown) {
		size_t n = line_length(shown, columns);

		printf("%s\n", jw_show_styled(style, jw_showf("%.*s", (int)n, shown)));
		shown += n;
		if (!*shown)
			break;
		shown++;
		printf("%*s", (int)indent, "");
	}
}

void jw_print_wrapped(unsigned int indent, const char *shown)
{
	if (*shown)
		jw_print_hanging(jw_showf("%*s", (int)indent, ""), indent, JW_PLAIN, shown);
}

void jw_print_labelled(const char *label, unsigned int label_columns, enum jw_style style, const char *shown)
{
	if (shown && *shown)
		jw_print_hanging(jw_showf("  %s ", jw_show_styled(JW_DIM, jw_show_pad(label, label_columns))),
				 label_columns + 3, style, shown);
}

/* ---- messages ---- */
void jw_complain(const char *fmt, ...)
{
	va_list args;

	/* What was answered so far comes first where both go to one terminal. */
	fflush(stdout);
	fputs(stderr_colour ? "\033[1;31mjobward:\033[0m " : "jobward: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

void jw_advise(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("  ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
