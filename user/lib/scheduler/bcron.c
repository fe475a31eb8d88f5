// SPDX-License-Identifier: GPL-2.0
/*
 * bcron. bcron-update copies /etc/crontab and /etc/cron.d into the spool under names like ":etc:cron.d:x"; bcron-sched
 * reads the spool alone and tells bcron-exec, which execs {SHELL, "-c", COMMAND} without PAM, PATH being its own unless
 * the table sets one (bcron-exec.c, start_slot).
 *
 * A copy that is the same as its original is not listed: the original is. One that differs, or has none, is what will
 * run, and stands in the inventory by its own name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "crontabs.h"
#include "store_file.h"
#include "table.h"

static const struct jw_image_row images[] = { { "/usr/sbin/bcron-exec", 0 }, { NULL } };
static const char *const helpers[] = { "/usr/sbin/sendmail", NULL };
/* crontab, cron.d and the spool stand in cron's row */
static const struct jw_writer_row writers[] = {
	/* crontab is a link to bcrontab, which hands the table to bcron-spool */
	{ "/usr/sbin/bcron-spool", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ "/usr/sbin/bcron-update", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ NULL }
};
static const char *const inputs[] = { "/usr/sbin/bcron-sched", NULL };

static const char *refused(const struct stat *st, const struct passwd *user)
{
	return NULL;
}

static bool name_ok(void *ctx, const char *name, bool users)
{
	return name[0] != '.' && !(users && name[0] == ':');
}

static int parse(void *ctx, const char *text, size_t len, const char *path, const char *owner, struct jw_parse_out *out)
{
	const struct jw_crontab_opts opts = { .path = path, .owner = owner, .user_exists = jw_crontabs_user_exists };

	return jw_parse_bcrontab(text, len, &opts, out);
}

static int add_env(void *ctx, struct jw_job *job, const char *owner)
{
	return jw_crontabs_add_daemon_paths(job);
}

/* ":etc:cron.d:x" and "/etc/cron.d/x" have the same bytes. */
static bool is_copy(const char *root, const char *name)
{
	char copy[JOBWARD_PATH_MAX], original[JOBWARD_PATH_MAX];
	_cleanup_free_ char *a = NULL, *b = NULL;
	size_t n, m;

	if (snprintf(copy, sizeof(copy), "%s" JW_CRONTABS_SPOOL "/%s", root, name) >= (int)sizeof(copy) ||
	    snprintf(original, sizeof(original), "%s%s", root, name) >= (int)sizeof(original))
		return false;
	for (char *p = original + strlen(root); *p; p++)
		if (*p == ':')
			*p = '/';
	return strstr(original, "/../") == NULL && jw_store_file_read(copy, true, JW_STORE_FILE_MAX, &a, &n, NULL) == 0 &&
	       jw_store_file_read(original, true, JW_STORE_FILE_MAX, &b, &m, NULL) == 0 && n == m && !memcmp(a, b, n);
}

static int read_strange_copies(const struct jw_crontabs *tables)
{
	char full[JOBWARD_PATH_MAX], path[JOBWARD_PATH_MAX], **names = NULL;
	size_t n = 0;
	int r = 0;

	if (snprintf(full, sizeof(full), "%s" JW_CRONTABS_SPOOL, tables->reading->root) >= (int)sizeof(full) ||
	    jw_store_folder_names(full, &names, &n) < 0)
		return 0;
	for (size_t i = 0; i < n && !r; i++) {
		if (names[i][0] != ':' || is_copy(tables->reading->root, names[i]))
			continue;
		snprintf(path, sizeof(path), JW_CRONTABS_SPOOL "/%s", names[i]);
		r = jw_crontabs_read_table(tables, path, NULL);
	}
	jw_store_names_free(names, n);
	return r;
}

static int read_bcron(struct jw_reading *reading)
{
	const struct jw_crontabs tables = {
		.reading = reading, .scheduler = JOBWARD_SCHEDULER_BCRON, .reader = "bcron", .follows_links = true,
		.refused = refused, .name_ok = name_ok, .parse = parse, .add_env = add_env,
	};
	int r;

	if (jw_crontabs_reader(reading->root) != JOBWARD_SCHEDULER_BCRON)
		return 0;
	r = jw_crontabs_read_all(&tables);
	return r ? r : read_strange_copies(&tables);
}

const struct jw_scheduler jw_scheduler_bcron = {
	.id = JOBWARD_SCHEDULER_BCRON, .images = images, .helpers = helpers, .writers = writers,
	.inputs = inputs, .read = read_bcron,
};
