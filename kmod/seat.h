/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which programs may be the auditor once the module is locked: the one that was when it was locked, and the one that the package
 * manager has put in its place. A program is an inode and the digest of its content.
 */
#ifndef JOBWARD_SEAT_H
#define JOBWARD_SEAT_H

#include <linux/compiler.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include "identity.h"

extern unsigned int jw_seat_programs;	/* how many there are; 0 before the lock */

/**
 * jw_seat_keep() - the current task's program is the auditor's from now on
 *
 * Context: may sleep. Return: 0, or the errno of reading it.
 */
int jw_seat_keep(void);

/**
 * jw_seat_objection() - may the current task become the auditor of a locked module?
 *
 * Where there is no program yet (locked before an auditor ever came) the first that may sit down stays.
 * Context: may sleep. Return: NULL if it may, else why not.
 */
const char *jw_seat_objection(void);

/** jw_seat_meddled() - has somebody else his hands on the current task? Context: process, any. Return: NULL, or how. */
const char *jw_seat_meddled(void);

bool __jw_seat_has(const struct jw_identity *id);

/** jw_seat_has() - is this one of the programs? Context: any. */
static inline bool jw_seat_has(const struct jw_identity *id)
{
	return unlikely(READ_ONCE(jw_seat_programs)) && __jw_seat_has(id);
}

void __jw_seat_renamed(const struct inode *from, const struct inode *folder, const struct dentry *to);

/**
 * jw_seat_renamed() - a file is about to get a name
 * @from: the file
 * @folder: where
 * @to: the name; its folder is locked
 *
 * Where the name is that of the auditor's program, and the current task is the package manager or descends from it, the file is one of
 * the programs. Nothing else makes one.
 * Context: atomic; none of them can go away.
 */
static inline void jw_seat_renamed(const struct inode *from, const struct inode *folder, const struct dentry *to)
{
	if (unlikely(READ_ONCE(jw_seat_programs)))
		__jw_seat_renamed(from, folder, to);
}

#endif
