/* SPDX-License-Identifier: GPL-2.0 */
/* Acts against the guard itself: a record of kind tamper and a line in the kernel's log for each. Decides nothing. */
#ifndef JOBWARD_TAMPER_H
#define JOBWARD_TAMPER_H

#include <linux/types.h>
#include <uapi/linux/jobward.h>

/**
 * jw_tamper() - records what the current task tried or did
 * @action: JOBWARD_ACTION_*
 * @verdict: JOBWARD_VERDICT_DENY: it was refused; ALLOW: it was noticed
 * @reason: JOBWARD_REASON_*
 * @detail: a word more
 * @may_sleep: the caller may sleep
 *
 * Context: process; atomic unless @may_sleep, with no lock of a task held.
 */
void jw_tamper(u32 action, u32 verdict, u32 reason, const char *detail, bool may_sleep);

/**
 * jw_tamper_later() - the same where locks of tasks are held
 * @action: as above, like the others
 * @verdict: so
 * @reason: so
 * @detail: so
 *
 * Numbers are taken at once; the path of the image and the record are made by a work item. The record has no ancestors but the parent's
 * number. When too many come at once the newest are counted in the log only.
 *
 * Context: any but NMI; current is who acts.
 */
void jw_tamper_later(u32 action, u32 verdict, u32 reason, const char *detail);

/** jw_tamper_exit() - waits for what was put off. Context: unload, nobody reports any more. */
void jw_tamper_exit(void);

#endif
