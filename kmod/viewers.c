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
static u64 unseen;				/* newest event that came while nobody listened; READ_ONCE/WRITE_ONCE */

struct message {
	struct sk_buff *skb;
	const struct genl_family *family;
};

static int put(void *ctx, u64 seq, const void *payload, u32 len)
{
	const struct message *message = ctx;
	struct sk_buff *skb = message->skb;
	void *hdr = genlmsg_put(skb, 0, 0, message->family, 0, JOBWARD_CMD_EVENT);

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
	struct message message;

	/* Looked at once a round: unload takes it away at any moment. */
	while (anybody(message.family = READ_ONCE(served))) {
		message.skb = genlmsg_new(JW_RECORD_MAX + NLA_HDRLEN, GFP_KERNEL);
		if (!message.skb)
			break;
		/* A viewer sees what comes, not what lay in the ring before. */
		cursor = max(cursor, READ_ONCE(unseen));
		if (jw_ring_read(&jw_report_ring, &pos, cursor, put, &message) <= 0) {
			nlmsg_free(message.skb);
			break;
		}
		genlmsg_multicast(message.family, message.skb, 0, JW_NL_MCGRP_EVENTS, GFP_KERNEL);
		cond_resched();
	}
}
static DECLARE_WORK(work, serve);

void jw_viewers_wake(u64 seq)
{
	if (anybody(READ_ONCE(served)))
		schedule_work(&work);
	else
		WRITE_ONCE(unseen, seq);
}

void jw_viewers_init(const struct genl_family *family)
{
	WRITE_ONCE(served, family);
}

void jw_viewers_stop(void)
{
	WRITE_ONCE(served, NULL);
}

void jw_viewers_exit(void)
{
	cancel_work_sync(&work);
}
