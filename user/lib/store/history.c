// SPDX-License-Identifier: GPL-2.0
/* Reading the inventory back: jobs, their versions and runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../names_gen.h"
#include "../provenance/provenance.h"
#include "inventory.h"
#include "sql.h"

static int get_word(sqlite3_stmt *stmt, int column, int (*from_name)(const char *), int *ret)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	*ret = s ? from_name(s) : -1;
	return *ret < 0 ? -EBADMSG : 0;
}

static int get_texts(sqlite3_stmt *stmt, struct jw_job *job)
{
	const struct { int column; char **text; } texts[] = {
		{ 2, &job->owner }, { 4, &job->name }, { 5, &job->path }, { 7, &job->schedule }, { 8, &job->command },
		{ 9, &job->input }, { 11, &job->unreadable }, { 13, &job->provenance.package },
		{ 14, &job->provenance.version }, { 16, &job->reason },
	};
	size_t i;
	int r = 0;

	for (i = 0; !r && i < sizeof(texts) / sizeof(texts[0]); i++)
		r = jw_sql_text(stmt, texts[i].column, texts[i].text);
	return r ? r : jw_sql_blob(stmt, 10, &job->source, &job->source_len);
}

static int get_job(struct jw_store *store, sqlite3_stmt *stmt, struct jw_job *job)
{
	int scheduler, kind, state, r;

	job->id = (uint64_t)sqlite3_column_int64(stmt, 0);
	r = get_word(stmt, 1, jw_scheduler_from_name, &scheduler);
	if (!r)
		r = get_word(stmt, 12, jw_provenance_from_name, &kind);
	if (!r)
		r = get_word(stmt, 15, jw_state_from_name, &state);
	if (r)
		return jw_sql_fail(store, r, "job %016llx can't be read", (unsigned long long)job->id);
	job->scheduler = (enum jobward_scheduler)scheduler;
	job->provenance.kind = (enum jw_provenance_kind)kind;
	job->state = (enum jobward_state)state;
	job->uid = (uid_t)sqlite3_column_int64(stmt, 3);
	job->line = (unsigned int)sqlite3_column_int64(stmt, 6);
	job->next_run_ns = sqlite3_column_int64(stmt, 17);
	job->first_seen_ns = sqlite3_column_int64(stmt, 18);
	job->changed_ns = sqlite3_column_int64(stmt, 19);
	job->last_run_ns = sqlite3_column_int64(stmt, 20);
	job->runs = (uint64_t)sqlite3_column_int64(stmt, 21);
	r = get_texts(stmt, job);
	return r ? r : jw_inventory_get_parts(store, job);
}

int jw_store_get_jobs(struct jw_store *store, bool gone, struct jw_jobs *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_jobs jobs = { 0 };
	int r;

	r = jw_sql_prepare(
		store,
		"SELECT id, scheduler, owner, uid, name, path, line, schedule, command, input, source,"
		" unreadable, provenance, package, package_version, state, reason, next_run_ns, first_seen_ns,"
		" changed_ns, last_run_ns, runs FROM job WHERE ?1 OR gone_ns IS NULL ORDER BY path, line, id",
		&stmt);
	if (!r)
		sqlite3_bind_int(stmt, 1, gone);
	while (!r && (r = jw_sql_step(store, stmt)) > 0) {
		struct jw_job *job = jw_jobs_add(&jobs);

		r = job ? get_job(store, stmt, job) : -ENOMEM;
	}
	if (!r)
		r = jw_jobs_move(ret, &jobs);
	jw_jobs_done(&jobs);
	return r;
}

/*
 * Not synced: a run more or less in the count after a power cut is no harm, since the event is on record, and a sync
 * for each of many runs at the full minute would be.
 */
int jw_store_put_run(struct jw_store *store, uint64_t job, int64_t time_ns, uint64_t seq)
{
	sqlite3_stmt *stmt;
	int r;

	if (store->readonly)
		return jw_sql_fail(store, -EROFS, "the store was opened read-only");
	r = jw_sql_exec(store, "PRAGMA synchronous = NORMAL");
	if (!r)
		r = jw_sql_begin(store);
	if (!r)
		r = jw_sql_stmt(store, JW_STMT_RUN_PUT,
				"INSERT OR IGNORE INTO run (job, time_ns, seq) VALUES (?1, ?2, ?3)", &stmt);
	if (!r) {
		sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
		sqlite3_bind_int64(stmt, 2, time_ns);
		sqlite3_bind_int64(stmt, 3, (sqlite3_int64)seq);
		r = jw_sql_run(store, stmt);
	}
	if (!r && sqlite3_changes(store->db)) {
		r = jw_sql_stmt(store, JW_STMT_RUN_COUNT,
				"UPDATE job SET runs = runs + 1, last_run_ns = max(last_run_ns, ?2)"
				" WHERE id = ?1",
				&stmt);
		if (!r) {
			sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
			sqlite3_bind_int64(stmt, 2, time_ns);
			r = jw_sql_run(store, stmt);
		}
	}
	if (!r)
		r = jw_sql_commit(store);
	else
		jw_sql_abort(store);
	/* Cannot fail: it touches no file. */
	sqlite3_exec(store->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
	return r;
}

int jw_store_get_versions(struct jw_store *store, uint64_t job, struct jw_job_version **ret, size_t *ret_n)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_job_version *v = NULL;
	size_t n = 0;
	int r;

	*ret = NULL;
	*ret_n = 0;
	r = jw_sql_prepare(store,
			   "SELECT time_ns, source, command, schedule, fingerprint FROM job_version WHERE job = ?1"
			   " ORDER BY id",
			   &stmt);
	if (!r)
		sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
	while (!r && (r = jw_sql_step(store, stmt)) > 0) {
		struct jw_job_version *bigger = reallocarray(v, n + 1, sizeof(*v));

		r = -ENOMEM;
		if (!bigger)
			break;
		v = bigger;
		memset(&v[n], 0, sizeof(*v));
		v[n].time_ns = sqlite3_column_int64(stmt, 0);
		jw_sql_digest(stmt, 4, v[n].fingerprint);
		n++;
		r = jw_sql_blob(stmt, 1, &v[n - 1].source, &v[n - 1].source_len);
		if (!r)
			r = jw_sql_text(stmt, 2, &v[n - 1].command);
		if (!r)
			r = jw_sql_text(stmt, 3, &v[n - 1].schedule);
	}
	if (r) {
		jw_job_versions_free(v, n);
		return r;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

void jw_job_versions_free(struct jw_job_version *versions, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(versions[i].source);
		free(versions[i].command);
		free(versions[i].schedule);
	}
	free(versions);
}
