// SPDX-License-Identifier: GPL-2.0
/* The table of schedulers and what their rows share. Facts about stores and their writers: each row's own file. */
#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include "../cleanup.h"
#include "../grow.h"
#include "store_file.h"
#include "table.h"

/* run-parts' jobs come from those that call it, so it stands behind the crons and anacron. */
const struct jw_scheduler *const jw_schedulers[] = {
	&jw_scheduler_cron, &jw_scheduler_cronie, &jw_scheduler_bcron, &jw_scheduler_busybox, &jw_scheduler_anacron,
	&jw_scheduler_run_parts, &jw_scheduler_at, &jw_scheduler_systemd, &jw_scheduler_systemd_cron,
};
const size_t jw_n_schedulers = sizeof(jw_schedulers) / sizeof(jw_schedulers[0]);

const char *const jw_store_ancestors[] = {
	"/", "/etc", "/etc/default", "/etc/systemd", "/etc/xdg", "/etc/xdg/systemd", "/run", "/run/systemd", "/usr", "/usr/lib",
	"/usr/lib/systemd", "/usr/local", "/usr/local/lib", "/usr/local/lib/systemd", "/var", "/var/lib", "/var/lib/systemd", "/var/spool",
	"/var/spool/cron", NULL
};

const struct jw_writer_row jw_common_writers[] = {
	/* dpkg unpacks itself; its maintainer scripts (sh, perl, update-rc.d) are what it starts */
	{ "/usr/bin/dpkg", JW_CLASSES_STORES, true },
	{ "/usr/sbin/jobwardd", JW_CLASSES_ALL, false },
	{ NULL }
};

static const char *const class_names[] = {
	[JW_CLASS_CRON] = "cron",	[JW_CLASS_CRON_USER] = "cron-user",	[JW_CLASS_RUN_PARTS] = "run-parts",
	[JW_CLASS_ANACRON] = "anacron",	[JW_CLASS_AT] = "at",			[JW_CLASS_SYSTEMD] = "systemd",
	[JW_CLASS_SYSTEMD_USER] = "systemd-user",				[JW_CLASS_JOBWARD] = "jobward",
};
_Static_assert(sizeof(class_names) / sizeof(class_names[0]) == JW_CLASS_MAX, "a name for each class");

const char *jw_class_name(unsigned int class)
{
	return class < JW_CLASS_MAX ? class_names[class] : NULL;
}

int jw_class_from_name(const char *name)
{
	for (int i = 0; i < JW_CLASS_MAX; i++)
		if (!strcmp(class_names[i], name))
			return i;
	return -1;
}

/* ---- units ---- */

