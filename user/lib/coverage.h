/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an approval of a job covers, and what it can't: one list for show, approve and JSON. From what is known of the
 * job; files are only looked at (owner, mode, first bytes), never changed.
 */
#ifndef JOBWARD_COVERAGE_H
#define JOBWARD_COVERAGE_H

#include "job.h"

/* Words for JSON: jw_coverage_name(). */
enum jw_coverage_kind {
	JW_COVERS_COMMAND,	/* arguments, user, variables of the key */
	JW_COVERS_CONTENT,	/* of the job's own file: at, run-parts */
	JW_COVERS_FILE,		/* a pin */
	JW_COVERS_ABSENT,	/* a place where nothing may turn up */
	JW_COVERS_EXEC,		/* a further command of a unit: ExecStartPre= and its like */
	JW_LIMIT_PATTERN,	/* a wildcard */
	JW_LIMIT_COMPUTED,	/* the shell computes it */
	JW_LIMIT_CODE,		/* code that an interpreter is given */
	JW_LIMIT_SCRIPT,	/* what a script calls in turn */
	JW_LIMIT_NETWORK,	/* what comes from elsewhere */
	JW_LIMIT_DIRECTORY,	/* others may write on the way to a program */
	JW_LIMIT_PATH,		/* PATH is no list of whole paths */
	JW_LIMIT_ENVIRONMENT,	/* a variable that changes what runs */
	JW_LIMIT_ENVIRONMENT_FILE,
	JW_LIMIT_UNIT,		/* another unit is started */
	JW_LIMIT_NUMBER,	/* more files than fit */
	JW_COVERAGE_KINDS
};
const char *jw_coverage_name(enum jw_coverage_kind kind);

struct jw_coverage_note {
	enum jw_coverage_kind kind;
	char *subject;		/* file, word, variable or unit */
	char *text;		/* a sentence about it, without a full stop; both are strangers' bytes */
};

/* Zero-initialised is empty. */
struct jw_coverage {
	struct jw_coverage_note *covers, *limits;
	size_t n_covers, n_limits;
};

/* Nothing for a job that can't be read: no approval of it can be given. Return: 0 or -ENOMEM. */
int jw_coverage_find(const struct jw_job *job, struct jw_coverage *ret);
void jw_coverage_done(struct jw_coverage *coverage);

#endif
