// SPDX-License-Identifier: GPL-2.0
/* See crontabs.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../cleanup.h"
#include "crontabs.h"
#include "store_file.h"

/* ---- tables ---- */

bool jw_crontabs_user_exists(void *ctx, const char *name)
{
	return getpwnam(name);
}

static int finish_jobs(const struct jw_crontabs *c, struct jw_parse_out *out, const char *path, const struct stat *st,
		       const char *owner, const char *text, size_t len)
{
	const char *why = c->refused(st, owner ? getpwnam(owner) : NULL);
	int r = 0;

	for (size_t i = 0; i < out->jobs.n && !r; i++) {
		struct jw_job *job = &out->jobs.v[i];

		job->scheduler = c->scheduler;
		jw_job_resolve_owner(job);
		r = c->add_env(c->ctx, job, owner);
		if (!r && why)
			r = jw_job_refuse(job, "%s refuses this table: %s", c->reader, why);
		if (!r)
			r = jw_job_add_provenance(c->reading, job, true, path, text, len);
	}
	if (!r)
		r = jw_jobs_move(&c->reading->jobs, &out->jobs);
	if (!r)
		r = jw_diags_move(&c->reading->diags, &out->diags);
	return r;
}

/* A table that can't be read is still a line of the inventory: it must not hide. */
static int add_unreadable(const struct jw_crontabs *c, const char *path, const char *owner, const char *why)
{
	struct jw_job *job = jw_jobs_add(&c->reading->jobs);

	if (!job)
		return -ENOMEM;
	job->scheduler = c->scheduler;
	job->path = strdup(path);
	job->owner = strdup(owner ? owner : "root");
	job->command = strdup("");
	job->schedule = strdup("");
	if (!job->path || !job->owner || !job->command || !job->schedule)
		return -ENOMEM;
	jw_job_resolve_owner(job);
	return jw_job_refuse(job, "%s", why);
}

