// SPDX-License-Identifier: GPL-2.0
/* Tables that fit the terminal: columns shrink, then go; in a pipe nothing is cut. */
#include <stdlib.h>
#include <string.h>
#include "render.h"

struct cell {
	const char *shown;
	enum jw_style style;
};

struct jw_table {
	const struct jw_column *columns;
	size_t n_columns;
	struct cell *cells;
	size_t n, room;
};

struct jw_table *jw_table_new(const struct jw_column *columns, size_t n)
{
	struct jw_table *table = jw_must(calloc(1, sizeof(*table)));

	table->columns = columns;
	table->n_columns = n;
	return table;
}

void jw_table_free(struct jw_table *table)
{
	if (!table)
		return;
	free(table->cells);
	free(table);
}

void jw_table_add(struct jw_table *table, enum jw_style style, const char *shown)
{
	if (table->n == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->cells = jw_must(reallocarray(table->cells, table->room, sizeof(*table->cells)));
	}
	table->cells[table->n++] = (struct cell){.shown = shown, .style = style};
}

static size_t sum(const size_t *widths, size_t n)
{
	size_t i, total = 0;

	for (i = 0; i < n; i++)
		if (widths[i])
			total += widths[i] + (total ? 2 : 0);
	return total;
}

/* The widest column that may still shrink; n when there is none. */
static size_t widest(const struct jw_column *columns, const size_t *widths, size_t n)
{
	size_t i, at = n;

	for (i = 0; i < n; i++)
		if (columns[i].narrowest && widths[i] > columns[i].narrowest && (at == n || widths[i] >= widths[at]))
			at = i;
	return at;
}

static void shrink(const struct jw_column *columns, size_t n, size_t total, size_t *widths)
{
	size_t at;

	while (sum(widths, n) > total && (at = widest(columns, widths, n)) < n)
		widths[at]--;
}

void jw_table_layout(const struct jw_column *columns, const size_t *natural, size_t n, size_t total, size_t *ret_widths)
{
	unsigned int gone;
	size_t i;

	/* One more column goes with each round until the rest fits. */
	for (gone = 0; gone <= n; gone++) {
		for (i = 0; i < n; i++) {
			bool out = columns[i].leave_out && columns[i].leave_out <= gone;

			ret_widths[i] = out ? 0 : natural[i];
		}
		if (!total)
			return;
		shrink(columns, n, total, ret_widths);
		if (sum(ret_widths, n) <= total)
			return;
	}
}

static void print_row(const struct jw_table *table, const struct cell *row, const size_t *widths, FILE *out)
{
	size_t i, last = 0;
	bool first = true;

	for (i = 0; i < table->n_columns; i++)
		if (widths[i] && *row[i].shown)
			last = i;
	for (i = 0; i <= last; i++) {
		const char *shown;

		if (!widths[i])
			continue;
		shown = table->columns[i].is_path ? jw_show_cut_left(row[i].shown, widths[i]) :
						    jw_show_cut(row[i].shown, widths[i]);
		if (!first)
			fputs("  ", out);
		first = false;
		fputs(jw_show_styled(row[i].style, shown), out);
		/* No blanks at the end of a line: they get in the way of copying. */
		if (i < last)
			fprintf(out, "%*s", (int)(widths[i] - jw_show_width(shown)), "");
	}
	fputc('\n', out);
}

void jw_table_print(struct jw_table *table, FILE *out)
{
	size_t n = table->n_columns, i;
	size_t *natural = jw_must(calloc(2 * n, sizeof(*natural))), *widths = natural + n;
	struct cell *titles = jw_must(calloc(n, sizeof(*titles)));

	for (i = 0; i < n; i++) {
		titles[i] = (struct cell){.shown = table->columns[i].title, .style = JW_STRONG};
		natural[i] = jw_show_width(titles[i].shown);
	}
	for (i = 0; i < table->n; i++) {
		size_t width = jw_show_width(table->cells[i].shown);

		if (width > natural[i % n])
			natural[i % n] = width;
	}
	jw_table_layout(table->columns, natural, n, jw_render_terminal()->columns, widths);
	print_row(table, titles, widths, out);
	for (i = 0; i + n <= table->n; i += n)
		print_row(table, table->cells + i, widths, out);
	free(titles);
	free(natural);
}
