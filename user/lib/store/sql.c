// SPDX-License-Identifier: GPL-2.0
/* SQLite in the project's ways: errno for result codes, statements that are prepared once, transactions. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sql.h"

int jw_sql_fail(struct jw_store *store, int err, const char *fmt, ...)
{
	va_list args;

	/* A column that could not be fetched for want of memory looks like one that is not there
	 * (sqlite.org/c3ref/column_blob). */
	if (err == -EBADMSG && store->db && sqlite3_errcode(store->db) == SQLITE_NOMEM)
		err = -ENOMEM;
	va_start(args, fmt);
	vsnprintf(store->error, sizeof(store->error), fmt, args);
	va_end(args);
	return err;
}

static int io_errno(struct jw_store *store)
{
	int err = sqlite3_system_errno(store->db);

	/* SQLite forgets it when a COMMIT fails; the failed call's own errno is still there. */
	if (!err)
		err = errno;
	/* EFBIG: RLIMIT_FSIZE or the file system's own limit; no space of that kind either. */
	return err == ENOSPC || err == EDQUOT || err == EFBIG ? -ENOSPC : -EIO;
}

int jw_sql_errno(struct jw_store *store, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return 0;
	snprintf(store->error, sizeof(store->error), "%s", store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc));
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_IOERR:
		return (rc == SQLITE_IOERR_NOMEM) ? -ENOMEM : io_errno(store);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		store->damaged = true;
		return -EBADMSG;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CANTOPEN:
		return sqlite3_system_errno(store->db) ? -sqlite3_system_errno(store->db) : -ENOENT;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_TOOBIG:
		return -E2BIG;
	default:
		return -EIO;
	}
}

int jw_sql_exec(struct jw_store *store, const char *sql)
{
	return jw_sql_errno(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

/*
 * A rollback may want memory too, and fail for it. What the transaction has done must not be seen or committed later,
 * so nothing else is done before it is rolled back.
 */
static int settle(struct jw_store *store)
{
	if (!store->unsettled)
		return 0;
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->unsettled = !sqlite3_get_autocommit(store->db);
	return store->unsettled ? jw_sql_fail(store, -ENOMEM, "a failed change can't be rolled back yet") : 0;
}

int jw_sql_begin(struct jw_store *store)
{
	int r;

	if (store->readonly)
		return jw_sql_fail(store, -EROFS, "the store was opened read-only");
	r = settle(store);
	if (!r)
		r = jw_sql_exec(store, "BEGIN IMMEDIATE");
	/* It may have begun and then failed. */
	if (r)
		jw_sql_abort(store);
	return r;
}

int jw_sql_commit(struct jw_store *store)
{
	int err = jw_sql_exec(store, "COMMIT");

	/* After ENOSPC or EIO a transaction may still be open (sqlite.org/lang_transaction.html, section 3). */
	if (err)
		jw_sql_abort(store);
	return err;
}

void jw_sql_abort(struct jw_store *store)
{
	size_t i;

	/* Statements that stand on a row would make ROLLBACK leave them in an error state. */
	for (i = 0; i < JW_STMT_MAX; i++)
		if (store->stmts[i])
			sqlite3_reset(store->stmts[i]);
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->unsettled = !sqlite3_get_autocommit(store->db);
}

int jw_sql_stmt(struct jw_store *store, enum jw_stmt which, const char *sql, sqlite3_stmt **ret)
{
	sqlite3_stmt **stmt = &store->stmts[which];
	int rc = settle(store);

	if (rc)
		return rc;
	if (!*stmt) {
		rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
		if (rc != SQLITE_OK)
			return jw_sql_errno(store, rc);
	}
	sqlite3_reset(*stmt);
	sqlite3_clear_bindings(*stmt);
	*ret = *stmt;
	return 0;
}

int jw_sql_prepare(struct jw_store *store, const char *sql, sqlite3_stmt **ret)
{
	int r = settle(store);

	return r ? r : jw_sql_errno(store, sqlite3_prepare_v2(store->db, sql, -1, ret, NULL));
}

void jw_sql_done(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
	*stmt = NULL;
}

int jw_sql_step(struct jw_store *store, sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt), err;

	if (rc == SQLITE_ROW)
		return 1;
	err = jw_sql_errno(store, rc);
	sqlite3_reset(stmt);
	return err;
}

int jw_sql_run(struct jw_store *store, sqlite3_stmt *stmt)
{
	int r;

	do
		r = jw_sql_step(store, stmt);
	while (r > 0);
	return r;
}

void jw_sql_bind_text(sqlite3_stmt *stmt, int i, const char *s)
{
	if (s)
		sqlite3_bind_text(stmt, i, s, -1, SQLITE_STATIC);
}

void jw_sql_bind_blob(sqlite3_stmt *stmt, int i, const void *p, size_t len)
{
	if (p)
		sqlite3_bind_blob64(stmt, i, p, len, SQLITE_STATIC);
}

void jw_sql_bind_id(sqlite3_stmt *stmt, int i, uint64_t id)
{
	if (id)
		sqlite3_bind_int64(stmt, i, (sqlite3_int64)id);
}

int jw_sql_text(sqlite3_stmt *stmt, int column, char **ret)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	*ret = NULL;
	if (!s)
		return sqlite3_column_type(stmt, column) == SQLITE_NULL ? 0 : -ENOMEM;
	*ret = strdup(s);
	return *ret ? 0 : -ENOMEM;
}

int jw_sql_blob(sqlite3_stmt *stmt, int column, char **ret, size_t *ret_len)
{
	const void *p = sqlite3_column_blob(stmt, column);
	size_t len = sqlite3_column_bytes(stmt, column);

	*ret = NULL;
	*ret_len = 0;
	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		return 0;
	/* One byte more, zero: source and input are texts, and an empty blob must not read as none. */
	*ret = malloc(len + 1);
	if (!*ret)
		return -ENOMEM;
	if (len)
		memcpy(*ret, p, len);
	(*ret)[len] = '\0';
	*ret_len = len;
	return 0;
}

bool jw_sql_digest(sqlite3_stmt *stmt, int column, uint8_t out[JW_DIGEST_SIZE])
{
	memset(out, 0, JW_DIGEST_SIZE);
	if (sqlite3_column_bytes(stmt, column) != JW_DIGEST_SIZE || !sqlite3_column_blob(stmt, column))
		return false;
	memcpy(out, sqlite3_column_blob(stmt, column), JW_DIGEST_SIZE);
	return true;
}
