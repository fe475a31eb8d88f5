/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow one by one. */
#ifndef JOBWARD_GROW_H
#define JOBWARD_GROW_H

#include <stdlib.h>

/**
 * jw_grow() - makes room for one more in an array that only ever grew by this
 * @v: the array, or NULL
 * @n: how many it has
 * @size: of one, bytes
 *
 * Return: the array, perhaps elsewhere, with undefined room at @n; NULL without memory, and @v is as it was.
 */
static inline void *jw_grow(void *v, size_t n, size_t size)
{
	/* It is full at powers of two only. */
	return n & (n - 1) ? v : reallocarray(v, n ? 2 * n : 1, size);
}

#endif
