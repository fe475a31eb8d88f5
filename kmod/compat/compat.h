/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between the kernels that one source serves: Debian's 6.1, 6.12 and 7.x. The code beside this folder reads as
 * for the newest; a line here names what changed and may go when its kernel does.
 */
#ifndef JOBWARD_COMPAT_H
#define JOBWARD_COMPAT_H

#include <linux/binfmts.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/version.h>
#include "sha256.h"
#include <net/genetlink.h>
#include <asm/syscall.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "jobward needs Linux 6.1 or later"
#endif

/* "mm/gup: remove vmas parameter from get_user_pages_remote()": 6.5. Caller holds mmap_lock for reading. */
static inline long jw_get_user_page(struct mm_struct *mm, unsigned long at, struct page **page)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	return get_user_pages_remote(mm, at, 1, FOLL_FORCE, page, NULL);
#else
	return get_user_pages_remote(mm, at, 1, FOLL_FORCE, page, NULL, NULL);
#endif
}

/* "file: convert to SLAB_TYPESAFE_BY_RCU": get_file_rcu() takes the place of the pointer from 6.7. Caller holds rcu_read_lock(). */
static inline struct file *jw_exe_file_get_rcu(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return get_file_rcu(&mm->exe_file);
#else
	struct file *file = rcu_dereference(mm->exe_file);

	return file && get_file_rcu(file) ? file : NULL;
#endif
}

/* "fs: add ctime accessors infrastructure": 6.6. */
static inline u64 jw_inode_ctime_ns(const struct inode *inode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	struct timespec64 ts = inode_get_ctime(inode);
#else
	struct timespec64 ts = inode->i_ctime;
#endif
	return timespec64_to_ns(&ts);
}

/*
 * "fs: store real path instead of fake path in backing file f_path": 6.8. Before, an overlay's real file has the overlay's dentry,
 * and jw_for_each_name() goes through the names that its inode has in memory; the caller holds i_lock. (What the list hangs on is
 * called otherwise in 7.x.)
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define jw_file_lies(file) false
#define jw_for_each_name(dentry, inode) for ((dentry) = NULL; (dentry); (dentry) = NULL)
#else
#define jw_file_lies(file) (READ_ONCE((file)->f_path.dentry->d_inode) != file_inode(file))
#define jw_for_each_name(dentry, inode) hlist_for_each_entry(dentry, &(inode)->i_dentry, d_u.d_alias)
#endif

/* What a module's parameters were is no longer kept in 7.x. Return: NULL where it is not known. */
static inline const char *jw_module_args(const struct module *mod)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	return NULL;
#else
	return mod->args && *mod->args ? mod->args : NULL;
#endif
}

/* A module's file that the kernel decompresses has a word of its own (kernel-module-compressed) in 7.x. */
static inline bool jw_is_reading_module(enum kernel_read_file_id id)
{
	return !strncmp(kernel_read_file_id_str(id), "kernel-module", 13);
}

/* "mount: separate the flags accessed only under namespace_sem": whether a mount is shared is out of a module's sight from 6.17. */
static inline bool jw_mount_is_shared(const struct vfsmount *mnt)
{
#ifdef MNT_SHARED
	return mnt->mnt_flags & MNT_SHARED;
#else
	return false;
#endif
}

/*
 * binfmt_misc of 7.3 may give a program another loader (flag L), or run an interpreter under the program's name (T); before, the
 * interpreter's is the only image. Return of the first: the loader, or NULL.
 */
#ifdef BINPRM_FLAGS_TRANSPARENT_INTERP
#define JW_EXEC_LOADERS true
#define JW_EXEC_LOADER_SEEN (1u << 28)	/* in interp_flags: it is gone from bprm at exec's tracepoint; see run_gate.c */
#else
#define JW_EXEC_LOADERS false
#define JW_EXEC_LOADER_SEEN 0
#endif
static inline struct file *jw_exec_loader(const struct linux_binprm *bprm)
{
#ifdef BINPRM_FLAGS_TRANSPARENT_INTERP
	return bprm->loader;
#else
	return NULL;
#endif
}

static inline bool jw_exec_is_handled(const struct linux_binprm *bprm)
{
#ifdef BINPRM_FLAGS_TRANSPARENT_INTERP
	return bprm->interp_flags & (BINPRM_FLAGS_TRANSPARENT_INTERP | JW_EXEC_LOADER_SEEN);
#else
	return false;
#endif
}

#ifdef CONFIG_FUNCTION_TRACER /* unset in the kernel of tests/kunit */
/* "ftrace: Add generic ftrace_regs accessors": 6.2; before that x86's registers are in reach. */
static __always_inline unsigned long jw_fregs_arg(struct ftrace_regs *fregs, unsigned int n)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return ftrace_regs_get_argument(fregs, n);
#else
	switch (n) {
	case 0: return fregs->regs.di;
	case 1: return fregs->regs.si;
	case 2: return fregs->regs.dx;
	case 3: return fregs->regs.cx;
	default: return fregs->regs.r8;
	}
#endif
}

/* Of a call of a system call's function: x86-64 hands it the registers, in which 32-bit calls have their arguments elsewhere. */
#define JW_SYSCALL_SYMBOL(name) "__x64_sys_" #name
#define JW_SYSCALL_SYMBOL_32(name) "__ia32_sys_" #name
static inline unsigned long jw_syscall_arg(struct ftrace_regs *fregs, unsigned int n)
{
	unsigned long args[6];

	syscall_get_arguments(current, (struct pt_regs *)jw_fregs_arg(fregs, 0), args);
	return args[n];
}

/*
 * Is there a call where ftrace has its site in this function, and no NOP? The site is the first instruction or follows an ENDBR of four
 * bytes; while the kernel patches it there is a breakpoint.
 */
static inline bool jw_is_called_at(unsigned long addr)
{
	const u8 *text = (const u8 *)addr;
	const u8 call = 0xe8, breakpoint = 0xcc;

	return text[0] == call || text[4] == call || text[0] == breakpoint || text[4] == breakpoint;
}

static __always_inline void jw_fregs_redirect(struct ftrace_regs *fregs, unsigned long to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	ftrace_regs_set_instruction_pointer(fregs, to);
#else
	ftrace_instruction_pointer_set(fregs, to);
#endif
}
#endif

/* "tracing: sched: Have sched_process_exit take group_dead": 6.16 adds an argument. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define JW_SCHED_PROCESS_EXIT_ARGS void *data, struct task_struct *task, bool group_dead
#else
#define JW_SCHED_PROCESS_EXIT_ARGS void *data, struct task_struct *task
#endif

/* "genetlink: add struct genl_info to struct genl_dumpit_info": the attributes of a dump are in ->info from 6.6. */
static inline struct nlattr **jw_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->info.attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif
