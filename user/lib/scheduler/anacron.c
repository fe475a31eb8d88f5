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
#include "crontabs.h"
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
		r = job->owner ? jw_crontabs_add_daemon_paths(job) : -ENOMEM;
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
