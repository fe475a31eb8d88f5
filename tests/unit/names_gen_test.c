// SPDX-License-Identifier: GPL-2.0
/* The words of all enums: there and back, and nothing for what has none. Some are fixed by the contract. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <linux/jobward.h>
#include "names_gen.h"

static const struct {
	const char *(*name)(unsigned int v);
	int (*from_name)(const char *s);
	unsigned int max;
} enums[] = {
	{ jw_gate_name, jw_gate_from_name, JOBWARD_GATE_MAX },
	{ jw_mode_name, jw_mode_from_name, JOBWARD_MODE_MAX },
	{ jw_verdict_name, jw_verdict_from_name, JOBWARD_VERDICT_MAX },
	{ jw_state_name, jw_state_from_name, JOBWARD_STATE_MAX },
	{ jw_kind_name, jw_kind_from_name, JOBWARD_KIND_MAX },
	{ jw_action_name, jw_action_from_name, JOBWARD_ACTION_MAX },
	{ jw_reason_name, jw_reason_from_name, JOBWARD_REASON_MAX },
	{ jw_scheduler_name, jw_scheduler_from_name, JOBWARD_SCHEDULER_MAX },
	{ jw_unit_class_name, jw_unit_class_from_name, JOBWARD_UNIT_CLASS_MAX },
};

static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(enums) / sizeof(enums[0]); i++) {
		for (unsigned int v = 0; v <= enums[i].max; v++) {
			assert_non_null(enums[i].name(v));
			assert_int_equal(enums[i].from_name(enums[i].name(v)), v);
		}
		assert_null(enums[i].name(enums[i].max + 1));
		assert_null(enums[i].name(UINT32_MAX));
		assert_int_equal(enums[i].from_name(""), -1);
		assert_int_equal(enums[i].from_name("Audit"), -1);
	}
}

static void bits(void **state)
{
	unsigned int bit;

	(void)state;
	for (bit = 0; jw_role_bit_name(bit); bit++)
		assert_int_equal(jw_role_bit_from_name(jw_role_bit_name(bit)), bit);
	assert_int_equal((1u << bit) - 1, JOBWARD_ROLE_MASK);
	for (bit = 0; jw_image_bit_name(bit); bit++)
		assert_int_equal(jw_image_bit_from_name(jw_image_bit_name(bit)), bit);
	assert_int_equal((1u << bit) - 1, JOBWARD_IMAGE_MASK);
	assert_int_equal(1 << jw_role_bit_from_name("writer-lineage"), JOBWARD_ROLE_WRITER_LINEAGE);
	assert_int_equal(jw_role_bit_from_name("root"), -1);
}

static void words_of_the_contract(void **state)
{
	(void)state;
	assert_string_equal(jw_mode_name(JOBWARD_MODE_ENFORCE), "enforce");
	assert_string_equal(jw_verdict_name(JOBWARD_VERDICT_AUDIT), "audit");
	assert_string_equal(jw_state_name(JOBWARD_STATE_CHANGED), "changed");
	assert_string_equal(jw_kind_name(JOBWARD_KIND_TAMPER), "tamper");
	assert_string_equal(jw_reason_name(JOBWARD_REASON_NOT_A_WRITER), "not-a-writer");
	assert_string_equal(jw_scheduler_name(JOBWARD_SCHEDULER_SYSTEMD_USER), "systemd-user");
	assert_string_equal(jw_action_name(JOBWARD_ACTION_UNLOAD), "unload");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(bits),
		cmocka_unit_test(words_of_the_contract),
	};

	return cmocka_run_group_tests_name("names_gen", tests, NULL, NULL);
}
