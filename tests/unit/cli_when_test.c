// SPDX-License-Identifier: GPL-2.0
/* Times as people type them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "cli/when.h"

#define S 1000000000LL

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	return 0;
}

static int64_t at(const char *text, bool ahead)
{
	int64_t ns = -1;

	/* 2026-11-24 12:30:00 CET */
	if (jw_when_parse(text, 1795519800 * S, ahead, &ns))
		return -1;
	return ns;
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"now", 1795519800},
		{"today", 1795474800},
		{"yesterday", 1795388400},
		{"tomorrow", 1795561200},
		{"2026-11-24", 1795474800},
		{"08:00", 1795503600},
		{"08:00:05", 1795503605},
		{"2026-11-24 08:00", 1795503600},
		{"2026-11-24T08:00:00Z", 1795507200},
		{"2026-11-24T08:00:00+01:00", 1795503600},
		{"2026-11-24T08:00:00-0530", 1795527000},
		/* summer time is not today's */
		{"2026-07-01 00:00", 1782856800},
		{"-2h", 1795519800 - 7200},
		{"+30m", 1795519800 + 1800},
		{"@1700000000", 1700000000},
		{"0s", 1795519800},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(at(cases[i].text, false), cases[i].seconds * S);
	assert_int_equal(at("2026-11-24T08:00:00.123456789Z", false), 1795507200 * S + 123456789);
	assert_int_equal(at("2h", false), (1795519800 - 7200) * S);
	assert_int_equal(at("2h", true), (1795519800 + 7200) * S);
}

static void test_no_times(void **state)
{
	static const char *const cases[] = {
		"",
		"x",
		"-",
		"+",
		"@",
		"@x",
		"@-1",
		"2h3",
		"h",
		"2y",
		"25:00",
		"08:60",
		"8:00",
		"2026-02-30",
		"2026-13-01",
		"2026-1-1",
		"2026-11-24 ",
		"2026-11-24 08:00 x",
		"2026-11-24T08:00:00+1",
		"08:00:00Zx",
		"99999999999999999999s",
		"9999999999w",
		"-2 h",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(at(cases[i], false), -1);
}

static void test_durations(void **state)
{
	int64_t ns;

	(void)state;
	assert_int_equal(jw_when_duration("1h30m", &ns), 0);
	assert_int_equal(ns, 5400 * S);
	assert_int_equal(jw_when_duration("1d 2min", &ns), 0);
	assert_int_equal(ns, 86520 * S);
	assert_int_equal(jw_when_duration("-1h", &ns), -EINVAL);
	assert_int_equal(jw_when_duration("5", &ns), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times), cmocka_unit_test(test_no_times), cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
