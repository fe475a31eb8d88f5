// SPDX-License-Identifier: GPL-2.0
/*
 * The stores read again, every job judged, the table pushed. Who asks for it: events of writes into stores and of execs
 * that the table does not know (ingest), the managers of systemd by signals, dpkg by its database, the clock (a
 * signature over all stores, for what no hook saw), and people (control). Many causes within a moment are one reading.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <sys/inotify.h>
#include <systemd/sd-daemon.h>
#include "finding.h"
#include "ingest.h"
#include "lib/cleanup.h"
#include "lib/control.h"
#include "lib/judge.h"
#include "lib/schedule/schedule.h"
#include "push.h"
#include "reconcile.h"

#define SETTLE_USEC 80000		/* a burst of writes is one change */
#define PAUSE_USEC 300000		/* between two readings that nobody waits for */
#define SIGNATURE_USEC (60 * UINT64_C(1000000))
#define SIGNATURE_BLIND_USEC (5 * UINT64_C(1000000))	/* without the module nobody else tells */
#define STALE_NS (300 * NS_PER_SEC)	/* next runs of timers that elapsed are asked anew after this */
#define LINGER_NS (600 * NS_PER_SEC)	/* atd unlinks a job before PAM and exec; sessions may be slow to open */
#define LINGER_MAX 1024
#define RETRY_USEC 2000000	/* after a manager of systemd did not answer; doubled each time */
#define RETRY_MAX_USEC (60 * UINT64_C(1000000))
#define SAID_MAX 512
#define ASKED_MAX 1024

/* What only this room remembers. */
static struct {
	uint64_t said[SAID_MAX];	/* diagnoses in the journal already, by hash */
	size_t n_said;
	uint64_t asked[ASKED_MAX];	/* units whose appearance has caused a reading, by hash */
	size_t n_asked;
	uint64_t last_end_usec;
	int64_t last_end_ns;
	uint64_t retry_usec, retry_at_usec;	/* 0: the managers of systemd answered last time */
} past;

static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

/* Return: true the first time. When the list is full it begins anew: better said twice than never. */
static bool is_news(uint64_t *list, size_t *n, size_t max, uint64_t h)
{
	for (size_t i = 0; i < *n; i++)
		if (list[i] == h)
			return false;
	if (*n == max)
		*n = 0;
	list[(*n)++] = h;
	return true;
}

/* ---- inventory ---- */

void jw_inventory_done(struct inventory *inventory)
{
	for (size_t i = 0; inventory->rules && i < inventory->jobs.n; i++)
		free(inventory->rules[i]);
	free(inventory->rules);
	jw_jobs_done(&inventory->jobs);
	jw_jobs_done(&inventory->lingering);
	jw_units_done(&inventory->units);
	*inventory = (struct inventory){ 0 };
}

ssize_t jw_inventory_find(const struct inventory *inventory, uint64_t id)
{
	for (size_t i = 0; i < inventory->jobs.n; i++)
		if (inventory->jobs.v[i].id == id)
			return i;
	return -1;
}

const struct jw_job *jw_inventory_find_key(const struct inventory *inventory, const uint8_t key[JW_DIGEST_SIZE])
{
	const struct jw_jobs *lists[] = { &inventory->jobs, &inventory->lingering };

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->n; i++)
			for (size_t k = 0; k < lists[l]->v[i].n_execs; k++)
				if (!memcmp(lists[l]->v[i].execs[k].key, key, JW_DIGEST_SIZE))
					return &lists[l]->v[i];
	return NULL;
}

/* Moves job @i of @from to the end of @to; its place is left empty. */
static int move_job(struct jw_jobs *to, struct jw_jobs *from, size_t i)
{
	struct jw_job *job = jw_jobs_add(to);

	if (!job)
		return -ENOMEM;
	*job = from->v[i];
	from->v[i] = (struct jw_job){ .uid = (uid_t)-1 };
	return 0;
}

static bool has_id(const struct jw_jobs *jobs, uint64_t id)
{
	for (size_t i = 0; i < jobs->n; i++)
		if (jobs->v[i].id == id)
			return true;
	return false;
}

/*
 * A manager that does not answer now, or was not asked, has not forgotten its timers: what was known of its units
 * stays.
 */
