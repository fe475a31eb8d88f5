// SPDX-License-Identifier: GPL-2.0
/* What reaches a terminal: escaping, widths, cutting, tables. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/render.h"

static const struct jw_terminal pipe_out = {.utf8 = true};
static const struct jw_terminal terminal_80 = {.is_terminal = true, .colour = true, .utf8 = true, .columns = 80};
static const struct jw_terminal ascii_80 = {.is_terminal = true, .columns = 80};

static int setup(void **state)
{
	(void)state;
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return -1;
	jw_render_set_terminal(&pipe_out);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	jw_show_reset();
	return 0;
}

static void test_show(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"plain", "plain"},
		{"größe-日本", "größe-日本"},
		{"a\tb\nc\r", "a\\x09b\\x0ac\\x0d"},
		{"\033[2J\033]0;title\007", "\\x1b[2J\\x1b]0;title\\x07"},
		{"\x7f", "\\x7f"},
		/* C1 controls, as single bytes and as characters: some terminals act on both */
		{"\x9b" "31m", "\\x9b31m"},
		{"\xc2\x9b" "31m", "\\u009b31m"},
		/* no character: overlong, cut short, surrogate */
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"x\xe6\x97", "x\\xe6\\x97"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		/* turns the direction of writing; has no width; looks like nothing */
		{"a\xe2\x80\xae" "b", "a\\u202eb"},
		{"a\xe2\x80\x8b" "b", "a\\u200bb"},
		{"a\xef\xbb\xbf", "a\\ufeff"},
		{"a\xf3\xa0\x81\x81", "a\\U000e0041"},
		{"", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(jw_show(cases[i].text), cases[i].shown);
	assert_string_equal(jw_show(NULL), "?");
	assert_string_equal(jw_show_bytes("a\0b", 3), "a\\x00b");
}

static void test_show_in_another_locale(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_ALL, "C"));
	assert_string_equal(jw_show("gr\xc3\xb6\xc3\x9f"), "gr\\xc3\\xb6\\xc3\\x9f");
	setlocale(LC_ALL, "C.UTF-8");
}

static void test_show_argv(void **state)
{
	(void)state;
	assert_string_equal(jw_show_argv("/bin/sh\0-c\0echo 'hi' $X", sizeof("/bin/sh\0-c\0echo 'hi' $X")),
			    "/bin/sh -c 'echo '\\''hi'\\'' $X'");
	assert_string_equal(jw_show_argv("a\0\0b", 5), "a '' b");
	assert_string_equal(jw_show_argv("a\033", 3), "a\\x1b");
	/* the last one without its NUL byte */
	assert_string_equal(jw_show_argv("a\0bc", 3), "a b");
	assert_string_equal(jw_show_argv(NULL, 0), "");
}

static void test_width_and_cut(void **state)
{
	(void)state;
	assert_int_equal(jw_show_width("abc"), 3);
	assert_int_equal(jw_show_width("日本"), 4);
	assert_string_equal(jw_show_cut("abcdef", 0), "abcdef");
	assert_string_equal(jw_show_cut("abcdef", 6), "abcdef");
	assert_string_equal(jw_show_cut("abcdef", 5), "abcd…");
	assert_string_equal(jw_show_cut("abcdef", 1), "…");
	/* half of a wide character is none of it */
	assert_string_equal(jw_show_cut("日本語", 4), "日…");
	assert_string_equal(jw_show_cut_left("/etc/cron.d/x:3", 8), "…n.d/x:3");
	assert_string_equal(jw_show_cut_left("日本語", 4), "…語");
	assert_string_equal(jw_show_pad("日", 4), "日  ");
	jw_render_set_terminal(&ascii_80);
	assert_string_equal(jw_show_cut("abcdef", 5), "ab...");
	assert_string_equal(jw_show_cut("abcdef", 2), "..");
}

static void test_style(void **state)
{
	(void)state;
	assert_string_equal(jw_show_styled(JW_BAD, "x"), "x");
	jw_render_set_terminal(&terminal_80);
	assert_string_equal(jw_show_styled(JW_BAD, "x"), "\033[1;31mx\033[0m");
	assert_string_equal(jw_show_styled(JW_PLAIN, "x"), "x");
	assert_string_equal(jw_show_styled(JW_BAD, ""), "");
}

static const struct jw_column columns[] = {
	{"A", 0, 0, false}, {"B", 10, 2, false}, {"C", 5, 0, false}, {"D", 0, 1, false},
};

static void check_layout(const size_t natural[4], size_t total, const size_t expected[4])
{
	size_t widths[4], i;

	jw_table_layout(columns, natural, 4, total, widths);
	for (i = 0; i < 4; i++)
		assert_int_equal(widths[i], expected[i]);
}

static void test_layout(void **state)
{
	static const size_t natural[4] = {8, 30, 50, 6};

	(void)state;
	/* no limit; all fits; the widest shrink; D goes; B goes too; nothing more can be done */
	check_layout(natural, 0, (size_t[]){8, 30, 50, 6});
	check_layout(natural, 100, (size_t[]){8, 30, 50, 6});
	check_layout(natural, 80, (size_t[]){8, 30, 30, 6});
	check_layout(natural, 34, (size_t[]){8, 11, 11, 0});
	check_layout(natural, 20, (size_t[]){8, 0, 10, 0});
	check_layout(natural, 4, (size_t[]){8, 0, 5, 0});
}

static char *print_table(const struct jw_terminal *terminal)
{
	struct jw_table *table = jw_table_new(columns, 4);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int i;

	jw_render_set_terminal(terminal);
	for (i = 0; i < 8; i++)
		jw_table_add(table, JW_PLAIN, i == 7 ? "" : i == 6 ? "0123456789012345678901234567890123456789" : "ab");
	jw_table_print(table, out);
	jw_table_free(table);
	fclose(out);
	return text;
}

static void test_table(void **state)
{
	static const struct jw_terminal narrow = {.is_terminal = true, .utf8 = true, .columns = 30};
	char *text;

	(void)state;
	text = print_table(&pipe_out);
	assert_string_equal(text, "A   B   C                                         D\n"
			    "ab  ab  ab                                        ab\n"
			    "ab  ab  0123456789012345678901234567890123456789\n");
	free(text);
	text = print_table(&narrow);
	assert_string_equal(text, "A   B   C                   D\n"
			    "ab  ab  ab                  ab\n"
			    "ab  ab  01234567890123456…\n");
	free(text);
}

static void test_distance(void **state)
{
	const int64_t now = 1000000 * 1000000000LL;
	static const struct {
		int64_t seconds;
		const char *words;
	} cases[] = {
		{0, "now"}, {5, "in 5 s"}, {-5, "5 s ago"}, {90, "in 1 min"}, {-7300, "2 h ago"}, {86400, "in 1 day"},
		{-3 * 86400, "3 days ago"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(jw_show_distance(now + cases[i].seconds * 1000000000LL, now), cases[i].words);
	assert_string_equal(jw_show_duration(12000 * 1000000000LL), "3 h 20 min");
	assert_string_equal(jw_show_time(0), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_show, setup, teardown),
		cmocka_unit_test_setup_teardown(test_show_in_another_locale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_show_argv, setup, teardown),
		cmocka_unit_test_setup_teardown(test_width_and_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_style, setup, teardown),
		cmocka_unit_test_setup_teardown(test_layout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_distance, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
