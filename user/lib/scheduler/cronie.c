// SPDX-License-Identifier: GPL-2.0
/*
 * cronie, as Debian packages it: the places of Debian's cron, another crond. It execs {SHELL, "-c", COMMAND}; the
 * environment is PAM's, then the table's assignments over it, PATH among them: where the table sets none it is crond's
 * own default and never PAM's (entry.c, load_entry). Root's jobs of system tables have no PAM session (security.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "crontabs.h"
#include "pam_env.h"
#include "table.h"

/*
 * pathnames.h. With crond -P it is what crond was started with; those jobs are then not recognised, and do not run.
 */
static const char default_path[] = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";

static const struct jw_image_row images[] = { { "/usr/sbin/crond", 0 }, { NULL } };
static const char *const helpers[] = { "/usr/sbin/unix_chkpwd", "/sbin/unix_chkpwd", "/usr/sbin/sendmail", NULL };
/* crontab, cron.d and the spool stand in cron's row, whoever reads them */
static const struct jw_store_row stores[] = { { "/etc/default/cronie", JW_CLASS_CRON }, { NULL } };
static const struct jw_writer_row writers[] = {
	{ "/usr/bin/crontab", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ NULL }
};
static const char *const inputs[] = { "/usr/sbin/crond", "/etc/pam.d/cronie", NULL };

/* database.c, check_open(). crond -p, which drops all this, only lets more tables run than are said to. */
static const char *refused(const struct stat *st, const struct passwd *user)
{
	if ((st->st_mode & 07533) != 0400)
		return "its mode lets others write, or anybody execute";
	if (st->st_uid != 0 && !(user && st->st_uid == user->pw_uid))
		return "it belongs to somebody else";
	if (user && st->st_nlink != 1)
		return "it has more than one hard link";
	return NULL;
}

static bool name_ok(void *ctx, const char *name, bool users)
{
	return jw_cronie_name_ok(name);
}

static int parse(void *ctx, const char *text, size_t len, const char *path, const char *owner, struct jw_parse_out *out)
{
	const struct jw_crontab_opts opts = { .path = path, .flavour = JW_CRON_CRONIE, .owner = owner };

	return jw_parse_crontab(text, len, &opts, out);
}

static int add_env(void *ctx, struct jw_job *job, const char *owner)
{
	char *const path[] = { (char *)default_path, NULL }, **pam = ctx;
	int r = 0;

	for (size_t k = 0; k < job->n_execs && !r; k++) {
		r = jw_exec_default_env(&job->execs[k], path);
		if (!r && (owner || job->uid != 0))
			r = jw_exec_default_env(&job->execs[k], (char *const *)pam);
	}
	return r;
}

static int read_cronie(struct jw_reading *reading)
{
	struct jw_crontabs tables = {
		.reading = reading, .scheduler = JOBWARD_SCHEDULER_CRONIE, .reader = "cronie", .follows_links = true,
		.refused = refused, .name_ok = name_ok, .parse = parse, .add_env = add_env,
	};
	char **pam = NULL;
	int r;

	if (jw_crontabs_reader(reading->root) != JOBWARD_SCHEDULER_CRONIE)
		return 0;
	r = jw_pam_env(reading->root, "cronie", &pam, &reading->diags);
	tables.ctx = pam;
	if (!r)
		r = jw_crontabs_read_all(&tables);
	jw_env_free(pam);
	return r;
}

const struct jw_scheduler jw_scheduler_cronie = {
	.id = JOBWARD_SCHEDULER_CRONIE, .images = images, .helpers = helpers, .stores = stores, .writers = writers,
	.inputs = inputs, .read = read_cronie,
};
