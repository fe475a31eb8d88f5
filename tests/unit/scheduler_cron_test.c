// SPDX-License-Identifier: GPL-2.0
/*
 * The stores of cron, anacron and run-parts below a root folder: which execs, with which environment, and what is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/scheduler/table.h"
#include "scratch.h"

#define DEBIAN_PATH "PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin"

static void read_all(struct jw_reading *reading)
{
	*reading = (struct jw_reading){ .root = scratch, .cron_flavour = JW_CRON_DEBIAN_12 };
	assert_int_equal(jw_schedulers_read(reading), 0);
}

static const struct jw_job *find(const struct jw_reading *reading, const char *path, const char *command)
{
	for (size_t i = 0; i < reading->jobs.n; i++)
		if (!strcmp(reading->jobs.v[i].path, path) &&
		    (!command || !strcmp(reading->jobs.v[i].command, command)))
			return &reading->jobs.v[i];
	return NULL;
}

static const char *env_of(const struct jw_exec *exec, const char *name)
{
	for (char **e = exec->env; e && *e; e++)
		if (!strncmp(*e, name, strlen(name)) && (*e)[strlen(name)] == '=')
			return *e + strlen(name) + 1;
	return NULL;
}

static void test_default_path_unless_the_table_sets_one(void **state)
{
	struct jw_reading r;
	const struct jw_job *a, *b;

	scratch_write("etc/cron.d/x", "* * * * * root first\nPATH=/opt/bin\n* * * * * root second\n");
	read_all(&r);
	a = find(&r, "/etc/cron.d/x", "first");
	b = find(&r, "/etc/cron.d/x", "second");
	assert_non_null(a);
	assert_non_null(b);
	assert_string_equal(env_of(&a->execs[0], "PATH"), "/usr/bin:/bin");
	assert_string_equal(env_of(&b->execs[0], "PATH"), "/opt/bin");
	assert_memory_not_equal(a->execs[0].key, b->execs[0].key, JW_DIGEST_SIZE);
	jw_reading_done(&r);
}

static void test_pam_reaches_the_key(void **state)
{
	struct jw_reading r;
	const struct jw_job *job;
	uint8_t plain[JW_DIGEST_SIZE];

	scratch_write("etc/cron.d/x", "* * * * * root cmd\n");
	read_all(&r);
	memcpy(plain, find(&r, "/etc/cron.d/x", "cmd")->execs[0].key, sizeof(plain));
	jw_reading_done(&r);
	scratch_write("etc/pam.d/cron",
		      "session required pam_env.so\nsession required pam_env.so envfile=/etc/default/locale\n");
	scratch_write("etc/environment", "# comment\nexport LD_PRELOAD=\"/tmp/x.so\"\nPATH=/a:/b # rest\n");
	read_all(&r);
	job = find(&r, "/etc/cron.d/x", "cmd");
	assert_string_equal(env_of(&job->execs[0], "LD_PRELOAD"), "/tmp/x.so");
	assert_string_equal(env_of(&job->execs[0], "PATH"), "/a:/b");
	assert_memory_not_equal(job->execs[0].key, plain, sizeof(plain));
	jw_reading_done(&r);
}

static void test_refused_tables_are_listed_and_not_approvable(void **state)
{
	static const struct { const char *name; mode_t mode; const char *why; } cases[] = {
		{ "etc/cron.d/writable", 0666, "others" }, { "var/spool/cron/crontabs/root", 0644, "0600" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_reading r;

		scratch_write(cases[i].name, "* * * * * root cmd\n");
		assert_int_equal(chmod(scratch_path(cases[i].name), cases[i].mode), 0);
		read_all(&r);
		assert_int_equal(r.jobs.n, 1);
		assert_non_null(r.jobs.v[0].unreadable);
		assert_non_null(strstr(r.jobs.v[0].unreadable, cases[i].why));
		jw_reading_done(&r);
		unlink(scratch_path(cases[i].name));
	}
}

static void test_hard_links_and_symbolic_links(void **state)
{
	struct jw_reading r;

	scratch_write("etc/cron.d/x", "* * * * * root cmd\n");
	assert_int_equal(link(scratch_path("etc/cron.d/x"), scratch_path("elsewhere")), 0);
	scratch_write("target", "* * * * * cmd\n");
	scratch_write("var/spool/cron/crontabs/.keep", "");
	assert_int_equal(symlink("/target", scratch_path("var/spool/cron/crontabs/root")), 0);
	read_all(&r);
	assert_int_equal(r.jobs.n, 2);
	assert_non_null(strstr(find(&r, "/etc/cron.d/x", NULL)->unreadable, "hard link"));
	assert_non_null(strstr(find(&r, "/var/spool/cron/crontabs/root", NULL)->unreadable, "symbolic link"));
	jw_reading_done(&r);
}

/* open(2) of a FIFO would wait for a writer for ever. */
static void test_a_fifo_blocks_nobody(void **state)
{
	struct jw_reading r;

	scratch_write("etc/cron.d/x", "* * * * * root cmd\n");
	assert_int_equal(mkfifo(scratch_path("etc/cron.d/fifo"), 0600), 0);
	alarm(10);
	read_all(&r);
	alarm(0);
	assert_int_equal(r.jobs.n, 2);
	assert_string_equal(find(&r, "/etc/cron.d/fifo", NULL)->unreadable, "not a regular file");
	assert_null(find(&r, "/etc/cron.d/x", NULL)->unreadable);
	jw_reading_done(&r);
}

