// SPDX-License-Identifier: GPL-2.0
/* Exec lines of systemd: words, prefixes, refusals, and variables put in. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "parse/parse.h"

/* Words in angle brackets, so that blanks in them are seen. */
static char *join(char *const *argv)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	for (; argv && *argv; argv++)
		fprintf(f, "<%s>", *argv);
	fclose(f);
	return text;
}

static void test_words(void **state)
{
	static const struct {
		const char *value, *path, *argv, *rest;
	} cases[] = {
		{ "/bin/a b  c\td", "/bin/a", "</bin/a><b><c><d>", NULL },
		{ "/bin/a \"b c\" 'd e' f\"g h\"i", "/bin/a", "</bin/a><b c><d e><fg hi>", NULL },
		{ "/bin/a \\x41\\101\\u00e4\\s\\t\\\\ \\\"", "/bin/a", "</bin/a><AA\xc3\xa4 \t\\><\">", NULL },
		{ "/bin/a \\q \\x0 \\400 \\U0000d800", "/bin/a", "</bin/a><\\q><\\x0><\\400><\\U0000d800>", NULL },
		{ "/bin/a \\ud800", "/bin/a", "</bin/a><\xed\xa0\x80>", NULL },
		{ "/bin/a b\\", "/bin/a", "</bin/a><b\\>", NULL },
		{ "/bin/a 'b\\'c'", "/bin/a", "</bin/a><b'c>", NULL },
		{ "/bin/a ; /bin/b c", "/bin/a", "</bin/a>", "/bin/b c" },
		{ "/bin/a \\; b ';' c;", "/bin/a", "</bin/a><;><b><;><c;>", NULL },
		{ "/bin/a ;", "/bin/a", "</bin/a>", NULL },
		{ "/bin//a/./b c", "/bin/a/b", "</bin//a/./b><c>", NULL },
		{ "@/bin/a zero one", "/bin/a", "<zero><one>", NULL },
		{ "\"/bin/a\" \"\"", "/bin/a", "</bin/a><>", NULL },
		{ "a b", "a", "<a><b>", NULL },
		{ "/bin/a %n $A ${B} $$", "/bin/a", "</bin/a><%n><$A><${B}><$$>", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_exec_line line;
		char *cause, *text;

		assert_int_equal(jw_parse_exec_line(cases[i].value, &line, &cause), 0);
		if (cause)
			fail_msg("'%s': %s", cases[i].value, cause);
		text = join(line.argv);
		assert_string_equal(text, cases[i].argv);
		assert_string_equal(line.path, cases[i].path);
		assert_string_equal(line.rest ? line.rest : "none", cases[i].rest ? cases[i].rest : "none");
		free(text);
		jw_exec_line_done(&line);
	}
}

static void test_prefixes(void **state)
{
	static const struct {
		const char *value;
		bool ignore_failure, no_env, privileged;
		const char *path;
	} cases[] = {
		{ "/a", false, false, false, "/a" },
		{ "-/a", true, false, false, "/a" },
		{ ":/a", false, true, false, "/a" },
		{ "+/a", false, false, true, "/a" },
		{ "!/a", false, false, true, "/a" },
		{ "!!/a", false, false, true, "/a" },
		{ "-:+/a", true, true, true, "/a" },
	};
	static const char *const refused[] = {
		"", "   ", "--/a", "!!!/a", "+!/a", "-", "@/a", "/a 'b", "/", "/a/", "x/y", "..", "/a\\x01b",
		"\"/a\\\\b\"",
	};
	struct jw_exec_line line;
	char *cause;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(jw_parse_exec_line(cases[i].value, &line, &cause), 0);
		assert_null(cause);
		assert_int_equal(line.ignore_failure, cases[i].ignore_failure);
		assert_int_equal(line.no_env, cases[i].no_env);
		assert_int_equal(line.privileged, cases[i].privileged);
		assert_string_equal(line.path, cases[i].path);
		jw_exec_line_done(&line);
	}
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(jw_parse_exec_line(refused[i], &line, &cause), 0);
		if (!cause || line.argv || line.path)
			fail_msg("'%s' is not refused", refused[i]);
		free(cause);
	}
}

static void test_expand(void **state)
{
	static char *const env[] = {
		(char *)"A=one two", (char *)"B=x", (char *)"E=", (char *)"Q='a b' c", (char *)"B=last",
		(char *)"O=\"open q", NULL,
	};
	static const struct {
		const char *word, *out;
	} cases[] = {
		{ "$A", "<one><two>" }, { "${A}", "<one two>" }, { "x${A}y", "<xone twoy>" }, { "x$A", "<x$A>" },
		{ "$B", "<last>" }, { "$E", "" }, { "${E}", "<>" }, { "$N", "" }, { "${N}", "<>" }, 
		{ "$Q", "<a b><c>" },
		{ "$$A", "<$A>" }, { "$${A}", "<${A}>" }, { "a$", "<a$>" }, { "${A:-x}", "<${A:-x}>" }, 
		{ "${A", "<${A>" },
		{ "${A$$", "<${A$$>" }, { "$B/x", "" }, { "${B}/x", "<last/x>" }, { "$O", "<open q>" }, 
		{ "${}", "<>" }, { "$", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *argv[] = { (char *)cases[i].word, NULL }, **out, **s, *text;

		assert_int_equal(jw_systemd_expand_env(argv, env, &out), 0);
		text = join(out);
		if (strcmp(text, cases[i].out))
			fail_msg("%s: %s", cases[i].word, text);
		free(text);
		for (s = out; *s; s++)
			free(*s);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_expand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