int jw_crontabs_read_table(const struct jw_crontabs *c, const char *path, const char *owner)
{
	struct jw_parse_out out = { 0 };
	_cleanup_free_ char *text = NULL, *full = NULL;
	struct stat st;
	size_t len = 0;
	int r;

	if (asprintf(&full, "%s%s", c->reading->root, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = jw_store_file_read(full, !owner || c->follows_links, JW_STORE_FILE_MAX, &text, &len, &st);
	if (r == -ENOENT)
		return 0;
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return add_unreadable(c, path, owner, r == -ENOTSUP ? "not a regular file" :
				      r == -ELOOP ? "a symbolic link, which cron does not follow here" :
				      r == -EFBIG ? "too large to be a table" : strerror(-r));
	r = c->parse(c->ctx, text, len, path, owner, &out);
	if (!r)
		r = finish_jobs(c, &out, path, &st, owner, text, len);
	jw_parse_out_done(&out);
	return r;
}

int jw_crontabs_read_folder(const struct jw_crontabs *c, const char *folder, bool users)
{
	_cleanup_free_ char *full = NULL;
	char **names = NULL, path[JOBWARD_PATH_MAX];
	size_t n = 0;
	int r;

	if (asprintf(&full, "%s%s", c->reading->root, folder) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = jw_store_folder_names(full, &names, &n);
	if (r == -E2BIG)
		return jw_diag_add(&c->reading->diags, JW_DIAG_ERROR, folder, 0, 0,
				   "more than %u entries: not read", JW_STORE_ENTRIES_MAX);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < n && !r; i++) {
		if (!c->name_ok(c->ctx, names[i], users))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		/* crontab's own temporary file; the spool's other names wait for a user of that name */
		if (users && !getpwnam(names[i])) {
			if (strncmp(names[i], "tmp.", 4))
				r = add_unreadable(c, path, names[i], "there is no user of this name");
			continue;
		}
		r = jw_crontabs_read_table(c, path, users ? names[i] : NULL);
	}
	jw_store_names_free(names, n);
	return r;
}

int jw_crontabs_read_all(const struct jw_crontabs *c)
{
	int r = jw_crontabs_read_table(c, "/etc/crontab", NULL);

	if (!r)
		r = jw_crontabs_read_folder(c, "/etc/cron.d", false);
	if (!r)
		r = jw_crontabs_read_folder(c, JW_CRONTABS_SPOOL, true);
	return r;
}

/* ---- whose they are ---- */

static bool is_there(const char *root, const char *path)
{
	char full[JOBWARD_PATH_MAX];

	return snprintf(full, sizeof(full), "%s%s", root, path) < (int)sizeof(full) && access(full, F_OK) == 0;
}

/* As the kernel's run gate tells it: "crond", or "busybox crond", in the words that the task was started with. */
static bool is_crond(const char *args, size_t len)
{
	for (const char *word = args; word < args + len; word += strlen(word) + 1) {
		const char *slash = strrchr(word, '/');

		slash = slash ? slash + 1 : word + (*word == '-');
		if (strncmp(slash, "busybox", 7))
			return !strcmp(slash, "crond");
	}
	return false;
}

static bool runs_crond(const char *root, const char *pid)
{
	char path[JOBWARD_PATH_MAX], link[JOBWARD_PATH_MAX];
	_cleanup_free_ char *args = NULL;
	const char *base;
	size_t len;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/proc/%s/exe", root, pid) >= (int)sizeof(path))
		return false;
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = 0;
	base = strrchr(link, '/');
	if (!base || strncmp(base + 1, "busybox", 7))
		return false;
	snprintf(path, sizeof(path), "%s/proc/%.20s/cmdline", root, pid);
	return jw_store_file_read(path, false, 4096, &args, &len, NULL) == 0 && is_crond(args, len);
}

bool jw_crontabs_busybox_runs(const char *root)
{
	char path[JOBWARD_PATH_MAX], **names = NULL;
	size_t n = 0;
	bool runs = false;

	if (!is_there(root, "/bin/busybox") && !is_there(root, "/usr/bin/busybox"))
		return false;
	if (snprintf(path, sizeof(path), "%s/proc", root) >= (int)sizeof(path) ||
	    jw_store_folder_names(path, &names, &n) < 0)
		return false;
	for (size_t i = 0; i < n && !runs; i++)
		runs = isdigit((unsigned char)names[i][0]) && runs_crond(root, names[i]);
	jw_store_names_free(names, n);
	return runs;
}

enum jobward_scheduler jw_crontabs_reader(const char *root)
{
	static const struct { const char *path; enum jobward_scheduler scheduler; } readers[] = {
		{ "/usr/sbin/cron", JOBWARD_SCHEDULER_CRON },
		{ "/usr/sbin/crond", JOBWARD_SCHEDULER_CRONIE },
		{ "/usr/sbin/bcron-sched", JOBWARD_SCHEDULER_BCRON },
		{ "/usr/lib/systemd/system-generators/systemd-crontab-generator", JOBWARD_SCHEDULER_SYSTEMD },
		{ "/lib/systemd/system-generators/systemd-crontab-generator", JOBWARD_SCHEDULER_SYSTEMD },
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (is_there(root, readers[i].path) && !jw_image_is_busybox(root, readers[i].path))
			return readers[i].scheduler;
	return jw_crontabs_busybox_runs(root) ? JOBWARD_SCHEDULER_BUSYBOX : JOBWARD_SCHEDULER_CRON;
}

/* ---- environments ---- */

/*
 * The environments that a daemon may have been started with, as far as a key covers them: PATH. systemd's default search
 * path (exec-util.h, DEFAULT_PATH) with a merged and with a split /usr; cron's default, the one of Debian's
 * crontabs, and the one of its init scripts.
 */
static const char *const callers[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin",
	"PATH=/usr/bin:/bin",
	"PATH=/sbin:/usr/sbin:/bin:/usr/bin",
};

static bool has_path(const struct jw_exec *exec)
{
	for (char **e = exec->env; e && *e; e++)
		if (!strncmp(*e, "PATH=", 5))
			return true;
	return false;
}

static int copy_exec(struct jw_job *job, size_t at)
{
	struct jw_exec *copy = jw_job_add_exec(job);
	const struct jw_exec *from = &job->execs[at];

	if (!copy)
		return -ENOMEM;
	copy->argv = malloc(from->argv_len ? from->argv_len : 1);
	if (!copy->argv)
		return -ENOMEM;
	memcpy(copy->argv, from->argv, from->argv_len);
	copy->argv_len = from->argv_len;
	return from->env ? jw_exec_default_env(copy, from->env) : 0;
}

static int set_path(struct jw_exec *exec, const char *path)
{
	return jw_exec_default_env(exec, (char *const []){ (char *)path, NULL });
}

int jw_crontabs_add_daemon_paths(struct jw_job *job)
{
	const size_t n = sizeof(callers) / sizeof(callers[0]), execs = job->n_execs;
	int r = 0;

	for (size_t k = 0; k < execs && !r; k++) {
		if (has_path(&job->execs[k]))
			continue;
		for (size_t i = 1; i < n && !r; i++) {
			r = copy_exec(job, k);
			if (!r)
				r = set_path(&job->execs[job->n_execs - 1], callers[i]);
		}
		if (!r)
			r = set_path(&job->execs[k], callers[0]);
	}
	return r;
}