int jw_units_add(struct jw_units *units, const char *name, uid_t uid, enum jobward_unit_class class)
{
	struct jw_unit *v = jw_grow(units->v, units->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	units->v = v;
	v[units->n] = (struct jw_unit){ .name = strdup(name), .uid = uid, .class = class };
	if (!v[units->n].name)
		return -ENOMEM;
	units->n++;
	return 0;
}

void jw_units_done(struct jw_units *units)
{
	for (size_t i = 0; i < units->n; i++)
		free(units->v[i].name);
	free(units->v);
	*units = (struct jw_units){ 0 };
}

/* By name and manager; of equal ones the timer's comes first. */
static int by_unit(const void *a, const void *b)
{
	const struct jw_unit *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	if (!r)
		r = (x->uid > y->uid) - (x->uid < y->uid);
	return r ? r : (int)y->class - (int)x->class;
}

void jw_units_unite(struct jw_units *units)
{
	size_t kept = 0;

	if (!units->n)
		return;
	qsort(units->v, units->n, sizeof(*units->v), by_unit);
	for (size_t i = 1; i < units->n; i++) {
		if (units->v[i].uid == units->v[kept].uid && !strcmp(units->v[i].name, units->v[kept].name))
			free(units->v[i].name);
		else
			units->v[++kept] = units->v[i];
	}
	units->n = kept + 1;
}

/* ---- users ---- */

void jw_job_resolve_owner(struct jw_job *job)
{
	struct passwd *pw = job->owner ? getpwnam(job->owner) : NULL;

	job->uid = pw ? pw->pw_uid : (uid_t)-1;
}

void jw_home_of(uid_t uid, char *out, size_t size)
{
	struct passwd *pw = getpwuid(uid);

	snprintf(out, size, "%s", pw && pw->pw_dir[0] == '/' ? pw->pw_dir : "/");
}

/* ---- jobs ---- */

int jw_job_refuse(struct jw_job *job, const char *fmt, ...)
{
	va_list ap;
	int r;

	if (job->unreadable)
		return 0;
	va_start(ap, fmt);
	r = vasprintf(&job->unreadable, fmt, ap);
	va_end(ap);
	if (r < 0)
		job->unreadable = NULL;
	return r < 0 ? -ENOMEM : 0;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strlen(b) > n && !strncmp(a, b, n) && b[n] == '=';
}

int jw_exec_default_env(struct jw_exec *exec, char *const *env)
{
	size_t n = 0, more = 0, own;
	char **v;

	while (exec->env && exec->env[n])
		n++;
	while (env && env[more])
		more++;
	v = reallocarray(exec->env, n + more + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	exec->env = v;
	v[n] = NULL;
	own = n;
	for (size_t i = 0; i < more; i++) {
		size_t k = 0;

		while (k < own && !same_name(v[k], env[i]))
			k++;
		if (k < own)
			continue;
		v[n] = strdup(env[i]);
		if (!v[n])
			return -ENOMEM;
		v[++n] = NULL;
	}
	return 0;
}

bool jw_path_is_generated(const char *path)
{
	static const char folder[] = "/run/systemd/generator";
	size_t len = sizeof(folder) - 1;

	if (strncmp(path, folder, len))
		return false;
	/* systemd.generator(7), "Output directories" */
	if (!strncmp(path + len, ".early", 6))
		len += 6;
	else if (!strncmp(path + len, ".late", 5))
		len += 5;
	return !path[len] || path[len] == '/';
}

/* Only what a package delivered, byte for byte, in every file that makes the job counts as the package's. */
static enum jw_provenance_kind judge_file(struct jw_reading *reading, const char *path, const void *content, size_t len,
					  struct jw_owner *owner)
{
	char *own = NULL;
	int r;

	if (!jw_provenance_owner(reading->provenance, path, owner))
		return jw_path_is_generated(path) ? JW_PROVENANCE_GENERATED : JW_PROVENANCE_UNKNOWN;
	if (!content) {
		size_t prefix = strlen(reading->root);
		_cleanup_free_ char *full = malloc(prefix + strlen(path) + 1);

		if (!full)
			return JW_PROVENANCE_UNKNOWN;
		strcpy(stpcpy(full, reading->root), path);
		if (jw_store_file_read(full, true, JW_STORE_FILE_MAX, &own, &len, NULL) < 0)
			return JW_PROVENANCE_MODIFIED;
		content = own;
	}
	r = jw_provenance_verify(owner, content, len);
	free(own);
	return r == 1 ? JW_PROVENANCE_PACKAGE : r == 0 ? JW_PROVENANCE_MODIFIED : JW_PROVENANCE_UNKNOWN;
}

int jw_job_add_provenance(struct jw_reading *reading, struct jw_job *job, bool first, const char *path,
			  const void *content, size_t len)
{
	struct jw_provenance *p = &job->provenance;
	struct jw_owner owner = { 0 };
	enum jw_provenance_kind kind;

	if (!reading->provenance)
		return 0;
	kind = judge_file(reading, path, content, len, &owner);
	if (!first) {
		if (kind != JW_PROVENANCE_PACKAGE && p->kind == JW_PROVENANCE_PACKAGE)
			p->kind = JW_PROVENANCE_MODIFIED;
		return 0;
	}
	p->kind = kind;
	if (owner.package) {
		p->package = strdup(owner.package);
		p->version = owner.version ? strdup(owner.version) : NULL;
		if (!p->package || (owner.version && !p->version))
			return -ENOMEM;
	}
	return 0;
}

bool jw_image_is_busybox(const char *root, const char *path)
{
	static const char *const own[] = { "/bin/busybox", "/usr/bin/busybox" };
	char full[JOBWARD_PATH_MAX];
	struct stat it, st;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full) || stat(full, &it) < 0)
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (snprintf(full, sizeof(full), "%s%s", root, own[i]) < (int)sizeof(full) && stat(full, &st) == 0 &&
		    st.st_dev == it.st_dev && st.st_ino == it.st_ino)
			return true;
	return false;
}

/* ---- reading ---- */

struct place {
	uint64_t id;
	size_t at;
};

