// SPDX-License-Identifier: GPL-2.0
/*
 * See lock.h. A reference on itself keeps the module from being unloaded (kernel/module/main.c, try_stop_module()); unless the unload is
 * forced, which goes past references (CONFIG_MODULE_FORCE_UNLOAD, set in Debian). So ftrace entry callbacks as in write_gate.c refuse:
 *
 *   delete_module(2)              forced, of whatever module (the name may change after a look at it, the flags are in a register);
 *                                 of this module
 *   security_kernel_read_file     a kernel for kexec_file_load(2), where no_kexec
 *   security_kernel_load_data     a kernel for kexec_load(2), where no_kexec
 *   kernel_kexec                  starting one that was loaded before, where no_kexec
 *   security_ptrace_access_check  whoever wants to trace the auditor or to write into its memory
 *
 * Without no_kexec the three of kexec are recorded. Modes, table and seat are refused where they are asked for (netlink.c, seat.c).
 *
 * Context of the callbacks: process; they must not sleep.
 */
#include <linux/ctype.h>
#include <linux/fcntl.h>
#include <linux/ftrace.h>
#include <linux/kernel_read_file.h>
#include <linux/module.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "auditor.h"
#include "compat/compat.h"
#include "lock.h"
#include "meddling.h"
#include "symbols.h"
#include "taint.h"
#include "tamper.h"
#include "watch.h"

bool jw_lock_is_set;
static bool refuses_kexec;

static long answer_eperm(void)
{
	return -EPERM;
}

/* Return: true when it is to be refused. */
static bool refuse(u32 action, const char *what)
{
	jw_tamper(action, JOBWARD_VERDICT_DENY, JOBWARD_REASON_LOCKED, what, false);
	return true;
}

/* A name of userspace's as far as it is in memory; only the record depends on it. */
static void take_name(char *to, size_t room, unsigned long from)
{
	size_t i;

	for (i = 0; i < room - 1; i++) {
		if (copy_from_user_nofault(&to[i], (const void __user *)(from + i), 1) || !to[i])
			break;
		/* it goes into logs */
		if (!isascii(to[i]) || !isgraph(to[i]))
			to[i] = '?';
	}
	to[i] = 0;
}

static bool judge_unload(struct ftrace_regs *fregs)
{
	char name[MODULE_NAME_LEN], what[MODULE_NAME_LEN + 32];
	unsigned long flags;
	bool ours;

	take_name(name, sizeof(name), jw_syscall_arg(fregs, 0));
	flags = jw_syscall_arg(fregs, 1);
	ours = !strcmp(name, THIS_MODULE->name);
	if (!ours && !(flags & O_TRUNC))
		return false;
	snprintf(what, sizeof(what), "%sunload of module %s", flags & O_TRUNC ? "forced " : "", name);
	return refuse(JOBWARD_ACTION_UNLOAD, what);
}

static bool judge_kexec(const char *what)
{
	if (READ_ONCE(refuses_kexec))
		return refuse(JOBWARD_ACTION_KEXEC, what);
	jw_tamper(JOBWARD_ACTION_KEXEC, JOBWARD_VERDICT_ALLOW, JOBWARD_REASON_LOCKED, what, false);
	return false;
}

static bool judge_read(struct ftrace_regs *fregs)
{
	return jw_fregs_arg(fregs, 1) == READING_KEXEC_IMAGE && judge_kexec("kexec_file_load of another kernel");
}

static bool judge_data(struct ftrace_regs *fregs)
{
	return jw_fregs_arg(fregs, 0) == LOADING_KEXEC_IMAGE && judge_kexec("kexec_load of another kernel");
}

static bool judge_start(struct ftrace_regs *fregs)
{
	return judge_kexec("start of another kernel by kexec");
}

/* The kernel holds the task's alloc_lock here, see meddling.c. */
static bool judge_trace(struct ftrace_regs *fregs)
{
	const u8 cause = jw_meddling_cause(jw_fregs_arg(fregs, 1));

	if (!cause || !jw_lock_guards((const struct task_struct *)jw_fregs_arg(fregs, 0)))
		return false;
	jw_tamper_later(JOBWARD_ACTION_PTRACE, JOBWARD_VERDICT_DENY, JOBWARD_REASON_LOCKED,
			cause == JW_TAINT_TRACED ? "ptrace of the auditor" : "access to the auditor's memory");
	return true;
}

static struct hook {
	const char *symbol;
	bool (*judge)(struct ftrace_regs *fregs);
	bool optional;		/* not in every kernel */
} hooks[] = {
	{ JW_SYSCALL_SYMBOL(delete_module), judge_unload },
	{ JW_SYSCALL_SYMBOL_32(delete_module), judge_unload, true },
	{ "security_kernel_read_file", judge_read },
	{ "security_kernel_load_data", judge_data },
	{ "security_ptrace_access_check", judge_trace },
	{ "kernel_kexec", judge_start, true },
};
static unsigned long addrs[ARRAY_SIZE(hooks)], armed_addrs[ARRAY_SIZE(hooks)];
static const char *lacks;

static void notrace on_call(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	unsigned int i;

	if (likely(!jw_locked()))
		return;
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (ip - addrs[i] < JW_FENTRY_MAX && hooks[i].judge(fregs))
			jw_fregs_redirect(fregs, (unsigned long)answer_eperm);
}

/* PERMANENT: the kernel itself then refuses ftrace_enabled=0. */
static struct ftrace_ops refusals = { .func = on_call, .flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT };
static struct jw_watched watched = {
	.name = "the lock's callbacks", .gate = JOBWARD_GATE_MODULE, .ops = &refusals, .func = on_call, .addrs = armed_addrs
};
static bool is_on;

static int arm(void)
{
	const char *names[ARRAY_SIZE(hooks)];
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		names[i] = hooks[i].symbol;
	err = jw_symbols_find(names, addrs, i);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (addrs[i])
			armed_addrs[watched.n_addrs++] = addrs[i];
		else if (!hooks[i].optional)
			return -ENOENT;
	}
	err = ftrace_set_filter_ips(&refusals, armed_addrs, watched.n_addrs, 0, 1);
	return err ? err : register_ftrace_function(&refusals);
}

void jw_lock_init(void)
{
	int err = arm();

	is_on = !err;
	if (!err) {
		jw_watch_add(&watched);
		return;
	}
	pr_warn("jobward: no callbacks for the lock: %d\n", err);
	lacks = "forced unload, tracing of the auditor and kexec can't be refused";
}

void jw_lock_exit(void)
{
	if (is_on)
		unregister_ftrace_function(&refusals);
	is_on = false;
	ftrace_free_filter(&refusals);
	/* This one waits for those on their way to or in answer_eperm(). */
	synchronize_rcu_tasks();
}

bool jw_lock_guards(const struct task_struct *task)
{
	return jw_locked() && is_on && task->mm && task->mm == jw_auditor_mm();
}

const char *jw_lock_lacks(void)
{
	return lacks;
}

void jw_lock_set(bool no_kexec)
{
	if (no_kexec)
		WRITE_ONCE(refuses_kexec, true);
	if (jw_locked())
		return;
	__module_get(THIS_MODULE);
	WRITE_ONCE(jw_lock_is_set, true);
}
