// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a store for the tests of the CLI: make_store FILE; make_store --more FILE adds one event. A quiet host with
 * one planted job, one that changed, one denied, and the events that tell how it came to that. Times are relative to
 * now, ids come from the jobs as always.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/store/store.h"

#define MINUTE_NS (60 * 1000000000LL)
#define BOOT "0b0f1c9e-6a3b-4d9b-9a51-000000000001"

static int64_t now_ns;

static void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "make_store: %s: %s\n", what, strerror(-err));
	exit(1);
}

static char *copy(const char *text)
{
	char *out = text ? strdup(text) : NULL;

	must(text && !out ? -12 : 0, "memory");
	return out;
}

struct row {
	enum jobward_scheduler scheduler;
	const char *owner;
	unsigned int uid;
	const char *name, *path;
	unsigned int line;
	const char *schedule, *command, *source;
	enum jobward_state state;
	const char *reason;
	enum jw_provenance_kind kind;
	const char *package, *version, *pin;
};

static const struct row rows[] = {
	{JOBWARD_SCHEDULER_CRON, "root", 0, NULL, "/etc/crontab", 17, "17 * * * *",
	 "cd / && run-parts --report /etc/cron.hourly",
	 "17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n", JOBWARD_STATE_APPROVED,
	 "approved by policy.yaml:9", JW_PROVENANCE_PACKAGE, "cron", "3.0pl1-162", "/usr/bin/run-parts"},
	{JOBWARD_SCHEDULER_CRON, "root", 0, NULL, "/etc/cron.d/e2scrub_all", 2, "30 3 * * 0",
	 "test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron",
	 "30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron\n",
	 JOBWARD_STATE_APPROVED, "approved by policy.yaml:9", JW_PROVENANCE_PACKAGE, "e2fsprogs", "1.47.0-2", NULL},
	{JOBWARD_SCHEDULER_CRON, "root", 0, NULL, "/etc/cron.d/zz-update", 3, "*/5 * * * *",
	 "/tmp/.x/upd\033[2J --quiet $TARGET /var/log/*.gz",
	 "# system update\nPATH=/bin\n*/5 * * * * root /tmp/.x/upd\033[2J --quiet $TARGET /var/log/*.gz\n",
	 JOBWARD_STATE_UNKNOWN, "no rule matches and nobody decided", JW_PROVENANCE_ADMIN, NULL, NULL, "/tmp/.x/upd"},
	{JOBWARD_SCHEDULER_CRON, "alice", 1000, NULL, "/var/spool/cron/crontabs/alice", 1, "@reboot",
	 "/home/alice/bin/größe-日本.sh", "@reboot /home/alice/bin/größe-日本.sh\n", JOBWARD_STATE_DENIED,
	 "denied by root (uid 0, login alice, pts/0)", JW_PROVENANCE_ADMIN, NULL, NULL,
	 "/home/alice/bin/größe-日本.sh"},
	{JOBWARD_SCHEDULER_SYSTEMD, "root", 0, "backup.service", "/etc/systemd/system/backup.timer", 0,
	 "OnCalendar=daily", "/usr/local/bin/backup --all", "[Timer]\nOnCalendar=daily\n", JOBWARD_STATE_CHANGED,
	 "approved by root on 2026-11-20, but /usr/local/bin/backup is another now", JW_PROVENANCE_ADMIN, NULL, NULL,
	 "/usr/local/bin/backup"},
	{JOBWARD_SCHEDULER_SYSTEMD, "root", 0, "logrotate.service", "/usr/lib/systemd/system/logrotate.timer", 0,
	 "OnCalendar=daily", "/usr/sbin/logrotate /etc/logrotate.conf", "[Timer]\nOnCalendar=daily\n",
	 JOBWARD_STATE_APPROVED, "approved by policy.yaml:9", JW_PROVENANCE_PACKAGE, "logrotate", "3.21.0-1",
	 "/usr/sbin/logrotate"},
	{JOBWARD_SCHEDULER_RUN_PARTS, "root", 0, "dpkg", "/etc/cron.daily/dpkg", 0, "daily", "/etc/cron.daily/dpkg",
	 NULL, JOBWARD_STATE_APPROVED, "approved by policy.yaml:9", JW_PROVENANCE_PACKAGE, "dpkg", "1.21.22",
	 "/etc/cron.daily/dpkg"},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static void fill(struct jw_job *job, const struct row *row)
{
	struct jw_exec *exec;

	job->scheduler = row->scheduler;
	job->owner = copy(row->owner);
	job->uid = row->uid;
	job->name = copy(row->name);
	job->path = copy(row->path);
	job->line = row->line;
	job->schedule = copy(row->schedule);
	job->command = copy(row->command);
	job->source = copy(row->source);
	job->source_len = row->source ? strlen(row->source) : 0;
	job->provenance.kind = row->kind;
	job->provenance.package = copy(row->package);
	job->provenance.version = copy(row->version);
	exec = jw_job_add_exec(job);
	must(exec ? jw_exec_set_argv(exec, "/bin/sh", "-c", row->command, NULL) : -12, "argv");
	jw_job_set_id(job, 0);
	must(jw_exec_set_key(exec, row->scheduler, row->uid, row->name ? row->name : ""), "key");
	if (!row->pin)
		return;
	job->pins = calloc(1, sizeof(*job->pins));
	must(job->pins ? 0 : -12, "memory");
	job->n_pins = 1;
	job->pins[0].path = copy(row->pin);
	job->pins[0].present = true;
	job->pins[0].sha256[0] = 0x11;
	job->pins[0].package = copy(row->package);
	job->pins[0].unmodified = row->package != NULL;
}

static void judge(struct jw_jobs *jobs)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++) {
		jobs->v[i].state = rows[i].state;
		free(jobs->v[i].reason);
		jobs->v[i].reason = copy(rows[i].reason);
		jobs->v[i].next_run_ns = i == 3 ? -1 : now_ns + 90 * MINUTE_NS;
	}
}

