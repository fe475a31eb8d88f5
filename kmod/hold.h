/* SPDX-License-Identifier: GPL-2.0 */
/* Bounded, killable waiting of one exec for the auditor. It waits for a table, decides nothing. */
#ifndef JOBWARD_HOLD_H
#define JOBWARD_HOLD_H

#include <linux/types.h>

struct jw_table;

/**
 * jw_hold_allowed() - may the current task be made to wait?
 *
 * Never PID 1, a vfork child (its parent would stand still), the auditor, or anybody while there is no auditor.
 * Context: process. Return: true if it may.
 */
bool jw_hold_allowed(void);

/**
 * jw_hold_wait() - waits until the table knows the key or the auditor has seen the question
 * @key: of the job
 * @seq: event that asks
 * @timed_out: out: nobody answered in time
 *
 * Context: may sleep, jw_hold_ms at most; a fatal signal ends it.
 * Return: reference to the table in force then (may be NULL), for the caller to look the key up in.
 */
struct jw_table *jw_hold_wait(const u8 *key, u64 seq, bool *timed_out);

/** jw_hold_wake() - a table was committed, or the auditor went away. Context: any. */
void jw_hold_wake(void);
u32 jw_hold_count(void);

#endif
