// SPDX-License-Identifier: GPL-2.0
/*
 * Debian's cron (Vixie 3.0pl1): /etc/crontab, /etc/cron.d and the users' tables. It execs {SHELL, "-c", COMMAND}; the
 * environment is PAM's, the table's assignments over it, then defaults for what is missing (do_command.c,
 * child_process).
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "crontabs.h"
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
	enum jw_cron_flavour flavour;
	char **env;		/* PAM's and the defaults */
	bool lsb;		/* cron -l: longer names in cron.d */
};

/* What cron checks before it reads a table (database.c, process_crontab). */
static const char *refused(const struct stat *st, const struct passwd *user)
{
	if (user && (st->st_mode & 07777) != 0600)
		return "its mode is not 0600";
	if (!user && (st->st_mode & 022))
		return "others than its owner may write to it";
	if (st->st_uid != 0 && !(user && st->st_uid == user->pw_uid))
		return "it belongs to somebody else";
	if (st->st_nlink != 1)
		return "it has more than one hard link";
	return NULL;
}

static bool name_ok(void *ctx, const char *name, bool users)
{
	const struct cron *cron = ctx;

	return users ? name[0] != '.' : jw_cron_d_name_ok(name, cron->lsb);
}

static int parse(void *ctx, const char *text, size_t len, const char *path, const char *owner, struct jw_parse_out *out)
{
	const struct cron *cron = ctx;
	const struct jw_crontab_opts opts = {
		.path = path, .flavour = cron->flavour, .owner = owner, .user_exists = jw_crontabs_user_exists,
	};

	return jw_parse_crontab(text, len, &opts, out);
}

static int add_env(void *ctx, struct jw_job *job, const char *owner)
{
	const struct cron *cron = ctx;
	int r = 0;

	for (size_t k = 0; k < job->n_execs && !r; k++)
		r = jw_exec_default_env(&job->execs[k], cron->env);
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
	struct cron cron = { .flavour = reading->cron_flavour, .lsb = has_lsb_names(reading->root) };
	const struct jw_crontabs tables = {
		.reading = reading, .scheduler = JOBWARD_SCHEDULER_CRON, .reader = "cron", .refused = refused,
		.name_ok = name_ok, .parse = parse, .add_env = add_env, .ctx = &cron,
	};
	bool has_path = false;
	int r;

	if (jw_crontabs_reader(reading->root) != JOBWARD_SCHEDULER_CRON)
		return 0;
	r = jw_pam_env(reading->root, "cron", &cron.env, &reading->diags);
	for (char **e = cron.env; e && *e; e++)
		has_path |= !strncmp(*e, "PATH=", 5);
	if (!r && !has_path)
		r = jw_env_set(&cron.env, default_path);
	if (!r)
		r = jw_crontabs_read_all(&tables);
	jw_env_free(cron.env);
	return r;
}

const struct jw_scheduler jw_scheduler_cron = {
	.id = JOBWARD_SCHEDULER_CRON, .images = images, .helpers = helpers, .stores = stores, .writers = writers,
	.inputs = inputs, .read = read_cron,
};
