// SPDX-License-Identifier: GPL-2.0
/* Sets of inodes: what is a member, what is none, and that the fast way out never loses one. */
#include <linux/bitops.h>
#include <kunit/test.h>
#include "failing.h"
#include "identity.h"

#define MANY 100000

static void add(struct kunit *test, struct jw_identity_set *set, u32 dev, u64 ino, u32 gen, u32 roles)
{
	struct jw_identity_object object = { .id = { .dev = dev, .ino = ino, .gen = gen }, .roles = roles };

	KUNIT_ASSERT_EQ(test, jw_identity_add(set, &object, NULL), 0);
}

static struct jw_identity_object *find(struct jw_identity_set *set, u32 dev, u64 ino, u32 gen)
{
	struct jw_identity id = { .dev = dev, .ino = ino, .gen = gen };

	return jw_identity_maybe(set, ino) ? jw_identity_find(set, &id) : NULL;
}

static void test_empty_set_has_no_member(struct kunit *test)
{
	struct jw_identity_set set = { };

	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	KUNIT_EXPECT_PTR_EQ(test, find(&set, 0, 0, 0), NULL);
	KUNIT_EXPECT_PTR_EQ(test, find(&set, 1, 2, 3), NULL);
	KUNIT_EXPECT_FALSE(test, jw_identity_maybe(&set, 0));
	KUNIT_EXPECT_FALSE(test, jw_identity_maybe(&set, U64_MAX));
	jw_identity_done(&set);
}

/* The same number on another device, or given out again by the file system, is another inode. */
static void test_device_number_and_generation_all_count(struct kunit *test)
{
	struct jw_identity_set set = { };

	add(test, &set, 0x800001, 77, 5, JOBWARD_ROLE_STORE);
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	KUNIT_ASSERT_NOT_NULL(test, find(&set, 0x800001, 77, 5));
	KUNIT_EXPECT_EQ(test, find(&set, 0x800001, 77, 5)->roles, (u32)JOBWARD_ROLE_STORE);
	KUNIT_EXPECT_PTR_EQ(test, find(&set, 0x800002, 77, 5), NULL);
	KUNIT_EXPECT_PTR_EQ(test, find(&set, 0x800001, 78, 5), NULL);
	KUNIT_EXPECT_PTR_EQ(test, find(&set, 0x800001, 77, 6), NULL);
	KUNIT_EXPECT_PTR_EQ(test, find(&set, 0x800001, 77 | 1ull << 32, 5), NULL);
	jw_identity_done(&set);
}

static void test_many_members_are_all_found(struct kunit *test)
{
	struct jw_identity_set set = { };
	u32 i, guesses = 0, missing = 0, wrong = 0;

	for (i = 0; i < MANY; i++)
		add(test, &set, 0x800001 + i % 3, 1000 + i, i % 7, i);
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	for (i = 0; i < MANY; i++) {
		struct jw_identity_object *object = find(&set, 0x800001 + i % 3, 1000 + i, i % 7);

		missing += !object;
		wrong += object && object->roles != i;
	}
	KUNIT_EXPECT_EQ(test, missing, 0u);
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	for (i = 0; i < MANY; i++)
		guesses += jw_identity_maybe(&set, 10000000 + i);
	KUNIT_EXPECT_LT_MSG(test, guesses, MANY / 20u, "the filter lets %u of %u strangers through", guesses, MANY);
	KUNIT_EXPECT_GT(test, jw_identity_bytes(&set), MANY * sizeof(struct jw_identity_object));
	jw_identity_done(&set);
}

