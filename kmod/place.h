/* SPDX-License-Identifier: GPL-2.0 */
/* Where an act happens: the identity of an inode, the walk from a dentry up to the nearest object of the table, paths for records. */
#ifndef JOBWARD_PLACE_H
#define JOBWARD_PLACE_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/string.h>
#include "event.h"
#include "identity.h"

static inline void jw_place_identity(const struct inode *inode, struct jw_identity *id)
{
	id->ino = inode->i_ino;
	id->dev = inode->i_sb->s_dev;
	id->gen = inode->i_generation;
}

/* Context: atomic, @inode cannot go away. Return: the member or NULL. */
static __always_inline struct jw_identity_object *jw_place_find(const struct jw_identity_set *set,
								const struct inode *inode)
{
	struct jw_identity id;

	if (likely(!jw_identity_maybe(set, inode->i_ino)))
		return NULL;
	jw_place_identity(inode, &id);
	return jw_identity_find(set, &id);
}

/**
 * jw_place_object() - numbers of an inode for a record
 * @inode: NULL for what is not there yet
 * @object: out; path stays
 *
 * Context: atomic.
 */
static inline void jw_place_object(const struct inode *inode, struct jw_object *object)
{
	if (!inode)
		return;
	object->dev = inode->i_sb->s_dev;
	object->ino = inode->i_ino;
	object->gen = inode->i_generation;
	object->mode = inode->i_mode;
	object->uid = from_kuid(&init_user_ns, inode->i_uid);
	object->size = i_size_read(inode);
}

/**
 * jw_place_path() - absolute path of a dentry below an object of the table
 * @set: the table's objects
 * @object: the member at or above @dentry; its path is the beginning
 * @depth: how many parents above @dentry it lies
 * @dentry: what the act is about
 * @buf: out
 * @len: its size
 *
 * The hooks of directories have no mount, so d_path() cannot serve: the last @depth names of the path in the file system go
 * behind the path under which the auditor gave the object.
 *
 * Context: atomic. Return: path in @buf or NULL.
 */
static inline char *jw_place_path(const struct jw_identity_set *set, const struct jw_identity_object *object,
				  unsigned int depth, struct dentry *dentry, char *buf, int len)
{
	const char *base = jw_identity_path(set, object);
	char *path = dentry_path_raw(dentry, buf, len), *tail;
	size_t n;

	if (IS_ERR(path))
		return NULL;
	if (!base)
		return path;
	for (tail = path + strlen(path); depth; depth--) {
		while (tail > path && *--tail != '/')
			;
	}
	n = strlen(base);
	if (n == 1 && *base == '/')
		n = 0;
	if (tail - buf < (ptrdiff_t)n)
		return path;
	memcpy(tail - n, base, n);
	return *tail || n ? tail - n : path;
}

#endif
