/* SPDX-License-Identifier: GPL-2.0 */
/* Snapshot of who acts: credentials, image, arguments, terminal, cgroup, ancestors. */
#ifndef JOBWARD_SUBJECT_H
#define JOBWARD_SUBJECT_H

#include <linux/sched.h>
#include "event.h"
#include "identity.h"

/* How many ancestors an act of routine is recorded with: an approved job's are its scheduler and what started that. */
#define JW_SUBJECT_FEW 2

/* A snapshot with the memory of its strings. */
struct jw_subject_snapshot {
	struct jw_subject subject;
	u32 used, room;		/* of strings */
	char comm[JOBWARD_ANCESTORS_MAX + 1][TASK_COMM_LEN];
	char strings[];
};

/**
 * jw_subject_take() - looks at the current task
 * @ancestors: how many at most
 * @may_sleep: the caller may sleep: arguments that are not in memory are paged in; else what is not there is left out
 *
 * Context: process; atomic unless @may_sleep.
 * Return: the snapshot, for jw_subject_free(); NULL when out of memory, then jw_subject_minimal() serves.
 */
struct jw_subject_snapshot *jw_subject_take(unsigned int ancestors, bool may_sleep);
void jw_subject_free(struct jw_subject_snapshot *snapshot);

/** jw_subject_minimal() - numbers only, without memory of its own. Context: process, atomic. */
void jw_subject_minimal(struct jw_subject *subject);

/**
 * jw_subject_image() - identity of a task's image
 * @task: current, or another one that cannot go away meanwhile
 * @id: out
 *
 * Names prove nothing: /tmp/cron is not cron.
 * Context: atomic. Return: false for a kernel thread or a task that is exiting.
 */
bool jw_subject_image(struct task_struct *task, struct jw_identity *id);

/** jw_subject_image_file() - its file. Context: atomic. Return: a reference, or NULL as above. */
struct file *jw_subject_image_file(struct task_struct *task);

/** jw_subject_image_locked() - the same with the task's alloc_lock held. Context: atomic. Return: likewise. */
bool jw_subject_image_locked(struct task_struct *task, struct jw_identity *id);

/**
 * jw_subject_cgroup() - path of the current task's cgroup in the unified hierarchy
 * @buf: out
 * @len: its size
 *
 * Context: atomic. Return: length, or negative errno (-E2BIG: cut).
 */
int jw_subject_cgroup(char *buf, size_t len);

/**
 * jw_subject_unit() - the service unit that the current task's cgroup names
 * @unit: out, 256 bytes: the innermost cgroup whose name ends in .service
 * @user_manager: out: it lies below user@UID.service, a user manager's
 * @manager_uid: out: that UID, else 0
 *
 * Context: atomic. Return: false where no service is named.
 */
bool jw_subject_unit(char *unit, bool *user_manager, u32 *manager_uid);

#endif
