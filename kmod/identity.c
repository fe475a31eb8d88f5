// SPDX-License-Identifier: GPL-2.0
/* See identity.h. Built once by the transaction, then only read; marks are single bits. */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "grow.h"
#include "identity.h"

#define STRINGS_MAX (64u << 20)
#define OBJECTS_MAX (4u << 20)

static u32 slot_of(const struct jw_identity_set *set, const struct jw_identity *id)
{
	return hash_64(id->ino ^ (u64)id->dev << 40 ^ id->gen, 32) & set->slot_mask;
}

static bool same(const struct jw_identity *a, const struct jw_identity *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->gen == b->gen;
}

int jw_identity_add(struct jw_identity_set *set, const struct jw_identity_object *object, const char *path)
{
	int err;

	if (set->n >= OBJECTS_MAX)
		return -E2BIG;
	err = jw_grow((void **)&set->objects, &set->room, set->n + 1, sizeof(*set->objects));
	if (err)
		return err;
	set->objects[set->n] = *object;
	set->objects[set->n].path = 0;
	set->objects[set->n].marks = 0;
	if (path && *path) {
		err = jw_grow_string(&set->strings, &set->strings_len, &set->strings_room, STRINGS_MAX, path,
				     &set->objects[set->n].path);
		if (err)
			return err;
	}
	set->n++;
	return 0;
}

static void join(struct jw_identity_object *to, const struct jw_identity_object *from)
{
	to->roles |= from->roles;
	to->classes |= from->classes;
	to->image |= from->image;
	if (!to->scheduler)
		to->scheduler = from->scheduler;
	if (!to->path)
		to->path = from->path;
}

int jw_identity_seal(struct jw_identity_set *set)
{
	u32 slots = roundup_pow_of_two(max(set->n, 8u) * 2);
	/* 16 to 32 a member keep wrong guesses at some 5 %. */
	u32 cells = roundup_pow_of_two(max(set->n * 16, 65536u));
	u32 i;

	/* Before anything can fail: jw_identity_bytes() counts what was allocated until then by these. */
	set->slot_mask = slots - 1;
	set->filter_mask = cells - 1;
	set->slots = kvcalloc(slots, sizeof(*set->slots), GFP_KERNEL);
	set->filter = kvcalloc(cells, 1, GFP_KERNEL);
	set->above = kvcalloc(JW_ABOVE_CELLS, 1, GFP_KERNEL);
	if (!set->slots || !set->filter || !set->above)
		return -ENOMEM;
	for (i = 0; i < set->n; i++) {
		struct jw_identity_object *object = &set->objects[i];
		u32 s = slot_of(set, &object->id);

		while (set->slots[s] && !same(&set->objects[set->slots[s] - 1].id, &object->id))
			s = (s + 1) & set->slot_mask;
		if (set->slots[s])
			join(&set->objects[set->slots[s] - 1], object);
		else
			set->slots[s] = i + 1;
		set->filter[(u32)object->id.ino & set->filter_mask] = 1;
		if (object->roles & JW_IDENTITY_ABOVE)
			set->above[(u16)object->id.ino] = 1;
	}
	return 0;
}

struct jw_identity_object *jw_identity_find(const struct jw_identity_set *set, const struct jw_identity *id)
{
	u32 s = slot_of(set, id);

	for (; set->slots[s]; s = (s + 1) & set->slot_mask) {
		struct jw_identity_object *object = &set->objects[set->slots[s] - 1];

		if (same(&object->id, id))
			return object;
	}
	return NULL;
}

size_t jw_identity_bytes(const struct jw_identity_set *set)
{
	size_t bytes = (size_t)set->room * sizeof(*set->objects) + set->strings_room;

	if (set->slots)
		bytes += ((size_t)set->slot_mask + 1) * sizeof(*set->slots);
	if (set->filter)
		bytes += (size_t)set->filter_mask + 1;
	if (set->above)
		bytes += JW_ABOVE_CELLS;
	return bytes;
}

void jw_identity_done(struct jw_identity_set *set)
{
	kvfree(set->objects);
	kvfree(set->slots);
	kvfree(set->filter);
	kvfree(set->above);
	kvfree(set->strings);
	memset(set, 0, sizeof(*set));
}
