// SPDX-License-Identifier: GPL-2.0
/*
 * The table: built by a transaction, sealed, swapped in whole. What must hold: each key has its own answer, one that is
 * not there has none, a reader keeps the table it took, and a transaction that fails or is dropped leaves nothing
 * behind.
 */
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <kunit/test.h>
#include "failing.h"
#include "verdict.h"

#define MANY 100000

static struct jw_table *table_new(struct kunit *test)
{
	struct jw_table *table = jw_table_new();

	KUNIT_ASSERT_NOT_NULL(test, table);
	return table;
}

/* Key number @n: bytes as random as a digest's. */
static void make_key(u8 *key, u64 n)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, n * 0x9e3779b97f4a7c15ull + 1);
	prandom_bytes_state(&rnd, key, JOBWARD_DIGEST_SIZE);
	memcpy(key + JOBWARD_DIGEST_SIZE - sizeof(n), &n, sizeof(n));
}

static struct jw_verdict verdict_of(const u8 *key, u8 state, u64 job)
{
	struct jw_verdict v = { .state = state, .job = job };

	memcpy(v.key, key, sizeof(v.key));
	return v;
}

/* Approved, with pins. */
static int add_pinned(struct jw_table *table, const u8 *key, u64 job, const u32 *pins, u32 n_pins)
{
	struct jw_verdict v = verdict_of(key, JOBWARD_STATE_APPROVED, job);

	return jw_table_add_verdict(table, &v, pins, n_pins);
}

static void add_verdict(struct kunit *test, struct jw_table *table, const u8 *key, u8 state, u64 job)
{
	struct jw_verdict v = verdict_of(key, state, job);

	KUNIT_ASSERT_EQ(test, jw_table_add_verdict(table, &v, NULL, 0), 0);
}

static void add_unit(struct kunit *test, struct jw_table *table, const char *name, u32 uid, u8 class)
{
	KUNIT_ASSERT_EQ(test, jw_table_add_unit(table, name, uid, class), 0);
}

static void seal(struct kunit *test, struct jw_table *table)
{
	KUNIT_ASSERT_EQ(test, jw_table_seal(table), 0);
}

static void test_empty_table_answers_nothing(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	u8 key[JOBWARD_DIGEST_SIZE] = { };

	seal(test, table);
	KUNIT_EXPECT_PTR_EQ(test, (void *)jw_verdict_find(table, key), NULL);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "x.service", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "x@y.service", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_module_find(table, key), -ENOENT);
	jw_table_put(table);
	jw_table_put(NULL);
}

static void test_lookup_of_many(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	u32 i, missing = 0, wrong = 0, strangers = 0;
	u8 key[JOBWARD_DIGEST_SIZE];

	for (i = 0; i < MANY; i++) {
		make_key(key, i);
		add_verdict(test, table, key, i % 4, i + 1000);
	}
	seal(test, table);
	for (i = 0; i < MANY; i++) {
		const struct jw_verdict *v;

		make_key(key, i);
		v = jw_verdict_find(table, key);
		missing += !v;
		wrong += v && (v->job != i + 1000 || v->state != i % 4 || v->n_pins);
		make_key(key, MANY + i);
		strangers += !!jw_verdict_find(table, key);
	}
	KUNIT_EXPECT_EQ(test, missing, 0u);
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	KUNIT_EXPECT_EQ(test, strangers, 0u);
	KUNIT_EXPECT_GT(test, jw_table_bytes(table), MANY * sizeof(struct jw_verdict));
	jw_table_put(table);
}

/* Keys of one slot, the last of the index, so that the search runs over its end; each byte of a key counts. */
static void test_keys_of_one_slot(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	u8 key[JOBWARD_DIGEST_SIZE];
	u32 i;

	for (i = 4; i < JOBWARD_DIGEST_SIZE; i++) {
		memset(key, 0xff, sizeof(key));
		key[i] = 0;
		add_verdict(test, table, key, JOBWARD_STATE_APPROVED, i);
	}
	seal(test, table);
	for (i = 4; i < JOBWARD_DIGEST_SIZE; i++) {
		const struct jw_verdict *v;

		memset(key, 0xff, sizeof(key));
		KUNIT_EXPECT_PTR_EQ(test, (void *)jw_verdict_find(table, key), NULL);
		key[i] = 0;
		v = jw_verdict_find(table, key);
		KUNIT_ASSERT_NOT_NULL(test, v);
		KUNIT_EXPECT_EQ(test, v->job, (u64)i);
		key[i] = 1;
		KUNIT_EXPECT_PTR_EQ(test, (void *)jw_verdict_find(table, key), NULL);
	}
	jw_table_put(table);
}

