/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the store share: a store in the scratch folder, events for it, and hands that reach in from outside. */
#ifndef JOBWARD_TESTS_STORE_EVENTS_H
#define JOBWARD_TESTS_STORE_EVENTS_H

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include "scratch.h"
#include "store/sql.h"

#define DB "jobward.db"

#define BOOT "0b0f1c2d-0000-4000-8000-000000000001"
#define BOOT2 "0b0f1c2d-0000-4000-8000-000000000002"
#define T0 UINT64_C(1795508693000000000)
#define SECOND UINT64_C(1000000000)

/* An allowed write of bash into /etc/cron.d/x, one second after the one before. */
static inline struct jw_event make_event(const char *boot, uint64_t seq)
{
	struct jw_event event = {
		.seq = seq,
		.time_ns = T0 + seq * SECOND,
		.kind = JOBWARD_KIND_WRITE,
		.action = JOBWARD_ACTION_MODIFY,
		.verdict = JOBWARD_VERDICT_ALLOW,
		.reason = JOBWARD_REASON_WRITER,
	};

	snprintf(event.boot, sizeof(event.boot), "%s", boot);
	event.subject.pid = 100 + (uint32_t)seq;
	event.subject.uid = 1000;
	event.subject.exe = strdup("/usr/bin/bash");
	event.object.present = true;
	event.object.path = strdup("/etc/cron.d/x");
	return event;
}

/* Appends seq @first to @last in one call. Return: of the append. */
static inline int append_range(struct jw_store *store, const char *boot, uint64_t first, uint64_t last, size_t *ret_new)
{
	size_t n = last - first + 1, i;
	struct jw_event *events = calloc(n, sizeof(*events));
	int r;

	assert(events);
	for (i = 0; i < n; i++)
		events[i] = make_event(boot, first + i);
	r = jw_store_append(store, events, n, ret_new);
	for (i = 0; i < n; i++)
		jw_event_done(&events[i]);
	free(events);
	return r;
}

static inline int count_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	(void)row;
	(void)event;
	++*(size_t *)ctx;
	return 0;
}

static const struct jw_event_filter all_events = { .kind = -1, .verdict = -1, .scheduler = -1, .action = -1 };

static inline size_t count_events(struct jw_store *store)
{
	size_t n = 0;
	int r = jw_store_events(store, &all_events, count_event, &n);

	assert(r == 0);
	return n;
}

/* Runs SQL on the file beside the store, as somebody does who tampers with it. */
static inline void tamper(const char *path, const char *sql)
{
	sqlite3 *db;
	char *error = NULL;
	int r;

	r = sqlite3_open(path, &db);
	assert(r == SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	r = sqlite3_exec(db, sql, NULL, NULL, &error);
	if (r != SQLITE_OK)
		fprintf(stderr, "%s: %s\n", sql, error);
	assert(r == SQLITE_OK);
	sqlite3_close(db);
}

/* First column of the first row of a query by hand; "" when there is none. Caller frees. */
static inline char *query(const char *path, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db;
	char *s;
	int r;

	r = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	assert(r == SQLITE_OK);
	r = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (r != SQLITE_OK)
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
	assert(r == SQLITE_OK);
	s = sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0) ?
	    strdup((const char *)sqlite3_column_text(stmt, 0)) : strdup("");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return s;
}

static inline void expect_query(const char *sql, const char *expected)
{
	char *got = query(scratch_path(DB), sql);

	assert_string_equal(got, expected);
	free(got);
}

static inline struct jw_store *open_store(void)
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

static inline void decide(struct jw_store *store, uint64_t job, enum jobward_state what, int64_t time_ns)
{
	struct jw_decision decision = { .job = job, .state = what, .time_ns = time_ns, .by = "root (uid 0)" };

	memset(decision.fingerprint, (int)time_ns, JW_DIGEST_SIZE);
	assert_int_equal(jw_store_put_decision(store, &decision), 0);
}

#endif
