/* SPDX-License-Identifier: GPL-2.0 */
/* Who lays hands on a process that has rights: taints it. Denies nothing; the write gate draws the conclusion. */
#ifndef JOBWARD_MEDDLING_H
#define JOBWARD_MEDDLING_H

#include <linux/types.h>

/**
 * jw_meddling_cause() - does the current task ask for more than a look at another one?
 * @mode: as the kernel asks with it, PTRACE_MODE_*
 *
 * Context: process, atomic, in security_ptrace_access_check(). Return: enum jw_taint; JW_TAINT_NONE if it does not.
 */
u8 jw_meddling_cause(unsigned int mode);

/**
 * jw_meddling_init() - begins to look
 *
 * What does not arm is said in the write gate's "off" text. After the write gate, which has the text first.
 * Context: load.
 */
void jw_meddling_init(void);

/** jw_meddling_exit() - ends, and waits until nobody is inside a callback. Context: unload, may sleep. */
void jw_meddling_exit(void);

#endif
