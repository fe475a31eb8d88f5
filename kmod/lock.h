/* SPDX-License-Identifier: GPL-2.0 */
/* The lock: a bit that is set once and stands until the next boot, and what is refused for it. */
#ifndef JOBWARD_LOCK_H
#define JOBWARD_LOCK_H

#include <linux/compiler.h>
#include <linux/types.h>

struct task_struct;

extern bool jw_lock_is_set;

/** jw_locked() - is the module locked? Context: any. */
static inline bool jw_locked(void)
{
	return READ_ONCE(jw_lock_is_set);
}

/**
 * jw_lock_set() - locks; there is no way back
 * @no_kexec: refuse to load or start another kernel, too
 *
 * From now on the module has a reference on itself.
 * Context: may sleep; one at a time (genl_lock, or load).
 */
void jw_lock_set(bool no_kexec);

/** jw_lock_lacks() - what the lock can't refuse, since a hook is not armed. Context: any. Return: static text or NULL. */
const char *jw_lock_lacks(void);

/** jw_lock_guards() - is this the auditor, whom nobody may trace now? Context: atomic, @task's alloc_lock is held. */
bool jw_lock_guards(const struct task_struct *task);

/** jw_lock_init() - arms the hooks, which ask for the bit. Context: load. */
void jw_lock_init(void);
/** jw_lock_exit() - takes them away and waits until nobody is inside. Context: unload, may sleep. */
void jw_lock_exit(void);

#endif
