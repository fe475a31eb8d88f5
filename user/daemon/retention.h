/* SPDX-License-Identifier: GPL-2.0 */
/* Age and size of the store, by the policy. */
#ifndef JOBWARD_DAEMON_RETENTION_H
#define JOBWARD_DAEMON_RETENTION_H

#include "manager.h"

int jw_retention_init(struct manager *m);

#endif
