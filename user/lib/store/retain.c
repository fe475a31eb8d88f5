// SPDX-License-Identifier: GPL-2.0
/*
 * Retention: the oldest events go when they are too old or the store is too big. In steps, each one transaction: the
 * rows, the note in `cut` from which hash the chain goes on, and an event in the chain that says so. A crash between
 * two steps leaves a store that verifies.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "sql.h"

/* Rows a step: bounds the write-ahead log. Time for all steps of a call: the caller has other things to do. */
#define STEP_ROWS 2000
#define STEPS_MS 2000

/* The newest rows always stay: the chain needs an end to go on from. */
#define KEEP_ROWS 1

static int get_number(struct jw_store *store, const char *sql, int64_t arg, int64_t *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	*ret = 0;
	r = jw_sql_prepare(store, sql, &stmt);
	if (r)
		return r;
	if (sqlite3_bind_parameter_count(stmt))
		sqlite3_bind_int64(stmt, 1, arg);
	r = jw_sql_step(store, stmt);
	if (r > 0)
		*ret = sqlite3_column_int64(stmt, 0);
	return r < 0 ? r : 0;
}

static int run_number(struct jw_store *store, const char *sql, int64_t arg)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, sql, &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, arg);
	return jw_sql_run(store, stmt);
}

/* Bytes in use, free pages not counted. */
static int used_bytes(struct jw_store *store, int64_t *ret)
{
	int64_t pages, spare, size;
	int r;

	r = get_number(store, "PRAGMA page_count", 0, &pages);
	if (!r)
		r = get_number(store, "PRAGMA freelist_count", 0, &spare);
	if (!r)
		r = get_number(store, "PRAGMA page_size", 0, &size);
	if (!r)
		*ret = (pages - spare) * size;
	return r;
}

/* The last row that has to go; 0: none. */
static int find_last(struct jw_store *store, int64_t before_ns, uint64_t max_bytes, int64_t *ret)
{
	int64_t first, end, used, by_age = 0, by_size = 0;
	int r;

	*ret = 0;
	r = get_number(store, "SELECT min(id) FROM event", 0, &first);
	if (!r)
		r = get_number(store, "SELECT max(id) FROM event", 0, &end);
	if (!r)
		r = used_bytes(store, &used);
	if (r || first == 0)
		return r;
	/*
	 * Everything before the first row that is young enough. A clock that was stepped back leaves old times among
	 * newer ones; those stay until their turn comes, since the chain can only be cut at its beginning.
	 */
	if (before_ns > 0) {
		r = get_number(store, "SELECT min(id) FROM event WHERE time_ns >= ?1", before_ns, &by_age);
		if (r)
			return r;
		by_age = by_age ? by_age - 1 : end;
	}
	/* Rows are about as big as each other over thousands of them; the next call corrects what this one missed. */
	if (max_bytes > 0 && used > (int64_t)max_bytes)
		by_size = first - 1 + (int64_t)((end - first + 1) * (1.0 - (double)max_bytes / (double)used)) + 1;
	*ret = by_age > by_size ? by_age : by_size;
	if (*ret > end - KEEP_ROWS)
		*ret = end - KEEP_ROWS;
	if (*ret < first)
		*ret = 0;
	return 0;
}

/* Says in the chain what is gone. The words are those that jw_store_verify() looks for. */
static int put_record(struct jw_store *store, int64_t last_row, const uint8_t anchor[JW_CHAIN_SIZE])
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_event event = { .kind = JOBWARD_KIND_ADMIN, .action = JOBWARD_ACTION_DELETE };
	char detail[160], *p = detail;
	struct jw_chain_tip tip;
	struct timespec now;
	int r, i;

	clock_gettime(CLOCK_REALTIME, &now);
	event.time_ns = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	p += sprintf(p, "retention: rows 1 to %lld deleted, the chain goes on from ", (long long)last_row);
	for (i = 0; i < JW_CHAIN_SIZE; i++)
		p += sprintf(p, "%02x", anchor[i]);
	event.detail = detail;
	r = jw_append_events(store, &event, 1, NULL);
	if (!r)
		r = jw_chain_get_tip(store, &tip);
	if (!r)
		r = jw_sql_prepare(store, "INSERT INTO cut (time_ns, last_row, anchor, record) VALUES (?1, ?2, ?3, ?4)",
				   &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)event.time_ns);
	sqlite3_bind_int64(stmt, 2, last_row);
	jw_sql_bind_blob(stmt, 3, anchor, JW_CHAIN_SIZE);
	sqlite3_bind_int64(stmt, 4, (sqlite3_int64)tip.row);
	return jw_sql_run(store, stmt);
}

