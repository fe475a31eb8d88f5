// SPDX-License-Identifier: GPL-2.0
/* When the daemon deletes old events again. The store is a stand-in: a real one takes seconds to have more than one turn's work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "daemon/retention.h"

static int answer;

int jw_store_retain(struct jw_store *store, int64_t before_ns, uint64_t max_bytes, uint64_t *ret_deleted)
{
	*ret_deleted = 2000;
	return answer;
}

/* Seconds from one turn, whose answer is @r, to the next. */
static uint64_t pause_after(int r)
{
	struct jw_policy policy = { .retention_days = 1 };
	struct manager m = { .policy = &policy, .store = (struct jw_store *)&policy };
	uint64_t now, next;

	answer = r;
	assert_true(sd_event_new(&m.event) >= 0);
	assert_int_equal(jw_retention_init(&m), 0);
	assert_true(sd_event_source_set_time(m.retention_timer, 0) >= 0);
	assert_true(sd_event_run(m.event, 0) > 0);
	assert_true(sd_event_now(m.event, CLOCK_MONOTONIC, &now) >= 0);
	assert_true(sd_event_source_get_time(m.retention_timer, &next) >= 0);
	sd_event_source_disable_unref(m.retention_timer);
	sd_event_unref(m.event);
	return (next - now) / 1000000;
}

static void test_all_is_done(void **state)
{
	assert_in_range(pause_after(0), 3000, 3700);
}

static void test_more_to_do(void **state)
{
	assert_in_range(pause_after(1), 1, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_is_done), cmocka_unit_test(test_more_to_do) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
