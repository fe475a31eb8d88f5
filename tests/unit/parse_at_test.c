// SPDX-License-Identifier: GPL-2.0
/* What atd runs by mode, links, owner and name of a spool file; its text is in the corpus. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "parse/parse.h"

static const char text[] =
	"#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail alice 0\numask 22\ncd / || {\n\t exit 1\n}\necho x\n";

static void test_files(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		uid_t uid;
		nlink_t nlink;
		const char *owner;
		int jobs;
		bool readable;
	} cases[] = {
		{ "/s/a0000101c89f4b", S_IFREG | 0700, 1000, 1, "alice", 1, true },
		{ "/s/a0000101c89f4b.more", S_IFREG | 0700, 1000, 1, "alice", 1, true },
		{ "/s/a0000101c89f4b", S_IFREG | 0100, 1000, 1, "alice", 1, true },
		{ "/s/a0000101c89f4b", S_IFREG | 0600, 1000, 1, "alice", 1, false },	/* armed by chmod */
		{ "/s/a0000101c89f4b", S_IFREG | 0070, 1000, 1, "alice", 1, false },
		{ "/s/a0000101c89f4b", S_IFLNK | 0777, 1000, 1, "alice", 1, false },
		{ "/s/a0000101c89f4b", S_IFIFO | 0700, 1000, 1, "alice", 1, false },
		{ "/s/a0000101c89f4b", S_IFREG | 0700, 1000, 2, "alice", 1, true },	/* atd's own lock */
		{ "/s/a0000101c89f4b", S_IFREG | 0700, 1000, 3, "alice", 1, false },
		{ "/s/a0000101c89f4b", S_IFREG | 0700, 1001, 1, "bob", 1, false },	/* header says 1000 */
		{ "/s/a0000101c89f4b", S_IFREG | 0700, 1000, 1, NULL, 1, false },
		{ "/s/=0000101c89f4b", S_IFREG | 0700, 1000, 1, "alice", 0, false },
		{ "/s/.SEQ", S_IFREG | 0700, 1000, 1, "alice", 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct jw_at_opts opts = {
			.path = cases[i].path, .mode = cases[i].mode, .uid = cases[i].uid, .nlink = cases[i].nlink,
			.owner = cases[i].owner,
		};
		struct jw_parse_out out = { 0 };

		assert_int_equal(jw_parse_at(text, sizeof(text) - 1, &opts, &out), 0);
		if (out.jobs.n != (size_t)cases[i].jobs ||
		    (out.jobs.n && !out.jobs.v[0].unreadable != cases[i].readable))
			fail_msg("case %zu", i);
		if (out.jobs.n) {
			assert_int_equal(out.jobs.v[0].n_execs, cases[i].readable);
			assert_int_equal(out.jobs.v[0].uid, cases[i].uid);
			assert_string_equal(out.jobs.v[0].schedule, "@1795511700 queue a");
		}
		jw_parse_out_done(&out);
	}
}

/* The whole file counts, to the last byte. */
static void test_content(void **state)
{
	const struct jw_at_opts opts = {
		.path = "a0000101c89f4b", .mode = S_IFREG | 0700, .uid = 1000, .nlink = 1, .owner = "alice",
	};
	struct jw_parse_out a = { 0 }, b = { 0 };
	size_t len = sizeof(text) - 1;

	(void)state;
	assert_int_equal(jw_parse_at(text, len, &opts, &a), 0);
	assert_int_equal(jw_parse_at(text, len - 1, &opts, &b), 0);
	assert_true(a.jobs.v[0].execs[0].has_content);
	assert_int_equal(a.jobs.v[0].execs[0].content_len, len);
	assert_memory_equal(a.jobs.v[0].execs[0].content, text, len);
	assert_memory_not_equal(a.jobs.v[0].execs[0].content_sha256, b.jobs.v[0].execs[0].content_sha256, 32);
	assert_null(a.jobs.v[0].execs[0].env);
	assert_string_equal(a.jobs.v[0].command, b.jobs.v[0].command);
	jw_parse_out_done(&a);
	jw_parse_out_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
