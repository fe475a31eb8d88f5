// SPDX-License-Identifier: GPL-2.0
/* The store when things go wrong: no space, the file gone or damaged, a crash in the middle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "store_events.h"

/* Files of stores that were moved aside: "Z" the stores, "Z-wal" their logs. */
static size_t count_aside(const char *end)
{
	struct dirent *entry;
	size_t n = 0, len;
	DIR *dir = opendir(scratch);

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		len = strlen(entry->d_name);
		n += strstr(entry->d_name, ".damaged-") && !strcmp(entry->d_name + len - strlen(end), end);
	}
	closedir(dir);
	return n;
}

/* ---- no space ---- */

static void test_full_by_pages(void **state)
{
	struct jw_store *store = open_store();
	uint64_t seq, bad;
	size_t n;
	int r, i;

	assert_int_equal(append_range(store, BOOT, 1, 50, NULL), 0);
	assert_int_equal(jw_sql_exec(store, "PRAGMA max_page_count = 1"), 0);
	for (i = 0, r = 0; !r && i < 200; i++)
		r = append_range(store, BOOT, 51 + 50 * (uint64_t)i, 100 + 50 * (uint64_t)i, &n);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(n, 0);
	assert_true(strlen(jw_store_error(store)) > 0);
	/* Nothing of it is there, the rest reads well. */
	assert_int_equal(jw_store_last_seq(store, BOOT, &seq), 0);
	assert_int_equal(seq, 50 * (uint64_t)i);
	assert_int_equal(count_events(store), seq);
	assert_int_equal(jw_store_verify(store, NULL, &bad), 0);
	/* Space is back. */
	assert_int_equal(jw_sql_exec(store, "PRAGMA max_page_count = 1000000"), 0);
	assert_int_equal(append_range(store, BOOT, seq + 1, seq + 50, &n), 0);
	assert_int_equal(n, 50);
	assert_int_equal(jw_store_verify(store, NULL, &bad), 0);
	jw_store_close(store);
}

/* The same through the file system: writes past the limit fail (EFBIG stands for ENOSPC). */
static int fill_up(void)
{
	struct jw_store *store = open_store();
	struct rlimit small = { 600 << 10, RLIM_INFINITY }, big = { RLIM_INFINITY, RLIM_INFINITY };
	uint64_t seq = 0, bad;
	int r = 0;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) < 0)
		return 2;
	while (!r && seq < 100000) {
		r = append_range(store, BOOT, seq + 1, seq + 50, NULL);
		if (!r)
			seq += 50;
	}
	if (r != -ENOSPC || count_events(store) != seq) {
		fprintf(stderr, "%d at %llu: %s\n", r, (unsigned long long)seq, jw_store_error(store));
		return 3;
	}
	if (append_range(store, BOOT, seq + 1, seq + 50, NULL) != -ENOSPC)
		return 4;
	setrlimit(RLIMIT_FSIZE, &big);
	if (append_range(store, BOOT, seq + 1, seq + 50, NULL) || count_events(store) != seq + 50)
		return 5;
	if (jw_store_verify(store, NULL, &bad))
		return 6;
	jw_store_close(store);
	store = open_store();
	r = count_events(store) == seq + 50 ? 0 : 7;
	jw_store_close(store);
	return r;
}

static void test_full_by_file_system(void **state)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(fill_up());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- no memory ---- */

/* So many allocations succeed, all further ones fail; -1: none fails. */
static long left = -1;
static sqlite3_mem_methods real;

static bool may_fail(void)
{
	if (left > 0)
		left--;
	return left == 0;
}

static void *sqlite_malloc(int size)
{
	return may_fail() ? NULL : real.xMalloc(size);
}

static void *sqlite_realloc(void *p, int size)
{
	return may_fail() ? NULL : real.xRealloc(p, size);
}

static void *jansson_malloc(size_t size)
{
	return may_fail() ? NULL : malloc(size);
}

static int set_up_memory(void **state)
{
	sqlite3_mem_methods mine;

	(void)state;
	sqlite3_shutdown();
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
		return -1;
	mine = real;
	mine.xMalloc = sqlite_malloc;
	mine.xRealloc = sqlite_realloc;
	json_set_alloc_funcs(jansson_malloc, free);
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) == SQLITE_OK ? 0 : -1;
}

static void test_no_memory_for_events(void **state)
{
	struct jw_store *store = open_store();
	uint64_t seq = 1, last;
	long n;
	int r;

	assert_int_equal(append_range(store, BOOT, 1, 1, NULL), 0);
	for (n = 1, r = -ENOMEM; r; n++) {
		left = n;
		r = append_range(store, BOOT, seq + 1, seq + 3, NULL);
		left = -1;
		if (r != -ENOMEM && r)
			fail_msg("%ld allocations: %d, %s", n, r, jw_store_error(store));
		seq += r ? 0 : 3;
		assert_int_equal(jw_store_last_seq(store, BOOT, &last), 0);
		assert_int_equal(last, seq);
	}
	assert_int_equal(count_events(store), seq);
	assert_int_equal(jw_store_verify(store, NULL, NULL), 0);
	for (n = 1, r = -ENOMEM; r; n++) {
		size_t rows = 0;

		left = n;
		r = jw_store_events(store, &all_events, count_event, &rows);
		left = -1;
		/* jansson takes some of its own lacks of memory for a token that it does not know. */
		if (r != -ENOMEM && r != -EBADMSG && r)
			fail_msg("%ld allocations: %d, %s", n, r, jw_store_error(store));
	}
	jw_store_close(store);
}

