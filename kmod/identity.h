/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of inodes. A member is known by device, inode number and generation, not by reference: nothing is pinned, a file system
 * can be unmounted, and a number that was given out again is told apart by its generation.
 */
#ifndef JOBWARD_IDENTITY_H
#define JOBWARD_IDENTITY_H

#include <linux/types.h>
#include <uapi/linux/jobward.h>

struct jw_identity {
	u64 ino;
	u32 dev, gen;
};

static inline bool jw_identity_same(const struct jw_identity *a, const struct jw_identity *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->gen == b->gen;
}

/* Marks that the gates leave on a member, for as long as the table stands. */
enum jw_object_mark {
	JW_MARK_PACKAGE,	/* changed or replaced by the package manager */
	JW_MARK_TOUCHED,	/* changed by anybody else */
};

struct jw_identity_object {
	struct jw_identity id;
	u32 roles;		/* JOBWARD_ROLE_* */
	u32 image;		/* JOBWARD_IMAGE_*; scheduler's images */
	u64 classes;
	u32 scheduler;
	u32 path;		/* offset in the set's strings; 0: none */
	unsigned long marks;	/* bits of enum jw_object_mark, set at any time by set_bit() */
};

/* Roles of a folder that speak of all that is below it. */
#define JW_IDENTITY_ABOVE (JOBWARD_ROLE_STORE | JOBWARD_ROLE_GUARD)

/*
 * Folders are looked up once a level of every path that is opened for writing: one load takes the low half of a number as the place of
 * its byte, so that a level costs the fewest instructions. Wrong guesses only cost a search.
 */
#define JW_ABOVE_CELLS 65536

struct jw_identity_set {
	struct jw_identity_object *objects;
	u32 n, room;
	u32 *slots;		/* open addressing; index + 1, 0: free */
	u32 slot_mask;
	/* A byte for each low part of an inode number: 0: no member has it. The fast way out. */
	u8 *filter;
	u8 *above;		/* JW_ABOVE_CELLS of them, for those that count for what lies below them, too */
	u32 filter_mask;
	char *strings;		/* offset 0 is "" */
	u32 strings_len, strings_room;
};

/**
 * jw_identity_add() - adds a member
 * @set: zero-initialised is empty; not yet sealed
 * @object: copied; one that is there already gets roles, classes and image added
 * @path: its absolute path or NULL
 *
 * Context: may sleep. Return: 0, -ENOMEM or -E2BIG.
 */
int jw_identity_add(struct jw_identity_set *set, const struct jw_identity_object *object, const char *path);

/**
 * jw_identity_seal() - builds the index; before, nothing is found
 * @set: the set, which must not change any more
 *
 * Members are joined here: of two with the same identity the first has the roles of both.
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int jw_identity_seal(struct jw_identity_set *set);

/** jw_identity_done() - frees what the set has. Context: may sleep. */
void jw_identity_done(struct jw_identity_set *set);

/** jw_identity_bytes() - memory of the set. Context: any. Return: bytes. */
size_t jw_identity_bytes(const struct jw_identity_set *set);

/** jw_identity_find() - the member with this identity. Context: any. Return: it or NULL. */
struct jw_identity_object *jw_identity_find(const struct jw_identity_set *set, const struct jw_identity *id);

/** jw_identity_maybe() - can an inode with this number be a member? Context: any, sealed. Return: false: surely not. */
static __always_inline bool jw_identity_maybe(const struct jw_identity_set *set, u64 ino)
{
	return set->filter[(u32)ino & set->filter_mask];
}

/** jw_identity_maybe_above() - the same for an inode above what is looked for. Context: any, sealed. Return: false: surely not. */
static __always_inline bool jw_identity_maybe_above(const struct jw_identity_set *set, u64 ino)
{
	return set->above[(u16)ino];
}

static inline const char *jw_identity_path(const struct jw_identity_set *set, const struct jw_identity_object *object)
{
	return object->path ? set->strings + object->path : NULL;
}

#endif
