// SPDX-License-Identifier: GPL-2.0
/*
 * systemd: the services that a timer can reach. One job is one service unit of the closure
 *
 *   NAME.timer ─Unit=─▶ NAME.service ─Wants= Requires= BindsTo= Upholds= OnSuccess= OnFailure=─▶ further units
 *
 * and each of its Exec lines one exec. The manager is asked, since what it has in memory is what runs; the files behind
 * it are pinned, so that settings which no argv shows (RootDirectory=, StandardInputText=, User=) are part of the
 * approval.
 *
 * A dependency whose unit files are a package's own, unmodified, is not followed: dbus.service must start whatever was
 * planned for a timer, and what the package manager delivered is approved anyway. Nor are the targets that boot has
 * reached before any timer runs. What a timer names itself is always followed.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../cleanup.h"
#include "bus.h"
#include "pam_env.h"
#include "store_file.h"
#include "table.h"
#include "unit_props.h"

#define UNITS_MAX 4096		/* of one closure */
/*
 * A user's manager may answer each call just in time; its reading as a whole has an end, and so have all users'
 * together.
 */
#define READING_SYSTEM_S 30
#define READING_USER_S 8
#define READING_USERS_S 16
#define SOURCE_MAX (64u << 10)
/* systemd picks one of these for DynamicUser= (systemd.exec(5)); the key has the first for all, see job_key.h */
#define DYNAMIC_UID_MIN 61184

static const struct jw_image_row images[] = {
	/* from 255 on a service's exec comes from the executor, before from the manager's own image */
	{ "/usr/lib/systemd/systemd", JOBWARD_IMAGE_UNIT },
	{ "/usr/lib/systemd/systemd-executor", JOBWARD_IMAGE_UNIT },
	{ NULL }
};
static const struct jw_store_row stores[] = {
	{ "/etc/systemd/system.control", JW_CLASS_SYSTEMD },
	{ "/run/systemd/system.control", JW_CLASS_SYSTEMD },
	{ "/run/systemd/transient", JW_CLASS_SYSTEMD },
	{ "/run/systemd/generator.early", JW_CLASS_SYSTEMD },
	{ "/etc/systemd/system", JW_CLASS_SYSTEMD },
	{ "/etc/systemd/system.attached", JW_CLASS_SYSTEMD },
	{ "/run/systemd/system", JW_CLASS_SYSTEMD },
	{ "/run/systemd/system.attached", JW_CLASS_SYSTEMD },
	{ "/run/systemd/generator", JW_CLASS_SYSTEMD },
	{ "/usr/local/lib/systemd/system", JW_CLASS_SYSTEMD },
	{ "/usr/lib/systemd/system", JW_CLASS_SYSTEMD },
	{ "/run/systemd/generator.late", JW_CLASS_SYSTEMD },
	/* whatever lies there runs as root at boot and at every daemon-reload */
	{ "/run/systemd/system-generators", JW_CLASS_SYSTEMD },
	{ "/etc/systemd/system-generators", JW_CLASS_SYSTEMD },
	{ "/usr/local/lib/systemd/system-generators", JW_CLASS_SYSTEMD },
	{ "/usr/lib/systemd/system-generators", JW_CLASS_SYSTEMD },
	{ "/run/systemd/system-environment-generators", JW_CLASS_SYSTEMD },
	{ "/etc/systemd/system-environment-generators", JW_CLASS_SYSTEMD },
	{ "/usr/local/lib/systemd/system-environment-generators", JW_CLASS_SYSTEMD },
	{ "/usr/lib/systemd/system-environment-generators", JW_CLASS_SYSTEMD },
	{ "/etc/systemd/system.conf", JW_CLASS_SYSTEMD },
	{ "/etc/systemd/system.conf.d", JW_CLASS_SYSTEMD },
	{ "/var/lib/systemd/timers", JW_CLASS_SYSTEMD },	/* an old stamp makes a Persistent= timer fire */
	{ "/var/lib/systemd/linger", JW_CLASS_SYSTEMD_USER },
	{ "/etc/systemd/user", JW_CLASS_SYSTEMD_USER },
	{ "/run/systemd/user", JW_CLASS_SYSTEMD_USER },
	{ "/etc/xdg/systemd/user", JW_CLASS_SYSTEMD_USER },
	{ "/usr/lib/systemd/user", JW_CLASS_SYSTEMD_USER },
	{ "/usr/local/lib/systemd/user", JW_CLASS_SYSTEMD_USER },
	{ "/run/systemd/user-generators", JW_CLASS_SYSTEMD_USER },
	{ "/etc/systemd/user-generators", JW_CLASS_SYSTEMD_USER },
	{ "/usr/local/lib/systemd/user-generators", JW_CLASS_SYSTEMD_USER },
	{ "/usr/lib/systemd/user-generators", JW_CLASS_SYSTEMD_USER },
	{ "/run/systemd/user-environment-generators", JW_CLASS_SYSTEMD_USER },
	{ "/etc/systemd/user-environment-generators", JW_CLASS_SYSTEMD_USER },
	{ "/usr/local/lib/systemd/user-environment-generators", JW_CLASS_SYSTEMD_USER },
	{ "/usr/lib/systemd/user-environment-generators", JW_CLASS_SYSTEMD_USER },
	{ "/etc/systemd/user.conf", JW_CLASS_SYSTEMD_USER },
	{ "/etc/systemd/user.conf.d", JW_CLASS_SYSTEMD_USER },
	{ NULL }
};
#define BOTH (JW_CLASS_BIT(JW_CLASS_SYSTEMD) | JW_CLASS_BIT(JW_CLASS_SYSTEMD_USER))
static const struct jw_writer_row writers[] = {
	/* PID 1 writes links, drop-ins and transient units for its clients */
	{ "/usr/lib/systemd/systemd", BOTH, false },
	{ "/usr/bin/systemctl", BOTH, false },
	{ "/usr/lib/systemd/systemd-logind", JW_CLASS_BIT(JW_CLASS_SYSTEMD_USER), false },
	{ "/usr/bin/systemd-tmpfiles", JW_CLASSES_STORES, false },
	{ "/usr/lib/systemd/systemd-executor", BOTH, false },
	{ "/usr/lib/systemd/system-generators/*", BOTH, false },
	{ "/usr/lib/systemd/user-generators/*", JW_CLASS_BIT(JW_CLASS_SYSTEMD_USER), false },
	{ NULL }
};