static int by_id(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Equal lines of one file have equal ids at first; they are told apart by their order. */
static int give_ids(struct jw_jobs *jobs)
{
	_cleanup_free_ struct place *places = calloc(jobs->n ? jobs->n : 1, sizeof(*places));
	unsigned int ordinal = 0;

	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < jobs->n; i++) {
		jw_job_set_id(&jobs->v[i], 0);
		places[i] = (struct place){ jobs->v[i].id, i };
	}
	qsort(places, jobs->n, sizeof(*places), by_id);
	for (size_t i = 1; i < jobs->n; i++) {
		ordinal = places[i].id == places[i - 1].id ? ordinal + 1 : 0;
		if (ordinal)
			jw_job_set_id(&jobs->v[places[i].at], ordinal);
	}
	return 0;
}

static int give_keys(struct jw_job *job)
{
	bool unit = job->scheduler == JOBWARD_SCHEDULER_SYSTEMD || job->scheduler == JOBWARD_SCHEDULER_SYSTEMD_USER;
	int r = 0;

	for (size_t i = 0; i < job->n_execs && !r; i++) {
		/* systemd's "+" and "!" run as the manager's own user, see systemd.c; it has set the key already */
		if (unit)
			continue;
		r = jw_exec_set_key(&job->execs[i], job->scheduler, job->uid, "");
	}
	return r;
}

int jw_schedulers_read(struct jw_reading *reading)
{
	int r = 0;

	for (size_t i = 0; i < jw_n_schedulers && !r; i++)
		r = jw_schedulers[i]->read(reading);
	if (!r)
		r = give_ids(&reading->jobs);
	for (size_t i = 0; i < reading->jobs.n && !r; i++)
		r = give_keys(&reading->jobs.v[i]);
	jw_units_unite(&reading->units);
	return r;
}

bool jw_reading_is_silent(const struct jw_reading *reading, uid_t uid)
{
	for (size_t i = 0; i < reading->n_silent; i++)
		if (reading->silent[i] == uid)
			return true;
	return false;
}

void jw_reading_done(struct jw_reading *reading)
{
	jw_jobs_done(&reading->jobs);
	jw_units_done(&reading->units);
	jw_diags_done(&reading->diags);
}

/* ---- signature ---- */

static void sign_path(EVP_MD_CTX *md, const char *path, int depth)
{
	struct { uint64_t dev, ino, mode, uid, nlink, size, mtime, mnsec, ctime, cnsec; } s = { 0 };
	char below[JOBWARD_PATH_MAX];
	char **names;
	struct stat st;
	size_t n;

	if (lstat(path, &st) == 0) {
		s.dev = st.st_dev;
		s.ino = st.st_ino;
		s.mode = st.st_mode;
		s.uid = st.st_uid;
		s.nlink = st.st_nlink;
		s.size = st.st_size;
		s.mtime = st.st_mtim.tv_sec;
		s.mnsec = st.st_mtim.tv_nsec;
		s.ctime = st.st_ctim.tv_sec;
		s.cnsec = st.st_ctim.tv_nsec;
	}
	EVP_DigestUpdate(md, path, strlen(path) + 1);
	EVP_DigestUpdate(md, &s, sizeof(s));
	if (!S_ISDIR(s.mode) || !depth || jw_store_folder_names(path, &names, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (snprintf(below, sizeof(below), "%s/%s", path, names[i]) < (int)sizeof(below))
			sign_path(md, below, depth - 1);
	jw_store_names_free(names, n);
}

/* "/home/STAR/x"-like rows stand for whole folders: signed with what lies two levels below, as drop-ins do. */
static void sign_row(EVP_MD_CTX *md, const char *root, const char *row)
{
	char path[JOBWARD_PATH_MAX];
	size_t len = snprintf(path, sizeof(path), "%s%s", root, row);

	if (len >= sizeof(path))
		return;
	if (len > 2 && !strcmp(path + len - 2, "/*"))
		path[len - 2] = 0;
	sign_path(md, path, 2);
}

int jw_schedulers_signature(const char *root, uint8_t out[JW_DIGEST_SIZE])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int r = -ENOMEM;

	if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		goto out_free;
	for (size_t i = 0; i < jw_n_schedulers; i++) {
		for (const struct jw_store_row *s = jw_schedulers[i]->stores; s && s->path; s++)
			sign_row(md, root, s->path);
		for (const char *const *p = jw_schedulers[i]->inputs; p && *p; p++)
			sign_row(md, root, *p);
	}
	r = EVP_DigestFinal_ex(md, out, NULL) == 1 ? 0 : -ENOMEM;

out_free:
	EVP_MD_CTX_free(md);
	return r;
}
