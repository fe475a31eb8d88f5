// SPDX-License-Identifier: GPL-2.0
/* The store: events in and out, jobs, decisions, values, findings; a full disk, a crash, a damaged or foreign file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "scratch.h"
#include "store/sql.h"
#include "store_events.h"

#define DB "jobward.db"

static struct jw_store *open_store(void)
{
	struct jw_diags diags = { 0 };
	struct jw_store *store;
	int r = jw_store_open(&store, scratch_path(DB), false, &diags);

	if (diags.n)
		print_message("%s\n", diags.v[0].cause);
	assert_int_equal(r, 0);
	assert_int_equal(diags.n, 0);
	return store;
}

static void expect_query(const char *sql, const char *expected)
{
	char *got = query(scratch_path(DB), sql);

	assert_string_equal(got, expected);
	free(got);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(scratch_path(name), &st), 0);
	return st.st_mode & 07777;
}

/* ---- opening ---- */

static void test_open_creates_private_files(void **state)
{
	mode_t mask = umask(0);
	struct jw_store *store = open_store();

	umask(mask);
	assert_int_equal(append_range(store, BOOT, 1, 1, NULL), 0);
	assert_int_equal(mode_of(DB), 0600);
	assert_int_equal(mode_of(DB "-wal"), 0600);
	assert_int_equal(mode_of(DB "-shm"), 0600);
	jw_store_close(store);
	/* One that was opened up is closed again. */
	assert_int_equal(chmod(scratch_path(DB), 0644), 0);
	store = open_store();
	assert_int_equal(mode_of(DB), 0600);
	jw_store_close(store);
	expect_query("PRAGMA journal_mode", "wal");
	expect_query("PRAGMA auto_vacuum", "2");
}

static void test_open_missing_folder(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_store *store;

	assert_int_equal(jw_store_open(&store, scratch_path("no/such.db"), false, &diags), -ENOENT);
	assert_null(store);
	assert_int_equal(diags.n, 1);
	jw_diags_done(&diags);
	assert_int_equal(jw_store_open(&store, scratch_path("none.db"), true, &diags), -ENOENT);
	jw_diags_done(&diags);
	assert_int_equal(access(scratch_path("none.db"), F_OK), -1);
}

static void test_open_refuses_links_and_folders(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_store *store;

	assert_int_equal(symlink("elsewhere", scratch_path(DB)), 0);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), -EINVAL);
	jw_diags_done(&diags);
	assert_int_equal(unlink(scratch_path(DB)), 0);
	assert_int_equal(mkdir(scratch_path(DB), 0700), 0);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), -EINVAL);
	jw_diags_done(&diags);
}

static void test_newer_schema_is_not_touched(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_store *store = open_store();
	char *before, *after;
	size_t n, m;

	jw_store_close(store);
	tamper(scratch_path(DB), "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
	before = scratch_read(DB, &n);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), -EPROTO);
	assert_null(store);
	assert_non_null(strstr(diags.v[0].cause, "schema 99"));
	jw_diags_done(&diags);
	assert_int_equal(jw_store_open(&store, scratch_path(DB), true, &diags), -EPROTO);
	jw_diags_done(&diags);
	after = scratch_read(DB, &m);
	assert_int_equal(n, m);
	assert_memory_equal(before, after, n);
	free(before);
	free(after);
}

