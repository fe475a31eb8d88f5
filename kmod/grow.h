/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays and strings that a transaction grows: doubling, so that adding costs the same whatever is there already. */
#ifndef JOBWARD_GROW_H
#define JOBWARD_GROW_H

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * jw_grow() - makes room in an array
 * @array: memory from kvmalloc() or NULL; moved when it grows
 * @room: elements it has room for
 * @need: elements it must have room for
 * @size: of an element
 *
 * Context: may sleep. Return: 0 or -ENOMEM (then nothing changed).
 */
static inline int jw_grow(void **array, u32 *room, u32 need, size_t size)
{
	u32 more;
	void *p;

	if (need <= *room)
		return 0;
	more = max(roundup_pow_of_two(need), 16ul);
	p = kvmalloc_array(more, size, GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	if (*array)
		memcpy(p, *array, array_size(*room, size));
	kvfree(*array);
	*array = p;
	*room = more;
	return 0;
}

/**
 * jw_grow_string() - appends a string to a pool whose offset 0 means "none"
 * @pool: the pool
 * @len: its used bytes
 * @room: bytes it has room for
 * @max: bytes it may grow to
 * @s: the string
 * @offset: out: where it lies
 *
 * Context: may sleep. Return: 0, -ENOMEM or -E2BIG.
 */
static inline int jw_grow_string(char **pool, u32 *len, u32 *room, u32 max, const char *s, u32 *offset)
{
	u32 n = strlen(s) + 1, at = *len ? *len : 1;
	int err;

	if (n > max || at > max - n)
		return -E2BIG;
	err = jw_grow((void **)pool, room, at + n, 1);
	if (err)
		return err;
	(*pool)[0] = 0;
	memcpy(*pool + at, s, n);
	*offset = at;
	*len = at + n;
	return 0;
}

#endif
