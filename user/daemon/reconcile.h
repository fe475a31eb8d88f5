/* SPDX-License-Identifier: GPL-2.0 */
/* The stores read again, every job judged, the table pushed. */
#ifndef JOBWARD_DAEMON_RECONCILE_H
#define JOBWARD_DAEMON_RECONCILE_H

#include "manager.h"

int jw_reconcile_init(struct manager *m);
/* Now, all of it. Return: 0 or negative errno of reading or pushing; the old inventory stands then. */
int jw_reconcile(struct manager *m);
/*
 * Soon: many causes become one reading. @at_once: somebody waits for the answer. @systemd: its managers must be asked
 * too, which takes a hundred exchanges with them; else what they said last is kept.
 */
void jw_reconcile_soon(struct manager *m, bool at_once, bool systemd);
/* Judges what the inventory has and pushes, without reading the stores. Return: as jw_reconcile(). */
int jw_rejudge(struct manager *m);
/* Called by lib/scheduler/bus for each new connection. */
void jw_reconcile_bus_opened(void *ctx, sd_bus *bus, uid_t uid);
void jw_inventory_done(struct inventory *inventory);
/* Position in inventory->jobs by id or by key of an exec; -1: none. */
ssize_t jw_inventory_find(const struct inventory *inventory, uint64_t id);
const struct jw_job *jw_inventory_find_key(const struct inventory *inventory, const uint8_t key[JW_DIGEST_SIZE]);

#endif
