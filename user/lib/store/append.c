// SPDX-License-Identifier: GPL-2.0
/*
 * Events into the store. The order that loses nothing: append (durable when it returns), then acknowledge to the
 * kernel. A crash in between gives the same events again, and (boot, seq) tells them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "../names_gen.h"
#include "sql.h"

struct boot {
	int64_t id;
	int64_t last_seq, cut_seq;
	const char *uuid;	/* NULL: none read yet */
};

static int boot_write_back(struct jw_store *store, const struct boot *boot)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	if (!boot->uuid)
		return 0;
	r = jw_sql_prepare(store, "UPDATE boot SET last_seq = ?2 WHERE id = ?1 AND last_seq < ?2", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, boot->id);
	sqlite3_bind_int64(stmt, 2, boot->last_seq);
	return jw_sql_run(store, stmt);
}

/* Finds the boot's row, and makes it where there is none. */
static int boot_read(struct jw_store *store, const char *uuid, struct boot *ret)
{
	sqlite3_stmt *stmt;
	int r;

	r = jw_sql_stmt(store, JW_STMT_BOOT, "INSERT INTO boot (uuid) VALUES (?1) ON CONFLICT (uuid) DO UPDATE"
			" SET uuid = excluded.uuid RETURNING id, last_seq, cut_seq", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, uuid);
	r = jw_sql_step(store, stmt);
	if (r <= 0)
		return r ? r : -EIO;
	ret->id = sqlite3_column_int64(stmt, 0);
	ret->last_seq = sqlite3_column_int64(stmt, 1);
	ret->cut_seq = sqlite3_column_int64(stmt, 2);
	ret->uuid = uuid;
	return jw_sql_run(store, stmt);
}

/* The job at whose start the acting task's lineage began; 0: none on record. */
static int acting_job(struct jw_store *store, const struct jw_event *event, const struct boot *boot, uint64_t *ret)
{
	sqlite3_stmt *stmt;
	int r;

	*ret = 0;
	if (!event->root_seq)
		return 0;
	r = jw_sql_stmt(store, JW_STMT_ACTING, "SELECT job FROM event WHERE boot = ?1 AND seq = ?2", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, boot->id);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)event->root_seq);
	r = jw_sql_step(store, stmt);
	if (r > 0) {
		*ret = (uint64_t)sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
		r = 0;
	}
	/* A job that is about to run has a key; without one the event's job is the one that acts. */
	if (!*ret && !event->has_key)
		*ret = event->job;
	return r;
}

static void bind_event(sqlite3_stmt *stmt, const struct jw_event *event, const struct boot *boot, uint64_t acting)
{
	const struct jw_subject *subject = &event->subject;

	if (boot->uuid)
		sqlite3_bind_int64(stmt, 2, boot->id);
	jw_sql_bind_id(stmt, 3, event->seq);
	sqlite3_bind_int64(stmt, 4, (sqlite3_int64)event->time_ns);
	jw_sql_bind_text(stmt, 5, jw_kind_name(event->kind));
	jw_sql_bind_text(stmt, 6, jw_action_name(event->action));
	jw_sql_bind_text(stmt, 7, jw_verdict_name(event->verdict));
	jw_sql_bind_text(stmt, 8, event->reason != JOBWARD_REASON_NONE ? jw_reason_name(event->reason) : NULL);
	jw_sql_bind_text(stmt, 9,
			 event->scheduler != JOBWARD_SCHEDULER_NONE ? jw_scheduler_name(event->scheduler) : NULL);
	jw_sql_bind_id(stmt, 10, event->job);
	jw_sql_bind_id(stmt, 11, acting);
	jw_sql_bind_text(stmt, 12, event->object.present ? event->object.path : NULL);
	jw_sql_bind_text(stmt, 13, event->target.present ? event->target.path : NULL);
	jw_sql_bind_text(stmt, 14, subject->exe);
	if (subject->pid || subject->exe)
		sqlite3_bind_int64(stmt, 15, subject->uid);
	if (subject->has_auid)
		sqlite3_bind_int64(stmt, 16, subject->auid);
	jw_sql_bind_text(stmt, 17, subject->origin);
}

/*
 * A profile is not deleted with its events, and names may be made up by the thousand: what is new beyond this number for
 * one job stays in the events alone.
 */
#define PROFILE_MAX "1000"

