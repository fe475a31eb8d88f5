/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The managers of systemd as they answer on their private sockets: /run/systemd/private needs no bus daemon, so it is
 * there before D-Bus is and survives its restart. A user's socket is in that user's hands: every wait has an end.
 */
#ifndef JOBWARD_BUS_H
#define JOBWARD_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

struct jw_bus;

/* @opened: a connection was made (attach it to the loop, subscribe); may be NULL. Return: 0 or -ENOMEM. */
int jw_bus_new(struct jw_bus **ret, void (*opened)(void *ctx, sd_bus *bus, uid_t uid), void *ctx);
void jw_bus_free(struct jw_bus *bus);
/*
 * Connection to the system's manager (@uid 0) or a user's; made when there is none. Borrowed. Return: 0; -ENOENT: no
 * such manager; -EAGAIN: it failed to answer a while ago and is left alone for now; or negative errno.
 */
int jw_bus_get(struct jw_bus *bus, uid_t uid, sd_bus **ret);
/* Users whose managers have a socket, at most @max. Return: their number. */
size_t jw_bus_users(uid_t *uids, size_t max);
/* Drops a connection that failed; the next jw_bus_get() for a user waits some minutes. */
void jw_bus_drop(struct jw_bus *bus, uid_t uid);

#endif
