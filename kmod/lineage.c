// SPDX-License-Identifier: GPL-2.0
/*
 * See lineage.h. A hash by task pointer; an entry lives until its task's exit tracepoint, so the pointer cannot be reused under it.
 * Lookups run under RCU, changes under the bucket's lock (taken in tracepoints with preemption off; nests inside nothing of ours).
 */
#include <linux/binfmts.h>
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include "compat/compat.h"
#include "lineage.h"
#include "seat.h"
#include "subject.h"
#include "taint.h"
#include "verdict.h"
#include "watch.h"

#define BITS 10
#define ENV_MAX (256ul << 10)	/* read with preemption off: some microseconds for each 10 KiB */

struct entry {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct task_struct *task;
	struct jw_lineage lineage;	/* never changed: a new entry takes the place */
};

static struct {
	struct hlist_head head;
	spinlock_t lock;
} table[1 << BITS];
static atomic_t count, tainted;
static atomic64_t lost;

static struct entry *find(const struct task_struct *task, unsigned int bucket)
{
	struct entry *entry;

	hlist_for_each_entry_rcu(entry, &table[bucket].head, node, lockdep_is_held(&table[bucket].lock))
		if (entry->task == task)
			return entry;
	return NULL;
}

bool jw_lineage_of(const struct task_struct *task, struct jw_lineage *lineage)
{
	struct entry *entry;

	if (!atomic_read(&count))
		return false;
	rcu_read_lock();
	entry = find(task, hash_ptr(task, BITS));
	/* io_uring's workers are made without the fork tracepoint; they act for their process. */
	if (!entry && task->flags & PF_IO_WORKER)
		entry = find(task->group_leader, hash_ptr(task->group_leader, BITS));
	if (entry)
		*lineage = entry->lineage;
	rcu_read_unlock();
	return entry;
}

bool jw_lineage_of_current(struct jw_lineage *lineage)
{
	return jw_lineage_of(current, lineage);
}

static void forget(struct entry *entry)
{
	atomic_dec(&count);
	if (entry->lineage.taint)
		atomic_dec(&tainted);
	kfree_rcu(entry, rcu);
}

typedef void (*change_fn)(struct jw_lineage *lineage, const void *arg);

/*
 * Another task may change an entry too, so a change is one step under the bucket's lock. A task past PF_EXITING gets none: its exit
 * tracepoint, which would take it away, may be over. For that the count is raised before the flag is read, and on_exit() reads the count
 * after the flag was set (do_exit() has its atomic_dec_and_test() of signal->live between).
 */
static void change(const struct task_struct *task, change_fn fn, const void *arg)
{
	unsigned int bucket = hash_ptr(task, BITS);
	struct entry *entry = kmalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN), *old;
	struct jw_lineage lineage = { };
	unsigned long flags;
	bool wanted;

	atomic_inc(&count);
	smp_mb__after_atomic();		/* pairs with that of do_exit() */
	spin_lock_irqsave(&table[bucket].lock, flags);
	old = find(task, bucket);
	if (old)
		lineage = old->lineage;
	fn(&lineage, arg);
	wanted = (lineage.job || lineage.root_seq || lineage.writer_classes || lineage.taint) &&
		 !(READ_ONCE(task->flags) & PF_EXITING);
	if (old)
		hlist_del_rcu(&old->node);
	if (wanted && entry) {
		entry->task = task;
		entry->lineage = lineage;
		if (lineage.taint)
			atomic_inc(&tainted);
		hlist_add_head_rcu(&entry->node, &table[bucket].head);
	}
	spin_unlock_irqrestore(&table[bucket].lock, flags);
	if (old)
		forget(old);
	if (wanted && entry)
		return;
	if (wanted)
		atomic64_inc(&lost);
	atomic_dec(&count);
	kfree(entry);
}

static void drop(const struct task_struct *task)
{
	unsigned int bucket = hash_ptr(task, BITS);
	struct entry *entry;
	unsigned long flags;

	spin_lock_irqsave(&table[bucket].lock, flags);
	entry = find(task, bucket);
	if (entry)
		hlist_del_rcu(&entry->node);
	spin_unlock_irqrestore(&table[bucket].lock, flags);
	if (entry)
		forget(entry);
}

static void put_all(struct jw_lineage *lineage, const void *arg)
{
	*lineage = *(const struct jw_lineage *)arg;
}

static void put_job(struct jw_lineage *lineage, const void *arg)
{
	const u8 taint = lineage->taint;

	put_all(lineage, arg);
	lineage->taint = taint;
}

static void put_taint(struct jw_lineage *lineage, const void *arg)
{
	lineage->taint = *(const u8 *)arg;
	lineage->writer_classes = 0;
}

void jw_lineage_set_current(const struct jw_lineage *lineage)
{
	change(current, put_job, lineage);
}

/*
 * Nobody gets by who is born meanwhile: a new task is on the lists before its fork tracepoint, so it is either met here or inherits from
 * its creator, who comes before it in them.
 */
void jw_lineage_taint(const struct mm_struct *mm, u8 cause)
{
	struct task_struct *process, *task;

	rcu_read_lock();
	for_each_process_thread(process, task)
		if (READ_ONCE(task->mm) == mm && !(task->flags & PF_KTHREAD))
			change(task, put_taint, &cause);
	rcu_read_unlock();
}

u32 jw_lineage_count(void)
{
	return atomic_read(&count);
}

u64 jw_lineage_lost(void)
{
	return atomic64_read(&lost);
}

/* ---- tracepoints ---- */

