/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event ring. Memory is given once; a record stays until the auditor's cursor acknowledges it. Sequence numbers are given
 * here and nowhere else. What finds no room keeps its number and is reported as a gap as soon as there is room again; the last
 * part of the ring is kept for denials, so that noise cannot push them out.
 */
#ifndef JOBWARD_RING_H
#define JOBWARD_RING_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct jw_event;

/* Largest record; the encoder stays below it (event.h). */
#define JW_RECORD_MAX 16384u

enum jw_event_class {
	JW_CLASS_DESCENT,	/* what jobs' processes do: up to half of the ring, so that one busy job leaves room for the rest */
	JW_CLASS_NORMAL,
	JW_CLASS_DENIAL,	/* denials, tampering, administration: may use the reserved part */
};

struct jw_ring {
	spinlock_t lock;	/* all below; taken in any context but NMI, innermost lock of the module */
	u8 *buf;
	u32 size;		/* power of two */
	u32 reserve;		/* bytes that only JW_CLASS_DENIAL may take */
	u64 head, tail;		/* positions that only grow; offset is position modulo size */
	u64 seq;		/* of the newest event, lost ones included */
	u64 acked;
	u64 lost, lost_denials;
	u64 gap_first, gap_last, gap_denials;	/* gap not yet reported; gap_first 0: none */
	u64 gap_time_ns, gap_boot_ns;		/* of the newest lost event */
};

/**
 * jw_ring_init() - makes an empty ring
 * @ring: to fill
 * @buf: @size bytes, owned by the caller, freed by it after the last use
 * @size: power of two, at least 4 * JW_RECORD_MAX
 * @reserve: part that only denials may take, at most half of @size
 *
 * Context: any, before anybody else sees @ring.
 */
void jw_ring_init(struct jw_ring *ring, void *buf, u32 size, u32 reserve);

/**
 * jw_ring_write() - takes one event into the sequence
 * @ring: the ring
 * @event: encoded here; not kept
 * @class: which part of the ring it may use
 *
 * Context: any but NMI; no sleeping, no allocation.
 * Return: its sequence number, also where it found no room (then it is part of a gap).
 */
u64 jw_ring_write(struct jw_ring *ring, const struct jw_event *event, enum jw_event_class class);

/**
 * jw_ring_read() - hands out the next record
 * @ring: the ring
 * @pos: where to look; 0 to begin with, moved on success. Not a promise: what was acknowledged meanwhile is passed over
 * @cursor: records up to this sequence number are passed over
 * @fn: gets sequence number and payload (attributes of an event) under the lock: copy, no more. Non-zero stops and is returned
 * @ctx: for @fn
 *
 * Context: any but NMI.
 * Return: 1 when a record was handed out, 0 when there is none, else what @fn returned (then @pos has not moved).
 */
int jw_ring_read(struct jw_ring *ring, u64 *pos, u64 cursor,
		 int (*fn)(void *ctx, u64 seq, const void *payload, u32 len), void *ctx);

/**
 * jw_ring_ack() - frees the records up to a sequence number
 * @ring: the ring
 * @cursor: newest event that is kept safe elsewhere
 *
 * Reports a pending gap, for which there is room now.
 * Context: any but NMI.
 * Return: 0, or -ERANGE when @cursor lies beyond the newest event.
 */
int jw_ring_ack(struct jw_ring *ring, u64 cursor);

/** jw_ring_used() - bytes in use. Context: any but NMI; takes the lock. Return: bytes. */
u32 jw_ring_used(struct jw_ring *ring);

#endif
