// SPDX-License-Identifier: GPL-2.0
/* Lists, ids, keys and fingerprints of jobs; the bytes of a key are job_key_vectors_test.c's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "job.h"

static void set(struct jw_job *job, const char *owner, const char *path, const char *name, const char *command)
{
	job->scheduler = JOBWARD_SCHEDULER_CRON;
	job->owner = owner ? strdup(owner) : NULL;
	job->path = strdup(path);
	job->name = name ? strdup(name) : NULL;
	job->command = command ? strdup(command) : NULL;
}

static void test_list_grows_and_moves(void **state)
{
	struct jw_jobs a = { 0 }, b = { 0 };
	char text[16];
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		struct jw_job *job = jw_jobs_add(i % 2 ? &a : &b);

		assert_non_null(job);
		assert_int_equal(job->uid, (uid_t)-1);
		snprintf(text, sizeof(text), "%zu", i);
		job->command = strdup(text);
	}
	assert_int_equal(jw_jobs_move(&a, &b), 0);
	assert_int_equal(a.n, 1000);
	assert_int_equal(b.n, 0);
	assert_null(b.v);
	assert_string_equal(a.v[0].command, "1");
	assert_string_equal(a.v[500].command, "0");
	assert_string_equal(a.v[999].command, "998");
	assert_int_equal(jw_jobs_move(&a, &b), 0);
	assert_int_equal(a.n, 1000);
	assert_non_null(jw_jobs_add(&a));
	jw_jobs_done(&a);
	assert_int_equal(a.n, 0);
}

static void test_execs_grow(void **state)
{
	struct jw_job job = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 33; i++)
		assert_int_equal(jw_exec_set_argv(jw_job_add_exec(&job), "a", NULL), 0);
	assert_int_equal(job.n_execs, 33);
	jw_job_done(&job);
	assert_int_equal(job.n_execs, 0);
	assert_int_equal(job.uid, (uid_t)-1);
}

static void test_argv_has_final_nul_of_each(void **state)
{
	struct jw_job job = { 0 };
	struct jw_exec *exec = jw_job_add_exec(&job);

	(void)state;
	assert_int_equal(jw_exec_set_argv(exec, "/bin/sh", "-c", "", NULL), 0);
	assert_int_equal(exec->argv_len, 12);
	assert_memory_equal(exec->argv, "/bin/sh\0-c\0\0", 12);
	assert_int_equal(jw_exec_set_argv(exec, "x", NULL), 0);
	assert_int_equal(exec->argv_len, 2);
	jw_job_done(&job);
}

static void test_id(void **state)
{
	static const struct {
		const char *owner, *path, *name, *command;
		unsigned int ordinal, line;
		bool same;
	} cases[] = {
		{ "root", "/etc/crontab", NULL, "x", 0, 9, true },	/* the line is no part of it */
		{ "bob", "/etc/crontab", NULL, "x", 0, 1, false },
		{ "root", "/etc/cron.d/a", NULL, "x", 0, 1, false },
		{ "root", "/etc/crontab", NULL, "y", 0, 1, false },
		{ "root", "/etc/crontab", NULL, "x", 1, 1, false },
		{ "root", "/etc/crontab", "", "x", 0, 1, false },
		{ "roo", "t/etc/crontab", NULL, "x", 0, 1, false },	/* fields do not borrow bytes */
	};
	struct jw_job base = { .line = 1 };
	size_t i;

	(void)state;
	set(&base, "root", "/etc/crontab", NULL, "x");
	jw_job_set_id(&base, 0);
	assert_int_not_equal(base.id, 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_job job = { .line = cases[i].line };

		set(&job, cases[i].owner, cases[i].path, cases[i].name, cases[i].command);
		jw_job_set_id(&job, cases[i].ordinal);
		if (cases[i].same != (job.id == base.id))
			fail_msg("case %zu", i);
		jw_job_done(&job);
	}
	jw_job_done(&base);
}

static void test_id_named_job_keeps_it_when_command_changes(void **state)
{
	struct jw_job a = { 0 }, b = { 0 };

	(void)state;
	set(&a, "root", "/etc/anacrontab", "cron.daily", "x");
	set(&b, "root", "/etc/anacrontab", "cron.daily", "y");
	jw_job_set_id(&a, 0);
	jw_job_set_id(&b, 0);
	assert_int_equal(a.id, b.id);
	jw_job_done(&a);
	jw_job_done(&b);
}

static void test_id_unreadable_lines_differ(void **state)
{
	struct jw_job a = { .line = 3 }, b = { .line = 4 };

	(void)state;
	set(&a, NULL, "/etc/anacrontab", NULL, NULL);
	set(&b, NULL, "/etc/anacrontab", NULL, NULL);
	a.unreadable = strdup("bad");
	b.unreadable = strdup("bad");
	jw_job_set_id(&a, 0);
	jw_job_set_id(&b, 0);
	assert_int_not_equal(a.id, b.id);
	jw_job_done(&a);
	jw_job_done(&b);
}