/* Whom the job connects to. */
static int put_destination(struct jw_store *store, const struct jw_event *event, uint64_t acting)
{
	_cleanup_free_ char *destination = NULL;
	sqlite3_stmt *stmt;
	int r;

	if (!acting || event->action != JOBWARD_ACTION_CONNECT)
		return 0;
	r = jw_object_destination(&event->object, &destination);
	if (r || !destination)
		return r;
	r = jw_sql_stmt(store, JW_STMT_DESTINATION_PUT,
			"INSERT INTO destination (job, destination, program, family, protocol, first_ns, last_ns, times)"
			" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, 1 WHERE EXISTS (SELECT 1 FROM destination WHERE job = ?1 AND"
			" destination = ?2 AND program = ?3) OR (SELECT count(*) FROM destination WHERE job = ?1) < " PROFILE_MAX
			" ON CONFLICT (job, destination, program) DO UPDATE SET first_ns = min(first_ns, ?6),"
			" last_ns = max(last_ns, ?6), times = times + 1",
			&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)acting);
	jw_sql_bind_text(stmt, 2, destination);
	jw_sql_bind_text(stmt, 3, event->subject.exe ? event->subject.exe : "");
	jw_sql_bind_text(stmt, 4, jw_family_name(event->object.family));
	jw_sql_bind_text(stmt, 5, jw_protocol_name(event->object.protocol) ? jw_protocol_name(event->object.protocol) : "other");
	sqlite3_bind_int64(stmt, 6, (sqlite3_int64)event->time_ns);
	return jw_sql_run(store, stmt);
}

/*
 * What the job executes, or what acts in its lineage, goes into its profile. What was denied did not run; it must not
 * look like something that the job does.
 */
static int put_profile(struct jw_store *store, const struct jw_event *event, uint64_t acting)
{
	const bool exec = event->action == JOBWARD_ACTION_EXEC;
	const char *program = exec ? event->object.path : event->subject.exe;
	const uint64_t job = event->kind == JOBWARD_KIND_RUN ? event->job : acting;
	sqlite3_stmt *stmt;
	int r;

	if (event->kind == JOBWARD_KIND_NET)
		return put_destination(store, event, acting);
	if (!job || !program || event->verdict == JOBWARD_VERDICT_DENY || (event->kind == JOBWARD_KIND_RUN && !exec))
		return 0;
	r = jw_sql_stmt(store, JW_STMT_PROFILE_PUT,
			"INSERT INTO profile (job, program, uid, key, first_ns, last_ns, times)"
			" SELECT ?1, ?2, ?3, ?4, ?5, ?5, 1 WHERE length(?4) > 0 OR EXISTS (SELECT 1 FROM profile WHERE"
			" job = ?1 AND program = ?2 AND uid = ?3 AND key = ?4) OR (SELECT count(*) FROM profile WHERE job = ?1) < " PROFILE_MAX
			" ON CONFLICT (job, program, uid, key) DO UPDATE SET"
			" first_ns = min(first_ns, ?5), last_ns = max(last_ns, ?5), times = times + 1",
			&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)job);
	jw_sql_bind_text(stmt, 2, program);
	sqlite3_bind_int64(stmt, 3, event->subject.uid);
	jw_sql_bind_blob(stmt, 4, event->key, event->has_key ? sizeof(event->key) : 0);
	sqlite3_bind_int64(stmt, 5, (sqlite3_int64)event->time_ns);
	return jw_sql_run(store, stmt);
}

/* Return: 1 appended, 0 was there already, or negative errno. */
static int append_one(struct jw_store *store, const struct jw_event *event, const struct boot *boot,
		      struct jw_chain_tip *tip)
{
	_cleanup_free_ char *doc = NULL;
	struct jw_chain_tip next = *tip;
	sqlite3_stmt *stmt;
	uint64_t acting;
	size_t len;
	int r;