static int keep_systemd(struct inventory *old, struct jw_reading *reading)
{
	int r = 0;

	for (size_t i = 0; i < old->jobs.n && !r; i++) {
		const struct jw_job *job = &old->jobs.v[i];
		bool system = job->scheduler == JOBWARD_SCHEDULER_SYSTEMD;

		if ((system || job->scheduler == JOBWARD_SCHEDULER_SYSTEMD_USER) &&
		    (reading->skip_systemd || jw_reading_is_silent(reading, system ? 0 : job->uid)))
			r = move_job(&reading->jobs, &old->jobs, i);
	}
	for (size_t i = 0; i < old->units.n && !r; i++) {
		const struct jw_unit *unit = &old->units.v[i];

		if (reading->skip_systemd || jw_reading_is_silent(reading, unit->uid))
			r = jw_units_add(&reading->units, unit->name, unit->uid, unit->class);
	}
	jw_units_unite(&reading->units);
	return r;
}

/* changed_ns of a lingering job is when its file went. */
static int keep_lingering(struct inventory *old, struct jw_reading *reading, struct jw_jobs *lingering)
{
	int r = 0;

	for (size_t i = 0; i < old->lingering.n && !r; i++) {
		const struct jw_job *job = &old->lingering.v[i];

		if (reading->now_ns - job->changed_ns < LINGER_NS && reading->now_ns >= job->changed_ns &&
		    !has_id(&reading->jobs, job->id))
			r = move_job(lingering, &old->lingering, i);
	}
	for (size_t i = 0; i < old->jobs.n && lingering->n < LINGER_MAX && !r; i++) {
		if (old->jobs.v[i].scheduler != JOBWARD_SCHEDULER_AT || has_id(&reading->jobs, old->jobs.v[i].id))
			continue;
		r = move_job(lingering, &old->jobs, i);
		if (!r)
			lingering->v[lingering->n - 1].changed_ns = reading->now_ns;
	}
	return r;
}

/* ---- reading ---- */

/* cron 3.0pl1-162 is bookworm's, -197 trixie's; what the parser distinguishes came between them. */
static enum jw_cron_flavour cron_flavour(struct manager *m)
{
	struct jw_owner owner;
	const char *dash;

	if (!jw_provenance_owner(m->provenance, "/usr/sbin/cron", &owner) || !owner.version)
		return JW_CRON_DEBIAN_12;
	dash = strrchr(owner.version, '-');
	return dash && atoi(dash + 1) >= 163 ? JW_CRON_DEBIAN_13 : JW_CRON_DEBIAN_12;
}

static int fill_jobs(struct manager *m, struct jw_reading *reading)
{
	char home[JOBWARD_PATH_MAX] = "/";
	uid_t uid = 0;
	bool known = false;
	int r = 0;

	for (size_t i = 0; i < reading->jobs.n && !r; i++) {
		struct jw_job *job = &reading->jobs.v[i];

		if (!known || uid != job->uid) {
			uid = job->uid;
			known = true;
			jw_home_of(uid, home, sizeof(home));
		}
		if (!job->unreadable)
			r = jw_pins_resolve(m->pins, job, home, &reading->diags);
		if (job->schedule && (jw_schedule_is_cron(job->scheduler) ||
				      job->scheduler == JOBWARD_SCHEDULER_RUN_PARTS))
			job->next_run_ns = jw_schedule_cron_next(job->schedule, reading->now_ns);
		/* at's scripts are known by their digest from here on */
		for (size_t k = 0; k < job->n_execs; k++) {
			free(job->execs[k].content);
			job->execs[k].content = NULL;
			job->execs[k].content_len = 0;
		}
	}
	jw_pins_sweep(m->pins);
	return r;
}

/* Each diagnosis once in the journal; errors stand as one finding. */
static void say_diags(struct manager *m, const struct jw_diags *diags)
{
	size_t errors = 0;
	_cleanup_free_ char *first = NULL;

	for (size_t i = 0; i < diags->n; i++) {
		_cleanup_free_ char *text = NULL;

		if (diags->v[i].severity == JW_DIAG_NOTE)
			continue;
		text = jw_diag_format(&diags->v[i]);
		if (!text)
			continue;
		if (is_news(past.said, &past.n_said, SAID_MAX, hash(text)))
			jw_log(diags->v[i].severity == JW_DIAG_ERROR ? LOG_ERR : LOG_WARNING, "%s", text);
		if (diags->v[i].severity == JW_DIAG_ERROR && !errors++) {
			first = text;
			text = NULL;
		}
	}
	if (!errors)
		jw_finding_clear(m, "stores");
	else if (errors == 1)
		jw_finding(m, "stores", "%s", first);
	else
		jw_finding(m, "stores", "%s, and %zu more", first, errors - 1);
}