static void test_first_of_two_equal_keys_stands(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	const struct jw_verdict *v;
	u8 key[JOBWARD_DIGEST_SIZE];

	make_key(key, 1);
	add_verdict(test, table, key, JOBWARD_STATE_DENIED, 1);
	add_verdict(test, table, key, JOBWARD_STATE_APPROVED, 2);
	seal(test, table);
	v = jw_verdict_find(table, key);
	KUNIT_ASSERT_NOT_NULL(test, v);
	KUNIT_EXPECT_EQ(test, v->state, (u8)JOBWARD_STATE_DENIED);
	KUNIT_EXPECT_EQ(test, v->job, 1ull);
	jw_table_put(table);
}

static void test_pins_of_a_verdict(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	u32 i, all[JOBWARD_PINS_MAX + 1], other[] = { 3, 1 };
	u8 key[3][JOBWARD_DIGEST_SIZE];
	const struct jw_verdict *v;
	char path[32];

	for (i = 0; i < 3; i++)
		make_key(key[i], i);
	/* A verdict may only name pins that are there. */
	all[0] = 0;
	KUNIT_EXPECT_EQ(test, add_pinned(table, key[0], 1, all, 1), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		struct jw_pin pin = { .id = { .ino = i }, .size = i, .absent = i == 7 };

		snprintf(path, sizeof(path), "/usr/bin/%u", i);
		KUNIT_ASSERT_EQ(test, jw_table_add_pin(table, &pin, path), 0);
		all[i] = ARRAY_SIZE(all) - 1 - i;
	}
	KUNIT_EXPECT_EQ(test, add_pinned(table, key[0], 1, all, ARRAY_SIZE(all)), -E2BIG);
	KUNIT_EXPECT_EQ(test, table->n_verdicts, 0u);
	KUNIT_EXPECT_EQ(test, add_pinned(table, key[0], 1, all, JOBWARD_PINS_MAX), 0);
	KUNIT_EXPECT_EQ(test, add_pinned(table, key[1], 2, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, add_pinned(table, key[2], 3, other, 2), 0);
	seal(test, table);

	v = jw_verdict_find(table, key[0]);
	KUNIT_ASSERT_NOT_NULL(test, v);
	KUNIT_ASSERT_EQ(test, v->n_pins, (u16)JOBWARD_PINS_MAX);
	for (i = 0; i < v->n_pins; i++) {
		const struct jw_pin *pin = &table->pins[table->pin_refs[v->first_pin + i]];

		snprintf(path, sizeof(path), "/usr/bin/%u", all[i]);
		KUNIT_EXPECT_STREQ(test, table->strings + pin->path, path);
		KUNIT_EXPECT_EQ(test, pin->size, (u64)all[i]);
		KUNIT_EXPECT_EQ(test, pin->absent, all[i] == 7);
	}
	KUNIT_EXPECT_EQ(test, jw_verdict_find(table, key[1])->n_pins, (u16)0);
	v = jw_verdict_find(table, key[2]);
	KUNIT_ASSERT_EQ(test, v->n_pins, (u16)2);
	KUNIT_EXPECT_EQ(test, table->pin_refs[v->first_pin], 3u);
	KUNIT_EXPECT_EQ(test, table->pin_refs[v->first_pin + 1], 1u);
	jw_table_put(table);
}

static void test_units(struct kunit *test)
{
	struct jw_table *table = table_new(test);

	add_unit(test, table, "backup.service", 0, JOBWARD_UNIT_CLASS_TIMER);
	add_unit(test, table, "backup.service", 1000, JOBWARD_UNIT_CLASS_ORDINARY);
	add_unit(test, table, "ssh.service", 0, JOBWARD_UNIT_CLASS_ORDINARY);
	seal(test, table);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "backup.service", 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "backup.service", 1000), (int)JOBWARD_UNIT_CLASS_ORDINARY);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "ssh.service", 0), (int)JOBWARD_UNIT_CLASS_ORDINARY);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "ssh.service", 1000), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "ssh.servic", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "ssh.services", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "SSH.service", 0), -ENOENT);
	jw_table_put(table);
}

