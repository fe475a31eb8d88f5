// SPDX-License-Identifier: GPL-2.0
/* The chain over the events: what breaks it, and how retention cuts its beginning off without breaking it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <openssl/sha.h>
#include "store_events.h"

static void expect_chain(struct jw_store *store, uint64_t checked)
{
	uint64_t n = 0, bad = 0;

	assert_int_equal(jw_store_verify(store, &n, &bad), 0);
	assert_int_equal(n, checked);
}

/* The same by hand, from the description: another implementation must come to the same bytes. */
static void test_hash_is_as_described(void **state)
{
	struct jw_store *store = open_store();
	uint8_t buf[4096] = { 0 }, sum[SHA256_DIGEST_LENGTH];
	char sql[128], hex[65], *doc, *hash;
	int row, i;

	assert_int_equal(append_range(store, BOOT, 1, 3, NULL), 0);
	for (row = 1; row <= 3; row++) {
		snprintf(sql, sizeof(sql), "SELECT doc FROM event WHERE id = %d", row);
		doc = query(scratch_path(DB), sql);
		snprintf(sql, sizeof(sql), "SELECT lower(hex(hash)) FROM event WHERE id = %d", row);
		hash = query(scratch_path(DB), sql);
		memset(buf + 32, 0, 8);
		buf[39] = (uint8_t)row;
		memcpy(buf + 40, doc, strlen(doc));
		SHA256(buf, 40 + strlen(doc), sum);
		memcpy(buf, sum, sizeof(sum));
		for (i = 0; i < 32; i++)
			sprintf(hex + 2 * i, "%02x", sum[i]);
		assert_string_equal(hash, hex);
		free(doc);
		free(hash);
	}
	jw_store_close(store);
}

