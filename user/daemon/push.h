/* SPDX-License-Identifier: GPL-2.0 */
/* The table: from the inventory into the kernel. */
#ifndef JOBWARD_DAEMON_PUSH_H
#define JOBWARD_DAEMON_PUSH_H

#include "manager.h"

/* Puts a whole new table in force. Return: 0 and m->generation is its; -ENOTCONN: no module; or negative errno. */
int jw_push(struct manager *m);

#endif