static void on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct jw_lineage lineage;

	/* The creator, whatever CLONE_PARENT makes of the family. */
	if (jw_lineage_of_current(&lineage))
		change(child, put_all, &lineage);
}

/* Of the memory that exec has just filled: it is there unless it was paged out within the last microseconds. */
static u8 scan_environment(bool loader, bool children)
{
	const unsigned long end = current->mm->env_end;
	struct jw_taint_scan scan = { .loader = loader, .children = children };
	unsigned long at = current->mm->env_start;
	char piece[128];

	if (!loader && !children)
		return JW_TAINT_NONE;
	if (end - at > ENV_MAX)
		return JW_TAINT_UNREAD;
	while (at < end && !scan.cause) {
		size_t n = min_t(unsigned long, end - at, sizeof(piece));

		if (copy_from_user_nofault(piece, (const void __user *)at, n))
			return JW_TAINT_UNREAD;
		jw_taint_feed(&scan, piece, n);
		at += n;
	}
	return scan.cause;
}

/*
 * Is a writer executed in a way that makes it run what its caller says? With AT_SECURE (crontab, at) ld.so(8) looks at none of its
 * variables.
 */
static u8 taint_of_exec(const struct linux_binprm *bprm, u32 roles)
{
	if (!(roles & (JOBWARD_ROLE_WRITER | JOBWARD_ROLE_WRITER_LINEAGE)))
		return JW_TAINT_NONE;
	if (READ_ONCE(current->ptrace))
		return JW_TAINT_TRACED;
	if (jw_exec_is_handled(bprm))
		return JW_TAINT_HANDLER;
	return scan_environment(!bprm->secureexec, roles & JOBWARD_ROLE_WRITER_LINEAGE);
}

/* What an exec of @roles makes of a lineage. */
static void follow_exec(struct jw_lineage *lineage, const struct jw_identity_object *object, const struct linux_binprm *bprm)
{
	lineage->taint = taint_of_exec(bprm, object->roles);
	/* run-parts and busybox are tools of the package manager too; a job of theirs ends the right when it is judged */
	if (object->roles & JOBWARD_ROLE_SCHEDULER && !(object->image & (JOBWARD_IMAGE_PERIODIC_ONLY | JOBWARD_IMAGE_CROND)))
		lineage->writer_classes = 0;
	else if (object->roles & JOBWARD_ROLE_WRITER_LINEAGE && !lineage->taint)
		lineage->writer_classes |= object->classes;
}

/*
 * After the point of no return: an image whose children may write as it may, or a scheduler, which ends such a right. What taints
 * a process ends with its image; a new one is looked at only where the table has it as a writer.
 */
static void on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	const struct jw_identity_object *found = NULL;
	struct jw_lineage before = { }, after;
	struct jw_identity_object object;
	bool is_auditor = false;
	struct jw_identity id;
	struct jw_table *t;

	rcu_read_lock();
	t = rcu_dereference(jw_table_current);
	/* What it will be known by, not bprm->file: a handler may run something else under a program's name. */
	if (jw_subject_image(current, &id))
		is_auditor = jw_seat_has(&id);
	else
		t = NULL;
	if (t && unlikely(jw_identity_maybe(&t->objects, id.ino)))
		found = jw_identity_find(&t->objects, &id);
	if (found)
		object = *found;
	rcu_read_unlock();
	if (!found && likely(!is_auditor && !atomic_read(&tainted)))
		return;
	jw_lineage_of_current(&before);
	after = before;
	after.taint = JW_TAINT_NONE;
	if (found)
		follow_exec(&after, &object, bprm);
	/* The table may not know yet what the package manager has put in the auditor's place. */
	if (is_auditor && !after.taint)
		after.taint = taint_of_exec(bprm, JOBWARD_ROLE_WRITER);
	if (after.taint != before.taint || after.writer_classes != before.writer_classes)
		change(current, put_all, &after);
}

static void on_exit(JW_SCHED_PROCESS_EXIT_ARGS)
{
	if (atomic_read(&count))
		drop(task);
}

static struct probe {
	const char *name;
	void *fn;
	struct tracepoint *tp;
	bool on;
} probes[] = {
	{ "sched_process_exit", on_exit },
	{ "sched_process_exec", on_exec },
	{ "sched_process_fork", on_fork },
};

static enum jw_watch_state look(struct jw_watched *w)
{
	enum jw_watch_state state = JW_WATCH_ARMED;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		state = max(state, jw_watch_probe(probes[i].tp, probes[i].fn));
	return state;
}

static struct jw_watched watched = { .name = "the probes that follow lineage", .gate = JOBWARD_GATE_RUN, .look = look };

static void match(struct tracepoint *tp, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
}

int jw_lineage_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		spin_lock_init(&table[i].lock);
	for_each_kernel_tracepoint(match, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = probes[i].tp ? tracepoint_probe_register(probes[i].tp, probes[i].fn, NULL) : -ENOENT;
		if (err) {
			jw_lineage_exit();
			return err;
		}
		probes[i].on = true;
	}
	jw_watch_add(&watched);
	return 0;
}

void jw_lineage_exit(void)
{
	struct hlist_node *next;
	struct entry *entry;
	unsigned int i;

	for (i = ARRAY_SIZE(probes); i--;) {
		if (probes[i].on)
			tracepoint_probe_unregister(probes[i].tp, probes[i].fn, NULL);
		probes[i].on = false;
	}
	tracepoint_synchronize_unregister();
	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry_safe(entry, next, &table[i].head, node) {
			hlist_del_rcu(&entry->node);
			kfree_rcu(entry, rcu);
		}
}
