/* SPDX-License-Identifier: GPL-2.0 */
/* Events: from the kernel's ring into the store. */
#ifndef JOBWARD_DAEMON_INGEST_H
#define JOBWARD_DAEMON_INGEST_H

#include "manager.h"

/*
 * Stores every event that the ring has beyond the cursor, then acknowledges. Return: 0; -ENOTCONN: no module; -EIO: the
 * store does not take them (nothing was acknowledged beyond what it has).
 */
int jw_ingest(struct manager *m);

#endif
