// SPDX-License-Identifier: GPL-2.0
/*
 * Questions of strangers to the store: SQL of a hunt's file, or typed by hand. It may read and do nothing else, and it
 * ends: an authorizer refuses all but reading, time and memory are bounded.
 *
 * The views that it sees are made here, in SQLite's temporary schema, from the text that this program carries. So a copy
 * of an older store has the columns that hunts rely on, a tampered one can't give them a meaning of its own, and they may
 * use json_extract(), which the schema of the file may not while trusted_schema is off (sqlite.org/pragma.html).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../cleanup.h"
#include "sql.h"

/* Between two looks at the clock; some milliseconds. */
#define PROGRESS_STEPS 20000
/* Of SQLite as a whole. A third of it is the cache: what is asked of ten million events is mostly in few pages. */
#define HEAP_BYTES (192LL << 20)
#define CACHE_PRAGMA "PRAGMA cache_size = -65536"
/* Longest text or blob that may come up; jobs with lines of megabytes exist. */
#define VALUE_BYTES (64 << 20)

struct deadline {
	int64_t end_ms;
	bool passed;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is_over(void *ctx)
{
	struct deadline *deadline = ctx;

	deadline->passed = now_ms() >= deadline->end_ms;
	return deadline->passed;
}

static int permit(void *ctx, int action, const char *first, const char *second, const char *schema, const char *inside)
{
	static const char *const pragmas[] = { "table_info", "table_xinfo", "table_list" };
	size_t i;

	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return strcasecmp(second, "load_extension") ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_PRAGMA:
		/* Which columns are there? */
		for (i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
			if (!strcasecmp(first, pragmas[i]))
				return SQLITE_OK;
		return SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* Copies @from with each @what as @as. */
static char *replace(const char *from, const char *what, const char *as)
{
	size_t n = 0, len = strlen(what);
	const char *hit;
	char *out, *p;

	for (hit = from; (hit = strstr(hit, what)); hit += len)
		n++;
	p = out = malloc(strlen(from) + n * strlen(as) + 1);
	while (out && (hit = strstr(from, what))) {
		p = mempcpy(p, from, (size_t)(hit - from));
		p = stpcpy(p, as);
		from = hit + len;
	}
	if (out)
		strcpy(p, from);
	return out;
}

static int make_views(struct jw_store *store)
{
	_cleanup_free_ char *dropped = NULL, *text = NULL;
	int r;

	if (store->has_views)
		return 0;
	dropped = replace(jw_schema_views(), "DROP VIEW IF EXISTS ", "DROP VIEW IF EXISTS temp.");
	text = dropped ? replace(dropped, "CREATE VIEW ", "CREATE TEMP VIEW ") : NULL;
	if (!text)
		return -ENOMEM;
	r = jw_sql_exec(store, text);
	if (!r)
		r = jw_sql_exec(store, CACHE_PRAGMA);
	/* Those of the file, that is; the temporary ones stay. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES);
	store->has_views = !r;
	return r;
}

static void locate(const char *sql, int offset, struct jw_fault *ret)
{
	const char *p;

	if (offset < 0)
		return;
	ret->line = ret->column = 1;
	for (p = sql; p < sql + offset && *p; p++) {
		ret->column = *p == '\n' ? 1 : ret->column + 1;
		ret->line += *p == '\n';
	}
}

/* Errors of the question itself, not of the store. */
static int failed(struct jw_store *store, const struct jw_question *question, int rc, struct jw_fault *ret)
{
	switch (rc & 0xff) {
	case SQLITE_ERROR:
	case SQLITE_MISMATCH:
		locate(question->sql, sqlite3_error_offset(store->db), ret);
		return jw_sql_fail(store, -EINVAL, "%s", sqlite3_errmsg(store->db));
	case SQLITE_AUTH:
		return jw_sql_fail(store, -EACCES, "a question may only read");
	case SQLITE_INTERRUPT:
		return jw_sql_fail(store, -ETIMEDOUT, "it takes longer than %llu s",
				   (unsigned long long)question->timeout_ms / 1000);
	case SQLITE_TOOBIG:
		return jw_sql_fail(store, -ENOMEM, "a text in it is longer than %d MiB", VALUE_BYTES >> 20);
	case SQLITE_NOMEM:
		return jw_sql_fail(store, -ENOMEM, "it takes more memory than the %lld MiB that it may",
				   HEAP_BYTES >> 20);
	default:
		return jw_sql_errno(store, rc);
	}
}

/* A second statement would not be run; better said than passed over. */
static int check_rest(struct jw_store *store, const struct jw_question *question, const char *rest,
		      struct jw_fault *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	const char *was;

	for (; *rest; rest = was) {
		int rc = sqlite3_prepare_v2(store->db, rest, -1, &stmt, &was);

		if (rc == SQLITE_OK && !stmt && was > rest)
			continue;
		if (rc == SQLITE_OK && !stmt)
			break;
		locate(question->sql, (int)(rest - question->sql), ret);
		return jw_sql_fail(store, -EINVAL, "one statement and no more");
	}
	return 0;
}

static int bind(struct jw_store *store, const struct jw_question *question, sqlite3_stmt *stmt)
{
	int i;

	for (i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
		const char *name = sqlite3_bind_parameter_name(stmt, i);

		if (name && !strcmp(name, ":since_ns"))
			sqlite3_bind_int64(stmt, i, question->since_ns);
		else if (name && !strcmp(name, ":until_ns"))
			sqlite3_bind_int64(stmt, i, question->until_ns);
		else
			return jw_sql_fail(store, -EINVAL, "there is no parameter %s; there are :since_ns and :until_ns",
					   name ? name : "?");
	}
	return 0;
}

static int prepare(struct jw_store *store, const struct jw_question *question, sqlite3_stmt **ret,
		   struct jw_fault *ret_fault)
{
	const char *rest;
	int rc = sqlite3_prepare_v2(store->db, question->sql, -1, ret, &rest), r;

	if (rc != SQLITE_OK)
		return failed(store, question, rc, ret_fault);
	if (!*ret)
		return jw_sql_fail(store, -EINVAL, "there is no statement");
	r = check_rest(store, question, rest, ret_fault);
	if (!r && !sqlite3_column_count(*ret))
		r = jw_sql_fail(store, -EACCES, "a question may only read");
	return r ? r : bind(store, question, *ret);
}

static void get_value(sqlite3_stmt *stmt, int i, struct jw_value *ret)
{
	switch (sqlite3_column_type(stmt, i)) {
	case SQLITE_INTEGER:
		*ret = (struct jw_value){ .kind = JW_VALUE_INTEGER, .integer = sqlite3_column_int64(stmt, i) };
		break;
	case SQLITE_FLOAT:
		*ret = (struct jw_value){ .kind = JW_VALUE_REAL, .real = sqlite3_column_double(stmt, i) };
		break;
	case SQLITE_TEXT:
		*ret = (struct jw_value){ .kind = JW_VALUE_TEXT, .bytes = sqlite3_column_text(stmt, i) };
		break;
	case SQLITE_BLOB:
		*ret = (struct jw_value){ .kind = JW_VALUE_BLOB, .bytes = sqlite3_column_blob(stmt, i) };
		break;
	default:
		*ret = (struct jw_value){ .kind = JW_VALUE_NULL };
		return;
	}
	ret->len = ret->bytes ? (size_t)sqlite3_column_bytes(stmt, i) : 0;
}

static int answer(struct jw_store *store, const struct jw_question *question, sqlite3_stmt *stmt,
		  struct jw_fault *ret_fault)
{
	const int n = sqlite3_column_count(stmt);
	_cleanup_free_ const char **names = calloc((size_t)n, sizeof(*names));
	_cleanup_free_ struct jw_value *values = calloc((size_t)n, sizeof(*values));
	int r, rc, i;

	for (i = 0; names && i < n; i++)
		if (!(names[i] = sqlite3_column_name(stmt, i)))
			return -ENOMEM;
	if (!names || !values)
		return -ENOMEM;
	r = question->columns(question->ctx, names, (size_t)n);
	while (!r && (rc = sqlite3_step(stmt)) != SQLITE_DONE) {
		if (rc != SQLITE_ROW)
			return failed(store, question, rc, ret_fault);
		for (i = 0; i < n; i++)
			get_value(stmt, i, &values[i]);
		r = question->row(question->ctx, values, (size_t)n);
	}
	return r;
}

int jw_store_ask(struct jw_store *store, const struct jw_question *question, struct jw_fault *ret_fault)
{
	struct deadline deadline = { .end_ms = now_ms() + (int64_t)question->timeout_ms };
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int64_t limit;
	int r;

	*ret_fault = (struct jw_fault){ 0 };
	if (!store->readonly)
		return jw_sql_fail(store, -EINVAL, "questions go to a store that was opened read-only");
	r = make_views(store);
	if (r)
		return r;
	limit = sqlite3_hard_heap_limit64(HEAP_BYTES);
	sqlite3_set_authorizer(store->db, permit, NULL);
	if (question->timeout_ms)
		sqlite3_progress_handler(store->db, PROGRESS_STEPS, is_over, &deadline);
	r = prepare(store, question, &stmt, ret_fault);
	if (!r && question->row)
		r = answer(store, question, stmt, ret_fault);
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	sqlite3_set_authorizer(store->db, NULL, NULL);
	sqlite3_hard_heap_limit64(limit);
	return r;
}

int jw_store_tell(struct jw_store *store, const char *view, int (*columns)(void *ctx, const char *const *names, size_t n),
		  int (*row)(void *ctx, const struct jw_value *values, size_t n), void *ctx)
{
	struct jw_question question = { .columns = columns, .row = row, .ctx = ctx };
	struct jw_fault fault;
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT * FROM %s", view);
	question.sql = sql;
	return jw_store_ask(store, &question, &fault);
}
