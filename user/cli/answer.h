/* SPDX-License-Identifier: GPL-2.0 */
/* An answer of the store, whatever its columns: as a table, one JSON object a row, or comma-separated values. */
#ifndef JOBWARD_CLI_ANSWER_H
#define JOBWARD_CLI_ANSWER_H

#include <stdio.h>
#include "cli.h"

enum jw_answer_form { JW_ANSWER_TABLE, JW_ANSWER_JSON, JW_ANSWER_CSV };

struct jw_answer;

/* @limit: rows at most; 0: all. */
struct jw_answer *jw_answer_new(enum jw_answer_form form, size_t limit);
/* Sets where the answer of @question goes. */
void jw_answer_take(struct jw_answer *answer, struct jw_question *question);
/* Prints what is still to be printed. Return: rows. */
size_t jw_answer_end(struct jw_answer *answer);
/* Were there more rows than the limit? */
bool jw_answer_is_cut(const struct jw_answer *answer);
void jw_answer_free(struct jw_answer *answer);

/* One cell of comma-separated values (RFC 4180), and the comma before it; the line's end is the caller's. */
void jw_csv_cell(FILE *out, const char *shown, bool is_text, bool is_first);

#endif