/* Members of one hash chain that differ in generation or device only; every second one is there. */
static void test_members_that_are_alike(struct kunit *test)
{
	struct jw_identity_set set = { };
	u32 i, wrong = 0;

	for (i = 0; i < 4000; i += 2) {
		add(test, &set, 1, 77, i, i + 1);
		add(test, &set, i + 2, 77, 5001, i + 1);
	}
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	for (i = 0; i < 4000; i++) {
		struct jw_identity_object *gen = find(&set, 1, 77, i), *dev = find(&set, i + 2, 77, 5001);

		wrong += i % 2 ? !!gen : !gen || gen->roles != i + 1;
		wrong += i % 2 ? !!dev : !dev || dev->roles != i + 1;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	jw_identity_done(&set);
}

/* Inode numbers of some file systems differ in their upper bits only. */
static void test_sparse_numbers(struct kunit *test)
{
	struct jw_identity_set set = { };
	u32 i;

	for (i = 0; i < 64; i++)
		add(test, &set, 1, 1ull << i, 0, i + 1);
	add(test, &set, 1, 0, 0, 65);
	add(test, &set, 1, U64_MAX, U32_MAX, 66);
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	for (i = 0; i < 64; i++) {
		struct jw_identity_object *object = find(&set, 1, 1ull << i, 0);

		KUNIT_ASSERT_NOT_NULL(test, object);
		KUNIT_EXPECT_EQ(test, object->roles, i + 1);
	}
	KUNIT_EXPECT_NOT_NULL(test, find(&set, 1, 0, 0));
	KUNIT_EXPECT_NOT_NULL(test, find(&set, 1, U64_MAX, U32_MAX));
	jw_identity_done(&set);
}

/* Of all members the filter for folders lets only those through that speak of what lies below them. */
static void test_folders_that_count_for_what_is_below(struct kunit *test)
{
	struct jw_identity_set set = { };
	u32 i, missing = 0, guesses = 0;

	for (i = 0; i < 9000; i++)
		add(test, &set, 1, i, 0, i % 3 ? JOBWARD_ROLE_PIN : i % 2 ? JOBWARD_ROLE_STORE : JOBWARD_ROLE_GUARD);
	/* A pin whose second row says that it is a store too. */
	add(test, &set, 1, 1, 0, JOBWARD_ROLE_STORE);
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	KUNIT_EXPECT_TRUE(test, jw_identity_maybe_above(&set, 1));
	for (i = 0; i < 9000; i++) {
		missing += !jw_identity_maybe(&set, i);
		missing += i % 3 == 0 && !jw_identity_maybe_above(&set, i);
		guesses += i % 3 && jw_identity_maybe_above(&set, i);
	}
	KUNIT_EXPECT_EQ(test, missing, 0u);
	KUNIT_EXPECT_LT(test, guesses, 9000u / 20);
	jw_identity_done(&set);
}

/* A hard link makes one inode a store and a pin; both rows of the table must count. */
static void test_same_inode_twice_has_the_roles_of_both(struct kunit *test)
{
	struct jw_identity_object store = {
		.id = { 5, 1, 1 }, .roles = JOBWARD_ROLE_STORE, .classes = 4, .marks = ~0ul, .path = 99,
	};
	struct jw_identity_object image = {
		.id = { 5, 1, 1 }, .roles = JOBWARD_ROLE_SCHEDULER | JOBWARD_ROLE_PIN, .classes = 1,
		.image = JOBWARD_IMAGE_STDIN, .scheduler = JOBWARD_SCHEDULER_AT,
	};
	struct jw_identity_set set = { };
	struct jw_identity_object *object;

	KUNIT_ASSERT_EQ(test, jw_identity_add(&set, &store, NULL), 0);
	KUNIT_ASSERT_EQ(test, jw_identity_add(&set, &image, "/usr/sbin/atd"), 0);
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	object = find(&set, 1, 5, 1);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_EQ(test, object->roles, (u32)(JOBWARD_ROLE_STORE | JOBWARD_ROLE_SCHEDULER | JOBWARD_ROLE_PIN));
	KUNIT_EXPECT_EQ(test, object->classes, 5ull);
	KUNIT_EXPECT_EQ(test, object->image, (u32)JOBWARD_IMAGE_STDIN);
	KUNIT_EXPECT_EQ(test, object->scheduler, (u32)JOBWARD_SCHEDULER_AT);
	KUNIT_EXPECT_STREQ(test, jw_identity_path(&set, object), "/usr/sbin/atd");
	/* Marks belong to the table in force; what the caller had there means nothing. */
	KUNIT_EXPECT_EQ(test, object->marks, 0ul);
	jw_identity_done(&set);
}

static void test_paths(struct kunit *test)
{
	struct jw_identity_object object = { .id = { .dev = 1 } };
	struct jw_identity_set set = { };
	char path[32];
	u32 i;

	for (i = 0; i < 1000; i++) {
		object.id.ino = i;
		snprintf(path, sizeof(path), "/etc/cron.d/%u", i);
		KUNIT_ASSERT_EQ(test, jw_identity_add(&set, &object, i % 10 ? path : i % 20 ? NULL : ""), 0);
	}
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	for (i = 0; i < 1000; i++) {
		struct jw_identity_object *found = find(&set, 1, i, 0);

		KUNIT_ASSERT_NOT_NULL(test, found);
		snprintf(path, sizeof(path), "/etc/cron.d/%u", i);
		if (i % 10)
			KUNIT_EXPECT_STREQ(test, jw_identity_path(&set, found), path);
		else
			KUNIT_EXPECT_PTR_EQ(test, jw_identity_path(&set, found), NULL);
	}
	jw_identity_done(&set);
}

static void test_marks_stay_with_the_member(struct kunit *test)
{
	struct jw_identity_set set = { };

	add(test, &set, 1, 1, 0, JOBWARD_ROLE_PIN);
	add(test, &set, 1, 2, 0, JOBWARD_ROLE_PIN);
	KUNIT_ASSERT_EQ(test, jw_identity_seal(&set), 0);
	set_bit(JW_MARK_TOUCHED, &find(&set, 1, 1, 0)->marks);
	KUNIT_EXPECT_TRUE(test, test_bit(JW_MARK_TOUCHED, &find(&set, 1, 1, 0)->marks));
	KUNIT_EXPECT_FALSE(test, test_bit(JW_MARK_PACKAGE, &find(&set, 1, 1, 0)->marks));
	KUNIT_EXPECT_FALSE(test, test_bit(JW_MARK_TOUCHED, &find(&set, 1, 2, 0)->marks));
	jw_identity_done(&set);
}

static int build(struct jw_identity_set *set)
{
	u32 i;
	int err;

	for (i = 0; i < 40; i++) {
		struct jw_identity_object object = { .id = { .dev = 1, .ino = i } };

		err = jw_identity_add(set, &object, "/x");
		if (err)
			return err;
	}
	return jw_identity_seal(set);
}

/* Whichever allocation fails: an error, and the set can still be asked for its size and freed. */
static void test_no_memory(struct kunit *test)
{
	u32 nth;

	for (nth = 1; nth < 100; nth++) {
		struct jw_identity_set set = { };
		bool failed;
		int err;

		failing_begin(nth);
		err = build(&set);
		failed = failing_end();
		KUNIT_EXPECT_EQ_MSG(test, err, failed ? -ENOMEM : 0, "allocation %u", nth);
		KUNIT_EXPECT_LT(test, jw_identity_bytes(&set), (size_t)1 << 20);
		jw_identity_done(&set);
		KUNIT_EXPECT_PTR_EQ(test, set.objects, NULL);
		if (!failed)
			break;
	}
	KUNIT_EXPECT_GT(test, nth, 4u);
	KUNIT_EXPECT_LT(test, nth, 100u);
}

static struct kunit_case identity_cases[] = {
	KUNIT_CASE(test_empty_set_has_no_member),
	KUNIT_CASE(test_device_number_and_generation_all_count),
	KUNIT_CASE(test_many_members_are_all_found),
	KUNIT_CASE(test_members_that_are_alike),
	KUNIT_CASE(test_sparse_numbers),
	KUNIT_CASE(test_folders_that_count_for_what_is_below),
	KUNIT_CASE(test_same_inode_twice_has_the_roles_of_both),
	KUNIT_CASE(test_paths),
	KUNIT_CASE(test_marks_stay_with_the_member),
	KUNIT_CASE(test_no_memory),
	{ }
};

static struct kunit_suite identity_suite = {
	.name = "jobward_identity",
	.test_cases = identity_cases,
};
kunit_test_suite(identity_suite);
