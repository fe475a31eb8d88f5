// SPDX-License-Identifier: GPL-2.0
/* Findings of rules in the store: once each, beside those about jobward itself, and bounded in number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "store_events.h"

static struct jw_rule_finding *add(struct jw_rule_findings *list, uint32_t key, int64_t ns)
{
	struct jw_rule_finding *finding = jw_rule_findings_add(list);

	assert_non_null(finding);
	finding->rule = strdup("a-rule");
	finding->text = strdup("words");
	finding->because = strdup("b");
	finding->technique = strdup("T1053");
	finding->mitigation = strdup("M1018");
	finding->advice = strdup("a");
	finding->severity = JW_HUNT_MEDIUM;
	memcpy(finding->key, &key, sizeof(key));
	finding->job = 7;
	finding->rows[finding->n_rows++] = key;
	finding->since_ns = finding->last_ns = ns;
	return finding;
}

static size_t waiting(struct jw_store *store, const struct jw_finding_filter *filter)
{
	struct jw_rule_findings list = { 0 };
	size_t n;

	assert_int_equal(jw_store_rule_findings(store, filter, &list), 0);
	n = list.n;
	jw_rule_findings_done(&list);
	return n;
}

static void test_once(void **state)
{
	const struct jw_decision_end end = { .time_ns = 5, .by = "root", .reason = "known" };
	struct jw_rule_findings first = { 0 }, second = { 0 }, list = { 0 };
	struct jw_store *store;
	size_t left_out, missing;
	uint64_t ids[2];

	assert_int_equal(jw_store_open(&store, scratch_path("db"), false, NULL), 0);
	add(&first, 1, 100);
	assert_int_equal(jw_store_put_rule_findings(store, &first, &left_out), 0);
	assert_true(first.v[0].is_new);
	add(&second, 1, 100 + 3600000000000)->rows[0] = 9;
	add(&second, 2, 100);
	assert_int_equal(jw_store_put_rule_findings(store, &second, &left_out), 0);
	assert_false(second.v[0].is_new);
	assert_true(second.v[1].is_new);
	assert_int_equal(second.v[0].id, first.v[0].id);
	assert_int_equal(left_out, 0);

	/* those about jobward itself have names of their own */
	assert_int_equal(jw_store_put_finding(store, "a-rule", "jobward is ill", 1), 0);
	assert_int_equal(jw_store_clear_finding(store, "a-rule"), 0);
	assert_int_equal(waiting(store, &(struct jw_finding_filter){ 0 }), 2);
	assert_int_equal(waiting(store, &(struct jw_finding_filter){ .job = 8 }), 0);
	assert_int_equal(waiting(store, &(struct jw_finding_filter){ .row = 9 }), 1);

	ids[0] = first.v[0].id;
	ids[1] = 99;
	assert_int_equal(jw_store_acknowledge(store, ids, 2, &end, &missing), -ENOENT);
	assert_int_equal(missing, 1);
	assert_int_equal(waiting(store, &(struct jw_finding_filter){ 0 }), 2);
	assert_int_equal(jw_store_acknowledge(store, ids, 1, &end, &missing), 0);
	assert_int_equal(waiting(store, &(struct jw_finding_filter){ 0 }), 1);
	assert_int_equal(jw_store_rule_findings(store, &(struct jw_finding_filter){ .all = true, .id = ids[0] }, &list), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].n_rows, 2);
	assert_int_equal(list.v[0].since_ns, 100);
	assert_int_equal(list.v[0].last_ns, 100 + 3600000000000);
	assert_int_equal(list.v[0].acknowledged_ns, 5);
	assert_string_equal(list.v[0].acknowledged_reason, "known");
	jw_rule_findings_done(&first);
	jw_rule_findings_done(&second);
	jw_rule_findings_done(&list);
	jw_store_close(store);
}

/* Whoever makes findings without end does not fill the disk. */
static void test_bounded(void **state)
{
	struct jw_rule_findings list = { 0 };
	struct jw_store *store;
	size_t left_out;
	uint32_t i;

	assert_int_equal(jw_store_open(&store, scratch_path("db"), false, NULL), 0);
	for (i = 0; i < 10100; i++)
		add(&list, i + 1, 100);
	assert_int_equal(jw_store_put_rule_findings(store, &list, &left_out), 0);
	assert_int_equal(left_out, 100);
	assert_int_equal(waiting(store, &(struct jw_finding_filter){ 0 }), 10000);
	assert_int_equal(jw_store_put_rule_findings(store, &list, &left_out), 0);
	assert_int_equal(left_out, 100);
	jw_rule_findings_done(&list);
	jw_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_bounded, scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests_name("store_finding", tests, NULL, NULL);
}