/* ---- judging ---- */

static int by_job(const void *a, const void *b)
{
	const struct jw_decision *x = a, *y = b;

	return x->job < y->job ? -1 : x->job > y->job;
}

static int judge_one(struct manager *m, struct jw_job *job, char **ret_rule)
{
	struct jw_decision want = { .job = job->id };
	struct jw_judgement judgement = { 0 };
	const struct jw_decision *decision = m->n_decisions ?
		bsearch(&want, m->decisions, m->n_decisions, sizeof(want), by_job) : NULL;
	int r = jw_judge(job, m->policy, decision, jw_now_ns(), &judgement);

	if (r < 0)
		return r;
	job->state = judgement.state;
	job->may_plant = judgement.may_plant;
	free(job->reason);
	job->reason = judgement.reason;
	judgement.reason = NULL;
	if (ret_rule) {
		free(*ret_rule);
		*ret_rule = judgement.rule;
		judgement.rule = NULL;
	}
	jw_judgement_done(&judgement);
	return 0;
}

/* What people decided. Without it nobody can say what is approved: a failure leaves the table in force. */
static int load_decisions(struct manager *m)
{
	struct jw_decision *v = NULL;
	size_t n = 0;
	int r = m->store ? jw_store_get_decisions(m->store, &v, &n) : -EIO;

	if (r < 0) {
		if (m->store)
			jw_manager_store_failed(m, r, "read decisions from");
		return r;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_job);
	jw_decisions_free(m->decisions, m->n_decisions);
	m->decisions = v;
	m->n_decisions = n;
	return 0;
}

static int judge_all(struct manager *m, struct inventory *inventory)
{
	int r = 0;

	inventory->next_end_ns = 0;
	for (size_t i = 0; i < m->n_decisions; i++) {
		int64_t until = m->decisions[i].until_ns;

		if (until > jw_now_ns() && (!inventory->next_end_ns || until < inventory->next_end_ns))
			inventory->next_end_ns = until;
	}
	for (size_t i = 0; i < inventory->jobs.n && !r; i++)
		r = judge_one(m, &inventory->jobs.v[i], &inventory->rules[i]);
	for (size_t i = 0; i < inventory->lingering.n && !r; i++)
		r = judge_one(m, &inventory->lingering.v[i], NULL);
	return r;
}

/* The inventory on record, the table in force, and a word of it for `systemctl status`. */
static int publish(struct manager *m)
{
	size_t unknown = 0;
	int r;

	for (size_t i = 0; i < m->inventory.jobs.n; i++)
		unknown += m->inventory.jobs.v[i].state != JOBWARD_STATE_APPROVED;
	if (m->store) {
		r = jw_store_put_jobs(m->store, &m->inventory.jobs, jw_now_ns());
		if (r < 0)
			jw_manager_store_failed(m, r, "put jobs into");
	}
	r = jw_push(m);
	sd_notifyf(0, "STATUS=%zu jobs, %zu without approval; %s %llu", m->inventory.jobs.n, unknown,
		   m->genl ? "table" : "no module, last table", (unsigned long long)m->generation);
	return r == -ENOTCONN ? 0 : r;
}

int jw_rejudge(struct manager *m)
{
	int r = load_decisions(m);

	if (!r)
		r = judge_all(m, &m->inventory);
	return r ? r : publish(m);
}

static void arm_retry(struct manager *m)
{
	m->systemd_due = true;
	sd_event_source_set_time(m->reconcile_timer, past.retry_at_usec);
	sd_event_source_set_enabled(m->reconcile_timer, SD_EVENT_ONESHOT);
}

/* The signature would not tell: nothing was written. */
static void retry_later(struct manager *m, bool incomplete)
{
	uint64_t now;

	if (!incomplete) {
		past.retry_usec = past.retry_at_usec = 0;
		return;
	}
	past.retry_usec = past.retry_usec ? past.retry_usec * 2 : RETRY_USEC;
	if (past.retry_usec > RETRY_MAX_USEC)
		past.retry_usec = RETRY_MAX_USEC;
	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	past.retry_at_usec = now + past.retry_usec;
	arm_retry(m);
}

enum ask_systemd { ASK_NOT, ASK_IF_DUE, ASK };

