/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people see: colour, width, tables, times, and text of strangers made harmless. A job's command or a path is
 * written by whoever planted it; nothing of it reaches a terminal but through jw_show().
 *
 * Strings that jw_show*() return live in one arena until jw_show_reset(); nobody frees them one by one.
 */
#ifndef JOBWARD_CLI_RENDER_H
#define JOBWARD_CLI_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum jw_style { JW_PLAIN, JW_GOOD, JW_WARN, JW_BAD, JW_DIM, JW_STRONG };

struct jw_terminal {
	bool is_terminal;	/* standard output is one */
	bool colour;
	bool utf8;		/* the locale's characters: drawings and wide characters are possible */
	unsigned int columns;	/* 0: no limit, output goes to a file or pipe */
};

/* Looks at standard output, COLUMNS, NO_COLOR and the locale; setlocale() comes before. */
void jw_render_init(void);
const struct jw_terminal *jw_render_terminal(void);
/* For tests: output as if to this. */
void jw_render_set_terminal(const struct jw_terminal *terminal);

/* Never returns NULL: out of memory ends the program with a message. */
void *jw_must(void *p);

/* ---- text ---- */
/*
 * The text with everything that a terminal would act on or hide shown as \xNN or \uNNNN: control characters, bytes
 * that are no character of the locale, characters that turn the direction of writing or have no width. NULL is shown
 * as "?".
 */
const char *jw_show(const char *text);
const char *jw_show_bytes(const char *text, size_t len);
/* Arguments that each end with a NUL byte, as a shell would want them: quoted where needed, one blank between. */
const char *jw_show_argv(const char *argv, size_t len);
/* printf into the arena; what goes in is taken as it is. */
const char *jw_showf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Bytes as hex digits. */
const char *jw_show_hex(const void *bytes, size_t len);
/* "1 job", "2 jobs". */
const char *jw_show_count(size_t n, const char *one, const char *many);
void jw_show_reset(void);
/* Columns that shown text takes. */
size_t jw_show_width(const char *shown);
/* The shown text cut to @columns with an ellipsis at its end; itself when it fits or @columns is 0. */
const char *jw_show_cut(const char *shown, size_t columns);
/* The same with the ellipsis at its beginning: the end of a path says more. */
const char *jw_show_cut_left(const char *shown, size_t columns);
/* The shown text with blanks up to @columns. */
const char *jw_show_pad(const char *shown, size_t columns);
/* In colour where the terminal has it. */
const char *jw_show_styled(enum jw_style style, const char *shown);

/* ---- times ---- */
/* "2026-11-24 14:03:01" in the local zone; "-" for 0. */
const char *jw_show_time(int64_t ns);
/* Near times in words: "3 min ago", "in 2 h", "now". */
const char *jw_show_distance(int64_t ns, int64_t now_ns);
/* "3 h 20 min". */
const char *jw_show_duration(int64_t ns);
int64_t jw_when_now(void);

/* ---- tables ---- */
struct jw_column {
	const char *title;
	unsigned int narrowest;	/* may shrink to this; 0: never shrinks */
	unsigned int leave_out;	/* order in which columns go when the terminal is too narrow, from 1; 0: never */
	bool is_path;		/* loses its beginning, not its end */
};
struct jw_table;

struct jw_table *jw_table_new(const struct jw_column *columns, size_t n);
/* Next cell, row by row. @shown lives until the table is printed. */
void jw_table_add(struct jw_table *table, enum jw_style style, const char *shown);
void jw_table_print(struct jw_table *table, FILE *out);
void jw_table_free(struct jw_table *table);
/*
 * Widths for @total columns with two blanks between; 0 for a column that is left out. Shrinks the widest first. Pure.
 */
void jw_table_layout(const struct jw_column *columns, const size_t *natural, size_t n, size_t total,
		     size_t *ret_widths);

/* Paragraph of shown text, wrapped at blanks to the terminal's width with @indent in front of each line. */
void jw_print_wrapped(unsigned int indent, const char *shown);
/* The same with @first instead of blanks before the first line; it takes @indent columns. */
void jw_print_hanging(const char *first, unsigned int indent, enum jw_style style, const char *shown);
/* "  label      text", text wrapped, or broken at newlines, in its own column. Prints nothing for no text. */
void jw_print_labelled(const char *label, unsigned int label_columns, enum jw_style style, const char *shown);

/* ---- messages to people, on standard error ---- */
/* "jobward: …". The arguments are shown text. */
void jw_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What to do next, below a message. */
void jw_advise(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
