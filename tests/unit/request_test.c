// SPDX-License-Identifier: GPL-2.0
/* Requests about jobs that are decided together: all of them or none. No kernel module: what is judged is what counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "daemon/control.h"
#include "daemon/reconcile.h"
#include "unit/scratch.h"

static const struct jw_peer peer = { .words = "root (uid 0)" };

/* Jobs 1 to 3, none approved. */
static int set_up(void **state)
{
	static const char *const commands[] = { "one", "two", "three" };
	struct manager *m = calloc(1, sizeof(*m));
	int r = m ? scratch_set_up(state) : -1;

	*state = m;
	for (size_t i = 0; i < 3 && !r; i++) {
		struct jw_job *job = jw_jobs_add(&m->inventory.jobs);

		*job = (struct jw_job){ .id = i + 1, .scheduler = JOBWARD_SCHEDULER_CRON, .owner = strdup("root"),
					.command = strdup(commands[i]), .path = strdup("/etc/cron.d/x") };
	}
	m->inventory.rules = calloc(3, sizeof(*m->inventory.rules));
	return r ? r : jw_store_open(&m->store, scratch_path("db"), false, NULL);
}

static int tear_down(void **state)
{
	struct manager *m = *state;

	jw_inventory_done(&m->inventory);
	jw_decisions_free(m->decisions, m->n_decisions);
	jw_store_close(m->store);
	free(m);
	return scratch_tear_down(state);
}

/* Return: 0, or the code of the refusal. */
static int ask(struct manager *m, const char *text)
{
	json_auto_t *request = json_loads(text, 0, NULL), *reply = jw_request(m, request, &peer);

	assert_non_null(reply);
	return json_is_true(json_object_get(reply, "ok")) ? 0 : (int)json_integer_value(json_object_get(reply, "code"));
}

/* What the inventory says, and what the store says after it is judged anew, must be the same. */
static void expect(struct manager *m, enum jobward_state one, enum jobward_state two, enum jobward_state three)
{
	for (int i = 0; i < 2; i++) {
		assert_int_equal(m->inventory.jobs.v[0].state, one);
		assert_int_equal(m->inventory.jobs.v[1].state, two);
		assert_int_equal(m->inventory.jobs.v[2].state, three);
		assert_int_equal(jw_rejudge(m), 0);
	}
}

static void test_revoke_is_all_or_none(void **state)
{
	struct manager *m = *state;

	assert_int_equal(ask(m, "{\"cmd\": \"approve\", \"jobs\": [\"1\", \"2\"]}"), 0);
	expect(m, JOBWARD_STATE_APPROVED, JOBWARD_STATE_APPROVED, JOBWARD_STATE_UNKNOWN);
	/* there is no decision about 3 */
	assert_int_equal(ask(m, "{\"cmd\": \"revoke\", \"jobs\": [\"1\", \"3\", \"2\"]}"), 1);
	expect(m, JOBWARD_STATE_APPROVED, JOBWARD_STATE_APPROVED, JOBWARD_STATE_UNKNOWN);
	assert_int_equal(ask(m, "{\"cmd\": \"revoke\", \"jobs\": [\"1\", \"2\"]}"), 0);
	expect(m, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_UNKNOWN);
}

static void test_one_that_is_named_twice(void **state)
{
	struct manager *m = *state;

	assert_int_equal(ask(m, "{\"cmd\": \"deny\", \"jobs\": [\"2\", \"3\", \"2\"]}"), 0);
	expect(m, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_DENIED, JOBWARD_STATE_DENIED);
	assert_int_equal(m->n_decisions, 2);
	assert_int_equal(ask(m, "{\"cmd\": \"revoke\", \"jobs\": [\"2\", \"2\"]}"), 0);
	expect(m, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_DENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_revoke_is_all_or_none), TEST(test_one_that_is_named_twice) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
