// SPDX-License-Identifier: GPL-2.0
/*
 * Debian's cron (Vixie 3.0pl1): /etc/crontab, /etc/cron.d and the users' tables. It execs {SHELL, "-c", COMMAND}; the
 * environment is PAM's, the table's assignments over it, then defaults for what is missing (do_command.c,
 * child_process).
 */
#include <errno.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "pam_env.h"
#include "store_file.h"
#include "table.h"

/* do_command.c: _PATH_DEFPATH of glibc's <paths.h>, for jobs whose table and PAM set none */
static const char default_path[] = "PATH=/usr/bin:/bin";

static const struct jw_image_row images[] = { { "/usr/sbin/cron", 0 }, { NULL } };
/* PAM's helper between fork and job, and the mailer after it: neither is a job */
static const char *const helpers[] = { "/usr/sbin/unix_chkpwd", "/sbin/unix_chkpwd", "/usr/sbin/sendmail", NULL };
static const struct jw_store_row stores[] = {
	{ "/etc/crontab", JW_CLASS_CRON },
	{ "/etc/cron.d", JW_CLASS_CRON },
	{ "/etc/cron.allow", JW_CLASS_CRON },
	{ "/etc/cron.deny", JW_CLASS_CRON },
	{ "/etc/default/cron", JW_CLASS_CRON },
	{ "/var/spool/cron/crontabs", JW_CLASS_CRON_USER },
	{ NULL }
};
static const struct jw_writer_row writers[] = {
	{ "/usr/bin/crontab", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ "/usr/sbin/cron", JW_CLASS_BIT(JW_CLASS_CRON) | JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ NULL }
};
static const char *const inputs[] = {
	"/etc/pam.d/cron", "/etc/environment", "/etc/default/locale", "/etc/security/pam_env.conf", "/etc/passwd", NULL
};

struct cron {
	struct jw_reading *reading;
	char **env;		/* PAM's and the defaults */
	bool lsb;		/* cron -l: longer names in cron.d */
};

static bool user_exists(void *ctx, const char *name)
{
	return getpwnam(name);
}

/* What cron checks before it reads a table (database.c, process_crontab). Return: NULL, or why it refuses; static. */
static const char *refused(const struct stat *st, const struct passwd *user)
{
	if (user && (st->st_mode & 07777) != 0600)
		return "cron refuses this table: its mode is not 0600";
	if (!user && (st->st_mode & 022))
		return "cron refuses this table: others than its owner may write to it";
	if (st->st_uid != 0 && !(user && st->st_uid == user->pw_uid))
		return "cron refuses this table: it belongs to somebody else";
	if (st->st_nlink != 1)
		return "cron refuses this table: it has more than one hard link";
	return NULL;
}

static int finish_jobs(struct cron *cron, struct jw_parse_out *out, const char *path, const struct stat *st,
		       const struct passwd *user, const char *text, size_t len)
{
	const char *why = refused(st, user);
	int r = 0;

	for (size_t i = 0; i < out->jobs.n && !r; i++) {
		struct jw_job *job = &out->jobs.v[i];

		job->scheduler = JOBWARD_SCHEDULER_CRON;
		jw_job_resolve_owner(job);
		for (size_t k = 0; k < job->n_execs && !r; k++)
			r = jw_exec_default_env(&job->execs[k], cron->env);
		if (!r && why)
			r = jw_job_refuse(job, "%s", why);
		if (!r)
			r = jw_job_add_provenance(cron->reading, job, true, path, text, len);
	}
	if (!r)
		r = jw_jobs_move(&cron->reading->jobs, &out->jobs);
	if (!r)
		r = jw_diags_move(&cron->reading->diags, &out->diags);
	return r;
}

/* A table that can't be read is still a line of the inventory: it must not hide. */
static int add_unreadable(struct cron *cron, const char *path, const char *owner, const char *why)
{
	struct jw_job *job = jw_jobs_add(&cron->reading->jobs);

	if (!job)
		return -ENOMEM;
	job->scheduler = JOBWARD_SCHEDULER_CRON;
	job->path = strdup(path);
	job->owner = strdup(owner ? owner : "root");
	job->command = strdup("");
	job->schedule = strdup("");
	if (!job->path || !job->owner || !job->command || !job->schedule)
		return -ENOMEM;
	jw_job_resolve_owner(job);
	return jw_job_refuse(job, "%s", why);
}

