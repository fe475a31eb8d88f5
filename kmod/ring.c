// SPDX-License-Identifier: GPL-2.0
/*
 * See ring.h. Records lie one behind the other, never wrapped: where the rest of the buffer is too short it is skipped.
 *
 *   | header | payload ... pad to 8 | header | payload ... | skip | (end of buffer)
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/string.h>
#include <uapi/linux/jobward.h>
#include "event.h"
#include "ring.h"

struct record {
	u32 len;	/* payload; JW_SKIP: nothing up to the end of the buffer */
	u32 pad;
	u64 seq;
};

#define JW_SKIP U32_MAX
#define JW_SPACE(len) (sizeof(struct record) + ALIGN(len, 8))

void jw_ring_init(struct jw_ring *ring, void *buf, u32 size, u32 reserve)
{
	WARN_ON_ONCE(!is_power_of_2(size) || size < 4 * JW_RECORD_MAX || reserve > size / 2);
	memset(ring, 0, sizeof(*ring));
	spin_lock_init(&ring->lock);
	ring->buf = buf;
	ring->size = size;
	ring->reserve = reserve;
}

static struct record *at(struct jw_ring *ring, u64 pos)
{
	return (struct record *)(ring->buf + (pos & (ring->size - 1)));
}

/* Where a record of this size would begin; the skip before it is counted in *need. */
static u64 place(struct jw_ring *ring, u32 space, u64 *need)
{
	u32 rest = ring->size - (ring->head & (ring->size - 1));
	u64 pos = space <= rest ? ring->head : ring->head + rest;

	*need = pos + space - ring->head;
	return pos;
}

static bool has_room(struct jw_ring *ring, u32 space, enum jw_event_class class)
{
	u32 limit = class == JW_CLASS_DENIAL ? ring->size :
		    class == JW_CLASS_NORMAL ? ring->size - ring->reserve : min(ring->size / 2, ring->size - ring->reserve);
	u64 need;

	place(ring, space, &need);
	return ring->head - ring->tail + need <= limit;
}

static void put(struct jw_ring *ring, const struct jw_event *event, u64 seq, u32 len)
{
	u64 need, pos = place(ring, JW_SPACE(len), &need);
	struct record *record = at(ring, pos);

	/* A rest shorter than a header needs no mark: the reader knows that nothing fits there. */
	if (pos != ring->head && ring->size - (ring->head & (ring->size - 1)) >= sizeof(struct record))
		at(ring, ring->head)->len = JW_SKIP;
	record->len = len;
	record->pad = 0;
	record->seq = seq;
	jw_event_encode(event, seq, record + 1, len);
	ring->head = pos + JW_SPACE(len);
}

static void lose(struct jw_ring *ring, const struct jw_event *event, u64 seq, enum jw_event_class class)
{
	ring->lost++;
	if (!ring->gap_first) {
		ring->gap_first = seq;
		ring->gap_denials = 0;
	}
	ring->gap_last = seq;
	ring->gap_time_ns = event->time_ns;
	ring->gap_boot_ns = event->boot_ns;
	if (class == JW_CLASS_DENIAL) {
		ring->lost_denials++;
		ring->gap_denials++;
	}
}

/* Writes the record of a pending gap where there is room for it and for @more bytes of @class behind it. */
static bool report_gap(struct jw_ring *ring, u32 more, enum jw_event_class class)
{
	struct jw_event gap = {
		.kind = JOBWARD_KIND_TAMPER,
		.action = JOBWARD_ACTION_GAP,
		.reason = JOBWARD_REASON_RING_FULL,
		.time_ns = ring->gap_time_ns,
		.boot_ns = ring->gap_boot_ns,
		.first = ring->gap_first,
		.last = ring->gap_last,
		.denials = ring->gap_denials,
	};
	u32 len;

	if (!ring->gap_first)
		return true;
	len = jw_event_size(&gap);
	/* Twice a skip in the worst case: ask for the most that both can take. */
	if (!has_room(ring, JW_SPACE(len) + more + (more ? JW_RECORD_MAX : 0), class))
		return false;
	put(ring, &gap, ++ring->seq, len);
	ring->gap_first = 0;
	return true;
}

u64 jw_ring_write(struct jw_ring *ring, const struct jw_event *event, enum jw_event_class class)
{
	u32 len = jw_event_size(event);
	unsigned long flags;
	u64 seq;

	spin_lock_irqsave(&ring->lock, flags);
	if (len > JW_RECORD_MAX || !report_gap(ring, JW_SPACE(len), class) || !has_room(ring, JW_SPACE(len), class)) {
		seq = ++ring->seq;
		lose(ring, event, seq, class);
	} else {
		seq = ++ring->seq;
		put(ring, event, seq, len);
	}
	spin_unlock_irqrestore(&ring->lock, flags);
	return seq;
}

/* The record at @pos or the next one behind a skip; NULL at the head. */
static struct record *record_at(struct jw_ring *ring, u64 *pos)
{
	while (*pos < ring->head) {
		u32 rest = ring->size - (*pos & (ring->size - 1));
		struct record *record = at(ring, *pos);

		if (rest >= sizeof(struct record) && record->len != JW_SKIP)
			return record;
		*pos += rest;
	}
	return NULL;
}

int jw_ring_read(struct jw_ring *ring, u64 *pos, u64 cursor,
		 int (*fn)(void *ctx, u64 seq, const void *payload, u32 len), void *ctx)
{
	struct record *record;
	unsigned long flags;
	int ret = 0;
	u64 p;

	spin_lock_irqsave(&ring->lock, flags);
	p = max(*pos, ring->tail);
	while ((record = record_at(ring, &p))) {
		u32 space = JW_SPACE(record->len);

		if (record->seq > cursor) {
			ret = fn(ctx, record->seq, record + 1, record->len);
			if (!ret) {
				*pos = p + space;
				ret = 1;
			}
			break;
		}
		p += space;
	}
	spin_unlock_irqrestore(&ring->lock, flags);
	return ret;
}

int jw_ring_ack(struct jw_ring *ring, u64 cursor)
{
	struct record *record;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&ring->lock, flags);
	if (cursor > ring->seq) {
		ret = -ERANGE;
	} else if (cursor > ring->acked) {
		ring->acked = cursor;
		while ((record = record_at(ring, &ring->tail)) && record->seq <= cursor)
			ring->tail += JW_SPACE(record->len);
		report_gap(ring, 0, JW_CLASS_DENIAL);
	}
	spin_unlock_irqrestore(&ring->lock, flags);
	return ret;
}

u32 jw_ring_used(struct jw_ring *ring)
{
	unsigned long flags;
	u32 used;

	spin_lock_irqsave(&ring->lock, flags);
	used = ring->head - ring->tail;
	spin_unlock_irqrestore(&ring->lock, flags);
	return used;
}
