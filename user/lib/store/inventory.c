// SPDX-License-Identifier: GPL-2.0
/*
 * The inventory on record. Most of it is the same at each reading, so each job carries two digests and only what
 * differs is written: the job with its execs and pins, or the few columns that move by themselves (line, state, next
 * run).
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "../names_gen.h"
#include "../provenance/provenance.h"
#include "inventory.h"
#include "sql.h"

/* ---- digests ---- */

static void feed(EVP_MD_CTX *ctx, const void *p, size_t len)
{
	uint64_t n = p ? len : UINT64_MAX;

	EVP_DigestUpdate(ctx, &n, sizeof(n));
	if (p)
		EVP_DigestUpdate(ctx, p, len);
}

static void feed_text(EVP_MD_CTX *ctx, const char *s)
{
	feed(ctx, s, s ? strlen(s) : 0);
}

static void feed_number(EVP_MD_CTX *ctx, uint64_t v)
{
	feed(ctx, &v, sizeof(v));
}

static void feed_exec(EVP_MD_CTX *ctx, const struct jw_exec *exec)
{
	char **env;

	feed(ctx, exec->argv, exec->argv_len);
	feed_text(ctx, exec->program);
	for (env = exec->env; env && *env; env++)
		feed_text(ctx, *env);
	feed_number(ctx, exec->has_content);
	feed(ctx, exec->content_sha256, exec->has_content ? JW_DIGEST_SIZE : 0);
	feed_number(ctx, exec->failed_ok);
	feed(ctx, exec->key, JW_DIGEST_SIZE);
}

static void feed_pin(EVP_MD_CTX *ctx, const struct jw_pin *pin)
{
	feed_text(ctx, pin->path);
	feed(ctx, pin->sha256, pin->present ? JW_DIGEST_SIZE : 0);
	feed_number(ctx, pin->dev);
	feed_number(ctx, pin->ino);
	feed_number(ctx, pin->size);
	feed_number(ctx, pin->ctime_ns);
	feed_text(ctx, pin->package);
	feed_number(ctx, pin->unmodified);
}

