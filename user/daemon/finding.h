/* SPDX-License-Identifier: GPL-2.0 */
/* What stands as wrong: in the journal, on record, and in /run for when the store takes nothing. */
#ifndef JOBWARD_DAEMON_FINDING_H
#define JOBWARD_DAEMON_FINDING_H

#include "manager.h"

/* A finding stands until it is cleared; said in the journal when it is new or its words change. */
void jw_finding(struct manager *m, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void jw_finding_clear(struct manager *m, const char *name);
/* Each diagnosis is said in the journal; the first error stands as finding @name. */
void jw_finding_from_diags(struct manager *m, const char *name, const struct jw_diags *diags);
/*
 * The store was opened: what it has from an earlier process is dropped (what still holds is found again) or, where it
 * tells of the past, taken over; what stands goes into it.
 */
void jw_finding_store_opened(struct manager *m);
/* Clears what tells of the past when its day is over. Cheap: called every few seconds. */
void jw_finding_expire(struct manager *m, int64_t now_ns);

#endif
