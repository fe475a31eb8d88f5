// SPDX-License-Identifier: GPL-2.0
/*
 * See seen.h. A run's marks are an open hash of 32 bits each. They come from a hash with a secret key, so nobody can choose two acts of
 * one mark; by accident the second of two different acts is lost once in some ten million.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "seen.h"

static const u16 room[JW_SEEN_KINDS] = { [JW_SEEN_EXEC] = 384, [JW_SEEN_CONNECT] = 128 };

void jw_seen_init(struct jw_seen *seen)
{
	spin_lock_init(&seen->lock);
}

/* The run, or the place of the one that was used longest ago. */
static struct jw_seen_run *run_of(struct jw_seen *seen, u64 root_seq, u64 now_ns)
{
	struct jw_seen_run *run = NULL, *oldest = &seen->runs[0];
	unsigned int i;

	for (i = 0; i < JW_SEEN_RUNS && !run; i++) {
		if (seen->runs[i].root_seq == root_seq)
			run = &seen->runs[i];
		else if (seen->runs[i].used < oldest->used)
			oldest = &seen->runs[i];
	}
	if (!run || now_ns - run->since_ns >= JW_SEEN_RENEWED_NS) {
		run = run ? run : oldest;
		memset(run, 0, sizeof(*run));
		run->root_seq = root_seq;
		run->since_ns = now_ns;
	}
	run->used = ++seen->tick;
	return run;
}

/* Where a hash's mark is, or would be. A free slot is always met: half of them are. */
static unsigned int slot_of(const struct jw_seen_run *run, u64 hash, u32 *mark)
{
	unsigned int slot = (hash >> 32) % JW_SEEN_SLOTS;

	*mark = (u32)hash ? (u32)hash : 1;
	while (run->marks[slot] && run->marks[slot] != *mark)
		slot = (slot + 1) % JW_SEEN_SLOTS;
	return slot;
}

static bool has(const struct jw_seen_run *run, u64 hash)
{
	u32 mark;

	return run->marks[slot_of(run, hash, &mark)];
}

static unsigned int put(struct jw_seen_run *run, enum jw_seen_kind kind, u64 hash)
{
	u32 mark;
	unsigned int slot = slot_of(run, hash, &mark);

	run->marks[slot] = mark;
	run->n[kind]++;
	return slot;
}

static enum jw_seen_answer take(struct jw_seen_run *run, enum jw_seen_kind kind, u64 what, u64 variant)
{
	const bool known = has(run, what);
	unsigned int slot;
	u32 mark;

	if (known && (!variant || has(run, variant) || run->variants[slot_of(run, what, &mark)] == JW_SEEN_VARIANTS))
		return JW_SEEN_REPEAT;
	/* A new program takes two marks. */
	if (run->n[kind] + !known + !!variant > room[kind]) {
		if (run->told[kind])
			return JW_SEEN_OVER;
		run->told[kind] = true;
		return JW_SEEN_FULL;
	}
	slot = known ? slot_of(run, what, &mark) : put(run, kind, what);
	if (!variant)
		return JW_SEEN_NEW;
	put(run, kind, variant);
	return ++run->variants[slot] == JW_SEEN_VARIANTS ? JW_SEEN_LAST : JW_SEEN_NEW;
}

enum jw_seen_answer jw_seen_take(struct jw_seen *seen, u64 root_seq, enum jw_seen_kind kind, u64 what, u64 variant, u64 now_ns)
{
	enum jw_seen_answer answer;

	BUILD_BUG_ON(JW_SEEN_SLOTS & (JW_SEEN_SLOTS - 1));
	spin_lock(&seen->lock);
	answer = take(run_of(seen, root_seq, now_ns), kind, what, variant);
	spin_unlock(&seen->lock);
	if (answer == JW_SEEN_FULL || answer == JW_SEEN_OVER)
		atomic64_inc(&seen->over);
	return answer;
}
