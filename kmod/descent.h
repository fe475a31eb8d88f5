/* SPDX-License-Identifier: GPL-2.0 */
/* What a job's processes do: the programs that they execute and whom they connect to. Only observes; denies nothing. */
#ifndef JOBWARD_DESCENT_H
#define JOBWARD_DESCENT_H

#include <linux/binfmts.h>

/**
 * jw_descent_exec() - the current task executes something
 * @bprm: in the first round, before the point of no return
 *
 * Records it where the task descends from a job and its run has not done the same before. (What then fails in the kernel's own hands,
 * for want of memory or as no program at all, is on record too.)
 * Context: may sleep.
 */
void jw_descent_exec(struct linux_binprm *bprm);

/** jw_descent_unrecorded() - acts that were more than a run has room for. Context: any. Return: since load. */
u64 jw_descent_unrecorded(void);

/**
 * jw_descent_init() - begins to look at connects
 *
 * Without its callbacks the run gate's "off" text says what is not seen.
 * Context: load.
 */
void jw_descent_init(void);
/** jw_descent_exit() - ends; waits for those inside. Context: unload, after the run gate's. */
void jw_descent_exit(void);

#endif
