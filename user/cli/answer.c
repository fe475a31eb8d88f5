// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to questions: columns and values are whatever was asked for. A table is gathered first, for its widths; the
 * other forms go out row by row, however many there are.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "render.h"

/* A column is not made narrower than this; when that is too wide for the terminal each row becomes a block of lines. */
#define NARROWEST 8

struct jw_answer {
	enum jw_answer_form form;
	size_t limit, rows, n;
	bool is_cut;
	char **names;
	struct jw_column *columns;
	const char **cells;	/* table only: shown text */
	size_t room;
};

struct jw_answer *jw_answer_new(enum jw_answer_form form, size_t limit)
{
	struct jw_answer *answer = jw_must(calloc(1, sizeof(*answer)));

	answer->form = form;
	answer->limit = limit;
	return answer;
}

bool jw_answer_is_cut(const struct jw_answer *answer)
{
	return answer->is_cut;
}

static const char *show(const struct jw_value *value, const char *none)
{
	switch (value->kind) {
	case JW_VALUE_INTEGER:
		return jw_showf("%" PRId64, value->integer);
	case JW_VALUE_REAL:
		return jw_showf("%.15g", value->real);
	case JW_VALUE_TEXT:
		return jw_show_bytes(value->bytes ? value->bytes : "", value->len);
	case JW_VALUE_BLOB:
		return jw_show_hex(value->bytes, value->len);
	default:
		return none;
	}
}

/* ---- comma-separated values: RFC 4180 ---- */
void jw_csv_cell(FILE *out, const char *shown, bool is_text, bool is_first)
{
	if (!is_first)
		putc(',', out);
	/* A spreadsheet takes a text that begins so for a formula, and computes it. */
	if (is_text && *shown && strchr("=+-@", *shown))
		shown = jw_showf("'%s", shown);
	if (!strpbrk(shown, ",\"")) {
		fputs(shown, out);
		return;
	}
	putc('"', out);
	for (; *shown; shown++) {
		if (*shown == '"')
			putc('"', out);
		putc(*shown, out);
	}
	putc('"', out);
}

static void print_csv_row(const struct jw_value *values, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		jw_csv_cell(stdout, show(&values[i], ""), values[i].kind == JW_VALUE_TEXT, !i);
	fputs("\r\n", stdout);
}

/* ---- JSON ---- */
static void print_json_row(const struct jw_answer *answer, const struct jw_value *values)
{
	json_t *object = jw_must(json_object());
	size_t i;

	for (i = 0; i < answer->n; i++)
		if (values[i].kind != JW_VALUE_NULL)
			jw_json_set(object, answer->names[i], jw_json_value(&values[i]));
	jw_json_print_line(object);
}

/* ---- table ---- */
static void keep_row(struct jw_answer *answer, const struct jw_value *values)
{
	size_t i, at = answer->rows * answer->n;

	if (at + answer->n > answer->room) {
		answer->room = 2 * (at + answer->n);
		answer->cells = jw_must(reallocarray(answer->cells, answer->room, sizeof(*answer->cells)));
	}
	for (i = 0; i < answer->n; i++)
		answer->cells[at + i] = show(&values[i], "-");
}

static void print_blocks(const struct jw_answer *answer)
{
	size_t i, k, widest = 0;

	for (i = 0; i < answer->n; i++)
		if (jw_show_width(answer->columns[i].title) > widest)
			widest = jw_show_width(answer->columns[i].title);
	for (k = 0; k < answer->rows; k++) {
		if (k)
			putchar('\n');
		for (i = 0; i < answer->n; i++)
			jw_print_labelled(answer->columns[i].title, (unsigned int)widest, JW_PLAIN,
					  answer->cells[k * answer->n + i]);
	}
}

static void print_table(const struct jw_answer *answer)
{
	struct jw_table *table = jw_table_new(answer->columns, answer->n);
	size_t i;

	for (i = 0; i < answer->rows * answer->n; i++)
		jw_table_add(table, JW_PLAIN, answer->cells[i]);
	jw_table_print(table, stdout);
	jw_table_free(table);
}

/* What the table takes when each column is as narrow as it may be. */
static size_t least_width(const struct jw_answer *answer)
{
	size_t i, k, sum = 0;

	for (i = 0; i < answer->n; i++) {
		size_t width = jw_show_width(answer->columns[i].title);

		for (k = 0; k < answer->rows && width < NARROWEST; k++)
			if (jw_show_width(answer->cells[k * answer->n + i]) > width)
				width = jw_show_width(answer->cells[k * answer->n + i]);
		sum += (width < NARROWEST ? width : NARROWEST) + (i ? 2 : 0);
	}
	return sum;
}

/* ---- what the store calls ---- */
static int take_columns(void *ctx, const char *const *names, size_t n)
{
	struct jw_answer *answer = ctx;
	size_t i;

	answer->n = n;
	answer->names = jw_must(calloc(n, sizeof(*answer->names)));
	answer->columns = jw_must(calloc(n, sizeof(*answer->columns)));
	for (i = 0; i < n; i++) {
		char *title = jw_must(strdup(names[i])), *p;

		answer->names[i] = jw_must(strdup(names[i]));
		for (p = title; *p; p++)
			*p = *p == '_' ? ' ' : (char)toupper((unsigned char)*p);
		answer->columns[i] = (struct jw_column){ .title = jw_show(title), .narrowest = NARROWEST };
		free(title);
	}
	if (answer->form != JW_ANSWER_CSV)
		return 0;
	for (i = 0; i < n; i++)
		jw_csv_cell(stdout, jw_show(names[i]), true, !i);
	fputs("\r\n", stdout);
	return 0;
}

/* Positive ends the question: enough was seen, or nobody reads any more. */
static int take_row(void *ctx, const struct jw_value *values, size_t n)
{
	struct jw_answer *answer = ctx;

	if (answer->limit && answer->rows == answer->limit) {
		answer->is_cut = true;
		return 1;
	}
	if (answer->form == JW_ANSWER_TABLE)
		keep_row(answer, values);
	else if (answer->form == JW_ANSWER_JSON)
		print_json_row(answer, values);
	else
		print_csv_row(values, n);
	answer->rows++;
	if (answer->form != JW_ANSWER_TABLE)
		jw_show_reset();
	return ferror(stdout) ? 1 : 0;
}

void jw_answer_take(struct jw_answer *answer, struct jw_question *question)
{
	question->columns = take_columns;
	question->row = take_row;
	question->ctx = answer;
}

size_t jw_answer_end(struct jw_answer *answer)
{
	size_t columns = jw_render_terminal()->columns;

	if (answer->form != JW_ANSWER_TABLE || !answer->rows)
		return answer->rows;
	if (columns && least_width(answer) > columns)
		print_blocks(answer);
	else
		print_table(answer);
	return answer->rows;
}

void jw_answer_free(struct jw_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->n; i++)
		free(answer->names[i]);
	free(answer->names);
	free(answer->columns);
	free(answer->cells);
	free(answer);
}
