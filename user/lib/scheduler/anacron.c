// SPDX-License-Identifier: GPL-2.0
/*
 * Debian's anacron: /etc/anacrontab. It execs {"/bin/sh", "-c", COMMAND} with its own environment and the table's
 * assignments over it (runjob.c), so what it was started with counts: by anacron.service, by cron's own line, or from
 * cron.daily.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "store_file.h"
#include "table.h"

static const struct jw_image_row images[] = { { "/usr/sbin/anacron", 0 }, { NULL } };
static const char *const helpers[] = { "/usr/sbin/sendmail", NULL };
static const struct jw_store_row stores[] = {
	{ "/etc/anacrontab", JW_CLASS_ANACRON },
	{ "/etc/default/anacron", JW_CLASS_ANACRON },
	{ "/var/spool/anacron", JW_CLASS_ANACRON },	/* when jobs ran last: an old date runs one now */
	{ NULL }
};
static const struct jw_writer_row writers[] = {
	{ "/usr/sbin/anacron", JW_CLASS_BIT(JW_CLASS_ANACRON), false },
	{ NULL }
};

/*
 * The environments that anacron may have been started with, as far as a key covers them: PATH. systemd's default search
 * path (exec-util.h, DEFAULT_PATH) with a merged and with a split /usr; cron's default and the one of Debian's
 * crontabs.
 */
static const char *const callers[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin",
	"PATH=/usr/bin:/bin",
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

/* One exec for each caller where the table leaves PATH open. Debian's own table sets it. */
static int add_callers(struct jw_job *job)
{
	size_t n = sizeof(callers) / sizeof(callers[0]);
	int r = 0;

	if (!job->n_execs || has_path(&job->execs[0]))
		return 0;
	for (size_t i = 1; i < n && !r; i++)
		r = copy_exec(job, 0);
	for (size_t i = 0; i < n && !r; i++)
		r = jw_exec_default_env(&job->execs[i], (char *const []){ (char *)callers[i], NULL });
	return r;
}

static int read_anacron(struct jw_reading *reading)
{
	static const char path[] = "/etc/anacrontab";
	_cleanup_free_ char *text = NULL, *full = NULL;
	struct jw_parse_out out = { 0 };
	size_t len;
	int r;

	if (asprintf(&full, "%s%s", reading->root, path) < 0) {
		full = NULL;
		return -ENOMEM;
	}
	r = jw_store_file_read(full, true, JW_STORE_FILE_MAX, &text, &len, NULL);
	if (r == -ENOENT || r == -ENOMEM)
		return r == -ENOENT ? 0 : r;
	if (r < 0)
		return jw_diag_add(&reading->diags, JW_DIAG_ERROR, path, 0, 0, "can't be read: %s", strerror(-r));
	r = jw_parse_anacrontab(text, len, path, &out);
	for (size_t i = 0; i < out.jobs.n && !r; i++) {
		struct jw_job *job = &out.jobs.v[i];

		job->scheduler = JOBWARD_SCHEDULER_ANACRON;
		if (!job->owner)
			job->owner = strdup("root");
		job->uid = 0;
		r = job->owner ? add_callers(job) : -ENOMEM;
		if (!r)
			r = jw_job_add_provenance(reading, job, true, path, text, len);
	}
	if (!r)
		r = jw_jobs_move(&reading->jobs, &out.jobs);
	if (!r)
		r = jw_diags_move(&reading->diags, &out.diags);
	jw_parse_out_done(&out);
	return r;
}

const struct jw_scheduler jw_scheduler_anacron = {
	.id = JOBWARD_SCHEDULER_ANACRON, .images = images, .helpers = helpers, .stores = stores, .writers = writers,
	.read = read_anacron,
};
