/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of the inventory: a job's row is written by inventory.c, what hangs on it by parts.c. */
#ifndef JOBWARD_STORE_INVENTORY_H
#define JOBWARD_STORE_INVENTORY_H

#include "store.h"

/* Replaces the execs and pins on record by those of the job. Inside of the caller's transaction. */
int jw_inventory_put_parts(struct jw_store *store, const struct jw_job *job);
/* Appends execs and pins on record to the job. */
int jw_inventory_get_parts(struct jw_store *store, struct jw_job *job);

#endif
