/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The schedulers: one row each in table.c says which images start its jobs, where its stores lie, whose tools may write
 * there and which function reads them. Reading never blocks on what it finds: regular files only, of bounded size.
 */
#ifndef JOBWARD_SCHEDULER_TABLE_H
#define JOBWARD_SCHEDULER_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include "../diag.h"
#include "../job.h"
#include "../parse/parse.h"
#include "../provenance/provenance.h"

/*
 * Classes of stores: numbers of bits in the kernel's table and names in the policy. Order is of no meaning to the
 * kernel.
 */
enum jw_class {
	JW_CLASS_CRON,		/* crontab, cron.d, who may use crontab */
	JW_CLASS_CRON_USER,	/* the users' tables */
	JW_CLASS_RUN_PARTS,	/* cron.hourly and its like */
	JW_CLASS_ANACRON,
	JW_CLASS_AT,
	JW_CLASS_SYSTEMD,	/* units, drop-ins and generators of the system's manager */
	JW_CLASS_SYSTEMD_USER,	/* of the users' managers */
	JW_CLASS_JOBWARD,	/* policy and database */
	JW_CLASS_MAX
};
#define JW_CLASS_BIT(c) (UINT64_C(1) << (c))
#define JW_CLASSES_ALL (JW_CLASS_BIT(JW_CLASS_MAX) - 1)
#define JW_CLASSES_STORES (JW_CLASSES_ALL & ~JW_CLASS_BIT(JW_CLASS_JOBWARD))

/* Return: NULL when there is no such class. */
const char *jw_class_name(unsigned int class);
/* Return: -1 when there is none of this name. */
int jw_class_from_name(const char *name);

/* One path of a scheduler's row; lists end with a NULL path. What is not there is passed over. */
struct jw_image_row {
	const char *path;
	uint32_t flags;		/* JOBWARD_IMAGE_* */
};
/* Directories of JW_CLASS_RUN_PARTS are periodic ones. */
struct jw_store_row {
	const char *path;	/* may end in a star: every entry of the folder */
	enum jw_class class;
};
struct jw_writer_row {
	const char *path;	/* likewise */
	uint64_t classes;
	bool lineage;
};

/* A service unit that a manager knows: the gate must tell an ordinary one from one that a timer reaches. */
struct jw_unit {
	char *name;
	uid_t uid;		/* of the manager */
	enum jobward_unit_class class;
};
struct jw_units {
	struct jw_unit *v;
	size_t n;
};

struct jw_bus;
#define JW_SILENT_MAX 32

/* What one reading of all stores needs and gives. Zero-initialise, set the inputs. */
struct jw_reading {
	/* in */
	const char *root;			/* "" or a folder that stands for / */
	enum jw_cron_flavour cron_flavour;
	struct jw_provenance_db *provenance;	/* NULL: jobs get none */
	struct jw_bus *bus;			/* NULL: systemd is not asked */
	bool skip_systemd;			/* nothing of it changed: it is not asked this time */
	int64_t now_ns;
	/* out */
	struct jw_jobs jobs;
	struct jw_units units;
	struct jw_diags diags;
	/* managers of systemd that did not answer: what is known of them is kept */
	uid_t silent[JW_SILENT_MAX];
	size_t n_silent;
};
void jw_reading_done(struct jw_reading *reading);
/* Did the manager of this uid (0: the system's) not answer? */
bool jw_reading_is_silent(const struct jw_reading *reading, uid_t uid);

/* Is it one of systemd's generator folders, which its generators fill anew at each reload, or below one? */
bool jw_path_is_generated(const char *path);

struct jw_scheduler {
	enum jobward_scheduler id;
	const struct jw_image_row *images;
	const char *const *helpers;		/* executed by the scheduler for itself */
	const struct jw_store_row *stores;
	const struct jw_writer_row *writers;
	const char *const *inputs;		/* read beside the stores: a change asks for a new reading */
	/* Return: 0 or -ENOMEM; all else is a diagnosis. Called in the order of the table. */
	int (*read)(struct jw_reading *reading);
};

extern const struct jw_scheduler *const jw_schedulers[];
extern const size_t jw_n_schedulers;
/* Directories above the stores, and writers that belong to no single scheduler; NULL-terminated. */
extern const char *const jw_store_ancestors[];
extern const struct jw_writer_row jw_common_writers[];

/*
 * Is this file, whatever its name, busybox below @root? As crond it must not be taken for cronie's: all that busybox
 * executes would be jobs.
 */
bool jw_image_is_busybox(const char *root, const char *path);

/* Calls every row's read, then gives ids and keys. Return: 0 or -ENOMEM. */
int jw_schedulers_read(struct jw_reading *reading);
/*
 * Digest over names, inodes, sizes and times of everything below the stores and of the inputs: equal as long as nothing
 * was written. Cheap: no file is opened. Return: 0 or -ENOMEM.
 */
int jw_schedulers_signature(const char *root, uint8_t out[JW_DIGEST_SIZE]);

/* ---- for the rows ---- */

/* Adds a unit; doubles are removed by jw_units_unite(), which jw_schedulers_read() calls. */
int jw_units_add(struct jw_units *units, const char *name, uid_t uid, enum jobward_unit_class class);
void jw_units_done(struct jw_units *units);
/* Sorts and removes doubles; of two classes of one unit the timer's stays. */
void jw_units_unite(struct jw_units *units);
/* From job->owner; leaves (uid_t)-1 when nobody has the name. */
void jw_job_resolve_owner(struct jw_job *job);
/* Home directory; "/" when nobody has the uid. @out is always terminated. */
void jw_home_of(uid_t uid, char *out, size_t size);
/*
 * Judges @path (content given, or read when NULL) against the packages' records. The first file of a job sets its
 * provenance, each further one (@first false) can only take away from "package".
 */
int jw_job_add_provenance(struct jw_reading *reading, struct jw_job *job, bool first, const char *path,
			  const void *content, size_t len);
/* Appends copies of "NAME=VALUE" strings to exec->env unless the name is set there already. */
int jw_exec_default_env(struct jw_exec *exec, char *const *env);
/* Marks a job as one that the reader refuses; it can't be approved. The first cause stays. */
int jw_job_refuse(struct jw_job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

extern const struct jw_scheduler jw_scheduler_cron, jw_scheduler_cronie, jw_scheduler_bcron, jw_scheduler_busybox,
	jw_scheduler_anacron, jw_scheduler_run_parts, jw_scheduler_at, jw_scheduler_systemd, jw_scheduler_systemd_cron;

#endif
