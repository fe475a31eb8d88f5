// SPDX-License-Identifier: GPL-2.0
/* The store: opening it, events in and out, filters, views. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <sys/wait.h>
#include "store_events.h"

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
	struct jw_decision_end end = { .by = "x" };
	uint64_t base, job = 1;
	size_t missing;

	assert_int_equal(append_range(store, BOOT, 1, 3, NULL), 0);
	assert_int_equal(jw_store_open(&reader, scratch_path(DB), true, &diags), 0);
	assert_int_equal(count_events(reader), 3);
	assert_int_equal(append_range(reader, BOOT, 4, 4, NULL), -EROFS);
	assert_int_equal(jw_store_set(reader, "a", "b"), -EROFS);
	assert_int_equal(jw_store_seq_base(reader, BOOT, 1, &base), -EROFS);
	assert_int_equal(jw_store_put_finding(reader, "a", "b", 1), -EROFS);
	assert_int_equal(jw_store_clear_finding(reader, "a"), -EROFS);
	assert_int_equal(jw_store_drop_decisions(reader, &job, 1, &end, &missing), -EROFS);
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
		{ "between",
		  { .since_ns = (int64_t)(T0 + 3 * SECOND), .until_ns = (int64_t)(T0 + 5 * SECOND) },
		  "3 4" },
		{ "between, newest one",
		  { .since_ns = (int64_t)(T0 + 3 * SECOND), .until_ns = (int64_t)(T0 + 5 * SECOND), .limit = 1 },
		  "4" },
		{ "since and kind", { .since_ns = (int64_t)(T0 + 5 * SECOND), .kind = 1 + JOBWARD_KIND_RUN }, "5" },
		{ "after a row", { .after_id = 8 }, "9 10" },
		{ "after the last row", { .after_id = 10 }, "" },
		{ "one number", { .seq = 4 }, "4" },
		{ "number and boot", { .seq = 9, .boot = BOOT2 }, "9" },
		{ "number of another boot", { .seq = 9, .boot = BOOT }, "" },
		{ "boot", { .boot = BOOT2 }, "9 10" },
		{ "boot that was not", { .boot = "x" }, "" },
		{ "all at once",
		  { .kind = 1 + JOBWARD_KIND_RUN,
		    .verdict = 1 + JOBWARD_VERDICT_ALLOW,
		    .scheduler = 1 + JOBWARD_SCHEDULER_CRON,
		    .action = 1 + JOBWARD_ACTION_EXEC,
		    .job = 0xfedcba9876543210,
		    .path = "/etc/cron.d/x",
		    .seq = 4,
		    .boot = BOOT,
		    .since_ns = (int64_t)T0,
		    .until_ns = INT64_MAX,
		    .after_id = 1,
		    .limit = 5 },
		  "4" },
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
	expect_query("SELECT acting_job FROM events WHERE seq = 7", "0000000000000077");
	expect_query("SELECT count(*) FROM events WHERE acting_job IS NULL", "8");
	expect_query("SELECT verdict FROM events WHERE seq = 2", "deny");
	expect_query("SELECT object || target FROM events WHERE seq = 8", "/tmp/a/etc/crontab");
	expect_query("SELECT json_extract(doc, '$.subject.exe') FROM events WHERE seq = 8", "/usr/bin/bash");
	jw_store_close(store);
}

/* A profile counts what a job executes and what acts in its lineage, not what was denied or came twice. */
static void test_profile(void **state)
{
	struct jw_store *store = open_store();
	struct jw_event events[4] = { make_event(BOOT, 1), make_event(BOOT, 2), make_event(BOOT, 3),
				      make_event(BOOT, 4) };
	size_t i;

	for (i = 0; i < 3; i++) {
		events[i].kind = JOBWARD_KIND_RUN;
		events[i].action = JOBWARD_ACTION_EXEC;
		events[i].job = 0x77;
		events[i].has_key = true;
	}
	events[2].verdict = JOBWARD_VERDICT_DENY;
	events[3].root_seq = 1;
	assert_int_equal(jw_store_append(store, events, 4, NULL), 0);
	assert_int_equal(jw_store_append(store, events, 4, NULL), 0);
	for (i = 0; i < 4; i++)
		jw_event_done(&events[i]);
	expect_query("SELECT count(*) FROM programs WHERE job = '0000000000000077'", "2");
	expect_query("SELECT program || ' ' || times || ' ' || (last_ns - first_ns) FROM programs WHERE key IS NOT NULL",
		     "/etc/cron.d/x 2 1000000000");
	expect_query("SELECT program || ' ' || times FROM programs WHERE key IS NULL", "/usr/bin/bash 1");
	jw_store_close(store);
}

static struct jw_event make_connect(uint64_t seq, const char *address, const char *exe)
{
	struct jw_event event = make_event(BOOT, seq);

