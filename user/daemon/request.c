// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and their answers. A decision is in force in the kernel before its answer goes out:
 *
 *   store ▶ judge (all jobs) ▶ push ▶ event with the name of who asked ▶ answer with the generation
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "control.h"
#include "finding.h"
#include "ingest.h"
#include "lib/cleanup.h"
#include "lib/control.h"
#include "lib/judge.h"
#include "lib/names_gen.h"
#include "reconcile.h"
#include "rules.h"

json_t *jw_reply_error(int code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return json_pack("{s:b, s:s+, s:i}", "ok", 0, "error", text, "", "code", code);
}

/* Bytes that are no UTF-8 are shown, not sent: JSON has no place for them. */
static json_t *text_of(const char *s)
{
	json_t *value = json_string(s ? s : "");
	char *shown;
	size_t n = 0;

	if (value)
		return value;
	shown = malloc(4 * strlen(s) + 1);
	if (!shown)
		return NULL;
	for (; *s; s++)
		if ((unsigned char)*s < 0x80)
			shown[n++] = *s;
		else
			n += sprintf(shown + n, "\\x%02x", (unsigned char)*s);
	shown[n] = 0;
	value = json_string(shown);
	free(shown);
	return value;
}

void jw_reply_add_job(json_t *list, const struct jw_job *job)
{
	char id[JW_ID_HEX];

	jw_job_id_format(job->id, id);
	json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", id, "state", jw_state_name(job->state),
					      "command", text_of(job->command), "source", text_of(job->path),
					      "reason", text_of(job->reason)));
}

static json_t *reply_ok(struct manager *m, json_t *jobs)
{
	return json_pack("{s:b, s:I, s:o}", "ok", 1, "generation", (json_int_t)m->generation, "jobs",
			 jobs ? jobs : json_array());
}

static json_t *reply_pushed(struct manager *m, int r, json_t *jobs)
{
	if (!r)
		return reply_ok(m, jobs);
	json_decref(jobs);
	return jw_reply_error(3, "it is on record, but not in force in the kernel: %s", strerror(-r));
}

/* ---- decisions ---- */

static int parse_id(const json_t *value, uint64_t *ret)
{
	const char *text = json_string_value(value);
	char *end;

	if (!text || !*text || strlen(text) > 16)
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, 16);
	return *end || errno ? -EINVAL : 0;
}

static bool is_among(const uint64_t *ids, size_t n, uint64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/*
 * Ids of a request, each once; with "all" those that wait for a decision. Return: 0, or negative errno with *ret_error.
 */
static int collect(struct manager *m, const json_t *request, uint64_t **ret, size_t *ret_n, json_t **ret_error)
{
	const json_t *list = json_object_get(request, "jobs"), *value;
	bool all = json_is_true(json_object_get(request, "all"));
	size_t room = all ? m->inventory.jobs.n : json_array_size(list), i;
	uint64_t *ids = calloc(room ? room : 1, sizeof(*ids));
	size_t n = 0;

	if (!ids)
		return -ENOMEM;
	if (all) {
		for (i = 0; i < m->inventory.jobs.n; i++) {
			const struct jw_job *job = &m->inventory.jobs.v[i];

			if (!job->unreadable &&
			    (job->state == JOBWARD_STATE_UNKNOWN || job->state == JOBWARD_STATE_CHANGED))
				ids[n++] = job->id;
		}
	}
	json_array_foreach(all ? NULL : list, i, value) {
		if (parse_id(value, &ids[n]) < 0) {
			*ret_error = jw_reply_error(2, "'%s' is no job's id",
						    json_string_value(value) ? json_string_value(value) : "?");
			free(ids);
			return -EINVAL;
		}
		n += !is_among(ids, n, ids[n]);
	}
	*ret = ids;
	*ret_n = n;
	return 0;
}

/* A person's word about each of these jobs, which the inventory has. */
static int put_decisions(struct manager *m, const uint64_t *ids, size_t n, const struct jw_decision *like)
{
	struct jw_decision *v = calloc(n ? n : 1, sizeof(*v));
	int r = v ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !r; i++) {
		v[i].state = like->state;
		v[i].time_ns = jw_now_ns();
		v[i].until_ns = like->until_ns;
		v[i].by = strdup(like->by);
		v[i].reason = like->reason ? strdup(like->reason) : NULL;
		r = v[i].by && (!like->reason || v[i].reason) ?
			jw_decision_set_job(&v[i], &m->inventory.jobs.v[jw_inventory_find(&m->inventory, ids[i])]) : -ENOMEM;
	}
	if (!r)
		r = jw_store_put_decisions(m->store, v, n);
	jw_decisions_free(v, v ? n : 0);
	return r;
}

