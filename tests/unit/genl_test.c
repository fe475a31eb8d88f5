// SPDX-License-Identifier: GPL-2.0
/* Attributes of the protocol → structs: whole messages, short ones, and more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <netlink/msg.h>
#include "lib/genl_read.h"

static struct nl_msg *msg;

static int set_up(void **state)
{
	msg = nlmsg_alloc_size(65536);
	return msg ? 0 : -1;
}

static int tear_down(void **state)
{
	nlmsg_free(msg);
	return 0;
}

static void test_event_with_everything(void **state)
{
	struct nlattr *event = nla_nest_start(msg, JOBWARD_A_CONTROL_EVENT), *nest, *ancestor;
	struct jw_event e = { 0 };
	uint8_t key[JOBWARD_DIGEST_SIZE] = { 1, 2, 3 };

	nla_put_u64(msg, JOBWARD_A_EVENT_SEQ, 7);
	nla_put_u32(msg, JOBWARD_A_EVENT_KIND, JOBWARD_KIND_WRITE);
	nla_put_u32(msg, JOBWARD_A_EVENT_VERDICT, JOBWARD_VERDICT_DENY);
	nla_put(msg, JOBWARD_A_EVENT_KEY, sizeof(key), key);
	nla_put(msg, JOBWARD_A_EVENT_ARGV, 6, "sh\0-c");
	nest = nla_nest_start(msg, JOBWARD_A_EVENT_SUBJECT);
	nla_put_u32(msg, JOBWARD_A_SUBJECT_AUID, 1000);
	nla_put_string(msg, JOBWARD_A_SUBJECT_EXE, "/usr/bin/x");
	for (int i = 0; i < 2; i++) {
		ancestor = nla_nest_start(msg, JOBWARD_A_SUBJECT_ANCESTOR);
		nla_put_u32(msg, JOBWARD_A_ANCESTOR_PID, 10 + i);
		nla_nest_end(msg, ancestor);
	}
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, JOBWARD_A_EVENT_OBJECT);
	nla_put_string(msg, JOBWARD_A_OBJECT_PATH, "/etc/cron.d/x");
	nla_put_u64(msg, JOBWARD_A_OBJECT_CLASSES, 5);
	nla_put_u32(msg, JOBWARD_A_OBJECT_FAMILY, JOBWARD_FAMILY_IPV4);
	nla_put_u32(msg, JOBWARD_A_OBJECT_PROTOCOL, JOBWARD_PROTOCOL_TCP);
	nla_put(msg, JOBWARD_A_OBJECT_ADDRESS, 4, "\300\0\2\1");
	nla_put_u32(msg, JOBWARD_A_OBJECT_PORT, 443);
	nla_nest_end(msg, nest);
	/* An address of no family's length is none. */
	nest = nla_nest_start(msg, JOBWARD_A_EVENT_TARGET);
	nla_put(msg, JOBWARD_A_OBJECT_ADDRESS, 5, "12345");
	nla_nest_end(msg, nest);
	nla_nest_end(msg, event);

	assert_int_equal(jw_genl_read_event(event, &e), 0);
	assert_int_equal(e.seq, 7);
	assert_int_equal(e.verdict, JOBWARD_VERDICT_DENY);
	assert_true(e.has_key);
	assert_memory_equal(e.key, key, sizeof(key));
	assert_int_equal(e.argv_len, 6);
	assert_memory_equal(e.argv, "sh\0-c", 6);
	assert_true(e.subject.has_auid);
	assert_false(e.subject.has_session);
	assert_int_equal(e.subject.n_ancestors, 2);
	assert_int_equal(e.subject.ancestors[1].pid, 11);
	assert_string_equal(e.object.path, "/etc/cron.d/x");
	assert_int_equal(e.object.classes, 5);
	assert_int_equal(e.object.family, JOBWARD_FAMILY_IPV4);
	assert_int_equal(e.object.protocol, JOBWARD_PROTOCOL_TCP);
	assert_string_equal(e.object.address, "192.0.2.1");
	assert_int_equal(e.object.port, 443);
	assert_null(e.target.address);
	jw_event_done(&e);
}

