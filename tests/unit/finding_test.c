// SPDX-License-Identifier: GPL-2.0
/* Findings: what becomes one, how long it stands, and what of them outlives a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/finding.h"
#include "unit/scratch.h"

#define HOUR_NS (3600 * NS_PER_SEC)

static int set_up(void **state)
{
	struct manager *m = calloc(1, sizeof(*m));

	*state = m;
	return !m || scratch_set_up(state) ? -1 : (*state = m, jw_store_open(&m->store, scratch_path("db"), false, NULL));
}

static int tear_down(void **state)
{
	static const char *const names[] = { "store-gone", "store-damaged", "kernel", "policy" };
	struct manager *m = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		jw_finding_clear(m, names[i]);
	jw_store_close(m->store);
	free(m);
	return scratch_tear_down(state);
}

struct sought {
	const char *name;
	int64_t since_ns;	/* 0: does not stand */
};

static int look(void *ctx, const char *name, const char *text, int64_t since_ns)
{
	struct sought *sought = ctx;

	if (!strcmp(name, sought->name))
		sought->since_ns = since_ns;
	return 0;
}

static int64_t since(struct manager *m, const char *name)
{
	struct sought sought = { .name = name };

	assert_int_equal(jw_store_findings(m->store, look, &sought), 0);
	return sought.since_ns;
}

static void test_the_past_is_over_after_a_day(void **state)
{
	struct manager *m = *state;
	int64_t now_ns = jw_now_ns();

	jw_finding(m, "store-gone", "gone");
	jw_finding(m, "kernel", "no module");
	jw_finding_expire(m, now_ns + 23 * HOUR_NS);
	assert_true(since(m, "store-gone"));
	jw_finding_expire(m, now_ns + 25 * HOUR_NS);
	assert_false(since(m, "store-gone"));
	/* a state stands as long as it lasts */
	assert_true(since(m, "kernel"));
}

static void test_what_happens_again_has_its_own_day(void **state)
{
	struct manager *m = *state;
	int64_t first_ns;

	jw_finding(m, "store-gone", "gone");
	first_ns = since(m, "store-gone");
	jw_finding(m, "store-gone", "gone");
	assert_true(since(m, "store-gone") > first_ns);
	jw_finding_expire(m, first_ns + 24 * HOUR_NS + 1);
	assert_true(since(m, "store-gone"));
}

/* As a process finds it that was started after the one that put the findings. */
static void test_the_past_outlives_a_process_and_ends_all_the_same(void **state)
{
	struct manager *m = *state;
	int64_t now_ns = jw_now_ns(), an_hour_ago_ns = now_ns - HOUR_NS;

	jw_store_put_finding(m->store, "store-gone", "gone", an_hour_ago_ns);
	jw_store_put_finding(m->store, "store-damaged", "damaged", now_ns - 25 * HOUR_NS);
	jw_store_put_finding(m->store, "policy", "broken", an_hour_ago_ns);
	jw_finding_store_opened(m);
	assert_true(since(m, "store-gone") == an_hour_ago_ns);
	assert_false(since(m, "store-damaged"));
	assert_false(since(m, "policy"));
	jw_finding_expire(m, now_ns + 23 * HOUR_NS + NS_PER_SEC);
	assert_false(since(m, "store-gone"));
}

static void test_what_stands_goes_into_a_new_store(void **state)
{
	struct manager *m = *state;
	int64_t since_ns;

	jw_finding(m, "kernel", "no module");
	since_ns = since(m, "kernel");
	jw_store_close(m->store);
	assert_int_equal(jw_store_open(&m->store, scratch_path("another"), false, NULL), 0);
	jw_finding_store_opened(m);
	assert_true(since(m, "kernel") == since_ns);
}

static void test_only_errors_stand(void **state)
{
	struct manager *m = *state;
	struct jw_diags diags = { 0 };

	/* what opening an empty file says */
	jw_store_close(m->store);
	scratch_write("empty", "");
	assert_int_equal(jw_store_open(&m->store, scratch_path("empty"), false, &diags), 0);
	assert_int_equal(diags.n, 1);
	jw_finding_from_diags(m, "store-damaged", &diags);
	assert_false(since(m, "store-damaged"));
	jw_diag_add(&diags, JW_DIAG_ERROR, "db", 0, 0, "no database");
	jw_finding_from_diags(m, "store-damaged", &diags);
	assert_true(since(m, "store-damaged"));
	jw_diags_done(&diags);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_past_is_over_after_a_day),
		TEST(test_what_happens_again_has_its_own_day),
		TEST(test_the_past_outlives_a_process_and_ends_all_the_same),
		TEST(test_what_stands_goes_into_a_new_store),
		TEST(test_only_errors_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