static int get_hash(struct jw_store *store, int64_t row, uint8_t hash[JW_CHAIN_SIZE])
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT hash FROM event WHERE id = ?1", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, row);
	r = jw_sql_step(store, stmt);
	if (r < 0)
		return r;
	if (r && jw_sql_digest(stmt, 0, hash))
		return 0;
	return jw_sql_fail(store, -EBADMSG, "event row %lld is not there or has no hash", (long long)row);
}

static int cut(struct jw_store *store, int64_t last_row)
{
	uint8_t anchor[JW_CHAIN_SIZE];
	int r;

	r = jw_sql_begin(store);
	if (r)
		return r;
	r = get_hash(store, last_row, anchor);
	/* What is deleted must not come in again when the kernel gives it once more. */
	if (!r)
		r = run_number(store, "UPDATE boot SET cut_seq = max(cut_seq, ifnull((SELECT max(seq) FROM event"
			       " WHERE event.boot = boot.id AND event.id <= ?1), 0))"
			       " WHERE id IN (SELECT DISTINCT boot FROM event WHERE id <= ?1)", last_row);
	if (!r)
		r = run_number(store, "DELETE FROM event WHERE id <= ?1", last_row);
	if (!r)
		r = put_record(store, last_row, anchor);
	if (!r)
		return jw_sql_commit(store);
	jw_sql_abort(store);
	return r;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Free pages are used again; only what is too much of them goes back to the file system, since each has to be moved. */
static int give_back(struct jw_store *store)
{
	int64_t pages, spare;
	int r;

	r = get_number(store, "PRAGMA page_count", 0, &pages);
	if (!r)
		r = get_number(store, "PRAGMA freelist_count", 0, &spare);
	if (r || spare <= pages / 8)
		return r;
	return jw_sql_exec(store, "PRAGMA incremental_vacuum(2000)");
}

int jw_store_retain(struct jw_store *store, int64_t before_ns, uint64_t max_bytes, uint64_t *ret_deleted)
{
	int64_t first, last, step, end_ms = now_ms() + STEPS_MS;
	uint64_t deleted = 0;
	bool more = false;
	int r;

	if (ret_deleted)
		*ret_deleted = 0;
	r = find_last(store, before_ns, max_bytes, &last);
	while (!r && last) {
		r = get_number(store, "SELECT min(id) FROM event", 0, &first);
		if (r || first > last)
			break;
		more = deleted && now_ms() >= end_ms;
		if (more)
			break;
		step = last - first >= STEP_ROWS ? first + STEP_ROWS - 1 : last;
		r = cut(store, step);
		if (!r)
			deleted += (uint64_t)(step - first + 1);
	}
	if (!r && before_ns > 0 && !store->readonly)
		r = run_number(store, "DELETE FROM run WHERE time_ns < ?1", before_ns);
	/* A profile keeps what the job has done lately, however long ago it did so first. */
	if (!r && before_ns > 0 && !store->readonly)
		r = run_number(store, "DELETE FROM profile WHERE last_ns < ?1", before_ns);
	if (!r && before_ns > 0 && !store->readonly)
		r = run_number(store, "DELETE FROM destination WHERE last_ns < ?1", before_ns);
	if (!r && !store->readonly)
		r = give_back(store);
	if (ret_deleted)
		*ret_deleted = deleted;
	return r ? r : more;
}