static void test_foreign_database_is_refused(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_store *store;

	tamper(scratch_path(DB), "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
	assert_int_equal(jw_store_open(&store, scratch_path(DB), false, &diags), -EPROTO);
	assert_non_null(strstr(diags.v[0].cause, "another program"));
	jw_diags_done(&diags);
	expect_query("SELECT a FROM theirs", "1");
}

static void test_readonly(void **state)
{
	struct jw_store *store = open_store(), *reader;
	struct jw_diags diags = { 0 };
	uint64_t base;

	assert_int_equal(append_range(store, BOOT, 1, 3, NULL), 0);
	assert_int_equal(jw_store_open(&reader, scratch_path(DB), true, &diags), 0);
	assert_int_equal(count_events(reader), 3);
	assert_int_equal(append_range(reader, BOOT, 4, 4, NULL), -EROFS);
	assert_int_equal(jw_store_set(reader, "a", "b"), -EROFS);
	assert_int_equal(jw_store_seq_base(reader, BOOT, 1, &base), -EROFS);
	assert_int_equal(jw_store_put_finding(reader, "a", "b", 1), -EROFS);
	assert_int_equal(jw_store_clear_finding(reader, "a"), -EROFS);
	assert_int_equal(jw_store_drop_decision(reader, 1, 1, "x", NULL), -EROFS);
	assert_int_equal(jw_store_put_run(reader, 1, 1, 1), -EROFS);
	/* What the daemon appends meanwhile is seen. */
	assert_int_equal(append_range(store, BOOT, 4, 5, NULL), 0);
	assert_int_equal(count_events(reader), 5);
	jw_store_close(reader);
	jw_store_close(store);
}

/* A copy of the file alone, in a folder and under an account that can't write. */
static void test_readonly_copy(void **state)
{
	struct jw_store *store = open_store();
	int status;
	pid_t pid;

	assert_int_equal(append_range(store, BOOT, 1, 3, NULL), 0);
	jw_store_close(store);
	assert_int_equal(chmod(scratch_path(DB), 0444), 0);
	assert_int_equal(chmod(scratch, 0555), 0);
	pid = fork();
	if (!pid) {
		struct jw_diags diags = { 0 };
		struct jw_store *reader;
		bool good;

		if (getuid() == 0 && setuid(65534) < 0)
			_exit(2);
		good = jw_store_open(&reader, scratch_path(DB), true, &diags) == 0 && count_events(reader) == 3;
		if (good)
			jw_store_close(reader);
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	chmod(scratch, 0755);
	assert_int_equal(status, 0);
}

/* ---- events ---- */

static void test_append_once(void **state)
{
	struct jw_store *store = open_store();
	uint64_t seq;
	size_t n;

	assert_int_equal(append_range(store, BOOT, 1, 10, &n), 0);
	assert_int_equal(n, 10);
	/* The same batch again, and one that goes on from it. */
	assert_int_equal(append_range(store, BOOT, 1, 10, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(append_range(store, BOOT, 5, 15, &n), 0);
	assert_int_equal(n, 5);
	/* The same numbers of another boot are other events. */
	assert_int_equal(append_range(store, BOOT2, 1, 3, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(count_events(store), 18);
	assert_int_equal(jw_store_last_seq(store, BOOT, &seq), 0);
	assert_int_equal(seq, 15);
	assert_int_equal(jw_store_last_seq(store, BOOT2, &seq), 0);
	assert_int_equal(seq, 3);
	assert_int_equal(jw_store_last_seq(store, "none", &seq), 0);
	assert_int_equal(seq, 0);
	jw_store_close(store);
	store = open_store();
	assert_int_equal(count_events(store), 18);
	jw_store_close(store);
}

/* Two boots in one batch, back and forth, and events without number or boot. */
static void test_append_mixed(void **state)
{
	struct jw_store *store = open_store();
	struct jw_event events[5] = {
		make_event(BOOT, 7), make_event(BOOT2, 1), make_event(BOOT, 8), make_event("", 0), make_event(BOOT, 0),
	};
	uint64_t seq;
	size_t n, i;

	assert_int_equal(jw_store_append(store, events, 5, &n), 0);
	assert_int_equal(n, 5);
	/* Those without a number can't be told from new ones. */
	assert_int_equal(jw_store_append(store, events, 5, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(jw_store_last_seq(store, BOOT, &seq), 0);
	assert_int_equal(seq, 8);
	for (i = 0; i < 5; i++)
		jw_event_done(&events[i]);
	jw_store_close(store);
}

static void test_append_refuses_nameless(void **state)
{
	struct jw_store *store = open_store();
	struct jw_event events[2] = { make_event(BOOT, 1), make_event(BOOT, 2) };

	events[1].action = (enum jobward_action)200;
	assert_int_equal(jw_store_append(store, events, 2, NULL), -EINVAL);
	/* All or nothing. */
	assert_int_equal(count_events(store), 0);
	jw_event_done(&events[0]);
	jw_event_done(&events[1]);
	jw_store_close(store);
}

static void test_seq_base(void **state)
{
	static const struct { const char *boot; uint64_t instance, base; } cases[] = {
		{ BOOT, 11, 0 }, { BOOT, 11, 0 }, { BOOT, 22, 10 }, { BOOT, 11, 0 }, { BOOT, 22, 10 },
		{ BOOT2, 11, 0 }, { BOOT2, UINT64_MAX, 0 },
	};
	struct jw_store *store = open_store();
	uint64_t base;
	size_t i;

	assert_int_equal(jw_store_seq_base(store, BOOT, 11, &base), 0);
	assert_int_equal(base, 0);
	assert_int_equal(append_range(store, BOOT, 1, 10, NULL), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(jw_store_seq_base(store, cases[i].boot, cases[i].instance, &base), 0);
		assert_int_equal(base, cases[i].base);
	}
	jw_store_close(store);
}

struct seqs {
	uint64_t v[64];
	size_t n, stop_after;
};

static int collect(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct seqs *seqs = ctx;

	assert_true(row > 0);
	seqs->v[seqs->n++] = event->seq;
	return seqs->stop_after && seqs->n == seqs->stop_after ? 7 : 0;
}

/* Ten events that differ in what filters ask for. */
static void append_various(struct jw_store *store)
{
	struct jw_event events[10];
	size_t i;

	for (i = 0; i < 10; i++)
		events[i] = make_event(i < 8 ? BOOT : BOOT2, i + 1);
	events[1].verdict = JOBWARD_VERDICT_DENY;
	events[2].verdict = JOBWARD_VERDICT_AUDIT;
	events[3].kind = events[4].kind = JOBWARD_KIND_RUN;
	events[3].action = events[4].action = JOBWARD_ACTION_EXEC;
	events[3].scheduler = JOBWARD_SCHEDULER_CRON;
	events[4].scheduler = JOBWARD_SCHEDULER_AT;
	events[3].has_key = true;
	events[3].job = 0xfedcba9876543210;
	/* Acts by descent from 4, whose job is on record; the kernel gave none of its own. */
	events[5].root_seq = 4;
	/* Acts by descent, the event says whose job it is. */
	events[6].root_seq = 999;
	events[6].job = 0x77;
	free(events[7].object.path);
	events[7].object.path = strdup("/tmp/a");
	events[7].target.present = true;
	events[7].target.path = strdup("/etc/crontab");
	assert_int_equal(jw_store_append(store, events, 10, NULL), 0);
	for (i = 0; i < 10; i++)
		jw_event_done(&events[i]);
}

static void test_filters(void **state)
{
	/* The words count from 1 here, so that 0 is "any"; the kind one past the last has no word. */
	static const struct {
		const char *what;
		struct jw_event_filter filter;
		const char *expected;
	} cases[] = {
		{ "all", { 0 }, "1 2 3 4 5 6 7 8 9 10" },
		{ "newest three, oldest first", { .limit = 3 }, "8 9 10" },
		{ "more than there are", { .limit = 99 }, "1 2 3 4 5 6 7 8 9 10" },
		{ "denied", { .verdict = 1 + JOBWARD_VERDICT_DENY }, "2" },
		{ "audit", { .verdict = 1 + JOBWARD_VERDICT_AUDIT }, "3" },
		{ "allowed, newest two", { .verdict = 1 + JOBWARD_VERDICT_ALLOW, .limit = 2 }, "9 10" },
		{ "runs", { .kind = 1 + JOBWARD_KIND_RUN }, "4 5" },
		{ "runs of cron", { .kind = 1 + JOBWARD_KIND_RUN, .scheduler = 1 + JOBWARD_SCHEDULER_CRON }, "4" },
		{ "no scheduler", { .scheduler = 1 + JOBWARD_SCHEDULER_NONE, .limit = 1 }, "10" },
		{ "action", { .action = 1 + JOBWARD_ACTION_EXEC }, "4 5" },
		{ "job about to run and acting", { .job = 0xfedcba9876543210 }, "4 6" },
		{ "acting job of the event", { .job = 0x77 }, "7" },
		{ "job, newest one", { .job = 0xfedcba9876543210, .limit = 1 }, "6" },
		{ "object", { .path = "/tmp/a" }, "8" },
		{ "target", { .path = "/etc/crontab" }, "8" },
		{ "path and kind", { .path = "/etc/cron.d/x", .kind = 1 + JOBWARD_KIND_RUN }, "4 5" },
		{ "since", { .since_ns = (int64_t)(T0 + 8 * SECOND) }, "8 9 10" },
		{ "until is exclusive", { .until_ns = (int64_t)(T0 + 3 * SECOND) }, "1 2" },
		{ "between", { .since_ns = (int64_t)(T0 + 3 * SECOND), .until_ns = (int64_t)(T0 + 5 * SECOND) }, "3 4" },
		{ "between, newest one",
		  { .since_ns = (int64_t)(T0 + 3 * SECOND), .until_ns = (int64_t)(T0 + 5 * SECOND), .limit = 1 }, "4" },
		{ "since and kind", { .since_ns = (int64_t)(T0 + 5 * SECOND), .kind = 1 + JOBWARD_KIND_RUN }, "5" },
		{ "after a row", { .after_id = 8 }, "9 10" },
		{ "after the last row", { .after_id = 10 }, "" },
		{ "one number", { .seq = 4 }, "4" },
		{ "number and boot", { .seq = 9, .boot = BOOT2 }, "9" },
		{ "number of another boot", { .seq = 9, .boot = BOOT }, "" },
		{ "boot", { .boot = BOOT2 }, "9 10" },
		{ "boot that was not", { .boot = "x" }, "" },
		{ "all at once",
		  { .kind = 1 + JOBWARD_KIND_RUN, .verdict = 1 + JOBWARD_VERDICT_ALLOW, .scheduler = 1 + JOBWARD_SCHEDULER_CRON,
		    .action = 1 + JOBWARD_ACTION_EXEC, .job = 0xfedcba9876543210, .path = "/etc/cron.d/x", .seq = 4, .boot = BOOT,
		    .since_ns = (int64_t)T0, .until_ns = INT64_MAX, .after_id = 1, .limit = 5 }, "4" },
		{ "a number without a word", { .kind = 1 + 99 }, "" },
	};
	struct jw_store *store = open_store();
	size_t i, k;

	append_various(store);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_event_filter filter = cases[i].filter;
		struct seqs seqs = { 0 };
		char got[128] = "";

		filter.kind--;
		filter.verdict--;
		filter.scheduler--;
		filter.action--;
		assert_int_equal(jw_store_events(store, &filter, collect, &seqs), 0);
		for (k = 0; k < seqs.n; k++)
			sprintf(got + strlen(got), "%s%llu", k ? " " : "", (unsigned long long)seqs.v[k]);
		if (strcmp(got, cases[i].expected))
			fail_msg("%s: got '%s', expected '%s'", cases[i].what, got, cases[i].expected);
	}
	jw_store_close(store);
}

static void test_callback_stops(void **state)
{
	struct jw_store *store = open_store();
	struct seqs seqs = { .stop_after = 2 };

	append_various(store);
	assert_int_equal(jw_store_events(store, &all_events, collect, &seqs), 7);
	assert_int_equal(seqs.n, 2);
	jw_store_close(store);
}

/* A reader that goes on for long, and the writer beside it. */
static int append_inside(void *ctx, uint64_t row, const struct jw_event *event)
{
	return row == 1 ? append_range(ctx, BOOT, 100, 100, NULL) : 0;
}

static void test_append_while_reading(void **state)
{
	struct jw_store *store = open_store();

	append_various(store);
	assert_int_equal(jw_store_events(store, &all_events, append_inside, store), 0);
	assert_int_equal(count_events(store), 11);
	jw_store_close(store);
}

static int note_sql(unsigned int type, void *ctx, void *stmt, void *text)
{
	char **sql = ctx;

	(void)type;
	(void)text;
	free(*sql);
	*sql = strdup(sqlite3_sql(stmt));
	return 0;
}

static void expect_no_scan(struct jw_store *store, const char *sql)
{
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *stmt;

	assert_int_equal(sqlite3_prepare_v2(store->db, explain, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(stmt, 3);

		if (strstr(step, "SCAN event"))
			fail_msg("%s: %s", step, sql);
	}
	sqlite3_finalize(stmt);
	sqlite3_free(explain);
}

/* No filter may have to read all rows: each has an index. */
static void test_filters_use_an_index(void **state)
{
	struct jw_store *store = open_store();
	struct seqs seqs;
	unsigned int bits;
	char *sql = NULL;

	for (bits = 1; bits < 2048; bits++) {
		struct jw_event_filter filter = {
			.kind = bits & 1 ? 0 : -1, .verdict = bits & 2 ? 0 : -1, .scheduler = bits & 4 ? 1 : -1,
			.action = bits & 8 ? 1 : -1, .job = bits & 16 ? 1 : 0, .path = bits & 32 ? "x" : NULL,
			.since_ns = bits & 64 ? 1 : 0, .until_ns = bits & 128 ? 2 : 0, .seq = bits & 256 ? 1 : 0,
			.boot = bits & 512 ? BOOT : NULL, .after_id = bits & 1024 ? 5 : 0, .limit = bits % 3 ? 10 : 0,
		};

		sqlite3_trace_v2(store->db, SQLITE_TRACE_STMT, note_sql, &sql);
		assert_int_equal(jw_store_events(store, &filter, collect, &seqs), 0);
		sqlite3_trace_v2(store->db, 0, NULL, NULL);
		expect_no_scan(store, sql);
	}
	free(sql);
	jw_store_close(store);
}

static void test_views(void **state)
{
	struct jw_store *store = open_store();

	append_various(store);
	expect_query("SELECT count(*) FROM events", "10");
	expect_query("SELECT time FROM events WHERE seq = 1", "2026-11-24T08:24:54.000000000Z");
	expect_query("SELECT job FROM events WHERE seq = 4", "fedcba9876543210");
	expect_query("SELECT acting_job FROM events WHERE seq = 6", "fedcba9876543210");
	expect_query("SELECT verdict FROM events WHERE seq = 2", "deny");
	expect_query("SELECT object || target FROM events WHERE seq = 8", "/tmp/a/etc/crontab");
	expect_query("SELECT json_extract(doc, '$.subject.exe') FROM events WHERE seq = 8", "/usr/bin/bash");
	jw_store_close(store);
}

/* Views of an older program are replaced. */
static void test_views_are_renewed(void **state)
{
	struct jw_store *store = open_store();

	jw_store_close(store);
	tamper(scratch_path(DB), "DROP VIEW events; CREATE VIEW events AS SELECT 1 AS old;"
	       " UPDATE value SET value = 'x' WHERE name = 'store.views'");
	store = open_store();
	expect_query("SELECT count(*) FROM pragma_table_info('events') WHERE name = 'doc'", "1");
	jw_store_close(store);
}

/* ---- values and findings ---- */

static void test_values(void **state)
{
	struct jw_store *store = open_store();
	char *value;

	assert_int_equal(jw_store_get(store, "mode.run", &value), -ENOENT);
	assert_null(value);
	assert_int_equal(jw_store_set(store, "mode.run", "audit"), 0);
	assert_int_equal(jw_store_set(store, "mode.run", "enforce"), 0);
	assert_int_equal(jw_store_set(store, "empty", ""), 0);
	jw_store_close(store);
	store = open_store();
	assert_int_equal(jw_store_get(store, "mode.run", &value), 0);
	assert_string_equal(value, "enforce");
	free(value);
	assert_int_equal(jw_store_get(store, "empty", &value), 0);
	assert_string_equal(value, "");
	free(value);
	jw_store_close(store);
}

struct finding {
	char text[128];
	int64_t since_ns;
	size_t n;
};

static int take_finding(void *ctx, const char *name, const char *text, int64_t since_ns)
{
	struct finding *finding = ctx;

	snprintf(finding->text, sizeof(finding->text), "%s=%s", name, text);
	finding->since_ns = since_ns;
	finding->n++;
	return 0;
}

static void test_findings(void **state)
{
	struct jw_store *store = open_store();
	struct finding finding = { .n = 0 };

	assert_int_equal(jw_store_put_finding(store, "gap", "3 events", 100), 0);
	assert_int_equal(jw_store_put_finding(store, "gap", "5 events", 200), 0);
	assert_int_equal(jw_store_findings(store, take_finding, &finding), 0);
	assert_int_equal(finding.n, 1);
	assert_string_equal(finding.text, "gap=5 events");
	assert_int_equal(finding.since_ns, 100);
	assert_int_equal(jw_store_clear_finding(store, "gap"), 0);
	assert_int_equal(jw_store_clear_finding(store, "gap"), 0);
	finding.n = 0;
	assert_int_equal(jw_store_findings(store, take_finding, &finding), 0);
	assert_int_equal(finding.n, 0);
	/* It comes back as a new one, the old one stays on record. */
	assert_int_equal(jw_store_put_finding(store, "gap", "1 event", 300), 0);
	assert_int_equal(jw_store_findings(store, take_finding, &finding), 0);
	assert_int_equal(finding.since_ns, 300);
	expect_query("SELECT count(*) FROM findings", "2");
	expect_query("SELECT count(*) FROM findings WHERE cleared IS NULL", "1");
	jw_store_close(store);
}

/* ---- jobs ---- */

static char *dup_bytes(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

static void add_job(struct jw_jobs *jobs, uint64_t id, const char *source)
{
	struct jw_job *job = jw_jobs_add(jobs);
	struct jw_exec *exec = jw_job_add_exec(job);

	job->id = id;
	job->scheduler = JOBWARD_SCHEDULER_CRON;
	job->owner = strdup("root");
	job->uid = 0;
	job->path = strdup("/etc/cron.d/x");
	job->line = 3;
	job->schedule = strdup("17 * * * *");
	job->command = strdup("/opt/x.sh");
	job->source = strdup(source);
	job->source_len = strlen(source);
	job->state = JOBWARD_STATE_UNKNOWN;
	assert_int_equal(jw_exec_set_argv(exec, "/bin/sh", "-c", "/opt/x.sh", NULL), 0);
	memset(exec->key, 0x11, sizeof(exec->key));
	job->pins = calloc(1, sizeof(*job->pins));
	job->n_pins = 1;
	job->pins[0].path = strdup("/opt/x.sh");
	job->pins[0].present = true;
	memset(job->pins[0].sha256, 0x22, JW_DIGEST_SIZE);
}

static void put_jobs(struct jw_store *store, struct jw_jobs *jobs, int64_t now_ns)
{
	assert_int_equal(jw_store_put_jobs(store, jobs, now_ns), 0);
}

static size_t count_versions(struct jw_store *store, uint64_t id)
{
	struct jw_job_version *versions;
	size_t n;

	assert_int_equal(jw_store_get_versions(store, id, &versions, &n), 0);
	jw_job_versions_free(versions, n);
	return n;
}

static void test_jobs_round_trip(void **state)
{
	struct jw_store *store = open_store();
	struct jw_jobs jobs = { 0 }, back = { 0 };
	struct jw_job *job;
	struct jw_exec *exec;
	struct jw_pin *pin;

	add_job(&jobs, 0xfedcba9876543210, "17 * * * * root /opt/x.sh");
	job = &jobs.v[0];
	job->uid = (uid_t)-1;
	job->name = strdup("x.service");
	job->input = strdup("line\n");
	job->unreadable = strdup("why");
	free(job->source);
	job->source = dup_bytes("a\0b\xff", 4);
	job->source_len = 4;
	job->provenance = (struct jw_provenance){ JW_PROVENANCE_MODIFIED, strdup("pkg"), strdup("1.0-1") };
	job->state = JOBWARD_STATE_CHANGED;
	job->reason = strdup("because");
	job->next_run_ns = -1;
	exec = &job->execs[0];
	exec->program = strdup("/bin/dash");
	exec->env = calloc(3, sizeof(char *));
	exec->env[0] = strdup("A=1");
	exec->env[1] = strdup("B=");
	exec->content = dup_bytes("x\0y", 3);
	exec->content_len = 3;
	exec->has_content = true;
	exec->failed_ok = true;
	memset(exec->content_sha256, 0x33, JW_DIGEST_SIZE);
	pin = &job->pins[0];
	*pin = (struct jw_pin){ .path = pin->path, .present = false, .dev = 0xfd00, .ino = UINT64_MAX, .size = 5,
				.ctime_ns = 7, .package = strdup("pkg"), .unmodified = true };
	put_jobs(store, &jobs, 1000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 1);
	job = &back.v[0];
	assert_true(job->id == 0xfedcba9876543210);
	assert_int_equal(job->scheduler, JOBWARD_SCHEDULER_CRON);
	assert_int_equal(job->uid, (uid_t)-1);
	assert_string_equal(job->owner, "root");
	assert_string_equal(job->name, "x.service");
	assert_string_equal(job->path, "/etc/cron.d/x");
	assert_int_equal(job->line, 3);
	assert_string_equal(job->schedule, "17 * * * *");
	assert_string_equal(job->command, "/opt/x.sh");
	assert_string_equal(job->input, "line\n");
	assert_string_equal(job->unreadable, "why");
	assert_int_equal(job->source_len, 4);
	assert_memory_equal(job->source, "a\0b\xff", 4);
	assert_int_equal(job->provenance.kind, JW_PROVENANCE_MODIFIED);
	assert_string_equal(job->provenance.package, "pkg");
	assert_string_equal(job->provenance.version, "1.0-1");
	assert_int_equal(job->state, JOBWARD_STATE_CHANGED);
	assert_string_equal(job->reason, "because");
	assert_int_equal(job->next_run_ns, -1);
	assert_int_equal(job->first_seen_ns, 1000);
	assert_int_equal(job->n_execs, 1);
	exec = &job->execs[0];
	assert_int_equal(exec->argv_len, sizeof("/bin/sh\0-c\0/opt/x.sh"));
	assert_memory_equal(exec->argv, "/bin/sh\0-c\0/opt/x.sh", exec->argv_len);
	assert_string_equal(exec->program, "/bin/dash");
	assert_string_equal(exec->env[0], "A=1");
	assert_string_equal(exec->env[1], "B=");
	assert_null(exec->env[2]);
	assert_true(exec->has_content);
	assert_int_equal(exec->content_len, 3);
	assert_memory_equal(exec->content, "x\0y", 3);
	assert_int_equal(exec->content_sha256[0], 0x33);
	assert_true(exec->failed_ok);
	assert_int_equal(exec->key[31], 0x11);
	assert_int_equal(job->n_pins, 1);
	pin = &job->pins[0];
	assert_string_equal(pin->path, "/opt/x.sh");
	assert_false(pin->present);
	assert_int_equal(pin->dev, 0xfd00);
	assert_true(pin->ino == UINT64_MAX);
	assert_int_equal(pin->size, 5);
	assert_int_equal(pin->ctime_ns, 7);
	assert_string_equal(pin->package, "pkg");
	assert_true(pin->unmodified);
	jw_jobs_done(&jobs);
	jw_jobs_done(&back);
	jw_store_close(store);
}

static void test_job_versions(void **state)
{
	struct jw_store *store = open_store();
	struct jw_job_version *versions;
	struct jw_jobs jobs = { 0 };
	struct jw_job *job;
	size_t n;

	add_job(&jobs, 1, "one");
	job = &jobs.v[0];
	put_jobs(store, &jobs, 1000);
	assert_int_equal(job->first_seen_ns, 1000);
	assert_int_equal(job->changed_ns, 0);
	/* The same again, and what moves by itself: no version. */
	put_jobs(store, &jobs, 2000);
	job->line = 9;
	job->state = JOBWARD_STATE_APPROVED;
	job->next_run_ns = 12345;
	put_jobs(store, &jobs, 3000);
	assert_int_equal(count_versions(store, 1), 1);
	assert_int_equal(job->changed_ns, 0);
	expect_query("SELECT line || state || next_run_ns FROM job", "9approved12345");
	/* A time of a file alone: written, but no version. */
	job->pins[0].ctime_ns = 5;
	put_jobs(store, &jobs, 3500);
	assert_int_equal(count_versions(store, 1), 1);
	expect_query("SELECT ctime_ns FROM job_pin", "5");
	/* Text, pin, key: one each. */
	job->source[0] = 'O';
	put_jobs(store, &jobs, 4000);
	assert_int_equal(job->changed_ns, 4000);
	job->pins[0].sha256[0] ^= 1;
	put_jobs(store, &jobs, 5000);
	job->execs[0].key[0] ^= 1;
	put_jobs(store, &jobs, 6000);
	put_jobs(store, &jobs, 7000);
	assert_int_equal(job->first_seen_ns, 1000);
	assert_int_equal(job->changed_ns, 6000);
	assert_int_equal(jw_store_get_versions(store, 1, &versions, &n), 0);
	assert_int_equal(n, 4);
	assert_memory_equal(versions[0].source, "one", 3);
	assert_memory_equal(versions[1].source, "One", 3);
	assert_int_equal(versions[3].time_ns, 6000);
	assert_string_equal(versions[3].command, "/opt/x.sh");
	assert_memory_not_equal(versions[2].fingerprint, versions[3].fingerprint, JW_DIGEST_SIZE);
	jw_job_versions_free(versions, n);
	jw_jobs_done(&jobs);
	jw_store_close(store);
}

static void test_jobs_gone(void **state)
{
	struct jw_store *store = open_store();
	struct jw_jobs both = { 0 }, one = { 0 }, none = { 0 }, back = { 0 };

	add_job(&both, 1, "one");
	add_job(&both, 2, "two");
	add_job(&one, 2, "two");
	put_jobs(store, &both, 1000);
	put_jobs(store, &one, 2000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.v[0].id, 2);
	jw_jobs_done(&back);
	assert_int_equal(jw_store_get_jobs(store, true, &back), 0);
	assert_int_equal(back.n, 2);
	jw_jobs_done(&back);
	put_jobs(store, &none, 3000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 0);
	/* Since when it is gone stays as it was. */
	expect_query("SELECT gone_ns FROM job WHERE id = 1", "2000");
	/* Back again: the same job with its history. */
	put_jobs(store, &both, 4000);
	assert_int_equal(both.v[0].first_seen_ns, 1000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 2);
	assert_int_equal(count_versions(store, 1), 1);
	jw_jobs_done(&back);
	jw_jobs_done(&both);
	jw_jobs_done(&one);
	jw_store_close(store);
}

static void test_runs(void **state)
{
	struct jw_store *store = open_store();
	struct jw_jobs jobs = { 0 };

	add_job(&jobs, 1, "one");
	put_jobs(store, &jobs, 1000);
	assert_int_equal(jw_store_put_run(store, 1, 5000, 7), 0);
	assert_int_equal(jw_store_put_run(store, 1, 5000, 7), 0);
	assert_int_equal(jw_store_put_run(store, 1, 4000, 6), 0);
	assert_int_equal(jw_store_put_run(store, 42, 4000, 8), 0);
	put_jobs(store, &jobs, 6000);
	assert_int_equal(jobs.v[0].runs, 2);
	assert_int_equal(jobs.v[0].last_run_ns, 5000);
	expect_query("SELECT count(*) FROM runs WHERE job_number = 1", "2");
	jw_jobs_done(&jobs);
	jw_store_close(store);
}

/* ---- decisions ---- */

static void decide(struct jw_store *store, uint64_t job, enum jobward_state what, int64_t time_ns)
{
	struct jw_decision decision = { .job = job, .state = what, .time_ns = time_ns, .by = "root (uid 0)" };

	memset(decision.fingerprint, (int)time_ns, JW_DIGEST_SIZE);
	assert_int_equal(jw_store_put_decision(store, &decision), 0);
}

static void test_decisions(void **state)
{
	struct jw_store *store = open_store();
	struct jw_decision *v;
	size_t n;

	decide(store, 1, JOBWARD_STATE_APPROVED, 1);
	decide(store, 2, JOBWARD_STATE_APPROVED, 2);
	decide(store, 1, JOBWARD_STATE_DENIED, 3);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].job, 2);
	assert_int_equal(v[1].job, 1);
	assert_int_equal(v[1].state, JOBWARD_STATE_DENIED);
	assert_int_equal(v[1].fingerprint[5], 3);
	assert_string_equal(v[1].by, "root (uid 0)");
	assert_null(v[1].reason);
	jw_decisions_free(v, n);
	/* Taking it back does not bring the older approval back. */
	assert_int_equal(jw_store_drop_decision(store, 1, 9, "root", "wrong"), 0);
	assert_int_equal(jw_store_drop_decision(store, 1, 9, "root", NULL), -ENOENT);
	assert_int_equal(jw_store_drop_decision(store, 99, 9, "root", NULL), -ENOENT);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	assert_int_equal(n, 1);
	jw_decisions_free(v, n);
	expect_query("SELECT count(*) FROM decisions", "3");
	expect_query("SELECT count(*) FROM decisions WHERE in_force", "1");
	expect_query("SELECT taken_back_reason FROM decisions WHERE job_number = 1", "wrong");
	decide(store, 1, JOBWARD_STATE_APPROVED, 10);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	assert_int_equal(n, 2);
	jw_decisions_free(v, n);
	jw_store_close(store);
}

static void test_decision_keeps_what_it_is_about(void **state)
{
	struct jw_store *store = open_store();
	struct jw_decision decision = { .state = JOBWARD_STATE_APPROVED, .time_ns = 5, .until_ns = 77 }, *v;
	struct jw_jobs jobs = { 0 };
	size_t n;
	int i;

	add_job(&jobs, 8, "eight");
	put_jobs(store, &jobs, 1000);
	assert_int_equal(jw_decision_set_job(&decision, &jobs.v[0]), 0);
	assert_int_equal(jw_store_put_decision(store, &decision), 0);
	/* Second time round by a caller that knows the fingerprint alone. */
	for (i = 0; i < 2; i++) {
		assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
		assert_int_equal(n, 1);
		assert_int_equal(v[0].job, 8);
		assert_int_equal(v[0].until_ns, i ? 0 : 77);
		assert_int_equal(v[0].n_keys, 1);
		assert_int_equal(v[0].keys[0][0], 0x11);
		assert_int_equal(v[0].n_pins, 1);
		assert_string_equal(v[0].pins[0].path, "/opt/x.sh");
		assert_true(v[0].pins[0].present);
		assert_int_equal(v[0].pins[0].sha256[3], 0x22);
		jw_decisions_free(v, n);
		jw_decision_done(&decision);
		decision.job = 8;
		decision.state = JOBWARD_STATE_APPROVED;
		jw_job_fingerprint(&jobs.v[0], decision.fingerprint);
		assert_int_equal(jw_store_put_decision(store, &decision), 0);
	}
	decision.state = JOBWARD_STATE_UNKNOWN;
	assert_int_equal(jw_store_put_decision(store, &decision), -EINVAL);
	jw_decision_done(&decision);
	jw_jobs_done(&jobs);
	jw_store_close(store);
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

static size_t count_aside(void)
{
	struct dirent *entry;
	size_t n = 0;
	DIR *dir = opendir(scratch);

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strstr(entry->d_name, ".damaged-") && !strstr(entry->d_name, "-wal") && !strstr(entry->d_name, "-shm");
	closedir(dir);
	return n;
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
	assert_int_equal(count_aside(), 1);
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
	expect_damage("UPDATE event SET doc = replace(doc, 'bash', 'dash') WHERE id = 290", 0, 0, "chain of events breaks");
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
		TEST(test_open_creates_private_files),
		TEST(test_open_missing_folder),
		TEST(test_open_refuses_links_and_folders),
		TEST(test_newer_schema_is_not_touched),
		TEST(test_foreign_database_is_refused),
		TEST(test_readonly),
		TEST(test_readonly_copy),
		TEST(test_append_once),
		TEST(test_append_mixed),
		TEST(test_append_refuses_nameless),
		TEST(test_seq_base),
		TEST(test_filters),
		TEST(test_callback_stops),
		TEST(test_append_while_reading),
		TEST(test_filters_use_an_index),
		TEST(test_views),
		TEST(test_views_are_renewed),
		TEST(test_values),
		TEST(test_findings),
		TEST(test_jobs_round_trip),
		TEST(test_job_versions),
		TEST(test_jobs_gone),
		TEST(test_runs),
		TEST(test_decisions),
		TEST(test_decision_keeps_what_it_is_about),
		TEST(test_full_by_pages),
		TEST(test_full_by_file_system),
		TEST(test_gone),
		TEST(test_damaged_header),
		TEST(test_damaged_page),
		TEST(test_damaged_chain_end),
		TEST(test_crash_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