static int reconcile(struct manager *m, enum ask_systemd ask)
{
	bool systemd;
	struct jw_reading reading = { .root = "", .provenance = m->provenance, .bus = m->bus, .now_ns = jw_now_ns() };
	struct inventory fresh = { 0 };
	struct timespec ts;
	int r;

	/* in this order: what is written from here on has a higher number than the table will claim to know */
	jw_ingest(m);
	fresh.covers_seq = m->cursor;
	systemd = ask == ASK || (ask == ASK_IF_DUE && m->systemd_due && !past.retry_usec);
	reading.skip_systemd = !systemd;
	m->reconcile_due = false;
	if (systemd)
		m->systemd_due = false;
	sd_event_source_set_enabled(m->reconcile_timer, SD_EVENT_OFF);
	if (jw_provenance_refresh(m->provenance) > 0)
		jw_pins_forget_owners(m->pins);
	reading.cron_flavour = cron_flavour(m);
	jw_schedulers_signature("", fresh.signature);
	r = load_decisions(m);
	if (!r)
		r = jw_schedulers_read(&reading);
	if (!r)
		r = keep_systemd(&m->inventory, &reading);
	/*
	 * A timer that the system's manager did not speak of yet must not count as known. A user's manager has no say
	 * in this, or any user could make the gate doubt every new service of the host.
	 */
	if (jw_reading_is_silent(&reading, 0) || (!systemd && m->systemd_due))
		fresh.covers_seq = m->inventory.covers_seq;
	if (!r)
		r = fill_jobs(m, &reading);
	if (!r)
		r = keep_lingering(&m->inventory, &reading, &fresh.lingering);
	if (!r) {
		fresh.jobs = reading.jobs;
		fresh.units = reading.units;
		reading.jobs = (struct jw_jobs){ 0 };
		reading.units = (struct jw_units){ 0 };
		fresh.rules = calloc(fresh.jobs.n ? fresh.jobs.n : 1, sizeof(*fresh.rules));
		r = fresh.rules ? judge_all(m, &fresh) : -ENOMEM;
	}
	say_diags(m, &reading.diags);
	if (systemd)
		retry_later(m, reading.n_silent);
	jw_reading_done(&reading);
	if (r < 0) {
		jw_inventory_done(&fresh);
		jw_finding(m, "reading", "the job stores could not be read: %s; the table before stands", strerror(-r));
		return r;
	}
	jw_finding_clear(m, "reading");
	jw_inventory_done(&m->inventory);
	m->inventory = fresh;
	m->inventory.complete = true;
	r = publish(m);
	malloc_trim(0);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	past.last_end_usec = ts.tv_sec * UINT64_C(1000000) + ts.tv_nsec / 1000;
	past.last_end_ns = jw_now_ns();
	return r;
}

/* ---- when ---- */

int jw_reconcile(struct manager *m)
{
	return reconcile(m, ASK);
}

static int on_reconcile(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	uint64_t now;

	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	if (m->systemd_due && now >= past.retry_at_usec) {
		/* PID 1 may take seconds, most of all after an installation, whose cron jobs may be due before */
		reconcile(m, ASK_NOT);
		reconcile(m, ASK);
	} else {
		reconcile(m, ASK_IF_DUE);
	}
	if (past.retry_usec && !m->reconcile_due)
		arm_retry(m);
	return 0;
}

void jw_reconcile_soon(struct manager *m, bool at_once, bool systemd)
{
	uint64_t now, at;

	m->systemd_due |= systemd;

	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	at = at_once ? now : now + SETTLE_USEC;
	if (!at_once && at < past.last_end_usec + PAUSE_USEC)
		at = past.last_end_usec + PAUSE_USEC;
	if (m->reconcile_due && !at_once)
		return;
	m->reconcile_due = true;
	sd_event_source_set_time(m->reconcile_timer, at);
	sd_event_source_set_enabled(m->reconcile_timer, SD_EVENT_ONESHOT);
}

static bool has_elapsed(const struct inventory *inventory, int64_t now)
{
	for (size_t i = 0; i < inventory->jobs.n; i++)
		if (inventory->jobs.v[i].next_run_ns > 0 && inventory->jobs.v[i].next_run_ns < now)
			return true;
	return false;
}

static int on_signature(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	uint8_t now[JW_DIGEST_SIZE];
	uint64_t next;

	sd_event_now(m->event, CLOCK_MONOTONIC, &next);
	sd_event_source_set_time(source, next + (m->genl ? SIGNATURE_USEC : SIGNATURE_BLIND_USEC));
	if (jw_schedulers_signature("", now) < 0)
		return 0;
	if (m->inventory.next_end_ns && m->inventory.next_end_ns <= jw_now_ns())
		jw_rejudge(m);
	if (memcmp(now, m->inventory.signature, sizeof(now)) ||
	    (jw_now_ns() - past.last_end_ns > STALE_NS && has_elapsed(&m->inventory, jw_now_ns())))
		jw_reconcile_soon(m, false, true);
	return 0;
}

