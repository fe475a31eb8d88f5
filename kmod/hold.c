// SPDX-License-Identifier: GPL-2.0
/* See hold.h. The exec that waits holds a reference on the module by its binfmt, so unload cannot meet it. */
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include "auditor.h"
#include "hold.h"
#include "mode.h"
#include "verdict.h"

static DECLARE_WAIT_QUEUE_HEAD(waiters);
static atomic_t held;

bool jw_hold_allowed(void)
{
	u32 auditor = jw_auditor_pid();

	return !is_global_init(current) && !current->vfork_done && auditor && auditor != task_tgid_nr(current);
}

static bool answered(const u8 *key, u64 seq)
{
	const struct jw_verdict *v;
	struct jw_table *table;
	bool yes = false;

	if (!jw_auditor_pid())
		return true;
	rcu_read_lock();
	table = rcu_dereference(jw_table_current);
	if (table) {
		v = jw_verdict_find(table, key);
		yes = (v && v->state != JOBWARD_STATE_UNKNOWN) || table->covers_seq >= seq;
	}
	rcu_read_unlock();
	return yes;
}

struct jw_table *jw_hold_wait(const u8 *key, u64 seq, bool *timed_out)
{
	atomic_inc(&held);
	*timed_out = !wait_event_killable_timeout(waiters, answered(key, seq), msecs_to_jiffies(READ_ONCE(jw_hold_ms)));
	atomic_dec(&held);
	return jw_table_get();
}

void jw_hold_wake(void)
{
	wake_up_all(&waiters);
}

u32 jw_hold_count(void)
{
	return atomic_read(&held);
}
