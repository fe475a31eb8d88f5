// SPDX-License-Identifier: GPL-2.0
/* Findings of rules: put in once each, looked up, acknowledged. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "sql.h"

/* That nobody has acknowledged. Whoever can make this many new ones shall not fill the disk with them. */
#define WAITING_MAX 10000
/* A finding that goes on is not written anew for less. */
#define STEP_NS 600000000000LL

/* Return: 1 and *ret, 0 for none, or negative errno. */
static int get_number(struct jw_store *store, sqlite3_stmt *stmt, uint64_t *ret)
{
	int r = jw_sql_step(store, stmt);

	if (r > 0)
		*ret = (uint64_t)sqlite3_column_int64(stmt, 0);
	return r;
}

int jw_store_span_of(struct jw_store *store, const uint64_t *rows, size_t n, int64_t *first_ns, int64_t *last_ns)
{
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
		int r = jw_sql_prepare(store, "SELECT time_ns FROM event WHERE id = ?1", &stmt);
		uint64_t v;

		if (r)
			return r;
		sqlite3_bind_int64(stmt, 1, (sqlite3_int64)rows[i]);
		r = get_number(store, stmt, &v);
		if (r < 0)
			return r;
		if (!r)
			continue;
		if (!any || (int64_t)v < *first_ns)
			*first_ns = (int64_t)v;
		if (!any || (int64_t)v > *last_ns)
			*last_ns = (int64_t)v;
		any = true;
	}
	return 0;
}

/* ---- putting in ---- */

static int find(struct jw_store *store, struct jw_rule_finding *finding)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r = jw_sql_prepare(store, "SELECT id FROM finding WHERE name = ?1 AND key = ?2", &stmt);

	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, finding->rule);
	jw_sql_bind_blob(stmt, 2, finding->key, JW_DIGEST_SIZE);
	return get_number(store, stmt, &finding->id);
}

static int count_waiting(struct jw_store *store, uint64_t *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r = jw_sql_prepare(store, "SELECT count(*) FROM finding WHERE key IS NOT NULL AND acknowledged_ns IS NULL", &stmt);

	*ret = 0;
	if (!r)
		r = get_number(store, stmt, ret);
	return r < 0 ? r : 0;
}

static int insert(struct jw_store *store, struct jw_rule_finding *finding)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "INSERT INTO finding (name, key, text, severity, because, technique, mitigation, advice,"
			   " job, since_ns, last_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, finding->rule);
	jw_sql_bind_blob(stmt, 2, finding->key, JW_DIGEST_SIZE);
	jw_sql_bind_text(stmt, 3, finding->text);
	jw_sql_bind_text(stmt, 4, jw_hunt_severity_name(finding->severity));
	jw_sql_bind_text(stmt, 5, finding->because);
	jw_sql_bind_text(stmt, 6, finding->technique);
	jw_sql_bind_text(stmt, 7, finding->mitigation);
	jw_sql_bind_text(stmt, 8, finding->advice);
	jw_sql_bind_id(stmt, 9, finding->job);
	sqlite3_bind_int64(stmt, 10, finding->since_ns);
	sqlite3_bind_int64(stmt, 11, finding->last_ns);
	r = jw_sql_run(store, stmt);
	if (!r)
		finding->id = (uint64_t)sqlite3_last_insert_rowid(store->db);
	finding->is_new = !r;
	return r;
}

static int update(struct jw_store *store, const struct jw_rule_finding *finding)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "UPDATE finding SET text = ?2, last_ns = max(last_ns, ?3)"
			   " WHERE id = ?1 AND (text <> ?2 OR last_ns + ?4 < ?3)", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)finding->id);
	jw_sql_bind_text(stmt, 2, finding->text);
	sqlite3_bind_int64(stmt, 3, finding->last_ns);
	sqlite3_bind_int64(stmt, 4, STEP_NS);
	return jw_sql_run(store, stmt);
}

/* The first ones tell how it began; so many are kept, however long it goes on. */
static int put_rows(struct jw_store *store, const struct jw_rule_finding *finding)
{
	size_t i;
	int r = 0;

	for (i = 0; i < finding->n_rows && !r; i++) {
		_cleanup_stmt_ sqlite3_stmt *stmt = NULL;

		r = jw_sql_prepare(store, "INSERT OR IGNORE INTO finding_event (finding, row) SELECT ?1, ?2"
				   " WHERE (SELECT count(*) FROM finding_event WHERE finding = ?1) < ?3", &stmt);
		if (r)
			return r;
		sqlite3_bind_int64(stmt, 1, (sqlite3_int64)finding->id);
		sqlite3_bind_int64(stmt, 2, (sqlite3_int64)finding->rows[i]);
		sqlite3_bind_int64(stmt, 3, JW_FINDING_ROWS_MAX);
		r = jw_sql_run(store, stmt);
	}
	return r;
}

