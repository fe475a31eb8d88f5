/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the n-th allocation of the calling task fail, once, whatever its flags (scripts/kunit sees to that). */
#ifndef JOBWARD_KUNIT_FAILING_H
#define JOBWARD_KUNIT_FAILING_H

#include <linux/sched.h>

/* From here on the @nth allocation (from 1) fails. */
static inline void failing_begin(unsigned int nth)
{
	WRITE_ONCE(current->fail_nth, nth);
}

/* Return: true if it has failed; false: the code in between did fewer allocations. */
static inline bool failing_end(void)
{
	bool failed = !READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);
	return failed;
}

#endif
