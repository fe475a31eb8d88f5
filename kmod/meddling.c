// SPDX-License-Identifier: GPL-2.0
/*
 * See meddling.h. Two ftrace callbacks on dispatch functions of the security modules, which change nothing about their answer:
 *
 *   security_ptrace_access_check   ptrace(2), process_vm_writev(2), opening /proc/PID/mem for writing
 *   security_task_prctl            PR_SET_MM, the only way but exec to another /proc/PID/exe
 *
 * At exec nothing of this is left over but a tracer: see lineage.c, taint_of_exec().
 *
 * Context of both: process, atomic (preemption is off in them; that is a reader's side of RCU).
 */
#include <asm/syscall.h>
#include <linux/compat.h>
#include <linux/fcntl.h>
#include <linux/ftrace.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/unistd.h>
#include "auditor.h"
#include "compat/compat.h"
#include "lineage.h"
#include "lock.h"
#include "meddling.h"
#include "mode.h"
#include "subject.h"
#include "symbols.h"
#include "taint.h"
#include "verdict.h"
#include "watch.h"

/*
 * The kernel asks with one word, PTRACE_MODE_ATTACH, for what changes a process and for some that only reads of it: process_vm_readv(2),
 * pidfd_getfd(2), /proc/PID/stack, reading /proc/PID/mem. Those are no reason to stop a writer, and monitors do them all day; the system
 * call tells them apart. Only what is in registers counts, since memory may change after a look at it.
 */
static u8 cause_by_file(long nr, struct pt_regs *regs)
{
	unsigned long args[6];

	syscall_get_arguments(current, regs, args);
	switch (nr) {
#ifdef __NR_open
	case __NR_open:
		return (args[1] & O_ACCMODE) == O_RDONLY ? JW_TAINT_NONE : JW_TAINT_MEMORY;
#endif
	case __NR_openat:
		return (args[2] & O_ACCMODE) == O_RDONLY ? JW_TAINT_NONE : JW_TAINT_MEMORY;
	case __NR_read:
	case __NR_readv:
	case __NR_pread64:
	case __NR_preadv:
	case __NR_preadv2:
		return JW_TAINT_NONE;
	default:
		return JW_TAINT_MEMORY;
	}
}

u8 jw_meddling_cause(unsigned int mode)
{
	struct pt_regs *regs = task_pt_regs(current);
	long nr;

	if (!(mode & PTRACE_MODE_ATTACH))
		return JW_TAINT_NONE;
	/* A worker has no system call of its own; numbers of 32-bit calls are others. */
	if (current->flags & PF_IO_WORKER || in_compat_syscall())
		return JW_TAINT_MEMORY;
	nr = syscall_get_nr(current, regs);
	if (mode & PTRACE_MODE_FSCREDS)
		return cause_by_file(nr, regs);
	if (nr == __NR_process_vm_readv || nr == __NR_pidfd_getfd)
		return JW_TAINT_NONE;
	return nr == __NR_ptrace ? JW_TAINT_TRACED : JW_TAINT_MEMORY;
}

/* The kernel holds the task's alloc_lock here (kernel/ptrace.c, ptrace_may_access() and ptrace_attach()). */
static bool has_rights(const struct jw_table *table, struct task_struct *task)
{
	const struct jw_identity_object *image;
	struct jw_lineage lineage;
	struct jw_identity id;

	if (jw_lineage_of(task, &lineage) && lineage.writer_classes)
		return true;
	if (task->mm && jw_auditor_mm() == task->mm)
		return true;
	if (!jw_subject_image_locked(task, &id) || !jw_identity_maybe(&table->objects, id.ino))
		return false;
	image = jw_identity_find(&table->objects, &id);
	return image && image->roles & (JOBWARD_ROLE_WRITER | JOBWARD_ROLE_WRITER_LINEAGE);
}

static void on_access(struct ftrace_regs *fregs)
{
	struct task_struct *task = (struct task_struct *)jw_fregs_arg(fregs, 0);
	const u8 cause = jw_meddling_cause(jw_fregs_arg(fregs, 1));
	const struct jw_table *table;

	/* What the lock refuses taints nobody. */
	if (likely(!cause) || jw_lock_guards(task))
		return;
	table = rcu_dereference_sched(jw_table_current);
	if (table && has_rights(table, task))
		jw_lineage_taint(task->mm, cause);
}

/*
 * With PR_SET_MM_MAP an image is optional (LXC renames its processes so): it is in memory, so every call counts. No table is asked: what
 * is no writer yet may be one in the next table.
 */
static void on_prctl(struct ftrace_regs *fregs)
{
	unsigned long what = jw_fregs_arg(fregs, 1);

	if (likely((int)jw_fregs_arg(fregs, 0) != PR_SET_MM) || (what != PR_SET_MM_EXE_FILE && what != PR_SET_MM_MAP) || !current->mm)
		return;
	jw_lineage_taint(current->mm, JW_TAINT_IMAGE);
}

enum { ACCESS, PRCTL, N_SYMBOLS };
static const char *const symbols[N_SYMBOLS] = { "security_ptrace_access_check", "security_task_prctl" };
static unsigned long addrs[N_SYMBOLS];

static void notrace on_call(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	preempt_disable_notrace();
	if (ip - addrs[ACCESS] < JW_FENTRY_MAX)
		on_access(fregs);
	else
		on_prctl(fregs);
	preempt_enable_notrace();
}

/* PERMANENT: the kernel itself then refuses ftrace_enabled=0. */
static struct ftrace_ops looks = { .func = on_call, .flags = FTRACE_OPS_FL_PERMANENT };
static unsigned long armed_addrs[N_SYMBOLS];
static struct jw_watched watched = {
	.name = "the look at tracers", .gate = JOBWARD_GATE_WRITE, .ops = &looks, .func = on_call, .addrs = armed_addrs
};
static bool is_on;

static int arm(void)
{
	unsigned int i, n = 0;
	int err = jw_symbols_find(symbols, addrs, N_SYMBOLS);

	if (err)
		return err;
	for (i = 0; i < N_SYMBOLS; i++)
		if (addrs[i])
			armed_addrs[n++] = addrs[i];
	watched.n_addrs = n;
	err = n ? ftrace_set_filter_ips(&looks, armed_addrs, n, 0, 1) : -ENOENT;
	if (!err)
		err = register_ftrace_function(&looks);
	is_on = !err;
	return err ? err : n < N_SYMBOLS ? -ENOENT : 0;
}

void jw_meddling_init(void)
{
	int err = arm();

	if (is_on)
		jw_watch_add(&watched);
	if (!err)
		return;
	pr_warn("jobward: no callback on %s and %s: %d\n", symbols[ACCESS], symbols[PRCTL], err);
	if (!jw_gates[JOBWARD_GATE_WRITE].off)
		jw_gates[JOBWARD_GATE_WRITE].off = "does not see who traces a writer or sets its image";
}

void jw_meddling_exit(void)
{
	if (is_on)
		unregister_ftrace_function(&looks);
	is_on = false;
	ftrace_free_filter(&looks);
}