/* Reached before any timer runs, or pulled in by every unit (systemd.special(7)). */
static const char *const boot_targets[] = { "basic.target",	      "sysinit.target",	       "local-fs.target",
					    "local-fs-pre.target",    "remote-fs.target",      "network.target",
					    "network-pre.target",     "network-online.target", "nss-lookup.target",
					    "nss-user-lookup.target", "time-sync.target",      "time-set.target",
					    "sockets.target",	      "timers.target",	       "paths.target",
					    "multi-user.target",      "graphical.target",      "default.target",
					    "shutdown.target",	      "umount.target",	       "swap.target",
					    "cryptsetup.target",      "slices.target",	       NULL };

/* A unit of the closure. Those that a timer names come first and stay direct. */
struct reached {
	char *name;
	char *schedule;		/* of the timers; NULL: pulled in */
	char *timer_file;	/* of the first timer */
	char **files;		/* of all timers: fragments and drop-ins */
	int64_t next_run_ns;
	bool direct;
};

struct manager {
	struct jw_reading *reading;
	sd_bus *bus;
	uid_t uid;		/* 0: the system's */
	char user[64];		/* name of a user's manager; "" for the system's */
	char **env;		/* of the manager */
	char **timers;
	struct reached *v;
	size_t n;
	time_t end;		/* CLOCK_MONOTONIC */
};

static time_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && !strcmp(name + n - k, suffix);
}

static int strv_add(char ***v, const char *s)
{
	char **larger;
	size_t n = 0;

	for (; *v && (*v)[n]; n++)
		if (!strcmp((*v)[n], s))
			return 0;
	larger = reallocarray(*v, n + 2, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	*v = larger;
	larger[n] = strdup(s);
	larger[n + 1] = NULL;
	return larger[n] ? 0 : -ENOMEM;
}

/* ---- the closure ---- */

static struct reached *reach(struct manager *m, const char *name)
{
	struct reached *v;

	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].name, name))
			return &m->v[i];
	if (m->n == UNITS_MAX)
		return NULL;
	v = reallocarray(m->v, m->n + 1, sizeof(*v));
	if (!v)
		return NULL;
	m->v = v;
	v += m->n;
	*v = (struct reached){ .name = strdup(name) };
	if (!v->name)
		return NULL;
	m->n++;
	return v;
}