	/* An unknown number has no word; it would come back as something else. */
	if (!jw_kind_name(event->kind) || !jw_action_name(event->action) || !jw_verdict_name(event->verdict))
		return jw_sql_fail(store, -EINVAL, "event %llu has a value without a name",
				   (unsigned long long)event->seq);
	doc = jw_event_to_text(event);
	if (!doc)
		return -ENOMEM;
	r = acting_job(store, event, boot, &acting);
	if (r)
		return r;
	len = strlen(doc);
	jw_chain_link(&next, doc, len);
	r = jw_sql_stmt(store, JW_STMT_APPEND,
			"INSERT INTO event (id, boot, seq, time_ns, kind, action, verdict, reason,"
			" scheduler, job, acting_job, object_path, target_path, exe, uid, auid, origin, doc, hash)"
			" VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
			" ON CONFLICT (boot, seq) DO NOTHING",
			&stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)next.row);
	bind_event(stmt, event, boot, acting);
	jw_sql_bind_text(stmt, 18, doc);
	jw_sql_bind_blob(stmt, 19, next.hash, sizeof(next.hash));
	r = jw_sql_run(store, stmt);
	if (r)
		return r;
	if (!sqlite3_changes(store->db))
		return 0;
	*tip = next;
	r = put_profile(store, event, acting);
	return r ? r : 1;
}

int jw_append_events(struct jw_store *store, struct jw_event *events, size_t n, size_t *ret_new)
{
	struct boot boot = { 0 };
	struct jw_chain_tip tip;
	size_t i, added = 0;
	int r;

	r = jw_chain_get_tip(store, &tip);
	for (i = 0; !r && i < n; i++) {
		const struct jw_event *event = &events[i];

		if (!event->boot[0]) {
			r = boot_write_back(store, &boot);
			boot.uuid = NULL;
		} else if (!boot.uuid || strcmp(boot.uuid, event->boot)) {
			r = boot_write_back(store, &boot);
			if (!r)
				r = boot_read(store, event->boot, &boot);
		}
		if (r)
			break;
		if (boot.uuid && event->seq && (int64_t)event->seq <= boot.cut_seq)
			continue;
		r = append_one(store, event, &boot, &tip);
		if (r < 0)
			break;
		added += r;
		r = 0;
		if (boot.uuid && (int64_t)event->seq > boot.last_seq)
			boot.last_seq = (int64_t)event->seq;
	}
	if (!r)
		r = boot_write_back(store, &boot);
	if (ret_new)
		*ret_new = r ? 0 : added;
	return r;
}

int jw_store_append(struct jw_store *store, struct jw_event *events, size_t n, size_t *ret_new)
{
	int r;

	if (ret_new)
		*ret_new = 0;
	r = jw_sql_begin(store);
	if (r)
		return r;
	r = jw_append_events(store, events, n, ret_new);
	if (!r)
		r = jw_sql_commit(store);
	if (r) {
		jw_sql_abort(store);
		if (ret_new)
			*ret_new = 0;
	}
	return r;
}

int jw_store_last_seq(struct jw_store *store, const char *boot, uint64_t *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	*ret = 0;
	r = jw_sql_prepare(store, "SELECT last_seq FROM boot WHERE uuid = ?1", &stmt);
	if (r)
		return r;
	jw_sql_bind_text(stmt, 1, boot);
	r = jw_sql_step(store, stmt);
	if (r > 0)
		*ret = (uint64_t)sqlite3_column_int64(stmt, 0);
	return r < 0 ? r : 0;
}

static int find_base(struct jw_store *store, const struct boot *boot, uint64_t instance, uint64_t *ret)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "SELECT base FROM instance WHERE boot = ?1 AND instance = ?2", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, boot->id);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)instance);
	r = jw_sql_step(store, stmt);
	if (r > 0)
		*ret = (uint64_t)sqlite3_column_int64(stmt, 0);
	return r;
}

static int put_base(struct jw_store *store, const struct boot *boot, uint64_t instance)
{
	_cleanup_stmt_ sqlite3_stmt *stmt = NULL;
	int r;

	r = jw_sql_prepare(store, "INSERT INTO instance (boot, instance, base) VALUES (?1, ?2, ?3)", &stmt);
	if (r)
		return r;
	sqlite3_bind_int64(stmt, 1, boot->id);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)instance);
	sqlite3_bind_int64(stmt, 3, boot->last_seq);
	return jw_sql_run(store, stmt);
}

int jw_store_seq_base(struct jw_store *store, const char *boot_id, uint64_t instance, uint64_t *ret_base)
{
	struct boot boot = { 0 };
	int r;

	r = jw_sql_begin(store);
	if (r)
		return r;
	r = boot_read(store, boot_id, &boot);
	if (!r)
		r = find_base(store, &boot, instance, ret_base);
	if (!r) {
		*ret_base = (uint64_t)boot.last_seq;
		r = put_base(store, &boot, instance);
	}
	if (r >= 0)
		r = jw_sql_commit(store);
	else
		jw_sql_abort(store);
	return r;
}
