// SPDX-License-Identifier: GPL-2.0
/* Which variables taint whom, wherever the pieces of an environment are cut; and whom a script names as its interpreter. */
#include <kunit/test.h>
#include "shebang.h"
#include "taint.h"

static u8 scan(const char *env, size_t n, bool loader, bool children, size_t piece)
{
	struct jw_taint_scan s = { .loader = loader, .children = children };
	size_t at;

	for (at = 0; at < n; at += piece)
		jw_taint_feed(&s, env + at, min(piece, n - at));
	return s.cause;
}

/* A literal has one NUL byte of its own at the end. */
#define SCAN(env, loader, children) scan(env, sizeof(env), loader, children, 128)
#define EXPECT_CAUSE(env, loader, children, word) do {					\
		const char *got = jw_taint_word(SCAN(env, loader, children));		\
		KUNIT_ASSERT_NOT_NULL(test, got);					\
		KUNIT_EXPECT_STREQ(test, got, word);					\
	} while (0)
#define EXPECT_CLEAN(env, loader, children) KUNIT_EXPECT_EQ(test, SCAN(env, loader, children), (u8)JW_TAINT_NONE)

static void test_each_list_counts_for_its_own(struct kunit *test)
{
	EXPECT_CAUSE("LD_PRELOAD=x", true, false, "LD_PRELOAD");
	EXPECT_CAUSE("A=b\0LD_AUDIT=x\0B=c", true, true, "LD_AUDIT");
	EXPECT_CAUSE("GCONV_PATH=/", true, false, "GCONV_PATH");
	EXPECT_CAUSE("LD_PROFILE_OUTPUT=/", true, false, "LD_PROFILE_OUTPUT");
	EXPECT_CAUSE("BASH_FUNC_ls%%=() {", false, true, "BASH_FUNC_");
	EXPECT_CAUSE("PERL5OPT=-Mx", true, true, "PERL5OPT");
	EXPECT_CAUSE("PYTHONHOME=x", false, true, "PYTHONHOME");
	EXPECT_CLEAN("LD_PRELOAD=x", false, true);
	EXPECT_CLEAN("PERL5OPT=-Mx", true, false);
	EXPECT_CLEAN("LD_PRELOAD=x", false, false);
}

static void test_what_only_looks_alike_is_clean(struct kunit *test)
{
	EXPECT_CLEAN("LD_PRELOAD=", true, true);
	EXPECT_CLEAN("LD_PRELOAD", true, true);
	EXPECT_CLEAN("LD_PRELOADX=x", true, true);
	EXPECT_CLEAN("XLD_PRELOAD=x", true, true);
	EXPECT_CLEAN("A=LD_PRELOAD=x", true, true);
	EXPECT_CLEAN("LD_BIND_NOW=1\0LD_DEBUG=all\0PATH=/bin\0BASH_FUNC", true, true);
	EXPECT_CLEAN("", true, true);
	EXPECT_CLEAN("\0\0\0", true, true);
	EXPECT_CAUSE("\0\0LD_PRELOAD=x", true, true, "LD_PRELOAD");
	EXPECT_CAUSE("LD_PRELOAD=\0LD_PRELOAD=x", true, true, "LD_PRELOAD");
}

/* A variable that begins in one piece and ends in another is found all the same. */
static void test_pieces_may_be_cut_anywhere(struct kunit *test)
{
	static const char dirty[] = "PATH=/usr/bin:/bin\0LONG=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\0LD_PROFILE_OUTPUT=y\0LAST=z";
	static const char clean[] = "PATH=/usr/bin:/bin\0LONG=xxxxxxxxxxxxxxxxxxxxLD_PRELOAD=yxxxxxxxxx\0LD_PROFILE_OUTPUT=\0LAST=z";
	size_t piece;

	for (piece = 1; piece < sizeof(dirty); piece++) {
		KUNIT_EXPECT_NE(test, scan(dirty, sizeof(dirty), true, true, piece), (u8)JW_TAINT_NONE);
		KUNIT_EXPECT_EQ(test, scan(clean, sizeof(clean), true, true, piece), (u8)JW_TAINT_NONE);
	}
}

/* Words end where their table does. */
static void test_words(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, jw_taint_word(JW_TAINT_NONE));
	KUNIT_EXPECT_NULL(test, jw_taint_word(255));
	KUNIT_EXPECT_STREQ(test, jw_taint_word(JW_TAINT_TRACED), "traced by another process");
}

static void expect_name(struct kunit *test, const char *text, const char *name)
{
	char buf[64];
	size_t len = 0;
	const char *got;

	memset(buf, 0, sizeof(buf));
	memcpy(buf, text, min(strlen(text), sizeof(buf)));
	got = jw_shebang(buf, sizeof(buf), &len);
	if (!name) {
		KUNIT_EXPECT_NULL(test, got);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_ASSERT_EQ(test, len, strlen(name));
	KUNIT_EXPECT_EQ(test, memcmp(got, name, len), 0);
}

static void test_shebang(struct kunit *test)
{
	expect_name(test, "#!/bin/sh\n", "/bin/sh");
	expect_name(test, "#! \t /bin/sh -e\n", "/bin/sh");
	expect_name(test, "#!/bin/sh", "/bin/sh");
	expect_name(test, "#!/usr/bin/env\tpython3\n", "/usr/bin/env");
	expect_name(test, "#!\n/bin/sh", NULL);
	expect_name(test, "#!   ", NULL);
	expect_name(test, "#/bin/sh\n", NULL);
	expect_name(test, " #!/bin/sh\n", NULL);
	expect_name(test, "\177ELF", NULL);
	expect_name(test, "", NULL);
	/* a name that does not end within what exec has read is none */
	expect_name(test, "#!/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_each_list_counts_for_its_own),
	KUNIT_CASE(test_what_only_looks_alike_is_clean),
	KUNIT_CASE(test_pieces_may_be_cut_anywhere),
	KUNIT_CASE(test_words),
	KUNIT_CASE(test_shebang),
	{ }
};

static struct kunit_suite suite = {
	.name = "jobward_taint",
	.test_cases = cases,
};
kunit_test_suite(suite);
