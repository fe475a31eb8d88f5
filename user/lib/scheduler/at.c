// SPDX-License-Identifier: GPL-2.0
/*
 * Debian's at: one file a job in the spool; atd execs {"sh"} with the file as standard input and an empty environment.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "store_file.h"
#include "table.h"

static const char spool[] = "/var/spool/cron/atjobs";

static const struct jw_image_row images[] = { { "/usr/sbin/atd", JOBWARD_IMAGE_STDIN }, { NULL } };
/* atd's middle process execs the mailer itself after the job (atd.c, run_file) */
static const char *const helpers[] = { "/usr/sbin/unix_chkpwd", "/sbin/unix_chkpwd", "/usr/sbin/sendmail", NULL };
static const struct jw_store_row stores[] = {
	{ "/var/spool/cron/atjobs", JW_CLASS_AT },
	{ "/etc/at.allow", JW_CLASS_AT },
	{ "/etc/at.deny", JW_CLASS_AT },
	{ NULL }
};
/*
 * atrm and atq are links to at; batch is a script that execs at. find: ExecStartPre of atd.service clears stale locks
 */
static const struct jw_writer_row writers[] = {
	{ "/usr/bin/at", JW_CLASS_BIT(JW_CLASS_AT), false },
	{ "/usr/sbin/atd", JW_CLASS_BIT(JW_CLASS_AT), false },
	{ NULL }
};

static int read_job(struct jw_reading *reading, const char *name)
{
	char path[JOBWARD_PATH_MAX];
	_cleanup_free_ char *text = NULL, *full = NULL, *owner = NULL;
	struct jw_at_opts opts = { .path = path };
	struct jw_parse_out out = { 0 };
	struct passwd *pw;
	struct stat st;
	int64_t run_at;
	char queue;
	size_t len;
	int r;

	if (!jw_at_name_parse(name, &run_at, &queue))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", spool, name);
	if (asprintf(&full, "%s%s", reading->root, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = jw_store_file_read(full, false, JW_STORE_FILE_MAX, &text, &len, &st);
	if (r < 0)
		return r == -ENOMEM ? r : r == -ENOENT ? 0 :
			jw_diag_add(&reading->diags, JW_DIAG_WARNING, path, 0, 0, "can't be read: %s", strerror(-r));
	pw = getpwuid(st.st_uid);
	owner = pw ? strdup(pw->pw_name) : NULL;
	opts.mode = st.st_mode;
	opts.uid = st.st_uid;
	opts.nlink = st.st_nlink;
	opts.owner = owner;
	r = jw_parse_at(text, len, &opts, &out);
	for (size_t i = 0; i < out.jobs.n; i++) {
		out.jobs.v[i].scheduler = JOBWARD_SCHEDULER_AT;
		out.jobs.v[i].uid = st.st_uid;
		out.jobs.v[i].next_run_ns = run_at * INT64_C(1000000000);
	}
	if (!r)
		r = jw_jobs_move(&reading->jobs, &out.jobs);
	if (!r)
		r = jw_diags_move(&reading->diags, &out.diags);
	jw_parse_out_done(&out);
	return r;
}

static int read_at(struct jw_reading *reading)
{
	_cleanup_free_ char *full = NULL;
	char **names = NULL;
	size_t n = 0;
	int r;

	if (asprintf(&full, "%s%s", reading->root, spool) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = jw_store_folder_names(full, &names, &n);
	if (r == -E2BIG)
		return jw_diag_add(&reading->diags, JW_DIAG_ERROR, spool, 0, 0,
				   "more than %u entries: not read", JW_STORE_ENTRIES_MAX);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < n && !r; i++)
		r = read_job(reading, names[i]);
	jw_store_names_free(names, n);
	return r;
}

const struct jw_scheduler jw_scheduler_at = {
	.id = JOBWARD_SCHEDULER_AT,
	.images = images,
	.helpers = helpers,
	.stores = stores,
	.writers = writers,
	.read = read_at,
};
