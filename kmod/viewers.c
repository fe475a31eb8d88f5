// SPDX-License-Identifier: GPL-2.0
/*
 * See viewers.h. A work item walks the ring behind its own cursor and sends each event once, since a gate's context allows neither
 * sending at length nor waiting. What a viewer misses it can ask for: the ring, not the group, is where events are safe.
 */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include "netlink_gen.h"
#include "report.h"
#include "viewers.h"

static const struct genl_family *served;	/* NULL: nobody is; WRITE_ONCE at load and unload */
static u64 pos, cursor;				/* of the work item only */

static int put(void *ctx, u64 seq, const void *payload, u32 len)
{
	struct sk_buff *skb = ctx;
	void *hdr = genlmsg_put(skb, 0, 0, served, 0, JOBWARD_CMD_EVENT);

	cursor = seq;	/* what does not fit is passed over, not tried again */
	if (!hdr || nla_put(skb, JOBWARD_A_CONTROL_EVENT | NLA_F_NESTED, len, payload))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

static bool anybody(const struct genl_family *family)
{
	return family && genl_has_listeners(family, &init_net, JW_NL_MCGRP_EVENTS);
}

static void serve(struct work_struct *work)
{
	while (anybody(served)) {
		struct sk_buff *skb = genlmsg_new(JW_RECORD_MAX + NLA_HDRLEN, GFP_KERNEL);

		if (!skb)
			break;
		if (jw_ring_read(&jw_report_ring, &pos, cursor, put, skb) <= 0) {
			nlmsg_free(skb);
			break;
		}
		genlmsg_multicast(served, skb, 0, JW_NL_MCGRP_EVENTS, GFP_KERNEL);
		cond_resched();
	}
}
static DECLARE_WORK(work, serve);

void jw_viewers_wake(void)
{
	if (anybody(READ_ONCE(served)))
		schedule_work(&work);
}

void jw_viewers_init(const struct genl_family *family)
{
	WRITE_ONCE(served, family);
}

void jw_viewers_exit(void)
{
	/* Gates are off: nobody wakes any more but the release of a socket, which finds no family. */
	WRITE_ONCE(served, NULL);
	cancel_work_sync(&work);
}
