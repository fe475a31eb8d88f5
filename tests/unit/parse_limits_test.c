// SPDX-License-Identifier: GPL-2.0
/* Stores made to eat time and memory: all parsers end soon, and what they do not hold is listed as unreadable. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "parse/parse.h"

#define MIB ((size_t)1 << 20)

static size_t cron_jobs(const char *buf, size_t len, bool *readable)
{
	const struct jw_crontab_opts opts = { .path = "t", .flavour = JW_CRON_DEBIAN_12 };
	struct jw_parse_out out = { 0 };
	size_t n;

	assert_int_equal(jw_parse_crontab(buf, len, &opts, &out), 0);
	n = out.jobs.n;
	*readable = n && !out.jobs.v[0].unreadable;
	jw_parse_out_done(&out);
	return n;
}

static char *repeat(const char *piece, size_t times, size_t *len)
{
	size_t n = strlen(piece), i;
	char *buf = malloc(n * times + 1);

	assert_non_null(buf);
	for (i = 0; i < times; i++)
		memcpy(buf + i * n, piece, n);
	*len = n * times;
	return buf;
}

static void test_many_entries(void **state)
{
	bool readable;
	size_t len;
	char *buf = repeat("* * * * * root x\n", 10000, &len);

	(void)state;
	assert_int_equal(cron_jobs(buf, len, &readable), 10000);
	assert_true(readable);
	free(buf);
	buf = repeat("* * * * * root x\n", 100000, &len);
	assert_int_equal(cron_jobs(buf, len, &readable), 1);
	assert_false(readable);
	free(buf);
}

/* 5000 assignments times 5000 entries would be gigabytes. */
static void test_assignments_times_entries(void **state)
{
	struct jw_parse_out out = { 0 };
	bool readable;
	size_t n = 0, i;
	char *buf = malloc(8 * MIB);

	(void)state;
	for (i = 0; i < 4000; i++)
		n += sprintf(buf + n, "A%zu=%0800d\n", i, 0);
	for (i = 0; i < 4000; i++)
		n += sprintf(buf + n, "* * * * * root x\n");
	assert_int_equal(cron_jobs(buf, n, &readable), 1);
	assert_false(readable);
	n = 0;
	for (i = 0; i < 4000; i++)
		n += sprintf(buf + n, "A%zu=%0800d\n", i, 0);
	for (i = 0; i < 4000; i++)
		n += sprintf(buf + n, "1 5 j%zu x\n", i);
	assert_int_equal(jw_parse_anacrontab(buf, n, "t", &out), 0);
	assert_int_equal(out.jobs.n, 4000);
	assert_non_null(out.jobs.v[3999].unreadable);
	jw_parse_out_done(&out);
	free(buf);
}

/* Returns how long @times repetitions take, in seconds. */
static double seconds(const char *piece, size_t times)
{
	struct jw_shell_words words = { 0 };
	struct jw_parse_out out = { 0 };
	struct jw_unit_file file = { 0 };
	struct jw_diags diags = { 0 };
	struct timespec a, b;
	size_t len;
	char *buf = repeat(piece, times, &len);
	bool readable;

	buf[len] = '\0';
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	cron_jobs(buf, len, &readable);
	assert_int_equal(jw_parse_anacrontab(buf, len, "t", &out), 0);
	assert_int_equal(jw_parse_unit_file(buf, len, "t", &file, &diags), 0);
	assert_int_equal(jw_parse_shell_command(buf, &words), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	jw_parse_out_done(&out);
	jw_unit_file_done(&file);
	jw_diags_done(&diags);
	jw_shell_words_done(&words);
	free(buf);
	return (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Sixteen times the input takes about sixteen times as long, not 256 times. */
static void test_linear(void **state)
{
	static const char *const pieces[] = {
		"x", "x\n", "\\", "\\\n", "\"", "'", "`", "$(", "(", ")", "$((1", "${", "<<E\n", "<<E ", "case x in ",
		"{ ", "nice ",
		"]", "[", "%", "=", "A=\n", "[S]\nA=b\n", "eval ", "f() ", "A=( ", "[[ ", "&&", "$'\\'", "1 5 a x\n",
		"esac ", "; ",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t times = 16384 / strlen(pieces[i]);
		double one = seconds(pieces[i], times), many = seconds(pieces[i], 16 * times);

		if (many > 1 && many > 80 * one)
			fail_msg("'%s': %g s, then %g s", pieces[i], one, many);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_entries),
		cmocka_unit_test(test_assignments_times_entries),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