/* All ids must be there before the first is decided: half of a list decided is worse than none. */
static json_t *check_ids(struct manager *m, const uint64_t *ids, size_t n, bool approve)
{
	for (size_t i = 0; i < n; i++) {
		ssize_t at = jw_inventory_find(&m->inventory, ids[i]);
		char id[JW_ID_HEX];

		jw_job_id_format(ids[i], id);
		if (at < 0)
			return jw_reply_error(1, "there is no job %s", id);
		if (approve && m->inventory.jobs.v[at].unreadable)
			return jw_reply_error(1, "job %s can't be approved: %s", id,
					      m->inventory.jobs.v[at].unreadable);
	}
	return NULL;
}

static json_t *decide(struct manager *m, const json_t *request, const struct jw_peer *peer, enum jobward_state state)
{
	const char *reason = json_string_value(json_object_get(request, "reason"));
	const struct jw_decision like = { .state = state, .by = (char *)peer->words, .reason = (char *)reason,
					  .until_ns = json_integer_value(json_object_get(request, "until")) };
	json_t *error = NULL, *jobs;
	_cleanup_free_ uint64_t *ids = NULL;
	size_t n = 0;
	int r;

	if (!m->store)
		return jw_reply_error(3, "the store is not open: nothing can be decided");
	r = collect(m, request, &ids, &n, &error);
	if (r < 0)
		return error;
	error = check_ids(m, ids, n, state == JOBWARD_STATE_APPROVED);
	if (error) {
		/* written a moment ago, perhaps: read the stores and look once more */
		jw_reconcile(m);
		json_decref(error);
		error = check_ids(m, ids, n, state == JOBWARD_STATE_APPROVED);
	}
	if (error)
		return error;
	r = put_decisions(m, ids, n, &like);
	if (r < 0)
		return jw_reply_error(3, "the store did not take %s: %s", n > 1 ? "the decisions, none of them" : "the decision",
				      strerror(-r));
	r = jw_rejudge(m);
	jobs = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct jw_job *job = &m->inventory.jobs.v[jw_inventory_find(&m->inventory, ids[i])];

		jw_admin_event(m, state == JOBWARD_STATE_APPROVED ? JOBWARD_ACTION_APPROVE : JOBWARD_ACTION_REVOKE,
			       job->id, job->path, "%s by %s%s%s",
			       state == JOBWARD_STATE_APPROVED ? "approved" : "denied", peer->words,
			       reason ? ": " : "", reason ? reason : "");
		jw_reply_add_job(jobs, job);
	}
	return reply_pushed(m, r, jobs);
}

static json_t *take_back(struct manager *m, const json_t *request, const struct jw_peer *peer)
{
	const char *reason = json_string_value(json_object_get(request, "reason"));
	const struct jw_decision_end end = { .time_ns = jw_now_ns(), .by = peer->words, .reason = reason };
	json_t *error = NULL, *jobs;
	_cleanup_free_ uint64_t *ids = NULL;
	size_t n = 0, missing;
	int r;

	if (!m->store)
		return jw_reply_error(3, "the store is not open: nothing can be decided");
	r = collect(m, request, &ids, &n, &error);
	if (r < 0)
		return error;
	r = jw_store_drop_decisions(m->store, ids, n, &end, &missing);
	if (r == -ENOENT) {
		char id[JW_ID_HEX];

		jw_job_id_format(ids[missing], id);
		return jw_reply_error(1, "there is no decision about job %s to take back%s", id,
				      n > 1 ? "; nothing was changed" : "");
	}
	if (r < 0)
		return jw_reply_error(3, "the store did not take it: %s", strerror(-r));
	r = jw_rejudge(m);
	jobs = json_array();
	for (size_t i = 0; i < n; i++) {
		ssize_t at = jw_inventory_find(&m->inventory, ids[i]);

		jw_admin_event(m, JOBWARD_ACTION_REVOKE, ids[i], at < 0 ? NULL : m->inventory.jobs.v[at].path,
			       "taken back by %s%s%s", peer->words, reason ? ": " : "", reason ? reason : "");
		if (at >= 0)
			jw_reply_add_job(jobs, &m->inventory.jobs.v[at]);
	}
	return reply_pushed(m, r, jobs);
}

