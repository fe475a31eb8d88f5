/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hunts: questions to the store as files, FOLDER/NAME.sql. A file opens with comments that say what it is, a key a line,
 * longer values going on in lines that begin with three blanks or more:
 *
 *	-- technique: T1053.003 T1021.004
 *	-- severity: medium
 *	-- tells: what it finds, in one line
 *	-- reading: what a row means, what is harmless and what to do next
 *	SELECT …
 *
 * A hunt that is a rule, whose rows are findings, has five more keys; lib/rule.h says what becomes of them:
 *
 *	-- because: why it is of that severity
 *	-- finding: {command} of {owner} does this and that      words for `why`; {NAME} is a column of the answer
 *	-- key: job file                                         columns that make a finding the same one as before
 *	-- mitigation: M1018 M1026
 *	-- advice: what to do about it
 */
#ifndef JOBWARD_HUNT_H
#define JOBWARD_HUNT_H

#include <stddef.h>
#include "diag.h"

enum jw_hunt_severity { JW_HUNT_LOW, JW_HUNT_MEDIUM, JW_HUNT_HIGH };

struct jw_hunt {
	char *name;		/* that of the file, without .sql */
	char *file;
	char *technique;	/* of ATT&CK, with blanks between */
	enum jw_hunt_severity severity;
	char *tells, *reading;
	char *because, *finding, *key, *mitigation, *advice;	/* all of them, or none: it is no rule */
	unsigned int finding_line, key_line;
	char *sql;		/* the whole file, so that lines count as in it */
};

/* A growing list, in the order of names; zero-initialised is empty. */
struct jw_hunts {
	struct jw_hunt *v;
	size_t n;
};

const char *jw_hunt_severity_name(enum jw_hunt_severity severity);
/* Return: enum jw_hunt_severity, -1: no such word. */
int jw_hunt_severity_from_name(const char *name);
/*
 * Reads one file's text. Return: 0 with *ret filled; -EINVAL with one diagnosis; -ENOMEM. Pure.
 */
int jw_hunt_parse(struct jw_hunt *ret, const char *name, const char *file, const char *text, size_t len,
		  struct jw_diags *diags);
void jw_hunt_done(struct jw_hunt *hunt);
/*
 * Adds the hunts of a folder; one that the list has by its name already is replaced. A file that is wrong is passed over
 * with a diagnosis. Return: 0, -ENOMEM, or what opening the folder gave.
 */
int jw_hunts_load(struct jw_hunts *list, const char *folder, struct jw_diags *diags);
/* NULL: none of that name. */
const struct jw_hunt *jw_hunts_find(const struct jw_hunts *list, const char *name);
void jw_hunts_done(struct jw_hunts *list);

#endif