static int on_inotify(sd_event_source *source, int fd, uint32_t revents, void *ctx)
{
	struct manager *m = ctx;
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool policy = false, packages = false;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (char *at = buf; at < buf + n; ) {
			const struct inotify_event *e = (const struct inotify_event *)at;

			if (e->len && !strcmp(e->name, "status"))
				packages = true;
			else if (e->len && strlen(e->name) > 5 && !strcmp(e->name + strlen(e->name) - 5, ".yaml"))
				policy = true;
			at += sizeof(*e) + e->len;
		}
	}
	if (policy)
		jw_manager_load_policy(m, NULL);
	if (packages || policy)
		jw_reconcile_soon(m, policy, packages);
	return 0;
}

/* ---- systemd's signals ---- */

static bool is_known_unit(const struct manager *m, const char *name)
{
	for (size_t i = 0; i < m->inventory.units.n; i++)
		if (!strcmp(m->inventory.units.v[i].name, name))
			return true;
	return false;
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n > k && !strcmp(s + n - k, suffix);
}

/* A reading makes the manager load units itself: each name causes one reading only, or they would cause each other. */
static int on_unit_new(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	struct manager *m = ctx;
	const char *name;

	if (sd_bus_message_read(message, "s", &name) < 0)
		return 0;
	if ((has_suffix(name, ".service") && !is_known_unit(m, name)) || has_suffix(name, ".timer"))
		if (is_news(past.asked, &past.n_asked, ASKED_MAX, hash(name)))
			jw_reconcile_soon(m, false, true);
	return 0;
}

static int on_reloading(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	int active;

	if (sd_bus_message_read(message, "b", &active) >= 0 && !active)
		jw_reconcile_soon(ctx, false, true);
	return 0;
}

/* A user's manager came up or went. */
static int on_job_removed(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	const char *unit;

	if (sd_bus_message_skip(message, "uo") >= 0 && sd_bus_message_read(message, "s", &unit) >= 0 &&
	    (!strncmp(unit, "user@", 5) || has_suffix(unit, ".timer")))
		jw_reconcile_soon(ctx, false, true);
	return 0;
}

static int on_disconnected(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	jw_reconcile_soon(ctx, false, true);
	return 0;
}

void jw_reconcile_bus_opened(void *ctx, sd_bus *bus, uid_t uid)
{
	static const char path[] = "/org/freedesktop/systemd1", manager[] = "org.freedesktop.systemd1.Manager";
	struct manager *m = ctx;

	if (sd_bus_attach_event(bus, m->event, SD_EVENT_PRIORITY_NORMAL + 10) < 0)
		return;
	sd_bus_match_signal(bus, NULL, NULL, path, manager, "UnitNew", on_unit_new, m);
	sd_bus_match_signal(bus, NULL, NULL, path, manager, "Reloading", on_reloading, m);
	sd_bus_match_signal(bus, NULL, NULL, path, manager, "JobRemoved", on_job_removed, m);
	sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
			    "Disconnected", on_disconnected, m);
}

int jw_reconcile_init(struct manager *m)
{
	uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR;
	int r = sd_event_add_time_relative(m->event, &m->reconcile_timer, CLOCK_MONOTONIC, 0, 1, on_reconcile, m);

	if (r >= 0)
		r = sd_event_source_set_enabled(m->reconcile_timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time_relative(m->event, &m->signature_timer, CLOCK_MONOTONIC, SIGNATURE_BLIND_USEC,
					       1000000, on_signature, m);
	if (r >= 0)
		r = sd_event_source_set_enabled(m->signature_timer, SD_EVENT_ON);
	if (r < 0)
		return r;
	m->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (m->inotify_fd < 0)
		return -errno;
	/* what is not there is found by the signature or at the next start */
	inotify_add_watch(m->inotify_fd, "/var/lib/dpkg", mask & ~IN_DELETE);
	inotify_add_watch(m->inotify_fd, "/etc/jobward", mask);
	inotify_add_watch(m->inotify_fd, JW_POLICY_FOLDER, mask);
	r = sd_event_add_io(m->event, &m->inotify_source, m->inotify_fd, EPOLLIN, on_inotify, m);
	return r < 0 ? r : 0;
}
