// SPDX-License-Identifier: GPL-2.0
/*
 * systemd-cron has no daemon: its generator makes a timer and a service of each line of a table, and cron-update.path
 * has the manager reload when a table changes. What runs are systemd's jobs, read in systemd.c; the tables are guarded
 * by cron's row. Here stands who else may write them, and what tells that the package came or went.
 */
#include <stddef.h>
#include "table.h"

static const struct jw_writer_row writers[] = {
	{ "/usr/bin/crontab", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	/* set-gid, for those who are not root */
	{ "/usr/libexec/systemd-cron/crontab_setgid", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ "/usr/lib/systemd-cron/crontab_setgid", JW_CLASS_BIT(JW_CLASS_CRON_USER), false },
	{ NULL }
};
static const char *const inputs[] = { "/usr/lib/systemd/system-generators/systemd-crontab-generator", NULL };

static int read_none(struct jw_reading *reading)
{
	return 0;
}

const struct jw_scheduler jw_scheduler_systemd_cron = {
	.id = JOBWARD_SCHEDULER_SYSTEMD, .writers = writers, .inputs = inputs, .read = read_none,
};