static void test_id_format(void **state)
{
	char text[JW_ID_HEX];

	(void)state;
	jw_job_id_format(0x3f9c1d, text);
	assert_string_equal(text, "00000000003f9c1d");
	jw_job_id_format(UINT64_MAX, text);
	assert_string_equal(text, "ffffffffffffffff");
}

static void key_of(enum jobward_scheduler scheduler, char **env, uint8_t key[JW_DIGEST_SIZE])
{
	struct jw_exec exec = { .argv = (char *)"x", .argv_len = 2, .env = env };

	assert_int_equal(jw_exec_set_key(&exec, scheduler, 0, ""), 0);
	memcpy(key, exec.key, JW_DIGEST_SIZE);
}

static void test_key_covers_path_for_shells_only(void **state)
{
	static const struct {
		enum jobward_scheduler scheduler;
		bool covered;
	} cases[] = {
		{ JOBWARD_SCHEDULER_CRON, true }, { JOBWARD_SCHEDULER_ANACRON, true }, { JOBWARD_SCHEDULER_AT, true },
		{ JOBWARD_SCHEDULER_RUN_PARTS, true }, { JOBWARD_SCHEDULER_BUSYBOX, true }, { JOBWARD_SCHEDULER_SYSTEMD, false },
		{ JOBWARD_SCHEDULER_SYSTEMD_USER, false },
	};
	char *path[] = { (char *)"PATH=/tmp", NULL }, *none[] = { NULL };
	char *preload[] = { (char *)"LD_PRELOAD=/x", NULL };
	char *mail[] = { (char *)"MAILTO=root", NULL };
	uint8_t a[JW_DIGEST_SIZE], b[JW_DIGEST_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		key_of(cases[i].scheduler, none, a);
		key_of(cases[i].scheduler, path, b);
		assert_int_equal(!memcmp(a, b, JW_DIGEST_SIZE), !cases[i].covered);
		key_of(cases[i].scheduler, preload, b);
		assert_memory_not_equal(a, b, JW_DIGEST_SIZE);
		key_of(cases[i].scheduler, mail, b);
		assert_memory_equal(a, b, JW_DIGEST_SIZE);
	}
}

static void test_key_env_order_does_not_count(void **state)
{
	char *ab[] = { (char *)"IFS=a", (char *)"BASH_ENV=/x", NULL }, *ba[] = { ab[1], ab[0], NULL };
	uint8_t a[JW_DIGEST_SIZE], b[JW_DIGEST_SIZE];

	(void)state;
	key_of(JOBWARD_SCHEDULER_CRON, ab, a);
	key_of(JOBWARD_SCHEDULER_CRON, ba, b);
	assert_memory_equal(a, b, JW_DIGEST_SIZE);
}

static void test_content_digest(void **state)
{
	static const uint8_t empty[] = { 0xe3, 0xb0, 0xc4, 0x42 }, abc[] = { 0xba, 0x78, 0x16, 0xbf };
	struct jw_job job = { 0 };
	struct jw_exec *exec = jw_job_add_exec(&job);

	(void)state;
	assert_int_equal(jw_exec_set_content(exec, "abc", 3), 0);
	assert_memory_equal(exec->content_sha256, abc, 4);
	assert_int_equal(jw_exec_set_content(exec, NULL, 0), 0);
	assert_true(exec->has_content);
	assert_memory_equal(exec->content_sha256, empty, 4);
	jw_job_done(&job);
}

static void test_fingerprint(void **state)
{
	struct jw_job job = { 0 };
	uint8_t a[JW_DIGEST_SIZE], b[JW_DIGEST_SIZE];

	(void)state;
	jw_exec_set_argv(jw_job_add_exec(&job), "x", NULL);
	job.pins = calloc(1, sizeof(*job.pins));
	job.n_pins = 1;
	job.pins[0].path = strdup("/x");
	jw_job_fingerprint(&job, a);
	job.pins[0].ino = 7;	/* an inode is no part of an approval */
	jw_job_fingerprint(&job, b);
	assert_memory_equal(a, b, JW_DIGEST_SIZE);
	job.pins[0].sha256[31] ^= 1;
	jw_job_fingerprint(&job, b);
	assert_memory_not_equal(a, b, JW_DIGEST_SIZE);
	job.pins[0].sha256[31] ^= 1;
	job.pins[0].present = true;
	jw_job_fingerprint(&job, b);
	assert_memory_not_equal(a, b, JW_DIGEST_SIZE);
	job.pins[0].present = false;
	job.execs[0].key[0] ^= 1;
	jw_job_fingerprint(&job, b);
	assert_memory_not_equal(a, b, JW_DIGEST_SIZE);
	jw_job_done(&job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_grows_and_moves),
		cmocka_unit_test(test_execs_grow),
		cmocka_unit_test(test_argv_has_final_nul_of_each),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_id_named_job_keeps_it_when_command_changes),
		cmocka_unit_test(test_id_unreadable_lines_differ),
		cmocka_unit_test(test_id_format),
		cmocka_unit_test(test_key_covers_path_for_shells_only),
		cmocka_unit_test(test_key_env_order_does_not_count),
		cmocka_unit_test(test_content_digest),
		cmocka_unit_test(test_fingerprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
