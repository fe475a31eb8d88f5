/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables of the cron family below a root: what Debian's cron, cronie, bcron and busybox have in common. The places are
 * the same for all of them, so at most one is taken for their reader: see jw_crontabs_reader().
 */
#ifndef JOBWARD_CRONTABS_H
#define JOBWARD_CRONTABS_H

#include <pwd.h>
#include <sys/stat.h>
#include "table.h"

#define JW_CRONTABS_SPOOL "/var/spool/cron/crontabs"

/* How one scheduler reads them. */
struct jw_crontabs {
	struct jw_reading *reading;
	enum jobward_scheduler scheduler;
	const char *reader;		/* as people call it */
	bool follows_links;		/* users' tables may be symbolic links; the system's always may */
	/* What it checks before it reads a table; @user NULL: a system table. Return: NULL, or why it refuses; static. */
	const char *(*refused)(const struct stat *st, const struct passwd *user);
	bool (*name_ok)(void *ctx, const char *name, bool users);
	/* The text into jobs; @owner NULL: a system table. Return: 0 or -ENOMEM. */
	int (*parse)(void *ctx, const char *text, size_t len, const char *path, const char *owner,
		     struct jw_parse_out *out);
	/* What the environment of the job's execs has beside the table's assignments. Return: 0 or -ENOMEM. */
	int (*add_env)(void *ctx, struct jw_job *job, const char *owner);
	void *ctx;
};

/* One table; what is not there is passed over. Return: 0 or -ENOMEM. */
int jw_crontabs_read_table(const struct jw_crontabs *c, const char *path, const char *owner);
/* Every table of a folder; @users: names are users. Return: 0 or -ENOMEM. */
int jw_crontabs_read_folder(const struct jw_crontabs *c, const char *folder, bool users);
/* /etc/crontab, /etc/cron.d and the users' tables. Return: 0 or -ENOMEM. */
int jw_crontabs_read_all(const struct jw_crontabs *c);
/* For parsers that ask whether a user exists. */
bool jw_crontabs_user_exists(void *ctx, const char *name);

/*
 * Whose daemon reads the tables on this host: of those whose programs are installed the first; Debian's cron when none
 * is, so that tables that lie in wait are listed. Its packages exclude each other, only busybox's crond comes beside
 * them: it counts where one runs. JOBWARD_SCHEDULER_SYSTEMD stands for systemd-cron, whose timers systemd's row reads.
 */
enum jobward_scheduler jw_crontabs_reader(const char *root);
/* Does a task of busybox run as crond? */
bool jw_crontabs_busybox_runs(const char *root);

/*
 * Adds one exec for each environment that a daemon started by systemd or an init script may have: its PATH, where the
 * job's execs set none. Return: 0 or -ENOMEM.
 */
int jw_crontabs_add_daemon_paths(struct jw_job *job);

#endif