static void put_jobs(struct jw_store *store, struct jw_jobs *jobs)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++) {
		struct jw_job *job = jw_jobs_add(jobs);

		must(job ? 0 : -12, "memory");
		fill(job, &rows[i]);
	}
	judge(jobs);
	must(jw_store_put_jobs(store, jobs, now_ns - 4 * 24 * 60 * MINUTE_NS), "jobs");
}

static void decide(struct jw_store *store, const struct jw_job *job, enum jobward_state state, const char *reason)
{
	struct jw_decision decision = {0};

	must(jw_decision_set_job(&decision, job), "decision");
	decision.state = state;
	decision.time_ns = now_ns - 3 * 24 * 60 * MINUTE_NS;
	decision.by = copy("root (uid 0, login alice, pts/0)");
	decision.reason = copy(reason);
	must(jw_store_put_decision(store, &decision), "decision");
	jw_decision_done(&decision);
}

/* ---- events ---- */
static void subject(struct jw_subject *s, uint32_t pid, uint32_t uid, const char *comm, const char *exe)
{
	s->pid = s->tid = pid;
	s->ppid = pid - 1;
	s->uid = s->euid = uid;
	s->comm = copy(comm);
	s->exe = copy(exe);
}

static void ancestor(struct jw_subject *s, uint32_t pid, uint32_t uid, const char *comm, const char *exe)
{
	s->ancestors[s->n_ancestors++] = (struct jw_ancestor){
		.pid = pid, .uid = uid, .comm = copy(comm), .exe = copy(exe)};
}

static void begin(struct jw_event *event, uint64_t seq, int minutes, enum jobward_kind kind, enum jobward_action action)
{
	event->seq = seq;
	strcpy(event->boot, BOOT);
	event->time_ns = (uint64_t)(now_ns - minutes * MINUTE_NS) + 123456789;
	event->boot_ns = seq * 1000000000;
	event->kind = kind;
	event->action = action;
}

static void planted(struct jw_event *event)
{
	begin(event, 1, 30, JOBWARD_KIND_WRITE, JOBWARD_ACTION_CREATE);
	event->verdict = JOBWARD_VERDICT_AUDIT;
	event->reason = JOBWARD_REASON_NOT_A_WRITER;
	subject(&event->subject, 951, 0, "vim", "/usr/bin/vim.basic");
	event->subject.has_auid = event->subject.has_session = true;
	event->subject.auid = 1000;
	event->subject.session = 3;
	event->subject.tty = copy("pts/0");
	event->subject.origin = "ssh";
	event->subject.origin_address = copy("10.0.0.5");
	ancestor(&event->subject, 950, 0, "sudo", "/usr/bin/sudo");
	ancestor(&event->subject, 901, 1000, "bash", "/usr/bin/bash");
	ancestor(&event->subject, 700, 0, "sshd", "/usr/sbin/sshd");
	ancestor(&event->subject, 1, 0, "systemd", "/usr/lib/systemd/systemd");
	event->object.present = true;
	event->object.path = copy("/etc/cron.d/zz-update");
	event->object.classes = 1;
}

