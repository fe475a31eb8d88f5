// SPDX-License-Identifier: GPL-2.0
/* What evidence takes along of the store: the rows of the chain as they were written, and where the chain begins and
 * ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "../grow.h"
#include "sql.h"

int jw_store_hold(struct jw_store *store)
{
	/* A deferred transaction sees what the first look at a table sees (sqlite.org/isolation.html). */
	int r = jw_sql_exec(store, "BEGIN");

	return r ? r : jw_sql_exec(store, "SELECT 1 FROM event LIMIT 1");
}

void jw_store_release(struct jw_store *store)
{
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

int jw_store_chain_ends(struct jw_store *store, struct jw_chain_tip *ret_anchor, struct jw_chain_tip *ret_head)
{
	int r = jw_chain_get_anchor(store, ret_anchor);

	if (r)
		return r;
	r = jw_chain_get_tip(store, ret_head);
	if (!r && !ret_head->row)
		*ret_head = *ret_anchor;
	return r;
}

int jw_store_boots(struct jw_store *store, int (*fn)(void *ctx, const char *boot, uint64_t last_seq), void *ctx)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT uuid, last_seq FROM boot ORDER BY id", &stmt);
	while (!r && (r = jw_sql_step(store, stmt)) > 0) {
		const char *uuid = (const char *)sqlite3_column_text(stmt, 0);

		r = uuid ? fn(ctx, uuid, (uint64_t)sqlite3_column_int64(stmt, 1)) : -ENOMEM;
	}
	return r;
}

/* ---- rows that filters choose ---- */
struct rows {
	uint64_t *v;
	size_t n;
};

static int keep_row(void *ctx, uint64_t row)
{
	struct rows *rows = ctx;
	uint64_t *v = jw_grow(rows->v, rows->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	rows->v = v;
	rows->v[rows->n++] = row;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int choose(struct jw_store *store, const struct jw_event_filter *filters, size_t n, struct rows *ret)
{
	size_t i, kept = 0;
	int r = 0;

	for (i = 0; !r && i < n; i++)
		r = jw_query_rows(store, &filters[i], keep_row, ret);
	if (r || !ret->n)
		return r;
	qsort(ret->v, ret->n, sizeof(*ret->v), by_number);
	for (i = 0; i < ret->n; i++)
		if (!i || ret->v[i] != ret->v[i - 1])
			ret->v[kept++] = ret->v[i];
	ret->n = kept;
	return 0;
}

/* ---- records ---- */
/*
 * The statement's row: id, doc, hash, hash of the row before it. A hash that is none stays zeros: whoever verifies it
 * finds that it does not hold, and that is what it is taken along for.
 */
static int give(struct jw_store *store, sqlite3_stmt *stmt, const struct jw_chain_tip *anchor,
		int (*fn)(void *ctx, const struct jw_record *record), void *ctx)
{
	struct jw_record record = { .row = (uint64_t)sqlite3_column_int64(stmt, 0) };

	record.doc = (const char *)sqlite3_column_text(stmt, 1);
	if (!record.doc)
		return jw_sql_fail(store, -EBADMSG, "event row %llu has no document", (unsigned long long)record.row);
	record.len = (size_t)sqlite3_column_bytes(stmt, 1);
	jw_sql_digest(stmt, 2, record.hash);
	if (record.row == anchor->row + 1)
		memcpy(record.before, anchor->hash, sizeof(record.before));
	else
		jw_sql_digest(stmt, 3, record.before);
	return fn(ctx, &record);
}

#define COLUMNS "SELECT e.id, e.doc, e.hash, (SELECT p.hash FROM event p WHERE p.id = e.id - 1) FROM event e"

int jw_store_records(struct jw_store *store, const struct jw_event_filter *filters, size_t n,
		     int (*fn)(void *ctx, const struct jw_record *record), void *ctx)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_chain_tip anchor;
	struct rows rows = { 0 };
	size_t i;
	int r;

	r = jw_chain_get_anchor(store, &anchor);
	if (!r)
		r = jw_sql_prepare(store, n ? COLUMNS " WHERE e.id = ?1" : COLUMNS " ORDER BY e.id", &stmt);
	if (!r && n)
		r = choose(store, filters, n, &rows);
	for (i = 0; !r && (!n || i < rows.n); i++) {
		if (n) {
			sqlite3_reset(stmt);
			sqlite3_bind_int64(stmt, 1, (sqlite3_int64)rows.v[i]);
		}
		r = jw_sql_step(store, stmt);
		if (!r && !n)
			break;
		r = r > 0 ? give(store, stmt, &anchor, fn, ctx) : r;
	}
	free(rows.v);
	return r;
}