static int64_t next_run(const struct jw_unit_props *p, int64_t now_ns)
{
	int64_t next = 0;

	if (p->next_realtime && p->next_realtime != UINT64_MAX)
		next = p->next_realtime * INT64_C(1000);
	if (p->next_monotonic && p->next_monotonic != UINT64_MAX) {
		struct timespec ts;
		int64_t left;

		clock_gettime(CLOCK_MONOTONIC, &ts);
		left = (int64_t)(p->next_monotonic * 1000) - (ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec);
		if (left >= 0 && (!next || now_ns + left < next))
			next = now_ns + left;
	}
	return next;
}

static int read_timer(struct manager *m, const char *name)
{
	struct jw_unit_props props = { 0 };
	struct reached *to;
	int64_t next;
	int r = jw_unit_props_read(m->bus, name, &props);

	if (r < 0 || !props.load_state || strcmp(props.load_state, "loaded") || !props.triggers || !*props.triggers) {
		jw_unit_props_done(&props);
		return r;
	}
	to = reach(m, props.triggers);
	if (!to) {
		jw_unit_props_done(&props);
		return -ENOMEM;
	}
	to->direct = true;
	if (!to->timer_file && props.fragment && *props.fragment) {
		to->timer_file = strdup(props.fragment);
		r = to->timer_file ? 0 : -ENOMEM;
	}
	if (!r && props.fragment && *props.fragment)
		r = strv_add(&to->files, props.fragment);
	for (char **d = props.drop_ins; d && *d && !r; d++)
		r = strv_add(&to->files, *d);
	if (!r && props.schedule) {
		char *both;

		if (asprintf(&both, "%s%s%s", to->schedule ? to->schedule : "", to->schedule ? " " : "",
			     props.schedule) < 0)
			both = NULL;
		free(to->schedule);
		to->schedule = both;
		r = both ? 0 : -ENOMEM;
	}
	next = props.active_state && !strcmp(props.active_state, "active") ? next_run(&props, m->reading->now_ns) : 0;
	if (next && (!to->next_run_ns || next < to->next_run_ns))
		to->next_run_ns = next;
	jw_unit_props_done(&props);
	return r;
}

static bool is_boot_target(const char *name)
{
	for (const char *const *t = boot_targets; *t; t++)
		if (!strcmp(*t, name))
			return true;
	return has_suffix(name, ".slice") || has_suffix(name, ".mount") || has_suffix(name, ".device");
}

/* ---- jobs ---- */

