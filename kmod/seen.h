/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the runs of jobs have been seen to do, so that a program executed or a destination reached ten thousand times is one record.
 * Pure: hashes in, an answer out. Of fixed size: a run that does more than it has room for is told once and counted from then on.
 */
#ifndef JOBWARD_SEEN_H
#define JOBWARD_SEEN_H

#include <linux/spinlock.h>
#include <linux/types.h>

#define JW_SEEN_RUNS 64			/* remembered at a time */
#define JW_SEEN_SLOTS 1024		/* of a run; a power of two, half of it in use at most */
#define JW_SEEN_VARIANTS 4		/* records of one program with other arguments each */
#define JW_SEEN_RENEWED_NS (3600ull * 1000000000)

enum jw_seen_kind {
	JW_SEEN_EXEC,			/* 384 programs and argument lists */
	JW_SEEN_CONNECT,		/* 128 destinations */
	JW_SEEN_KINDS,
};

enum jw_seen_answer {
	JW_SEEN_REPEAT,			/* nothing to record */
	JW_SEEN_NEW,
	JW_SEEN_LAST,			/* new; this program's other arguments are repeats from now on */
	JW_SEEN_FULL,			/* no room for it, and nobody was told yet */
	JW_SEEN_OVER,			/* no room for it; counted */
};

struct jw_seen_run {
	u64 root_seq;			/* 0: free */
	u64 since_ns;
	u64 used;			/* tick of the newest use */
	u16 n[JW_SEEN_KINDS];
	bool told[JW_SEEN_KINDS];
	u32 marks[JW_SEEN_SLOTS];	/* 0: free */
	u8 variants[JW_SEEN_SLOTS];	/* of a program's mark: how many were recorded */
};

struct jw_seen {
	spinlock_t lock;		/* all below but @over; taken in process context, nests inside nothing of ours */
	u64 tick;
	atomic64_t over;		/* acts that found no room */
	struct jw_seen_run runs[JW_SEEN_RUNS];
};

/** jw_seen_init() - nothing was seen yet. @seen: zeroed memory of the caller's. Context: any. */
void jw_seen_init(struct jw_seen *seen);

/**
 * jw_seen_take() - has this run been seen to do this?
 * @seen: what was seen
 * @root_seq: event at which the run started
 * @kind: which of its two shares of the memory it takes
 * @what: keyed hash of the program, or of destination and program
 * @variant: keyed hash of @what and its arguments; 0: what it is about has none
 * @now_ns: time since boot
 *
 * A run that is older than %JW_SEEN_RENEWED_NS begins anew, so that what goes on in it is on record each hour. With more than
 * %JW_SEEN_RUNS runs at a time the one that did nothing for longest is forgotten: it may be recorded twice, never too little.
 *
 * Context: process, atomic. Return: an answer; the caller records %JW_SEEN_NEW, %JW_SEEN_LAST and %JW_SEEN_FULL.
 */
enum jw_seen_answer jw_seen_take(struct jw_seen *seen, u64 root_seq, enum jw_seen_kind kind, u64 what, u64 variant, u64 now_ns);

#endif
