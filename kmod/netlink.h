/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family: requests of the auditor in, events out. */
#ifndef JOBWARD_NETLINK_H
#define JOBWARD_NETLINK_H

#include <linux/types.h>

struct sk_buff;

/** jw_nl_auditor_pid() - process of the attached auditor. Context: any. Return: 0 when none is attached. */
u32 jw_nl_auditor_pid(void);

/** jw_nl_has_viewers() - does anybody listen to the multicast group? Context: any. */
bool jw_nl_has_viewers(void);
/** jw_nl_multicast_begin() - a message for the group. Context: may sleep. Return: it, or NULL without memory or viewers. */
struct sk_buff *jw_nl_multicast_begin(void);
/** jw_nl_multicast() - puts an event into it, once. Context: atomic. Return: 0 or -EMSGSIZE. */
int jw_nl_multicast(struct sk_buff *skb, const void *payload, u32 len);
void jw_nl_multicast_send(struct sk_buff *skb);
void jw_nl_multicast_abort(struct sk_buff *skb);

/** jw_nl_init() - registers the family. Context: load, everything else is up. Return: 0 or negative errno. */
int jw_nl_init(void);
/** jw_nl_exit() - unregisters it; no request is under way afterwards, the table in force is taken away. Context: unload. */
void jw_nl_exit(void);

#endif