	event.kind = JOBWARD_KIND_NET;
	event.action = JOBWARD_ACTION_CONNECT;
	event.root_seq = 1;
	event.has_key = false;
	free(event.object.path);
	event.object = (struct jw_object){ .present = true, .family = JOBWARD_FAMILY_IPV4, .protocol = JOBWARD_PROTOCOL_TCP,
					   .address = strdup(address), .port = 443 };
	free(event.subject.exe);
	event.subject.exe = strdup(exe);
	return event;
}

static void append_all(struct jw_store *store, struct jw_event *events, size_t n)
{
	assert_int_equal(jw_store_append(store, events, n, NULL), 0);
	while (n--)
		jw_event_done(&events[n]);
}

/* Whom a job connects to: one row a destination and program, that of the job's run; no program for having connected; bounded. */
static void test_destinations(void **state)
{
	struct jw_store *store = open_store();
	struct jw_event first[] = { make_event(BOOT, 1), make_connect(2, "192.0.2.1", "/usr/bin/curl"),
				    make_connect(3, "192.0.2.1", "/usr/bin/curl"), make_connect(4, "192.0.2.1", "/usr/bin/wget"),
				    make_connect(5, "127.0.0.1", "/usr/bin/curl") };
	struct jw_event many[1010];
	char address[32];
	unsigned int i;

	first[0].kind = JOBWARD_KIND_RUN;
	first[0].action = JOBWARD_ACTION_EXEC;
	first[0].job = 0x77;
	first[0].has_key = true;
	append_all(store, first, 5);
	expect_query("SELECT count(*) FROM destinations WHERE job = '0000000000000077'", "3");
	expect_query("SELECT times || ' ' || (last_ns - first_ns) || ' ' || local || ' ' || family || ' ' || protocol FROM destinations"
		     " WHERE destination = '192.0.2.1:443' AND program = '/usr/bin/curl'", "2 1000000000 0 ipv4 tcp");
	expect_query("SELECT local FROM destinations WHERE destination = '127.0.0.1:443'", "1");
	expect_query("SELECT count(*) FROM programs", "1");
	expect_query("SELECT destination || ' ' || destination_address || ' ' || destination_port FROM events WHERE seq = 2",
		     "192.0.2.1:443 192.0.2.1 443");
	for (i = 0; i < 1009; i++) {
		snprintf(address, sizeof(address), "10.0.%u.%u", i / 250, i % 250 + 1);
		many[i] = make_connect(6 + i, address, "/usr/bin/nmap");
	}
	many[i] = make_connect(6 + i, "192.0.2.1", "/usr/bin/curl");
	append_all(store, many, 1010);
	expect_query("SELECT count(*) FROM destinations", "1000");
	expect_query("SELECT times FROM destinations WHERE destination = '192.0.2.1:443' AND program = '/usr/bin/curl'", "3");
	jw_store_close(store);
}

/* A store of the first schema, with an event, gains the rest of the schema and keeps what it has. */
static void test_migration(void **state)
{
	struct jw_store *store = open_store();
	struct jw_event event = make_event(BOOT, 1);
	uint64_t checked, bad;

	event.subject.origin = "ssh";
	assert_int_equal(jw_store_append(store, &event, 1, NULL), 0);
	jw_event_done(&event);
	jw_store_close(store);
	tamper(scratch_path(DB), "DROP INDEX event_write_by_origin; DROP INDEX event_write_by_login; DROP TABLE profile;"
	       " DROP TABLE destination; DROP INDEX event_chain_by_job; DROP INDEX event_net_by_job; DROP VIEW destinations;"
	       " DROP VIEW events; DROP VIEW processes; DROP VIEW plantings; DROP VIEW programs;"
	       " DROP VIEW findings; DROP VIEW finding_events; DROP TABLE finding_event; DROP INDEX finding_standing;"
	       " DROP INDEX finding_by_key; DROP INDEX finding_by_job; ALTER TABLE finding DROP COLUMN key;"
	       " ALTER TABLE finding DROP COLUMN severity; ALTER TABLE finding DROP COLUMN because;"
	       " ALTER TABLE finding DROP COLUMN technique; ALTER TABLE finding DROP COLUMN mitigation;"
	       " ALTER TABLE finding DROP COLUMN advice; ALTER TABLE finding DROP COLUMN job;"
	       " ALTER TABLE finding DROP COLUMN last_ns; ALTER TABLE finding DROP COLUMN acknowledged_ns;"
	       " ALTER TABLE finding DROP COLUMN acknowledged_by; ALTER TABLE finding DROP COLUMN acknowledged_reason;"
	       " CREATE UNIQUE INDEX finding_standing ON finding(name) WHERE cleared_ns IS NULL;"
	       " ALTER TABLE event DROP COLUMN origin; PRAGMA user_version = 1");
	store = open_store();
	expect_query("SELECT origin FROM events", "ssh");
	expect_query("SELECT count(*) FROM programs", "0");
	assert_int_equal(jw_store_verify(store, &checked, &bad), 0);
	assert_int_equal(checked, 1);
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
		TEST(test_profile),
		TEST(test_destinations),
		TEST(test_migration),
		TEST(test_views_are_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