static void test_event_without_number_is_refused(void **state)
{
	struct nlattr *event = nla_nest_start(msg, JOBWARD_A_CONTROL_EVENT);
	struct jw_event e = { 0 };

	nla_put_u32(msg, JOBWARD_A_EVENT_KIND, 0);
	nla_nest_end(msg, event);
	assert_int_equal(jw_genl_read_event(event, &e), -EBADMSG);
	jw_event_done(&e);
}

/* Values that are shorter than their type, and strings without their end. */
static void test_short_attributes(void **state)
{
	struct nlattr *event = nla_nest_start(msg, JOBWARD_A_CONTROL_EVENT);
	struct jw_event e = { 0 };

	nla_put_u64(msg, JOBWARD_A_EVENT_SEQ, 1);
	nla_put(msg, JOBWARD_A_EVENT_JOB, 3, "abc");
	nla_put(msg, JOBWARD_A_EVENT_KEY, 5, "short");
	nla_put(msg, JOBWARD_A_EVENT_UNIT, 4, "unit");
	nla_nest_end(msg, event);
	assert_int_equal(jw_genl_read_event(event, &e), 0);
	assert_int_equal(e.job, 0);
	assert_false(e.has_key);
	assert_string_equal(e.unit, "unit");
	jw_event_done(&e);
}

static void test_more_ancestors_than_room(void **state)
{
	struct nlattr *event = nla_nest_start(msg, JOBWARD_A_CONTROL_EVENT), *nest, *ancestor;
	struct jw_event e = { 0 };

	nla_put_u64(msg, JOBWARD_A_EVENT_SEQ, 1);
	nest = nla_nest_start(msg, JOBWARD_A_EVENT_SUBJECT);
	for (int i = 0; i < 2 * JW_ANCESTORS_MAX; i++) {
		ancestor = nla_nest_start(msg, JOBWARD_A_SUBJECT_ANCESTOR);
		nla_put_string(msg, JOBWARD_A_ANCESTOR_COMM, "x");
		nla_nest_end(msg, ancestor);
	}
	nla_nest_end(msg, nest);
	nla_nest_end(msg, event);
	assert_int_equal(jw_genl_read_event(event, &e), 0);
	assert_int_equal(e.subject.n_ancestors, JW_ANCESTORS_MAX);
	jw_event_done(&e);
}

/* One attribute of a kind would win in the array of parsed ones: all three gates must arrive. */
static void test_status_has_every_gate(void **state)
{
	struct nlattr *tb[JOBWARD_A_STATUS_MAX + 1], *nest, *outer = nla_nest_start(msg, 1);
	struct jw_module_status s = { 0 };

	nla_put_string(msg, JOBWARD_A_STATUS_VERSION, "1");
	for (uint32_t gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		nest = nla_nest_start(msg, JOBWARD_A_STATUS_GATE);
		nla_put_u32(msg, JOBWARD_A_GATE_ID, gate);
		nla_put_u32(msg, JOBWARD_A_GATE_MODE, gate);
		if (gate == JOBWARD_GATE_MODULE)
			nla_put_string(msg, JOBWARD_A_GATE_OFF, "why");
		nla_nest_end(msg, nest);
	}
	nla_put_flag(msg, JOBWARD_A_STATUS_MODE_LOCKED);
	nla_nest_end(msg, outer);
	assert_int_equal(nla_parse_nested(tb, JOBWARD_A_STATUS_MAX, outer, NULL), 0);
	assert_int_equal(jw_genl_read_status(tb, &s), 0);
	for (uint32_t gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		assert_int_equal(s.gates[gate].mode, gate);
	assert_string_equal(s.gates[JOBWARD_GATE_MODULE].off, "why");
	assert_true(s.mode_locked);
	jw_module_status_done(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_event_with_everything), TEST(test_event_without_number_is_refused),
		TEST(test_short_attributes), TEST(test_more_ancestors_than_room), TEST(test_status_has_every_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