static json_t *learn(struct manager *m, const struct jw_peer *peer)
{
	const struct jw_decision like = { .state = JOBWARD_STATE_APPROVED, .by = (char *)peer->words,
					  .reason = (char *)"learnt: delivered by a package" };
	_cleanup_free_ uint64_t *ids = NULL;
	size_t n = 0;
	json_t *left;
	int r;

	if (!m->store)
		return jw_reply_error(3, "the store is not open: nothing can be decided");
	jw_reconcile(m);
	ids = calloc(m->inventory.jobs.n + 1, sizeof(*ids));
	for (size_t i = 0; ids && i < m->inventory.jobs.n; i++) {
		const struct jw_job *job = &m->inventory.jobs.v[i];

		if (job->unreadable || job->provenance.kind != JW_PROVENANCE_PACKAGE ||
		    (job->state != JOBWARD_STATE_UNKNOWN && job->state != JOBWARD_STATE_CHANGED))
			continue;
		ids[n++] = job->id;
	}
	r = ids ? put_decisions(m, ids, n, &like) : -ENOMEM;
	if (r < 0)
		return jw_reply_error(3, "the store did not take the decisions: %s", strerror(-r));
	r = jw_rejudge(m);
	jw_admin_event(m, JOBWARD_ACTION_LEARN, 0, NULL, "%zu jobs of packages learnt by %s", n, peer->words);
	left = json_array();
	for (size_t i = 0; i < m->inventory.jobs.n; i++)
		if (m->inventory.jobs.v[i].state == JOBWARD_STATE_UNKNOWN ||
		    m->inventory.jobs.v[i].state == JOBWARD_STATE_CHANGED)
			jw_reply_add_job(left, &m->inventory.jobs.v[i]);
	return reply_pushed(m, r, left);
}

/* ---- findings of rules ---- */

static json_t *acknowledge(struct manager *m, const json_t *request, const struct jw_peer *peer)
{
	const json_t *list = json_object_get(request, "findings"), *id;
	const char *reason = json_string_value(json_object_get(request, "reason"));
	const struct jw_decision_end end = { .time_ns = jw_now_ns(), .by = peer->words, .reason = reason };
	_cleanup_free_ uint64_t *ids = calloc(json_array_size(list) + 1, sizeof(*ids));
	size_t i, n = 0, missing;
	int r;

	if (!m->store)
		return jw_reply_error(3, "the store is not open: nothing can be acknowledged");
	if (!json_array_size(list))
		return jw_reply_error(2, "findings is no list of numbers");
	if (!ids)
		return jw_reply_error(3, "out of memory");
	json_array_foreach(list, i, id) {
		if (!json_is_integer(id) || json_integer_value(id) <= 0)
			return jw_reply_error(2, "findings is no list of numbers");
		ids[n++] = (uint64_t)json_integer_value(id);
	}
	r = jw_store_acknowledge(m->store, ids, n, &end, &missing);
	if (r == -ENOENT)
		return jw_reply_error(1, "%s", jw_store_error(m->store));
	if (r < 0)
		return jw_reply_error(3, "the store did not take it: %s", strerror(-r));
	for (i = 0; i < n; i++)
		jw_admin_event(m, JOBWARD_ACTION_FINDING, 0, NULL, "F%llu acknowledged by %s%s%s",
			       (unsigned long long)ids[i], peer->words, reason ? ": " : "", reason ? reason : "");
	return reply_ok(m, NULL);
}

/* ---- the rest ---- */

/* Is the module locked, and would it be weaker in this mode? The kernel refuses in any case, and records that it was tried. */
static bool would_weaken(struct manager *m, int only, int mode)
{
	struct jw_module_status status = { 0 };
	bool would = false;

	if (jw_genl_status(m->genl, &status) < 0)
		return false;
	for (int gate = 0; gate <= JOBWARD_GATE_MAX && status.locked; gate++)
		would |= (only < 0 || only == gate) && mode < (int)status.gates[gate].mode;
	jw_module_status_done(&status);
	if (would)
		jw_genl_set_mode(m->genl, only, mode, 0);
	return would;
}

