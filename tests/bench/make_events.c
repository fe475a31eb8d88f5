// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a store of many events for tests/bench/hunts.sh, through the store's own append: make_events FILE N. Thirty
 * days of a busy host with 2,000 jobs: 84 % runs, 10 % writes of the machine (at, packages, a configuration agent), 3 % writes
 * of jobs, 0.6 % writes of people at a terminal or through ssh, the rest modules and administration. Prints how fast it
 * was. Then a tenth of the jobs changes, some of them go, and the runs are filled in from the events: one transaction each,
 * as the daemon has it, is no part of what is measured here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/store/sql.h"

#define JOBS 2000
#define BATCH 4096
#define DAY_NS (86400 * 1000000000LL)
#define BOOT "0b0f1c9e-6a3b-4d9b-9a51-000000000001"

/* What an event of the batch points to. */
struct texts {
	char path[96], argv[160], cgroup[96], address[24], source[96];
};

static struct jw_jobs jobs;
static struct jw_event events[BATCH];
static struct texts texts[BATCH];
static uint64_t random_state = 88172645463325252ULL;

static void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "make_events: %s: %s\n", what, strerror(-err));
	exit(1);
}

/* xorshift64: the same store each time. */
static uint64_t roll(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

static char *text(const char *fmt, unsigned int n)
{
	char *out;

	must(asprintf(&out, fmt, n) < 0 ? -12 : 0, "memory");
	return out;
}

static void make_job(unsigned int n)
{
	struct jw_job *job = jw_jobs_add(&jobs);
	struct jw_exec *exec;

	must(job ? 0 : -12, "memory");
	job->scheduler = n % 10 < 7 ? JOBWARD_SCHEDULER_CRON :
			 n % 10 < 9 ? JOBWARD_SCHEDULER_SYSTEMD : JOBWARD_SCHEDULER_AT;
	job->uid = n % 10 < 9 ? 1000 * (n % 3 == 0) + n % 50 * (n % 3 == 0) : 1000;
	job->owner = job->uid ? text("user%u", job->uid) : text("root", 0);
	if (job->scheduler == JOBWARD_SCHEDULER_CRON) {
		job->path = text("/etc/cron.d/work-%u", n / 10);
		job->line = n % 10 + 1;
		job->schedule = text("*/%u * * * *", n % 59 + 1);
	} else if (job->scheduler == JOBWARD_SCHEDULER_SYSTEMD) {
		job->name = text("work-%u.service", n);
		job->path = text("/etc/systemd/system/work-%u.timer", n);
		job->schedule = text("OnCalendar=*:0/%u", n % 59 + 1);
	} else {
		job->name = text("a%05x01c5a2b3", n);
		job->path = text("/var/spool/cron/atjobs/a%05x01c5a2b3", n);
		job->schedule = text("%u", 1795508693);
	}
	job->command = text("/usr/local/lib/tasks/task-%u --quiet --log /var/log/work.log", n);
	job->source = strdup(job->command);
	job->source_len = strlen(job->source);
	job->provenance.kind = n % 4 ? JW_PROVENANCE_PACKAGE : JW_PROVENANCE_ADMIN;
	exec = jw_job_add_exec(job);
	must(exec ? jw_exec_set_argv(exec, "/bin/sh", "-c", job->command, NULL) : -12, "argv");
	jw_job_set_id(job, 0);
	must(jw_exec_set_key(exec, job->scheduler, job->uid, job->name ? job->name : ""), "key");
	job->pins = calloc(1, sizeof(*job->pins));
	must(job->pins ? 0 : -12, "memory");
	job->n_pins = 1;
	job->pins->path = text(n % 200 ? "/usr/local/lib/tasks/task-%u" : "/home/user1/task-%u", n);
	job->pins->present = true;
	job->state = JOBWARD_STATE_APPROVED;
}

static void ancestor(struct jw_subject *s, uint32_t pid, uint32_t uid, char *comm, char *exe)
{
	s->ancestors[s->n_ancestors++] = (struct jw_ancestor){ .pid = pid, .uid = uid, .comm = comm, .exe = exe };
}

static void set_argv(struct jw_event *event, struct texts *t, const char *words)
{
	char *p;

	event->subject.argv_len = (size_t)snprintf(t->argv, sizeof(t->argv), "%s", words) + 1;
	for (p = t->argv; (p = strchr(p, ' ')); p++)
		*p = '\0';
	event->subject.argv = t->argv;
}

static void make_run(struct jw_event *event, struct texts *t)
{
	/* Ten jobs that run all the time make a third of all runs. */
	struct jw_job *job = &jobs.v[roll(3) ? roll(JOBS) : roll(10)];

	event->kind = JOBWARD_KIND_RUN;
	event->action = JOBWARD_ACTION_EXEC;
	event->verdict = roll(200) ? JOBWARD_VERDICT_ALLOW : JOBWARD_VERDICT_DENY;
	event->reason = event->verdict == JOBWARD_VERDICT_ALLOW ? JOBWARD_REASON_APPROVED : JOBWARD_REASON_CHANGED;
	event->scheduler = job->scheduler;
	event->job = job->id;
	event->has_key = true;
	memcpy(event->key, job->execs->key, sizeof(event->key));
	event->subject.uid = event->subject.euid = job->uid;
	event->subject.comm = "cron";
	event->subject.exe = "/usr/sbin/cron";
	snprintf(t->cgroup, sizeof(t->cgroup), "/system.slice/cron.service");
	ancestor(&event->subject, 612, 0, "cron", "/usr/sbin/cron");
	event->object.present = true;
	event->object.path = "/bin/sh";
	event->object.mode = 0100755;
	event->object.ino = 131;
	event->argv = job->execs->argv;
	event->argv_len = job->execs->argv_len;
	event->job_owner = job->owner;
	event->job_command = job->command;
	snprintf(t->source, sizeof(t->source), "%s", job->path);
	event->job_source = t->source;
	event->rule = "policy.yaml:9";
}

static void make_write(struct jw_event *event, struct texts *t, uint64_t row)
{
	struct jw_subject *s = &event->subject;
	unsigned int n = (unsigned int)roll(JOBS);

	event->kind = JOBWARD_KIND_WRITE;
	event->reason = JOBWARD_REASON_WRITER;
	event->object.present = true;
	event->object.path = t->path;
	switch (roll(3)) {
	case 0:
		event->action = JOBWARD_ACTION_CREATE;
		snprintf(t->path, sizeof(t->path), "/var/spool/cron/atjobs/a%05x01c5a2b3", (unsigned int)(row & 0xfffff));
		s->comm = "at";
		s->exe = "/usr/bin/at";
		s->uid = 33;
		s->origin = "service";
		snprintf(t->cgroup, sizeof(t->cgroup), "/system.slice/apache2.service");
		set_argv(event, t, "at -q b now");
		break;
	case 1:
		event->action = JOBWARD_ACTION_RENAME;
		snprintf(t->path, sizeof(t->path), "/etc/cron.d/work-%u.dpkg-new", n / 10);
		snprintf(t->source, sizeof(t->source), "/etc/cron.d/work-%u", n / 10);
		event->target.present = true;
		event->target.path = t->source;
		event->reason = JOBWARD_REASON_WRITER_LINEAGE;
		s->comm = "dpkg";
		s->exe = "/usr/bin/dpkg";
		s->origin = "service";
		snprintf(t->cgroup, sizeof(t->cgroup), "/system.slice/apt-daily-upgrade.service");
		set_argv(event, t, "/usr/bin/dpkg --status-fd 11 --no-triggers --unpack --auto-deconfigure");
		break;
	default:
		event->action = JOBWARD_ACTION_MODIFY;
		snprintf(t->path, sizeof(t->path), "/etc/systemd/system/work-%u.timer", n);
		s->comm = "puppet";
		s->exe = "/usr/bin/ruby3.1";
		s->origin = "service";
		snprintf(t->cgroup, sizeof(t->cgroup), "/system.slice/puppet.service");
		set_argv(event, t, "/usr/bin/puppet agent --no-daemonize");
	}
	ancestor(s, 1, 0, "systemd", "/usr/lib/systemd/systemd");
}

/* A job that writes into a store, or with @person somebody who does. */
static void make_act(struct jw_event *event, struct texts *t, bool person)
{
	struct jw_subject *s = &event->subject;

	event->kind = JOBWARD_KIND_WRITE;
	event->action = JOBWARD_ACTION_MODIFY;
	event->object.present = true;
	event->object.path = t->path;
	snprintf(t->path, sizeof(t->path), "/etc/cron.d/work-%u", (unsigned int)roll(JOBS / 10));
	if (!person) {
		event->job = jobs.v[roll(JOBS)].id;
		event->root_seq = event->seq;
		s->comm = "sh";
		s->exe = "/usr/bin/dash";
		s->origin = "job";
		snprintf(t->cgroup, sizeof(t->cgroup), "/system.slice/cron.service");
		return;
	}
	event->reason = roll(4) ? JOBWARD_REASON_WRITER : JOBWARD_REASON_NOT_A_WRITER;
	event->verdict = event->reason == JOBWARD_REASON_WRITER ? JOBWARD_VERDICT_ALLOW : JOBWARD_VERDICT_AUDIT;
	s->has_auid = s->has_session = true;
	s->auid = 1000 + (uint32_t)roll(20);
	s->session = (uint32_t)roll(5000);
	s->tty = "pts/0";
	s->comm = "crontab";
	s->exe = "/usr/bin/crontab";
	s->origin = roll(3) ? "ssh" : "console";
	snprintf(t->address, sizeof(t->address), "10.0.%u.%u", (unsigned int)roll(4), (unsigned int)roll(250));
	s->origin_address = strcmp(s->origin, "ssh") ? NULL : t->address;
	snprintf(t->cgroup, sizeof(t->cgroup), "/user.slice/user-%u.slice/session-%u.scope", s->auid, s->session);
	set_argv(event, t, "crontab /root/new.tab");
	ancestor(s, 950, 0, "sudo", "/usr/bin/sudo");
	ancestor(s, 901, s->auid, "bash", "/usr/bin/bash");
	ancestor(s, 700, 0, "sshd", "/usr/sbin/sshd");
	ancestor(s, 1, 0, "systemd", "/usr/lib/systemd/systemd");
}

static void make_event(struct jw_event *event, struct texts *t, uint64_t row, int64_t time_ns)
{
	uint64_t what = roll(1000);

	memset(event, 0, sizeof(*event));
	event->seq = row;
	strcpy(event->boot, BOOT);
	event->time_ns = (uint64_t)time_ns;
	event->boot_ns = row * 1000000;
	event->generation = 17;
	event->verdict = JOBWARD_VERDICT_ALLOW;
	event->subject.pid = event->subject.tid = 2000 + (uint32_t)(row % 30000);
	event->subject.ppid = 612;
	event->subject.start_ns = event->boot_ns;
	event->subject.cgroup = t->cgroup;
	if (what < 840) {
		make_run(event, t);
	} else if (what < 940) {
		make_write(event, t, row);
	} else if (what < 970) {
		make_act(event, t, false);
	} else if (what < 976) {
		make_act(event, t, true);
	} else {
		event->kind = what < 990 ? JOBWARD_KIND_MODULE : JOBWARD_KIND_ADMIN;
		event->action = what < 990 ? JOBWARD_ACTION_LOAD : JOBWARD_ACTION_TABLE;
		event->reason = what < 990 ? JOBWARD_REASON_SIGNED : JOBWARD_REASON_NONE;
		event->subject.comm = "kmod";
		event->subject.exe = "/usr/bin/kmod";
		strcpy(t->cgroup, "/init.scope");
	}
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const uint64_t n = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	const int64_t now_ns = time(NULL) * 1000000000LL, began_ns = now_ns - 30 * DAY_NS;
	struct jw_diags diags = { 0 };
	struct jw_store *store;
	uint64_t row = 0;
	double began;
	unsigned int i;

	if (!n)
		return 2;
	must(jw_store_open(&store, argv[1], false, &diags), "open");
	/* The daemon is kept small; here the machine's memory may as well be used. */
	must(jw_sql_exec(store, "PRAGMA cache_size = -1000000; PRAGMA synchronous = OFF"), "cache");
	for (i = 0; i < JOBS; i++)
		make_job(i);
	must(jw_store_put_jobs(store, &jobs, began_ns), "jobs");
	/* A store that has some goes on from there. */
	must(jw_store_last_seq(store, BOOT, &row), "last");
	began = seconds();
	while (row < n) {
		for (i = 0; i < BATCH && row < n; i++) {
			row++;
			make_event(&events[i], &texts[i], row, began_ns + (int64_t)((double)row / (double)n * 30 * DAY_NS));
		}
		must(jw_store_append(store, events, i, NULL), jw_store_error(store));
	}
	printf("%llu events appended, %.0f a second\n", (unsigned long long)n, (double)n / (seconds() - began));
	for (i = 0; i < JOBS; i += 10) {
		jobs.v[i].execs->key[0]++;
		jobs.v[i].source[0] = '!';
	}
	jobs.n -= JOBS / 100;
	must(jw_store_put_jobs(store, &jobs, now_ns), "jobs again");
	must(jw_sql_exec(store, "INSERT OR IGNORE INTO run SELECT job, time_ns, seq FROM event WHERE kind = 'run' AND verdict <> 'deny'"
			 " ORDER BY job, time_ns, seq;"
			 "UPDATE job SET runs = (SELECT count(*) FROM run WHERE run.job = job.id),"
			 " last_run_ns = ifnull((SELECT max(time_ns) FROM run WHERE run.job = job.id), 0)"),
	     jw_store_error(store));
	jw_jobs_done(&jobs);
	jw_diags_done(&diags);
	jw_store_close(store);
	return 0;
}
