// SPDX-License-Identifier: GPL-2.0
/* People's decisions about jobs. Nothing is overwritten: a newer one replaces, one that is taken back stays on
 * record. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../grow.h"
#include "../names_gen.h"
#include "sql.h"

static int put_row(struct jw_store *store, const struct jw_decision *decision)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "INSERT INTO decision (job, state, fingerprint, time_ns, until_ns, by, reason)"
			   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)decision->job);
	jw_sql_bind_text(stmt, 2, jw_state_name(decision->state));
	jw_sql_bind_blob(stmt, 3, decision->fingerprint, JW_DIGEST_SIZE);
	sqlite3_bind_int64(stmt, 4, decision->time_ns);
	sqlite3_bind_int64(stmt, 5, decision->until_ns);
	jw_sql_bind_text(stmt, 6, decision->by);
	jw_sql_bind_text(stmt, 7, decision->reason);
	return jw_sql_run(store, stmt);
}

static int put_keys(struct jw_store *store, const struct jw_decision *decision, int64_t id)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	size_t i;
	int r;

	r = jw_sql_prepare(store, "INSERT INTO decision_key (decision, n, key) VALUES (?1, ?2, ?3)", &stmt);
	for (i = 0; !r && i < decision->n_keys; i++) {
		sqlite3_bind_int64(stmt, 1, id);
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)i);
		jw_sql_bind_blob(stmt, 3, decision->keys[i], JW_DIGEST_SIZE);
		r = jw_sql_run(store, stmt);
	}
	return r;
}

static int put_pins(struct jw_store *store, const struct jw_decision *decision, int64_t id)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	size_t i;
	int r;

	r = jw_sql_prepare(store, "INSERT INTO decision_pin (decision, n, path, sha256) VALUES (?1, ?2, ?3, ?4)",
			   &stmt);
	for (i = 0; !r && i < decision->n_pins; i++) {
		const struct jw_decision_pin *pin = &decision->pins[i];

		sqlite3_clear_bindings(stmt);
		sqlite3_bind_int64(stmt, 1, id);
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)i);
		jw_sql_bind_text(stmt, 3, pin->path);
		jw_sql_bind_blob(stmt, 4, pin->present ? pin->sha256 : NULL, JW_DIGEST_SIZE);
		r = jw_sql_run(store, stmt);
	}
	return r;
}

/* A caller that gave a fingerprint alone: what it was made of stands with the job, if that is still as it was. */
static int fill_in(struct jw_store *store, const struct jw_decision *decision, int64_t id)
{
	static const char *const sql[] = {
		"INSERT INTO decision_key SELECT ?1, e.n, e.key FROM job_exec e JOIN job j ON j.id = e.job"
		" WHERE e.job = ?2 AND j.fingerprint = ?3",
		"INSERT INTO decision_pin SELECT ?1, p.n, p.path, p.sha256 FROM job_pin p JOIN job j ON j.id = p.job"
		" WHERE p.job = ?2 AND j.fingerprint = ?3",
	};
	size_t i;
	int r = 0;

	for (i = 0; !r && i < sizeof(sql) / sizeof(sql[0]); i++) {
		_cleanup_stmt_ sqlite3_stmt *stmt = NULL;

		r = jw_sql_prepare(store, sql[i], &stmt);
		if (r)
			break;
		sqlite3_bind_int64(stmt, 1, id);
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)decision->job);
		jw_sql_bind_blob(stmt, 3, decision->fingerprint, JW_DIGEST_SIZE);
		r = jw_sql_run(store, stmt);
	}
	return r;
}

static int put_one(struct jw_store *store, const struct jw_decision *decision)
{
	int64_t id;
	int r;

	if (decision->state != JOBWARD_STATE_APPROVED && decision->state != JOBWARD_STATE_DENIED)
		return jw_sql_fail(store, -EINVAL, "a decision approves or denies");
	r = put_row(store, decision);
	id = sqlite3_last_insert_rowid(store->db);
	if (!r)
		r = put_keys(store, decision, id);
	if (!r)
		r = put_pins(store, decision, id);
	if (!r && !decision->n_keys && !decision->n_pins)
		r = fill_in(store, decision, id);
	return r;
}

int jw_store_put_decisions(struct jw_store *store, const struct jw_decision *decisions, size_t n)
{
	size_t i;
	int r;

	r = jw_sql_begin(store);
	if (r)
		return r;
	for (i = 0; !r && i < n; i++)
		r = put_one(store, &decisions[i]);
	if (!r)
		return jw_sql_commit(store);
	jw_sql_abort(store);
	return r;
}

int jw_store_put_decision(struct jw_store *store, const struct jw_decision *decision)
{
	return jw_store_put_decisions(store, decision, 1);
}