/* Rows of one hash chain that differ in the user or in the length of the name only; every second one is there. */
static void test_units_that_are_alike(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	u32 i, wrong = 0;
	char name[201];

	memset(name, 'x', sizeof(name));
	name[200] = 0;
	for (i = 0; i < 4000; i += 2)
		add_unit(test, table, "x.service", i, i / 2 % 2);
	for (i = 2; i < 200; i += 2)
		add_unit(test, table, name + 200 - i, 5000, i / 2 % 2);
	seal(test, table);
	for (i = 0; i < 4000; i++)
		wrong += jw_unit_find(table, "x.service", i) != (i % 2 ? -ENOENT : (int)(i / 2 % 2));
	for (i = 1; i < 200; i++)
		wrong += jw_unit_find(table, name + 200 - i, 5000) != (i % 2 ? -ENOENT : (int)(i / 2 % 2));
	KUNIT_EXPECT_EQ(test, wrong, 0u);
	jw_table_put(table);
}

static void test_instance_of_a_template(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	char name[300];

	add_unit(test, table, "sync@.service", 0, JOBWARD_UNIT_CLASS_TIMER);
	add_unit(test, table, "sync@quiet.service", 0, JOBWARD_UNIT_CLASS_ORDINARY);
	add_unit(test, table, "a.b@.b@c", 0, JOBWARD_UNIT_CLASS_TIMER);
	memset(name, 'x', sizeof(name));
	strcpy(name + 249, "@.serv");
	add_unit(test, table, name, 0, JOBWARD_UNIT_CLASS_TIMER);
	seal(test, table);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@home.service", 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@a@b.c.service", 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@.service", 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	/* An instance with a row of its own has its own class. */
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@quiet.service", 0), (int)JOBWARD_UNIT_CLASS_ORDINARY);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@home.service", 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@home.socket", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "sync@home", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "a.b@c", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "@", 0), -ENOENT);
	/* The cgroup's name comes from outside: longer than any unit's must do no harm. */
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, name, 0), -ENOENT);
	name[280] = '@';
	name[285] = '.';
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, name, 0), -ENOENT);
	/* Cut to what a unit's name can have, the template would be another unit. */
	strcpy(name + 249, "@y.service");
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, name, 0), -ENOENT);
	memset(name + 249, 'x', 50);
	memcpy(name, "sync@", 5);
	name[280] = 'x';
	memcpy(name + 291, ".service", 9);
	name[285] = 'x';
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, name, 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	jw_table_put(table);
}

/* In whichever order the two rows come. */
static void test_stricter_class_of_a_unit_stands(struct kunit *test)
{
	struct jw_table *table = table_new(test);

	add_unit(test, table, "a.service", 0, JOBWARD_UNIT_CLASS_TIMER);
	add_unit(test, table, "a.service", 0, JOBWARD_UNIT_CLASS_ORDINARY);
	add_unit(test, table, "b.service", 0, JOBWARD_UNIT_CLASS_ORDINARY);
	add_unit(test, table, "b.service", 0, JOBWARD_UNIT_CLASS_TIMER);
	seal(test, table);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "a.service", 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	KUNIT_EXPECT_EQ(test, jw_unit_find(table, "b.service", 0), (int)JOBWARD_UNIT_CLASS_TIMER);
	jw_table_put(table);
}

static void test_modules(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	u8 sha256[JOBWARD_DIGEST_SIZE];
	u32 i;

	for (i = 0; i < 100; i++) {
		make_key(sha256, i);
		KUNIT_ASSERT_EQ(test, jw_table_add_module(table, sha256, i % 4), 0);
	}
	seal(test, table);
	for (i = 0; i < 100; i++) {
		make_key(sha256, i);
		KUNIT_EXPECT_EQ(test, jw_module_find(table, sha256), (int)(i % 4));
	}
	make_key(sha256, 100);
	KUNIT_EXPECT_EQ(test, jw_module_find(table, sha256), -ENOENT);
	jw_table_put(table);
}

