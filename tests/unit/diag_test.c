// SPDX-License-Identifier: GPL-2.0
/* Diagnoses: what is kept, how it reads, and that hostile text stays text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "diag.h"

static void test_format(void **state)
{
	static const struct {
		const char *file;
		unsigned int line, column;
		const char *text;
	} cases[] = {
		{ "/etc/crontab", 3, 7, "/etc/crontab:3:7: bad" },
		{ "/etc/crontab", 3, 0, "/etc/crontab:3: bad" },
		{ "/etc/crontab", 0, 0, "/etc/crontab: bad" },
		{ NULL, 3, 7, "3:7: bad" },
		{ NULL, 3, 0, "3: bad" },
		{ NULL, 0, 0, "bad" },
		{ "a\nb", 0, 0, "a\\x0ab: bad" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_diags list = { 0 };
		char *text;

		assert_int_equal(jw_diag_add(&list, JW_DIAG_ERROR, cases[i].file, cases[i].line, cases[i].column,
					     "bad"), 0);
		text = jw_diag_format(&list.v[0]);
		assert_string_equal(text, cases[i].text);
		free(text);
		jw_diags_done(&list);
	}
}

static void test_cause_is_visible(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "a\tb\x1b[31m\x7f", "a\\x09b\\x1b[31m\\x7f" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82" },
		{ "\xc3", "\\xc3" },				/* cut off */
		{ "\xc0\xaf", "\\xc0\\xaf" },		/* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },	/* surrogate */
		{ "\xc2\x9b" "m", "\\xc2\\x9bm" },		/* CSI as one character */
		{ "\xe2\x80\xae" "x", "\\xe2\\x80\\xaex" },	/* right-to-left override */
		{ "\xff", "\\xff" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_diags list = { 0 };

		assert_int_equal(jw_diag_add(&list, JW_DIAG_NOTE, NULL, 0, 0, "%s", cases[i].in), 0);
		assert_string_equal(list.v[0].cause, cases[i].out);
		jw_diags_done(&list);
	}
}

static void test_list(void **state)
{
	struct jw_diags a = { 0 }, b = { 0 };
	char *huge = calloc(1, 1 << 20);
	unsigned int i;

	(void)state;
	memset(huge, 'x', (1 << 20) - 1);
	for (i = 0; i < 100; i++)
		assert_int_equal(jw_diag_add(i % 3 ? &a : &b, JW_DIAG_WARNING, "f", i, 0, "%s", huge), 0);
	assert_true(strlen(a.v[0].cause) < 4096);
	assert_int_equal(jw_diags_move(&a, &b), 0);
	assert_int_equal(a.n, 100);
	assert_int_equal(b.n, 0);
	assert_int_equal(a.v[99].line, 99);
	assert_int_equal(a.v[0].line, 1);
	jw_diags_done(&a);
	jw_diags_done(&a);
	free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_cause_is_visible),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