static void test_no_memory_to_open(void **state)
{
	struct jw_store *store = open_store();
	long n;
	int r;

	assert_int_equal(append_range(store, BOOT, 1, 100, NULL), 0);
	jw_store_close(store);
	for (n = 1, r = -ENOMEM; r; n++) {
		struct jw_diags diags = { 0 };

		left = n;
		r = jw_store_open(&store, scratch_path(DB), false, &diags);
		left = -1;
		/* Never taken for damage. */
		if ((r != -ENOMEM && r) || (!r && diags.n) || count_aside("Z"))
			fail_msg("%ld allocations: %d, %s", n, r, diags.n ? diags.v[0].cause : "");
		jw_diags_done(&diags);
	}
	assert_int_equal(count_events(store), 100);
	jw_store_close(store);
}

/* ---- gone and damaged ---- */

static void test_gone(void **state)
{
	static const char *const names[] = { DB, DB "-wal" };
	struct jw_store *store;
	size_t i;

	for (i = 0; i < 2; i++) {
		store = open_store();
		assert_int_equal(append_range(store, BOOT, i + 1, i + 1, NULL), 0);
		assert_false(jw_store_is_gone(store));
		assert_int_equal(unlink(scratch_path(names[i])), 0);
		assert_true(jw_store_is_gone(store));
		/* Another file of that name is not ours. */
		scratch_write(names[i], "");
		assert_true(jw_store_is_gone(store));
		jw_store_close(store);
		unlink(scratch_path(DB));
		unlink(scratch_path(DB "-wal"));
		unlink(scratch_path(DB "-shm"));
	}
}

/* @sql: tampers; else @len bytes of garbage at @at. */
static void expect_damage(const char *sql, off_t at, size_t len, const char *cause)
{
	struct jw_store *store = open_store();
	struct jw_diags diags = { 0 };
	struct jw_decision *v;
	size_t n, i;
	int fd, r;

	assert_int_equal(append_range(store, BOOT, 1, 300, NULL), 0);
	decide(store, 5, JOBWARD_STATE_APPROVED, 5);
	assert_int_equal(jw_store_set(store, "mode.run", "enforce"), 0);
	jw_store_close(store);
	if (sql)
		tamper(scratch_path(DB), sql);
	fd = open(scratch_path(DB), O_RDWR);
	for (i = 0; i < len; i++)
		assert_int_equal(pwrite(fd, "\xa5", 1, at + (off_t)i), 1);
	close(fd);
	/* Readers refuse, or have not met the bad page. */
	r = jw_store_open(&store, scratch_path(DB), true, &diags);
	assert_true(r == -EBADMSG || (r == 0 && at));
	jw_store_close(store);
	jw_diags_done(&diags);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), 0);
	assert_int_equal(diags.n, 1);
	if (!strstr(diags.v[0].cause, cause))
		fail_msg("'%s' does not say '%s'", diags.v[0].cause, cause);
	jw_diags_done(&diags);
	assert_int_equal(count_aside("Z"), 1);
	assert_int_equal(count_events(store), 0);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	if (at || sql) {
		char *mode;
		uint64_t seq;

		/* Decisions, modes and numbers go over. */
		assert_int_equal(n, 1);
		assert_int_equal(jw_store_get(store, "mode.run", &mode), 0);
		assert_string_equal(mode, "enforce");
		free(mode);
		assert_int_equal(jw_store_last_seq(store, BOOT, &seq), 0);
		assert_int_equal(seq, 300);
	}
	jw_decisions_free(v, n);
	assert_int_equal(append_range(store, BOOT, 301, 310, NULL), 0);
	jw_store_close(store);
}

static void test_damaged_header(void **state)
{
	expect_damage(NULL, 0, 100, "have to be made again");
}

static void test_damaged_page(void **state)
{
	struct jw_store *store = open_store();
	char *page;
	off_t at;

	/* Some leaf of the events' table. */
	assert_int_equal(append_range(store, BOOT, 1, 300, NULL), 0);
	jw_store_close(store);
	page = query(scratch_path(DB), "SELECT max(pageno) FROM dbstat WHERE name = 'event' AND pagetype = 'leaf'");
	at = page[0] ? (atoll(page) - 1) * 4096 : 60 * 4096;
	free(page);
	assert_int_equal(unlink(scratch_path(DB)), 0);
	expect_damage(NULL, at, 3000, "1 rows");
}