static void test_objects_are_sealed_with_the_table(struct kunit *test)
{
	struct jw_identity_object object = { .id = { 5, 1, 1 }, .roles = JOBWARD_ROLE_STORE };
	struct jw_table *table = table_new(test);

	KUNIT_ASSERT_EQ(test, jw_identity_add(&table->objects, &object, "/etc/crontab"), 0);
	seal(test, table);
	KUNIT_EXPECT_TRUE(test, jw_identity_maybe(&table->objects, 5));
	KUNIT_EXPECT_NOT_NULL(test, jw_identity_find(&table->objects, &object.id));
	jw_table_put(table);
}

static struct jw_table *one_verdict(struct kunit *test, u64 job)
{
	struct jw_table *table = table_new(test);
	u8 key[JOBWARD_DIGEST_SIZE];

	make_key(key, 0);
	add_verdict(test, table, key, JOBWARD_STATE_APPROVED, job);
	seal(test, table);
	return table;
}

static void test_swap_counts_generations_and_readers_keep_theirs(struct kunit *test)
{
	struct jw_table *reader, *again;
	u8 key[JOBWARD_DIGEST_SIZE];
	u64 first;

	make_key(key, 0);
	KUNIT_ASSERT_PTR_EQ(test, jw_table_get(), NULL);
	jw_table_swap(one_verdict(test, 1));
	reader = jw_table_get();
	KUNIT_ASSERT_NOT_NULL(test, reader);
	first = reader->generation;
	KUNIT_EXPECT_GT(test, first, 0ull);

	jw_table_swap(one_verdict(test, 2));
	/* The old table is out of force, not out of memory: this reader has a reference (KASAN watches). */
	KUNIT_EXPECT_EQ(test, jw_verdict_find(reader, key)->job, 1ull);
	KUNIT_EXPECT_EQ(test, reader->generation, first);
	again = jw_table_get();
	KUNIT_EXPECT_EQ(test, jw_verdict_find(again, key)->job, 2ull);
	KUNIT_EXPECT_EQ(test, again->generation, first + 1);
	jw_table_put(reader);
	jw_table_put(again);

	jw_table_swap(NULL);
	KUNIT_EXPECT_PTR_EQ(test, jw_table_get(), NULL);
	/* A number is never given twice, not even after a time without a table. */
	jw_table_swap(one_verdict(test, 3));
	again = jw_table_get();
	KUNIT_EXPECT_EQ(test, again->generation, first + 2);
	jw_table_put(again);
	jw_table_swap(NULL);
}

static int build(struct jw_table *table, u32 n)
{
	u8 key[JOBWARD_DIGEST_SIZE];
	struct jw_pin pin = { };
	int err = 0;
	u32 i;

	for (i = 0; i < n && !err; i++) {
		struct jw_identity_object object = { .id = { .ino = i } };

		make_key(key, i);
		err = jw_table_add_pin(table, &pin, "/bin/sh");
		if (!err)
			err = add_pinned(table, key, i, &i, 1);
		if (!err)
			err = jw_table_add_unit(table, "x.service", i, JOBWARD_UNIT_CLASS_TIMER);
		if (!err)
			err = jw_table_add_module(table, key, JOBWARD_STATE_APPROVED);
		if (!err)
			err = jw_identity_add(&table->objects, &object, "/x");
	}
	return err ? err : jw_table_seal(table);
}

/*
 * Whichever allocation of a transaction fails: an error, and dropping it is safe. Where kvmalloc() has a second way the
 * failure goes unnoticed, and then the table must be whole.
 */
