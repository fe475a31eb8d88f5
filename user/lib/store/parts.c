// SPDX-License-Identifier: GPL-2.0
/* What hangs on a job: its execs, its pins. Lists of strings are kept as one blob, each string with its NUL byte. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "../grow.h"
#include "inventory.h"
#include "sql.h"

static int join(char *const *list, char **ret, size_t *ret_len)
{
	size_t len = 0;
	char *p;
	int i;

	*ret = NULL;
	*ret_len = 0;
	if (!list)
		return 0;
	for (i = 0; list[i]; i++)
		len += strlen(list[i]) + 1;
	*ret = p = malloc(len ? len : 1);
	if (!p)
		return -ENOMEM;
	for (i = 0; list[i]; i++)
		p = stpcpy(p, list[i]) + 1;
	*ret_len = len;
	return 0;
}

static void list_free(char **list)
{
	int i;

	for (i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

/* The blob ends with a NUL byte of ours (jw_sql_blob()), so that a last string without its own is read well too. */
static int split(const char *blob, size_t len, char ***ret)
{
	const char *p, *end = blob + len;
	size_t n = 0;
	char **list;

	for (p = blob; p < end; p += strlen(p) + 1)
		n++;
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (p = blob, n = 0; p < end; p += strlen(p) + 1) {
		list[n] = strdup(p);
		if (!list[n++]) {
			list_free(list);
			return -ENOMEM;
		}
	}
	*ret = list;
	return 0;
}

static int drop(struct jw_store *store, enum jw_stmt which, const char *sql, uint64_t job)
{
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(store, which, sql, &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
	return jw_sql_run(store, stmt);
}

static int put_exec(struct jw_store *store, uint64_t job, size_t n, const struct jw_exec *exec)
{
	_cleanup_free_ char *env = NULL;
	sqlite3_stmt *stmt;
	size_t env_len;
	int r;

	r = join(exec->env, &env, &env_len);
	if (r)
		return r;
	r = jw_sql_stmt(store, JW_STMT_EXEC_PUT,
			"INSERT INTO job_exec (job, n, argv, program, env, content, content_sha256,"
			" failed_ok, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
			&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)n);
	jw_sql_bind_blob(stmt, 3, exec->argv, exec->argv_len);
	jw_sql_bind_text(stmt, 4, exec->program);
	jw_sql_bind_blob(stmt, 5, env, env_len);
	jw_sql_bind_blob(stmt, 6, exec->content, exec->content_len);
	jw_sql_bind_blob(stmt, 7, exec->has_content ? exec->content_sha256 : NULL, JW_DIGEST_SIZE);
	sqlite3_bind_int(stmt, 8, exec->failed_ok);
	jw_sql_bind_blob(stmt, 9, exec->key, JW_DIGEST_SIZE);
	r = jw_sql_run(store, stmt);
	/* env goes out of scope, the statement stays. */
	sqlite3_clear_bindings(stmt);
	return r;
}

static int put_pin(struct jw_store *store, uint64_t job, size_t n, const struct jw_pin *pin)
{
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(store, JW_STMT_PIN_PUT,
			"INSERT INTO job_pin (job, n, path, sha256, dev, ino, size, ctime_ns, package,"
			" unmodified) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
			&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)n);
	jw_sql_bind_text(stmt, 3, pin->path);
	jw_sql_bind_blob(stmt, 4, pin->present ? pin->sha256 : NULL, JW_DIGEST_SIZE);
	sqlite3_bind_int64(stmt, 5, (sqlite3_int64)pin->dev);
	sqlite3_bind_int64(stmt, 6, (sqlite3_int64)pin->ino);
	sqlite3_bind_int64(stmt, 7, (sqlite3_int64)pin->size);
	sqlite3_bind_int64(stmt, 8, (sqlite3_int64)pin->ctime_ns);
	jw_sql_bind_text(stmt, 9, pin->package);
	sqlite3_bind_int(stmt, 10, pin->unmodified);
	return jw_sql_run(store, stmt);
}

int jw_inventory_put_parts(struct jw_store *store, const struct jw_job *job)
{
	size_t i;
	int r;

	r = drop(store, JW_STMT_EXEC_DROP, "DELETE FROM job_exec WHERE job = ?1", job->id);
	if (!r)
		r = drop(store, JW_STMT_PIN_DROP, "DELETE FROM job_pin WHERE job = ?1", job->id);
	for (i = 0; !r && i < job->n_execs; i++)
		r = put_exec(store, job->id, i, &job->execs[i]);
	for (i = 0; !r && i < job->n_pins; i++)
		r = put_pin(store, job->id, i, &job->pins[i]);
	return r;
}

static int get_exec(struct jw_store *store, sqlite3_stmt *stmt, struct jw_job *job)
{
	struct jw_exec *exec = jw_job_add_exec(job);
	_cleanup_free_ char *env = NULL;
	size_t env_len;
	int r;

	if (!exec)
		return -ENOMEM;
	r = jw_sql_blob(stmt, 0, &exec->argv, &exec->argv_len);
	if (!r)
		r = jw_sql_text(stmt, 1, &exec->program);
	if (!r)
		r = jw_sql_blob(stmt, 2, &env, &env_len);
	if (!r && env)
		r = split(env, env_len, &exec->env);
	if (!r)
		r = jw_sql_blob(stmt, 3, &exec->content, &exec->content_len);
	if (r)
		return r;
	exec->has_content = jw_sql_digest(stmt, 4, exec->content_sha256);
	exec->failed_ok = sqlite3_column_int(stmt, 5);
	return jw_sql_digest(stmt, 6, exec->key) ? 0 : jw_sql_fail(store, -EBADMSG, "an exec has no key");
}

static int get_pin(sqlite3_stmt *stmt, struct jw_job *job)
{
	struct jw_pin *pin, *v = jw_grow(job->pins, job->n_pins, sizeof(*v));
	int r;

	if (!v)
		return -ENOMEM;
	job->pins = v;
	pin = &v[job->n_pins];
	memset(pin, 0, sizeof(*pin));
	r = jw_sql_text(stmt, 0, &pin->path);
	if (r)
		return r;
	job->n_pins++;
	pin->present = jw_sql_digest(stmt, 1, pin->sha256);
	pin->dev = (uint64_t)sqlite3_column_int64(stmt, 2);
	pin->ino = (uint64_t)sqlite3_column_int64(stmt, 3);
	pin->size = (uint64_t)sqlite3_column_int64(stmt, 4);
	pin->ctime_ns = (uint64_t)sqlite3_column_int64(stmt, 5);
	pin->unmodified = sqlite3_column_int(stmt, 7);
	return jw_sql_text(stmt, 6, &pin->package);
}

int jw_inventory_get_parts(struct jw_store *store, struct jw_job *job)
{
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(store, JW_STMT_EXEC_GET, "SELECT argv, program, env, content, content_sha256, failed_ok, key"
			" FROM job_exec WHERE job = ?1 ORDER BY n", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job->id);
	while (!r && (r = jw_sql_step(store, stmt)) > 0)
		r = get_exec(store, stmt, job);
	if (!r)
		r = jw_sql_stmt(store, JW_STMT_PIN_GET,
				"SELECT path, sha256, dev, ino, size, ctime_ns, package, unmodified"
				" FROM job_pin WHERE job = ?1 ORDER BY n",
				&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job->id);
	while (!r && (r = jw_sql_step(store, stmt)) > 0)
		r = get_pin(stmt, job);
	return r;
}
