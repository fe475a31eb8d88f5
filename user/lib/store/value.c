// SPDX-License-Identifier: GPL-2.0
/* Small named values, and findings about jobward itself. What is already so is not written again: callers may say it as often as they like.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "sql.h"

int jw_store_get(struct jw_store *store, const char *name, char **ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	*ret = NULL;
	r = jw_sql_prepare(store, "SELECT value FROM value WHERE name = ?1", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, name);
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r ? r : -ENOENT;
	return jw_sql_text(stmt, 0, ret);
}

int jw_store_set(struct jw_store *store, const char *name, const char *value)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	_cleanup_free_ char *had = NULL;
	int r;

	if (store->readonly)
		return jw_sql_fail(store, -EROFS, "the store was opened read-only");
	r = jw_store_get(store, name, &had);
	if (r && r != -ENOENT)
		return r;
	if (had && !strcmp(had, value))
		return 0;
	r = jw_sql_prepare(store, "INSERT INTO value (name, value) VALUES (?1, ?2)"
			   " ON CONFLICT (name) DO UPDATE SET value = excluded.value", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, name);
	jw_sql_bind_text(stmt, 2, value);
	return jw_sql_run(store, stmt);
}

/* Return: 1 stands and *ret is its text, 0 does not stand, or negative errno. */
static int standing(struct jw_store *store, const char *name, char **ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	*ret = NULL;
	r = jw_sql_prepare(store, "SELECT text FROM finding WHERE name = ?1 AND cleared_ns IS NULL AND key IS NULL", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, name);
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r;
	r = jw_sql_text(stmt, 0, ret);
	return r ? r : 1;
}

int jw_store_put_finding(struct jw_store *store, const char *name, const char *text, int64_t now_ns)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	_cleanup_free_ char *had = NULL;
	int r;

	if (store->readonly)
		return jw_sql_fail(store, -EROFS, "the store was opened read-only");
	r = standing(store, name, &had);
	if (r < 0)
		return r;
	if (had && !strcmp(had, text))
		return 0;
	/* New words do not make it a new finding: since when it stands is what people want to know. */
	r = jw_sql_prepare(store, r ? "UPDATE finding SET text = ?2 WHERE name = ?1 AND cleared_ns IS NULL AND key IS NULL" :
				      "INSERT INTO finding (name, text, since_ns) VALUES (?1, ?2, ?3)", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, name);
	jw_sql_bind_text(stmt, 2, text);
	if (sqlite3_bind_parameter_count(stmt) > 2)
		sqlite3_bind_int64(stmt, 3, now_ns);
	return jw_sql_run(store, stmt);
}

int jw_store_clear_finding(struct jw_store *store, const char *name)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	_cleanup_free_ char *had = NULL;
	int r;

	if (store->readonly)
		return jw_sql_fail(store, -EROFS, "the store was opened read-only");
	r = standing(store, name, &had);
	if (r <= 0)
		return r;
	r = jw_sql_prepare(store, "UPDATE finding SET cleared_ns = CAST(strftime('%s', 'now') AS INTEGER) * 1000000000"
			   " WHERE name = ?1 AND cleared_ns IS NULL AND key IS NULL", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, name);
	return jw_sql_run(store, stmt);
}

int jw_store_findings(struct jw_store *store,
		      int (*fn)(void *ctx, const char *name, const char *text, int64_t since_ns), void *ctx)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store,
			   "SELECT name, text, since_ns FROM finding WHERE cleared_ns IS NULL AND key IS NULL"
			   " ORDER BY since_ns, id",
			   &stmt);
	if (r)
		return r;
	while ((r = jw_sql_step(store, stmt)) > 0) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		const char *text = (const char *)sqlite3_column_text(stmt, 1);

		if (!name || !text)
			return -ENOMEM;
		r = fn(ctx, name, text, sqlite3_column_int64(stmt, 2));
		if (r)
			return r;
	}
	return r;
}