static void test_no_memory(struct kunit *test)
{
	u32 nth, refused = 0;
	bool failed = true;

	for (nth = 1; nth < 200 && failed; nth++) {
		struct jw_table *table;
		u8 key[JOBWARD_DIGEST_SIZE];
		int err;

		failing_begin(nth);
		table = jw_table_new();
		err = table ? build(table, 40) : -ENOMEM;
		failed = failing_end();
		make_key(key, 39);
		if (err)
			KUNIT_EXPECT_EQ_MSG(test, err, -ENOMEM, "allocation %u", nth);
		else
			KUNIT_EXPECT_NOT_NULL(test, (void *)jw_verdict_find(table, key));
		refused += !!err;
		if (table)
			KUNIT_EXPECT_LT(test, jw_table_bytes(table), (size_t)1 << 20);
		jw_table_put(table);
	}
	KUNIT_EXPECT_FALSE(test, failed);
	KUNIT_EXPECT_GT(test, refused, 10u);
}

/* A row that could not be added whole is not there at all. */
static void test_no_memory_for_a_row(struct kunit *test)
{
	struct jw_table *table = table_new(test);
	struct jw_pin pin = { };
	u32 nth, n = 0, units = 0, refused = 0;

	for (nth = 1; nth <= 3; nth++) {
		/* Long enough to make the strings grow each time. */
		char *path = kunit_kzalloc(test, 1000 << nth, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, path);
		memset(path, 'x', (1000 << nth) - 1);
		failing_begin(nth);
		n += !jw_table_add_pin(table, &pin, path);
		refused += failing_end();
		KUNIT_EXPECT_EQ(test, table->n_pins, n);
		failing_begin(nth);
		units += !jw_table_add_unit(table, path, 0, JOBWARD_UNIT_CLASS_TIMER);
		refused += failing_end();
		KUNIT_EXPECT_EQ(test, table->n_units, units);
	}
	KUNIT_EXPECT_GE(test, refused, 3u);
	seal(test, table);
	jw_table_put(table);
}

/*
 * What slabs and vmalloc() hold. Free memory is no measure: the allocators keep some of it back. Nor is this one before
 * KASAN has its fill of freed objects, which it keeps to catch late uses.
 */
static long pages_used(void)
{
	u32 i;

	for (i = 0; i < 8000; i++)
		kfree(kmalloc(8192, GFP_KERNEL));
	return vmalloc_nr_pages() + global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B);
}

static void drop(struct kunit *test, u32 times)
{
	while (times--) {
		struct jw_table *table = table_new(test);

		KUNIT_ASSERT_EQ(test, build(table, 50000), 0);
		jw_table_put(table);
	}
}

/* Tables that are dropped or replaced give all memory back. The smallest array of one has half a MB. */
static void test_memory_comes_back(struct kunit *test)
{
	const long few = (2l << 20) >> PAGE_SHIFT;
	long before;
	u32 i;

	before = pages_used();
	drop(test, 8);
	KUNIT_EXPECT_LT_MSG(test, pages_used() - before, few, "dropped: %ld pages are gone", pages_used() - before);
	for (i = 0; i < 4; i++) {
		struct jw_table *table = table_new(test);

		KUNIT_ASSERT_EQ(test, build(table, 50000), 0);
		jw_table_swap(table);
	}
	jw_table_swap(NULL);
	KUNIT_EXPECT_LT_MSG(test, pages_used() - before, few, "replaced: %ld pages are gone", pages_used() - before);
}

static struct kunit_case verdict_cases[] = {
	KUNIT_CASE(test_empty_table_answers_nothing),
	KUNIT_CASE(test_lookup_of_many),
	KUNIT_CASE(test_keys_of_one_slot),
	KUNIT_CASE(test_first_of_two_equal_keys_stands),
	KUNIT_CASE(test_pins_of_a_verdict),
	KUNIT_CASE(test_units),
	KUNIT_CASE(test_units_that_are_alike),
	KUNIT_CASE(test_instance_of_a_template),
	KUNIT_CASE(test_stricter_class_of_a_unit_stands),
	KUNIT_CASE(test_modules),
	KUNIT_CASE(test_objects_are_sealed_with_the_table),
	KUNIT_CASE(test_swap_counts_generations_and_readers_keep_theirs),
	KUNIT_CASE(test_no_memory),
	KUNIT_CASE(test_no_memory_for_a_row),
	KUNIT_CASE(test_memory_comes_back),
	{ }
};

static struct kunit_suite verdict_suite = {
	.name = "jobward_verdict",
	.test_cases = verdict_cases,
};
kunit_test_suite(verdict_suite);