static int add_pin_path(struct jw_job *job, const char *path)
{
	struct jw_pin *v;

	if (job->n_pins == JOBWARD_PINS_MAX)
		return 0;
	for (size_t i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return 0;
	v = reallocarray(job->pins, job->n_pins + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	job->pins = v;
	v[job->n_pins] = (struct jw_pin){ .path = strdup(path) };
	if (!v[job->n_pins].path)
		return -ENOMEM;
	job->n_pins++;
	return 0;
}

/* A unit's file: pinned, judged for provenance, and shown as `systemctl cat` does. */
static int add_file(struct jw_reading *reading, struct jw_job *job, const char *path, bool *first)
{
	_cleanup_free_ char *text = NULL, *full = NULL;
	size_t len = 0, head;
	char *source;
	int r;

	if (asprintf(&full, "%s%s", reading->root, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = add_pin_path(job, path);
	if (r < 0)
		return r;
	if (jw_store_file_read(full, true, JW_STORE_FILE_MAX, &text, &len, NULL) < 0)
		return 0;
	r = jw_job_add_provenance(reading, job, *first, path, text, len);
	*first = false;
	head = strlen(path) + 4;
	if (r < 0 || job->source_len + head + len > SOURCE_MAX)
		return r;
	source = realloc(job->source, job->source_len + head + len + 2);
	if (!source)
		return -ENOMEM;
	job->source = source;
	job->source_len += sprintf(source + job->source_len, "# %s\n", path);
	memcpy(source + job->source_len, text, len);
	job->source_len += len;
	if (len && text[len - 1] != '\n')
		source[job->source_len++] = '\n';
	source[job->source_len] = 0;
	return 0;
}

/*
 * Order as in systemd's exec_child(): manager, own variables, Environment=, EnvironmentFile=, then UnsetEnvironment=.
 */
static int service_env(struct manager *m, const struct jw_unit_props *p, const struct jw_job *job, char ***ret)
{
	char **env = NULL, own[3][1100], home[1024];
	int r = 0;

	for (char **e = m->env; e && *e && !r; e++)
		r = jw_env_set(&env, *e);
	if (job->uid != (uid_t)-1 && ((p->user && *p->user) || m->uid)) {
		jw_home_of(job->uid, home, sizeof(home));
		snprintf(own[0], sizeof(own[0]), "HOME=%s", home);
		snprintf(own[1], sizeof(own[1]), "LOGNAME=%s", job->owner);
		snprintf(own[2], sizeof(own[2]), "USER=%s", job->owner);
		for (int i = 0; i < 3 && !r; i++)
			r = jw_env_set(&env, own[i]);
	}
	for (char **e = p->environment; e && *e && !r; e++)
		r = jw_env_set(&env, *e);
	for (char **f = p->env_files; f && *f && !r; f++) {
		_cleanup_free_ char *text = NULL;
		char **more = NULL;
		size_t len;

		if (jw_store_file_read(*f + 1, true, 1u << 20, &text, &len, NULL) < 0)
			continue;
		r = jw_parse_environment_file(text, len, *f + 1, &more, &m->reading->diags);
		for (char **e = more; e && *e && !r; e++)
			r = jw_env_set(&env, *e);
		jw_env_free(more);
	}
	for (char **u = p->unset; u && *u && !r; u++)
		for (char **e = env; e && *e; e++)
			if (!strncmp(*e, *u, strlen(*u)) && (strchr(*u, '=') || (*e)[strlen(*u)] == '='))
				(*e)[0] = '=';	/* no name: no key covers it and no expansion finds it */
	*ret = env;
	return r;
}

static int add_exec(struct manager *m, struct jw_job *job, const struct jw_unit_exec *from, char **env)
{
	struct jw_exec *exec = jw_job_add_exec(job);
	char **argv = NULL, *p;
	size_t len = 0;
	int r = 0;

	if (!exec)
		return -ENOMEM;
	if (from->no_env)
		argv = from->argv;
	else
		r = jw_systemd_expand_env(from->argv, env, &argv);
	if (r < 0)
		return r;
	for (char **a = argv; a && *a; a++)
		len += strlen(*a) + 1;
	p = exec->argv = malloc(len ? len : 1);
	exec->program = strdup(from->path);
	exec->failed_ok = from->ignore_failure;
	if (exec->argv) {
		exec->argv_len = len;
		for (char **a = argv; a && *a; a++)
			p = stpcpy(p, *a) + 1;
	}
	if (argv != from->argv)
		jw_env_free(argv);
	if (!exec->argv || !exec->program)
		return -ENOMEM;
	r = jw_exec_default_env(exec, env);
	if (!r)
		r = jw_exec_set_key(exec, job->scheduler, from->privileged ? m->uid : job->uid, job->name);
	return r;
}

/* What people read: the commands of the first Exec lines, joined. */
static int set_command(struct jw_job *job, const struct jw_unit_props *p)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_execs; i++) {
		if (i)
			fputs("; ", f);
		for (char **a = p->execs[i].argv; a && *a; a++)
			fprintf(f, "%s%s", a == p->execs[i].argv ? "" : " ", *a);
	}
	if (fclose(f) != 0) {
		free(text);
		return -ENOMEM;
	}
	job->command = text;
	return 0;
}

static int set_owner(struct manager *m, struct jw_job *job, const struct jw_unit_props *p)
{
	const char *name = m->uid ? m->user : p->user && *p->user ? p->user : "root";
	char *end;
	unsigned long uid;

	job->owner = strdup(name);
	if (!job->owner)
		return -ENOMEM;
	jw_job_resolve_owner(job);
	uid = strtoul(name, &end, 10);
	if (job->uid == (uid_t)-1 && !*end && end != name)
		job->uid = uid;
	if (m->uid)
		job->uid = m->uid;
	if (job->uid == (uid_t)-1 || (p->dynamic_user && (!p->user || !*p->user)))
		job->uid = p->dynamic_user ? DYNAMIC_UID_MIN : job->uid;
	return job->uid == (uid_t)-1 ? jw_job_refuse(job, "there is no user '%s'", name) : 0;
}

static int fill_job(struct manager *m, struct jw_job *job, const struct reached *to, const struct jw_unit_props *p)
{
	char **env = NULL;
	bool first = true;
	int r;

	job->scheduler = m->uid ? JOBWARD_SCHEDULER_SYSTEMD_USER : JOBWARD_SCHEDULER_SYSTEMD;
	job->name = strdup(p->id && *p->id ? p->id : to->name);
	job->path = strdup(to->timer_file ? to->timer_file : p->fragment ? p->fragment : "");
	job->schedule = strdup(to->schedule ? to->schedule : "");
	job->next_run_ns = to->next_run_ns;
	if (!job->name || !job->path || !job->schedule)
		return -ENOMEM;
	r = set_owner(m, job, p);
	if (!r)
		r = set_command(job, p);
	for (char **f = to->files; f && *f && !r; f++)
		r = add_file(m->reading, job, *f, &first);
	if (!r && p->fragment && *p->fragment)
		r = add_file(m->reading, job, p->fragment, &first);
	for (char **f = p->drop_ins; f && *f && !r; f++)
		r = add_file(m->reading, job, *f, &first);
	for (char **f = p->env_files; f && *f && !r; f++)
		if (!strpbrk(*f + 1, "*?["))
			r = add_pin_path(job, *f + 1);
	if (!r && p->need_reload)
		r = jw_diag_add(
			&m->reading->diags, JW_DIAG_WARNING, job->path, 0, 0,
			"'%s' runs as the manager remembers it: its files changed since, and no daemon-reload",
			job->name);
	if (!r && !job->unreadable)
		r = service_env(m, p, job, &env);
	for (size_t i = 0; i < p->n_execs && !r && !job->unreadable; i++)
		r = add_exec(m, job, &p->execs[i], env);
	jw_env_free(env);
	return r;
}

static bool is_packages_own(struct manager *m, const struct jw_unit_props *p)
{
	struct jw_job probe = { 0 };
	bool own;
	int r = 0;

	if (m->uid || !m->reading->provenance || !p->fragment || !*p->fragment)
		return false;
	r = jw_job_add_provenance(m->reading, &probe, true, p->fragment, NULL, 0);
	for (char **d = p->drop_ins; d && *d && !r; d++)
		r = jw_job_add_provenance(m->reading, &probe, false, *d, NULL, 0);
	own = !r && probe.provenance.kind == JW_PROVENANCE_PACKAGE;
	jw_job_done(&probe);
	return own;
}

/* Reads the unit at @at, makes its job if it is a service, and reaches for what it pulls in. */
static int follow(struct manager *m, size_t at)
{
	struct jw_unit_props props = { 0 };
	struct reached to = m->v[at];		/* the list may move */
	bool service = has_suffix(to.name, ".service");
	struct jw_jobs found = { 0 };
	struct jw_job *job;
	int r = jw_unit_props_read(m->bus, to.name, &props);

	if (r < 0)
		return r;
	if (!to.direct && (is_packages_own(m, &props) || !props.load_state || strcmp(props.load_state, "loaded"))) {
		jw_unit_props_done(&props);
		return 0;
	}
	for (char **d = props.pulls; d && *d && !r; d++)
		if (!is_boot_target(*d) && !reach(m, *d))
			r = m->n == UNITS_MAX ? 0 : -ENOMEM;
	if (!r && service) {
		r = jw_units_add(&m->reading->units, props.id && *props.id ? props.id : to.name, m->uid,
				 JOBWARD_UNIT_CLASS_TIMER);
		if (!r && strcmp(props.load_state ? props.load_state : "", "loaded") == 0) {
			job = jw_jobs_add(&found);
			r = job ? fill_job(m, job, &to, &props) : -ENOMEM;
		}
	}
	if (!r)
		r = jw_jobs_move(&m->reading->jobs, &found);
	jw_jobs_done(&found);
	jw_unit_props_done(&props);
	return r;
}

/* ---- one manager ---- */

static int take_name(void *ctx, const char *name, const char *state)
{
	struct manager *m = ctx;
	const char *at = strchr(name, '@');
	char service[512];

	if (has_suffix(name, ".service"))
		return jw_units_add(&m->reading->units, name, m->uid, JOBWARD_UNIT_CLASS_ORDINARY);
	if (!has_suffix(name, ".timer") || !strcmp(state, "masked") || !strcmp(state, "not-found"))
		return 0;
	if (!at || strcmp(at, "@.timer"))
		return strv_add(&m->timers, name);
	/* a template has no service of its own yet; whatever instance comes is a timer's */
	snprintf(service, sizeof(service), "%.*s@.service", (int)(at - name), name);
	return jw_units_add(&m->reading->units, service, m->uid, JOBWARD_UNIT_CLASS_TIMER);
}

static void manager_done(struct manager *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].name);
		free(m->v[i].schedule);
		free(m->v[i].timer_file);
		jw_env_free(m->v[i].files);
	}
	free(m->v);
	jw_env_free(m->env);
	jw_env_free(m->timers);
}

