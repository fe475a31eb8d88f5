/* SPDX-License-Identifier: GPL-2.0 */
/* Variables that clean up after themselves when they go out of scope, as in kmod's shared/macro.h. */
#ifndef JOBWARD_CLEANUP_H
#define JOBWARD_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define _cleanup_free_ _cleanup_(jw_cleanup_free)
#define _cleanup_fd_ _cleanup_(jw_cleanup_fd)

static inline void jw_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void jw_cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
