// SPDX-License-Identifier: GPL-2.0
/* Which file names count, and what atd reads out of one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <inttypes.h>
#include <cmocka.h>
#include "parse/parse.h"

/* Each name for /etc/cron.d without and with -l, for run-parts without and with --lsbsysinit. */
static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool cron_d, cron_d_lsb, run_parts, run_parts_lsb;
	} cases[] = {
		{ "backup", true, true, true, true },
		{ "0anacron", true, true, true, true },
		{ "e2scrub_all", true, false, true, false },
		{ "Backup", true, false, true, false },
		{ "x.sh", false, false, false, false },
		{ "x.conf", false, false, false, false },
		{ "my.domain-job", false, true, false, true },
		{ "_lsb.org-job", false, true, false, true },
		{ "_-a", true, true, true, true },
		{ "a--b", true, true, true, true },
		{ "a.b--c", false, false, false, false },
		{ "-a", true, false, true, false },
		{ "a.b-", false, false, false, false },
		{ "cron.dpkg-old", false, false, false, false },
		{ "cron.dpkg-dist", false, false, false, false },
		{ "cron.dpkg-new", false, true, false, false },
		{ "cron.dpkg-tmp", false, true, false, false },
		{ "dpkg-old", true, true, true, true },
		{ "_x.dpkg-old", false, true, false, true },
		{ "a-dpkg-old", true, false, true, true },
		{ ".placeholder", false, false, false, false },
		{ ".x-y", false, false, false, true },
		{ "x~", false, false, false, false },
		{ "#x#", false, false, false, false },
		{ "a b", false, false, false, false },
		{ "a\n", false, false, false, false },
		{ "\xc3\xa4", false, false, false, false },
		{ "", false, false, false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (jw_cron_d_name_ok(cases[i].name, false) != cases[i].cron_d ||
		    jw_cron_d_name_ok(cases[i].name, true) != cases[i].cron_d_lsb)
			fail_msg("/etc/cron.d: '%s'", cases[i].name);
		if (jw_run_parts_name_ok(cases[i].name, false) != cases[i].run_parts ||
		    jw_run_parts_name_ok(cases[i].name, true) != cases[i].run_parts_lsb)
			fail_msg("run-parts: '%s'", cases[i].name);
	}
}

static void test_cronie_names(void **state)
{
	static const char *const good[] = { "x", "x.sh", "x.dpkg-old", "a b", "rpmsave", "x#" };
	static const char *const bad[] = { "", ".x", "#x", "x~", "~", "x.rpmsave", "x.rpmnew", "x.rpmorig" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(jw_cronie_name_ok(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(jw_cronie_name_ok(bad[i]));
}

static void test_at_names(void **state)
{
	static const struct {
		const char *name;
		char queue;		/* 0: no job */
		int64_t run_at;
	} cases[] = {
		{ "a0000101c89f4b", 'a', INT64_C(0x1c89f4b) * 60 },
		{ "a0000701c89f4b.trailing-junk", 'a', INT64_C(0x1c89f4b) * 60 },
		{ "B00001000000ff", 'B', 255 * 60 },
		{ "b 0xf   1", 'b', 60 },
		{ "=0000101c89f4b", 0, 0 },
		{ ".SEQ", 0, 0 },
		{ "a00001", 0, 0 },
		{ "10000101c89f4b", 0, 0 },
		{ "a", 0, 0 },
		{ "", 0, 0 },
	};
	int64_t run_at;
	char queue;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = jw_at_name_parse(cases[i].name, &run_at, &queue);

		if (ok != (cases[i].queue != 0) || (ok && (queue != cases[i].queue || run_at != cases[i].run_at)))
			fail_msg("'%s'", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_cronie_names),
		cmocka_unit_test(test_at_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