/* Each tampering, and the first row that does not hold. */
static void test_tampering(void **state)
{
	static const struct { const char *what, *sql; uint64_t bad;
	} cases[] = {
		{ "a document", "UPDATE event SET doc = replace(doc, 'bash', 'dash') WHERE id = 7", 7 },
		{ "a blank in a document", "UPDATE event SET doc = doc || ' ' WHERE id = 20", 20 },
		{ "a hash", "UPDATE event SET hash = zeroblob(32) WHERE id = 7", 7 },
		{ "a short hash", "UPDATE event SET hash = x'00' WHERE id = 7", 7 },
		{ "a row out", "DELETE FROM event WHERE id = 7", 8 },
		{ "the first row out", "DELETE FROM event WHERE id = 1", 2 },
		{ "the first three out", "DELETE FROM event WHERE id < 4", 4 },
		{ "a row put in",
		  "INSERT INTO event (id, time_ns, kind, action, verdict, doc, hash) SELECT 21, time_ns, kind,"
		  " action, verdict, doc, hash FROM event WHERE id = 20",
		  21 },
		{ "two rows exchanged",
		  "UPDATE event SET id = 99 WHERE id = 7; UPDATE event SET id = 7 WHERE id = 8;"
		  "UPDATE event SET id = 8 WHERE id = 99",
		  7 },
		{ "numbers moved up", "UPDATE event SET id = id + 100", 101 },
		{ "a cut that never was",
		  "DELETE FROM event WHERE id < 4; INSERT INTO cut (time_ns, last_row, anchor, record)"
		  " SELECT 1, 3, zeroblob(32), 4",
		  4 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_store *store = open_store();
		uint64_t checked = 0, bad = 0;
		int r;

		assert_int_equal(append_range(store, BOOT, 1, 20, NULL), 0);
		expect_chain(store, 20);
		tamper(scratch_path(DB), cases[i].sql);
		r = jw_store_verify(store, &checked, &bad);
		if (r != -EBADMSG || bad != cases[i].bad)
			fail_msg("%s: returned %d, bad row %llu", cases[i].what, r, (unsigned long long)bad);
		jw_store_close(store);
		unlink(scratch_path(DB));
	}
}

/* The columns are for finding; the document is what counts. Tampering with a column alone does not alter an event. */
static int expect_bash(void *ctx, uint64_t row, const struct jw_event *event)
{
	(void)ctx;
	(void)row;
	assert_string_equal(event->subject.exe, "/usr/bin/bash");
	return 0;
}

static void test_columns_decide_nothing(void **state)
{
	struct jw_store *store = open_store();

	assert_int_equal(append_range(store, BOOT, 1, 3, NULL), 0);
	tamper(scratch_path(DB), "UPDATE event SET exe = '/bin/other'");
	assert_int_equal(jw_store_events(store, &all_events, expect_bash, NULL), 0);
	jw_store_close(store);
}

static void test_empty(void **state)
{
	struct jw_store *store = open_store();
	uint64_t deleted = 1;

	expect_chain(store, 0);
	assert_int_equal(jw_store_retain(store, INT64_MAX, 1, &deleted), 0);
	assert_int_equal(deleted, 0);
	jw_store_close(store);
}

/* ---- retention ---- */

static void test_retain_by_age(void **state)
{
	struct jw_store *store = open_store();
	uint64_t deleted;
	size_t n;

	assert_int_equal(append_range(store, BOOT, 1, 100, NULL), 0);
	assert_int_equal(jw_store_retain(store, 0, 0, &deleted), 0);
	assert_int_equal(deleted, 0);
	expect_chain(store, 100);
	assert_int_equal(jw_store_retain(store, (int64_t)(T0 + 41 * SECOND), 0, &deleted), 0);
	assert_int_equal(deleted, 40);
	/* 60 are left, and the record of the cut. */
	expect_chain(store, 61);
	expect_query("SELECT action FROM events WHERE kind = 'admin'", "delete");
	expect_query("SELECT substr(json_extract(doc, '$.detail'), 1, 32) FROM events WHERE kind = 'admin'",
		     "retention: rows 1 to 40 deleted,");
	/* What is gone does not come again, what is new does. */
	assert_int_equal(append_range(store, BOOT, 30, 105, &n), 0);
	assert_int_equal(n, 5);
	expect_chain(store, 66);
	/* A second cut, which takes the record of the first one along. */
	assert_int_equal(jw_store_retain(store, (int64_t)(T0 + 105 * SECOND), 0, &deleted), 0);
	assert_int_equal(deleted, 60);
	expect_query("SELECT count(*) FROM cut", "2");
	expect_chain(store, 7);
	jw_store_close(store);
	store = open_store();
	expect_chain(store, 7);
	jw_store_close(store);
}

/* Everything is old: the end of the chain stays, so that it can go on. */
static void test_retain_keeps_the_end(void **state)
{
	struct jw_store *store = open_store();
	uint64_t deleted, seq;
	size_t n;

	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	assert_int_equal(jw_store_retain(store, (int64_t)(T0 + 100 * SECOND), 0, &deleted), 0);
	assert_int_equal(deleted, 9);
	expect_chain(store, 2);
	assert_int_equal(jw_store_last_seq(store, BOOT, &seq), 0);
	assert_int_equal(seq, 10);
	assert_int_equal(append_range(store, BOOT, 1, 12, &n), 0);
	assert_int_equal(n, 2);
	expect_chain(store, 4);
	jw_store_close(store);
}

static void test_retain_by_size(void **state)
{
	struct jw_store *store = open_store();
	uint64_t deleted;
	struct stat st;
	int i;

	for (i = 0; i < 20; i++)
		assert_int_equal(append_range(store, BOOT, 1 + 500 * (uint64_t)i, 500 + 500 * (uint64_t)i, NULL), 0);
	/* Each call comes nearer, since the tables and indexes have a size of their own; a slow machine takes more
	 * calls. */
	for (i = 0, deleted = 1; deleted && i < 100; i++)
		assert_true(jw_store_retain(store, 0, 1 << 20, &deleted) >= 0);
	assert_int_equal(deleted, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(jw_store_retain(store, 0, 1 << 20, &deleted), 0);
	jw_store_close(store);
	assert_int_equal(stat(scratch_path(DB), &st), 0);
	/* An eighth may be free pages. */
	assert_in_range(st.st_size, 1 << 18, (1 << 20) + (1 << 18));
	store = open_store();
	assert_int_equal(append_range(store, BOOT, 10001, 10010, NULL), 0);
	assert_int_equal(jw_store_verify(store, NULL, NULL), 0);
	jw_store_close(store);
}

/* The clock was a day ahead for a while: the rows of that time end what can be cut, not the chain. */
static void test_retain_with_a_stepped_clock(void **state)
{
	struct jw_store *store = open_store();
	struct jw_event event = make_event(BOOT, 11);
	uint64_t deleted;

	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	event.time_ns += 86400 * SECOND;
	assert_int_equal(jw_store_append(store, &event, 1, NULL), 0);
	assert_int_equal(append_range(store, BOOT, 12, 20, NULL), 0);
	assert_int_equal(jw_store_retain(store, (int64_t)(T0 + 1000 * SECOND), 0, &deleted), 0);
	assert_int_equal(deleted, 10);
	assert_int_equal(jw_store_verify(store, NULL, NULL), 0);
	jw_event_done(&event);
	jw_store_close(store);
}

static void test_cut_is_watched(void **state)
{
	static const struct { const char *what, *sql; } cases[] = {
		{ "the anchor", "UPDATE cut SET anchor = zeroblob(32)" },
		{ "the row", "UPDATE cut SET last_row = last_row + 1" },
		{ "the record named", "UPDATE cut SET record = record - 1" },
		{ "no record any more", "DELETE FROM event WHERE kind = 'admin'" },
		{ "no cut", "DELETE FROM cut" },
		{ "more cut than is said", "DELETE FROM event WHERE id = 41" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_store *store = open_store();
		uint64_t bad = 0;

		assert_int_equal(append_range(store, BOOT, 1, 100, NULL), 0);
		assert_int_equal(jw_store_retain(store, (int64_t)(T0 + 41 * SECOND), 0, NULL), 0);
		tamper(scratch_path(DB), cases[i].sql);
		if (jw_store_verify(store, NULL, &bad) != -EBADMSG || !bad)
			fail_msg("%s: not found out", cases[i].what);
		jw_store_close(store);
		unlink(scratch_path(DB));
	}
}

static void test_retain_readonly(void **state)
{
	struct jw_store *store = open_store(), *reader;

	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	assert_int_equal(jw_store_open(&reader, scratch_path(DB), true, NULL), 0);
	assert_int_equal(jw_store_retain(reader, INT64_MAX, 0, NULL), -EROFS);
	expect_chain(reader, 10);
	jw_store_close(reader);
	jw_store_close(store);
}

/* No space in the middle of a cut: all of it or nothing. */
static void test_retain_on_a_full_disk(void **state)
{
	struct jw_store *store = open_store();
	int r;

	assert_int_equal(append_range(store, BOOT, 1, 1000, NULL), 0);
	assert_int_equal(jw_sql_exec(store, "PRAGMA max_page_count = 1"), 0);
	r = jw_store_retain(store, (int64_t)(T0 + 500 * SECOND), 0, NULL);
	assert_true(r == 0 || r == -ENOSPC);
	assert_int_equal(jw_store_verify(store, NULL, NULL), 0);
	jw_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hash_is_as_described),
		TEST(test_tampering),
		TEST(test_columns_decide_nothing),
		TEST(test_empty),
		TEST(test_retain_by_age),
		TEST(test_retain_keeps_the_end),
		TEST(test_retain_by_size),
		TEST(test_retain_with_a_stepped_clock),
		TEST(test_cut_is_watched),
		TEST(test_retain_readonly),
		TEST(test_retain_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