static int digest_full(const struct jw_job *job, uint8_t out[JW_DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t i;

	if (!ctx)
		return -ENOMEM;
	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	feed_number(ctx, job->scheduler);
	feed_text(ctx, job->owner);
	feed_number(ctx, job->uid);
	feed_text(ctx, job->name);
	feed_text(ctx, job->path);
	feed_text(ctx, job->schedule);
	feed_text(ctx, job->command);
	feed_text(ctx, job->input);
	feed(ctx, job->source, job->source_len);
	feed_text(ctx, job->unreadable);
	feed_number(ctx, job->provenance.kind);
	feed_text(ctx, job->provenance.package);
	feed_text(ctx, job->provenance.version);
	feed_number(ctx, job->n_execs);
	for (i = 0; i < job->n_execs; i++)
		feed_exec(ctx, &job->execs[i]);
	for (i = 0; i < job->n_pins; i++)
		feed_pin(ctx, &job->pins[i]);
	EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	return 0;
}

static int digest_light(const struct jw_job *job, uint8_t out[JW_DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx)
		return -ENOMEM;
	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	feed_number(ctx, job->line);
	feed_number(ctx, job->state);
	feed_text(ctx, job->reason);
	feed_number(ctx, (uint64_t)job->next_run_ns);
	EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	return 0;
}

/* ---- writing ---- */

/* A job on its way into the store, beside what is there about it. */
struct put {
	struct jw_job *job;
	int64_t now_ns;
	uint8_t full[JW_DIGEST_SIZE], light[JW_DIGEST_SIZE], fingerprint[JW_DIGEST_SIZE];
	bool known, same_full, same_light, gone;
};

static int find(struct jw_store *store, struct put *put)
{
	struct jw_job *job = put->job;
	uint8_t digest[JW_DIGEST_SIZE];
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(store, JW_STMT_JOB_FIND,
			"SELECT digest_full, digest_light, first_seen_ns, changed_ns, last_run_ns, runs,"
			" gone_ns IS NOT NULL FROM job WHERE id = ?1",
			&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job->id);
	r = jw_sql_step(store, stmt);
	job->first_seen_ns = put->now_ns;
	job->changed_ns = job->last_run_ns = 0;
	job->runs = 0;
	if (r <= 0)
		return r;
	put->known = true;
	put->same_full = jw_sql_digest(stmt, 0, digest) && !memcmp(digest, put->full, sizeof(digest));
	put->same_light = jw_sql_digest(stmt, 1, digest) && !memcmp(digest, put->light, sizeof(digest));
	job->first_seen_ns = sqlite3_column_int64(stmt, 2);
	job->changed_ns = sqlite3_column_int64(stmt, 3);
	job->last_run_ns = sqlite3_column_int64(stmt, 4);
	job->runs = (uint64_t)sqlite3_column_int64(stmt, 5);
	put->gone = sqlite3_column_int(stmt, 6);
	sqlite3_reset(stmt);
	return 0;
}

static int put_version(struct jw_store *store, struct put *put)
{
	const struct jw_job *job = put->job;
	sqlite3_stmt *stmt;
	int r;

	/* IS, since absent texts are NULL and compare as equal. */
	r = jw_sql_stmt(store, JW_STMT_VERSION_PUT, "INSERT INTO job_version (job, time_ns, source, command, schedule,"
			" fingerprint) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM job_version WHERE"
			" id = (SELECT max(id) FROM job_version WHERE job = ?1) AND source IS ?3 AND command IS ?4"
			" AND schedule IS ?5 AND fingerprint = ?6)", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job->id);
	sqlite3_bind_int64(stmt, 2, put->now_ns);
	jw_sql_bind_blob(stmt, 3, job->source, job->source_len);
	jw_sql_bind_text(stmt, 4, job->command);
	jw_sql_bind_text(stmt, 5, job->schedule);
	jw_sql_bind_blob(stmt, 6, put->fingerprint, JW_DIGEST_SIZE);
	r = jw_sql_run(store, stmt);
	if (!r && put->known && sqlite3_changes(store->db))
		put->job->changed_ns = put->now_ns;
	return r;
}

static int put_row(struct jw_store *store, const struct put *put)
{
	const struct jw_job *job = put->job;
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(
		store, JW_STMT_JOB_PUT,
		"INSERT INTO job (id, scheduler, owner, uid, name, path, line, schedule, command,"
		" input, source, unreadable, provenance, package, package_version, state, reason, next_run_ns,"
		" fingerprint, first_seen_ns, changed_ns, digest_full, digest_light) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,"
		"?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23) ON CONFLICT (id) DO UPDATE SET"
		" scheduler = ?2, owner = ?3, uid = ?4, name = ?5, path = ?6, line = ?7, schedule = ?8, command = ?9,"
		" input = ?10, source = ?11, unreadable = ?12, provenance = ?13, package = ?14, package_version = ?15,"
		" state = ?16, reason = ?17, next_run_ns = ?18, fingerprint = ?19, changed_ns = ?21, gone_ns = NULL,"
		" digest_full = ?22, digest_light = ?23",
		&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job->id);
	jw_sql_bind_text(stmt, 2, jw_scheduler_name(job->scheduler));
	jw_sql_bind_text(stmt, 3, job->owner);
	sqlite3_bind_int64(stmt, 4, job->uid);
	jw_sql_bind_text(stmt, 5, job->name);
	jw_sql_bind_text(stmt, 6, job->path);
	sqlite3_bind_int64(stmt, 7, job->line);
	jw_sql_bind_text(stmt, 8, job->schedule);
	jw_sql_bind_text(stmt, 9, job->command);
	jw_sql_bind_text(stmt, 10, job->input);
	jw_sql_bind_blob(stmt, 11, job->source, job->source_len);
	jw_sql_bind_text(stmt, 12, job->unreadable);
	jw_sql_bind_text(stmt, 13, jw_provenance_name(job->provenance.kind));
	jw_sql_bind_text(stmt, 14, job->provenance.package);
	jw_sql_bind_text(stmt, 15, job->provenance.version);
	jw_sql_bind_text(stmt, 16, jw_state_name(job->state));
	jw_sql_bind_text(stmt, 17, job->reason);
	sqlite3_bind_int64(stmt, 18, job->next_run_ns);
	jw_sql_bind_blob(stmt, 19, put->fingerprint, JW_DIGEST_SIZE);
	sqlite3_bind_int64(stmt, 20, job->first_seen_ns);
	sqlite3_bind_int64(stmt, 21, job->changed_ns);
	jw_sql_bind_blob(stmt, 22, put->full, JW_DIGEST_SIZE);
	jw_sql_bind_blob(stmt, 23, put->light, JW_DIGEST_SIZE);
	return jw_sql_run(store, stmt);
}

static int put_light(struct jw_store *store, const struct put *put)
{
	const struct jw_job *job = put->job;
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(store, JW_STMT_JOB_LIGHT, "UPDATE job SET line = ?2, state = ?3, reason = ?4, next_run_ns = ?5,"
			" digest_light = ?6, gone_ns = NULL WHERE id = ?1", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job->id);
	sqlite3_bind_int64(stmt, 2, job->line);
	jw_sql_bind_text(stmt, 3, jw_state_name(job->state));
	jw_sql_bind_text(stmt, 4, job->reason);
	sqlite3_bind_int64(stmt, 5, job->next_run_ns);
	jw_sql_bind_blob(stmt, 6, put->light, JW_DIGEST_SIZE);
	return jw_sql_run(store, stmt);
}

static int put_one(struct jw_store *store, struct put *put)
{
	int r;

	r = digest_full(put->job, put->full);
	if (!r)
		r = digest_light(put->job, put->light);
	if (!r)
		r = find(store, put);
	if (r)
		return r;
	if (put->known && put->same_full)
		return put->same_light && !put->gone ? 0 : put_light(store, put);
	jw_job_fingerprint(put->job, put->fingerprint);
	/* The version refers to the job's row, and the row has the time of the newest version. */
	if (!put->known)
		r = put_row(store, put);
	if (!r)
		r = put_version(store, put);
	if (!r && put->known)
		r = put_row(store, put);
	return r ? r : jw_inventory_put_parts(store, put->job);
}

static int by_id(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Marks what is in the store and no longer in the list. */
static int mark_gone(struct jw_store *store, const uint64_t *ids, size_t n, int64_t now_ns)
{
	_cleanup_stmt_ sqlite3_stmt *present = NULL, *mark = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT id FROM job WHERE gone_ns IS NULL", &present);
	if (!r)
		r = jw_sql_prepare(store, "UPDATE job SET gone_ns = ?2 WHERE id = ?1", &mark);
	while (!r && (r = jw_sql_step(store, present)) > 0) {
		uint64_t id = (uint64_t)sqlite3_column_int64(present, 0);

		r = 0;
		if (n && bsearch(&id, ids, n, sizeof(*ids), by_id))
			continue;
		sqlite3_bind_int64(mark, 1, (sqlite3_int64)id);
		sqlite3_bind_int64(mark, 2, now_ns);
		r = jw_sql_run(store, mark);
	}
	return r;
}

int jw_store_put_jobs(struct jw_store *store, struct jw_jobs *jobs, int64_t now_ns)
{
	_cleanup_free_ uint64_t *ids = NULL;
	size_t i;
	int r;

	ids = calloc(jobs->n ? jobs->n : 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	r = jw_sql_begin(store);
	if (r)
		return r;
	for (i = 0; !r && i < jobs->n; i++) {
		struct put put = { .job = &jobs->v[i], .now_ns = now_ns };

		ids[i] = jobs->v[i].id;
		r = put_one(store, &put);
	}
	if (!r) {
		qsort(ids, jobs->n, sizeof(*ids), by_id);
		r = mark_gone(store, ids, jobs->n, now_ns);
	}
	if (!r)
		return jw_sql_commit(store);
	jw_sql_abort(store);
	return r;
}
