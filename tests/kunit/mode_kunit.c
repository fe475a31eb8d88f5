// SPDX-License-Identifier: GPL-2.0
/* Modes: the word at the start, and what is weaker than what. */
#include <kunit/test.h>
#include "mode.h"

static void test_start_mode(struct kunit *test)
{
	unsigned int gate;

	KUNIT_EXPECT_EQ(test, jw_mode_init("sideways"), -EINVAL);
	KUNIT_EXPECT_FALSE(test, jw_mode_given);
	KUNIT_EXPECT_EQ(test, jw_mode_init(""), 0);
	KUNIT_EXPECT_FALSE(test, jw_mode_given);
	KUNIT_EXPECT_EQ(test, jw_mode_init("hold"), 0);
	KUNIT_EXPECT_TRUE(test, jw_mode_given);
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		KUNIT_EXPECT_EQ(test, jw_gates[gate].mode, JOBWARD_MODE_HOLD);
}

static void test_what_weakens(struct kunit *test)
{
	jw_mode_set(JOBWARD_GATE_RUN, JOBWARD_MODE_ENFORCE);
	jw_mode_set(JOBWARD_GATE_WRITE, JOBWARD_MODE_HOLD);
	jw_mode_set(JOBWARD_GATE_MODULE, JOBWARD_MODE_AUDIT);
	KUNIT_EXPECT_TRUE(test, jw_mode_weakens(JOBWARD_GATE_RUN, JOBWARD_MODE_AUDIT));
	KUNIT_EXPECT_TRUE(test, jw_mode_weakens(JOBWARD_GATE_RUN, JOBWARD_MODE_HOLD));
	KUNIT_EXPECT_FALSE(test, jw_mode_weakens(JOBWARD_GATE_RUN, JOBWARD_MODE_ENFORCE));
	KUNIT_EXPECT_TRUE(test, jw_mode_weakens(JOBWARD_GATE_WRITE, JOBWARD_MODE_AUDIT));
	KUNIT_EXPECT_FALSE(test, jw_mode_weakens(JOBWARD_GATE_WRITE, JOBWARD_MODE_HOLD));
	KUNIT_EXPECT_FALSE(test, jw_mode_weakens(JOBWARD_GATE_MODULE, JOBWARD_MODE_AUDIT));
	/* all at once: the strongest of them decides */
	KUNIT_EXPECT_TRUE(test, jw_mode_weakens(UINT_MAX, JOBWARD_MODE_HOLD));
	KUNIT_EXPECT_FALSE(test, jw_mode_weakens(UINT_MAX, JOBWARD_MODE_ENFORCE));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_start_mode),
	KUNIT_CASE(test_what_weakens),
	{ }
};

static struct kunit_suite suite = {
	.name = "jobward_mode",
	.test_cases = cases,
};
kunit_test_suite(suite);
