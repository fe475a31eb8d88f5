// SPDX-License-Identifier: GPL-2.0
/*
 * Events: from the kernel's ring into the store.
 *
 *   1 dump of all events after the cursor         (the ring keeps them)
 *   2 each is completed from the inventory, numbered for the boot, and appended in batches; each batch is durable
 *   3 acknowledgement of what is durable           (the ring lets go)
 *
 * A failure between 2 and 3 gives the same events again, which the store passes over by their number. A store that
 * takes nothing leaves everything in the ring, whose overflow the kernel counts and reports.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-login.h>
#include "finding.h"
#include "ingest.h"
#include "lib/names_gen.h"
#include "reconcile.h"

#define BATCH_MAX 256

struct ingestion {
	struct manager *m;
	struct jw_event batch[BATCH_MAX];
	size_t n;
	uint64_t stored;	/* kernel's number */
	uint64_t newest;
	int error;		/* of the store */
	bool stores_changed, systemd_changed, somebody_waits;
};

/* ---- what an event asks the daemon to do ---- */

static void heed(struct ingestion *in, const struct jw_event *e)
{
	const uint64_t systemd = JW_CLASS_BIT(JW_CLASS_SYSTEMD) | JW_CLASS_BIT(JW_CLASS_SYSTEMD_USER);

	if (e->kind == JOBWARD_KIND_WRITE && e->verdict != JOBWARD_VERDICT_DENY) {
		in->stores_changed = true;
		in->systemd_changed |= (e->object.classes | e->target.classes) & systemd ||
				       (e->object.roles | e->target.roles) & JOBWARD_ROLE_ANCESTOR;
	}
	if (e->action == JOBWARD_ACTION_HOLD)
		in->somebody_waits = true;
	if (e->kind == JOBWARD_KIND_RUN && e->reason == JOBWARD_REASON_CHANGED && e->detail) {
		jw_pins_forget(in->m->pins, e->detail);
		in->stores_changed = true;
	}
	/* an exec that the table knows nothing of: the stores may say more by now */
	if (e->kind == JOBWARD_KIND_RUN && !e->job && e->reason == JOBWARD_REASON_UNAPPROVED)
		in->somebody_waits = true;
	if (in->somebody_waits && e->unit && *e->unit)
		in->systemd_changed |= e->scheduler == JOBWARD_SCHEDULER_SYSTEMD ||
				       e->scheduler == JOBWARD_SCHEDULER_SYSTEMD_USER;
	if (e->kind == JOBWARD_KIND_TAMPER && e->action != JOBWARD_ACTION_GAP)
		jw_log(LOG_ALERT, "tamper: %s: %s (process %u, uid %u)%s", jw_action_name(e->action), e->detail ? e->detail : "",
		       e->subject.pid, e->subject.uid, e->verdict == JOBWARD_VERDICT_DENY ? ": refused" : "");
	if (e->action == JOBWARD_ACTION_GAP)
		jw_finding(in->m, "events-lost",
			   "the kernel's ring overflowed: events %llu to %llu are missing, %llu denials "
			   "among them",
			   (unsigned long long)e->first, (unsigned long long)e->last, (unsigned long long)e->denials);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = s ? strlen(s) : 0, k = strlen(end);

	return n >= k && !strcmp(s + n - k, end);
}

static void watch_canary(struct manager *m, const struct jw_event *e)
{
	if (!(m->canary.path && e->kind == JOBWARD_KIND_WRITE && ends_with(e->object.path, m->canary.path)) &&
	    !(m->canary.unit && e->kind == JOBWARD_KIND_RUN && e->unit && !strcmp(e->unit, m->canary.unit)))
		return;
	if (!m->canary.seen || e->verdict > m->canary.verdict)
		m->canary.verdict = e->verdict;
	m->canary.seen = true;
}

/* Numbers that are missing without the kernel saying so. */
static void check_sequence(struct ingestion *in, const struct jw_event *e)
{
	if (in->newest && e->seq != in->newest + 1 && e->action != JOBWARD_ACTION_GAP)
		jw_finding(in->m, "events-missing", "events %llu to %llu never arrived",
			   (unsigned long long)(in->newest + 1 + in->m->seq_base),
			   (unsigned long long)(e->seq - 1 + in->m->seq_base));
	in->newest = e->action == JOBWARD_ACTION_GAP && e->last > e->seq ? e->last : e->seq;
}

/* ---- completing ---- */

static bool copy(char **to, const char *from)
{
	if (from && !*to)
		*to = strdup(from);
	return !from || *to;
}

