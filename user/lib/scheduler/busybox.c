// SPDX-License-Identifier: GPL-2.0
/*
 * busybox crond: the users' tables alone, root's among them. It execs {SHELL, "-c", COMMAND} with its own environment;
 * SHELL is the table's, or the one that crond was started with, or that of its own user (crond.c, fork_job).
 *
 * One inode is crond and the shell, so the gate asks for more than the image (JOBWARD_IMAGE_CROND), and busybox is no
 * writer: each of its shells would be one. Its crontab applet is refused in enforce; `jobward edit` is the way.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "crontabs.h"
#include "table.h"

static const struct jw_image_row images[] = {
	{ "/usr/bin/busybox", JOBWARD_IMAGE_CROND }, { "/bin/busybox", JOBWARD_IMAGE_CROND }, { NULL }
};
/* The spool stands in cron's row. Alpine's is a link to this. */
static const struct jw_store_row stores[] = { { "/etc/crontabs", JW_CLASS_CRON_USER }, { NULL } };
/* written when crond starts: no package tells that it does */
static const char *const inputs[] = { "/run/crond.pid", NULL };

static const char *refused(const struct stat *st, const struct passwd *user)
{
	return st->st_uid ? "it does not belong to root" : NULL;
}

static bool name_ok(void *ctx, const char *name, bool users)
{
	return !strchr(name, '.') && getpwnam(name);
}

static int parse(void *ctx, const char *text, size_t len, const char *path, const char *owner, struct jw_parse_out *out)
{
	const struct passwd *root = getpwuid(0);
	const char *own = root && root->pw_shell && *root->pw_shell ? root->pw_shell : "/bin/sh";
	const char *const shells[] = { own, strcmp(own, "/bin/sh") ? "/bin/sh" : NULL, NULL };
	const struct jw_busybox_opts opts = { .path = path, .owner = owner, .shells = shells };

	return jw_parse_busybox_crontab(text, len, &opts, out);
}

static int add_env(void *ctx, struct jw_job *job, const char *owner)
{
	return jw_crontabs_add_daemon_paths(job);
}

static int read_busybox(struct jw_reading *reading)
{
	const struct jw_crontabs tables = {
		.reading = reading, .scheduler = JOBWARD_SCHEDULER_BUSYBOX, .reader = "busybox", .follows_links = true,
		.refused = refused, .name_ok = name_ok, .parse = parse, .add_env = add_env,
	};

	/* beside whatever cron there is: both run the users' tables then */
	if (!jw_crontabs_busybox_runs(reading->root))
		return 0;
	return jw_crontabs_read_folder(&tables, JW_CRONTABS_SPOOL, true);
}

const struct jw_scheduler jw_scheduler_busybox = {
	.id = JOBWARD_SCHEDULER_BUSYBOX, .images = images, .stores = stores, .inputs = inputs, .read = read_busybox,
};
