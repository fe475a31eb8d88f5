// SPDX-License-Identifier: GPL-2.0
/* What a job runs: which files are pinned for which command, and when a change is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>
#include "lib/pins.h"
#include "scratch.h"

static struct jw_pins *pins;
static struct jw_diags diags;

static int set_up(void **state)
{
	return scratch_set_up(state) || jw_pins_new(&pins, NULL);
}

static int tear_down(void **state)
{
	jw_pins_free(pins);
	jw_diags_done(&diags);
	return scratch_tear_down(state);
}

static void write_program(const char *name, const char *content)
{
	scratch_write(name, content);
	chmod(scratch_path(name), 0755);
}

/* A job of cron with this command and PATH. */
static void make_job(struct jw_job *job, const char *command, const char *path)
{
	struct jw_exec *exec;

	*job = (struct jw_job){ .scheduler = JOBWARD_SCHEDULER_CRON,
				.command = strdup(command),
				.path = strdup("/etc/cron.d/x") };
	exec = jw_job_add_exec(job);
	assert_int_equal(jw_exec_set_argv(exec, "/bin/sh", "-c", command, NULL), 0);
	exec->env = calloc(2, sizeof(*exec->env));
	assert_true(asprintf(&exec->env[0], "PATH=%s", path) > 0);
	assert_int_equal(jw_pins_resolve(pins, job, scratch, &diags), 0);
}

static const struct jw_pin *find(const struct jw_job *job, const char *name)
{
	const char *path = name[0] == '/' ? name : scratch_path(name);

	for (size_t i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return &job->pins[i];
	return NULL;
}

static void test_program_shell_and_interpreter(void **state)
{
	struct jw_job job;

	write_program("script", "#!/usr/bin/env cat\n");
	make_job(&job, scratch_path("script"), "/usr/bin:/bin");
	assert_true(find(&job, "/bin/sh")->present);
	assert_true(find(&job, "script")->present);
	assert_non_null(find(&job, "/usr/bin/env"));
	assert_non_null(find(&job, "/usr/bin/cat"));
	jw_job_done(&job);
}

static void test_nothing_may_turn_up_earlier_in_path(void **state)
{
	char path[300];
	struct jw_job job;

	write_program("late/prog", "x");
	scratch_write("early/other", "");
	snprintf(path, sizeof(path), "%s:%s", scratch_path("early"), scratch_path("late"));
	make_job(&job, "prog", path);
	assert_non_null(find(&job, "early/prog"));
	assert_false(find(&job, "early/prog")->present);
	assert_true(find(&job, "late/prog")->present);
	jw_job_done(&job);
	write_program("early/prog", "y");
	make_job(&job, "prog", path);
	assert_true(find(&job, "early/prog")->present);
	assert_null(find(&job, "late/prog"));
	jw_job_done(&job);
}

static void test_relative_scripts_start_at_home_or_after_cd(void **state)
{
	char command[300];
	struct jw_job job;

	write_program("run.sh", "x");
	write_program("sub/run.sh", "y");
	make_job(&job, "./run.sh", "/bin");
	assert_int_equal(job.n_pins, 2);
	assert_true(job.pins[1].present);
	jw_job_done(&job);
	snprintf(command, sizeof(command), "cd %s && ./run.sh", scratch_path("sub"));
	make_job(&job, command, "/bin");
	assert_non_null(strstr(job.pins[1].path, "/sub/./run.sh"));
	jw_job_done(&job);
}

static void test_content_changes_are_seen(void **state)
{
	uint8_t before[JW_DIGEST_SIZE];
	struct jw_job job;

	write_program("script", "one");
	make_job(&job, scratch_path("script"), "/bin");
	memcpy(before, find(&job, "script")->sha256, sizeof(before));
	/* written a moment ago: its time alone proves nothing */
	assert_int_equal(find(&job, "script")->ctime_ns, 0);
	jw_job_done(&job);
	/* same length, same second */
	write_program("script", "two");
	make_job(&job, scratch_path("script"), "/bin");
	assert_memory_not_equal(find(&job, "script")->sha256, before, sizeof(before));
	jw_job_done(&job);
}

static void test_builtins_are_no_files(void **state)
{
	struct jw_job job;

	make_job(&job, "cd / && echo x && test -d / && true", "/nonexistent");
	for (size_t i = 0; i < job.n_pins; i++)
		assert_null(strstr(job.pins[i].path, "/nonexistent"));
	jw_job_done(&job);
}

static void test_fifos_and_folders_do_not_block(void **state)
{
	char command[300];
	struct jw_job job;

	scratch_write("keep", "");
	assert_int_equal(mkfifo(scratch_path("fifo"), 0755), 0);
	snprintf(command, sizeof(command), "sh %s", scratch_path("fifo"));
	alarm(10);
	make_job(&job, command, "/bin");
	alarm(0);
	jw_job_done(&job);
}

static void test_number_of_pins_is_bounded(void **state)
{
	static char command[8192];
	struct jw_job job;
	size_t n = 0;

	for (int i = 0; i < 200; i++)
		n += sprintf(command + n, "/nonexistent/%d;", i);
	make_job(&job, command, "/bin");
	assert_true(job.n_pins <= JOBWARD_PINS_MAX);
	jw_job_done(&job);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_program_shell_and_interpreter), TEST(test_nothing_may_turn_up_earlier_in_path),
		TEST(test_relative_scripts_start_at_home_or_after_cd), TEST(test_content_changes_are_seen),
		TEST(test_builtins_are_no_files), TEST(test_fifos_and_folders_do_not_block),
		TEST(test_number_of_pins_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
