// SPDX-License-Identifier: GPL-2.0
/*
 * See lineage.h. A hash by task pointer; an entry lives until its task's exit tracepoint, so the pointer cannot be reused under it.
 * Lookups run under RCU, changes under the bucket's lock (taken in tracepoints with preemption off; nests inside nothing of ours).
 */
#include <linux/binfmts.h>
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include "compat/compat.h"
#include "lineage.h"
#include "place.h"
#include "verdict.h"

#define BITS 10

struct entry {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct task_struct *task;
	struct jw_lineage lineage;	/* changed by its own task only */
};

static struct {
	struct hlist_head head;
	spinlock_t lock;
} table[1 << BITS];
static atomic_t count;
static atomic64_t lost;

static struct entry *find(const struct task_struct *task, unsigned int bucket)
{
	struct entry *entry;

	hlist_for_each_entry_rcu(entry, &table[bucket].head, node, lockdep_is_held(&table[bucket].lock))
		if (entry->task == task)
			return entry;
	return NULL;
}

bool jw_lineage_of_current(struct jw_lineage *lineage)
{
	struct entry *entry;

	if (!atomic_read(&count))
		return false;
	rcu_read_lock();
	entry = find(current, hash_ptr(current, BITS));
	/* io_uring's workers are made without the fork tracepoint; they act for their process. */
	if (!entry && current->flags & PF_IO_WORKER)
		entry = find(current->group_leader, hash_ptr(current->group_leader, BITS));
	if (entry)
		*lineage = entry->lineage;
	rcu_read_unlock();
	return entry;
}

static void add(const struct task_struct *task, const struct jw_lineage *lineage)
{
	unsigned int bucket = hash_ptr(task, BITS);
	struct entry *entry = kmalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	unsigned long flags;

	if (!entry) {
		atomic64_inc(&lost);
		return;
	}
	entry->task = task;
	entry->lineage = *lineage;
	spin_lock_irqsave(&table[bucket].lock, flags);
	hlist_add_head_rcu(&entry->node, &table[bucket].head);
	spin_unlock_irqrestore(&table[bucket].lock, flags);
	atomic_inc(&count);
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
	if (entry) {
		atomic_dec(&count);
		kfree_rcu(entry, rcu);
	}
}

void jw_lineage_set_current(const struct jw_lineage *lineage)
{
	drop(current);
	if (lineage->job || lineage->root_seq || lineage->writer_classes)
		add(current, lineage);
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
		add(child, &lineage);
}

/* After the point of no return: an image whose children may write as it may, or a scheduler, which ends such a right. */
static void on_exec(void *data, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	const struct jw_identity_object *object = NULL;
	struct jw_lineage lineage = { };
	struct jw_table *t;
	u32 roles = 0;
	u64 classes = 0;

	rcu_read_lock();
	t = rcu_dereference(jw_table_current);
	if (t)
		object = jw_place_find(&t->objects, file_inode(bprm->file));
	if (object && object->roles & JOBWARD_ROLE_WRITER_LINEAGE)
		classes = object->classes;
	/* run-parts and busybox are tools of the package manager too; a job of theirs ends the right when it is judged */
	if (object && !(object->image & (JOBWARD_IMAGE_PERIODIC_ONLY | JOBWARD_IMAGE_CROND)))
		roles = object->roles;
	rcu_read_unlock();
	if (!object)
		return;
	jw_lineage_of_current(&lineage);
	if (roles & JOBWARD_ROLE_SCHEDULER)
		classes = 0;
	else
		classes |= lineage.writer_classes;
	if (classes != lineage.writer_classes) {
		lineage.writer_classes = classes;
		jw_lineage_set_current(&lineage);
	}
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
