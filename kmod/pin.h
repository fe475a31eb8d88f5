/* SPDX-License-Identifier: GPL-2.0 */
/* Content: digests of files, and whether what an approval covers is still what was approved. */
#ifndef JOBWARD_PIN_H
#define JOBWARD_PIN_H

#include <linux/fs.h>
#include "verdict.h"

/**
 * jw_pin_digest() - SHA-256 of a file's content
 * @file: open for reading; its position is not used
 * @digest: out
 * @head: gets the first bytes, or NULL
 * @head_len: in: its size; out: bytes filled
 *
 * Context: may sleep. Return: 0, -EFBIG, or the errno of reading.
 */
int jw_pin_digest(struct file *file, u8 digest[JOBWARD_DIGEST_SIZE], char *head, u32 *head_len);

/**
 * jw_pin_check() - do all pins of a verdict hold?
 * @table: a reference is held
 * @verdict: of it
 *
 * A pin holds when its path leads to the inode that the auditor read and that has not changed since, or else to the same content.
 * One that only the package manager replaced holds too: the auditor will read it anew.
 *
 * Context: may sleep. Return: NULL when all hold, else the path of the first that does not.
 */
const char *jw_pin_check(struct jw_table *table, const struct jw_verdict *verdict);

/**
 * jw_pin_below_opened() - somebody opened a block device for writing
 *
 * What is written below a mounted file system changes a file without a new ctime, once memory's copy of it is dropped: from now on,
 * until unload, only content makes a pin hold. Which device does not matter, since one may lie on another (loop, device mapper).
 *
 * Context: any, atomic too.
 */
void jw_pin_below_opened(void);

/** jw_pin_init() - credentials for reading. Context: load. Return: 0 or -ENOMEM. */
int jw_pin_init(void);
void jw_pin_exit(void);

#endif
