/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of the store's room: the handle, transactions, statements. Nobody outside user/lib/store includes this. */
#ifndef JOBWARD_STORE_SQL_H
#define JOBWARD_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "store.h"

/* Statements that run often are prepared once; which ones is known here, their text stands where they are used. */
enum jw_stmt {
	JW_STMT_TIP,
	JW_STMT_BOOT,
	JW_STMT_APPEND,
	JW_STMT_ACTING,
	JW_STMT_PROFILE_PUT,
	JW_STMT_DESTINATION_PUT,
	JW_STMT_JOB_FIND,
	JW_STMT_JOB_PUT,
	JW_STMT_JOB_LIGHT,
	JW_STMT_EXEC_DROP,
	JW_STMT_EXEC_PUT,
	JW_STMT_PIN_DROP,
	JW_STMT_PIN_PUT,
	JW_STMT_VERSION_PUT,
	JW_STMT_EXEC_GET,
	JW_STMT_PIN_GET,
	JW_STMT_RUN_PUT,
	JW_STMT_RUN_COUNT,
	JW_STMT_MAX,
};

struct jw_store {
	sqlite3 *db;
	char *path, *log_path;
	dev_t log_dev;
	ino_t log_ino;		/* 0: there was none to watch */
	bool readonly;
	bool was_empty;		/* the file was there, with nothing in it */
	bool damaged;		/* SQLite said so while it was open */
	bool has_views;		/* those for questions were made */
	bool unsettled;		/* a transaction that failed could not be rolled back yet */
	sqlite3_stmt *stmts[JW_STMT_MAX];
	char error[512];
};

/* Negative errno for SQLite's result code; also keeps the words for jw_store_error(). */
int jw_sql_errno(struct jw_store *store, int rc);
/* Keeps words of our own; returns @err, or -ENOMEM where that is what lies behind an -EBADMSG. */
int jw_sql_fail(struct jw_store *store, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int jw_sql_exec(struct jw_store *store, const char *sql);
/* A write transaction, durable when commit returned 0. Abort may be called at any time and keeps the error's words. */
int jw_sql_begin(struct jw_store *store);
int jw_sql_commit(struct jw_store *store);
void jw_sql_abort(struct jw_store *store);
/* The statement of that number, reset and without bindings. Valid until the next call for the same number. */
int jw_sql_stmt(struct jw_store *store, enum jw_stmt which, const char *sql, sqlite3_stmt **ret);
/* A statement for one use; jw_sql_done() ends it. */
int jw_sql_prepare(struct jw_store *store, const char *sql, sqlite3_stmt **ret);
void jw_sql_done(sqlite3_stmt **stmt);
/* Return: 1 a row, 0 no more (the statement is reset), or negative errno. */
int jw_sql_step(struct jw_store *store, sqlite3_stmt *stmt);
/* Runs to the end; rows are passed over. */
int jw_sql_run(struct jw_store *store, sqlite3_stmt *stmt);

#define _cleanup_stmt_ __attribute__((cleanup(jw_sql_done)))

/* NULL is bound as NULL; the bytes must stay until the statement is reset. */
void jw_sql_bind_text(sqlite3_stmt *stmt, int i, const char *s);
void jw_sql_bind_blob(sqlite3_stmt *stmt, int i, const void *p, size_t len);
/* 0 is bound as NULL. */
void jw_sql_bind_id(sqlite3_stmt *stmt, int i, uint64_t id);
/* Copies; NULL stays NULL. Return: 0 or -ENOMEM. */
int jw_sql_text(sqlite3_stmt *stmt, int column, char **ret);
int jw_sql_blob(sqlite3_stmt *stmt, int column, char **ret, size_t *ret_len);
/* A digest into @out; zeros where the column has none. Return: was there one? */
bool jw_sql_digest(sqlite3_stmt *stmt, int column, uint8_t out[JW_DIGEST_SIZE]);

/* ---- chain.c ---- */
int jw_chain_get_tip(struct jw_store *store, struct jw_chain_tip *ret);
/* Where the chain begins: row 0, or the last that retention deleted. -EBADMSG: no event says that it did. */
int jw_chain_get_anchor(struct jw_store *store, struct jw_chain_tip *ret);
/* Do the last rows hold? Return: 0, -EBADMSG or another errno. */
int jw_chain_check_end(struct jw_store *store);

/* ---- query.c ---- */
/* Calls @fn with the row of each event that the filter chooses, in order; non-zero stops (handed on). */
int jw_query_rows(struct jw_store *store, const struct jw_event_filter *filter, int (*fn)(void *ctx, uint64_t row),
		  void *ctx);

/* ---- append.c ---- */
/* Appends inside of the caller's transaction. */
int jw_append_events(struct jw_store *store, struct jw_event *events, size_t n, size_t *ret_new);

/* ---- schema.c ---- */
/* Brings the schema to ours. -EPROTO: it is newer, or another program's. */
int jw_schema_migrate(struct jw_store *store);
/* Is it one that we can read? */
int jw_schema_check(struct jw_store *store);
/* views.sql. Static. */
const char *jw_schema_views(void);

/* ---- salvage.c ---- */
/* Moves a damaged store aside. @ret_aside: its new name. */
int jw_salvage_move_aside(const char *path, char **ret_aside);
/* Carries decisions, values and sequence numbers over from it, as far as they can be read. Return: rows, or negative
 * errno. */
int jw_salvage_copy(struct jw_store *store, const char *aside);

#endif