static void test_damaged_chain_end(void **state)
{
	expect_damage("UPDATE event SET doc = replace(doc, 'bash', 'dash') WHERE id = 290", 0, 0,
		      "chain of events breaks");
}

/* A crash left a log beside the damaged store: it belongs to that one and goes with it. */
static void test_damaged_with_a_log(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_store *store;
	int status, fd;
	pid_t pid = fork();

	if (!pid) {
		store = open_store();
		_exit(append_range(store, BOOT, 1, 10, NULL) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(access(scratch_path(DB "-wal"), F_OK), 0);
	fd = open(scratch_path(DB), O_RDWR);
	assert_int_equal(pwrite(fd, "garbage garbage garbage", 23, 0), 23);
	close(fd);
	unlink(scratch_path(DB "-shm"));
	if (jw_store_open(&store, scratch_path(DB), false, &diags) != 0)
		fail_msg("%s", diags.v[0].cause);
	jw_diags_done(&diags);
	/* The log has all that there was and may have mended the store; else both are aside. Nothing is mixed up. */
	assert_true(count_aside("Z") == 0 ? count_events(store) == 10 : count_events(store) == 0);
	assert_int_equal(jw_store_verify(store, NULL, NULL), 0);
	assert_int_equal(count_aside("Z-wal"), count_aside("Z"));
	jw_store_close(store);
}

/* Met in use, far from what is checked at opening: the next opening begins anew. */
static void test_damage_met_in_use(void **state)
{
	struct jw_store *store = open_store();
	struct jw_diags diags = { 0 };

	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	decide(store, 5, JOBWARD_STATE_APPROVED, 5);
	assert_int_equal(jw_sql_errno(store, SQLITE_CORRUPT), -EBADMSG);
	jw_store_close(store);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), 0);
	assert_int_equal(diags.n, 1);
	assert_non_null(strstr(diags.v[0].cause, "damage was met while it was in use"));
	jw_diags_done(&diags);
	assert_int_equal(count_events(store), 0);
	expect_query("SELECT count(*) FROM decisions", "1");
	jw_store_close(store);
	/* Once. */
	store = open_store();
	jw_store_close(store);
	assert_int_equal(count_aside("Z"), 1);
}

/* Somebody has emptied the file: that is not how a new store looks. */
static void test_emptied(void **state)
{
	struct jw_store *store = open_store();
	struct jw_diags diags = { 0 };

	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	jw_store_close(store);
	assert_int_equal(truncate(scratch_path(DB), 0), 0);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), 0);
	assert_int_equal(diags.n, 1);
	assert_non_null(strstr(diags.v[0].cause, "empty file"));
	jw_diags_done(&diags);
	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	jw_store_close(store);
}

/* ---- crash ---- */

/* Appends in small batches until it is killed; tells each number that is safe through the pipe. */
static void append_forever(int fd)
{
	struct jw_store *store = open_store();
	uint64_t seq = 0;

	for (;;) {
		if (append_range(store, BOOT, seq + 1, seq + 7, NULL))
			_exit(1);
		seq += 7;
		if (write(fd, &seq, sizeof(seq)) != sizeof(seq))
			_exit(1);
	}
}

static void test_crash_loses_nothing(void **state)
{
	int round, fds[2], status;
	uint64_t told, seq, bad;
	struct jw_store *store;
	pid_t pid;
	size_t n;

	for (round = 0; round < 12; round++) {
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (!pid)
			append_forever(fds[1]);
		close(fds[1]);
		assert_int_equal(read(fds[0], &told, sizeof(told)), sizeof(told));
		usleep(1000 + 2713 * (useconds_t)round);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
			told = seq;
		close(fds[0]);
		store = open_store();
		assert_int_equal(jw_store_last_seq(store, BOOT, &seq), 0);
		/* What was told is there; more may be, in whole batches. */
		assert_true(seq >= told);
		assert_int_equal(seq % 7, 0);
		assert_int_equal(count_events(store), seq);
		assert_int_equal(jw_store_verify(store, NULL, &bad), 0);
		/* The kernel gives what was not acknowledged once more. */
		assert_int_equal(append_range(store, BOOT, told > 7 ? told - 6 : 1, seq + 5, &n), 0);
		assert_int_equal(n, 5);
		assert_int_equal(count_events(store), seq + 5);
		jw_store_close(store);
		assert_int_equal(unlink(scratch_path(DB)), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_full_by_pages),
		TEST(test_full_by_file_system),
		TEST(test_no_memory_for_events),
		TEST(test_no_memory_to_open),
		TEST(test_gone),
		TEST(test_damaged_header),
		TEST(test_damaged_page),
		TEST(test_damaged_chain_end),
		TEST(test_damaged_with_a_log),
		TEST(test_damage_met_in_use),
		TEST(test_emptied),
		TEST(test_crash_loses_nothing),
	};

	return cmocka_run_group_tests(tests, set_up_memory, NULL);
}
