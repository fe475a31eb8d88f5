/* SPDX-License-Identifier: GPL-2.0 */
/* Who the auditor is: one netlink socket at a time, and the process that opened it. */
#ifndef JOBWARD_AUDITOR_H
#define JOBWARD_AUDITOR_H

#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/types.h>

/*
 * Written by netlink.c only (under genl_lock, and when the socket is closed); read with READ_ONCE anywhere. The socket may live on without
 * its process, in others that have it too: the number then is somebody else's, or the same process runs another program. So the memory
 * is remembered as well: a reference to its struct (not to what is in it) keeps the address from being given out again, and exec gives
 * another one.
 */
extern u32 jw_auditor_portid, jw_auditor_tgid;
extern struct mm_struct *jw_auditor_memory;

/** jw_auditor_pid() - process of the attached auditor. Context: any. Return: 0 when none is attached. */
static inline u32 jw_auditor_pid(void)
{
	return READ_ONCE(jw_auditor_tgid);
}

/** jw_auditor_mm() - its memory, to compare with only. Context: any. Return: NULL when none is attached. */
static inline const struct mm_struct *jw_auditor_mm(void)
{
	return READ_ONCE(jw_auditor_memory);
}

/** jw_auditor_is_current() - is this the process that attached, with the program that did? Context: any. */
static inline bool jw_auditor_is_current(void)
{
	return current->mm && current->mm == jw_auditor_mm() && jw_auditor_pid() == task_tgid_nr(current);
}

#endif