static void test_names_that_cron_passes_over(void **state)
{
	struct jw_reading r;

	scratch_write("etc/cron.d/x.sh", "* * * * * root cmd\n");
	scratch_write("etc/cron.d/.hidden", "* * * * * root cmd\n");
	scratch_write("etc/cron.d/x.dpkg-new", "* * * * * root cmd\n");
	scratch_write("var/spool/cron/crontabs/tmp.AbCdEf", "* * * * * cmd\n");
	read_all(&r);
	assert_int_equal(r.jobs.n, 0);
	jw_reading_done(&r);
	/* cron -l reads more names */
	scratch_write("etc/default/cron", "EXTRA_OPTS=\"-l\"\n");
	scratch_write("etc/cron.d/some-host.example", "* * * * * root cmd\n");
	read_all(&r);
	assert_int_equal(r.jobs.n, 1);
	jw_reading_done(&r);
}

static void test_a_table_without_a_user_is_listed(void **state)
{
	struct jw_reading r;

	scratch_write("var/spool/cron/crontabs/nosuchuser-jw", "* * * * * cmd\n");
	read_all(&r);
	assert_int_equal(r.jobs.n, 1);
	assert_non_null(strstr(r.jobs.v[0].unreadable, "no user"));
	jw_reading_done(&r);
}

static void test_equal_lines_have_different_ids_that_stay(void **state)
{
	struct jw_reading r;
	uint64_t id;

	scratch_write("etc/cron.d/x", "1 * * * * root cmd\n1 * * * * root cmd\n");
	read_all(&r);
	assert_int_equal(r.jobs.n, 2);
	assert_true(r.jobs.v[0].id != r.jobs.v[1].id);
	assert_memory_equal(r.jobs.v[0].execs[0].key, r.jobs.v[1].execs[0].key, JW_DIGEST_SIZE);
	id = r.jobs.v[0].id;
	jw_reading_done(&r);
	scratch_write("etc/cron.d/x", "# a comment\n\n1 * * * * root cmd\n");
	read_all(&r);
	assert_int_equal(r.jobs.v[0].id, id);
	jw_reading_done(&r);
}

static void write_daily(const char *name, mode_t mode)
{
	char path[128];

	snprintf(path, sizeof(path), "etc/cron.daily/%s", name);
	scratch_write(path, "#!/bin/sh\ntrue\n");
	chmod(scratch_path(path), mode);
}

static void test_run_parts_jobs_follow_their_callers(void **state)
{
	struct jw_reading r;
	const struct jw_job *job;

	scratch_write("etc/crontab", DEBIAN_PATH "\n25 6 * * * root test -x /usr/sbin/anacron || "
		      "{ cd / && run-parts --report /etc/cron.daily; }\n");
	scratch_write("etc/anacrontab", "PATH=/anacron\n1 5 cron.daily run-parts --report /etc/cron.daily/\n");
	write_daily("job", 0755);
	write_daily("not-executable", 0644);
	write_daily("with.dot", 0755);
	read_all(&r);
	assert_int_equal(r.jobs.n, 3);
	job = find(&r, "/etc/cron.daily/job", NULL);
	assert_non_null(job);
	assert_int_equal(job->scheduler, JOBWARD_SCHEDULER_RUN_PARTS);
	assert_int_equal(job->uid, 0);
	assert_string_equal(job->schedule, "25 6 * * *");
	assert_int_equal(job->n_execs, 2);
	/* the directory as the caller wrote it */
	assert_string_equal(job->execs[0].argv, "/etc/cron.daily/job");
	assert_string_equal(job->execs[1].argv, "/etc/cron.daily//job");
	assert_string_equal(env_of(&job->execs[1], "PATH"), "/anacron");
	assert_true(job->execs[0].has_content);
	jw_reading_done(&r);
}

static void test_run_parts_without_caller_are_no_jobs(void **state)
{
	struct jw_reading r;

	write_daily("job", 0755);
	read_all(&r);
	assert_int_equal(r.jobs.n, 0);
	jw_reading_done(&r);
}

