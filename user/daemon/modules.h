/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel modules that the policy lists, as digests for the table. */
#ifndef JOBWARD_DAEMON_MODULES_H
#define JOBWARD_DAEMON_MODULES_H

#include "manager.h"

/* Adds the rows to the transaction under way. Return: 0 or negative errno of the kernel connection. */
int jw_modules_push(struct manager *m);

#endif
