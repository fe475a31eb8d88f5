// SPDX-License-Identifier: GPL-2.0
/*
 * Finding events. The rows are chosen first, by one index and without touching the documents, then read in order:
 *
 *	SELECT id, doc FROM event WHERE id IN (SELECT id … ORDER BY id DESC LIMIT N) ORDER BY id
 *
 * SQLite keeps no statistics of a store that always grows, so which index serves is said here: the first condition that
 * the filter has, in the order of the table below (rarest first), keeps its index; a unary plus takes it from the
 *others (sqlite.org/optoverview.html, section 7).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../names_gen.h"
#include "sql.h"

struct query {
	char sql[1024];
	size_t len;
	bool indexed;	/* some condition has its index already */
	bool bad;	/* a number without a word: nothing can match */
};

/* The longest query that there can be is half the size of the buffer. */
static void add_end(struct query *query, const char *text)
{
	query->len += snprintf(query->sql + query->len, sizeof(query->sql) - query->len, "%s", text);
}

static void add(struct query *query, const char *condition)
{
	add_end(query, " AND ");
	add_end(query, condition);
}

/* @indexed and @plain: the condition with and without its index. */
static void add_choice(struct query *query, bool wanted, const char *indexed, const char *plain)
{
	if (!wanted)
		return;
	add(query, query->indexed ? plain : indexed);
	query->indexed = true;
}

static const char *word(struct query *query, const char *name)
{
	if (!name)
		query->bad = true;
	return name;
}

static void build(struct query *query, const struct jw_event_filter *filter, const char *columns)
{
	bool by_time;

	query->len = snprintf(query->sql, sizeof(query->sql),
			      "SELECT %s FROM event WHERE id IN (SELECT id FROM event WHERE 1", columns);
	add_choice(query, filter->seq && filter->boot, "seq = ?1 AND boot = (SELECT id FROM boot WHERE uuid = ?2)", "");
	if (filter->boot && !filter->seq)
		add_choice(query, true, "boot = (SELECT id FROM boot WHERE uuid = ?2)",
			   "+boot = (SELECT id FROM boot WHERE uuid = ?2)");
	/* One look-up a boot: their number is small. */
	add_choice(query, filter->seq && !filter->boot, "seq = ?1 AND boot IN (SELECT id FROM boot)", "");
	add_choice(query, filter->path, "(object_path = ?3 OR target_path = ?3)",
		   "(+object_path = ?3 OR +target_path = ?3)");
	add_choice(query, filter->job, "(job = ?4 OR acting_job = ?4)", "(+job = ?4 OR +acting_job = ?4)");
	if (filter->after_id) {
		add(query, "id > ?5");
		query->indexed = true;
	}
	by_time = !query->indexed && (filter->since_ns || filter->until_ns);
	if (filter->since_ns)
		add(query, by_time ? "time_ns >= ?6" : "+time_ns >= ?6");
	if (filter->until_ns)
		add(query, by_time ? "time_ns < ?7" : "+time_ns < ?7");
	query->indexed |= by_time;
	add_choice(query, filter->verdict >= 0, "verdict = ?8", "+verdict = ?8");
	add_choice(query, filter->scheduler > JOBWARD_SCHEDULER_NONE, "scheduler = ?9", "+scheduler = ?9");
	if (filter->scheduler == JOBWARD_SCHEDULER_NONE)
		add(query, "scheduler IS NULL");
	add_choice(query, filter->action >= 0, "action = ?10", "+action = ?10");
	add_choice(query, filter->kind >= 0, "kind = ?11", "+kind = ?11");
	/* Between two times the newest are those by the clock: the index has them in that order, nothing is sorted. */
	if (filter->limit)
		add_end(query, by_time ? " ORDER BY time_ns DESC, id DESC LIMIT ?12" : " ORDER BY id DESC LIMIT ?12");
	add_end(query, ") ORDER BY id");
}

static void bind(struct query *query, sqlite3_stmt *stmt, const struct jw_event_filter *filter)
{
	jw_sql_bind_id(stmt, 1, filter->seq);
	jw_sql_bind_text(stmt, 2, filter->boot);
	jw_sql_bind_text(stmt, 3, filter->path);
	jw_sql_bind_id(stmt, 4, filter->job);
	sqlite3_bind_int64(stmt, 5, (sqlite3_int64)filter->after_id);
	sqlite3_bind_int64(stmt, 6, filter->since_ns);
	sqlite3_bind_int64(stmt, 7, filter->until_ns);
	if (filter->verdict >= 0)
		jw_sql_bind_text(stmt, 8, word(query, jw_verdict_name(filter->verdict)));
	if (filter->scheduler > JOBWARD_SCHEDULER_NONE)
		jw_sql_bind_text(stmt, 9, word(query, jw_scheduler_name(filter->scheduler)));
	if (filter->action >= 0)
		jw_sql_bind_text(stmt, 10, word(query, jw_action_name(filter->action)));
	if (filter->kind >= 0)
		jw_sql_bind_text(stmt, 11, word(query, jw_kind_name(filter->kind)));
	if (filter->limit)
		sqlite3_bind_int64(stmt, 12, (sqlite3_int64)filter->limit);
}

int jw_store_events(struct jw_store *store, const struct jw_event_filter *filter,
		    int (*fn)(void *ctx, uint64_t row, const struct jw_event *event), void *ctx)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct query query = { 0 };
	struct jw_event event;
	int r;

	build(&query, filter, "id, doc");
	r = jw_sql_prepare(store, query.sql, &stmt);
	if (r)
		return r;
	bind(&query, stmt, filter);
	if (query.bad)
		return 0;
	while ((r = jw_sql_step(store, stmt)) > 0) {
		uint64_t row = (uint64_t)sqlite3_column_int64(stmt, 0);
		const char *doc = (const char *)sqlite3_column_text(stmt, 1);

		if (!doc)
			return -ENOMEM;
		memset(&event, 0, sizeof(event));
		r = jw_event_from_text(&event, doc, sqlite3_column_bytes(stmt, 1));
		if (!r)
			r = fn(ctx, row, &event);
		else if (r == -EINVAL)
			r = jw_sql_fail(store, -EBADMSG, "event row %llu can't be read", (unsigned long long)row);
		jw_event_done(&event);
		if (r)
			return r;
	}
	return r;
}

int jw_query_rows(struct jw_store *store, const struct jw_event_filter *filter, int (*fn)(void *ctx, uint64_t row),
		  void *ctx)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct query query = { 0 };
	int r;

	build(&query, filter, "id");
	r = jw_sql_prepare(store, query.sql, &stmt);
	if (r)
		return r;
	bind(&query, stmt, filter);
	if (query.bad)
		return 0;
	while ((r = jw_sql_step(store, stmt)) > 0) {
		r = fn(ctx, (uint64_t)sqlite3_column_int64(stmt, 0));
		if (r)
			return r;
	}
	return r;
}