static json_t *set_mode(struct manager *m, const json_t *request, const struct jw_peer *peer)
{
	const char *mode_name = json_string_value(json_object_get(request, "mode"));
	const char *gate_name = json_string_value(json_object_get(request, "gate"));
	int mode = mode_name ? jw_mode_from_name(mode_name) : -1,
	    only = gate_name ? jw_gate_from_name(gate_name) : -1, r;

	if (mode < 0)
		return jw_reply_error(2, "a mode is audit, hold or enforce");
	if (gate_name && only < 0)
		return jw_reply_error(2, "a gate is run, write or module");
	if (!m->genl)
		return jw_reply_error(3, "the module is not loaded");
	if (would_weaken(m, only, mode))
		return jw_reply_error(4, "the module is locked: until the next boot no mode is weakened");
	/* whoever enforces wants it with what is approved now */
	if (mode != JOBWARD_MODE_AUDIT)
		jw_reconcile(m);
	r = jw_genl_set_mode(m->genl, only, mode, m->policy ? m->policy->hold_ms : 0);
	if (r < 0)
		return jw_reply_error(3, "the kernel refused: %s%s%s", strerror(-r),
				      *jw_genl_error(m->genl) ? ": " : "", jw_genl_error(m->genl));
	for (int gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		char name[32];

		snprintf(name, sizeof(name), "mode.%s", jw_gate_name(gate));
		if (only >= 0 && only != gate)
			continue;
		m->chosen_mode[gate] = mode;
		if (m->store)
			jw_store_set(m->store, name, jw_mode_name(mode));
	}
	jw_finding_clear(m, "mode");
	jw_admin_event(m, JOBWARD_ACTION_MODE, 0, NULL, "%s%s%s by %s", jw_mode_name(mode), gate_name ? " for " : "",
		       gate_name ? gate_name : "", peer->words);
	jw_ingest(m);
	return reply_ok(m, NULL);
}

static json_t *lock(struct manager *m, const json_t *request, const struct jw_peer *peer)
{
	bool no_kexec = json_is_true(json_object_get(request, "no_kexec"));
	int r;

	if (!m->genl)
		return jw_reply_error(3, "the module is not loaded");
	r = jw_genl_lock(m->genl, no_kexec);
	if (r < 0)
		return jw_reply_error(3, "the kernel refused: %s%s%s", strerror(-r),
				      *jw_genl_error(m->genl) ? ": " : "", jw_genl_error(m->genl));
	jw_admin_event(m, JOBWARD_ACTION_LOCK, 0, NULL, "locked until the next boot%s by %s", no_kexec ? ", kexec too," : "",
		       peer->words);
	jw_ingest(m);
	return reply_ok(m, NULL);
}

static json_t *sync_all(struct manager *m)
{
	int r = jw_reconcile(m), ingested;

	/* once more: what the reading itself caused */
	ingested = jw_ingest(m);
	if (r < 0)
		return jw_reply_error(3, "the job stores could not be read: %s", strerror(-r));
	jw_rules_soon(m);
	if (ingested == -EIO)
		return jw_reply_error(3, "the store does not take events; they wait in the kernel");
	return reply_ok(m, NULL);
}

static json_t *reload(struct manager *m, const struct jw_peer *peer)
{
	_cleanup_free_ char *why = NULL;

	if (jw_manager_load_policy(m, &why) < 0)
		return jw_reply_error(2, "%s%s", why ? why : "out of memory",
				      m->policy ? "; the policy before stands" : "");
	jw_admin_event(m, JOBWARD_ACTION_POLICY, 0, JW_POLICY_FILE, "read again for %s", peer->words);
	jw_manager_apply_modes(m);
	return sync_all(m);
}

json_t *jw_request(struct manager *m, const json_t *request, const struct jw_peer *peer)
{
	const char *cmd = json_string_value(json_object_get(request, "cmd"));

	if (!cmd)
		return jw_reply_error(2, "the request has no cmd");
	if (!strcmp(cmd, "approve"))
		return decide(m, request, peer, JOBWARD_STATE_APPROVED);
	if (!strcmp(cmd, "deny"))
		return decide(m, request, peer, JOBWARD_STATE_DENIED);
	if (!strcmp(cmd, "revoke"))
		return take_back(m, request, peer);
	if (!strcmp(cmd, "acknowledge"))
		return acknowledge(m, request, peer);
	if (!strcmp(cmd, "learn"))
		return learn(m, peer);
	if (!strcmp(cmd, "mode"))
		return set_mode(m, request, peer);
	if (!strcmp(cmd, "lock"))
		return lock(m, request, peer);
	if (!strcmp(cmd, "sync"))
		return sync_all(m);
	if (!strcmp(cmd, "reload"))
		return reload(m, peer);
	if (!strcmp(cmd, "edit"))
		return jw_request_edit(m, request, peer);
	if (!strcmp(cmd, "canary"))
		return jw_request_canary(m, peer);
	return jw_reply_error(2, "there is no request '%s'", cmd);
}