static void ran(struct jw_event *event, uint64_t seq, int minutes, const struct jw_job *job,
		enum jobward_verdict verdict, enum jobward_reason reason)
{
	begin(event, seq, minutes, JOBWARD_KIND_RUN, JOBWARD_ACTION_EXEC);
	event->verdict = verdict;
	event->reason = reason;
	event->scheduler = job->scheduler;
	event->job = job->id;
	event->has_key = true;
	memcpy(event->key, job->execs[0].key, sizeof(event->key));
	subject(&event->subject, 1000 + (uint32_t)seq, job->uid, "cron", "/usr/sbin/cron");
	ancestor(&event->subject, 612, 0, "cron", "/usr/sbin/cron");
	ancestor(&event->subject, 1, 0, "systemd", "/usr/lib/systemd/systemd");
	event->argv = malloc(job->execs[0].argv_len);
	must(event->argv ? 0 : -12, "memory");
	memcpy(event->argv, job->execs[0].argv, job->execs[0].argv_len);
	event->argv_len = job->execs[0].argv_len;
	event->job_owner = copy(job->owner);
	event->job_command = copy(job->command);
	event->job_source = copy(job->path);
	event->rule = copy(verdict == JOBWARD_VERDICT_ALLOW ? "policy.yaml:9" : NULL);
}

static void put_events(struct jw_store *store, const struct jw_jobs *jobs)
{
	struct jw_event events[6] = {0};
	size_t i;

	planted(&events[0]);
	ran(&events[1], 2, 25, &jobs->v[2], JOBWARD_VERDICT_AUDIT, JOBWARD_REASON_UNAPPROVED);
	begin(&events[2], 3, 22, JOBWARD_KIND_ADMIN, JOBWARD_ACTION_MODE);
	events[2].reason = JOBWARD_REASON_COMMAND;
	events[2].detail = copy("enforce");
	subject(&events[2].subject, 960, 0, "jobwardd", "/usr/sbin/jobwardd");
	ran(&events[3], 4, 20, &jobs->v[2], JOBWARD_VERDICT_DENY, JOBWARD_REASON_UNAPPROVED);
	ran(&events[4], 5, 13, &jobs->v[0], JOBWARD_VERDICT_ALLOW, JOBWARD_REASON_APPROVED);
	begin(&events[5], 6, 10, JOBWARD_KIND_MODULE, JOBWARD_ACTION_LOAD);
	events[5].verdict = JOBWARD_VERDICT_DENY;
	events[5].reason = JOBWARD_REASON_NOT_LISTED;
	events[5].detail = copy("evil");
	events[5].object.present = events[5].object.has_sha256 = true;
	events[5].object.path = copy("/tmp/evil.ko");
	subject(&events[5].subject, 970, 0, "insmod", "/usr/bin/kmod");
	for (i = 0; i < 6; i++)
		jw_event_enrich(&events[i]);
	must(jw_store_append(store, events, 6, NULL), "events");
	for (i = 0; i < 6; i++)
		jw_event_done(&events[i]);
}

/* Events as `log --json` gives them, one a line. */
static int append(const char *path)
{
	struct jw_diags diags = {0};
	struct jw_store *store;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	must(jw_store_open(&store, path, false, &diags), "open");
	while ((len = getline(&line, &room, stdin)) > 0) {
		struct jw_event event = {0};

		must(jw_event_from_text(&event, line, (size_t)len), "event");
		must(jw_store_append(store, &event, 1, NULL), "append");
		jw_event_done(&event);
	}
	free(line);
	jw_diags_done(&diags);
	jw_store_close(store);
	return 0;
}

int main(int argc, char **argv)
{
	struct jw_diags diags = {0};
	struct jw_jobs jobs = {0};
	struct jw_store *store;
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	now_ns = ts.tv_sec * 1000000000LL;
	if (argc == 3 && !strcmp(argv[1], "--append"))
		return append(argv[2]);
	if (argc != 2)
		return 2;
	must(jw_store_open(&store, argv[1], false, &diags), "open");
	put_jobs(store, &jobs);
	decide(store, &jobs.v[4], JOBWARD_STATE_APPROVED, "nightly backup");
	decide(store, &jobs.v[3], JOBWARD_STATE_DENIED, NULL);
	/* The backup program is another since the approval. */
	jobs.v[4].pins[0].sha256[0] = 0x22;
	judge(&jobs);
	must(jw_store_put_jobs(store, &jobs, now_ns - 60 * MINUTE_NS), "jobs again");
	must(jw_store_put_run(store, jobs.v[0].id, now_ns - 13 * MINUTE_NS, 5), "run");
	put_events(store, &jobs);
	must(jw_store_put_finding(store, "gate-write", "security_inode_create: held by a livepatch",
				  now_ns - 5 * MINUTE_NS),
	     "finding");
	jw_jobs_done(&jobs);
	jw_diags_done(&diags);
	jw_store_close(store);
	return 0;
}