static int read_manager(struct jw_reading *reading, sd_bus *bus, uid_t uid)
{
	struct manager m = { .reading = reading, .bus = bus, .uid = uid,
			     .end = seconds() + (uid ? READING_USER_S : READING_SYSTEM_S) };
	struct passwd *pw = uid ? getpwuid(uid) : NULL;
	int r;

	if (pw)
		snprintf(m.user, sizeof(m.user), "%s", pw->pw_name);
	else if (uid)
		snprintf(m.user, sizeof(m.user), "%u", uid);
	r = jw_manager_environment(bus, &m.env);
	if (!r)
		r = jw_manager_loaded(bus, take_name, &m);
	if (!r)
		r = jw_manager_files(bus, take_name, &m);
	for (char **t = m.timers; t && *t && !r; t++)
		r = seconds() > m.end ? -ETIMEDOUT : read_timer(&m, *t);
	for (size_t i = 0; i < m.n && !r; i++)
		r = seconds() > m.end ? -ETIMEDOUT : follow(&m, i);
	manager_done(&m);
	return r;
}

static int be_silent(struct jw_reading *reading, uid_t uid)
{
	if (reading->n_silent < JW_SILENT_MAX)
		reading->silent[reading->n_silent++] = uid;
	return jw_diag_add(&reading->diags, JW_DIAG_ERROR, NULL, 0, 0,
			   "the systemd manager of uid %u does not answer", uid);
}