/*
 * Where somebody logged in from, while the session is there: logind names its sessions after audit's (systemd,
 * logind-dbus.c), and pam_systemd(8) tells it the remote host.
 */
static void complete_origin(struct jw_subject *subject)
{
	char session[16];

	if (!subject->origin || strcmp(subject->origin, "ssh") || !subject->has_session || subject->origin_address)
		return;
	snprintf(session, sizeof(session), "%u", subject->session);
	if (sd_session_get_remote_host(session, &subject->origin_address) < 0)
		subject->origin_address = NULL;
}

static int complete(struct manager *m, struct jw_event *e)
{
	const struct inventory *inventory = &m->inventory;
	const struct jw_job *job = NULL;
	ssize_t at = e->job ? jw_inventory_find(inventory, e->job) : -1;

	if (at >= 0)
		job = &inventory->jobs.v[at];
	else if (e->has_key)
		job = jw_inventory_find_key(inventory, e->key);
	strcpy(e->boot, m->boot);
	e->seq += m->seq_base;
	if (e->root_seq)
		e->root_seq += m->seq_base;
	if (e->action == JOBWARD_ACTION_GAP) {
		e->first += m->seq_base;
		e->last += m->seq_base;
	}
	if (job) {
		char source[JOBWARD_PATH_MAX + 16];

		if (!e->job)
			e->job = job->id;
		if (!e->scheduler && e->kind == JOBWARD_KIND_RUN)
			e->scheduler = job->scheduler;
		if (job->line)
			snprintf(source, sizeof(source), "%s:%u", job->path, job->line);
		else
			snprintf(source, sizeof(source), "%s", job->path ? job->path : "");
		if (!copy(&e->job_owner, job->owner) || !copy(&e->job_command, job->command) ||
		    !copy(&e->job_source, source))
			return -ENOMEM;
	}
	if (at >= 0 && e->kind == JOBWARD_KIND_RUN && inventory->rules && !copy(&e->rule, inventory->rules[at]))
		return -ENOMEM;
	jw_event_enrich(e);
	complete_origin(&e->subject);
	return 0;
}

/* ---- storing ---- */

static void note_run(struct manager *m, const struct jw_event *e)
{
	if (e->kind == JOBWARD_KIND_RUN && e->action == JOBWARD_ACTION_EXEC && e->job &&
	    e->verdict != JOBWARD_VERDICT_DENY)
		jw_store_put_run(m->store, e->job, e->time_ns, e->seq);
}

static void flush(struct ingestion *in)
{
	struct manager *m = in->m;
	int r = in->error;

	if (!r && in->n) {
		r = jw_store_append(m->store, in->batch, in->n, NULL);
		if (r < 0)
			in->error = r;
		else
			in->stored = in->batch[in->n - 1].seq - m->seq_base;
	}
	for (size_t i = 0; i < in->n; i++) {
		if (!r)
			note_run(m, &in->batch[i]);
		jw_event_done(&in->batch[i]);
	}
	in->n = 0;
}

static int take(void *ctx, struct jw_event *event)
{
	struct ingestion *in = ctx;
	int r;

	if (in->error)
		return in->error;
	check_sequence(in, event);
	heed(in, event);
	watch_canary(in->m, event);
	r = complete(in->m, event);
	if (r < 0) {
		in->error = r;
		return r;
	}
	/* taken over: what stays behind is empty */
	in->batch[in->n++] = *event;
	*event = (struct jw_event){ 0 };
	if (in->n == BATCH_MAX)
		flush(in);
	return in->error;
}

int jw_ingest(struct manager *m)
{
	struct ingestion *in;
	int r = 0;

	if (!m->genl)
		return -ENOTCONN;
	if (!m->store)
		return -EIO;
	in = calloc(1, sizeof(*in));
	if (!in)
		return -ENOMEM;
	in->m = m;
	in->stored = in->newest = m->cursor;
	r = jw_genl_events(m->genl, m->cursor, take, in);
	flush(in);
	if (in->stored > m->cursor) {
		m->cursor = in->stored;
		if (jw_genl_ack(m->genl, m->cursor) < 0 && !r)
			r = -ENOTCONN;
	}
	if (in->stores_changed || in->somebody_waits)
		jw_reconcile_soon(m, in->somebody_waits, in->systemd_changed);
	if (in->error) {
		jw_manager_store_failed(m, in->error, "append events to");
		r = -EIO;
	} else if (r < 0) {
		jw_manager_kernel_lost(m, r);
	}
	free(in);
	return r;
}