static int drop_one(struct jw_store *store, uint64_t job, const struct jw_decision_end *end)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	/* All of the job's: an older one must not come into force again. */
	r = jw_sql_prepare(store, "UPDATE decision SET dropped_ns = ?2, dropped_by = ?3, dropped_reason = ?4"
			   " WHERE job = ?1 AND dropped_ns IS NULL", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
	sqlite3_bind_int64(stmt, 2, end->time_ns);
	jw_sql_bind_text(stmt, 3, end->by);
	jw_sql_bind_text(stmt, 4, end->reason);
	r = jw_sql_run(store, stmt);
	if (r)
		return r;
	return sqlite3_changes(store->db) ? 0 : jw_sql_fail(store, -ENOENT, "there is no decision about this job");
}

int jw_store_drop_decisions(struct jw_store *store, const uint64_t *jobs, size_t n, const struct jw_decision_end *end,
			    size_t *ret_missing)
{
	size_t i;
	int r;

	r = jw_sql_begin(store);
	if (r)
		return r;
	for (i = 0; !r && i < n; i++)
		r = drop_one(store, jobs[i], end);
	if (!r)
		return jw_sql_commit(store);
	if (r == -ENOENT)
		*ret_missing = i - 1;
	jw_sql_abort(store);
	return r;
}

static int get_keys(struct jw_store *store, int64_t id, struct jw_decision *decision)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT key FROM decision_key WHERE decision = ?1 ORDER BY n", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, id);
	while ((r = jw_sql_step(store, stmt)) > 0) {
		void *v = jw_grow(decision->keys, decision->n_keys, sizeof(*decision->keys));

		if (!v)
			return -ENOMEM;
		decision->keys = v;
		jw_sql_digest(stmt, 0, decision->keys[decision->n_keys++]);
	}
	return r;
}

static int get_pins(struct jw_store *store, int64_t id, struct jw_decision *decision)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT path, sha256 FROM decision_pin WHERE decision = ?1 ORDER BY n", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, id);
	while ((r = jw_sql_step(store, stmt)) > 0) {
		void *v = jw_grow(decision->pins, decision->n_pins, sizeof(*decision->pins));
		struct jw_decision_pin *pin;

		if (!v)
			return -ENOMEM;
		decision->pins = v;
		pin = &decision->pins[decision->n_pins];
		memset(pin, 0, sizeof(*pin));
		if (jw_sql_text(stmt, 0, &pin->path))
			return -ENOMEM;
		decision->n_pins++;
		pin->present = jw_sql_digest(stmt, 1, pin->sha256);
	}
	return r;
}

static int get_row(struct jw_store *store, sqlite3_stmt *stmt, struct jw_decision *decision)
{
	const char *state = (const char *)sqlite3_column_text(stmt, 2);
	int64_t id = sqlite3_column_int64(stmt, 0);
	int value = state ? jw_state_from_name(state) : -1, r;

	decision->job = (uint64_t)sqlite3_column_int64(stmt, 1);
	if (value < 0 || !jw_sql_digest(stmt, 3, decision->fingerprint))
		return jw_sql_fail(store, -EBADMSG, "decision %lld can't be read", (long long)id);
	decision->state = (enum jobward_state)value;
	decision->time_ns = sqlite3_column_int64(stmt, 4);
	decision->until_ns = sqlite3_column_int64(stmt, 5);
	r = jw_sql_text(stmt, 6, &decision->by);
	if (!r)
		r = jw_sql_text(stmt, 7, &decision->reason);
	if (!r)
		r = get_keys(store, id, decision);
	if (!r)
		r = get_pins(store, id, decision);
	return r;
}

int jw_store_get_decisions(struct jw_store *store, struct jw_decision **ret, size_t *ret_n)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	struct jw_decision *v = NULL;
	size_t n = 0;
	int r;

	*ret = NULL;
	*ret_n = 0;
	r = jw_sql_prepare(
		store,
		"SELECT id, job, state, fingerprint, time_ns, until_ns, by, reason FROM decision"
		" WHERE id IN (SELECT max(id) FROM decision WHERE dropped_ns IS NULL GROUP BY job) ORDER BY id",
		&stmt);
	while (!r && (r = jw_sql_step(store, stmt)) > 0) {
		void *bigger = jw_grow(v, n, sizeof(*v));

		r = -ENOMEM;
		if (!bigger)
			break;
		v = bigger;
		memset(&v[n], 0, sizeof(*v));
		n++;
		r = get_row(store, stmt, &v[n - 1]);
	}
	if (r) {
		jw_decisions_free(v, n);
		return r;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

void jw_decisions_free(struct jw_decision *decisions, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		jw_decision_done(&decisions[i]);
	free(decisions);
}
