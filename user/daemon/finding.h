/* SPDX-License-Identifier: GPL-2.0 */
/* What stands as wrong: in the journal, on record, and in /run for when the store takes nothing. */
#ifndef JOBWARD_DAEMON_FINDING_H
#define JOBWARD_DAEMON_FINDING_H

#include "manager.h"

/* A finding stands until it is cleared; said in the journal when it is new or its words change. */
void jw_finding(struct manager *m, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void jw_finding_clear(struct manager *m, const char *name);
/* Brings what the store has from before and what stands now together. */
void jw_finding_store_opened(struct manager *m);

#endif