static int read_table(struct cron *cron, const char *path, const char *owner)
{
	struct jw_crontab_opts opts = {
		.path = path, .flavour = cron->reading->cron_flavour, .owner = owner, .user_exists = user_exists,
	};
	const struct passwd *user = owner ? getpwnam(owner) : NULL;
	struct jw_parse_out out = { 0 };
	_cleanup_free_ char *text = NULL, *full = NULL;
	struct stat st;
	size_t len = 0;
	int r;

	if (asprintf(&full, "%s%s", cron->reading->root, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	/* users' tables are opened with O_NOFOLLOW, the system's may be links */
	r = jw_store_file_read(full, !owner, JW_STORE_FILE_MAX, &text, &len, &st);
	if (r == -ENOENT)
		return 0;
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return add_unreadable(cron, path, owner, r == -ENOTSUP ? "not a regular file" :
				      r == -ELOOP ? "a symbolic link, which cron does not follow here" :
				      r == -EFBIG ? "too large to be a table" : strerror(-r));
	r = jw_parse_crontab(text, len, &opts, &out);
	if (!r)
		r = finish_jobs(cron, &out, path, &st, user, text, len);
	jw_parse_out_done(&out);
	return r;
}

static int read_folder(struct cron *cron, const char *folder, bool users)
{
	_cleanup_free_ char *full = NULL;
	char **names = NULL, path[JOBWARD_PATH_MAX];
	size_t n = 0;
	int r;

	if (asprintf(&full, "%s%s", cron->reading->root, folder) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = jw_store_folder_names(full, &names, &n);
	if (r == -E2BIG)
		return jw_diag_add(&cron->reading->diags, JW_DIAG_ERROR, folder, 0, 0,
				   "more than %u entries: not read", JW_STORE_ENTRIES_MAX);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < n && !r; i++) {
		if (users ? names[i][0] == '.' : !jw_cron_d_name_ok(names[i], cron->lsb))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		/* crontab's own temporary file; the spool's other names wait for a user of that name (database.c) */
		if (users && (!getpwnam(names[i]))) {
			if (!strncmp(names[i], "tmp.", 4))
				continue;
			r = add_unreadable(cron, path, names[i], "there is no user of this name");
			continue;
		}
		r = read_table(cron, path, users ? names[i] : NULL);
	}
	jw_store_names_free(names, n);
	return r;
}

/* EXTRA_OPTS="-l" in /etc/default/cron, which cron.service and the init script hand to cron. */
static bool has_lsb_names(const char *root)
{
	_cleanup_free_ char *text = NULL, *path = NULL;
	char *line, *save = NULL;
	size_t len;
	bool lsb = false;

	if (asprintf(&path, "%s/etc/default/cron", root) < 0) {
		path = NULL;
		return false;
	}
	if (jw_store_file_read(path, true, 64 << 10, &text, &len, NULL) < 0)
		return false;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t");
		if (!strncmp(line, "EXTRA_OPTS=", 11))
			lsb = !fnmatch("*-l*", line + 11, 0);
	}
	return lsb;
}

static int read_cron(struct jw_reading *reading)
{
	struct cron cron = { .reading = reading, .lsb = has_lsb_names(reading->root) };
	bool has_path = false;
	int r = jw_pam_env(reading->root, "cron", &cron.env, &reading->diags);

	for (char **e = cron.env; e && *e; e++)
		has_path |= !strncmp(*e, "PATH=", 5);
	if (!r && !has_path)
		r = jw_env_set(&cron.env, default_path);
	if (!r)
		r = read_table(&cron, "/etc/crontab", NULL);
	if (!r)
		r = read_folder(&cron, "/etc/cron.d", false);
	if (!r)
		r = read_folder(&cron, "/var/spool/cron/crontabs", true);
	jw_env_free(cron.env);
	return r;
}

const struct jw_scheduler jw_scheduler_cron = {
	.id = JOBWARD_SCHEDULER_CRON, .images = images, .helpers = helpers, .stores = stores, .writers = writers,
	.inputs = inputs, .read = read_cron,
};
