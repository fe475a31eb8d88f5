// SPDX-License-Identifier: GPL-2.0
/* See report.h. */
#include <linux/atomic.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include "report.h"
#include "viewers.h"

struct jw_ring jw_report_ring;
static atomic64_t timer_seq;

u64 jw_report(struct jw_event *event)
{
	enum jw_event_class class = JW_CLASS_NORMAL;
	u64 seq;

	event->time_ns = ktime_get_real_ns();
	event->boot_ns = ktime_get_boottime_ns();
	if (event->verdict == JOBWARD_VERDICT_DENY || event->kind == JOBWARD_KIND_TAMPER ||
	    event->kind == JOBWARD_KIND_ADMIN || event->action == JOBWARD_ACTION_HOLD)
		class = JW_CLASS_DENIAL;
	else if (event->kind == JOBWARD_KIND_CHAIN || event->kind == JOBWARD_KIND_NET)
		class = JW_CLASS_DESCENT;
	seq = jw_ring_write(&jw_report_ring, event, class);
	jw_viewers_wake(seq);
	return seq;
}

void jw_report_timer_planted(u64 seq)
{
	u64 old = atomic64_read(&timer_seq);

	while (old < seq && !atomic64_try_cmpxchg(&timer_seq, (s64 *)&old, seq))
		;
}

u64 jw_report_timer_seq(void)
{
	return atomic64_read(&timer_seq);
}

int jw_report_init(unsigned int kib)
{
	u32 size = kib * 1024;
	void *buf;

	if (kib < 128 || kib > 1024 * 1024 || !is_power_of_2(kib))
		return -EINVAL;
	buf = vzalloc(size);
	if (!buf)
		return -ENOMEM;
	jw_ring_init(&jw_report_ring, buf, size, size / 4);
	return 0;
}

void jw_report_exit(void)
{
	vfree(jw_report_ring.buf);
	jw_report_ring.buf = NULL;
}
