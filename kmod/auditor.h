/* SPDX-License-Identifier: GPL-2.0 */
/* Who the auditor is: one netlink socket at a time, and the process that opened it. */
#ifndef JOBWARD_AUDITOR_H
#define JOBWARD_AUDITOR_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Written by netlink.c only (under genl_lock, and when the socket is closed); read with READ_ONCE anywhere. */
extern u32 jw_auditor_portid, jw_auditor_tgid;

/** jw_auditor_pid() - process of the attached auditor. Context: any. Return: 0 when none is attached. */
static inline u32 jw_auditor_pid(void)
{
	return READ_ONCE(jw_auditor_tgid);
}

#endif
