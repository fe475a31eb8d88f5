// SPDX-License-Identifier: GPL-2.0
/* Hunts: the head of a file, folders; and questions to a store that are stopped on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "store_events.h"
#include "hunt.h"

#define HEAD "-- technique: T1053\n-- severity: low\n-- tells: x\n-- reading: y\n"

#define RULE HEAD "-- because: b\n-- finding: {x}\n-- key: x\n-- mitigation: M1018 M1026\n"

static const struct { const char *text, *cause; unsigned int line; } heads[] = {
	{ HEAD "SELECT 1", NULL, 0 },
	{ "-- SPDX-License-Identifier: GPL-2.0\n" HEAD "--\n-- reading: again\n", "this key was there already", 7 },
	{ "", "the head lacks its 'technique:'", 1 },
	{ "-- technique: T1053", "the head lacks its 'severity:'", 1 },
	{ "-- technique: T1053\n-- severity: low\n-- tells: x\n", "the head lacks its 'reading:'", 1 },
	{ "-- severity: low\n-- technique: T1053,T1054\n-- tells: x\n-- reading: y", "a technique is written T1053 or T1053.003", 2 },
	{ "-- technique: T1053 \n--   T1053.003\n-- severity: LOW\n-- tells: x\n-- reading: y", "a severity is low, medium or high", 3 },
	{ "--   more of nothing\n" HEAD, NULL, 1 },
	{ "--\n--\n" HEAD "-- mine: x\n", NULL, 7 },
	{ "\n" HEAD, "the head lacks its 'technique:'", 1 },
	{ RULE "-- advice: a\nSELECT 1", NULL, 0 },
	{ RULE, "a rule lacks its 'advice:'", 1 },
	{ HEAD "-- key: x\n", "a rule lacks its 'because:'", 1 },
	{ HEAD "-- because: b\n-- finding: {x}\n-- key: x\n-- mitigation: T1018\n-- advice: a\n", "a mitigation is written M1018", 8 },
	{ HEAD "-- because: b\n-- finding: {x}\n-- key: x\n-- mitigation: M1018 \n--   M10\n-- advice: a\n",
	  "a mitigation is written M1018", 8 },
};

static void test_head(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct jw_diags diags = { 0 };
		struct jw_hunt hunt = { 0 };
		int r = jw_hunt_parse(&hunt, "a-name", "x.sql", heads[i].text, strlen(heads[i].text), &diags);

		assert_int_equal(r, heads[i].line ? -EINVAL : 0);
		assert_int_equal(diags.n, heads[i].line ? 1 : 0);
		if (heads[i].line)
			assert_int_equal(diags.v[0].line, heads[i].line);
		if (heads[i].cause)
			assert_string_equal(diags.v[0].cause, heads[i].cause);
		jw_hunt_done(&hunt);
		jw_diags_done(&diags);
	}
}

static void test_head_values(void **state)
{
	const char *text = "-- technique: T1053\n--   T1053.003\n-- severity: high\n-- tells:   a: b \n-- reading:\n--    long\n"
			   "--   and\t\n--\n-- SPDX-x: y\nSELECT 1 -- more: x";
	struct jw_diags diags = { 0 };
	struct jw_hunt hunt = { 0 };

	assert_int_equal(jw_hunt_parse(&hunt, "n", "f", text, strlen(text), &diags), 0);
	assert_string_equal(hunt.technique, "T1053 T1053.003");
	assert_int_equal(hunt.severity, JW_HUNT_HIGH);
	assert_string_equal(hunt.tells, "a: b");
	assert_string_equal(hunt.reading, "long and");
	assert_string_equal(hunt.sql, text);
	jw_hunt_done(&hunt);
}

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(scratch_path(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* In the order of names; the later folder's takes the place of the earlier's, unless it is wrong. */
static void test_folders(void **state)
{
	struct jw_hunts hunts = { 0 };
	struct jw_diags diags = { 0 };

	mkdir(scratch_path("one"), 0700);
	mkdir(scratch_path("two"), 0700);
	put_file("one/b.sql", HEAD "SELECT 'one'");
	put_file("one/a.sql", HEAD);
	put_file("one/c.sql", HEAD "SELECT 'one'");
	put_file("two/b.sql", HEAD "SELECT 'two'");
	put_file("two/c.sql", "SELECT 'two'");
	assert_int_equal(jw_hunts_load(&hunts, scratch_path("one"), &diags), 0);
	assert_int_equal(jw_hunts_load(&hunts, scratch_path("two"), &diags), 0);
	assert_int_equal(jw_hunts_load(&hunts, scratch_path("three"), &diags), -ENOENT);
	assert_int_equal(hunts.n, 3);
	assert_string_equal(hunts.v[0].name, "a");
	assert_non_null(strstr(jw_hunts_find(&hunts, "b")->sql, "two"));
	assert_non_null(strstr(jw_hunts_find(&hunts, "c")->sql, "one"));
	assert_null(jw_hunts_find(&hunts, "d"));
	assert_int_equal(diags.n, 1);
	jw_hunts_done(&hunts);
	jw_diags_done(&diags);
}

static int no_columns(void *ctx, const char *const *names, size_t n)
{
	return 0;
}

static int count_row(void *ctx, const struct jw_value *values, size_t n)
{
	return ++*(size_t *)ctx == 3 ? 7 : 0;
}

/* What stops early leaves nothing behind: the store answers its own questions as before. */
static void test_asking(void **state)
{
	struct jw_diags diags = { 0 };
	size_t rows = 0;
	struct jw_question question = { .sql = "SELECT row, object FROM events", .columns = no_columns, .row = count_row,
					.ctx = &rows };
	struct jw_store *store;
	struct jw_fault fault;

	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), 0);
	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	assert_int_equal(jw_store_ask(store, &question, &fault), -EINVAL);
	jw_store_close(store);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), true, &diags), 0);
	assert_int_equal(jw_store_ask(store, &question, &fault), 7);
	assert_int_equal(rows, 3);
	question.sql = "DELETE FROM event";
	assert_int_equal(jw_store_ask(store, &question, &fault), -EACCES);
	question.sql = "SELECT 1,\n\n nix";
	assert_int_equal(jw_store_ask(store, &question, &fault), -EINVAL);
	assert_int_equal(fault.line, 3);
	assert_int_equal(fault.column, 2);
	question.sql = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT max(n) FROM x";
	question.timeout_ms = 200;
	assert_int_equal(jw_store_ask(store, &question, &fault), -ETIMEDOUT);
	assert_int_equal(count_events(store), 10);
	jw_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_head), TEST(test_head_values), TEST(test_folders), TEST(test_asking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
