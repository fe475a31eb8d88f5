/* SPDX-License-Identifier: GPL-2.0 */
/* The private copy that `jobward edit` lets the editor have, and the check of what is written there. */
#ifndef JOBWARD_CLI_DRAFT_H
#define JOBWARD_CLI_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/diag.h"

struct jw_draft {
	char *target;		/* whole path of the store's file */
	char *folder, *path;	/* the copy, in a folder that only we may enter */
	char *before;		/* content of the target when the editor was opened */
	size_t before_len;
	bool is_new;		/* nothing is at the target */
	char *after;		/* filled by jw_draft_read() */
	size_t after_len;
};

/* Return: 0 or negative errno; -EISDIR and -EINVAL for what is no regular file. */
int jw_draft_begin(struct jw_draft *draft, const char *target);
/* Runs the person's editor on the copy. Return: 0, or -ECANCELED when it ended with an error, or negative errno. */
int jw_draft_edit(const struct jw_draft *draft);
int jw_draft_read(struct jw_draft *draft);
/* Has somebody else written the target meanwhile? */
bool jw_draft_is_overtaken(const struct jw_draft *draft);
/* Reads the text as the scheduler of that store would. Return: 0, or -ENOMEM. */
int jw_draft_check(const struct jw_draft *draft, struct jw_diags *diags);
/* Frees; the copy goes too unless @keep. */
void jw_draft_done(struct jw_draft *draft, bool keep);

#endif