static void test_run_parts_arguments(void **state)
{
	struct jw_reading r;
	const struct jw_job *job;

	scratch_write("etc/crontab", "1 1 * * * root run-parts --arg=one -a two --lsbsysinit /etc/cron.daily\n");
	write_daily("job", 0755);
	read_all(&r);
	job = find(&r, "/etc/cron.daily/job", NULL);
	assert_non_null(job);
	assert_int_equal(job->execs[0].argv_len, sizeof("/etc/cron.daily/job\0one\0two"));
	assert_memory_equal(job->execs[0].argv, "/etc/cron.daily/job\0one\0two",
			    sizeof("/etc/cron.daily/job\0one\0two"));
	jw_reading_done(&r);
}

static void test_anacron_has_a_key_for_each_caller(void **state)
{
	struct jw_reading r;

	scratch_write("etc/anacrontab", "1 5 open cmd\nPATH=/fixed\n1 5 fixed cmd\n");
	read_all(&r);
	assert_int_equal(r.jobs.n, 2);
	assert_int_equal(r.jobs.v[0].n_execs, 5);
	assert_int_equal(r.jobs.v[1].n_execs, 1);
	assert_string_equal(r.jobs.v[0].owner, "root");
	for (size_t i = 1; i < r.jobs.v[0].n_execs; i++)
		assert_memory_not_equal(r.jobs.v[0].execs[0].key, r.jobs.v[0].execs[i].key, JW_DIGEST_SIZE);
	jw_reading_done(&r);
}

/* Who reads the tables is who is installed; a job is listed once. */
static void test_the_installed_cron_reads_the_tables(void **state)
{
	static const struct { const char *image; enum jobward_scheduler scheduler; const char *path, *command; } cases[] = {
		{ NULL, JOBWARD_SCHEDULER_CRON, "/usr/bin:/bin", "  a\\b" },
		{ "usr/sbin/bcron-sched", JOBWARD_SCHEDULER_BCRON,
		  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "a\\\\b" },
		{ "usr/sbin/crond", JOBWARD_SCHEDULER_CRONIE, "/usr/bin:/bin:/usr/sbin:/sbin", "a\\\\b" },
		{ "usr/sbin/cron", JOBWARD_SCHEDULER_CRON, "/usr/bin:/bin", "  a\\b" },
	};

	scratch_write("etc/cron.d/x", "* * * * * root   a\\\\b\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_reading r;

		if (cases[i].image)
			scratch_write(cases[i].image, "");
		read_all(&r);
		assert_int_equal(r.jobs.n, 1);
		assert_int_equal(r.jobs.v[0].scheduler, cases[i].scheduler);
		assert_string_equal(r.jobs.v[0].command, cases[i].command);
		assert_string_equal(env_of(&r.jobs.v[0].execs[0], "PATH"), cases[i].path);
		jw_reading_done(&r);
	}
	/* systemd-cron's jobs are systemd's */
	unlink(scratch_path("usr/sbin/cron"));
	unlink(scratch_path("usr/sbin/crond"));
	unlink(scratch_path("usr/sbin/bcron-sched"));
	scratch_write("usr/lib/systemd/system-generators/systemd-crontab-generator", "");
	{
		struct jw_reading r;

		read_all(&r);
		assert_int_equal(r.jobs.n, 0);
		jw_reading_done(&r);
	}
}

/* Root has no PAM session for system tables, and PATH is never PAM's. */
static void test_cronie_and_pam(void **state)
{
	struct jw_reading r;

	scratch_write("usr/sbin/crond", "");
	scratch_write("etc/pam.d/cronie", "session required pam_env.so\n");
	scratch_write("etc/environment", "LD_PRELOAD=/tmp/x.so\nPATH=/a:/b\n");
	scratch_write("etc/cron.d/x.sh", "* * * * * root a\n* * * * * daemon b\n");
	scratch_write("var/spool/cron/crontabs/root", "* * * * * c\n");
	chmod(scratch_path("var/spool/cron/crontabs/root"), 0600);
	read_all(&r);
	assert_int_equal(r.jobs.n, 3);
	assert_null(env_of(&find(&r, "/etc/cron.d/x.sh", "a")->execs[0], "LD_PRELOAD"));
	assert_string_equal(env_of(&find(&r, "/etc/cron.d/x.sh", "b")->execs[0], "LD_PRELOAD"), "/tmp/x.so");
	assert_string_equal(env_of(&find(&r, "/var/spool/cron/crontabs/root", "c")->execs[0], "LD_PRELOAD"), "/tmp/x.so");
	assert_string_equal(env_of(&find(&r, "/etc/cron.d/x.sh", "b")->execs[0], "PATH"), "/usr/bin:/bin:/usr/sbin:/sbin");
	jw_reading_done(&r);
}