/*
 * A manager that fails half-way must leave nothing behind: half a list of units would make timers' services ordinary.
 */
static int read_from(struct jw_reading *reading, uid_t uid)
{
	size_t n_jobs = reading->jobs.n, n_units = reading->units.n;
	sd_bus *bus;
	int r = jw_bus_get(reading->bus, uid, &bus);

	if (r == -ENOENT)
		return 0;
	if (!r)
		r = read_manager(reading, bus, uid);
	if (!r || r == -ENOMEM)
		return r;
	if (r != -EAGAIN)
		jw_bus_drop(reading->bus, uid);
	while (reading->jobs.n > n_jobs)
		jw_job_done(&reading->jobs.v[--reading->jobs.n]);
	while (reading->units.n > n_units)
		free(reading->units.v[--reading->units.n].name);
	return be_silent(reading, uid);
}

static int read_systemd(struct jw_reading *reading)
{
	uid_t users[JW_SILENT_MAX - 1];
	time_t end;
	size_t n;
	int r;

	if (!reading->bus || reading->skip_systemd)
		return 0;
	r = read_from(reading, 0);
	n = jw_bus_users(users, JW_SILENT_MAX - 1);
	end = seconds() + READING_USERS_S;
	for (size_t i = 0; i < n && !r; i++)
		r = seconds() > end ? be_silent(reading, users[i]) : read_from(reading, users[i]);
	return r;
}

const struct jw_scheduler jw_scheduler_systemd = {
	.id = JOBWARD_SCHEDULER_SYSTEMD, .images = images, .stores = stores, .writers = writers,
	.read = read_systemd,
};
