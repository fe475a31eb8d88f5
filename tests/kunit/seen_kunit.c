// SPDX-License-Identifier: GPL-2.0
/* What runs were seen to do: each act once, each run by itself, and nothing lost that is not told or counted. */
#include <linux/slab.h>
#include <kunit/test.h>
#include "seen.h"

#define EXECS 384u
#define CONNECTS 128u

static int seen_init(struct kunit *test)
{
	struct jw_seen *seen = kunit_kzalloc(test, sizeof(*seen), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, seen);
	jw_seen_init(seen);
	test->priv = seen;
	return 0;
}

/* A stand-in for the keyed hash: distinct numbers stay distinct in both halves. */
static u64 hash(u64 n)
{
	return (n * 0x9e3779b97f4a7c15ull) | 1;
}

static enum jw_seen_answer connect(struct kunit *test, u64 run, u64 n)
{
	return jw_seen_take(test->priv, run, JW_SEEN_CONNECT, hash(n), 0, 1);
}

static enum jw_seen_answer exec(struct kunit *test, u64 run, u64 n, u64 variant)
{
	return jw_seen_take(test->priv, run, JW_SEEN_EXEC, hash(n), hash(n * 1000 + variant), 1);
}

#define EXPECT(got, want) KUNIT_EXPECT_EQ(test, (int)(got), (int)JW_SEEN_##want)

static void test_each_act_once_in_a_run(struct kunit *test)
{
	unsigned int i;

	EXPECT(connect(test, 7, 1), NEW);
	EXPECT(exec(test, 7, 2, 1), NEW);
	for (i = 0; i < 5000; i++) {
		EXPECT(connect(test, 7, 1), REPEAT);
		EXPECT(exec(test, 7, 2, 1), REPEAT);
	}
	EXPECT(connect(test, 8, 1), NEW);
	EXPECT(connect(test, 7, 3), NEW);
}

static void test_a_program_with_other_arguments(struct kunit *test)
{
	u64 i;

	for (i = 1; i < JW_SEEN_VARIANTS; i++)
		EXPECT(exec(test, 7, 1, i), NEW);
	EXPECT(exec(test, 7, 1, i), LAST);
	for (i = 1; i < 1000; i++)
		EXPECT(exec(test, 7, 1, i), REPEAT);
	/* takes nothing from others */
	EXPECT(exec(test, 7, 2, 1), NEW);
}

/* When a share is full it is said once, and counted; the other share, what is known and other runs go on. */
static void test_a_run_that_does_too_much(struct kunit *test)
{
	struct jw_seen *seen = test->priv;
	u64 i;

	for (i = 1; i <= CONNECTS; i++)
		EXPECT(connect(test, 7, i), NEW);
	EXPECT(connect(test, 7, i), FULL);
	for (i = CONNECTS + 1; i < CONNECTS + 1000; i++)
		EXPECT(connect(test, 7, i), OVER);
	KUNIT_EXPECT_EQ(test, (u64)atomic64_read(&seen->over), 1000ull);
	EXPECT(connect(test, 7, 1), REPEAT);
	EXPECT(connect(test, 7, CONNECTS), REPEAT);
	EXPECT(connect(test, 8, 500), NEW);
	for (i = 1; i <= EXECS / 2; i++)
		EXPECT(exec(test, 7, 100000 + i, 1), NEW);
	EXPECT(exec(test, 7, 1, 1), FULL);
	EXPECT(exec(test, 7, 100001, 2), OVER);
	EXPECT(exec(test, 7, 100001, 1), REPEAT);
}

static void test_a_long_run_begins_anew_each_hour(struct kunit *test)
{
	const u64 start = 5;

	EXPECT(jw_seen_take(test->priv, 7, JW_SEEN_CONNECT, 1, 0, start), NEW);
	EXPECT(jw_seen_take(test->priv, 7, JW_SEEN_CONNECT, 1, 0, start + JW_SEEN_RENEWED_NS - 1), REPEAT);
	EXPECT(jw_seen_take(test->priv, 7, JW_SEEN_CONNECT, 1, 0, start + JW_SEEN_RENEWED_NS), NEW);
	EXPECT(jw_seen_take(test->priv, 7, JW_SEEN_CONNECT, 1, 0, start + JW_SEEN_RENEWED_NS + 1), REPEAT);
}

/* Which run is forgotten: the one that did nothing for longest. What is forgotten is new again. */
static void test_more_runs_than_are_remembered(struct kunit *test)
{
	u64 run;

	for (run = 1; run <= JW_SEEN_RUNS; run++)
		EXPECT(connect(test, run, 1), NEW);
	EXPECT(connect(test, 1, 1), REPEAT);
	EXPECT(connect(test, 1000, 1), NEW);
	EXPECT(connect(test, 1, 1), REPEAT);
	EXPECT(connect(test, 3, 1), REPEAT);
	EXPECT(connect(test, 2, 1), NEW);
}

/* Marks that all want one place, and hashes of zeros. */
static void test_marks_that_collide(struct kunit *test)
{
	u64 i;

	for (i = 1; i <= CONNECTS; i++)
		EXPECT(jw_seen_take(test->priv, 7, JW_SEEN_CONNECT, (u64)(JW_SEEN_SLOTS - 1) << 32 | i, 0, 1), NEW);
	for (i = 1; i <= CONNECTS; i++)
		EXPECT(jw_seen_take(test->priv, 7, JW_SEEN_CONNECT, (u64)(JW_SEEN_SLOTS - 1) << 32 | i, 0, 1), REPEAT);
	EXPECT(jw_seen_take(test->priv, 8, JW_SEEN_CONNECT, 0, 0, 1), NEW);
	EXPECT(jw_seen_take(test->priv, 8, JW_SEEN_CONNECT, 0, 0, 1), REPEAT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_each_act_once_in_a_run),
	KUNIT_CASE(test_a_program_with_other_arguments),
	KUNIT_CASE(test_a_run_that_does_too_much),
	KUNIT_CASE(test_a_long_run_begins_anew_each_hour),
	KUNIT_CASE(test_more_runs_than_are_remembered),
	KUNIT_CASE(test_marks_that_collide),
	{ }
};

static struct kunit_suite suite = {
	.name = "jobward_seen",
	.init = seen_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