/* What bcron-sched runs are its copies: one that is no copy must not hide. */
static void test_bcron_lists_what_is_no_copy(void **state)
{
	struct jw_reading r;

	scratch_write("usr/sbin/bcron-sched", "");
	scratch_write("etc/cron.d/x", "* * * * * root a\n");
	scratch_write("var/spool/cron/crontabs/:etc:cron.d:x", "* * * * * root a\n");
	scratch_write("var/spool/cron/crontabs/:etc:cron.d:y", "* * * * * root b\n");
	scratch_write("var/spool/cron/crontabs/:etc:crontab", "* * * * * root c\n");
	scratch_write("etc/crontab", "* * * * * root d\n");
	read_all(&r);
	assert_int_equal(r.jobs.n, 4);
	assert_non_null(find(&r, "/etc/cron.d/x", "a"));
	assert_non_null(find(&r, "/etc/crontab", "d"));
	assert_non_null(find(&r, "/var/spool/cron/crontabs/:etc:cron.d:y", "b"));
	assert_non_null(find(&r, "/var/spool/cron/crontabs/:etc:crontab", "c"));
	jw_reading_done(&r);
}

static void test_busybox_counts_where_its_crond_runs(void **state)
{
	struct jw_reading r;
	const struct jw_job *job;

	scratch_write("bin/busybox", "");
	scratch_write("usr/sbin/cron", "");
	scratch_write("etc/crontab", "* * * * * root not busybox's\n");
	scratch_write("var/spool/cron/crontabs/root", "SHELL=/bin/dash\n* * * * * a\n");
	chmod(scratch_path("var/spool/cron/crontabs/root"), 0600);
	scratch_write("proc/7/cmdline", "busybox");
	assert_int_equal(symlink("/usr/bin/busybox", scratch_path("proc/7/exe")), 0);
	read_all(&r);
	assert_int_equal(r.jobs.n, 2);
	jw_reading_done(&r);
	scratch_write("proc/7/cmdline", "/usr/sbin/crond");
	read_all(&r);
	assert_int_equal(r.jobs.n, 3);
	job = &r.jobs.v[2];
	assert_int_equal(job->scheduler, JOBWARD_SCHEDULER_BUSYBOX);
	assert_string_equal(job->command, "a");
	assert_string_equal(job->execs[0].argv, "/bin/dash");
	jw_reading_done(&r);
	/* where crond is a link to it, that is not cronie's */
	assert_int_equal(symlink("../../bin/busybox", scratch_path("usr/sbin/crond")), 0);
	unlink(scratch_path("usr/sbin/cron"));
	read_all(&r);
	assert_int_equal(r.jobs.n, 1);
	assert_int_equal(r.jobs.v[0].scheduler, JOBWARD_SCHEDULER_BUSYBOX);
	jw_reading_done(&r);
}

static void test_signature_sees_what_was_written(void **state)
{
	uint8_t before[JW_DIGEST_SIZE], after[JW_DIGEST_SIZE];

	scratch_write("etc/cron.d/x", "* * * * * root cmd\n");
	assert_int_equal(jw_schedulers_signature(scratch, before), 0);
	assert_int_equal(jw_schedulers_signature(scratch, after), 0);
	assert_memory_equal(before, after, sizeof(before));
	chmod(scratch_path("etc/cron.d/x"), 0600);
	assert_int_equal(jw_schedulers_signature(scratch, after), 0);
	assert_memory_not_equal(before, after, sizeof(before));
	memcpy(before, after, sizeof(before));
	scratch_write("etc/systemd/system/a.service.d/b.conf", "[Service]\n");
	assert_int_equal(jw_schedulers_signature(scratch, after), 0);
	assert_memory_not_equal(before, after, sizeof(before));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_default_path_unless_the_table_sets_one), TEST(test_pam_reaches_the_key),
		TEST(test_refused_tables_are_listed_and_not_approvable), TEST(test_hard_links_and_symbolic_links),
		TEST(test_a_fifo_blocks_nobody), TEST(test_names_that_cron_passes_over),
		TEST(test_a_table_without_a_user_is_listed), TEST(test_equal_lines_have_different_ids_that_stay),
		TEST(test_run_parts_jobs_follow_their_callers), TEST(test_run_parts_without_caller_are_no_jobs),
		TEST(test_run_parts_arguments), TEST(test_the_installed_cron_reads_the_tables),
		TEST(test_cronie_and_pam), TEST(test_bcron_lists_what_is_no_copy),
		TEST(test_busybox_counts_where_its_crond_runs), TEST(test_anacron_has_a_key_for_each_caller),
		TEST(test_signature_sees_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