int jw_store_put_rule_findings(struct jw_store *store, struct jw_rule_findings *findings, size_t *ret_left_out)
{
	uint64_t waiting;
	size_t i;
	int r = jw_sql_begin(store);

	*ret_left_out = 0;
	if (r)
		return r;
	r = count_waiting(store, &waiting);
	for (i = 0; i < findings->n && !r; i++) {
		struct jw_rule_finding *finding = &findings->v[i];

		r = find(store, finding);
		if (r < 0)
			break;
		if (!r && waiting >= WAITING_MAX) {
			++*ret_left_out;
			continue;
		}
		waiting += !r;
		r = r ? update(store, finding) : insert(store, finding);
		if (!r)
			r = put_rows(store, finding);
	}
	if (!r)
		return jw_sql_commit(store);
	jw_sql_abort(store);
	return r;
}

/* ---- looking up ---- */

static int get_rows(struct jw_store *store, struct jw_rule_finding *finding)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r = jw_sql_prepare(store, "SELECT row FROM finding_event WHERE finding = ?1 ORDER BY row LIMIT ?2", &stmt);

	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)finding->id);
	sqlite3_bind_int64(stmt, 2, JW_FINDING_ROWS_MAX);
	while ((r = get_number(store, stmt, &finding->rows[finding->n_rows])) > 0)
		finding->n_rows++;
	return r;
}

static int get_finding(sqlite3_stmt *stmt, struct jw_rule_finding *ret)
{
	struct { int column; char **to; } texts[] = {
		{ 1, &ret->rule }, { 2, &ret->text }, { 4, &ret->because }, { 5, &ret->technique },
		{ 6, &ret->mitigation }, { 7, &ret->advice }, { 12, &ret->acknowledged_by },
		{ 13, &ret->acknowledged_reason },
	};
	const char *severity = (const char *)sqlite3_column_text(stmt, 3);
	int word = severity ? jw_hunt_severity_from_name(severity) : -1, r = 0;
	size_t i;

	ret->id = (uint64_t)sqlite3_column_int64(stmt, 0);
	/* a word of nobody's weighs most */
	ret->severity = word < 0 ? JW_HUNT_HIGH : (enum jw_hunt_severity)word;
	ret->job = (uint64_t)sqlite3_column_int64(stmt, 8);
	ret->since_ns = sqlite3_column_int64(stmt, 9);
	ret->last_ns = sqlite3_column_int64(stmt, 10);
	ret->acknowledged_ns = sqlite3_column_int64(stmt, 11);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && !r; i++)
		r = jw_sql_text(stmt, texts[i].column, texts[i].to);
	return r;
}

int jw_store_rule_findings(struct jw_store *store, const struct jw_finding_filter *filter, struct jw_rule_findings *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT id, name, text, severity, because, technique, mitigation, advice, job, since_ns,"
			   " last_ns, acknowledged_ns, acknowledged_by, acknowledged_reason FROM finding"
			   " WHERE key IS NOT NULL AND (?1 OR acknowledged_ns IS NULL) AND (?2 IS NULL OR job = ?2)"
			   " AND (?3 IS NULL OR id = ?3) AND (?4 IS NULL OR id IN"
			   " (SELECT x.finding FROM finding_event x WHERE x.row = ?4)) ORDER BY since_ns, id", &stmt);
	if (r)
		return r;
	sqlite3_bind_int(stmt, 1, filter->all);
	jw_sql_bind_id(stmt, 2, filter->job);
	jw_sql_bind_id(stmt, 3, filter->id);
	jw_sql_bind_id(stmt, 4, filter->row);
	while ((r = jw_sql_step(store, stmt)) > 0) {
		struct jw_rule_finding *finding = jw_rule_findings_add(ret);

		r = finding ? get_finding(stmt, finding) : -ENOMEM;
		if (!r)
			r = get_rows(store, finding);
		if (r)
			return r;
	}
	return r;
}

/* ---- acknowledging ---- */

static int acknowledge(struct jw_store *store, uint64_t id, const struct jw_decision_end *end)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "UPDATE finding SET acknowledged_ns = ?2, acknowledged_by = ?3, acknowledged_reason = ?4"
			   " WHERE id = ?1 AND key IS NOT NULL", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)id);
	sqlite3_bind_int64(stmt, 2, end->time_ns);
	jw_sql_bind_text(stmt, 3, end->by);
	jw_sql_bind_text(stmt, 4, end->reason);
	r = jw_sql_run(store, stmt);
	return r ? r : sqlite3_changes(store->db) ? 0 : -ENOENT;
}

int jw_store_acknowledge(struct jw_store *store, const uint64_t *ids, size_t n, const struct jw_decision_end *end,
			 size_t *ret_missing)
{
	size_t i;
	int r = jw_sql_begin(store);

	if (r)
		return r;
	for (i = 0; i < n && !r; i++) {
		*ret_missing = i;
		r = acknowledge(store, ids[i], end);
	}
	if (!r)
		return jw_sql_commit(store);
	jw_sql_abort(store);
	return r == -ENOENT ? jw_sql_fail(store, r, "there is no finding F%llu", (unsigned long long)ids[*ret_missing]) : r;
}
