// SPDX-License-Identifier: GPL-2.0
/*
 * The write gate: ftrace entry callbacks on the dispatch functions of the security modules, one table of rows. A callback looks at
 * the arguments; to deny it points the instruction pointer at a function that returns -EPERM. No exit handler, nothing to allocate.
 *
 * Context of all callbacks: process, and from judge() on atomic: preemption is off, which is a reader's side of RCU. They must not sleep: a sleep is a quiescent state of tasks RCU, on which the freeing
 * of ftrace's trampolines waits.
 *
 * When something fails on the way:
 *   what                          a store                       anything else
 *   no table yet                  goes through                  goes through
 *   out of memory for the record  same answer, record is short  same answer
 *   row not armed                 goes through (the gate's "off" text says so; the run gate still holds)
 *
 * Objects are matched by inode and dentry identity, walking parents, never by path strings: symlinks, hard links, bind mounts, mount
 * namespaces and io_uring make no difference. A watched file itself is matched by its inode, so a hard link elsewhere is met too.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/mount.h>
#include "auditor.h"
#include "compat/compat.h"
#include "lineage.h"
#include "mode.h"
#include "pin.h"
#include "place.h"
#include "report.h"
#include "seat.h"
#include "subject.h"
#include "symbols.h"
#include "taint.h"
#include "verdict.h"
#include "watch.h"
#include "write_gate.h"

#define PATH_ROOM 1024
#define DEPTH_MAX 128

/* What the arguments of a row's function are. */
enum shape {
	FILE_0,		/* (file): opened for writing */
	DENTRY_1,	/* (…, dentry) */
	DENTRY_1_ATTR_2,/* (…, dentry, iattr) */
	DENTRIES_0_2,	/* (old dentry, dir, new dentry) */
	DENTRIES_1_3,	/* (old dir, old dentry, new dir, new dentry) */
	PATH_1,		/* (…, path): a mount over it */
	PATH_1_FLAGS_3,	/* (…, path, …, mount flags): the same, if the flags say so */
	MOUNT_0,	/* (vfsmount): a mount taken away */
};

struct row {
	const char *symbol;
	u32 action;
	enum shape shape;
	bool optional;		/* not in every kernel */
	bool on;
	unsigned long addr;
};

/* What an act meets: the nearest object of the table, and how far up it lies. */
struct hit {
	struct jw_identity_object *object;
	struct dentry *dentry;
	unsigned int depth;
};

struct act {
	const struct row *row;
	const struct jw_table *table;
	u32 action;
	struct hit hit, other;	/* other: the far end of a rename or link, where that is in the table too */
	const struct file *file;	/* where there is one */
	const char *detail;	/* what taints the writer */
};

static int answer_eperm(void)
{
	return -EPERM;
}

/* ---- where ---- */

#define GUARDED JW_IDENTITY_ABOVE
#define MATTERS (GUARDED | JOBWARD_ROLE_PIN)

/*
 * The nearest object at or above @dentry: its own inode counts with any role, a directory above it only as a store. RCU keeps
 * dentries and inodes; a rename meanwhile may be missed on one walk, as it may be in the kernel's own.
 */
static __always_inline bool meets(const struct jw_identity_set *set, struct dentry *dentry, u32 roles, struct hit *hit)
{
	struct dentry *d = dentry;
	unsigned int depth;

	for (depth = 0; depth < DEPTH_MAX; depth++) {
		const struct inode *inode = READ_ONCE(d->d_inode);
		struct dentry *up = READ_ONCE(d->d_parent);
		struct jw_identity_object *object;

		if (inode && unlikely(depth ? jw_identity_maybe_above(set, inode->i_ino) : jw_identity_maybe(set, inode->i_ino))) {
			object = jw_place_find(set, inode);
			if (object && object->roles & (depth ? GUARDED : roles)) {
				hit->object = object;
				hit->dentry = dentry;
				hit->depth = depth;
				return true;
			}
		}
		if (up == d)
			return false;
		d = up;
	}
	return false;
}

/* ---- who ---- */

/*
 * A job, and what it starts, plants no job, whoever's hand it takes for it, unless its verdict says that it may. What a scheduler keeps
 * beside its jobs (anacron's time stamps) is part of running; a program of many names is no scheduler here. What is taken away is no job
 * any more.
 */
static bool is_planting(const struct act *act, const struct jw_lineage *lineage, const struct jw_identity_object *image)
{
	const u32 many = JOBWARD_IMAGE_UNIT | JOBWARD_IMAGE_PERIODIC_ONLY | JOBWARD_IMAGE_CROND;

	if (!lineage->root_seq || lineage->may_plant)
		return false;
	if (act->action == JOBWARD_ACTION_DELETE || act->action == JOBWARD_ACTION_RMDIR)
		return false;
	return !(image && image->roles & JOBWARD_ROLE_SCHEDULER && !(image->image & many));
}

/*
 * May the current task write here? A store belongs to the writers of its class. What an approved job runs belongs to no store: only
 * the package manager and its children change it by right.
 */
static u32 writer_reason(struct act *act, const struct jw_identity_object *object, bool *allowed)
{
	const bool store = object->roles & GUARDED;
	const u64 classes = store ? object->classes : U64_MAX;
	const u32 role = store ? JOBWARD_ROLE_WRITER : JOBWARD_ROLE_WRITER_LINEAGE;
	const struct jw_identity_object *image = NULL;
	struct jw_lineage lineage = { };
	bool is_writer, by_descent;
	struct jw_identity id;

	jw_lineage_of_current(&lineage);
	/* Who was traced before the module was loaded left no other mark. */
	if (!lineage.taint && READ_ONCE(current->ptrace))
		lineage.taint = JW_TAINT_TRACED;
	if (jw_subject_image(current, &id))
		image = jw_identity_find(&act->table->objects, &id);
	is_writer = image && image->roles & role && image->classes & classes;
	by_descent = lineage.writer_classes & classes;
	*allowed = (is_writer && !lineage.taint) || by_descent;
	if (*allowed && store && is_planting(act, &lineage, image)) {
		*allowed = false;
		return JOBWARD_REASON_PLANTED_BY_JOB;
	}
	if (*allowed)
		return is_writer && !lineage.taint ? JOBWARD_REASON_WRITER : JOBWARD_REASON_WRITER_LINEAGE;
	if (!is_writer)
		return JOBWARD_REASON_NOT_A_WRITER;
	act->detail = jw_taint_word(lineage.taint);
	return JOBWARD_REASON_TAINTED_WRITER;
}

/*
 * A mount in a namespace of its own hides nothing from the schedulers: sandboxed services and containers make them all day. What
 * counts is the namespace of PID 1, and what spreads to it because the mount below is shared (told up to 6.16 only: see compat.h).
 * The manager itself mounts by right.
 */
static bool mount_counts(const struct vfsmount *below)
{
	struct task_struct *init = init_pid_ns.child_reaper;
	struct mnt_namespace *theirs = NULL;

	if (is_global_init(current) || current->flags & PF_KTHREAD || !current->nsproxy)
		return false;
	task_lock(init);
	if (init->nsproxy)
		theirs = init->nsproxy->mnt_ns;
	task_unlock(init);
	return current->nsproxy->mnt_ns == theirs || jw_mount_is_shared(below);
}

/* ---- record ---- */

static char *describe(const struct act *act, const struct hit *hit, struct jw_object *object, char *buf)
{
	jw_place_object(d_inode_rcu(hit->dentry), object);
	object->roles = hit->object->roles;
	object->classes = hit->object->classes;
	if (!buf)
		return NULL;
	return jw_place_path(&act->table->objects, hit->object, hit->depth, hit->dentry, buf, PATH_ROOM);
}

static bool plants_timer(const struct act *act, const struct hit *hit)
{
	const struct qstr *name = &hit->dentry->d_name;

	return hit->object && hit->depth && name->len > 6 && !memcmp(name->name + name->len - 6, ".timer", 6);
}

static void report(const struct act *act, u32 verdict, u32 reason)
{
	struct jw_subject_snapshot *snap = jw_subject_take(JOBWARD_ANCESTORS_MAX, false);
	char *paths = kmalloc(2 * PATH_ROOM, GFP_NOWAIT | __GFP_NOWARN);
	struct jw_object object = { }, target = { };
	struct jw_lineage lineage = { };
	struct jw_subject minimal;
	struct jw_event event = {
		.kind = JOBWARD_KIND_WRITE,
		.action = act->action,
		.verdict = verdict,
		.reason = reason,
		.generation = act->table->generation,
		.object = &object,
		.detail = act->detail,
	};
	u64 seq;

	object.path = describe(act, &act->hit, &object, paths);
	if (act->other.object) {
		target.path = describe(act, &act->other, &target, paths ? paths + PATH_ROOM : NULL);
		event.target = &target;
	}
	if (jw_lineage_of_current(&lineage)) {
		event.job = lineage.job;
		event.root_seq = lineage.root_seq;
		event.scheduler = lineage.scheduler;
	}
	if (!snap)
		jw_subject_minimal(&minimal);
	event.subject = snap ? &snap->subject : &minimal;
	seq = jw_report(&event);
	if (verdict != JOBWARD_VERDICT_DENY && (plants_timer(act, &act->hit) || plants_timer(act, &act->other)))
		jw_report_timer_planted(seq);
	jw_subject_free(snap);
	kfree(paths);
}

/* ---- decide ---- */

static void mark_pin(struct jw_identity_object *object, bool allowed)
{
	if (object->roles & JOBWARD_ROLE_PIN)
		set_bit(allowed ? JW_MARK_PACKAGE : JW_MARK_TOUCHED, &object->marks);
}

/* The auditor's own acts are none, unless somebody else has hands on it. */
static bool is_auditor(void)
{
	struct jw_lineage lineage = { };

	if (likely(!jw_auditor_is_current()))
		return false;
	jw_lineage_of_current(&lineage);
	return !lineage.taint && !READ_ONCE(current->ptrace);
}

/* Return: true when the act is to be denied. */
static bool decide(struct act *act)
{
	u32 verdict = JOBWARD_VERDICT_ALLOW, reason, other_reason;
	bool allowed, other_allowed = true;

	if (is_auditor())
		return false;
	reason = writer_reason(act, act->hit.object, &allowed);
	mark_pin(act->hit.object, allowed);
	/* A rename or link from one store into another needs the right to both. */
	if (act->other.object) {
		other_reason = writer_reason(act, act->other.object, &other_allowed);
		mark_pin(act->other.object, other_allowed);
		if (allowed && !other_allowed)
			reason = other_reason;
	}
	if (!(allowed && other_allowed) && (act->hit.object->roles | (act->other.object ? act->other.object->roles : 0)) &
	    (GUARDED | JOBWARD_ROLE_ANCESTOR))
		verdict = jw_mode_answer(JOBWARD_GATE_WRITE);
	atomic64_inc(&jw_gates[JOBWARD_GATE_WRITE].judged);
	report(act, verdict, reason);
	return verdict == JOBWARD_VERDICT_DENY;
}

/* By each name that an inode has in memory. */
static bool look_names(struct act *act, struct inode *inode)
{
	struct dentry *dentry;
	bool found = false;

	spin_lock(&inode->i_lock);
	jw_for_each_name(dentry, inode) {
		found = meets(&act->table->objects, dentry, MATTERS, &act->hit);
		if (found)
			break;
	}
	spin_unlock(&inode->i_lock);
	return found;
}

static bool look_file(struct act *act, const struct file *file)
{
	struct jw_identity_object *object = jw_place_find(&act->table->objects, file_inode(file));

	/* Before 6.8 an overlay's real file has the real inode and the overlay's dentry: its own names count then. */
	if (object && object->roles & MATTERS) {
		act->hit = (struct hit){ object, file->f_path.dentry, 0 };
		return true;
	}
	if (meets(&act->table->objects, file->f_path.dentry, MATTERS, &act->hit))
		return true;
	return jw_file_lies(file) && look_names(act, file_inode(file));
}

static bool look_pair(struct act *act, struct dentry *from, struct dentry *to, u32 roles)
{
	bool a = meets(&act->table->objects, from, roles, &act->hit);
	bool b = meets(&act->table->objects, to, roles, &act->other);

	if (!a && b) {	/* the end that matters comes first */
		act->hit = act->other;
		act->other.object = NULL;
		return true;
	}
	return a;
}

static bool look_attr(struct act *act, struct dentry *dentry, const struct iattr *attr)
{
	/* O_TRUNC comes after an open that was judged, if that was for writing: O_RDONLY | O_TRUNC truncates too. */
	if (attr->ia_valid & ATTR_OPEN && attr->ia_valid & ATTR_FILE && attr->ia_file->f_mode & FMODE_WRITE)
		return false;
	if (attr->ia_valid & ATTR_SIZE)
		act->action = JOBWARD_ACTION_TRUNCATE;
	return meets(&act->table->objects, dentry, MATTERS, &act->hit);
}

static bool look_umount(struct act *act, const struct vfsmount *mnt)
{
	return mount_counts(mnt) && meets(&act->table->objects, mnt->mnt_root, GUARDED, &act->hit);
}

/* Changes flags of what is mounted already. In the kernel's order (path_mount()): a bind with a propagation flag is a bind. */
static bool mount_covers_nothing(unsigned long flags)
{
	if (flags & MS_REMOUNT)
		return true;
	return !(flags & MS_BIND) && flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE);
}

static bool look(struct act *act, struct ftrace_regs *fregs)
{
	const u32 moved = MATTERS | JOBWARD_ROLE_ANCESTOR, covered = GUARDED | JOBWARD_ROLE_ANCESTOR;
	const struct path *path;

	switch (act->row->shape) {
	case FILE_0:
		return look_file(act, (const struct file *)jw_fregs_arg(fregs, 0));
	case DENTRY_1:
		return meets(&act->table->objects, (struct dentry *)jw_fregs_arg(fregs, 1), MATTERS, &act->hit);
	case DENTRY_1_ATTR_2:
		return look_attr(act, (struct dentry *)jw_fregs_arg(fregs, 1),
				 (const struct iattr *)jw_fregs_arg(fregs, 2));
	case DENTRIES_0_2:
		return look_pair(act, (struct dentry *)jw_fregs_arg(fregs, 0),
				 (struct dentry *)jw_fregs_arg(fregs, 2), MATTERS);
	case DENTRIES_1_3:
		jw_seat_renamed(d_inode_rcu((struct dentry *)jw_fregs_arg(fregs, 1)),
				(const struct inode *)jw_fregs_arg(fregs, 2), (const struct dentry *)jw_fregs_arg(fregs, 3));
		return look_pair(act, (struct dentry *)jw_fregs_arg(fregs, 1),
				 (struct dentry *)jw_fregs_arg(fregs, 3), moved);
	case PATH_1_FLAGS_3:
		if (mount_covers_nothing(jw_fregs_arg(fregs, 3)))
			return false;
		fallthrough;
	case PATH_1:
		path = (const struct path *)jw_fregs_arg(fregs, 1);
		return mount_counts(path->mnt) && meets(&act->table->objects, path->dentry, covered, &act->hit);
	case MOUNT_0:
		return look_umount(act, (struct vfsmount *)jw_fregs_arg(fregs, 0));
	}
	return false;
}

static void notrace judge_row(const struct row *row, struct ftrace_regs *fregs)
{
	struct act act;

	preempt_disable_notrace();
	act.table = rcu_dereference_sched(jw_table_current);
	if (act.table) {
		act.row = row;
		act.action = row->action;
		act.other.object = NULL;
		act.detail = NULL;
		if (unlikely(look(&act, fregs)) && decide(&act))
			jw_fregs_redirect(fregs, (unsigned long)answer_eperm);
	}
	preempt_enable_notrace();
}

/* One level up from @d. Return: false when what is there is in the filter, or not there to be asked. */
static __always_inline bool passes_up(const u8 *above, const struct dentry **d)
{
	const struct inode *inode;

	*d = READ_ONCE((*d)->d_parent);
	inode = READ_ONCE((*d)->d_inode);
	return likely(inode && !above[(u16)inode->i_ino]);
}

/*
 * Can this file be one that the table has, or lie below one? By the filters alone. A root is its own parent: that the end is reached
 * is asked every few levels only.
 */
static __always_inline bool maybe_meets(const struct jw_identity_set *set, const struct file *file)
{
	const struct dentry *d = file->f_path.dentry;
	const u8 *above = set->above;

	if (unlikely(jw_identity_maybe(set, file_inode(file)->i_ino) || jw_file_lies(file)))
		return true;
	do {
		if (!passes_up(above, &d) || !passes_up(above, &d) || !passes_up(above, &d) || !passes_up(above, &d))
			return true;
	} while (READ_ONCE(d->d_parent) != d);
	return false;
}

static struct row open_row = { .symbol = "security_file_open", .action = JOBWARD_ACTION_MODIFY, .shape = FILE_0 };

/*
 * Opening is by far the most frequent act: reading leaves at once, so does what no filter knows, and what was just created has been
 * judged by its own row.
 */
static void notrace judge_open(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct file *file = (const struct file *)jw_fregs_arg(fregs, 0);
	const struct jw_table *table;
	bool maybe;

	if (likely((file->f_mode & (FMODE_WRITE | FMODE_CREATED)) != FMODE_WRITE))
		return;
	if (unlikely(S_ISBLK(file_inode(file)->i_mode)))
		jw_pin_below_opened();
	preempt_disable_notrace();
	table = rcu_dereference_sched(jw_table_current);
	maybe = table && maybe_meets(&table->objects, file);
	preempt_enable_notrace();
	if (unlikely(maybe))
		judge_row(&open_row, fregs);
}

/* ---- rows ---- */

#define ROW(fn, act_, shape_) { .symbol = "security_" #fn, .action = JOBWARD_ACTION_##act_, .shape = shape_ }
#define ROW_OPTIONAL(fn, act_, shape_) \
	{ .symbol = "security_" #fn, .action = JOBWARD_ACTION_##act_, .shape = shape_, .optional = true }

/* The most frequent first. */
static struct row rows[] = {
	ROW(inode_setattr, ATTR, DENTRY_1_ATTR_2),
	ROW(inode_create, CREATE, DENTRY_1),
	ROW(inode_unlink, DELETE, DENTRY_1),
	ROW(inode_rename, RENAME, DENTRIES_1_3),
	ROW(inode_mkdir, MKDIR, DENTRY_1),
	ROW(inode_rmdir, RMDIR, DENTRY_1),
	ROW(inode_symlink, SYMLINK, DENTRY_1),
	ROW(inode_link, LINK, DENTRIES_0_2),
	ROW(inode_mknod, MKNOD, DENTRY_1),
	ROW(inode_setxattr, XATTR, DENTRY_1),
	ROW(inode_removexattr, XATTR, DENTRY_1),
	ROW_OPTIONAL(inode_set_acl, XATTR, DENTRY_1),	/* 6.2 */
	ROW_OPTIONAL(inode_remove_acl, XATTR, DENTRY_1),	/* 6.2 */
	ROW(sb_mount, MOUNT, PATH_1_FLAGS_3),
	ROW(move_mount, MOUNT, PATH_1),
	ROW(sb_umount, UMOUNT, MOUNT_0),
};

static bool rows_on;
static char off_text[128];

static void note_off(const struct row *row, int err)
{
	size_t len = strlen(off_text);

	pr_warn("jobward: no callback on %s: %d%s\n", row->symbol, err,
		err == -EBUSY ? " (a livepatch or another tracer owns it)" : "");
	scnprintf(off_text + len, sizeof(off_text) - len, "%s%s", len ? ", " : "not armed: ",
		  row->symbol + strlen("security_"));
	jw_gates[JOBWARD_GATE_WRITE].off = off_text;
}

static void notrace judge(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (ip - rows[i].addr < JW_FENTRY_MAX) {
			judge_row(&rows[i], fregs);
			return;
		}
}

/*
 * One ops for all rows but the frequent one: each that is taken away waits for every task to have been elsewhere. PERMANENT: the
 * kernel itself then refuses ftrace_enabled=0.
 */
#define OPS_FLAGS (FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT)
static struct ftrace_ops open_ops = { .func = judge_open, .flags = OPS_FLAGS };
static struct ftrace_ops rows_ops = { .func = judge, .flags = OPS_FLAGS };

static unsigned long row_addrs[ARRAY_SIZE(rows)];
static struct jw_watched watched_open = {
	.name = "the callback on security_file_open", .gate = JOBWARD_GATE_WRITE,
	.ops = &open_ops, .func = judge_open, .addrs = &open_row.addr, .n_addrs = 1
};
static struct jw_watched watched_rows = {
	.name = "the write gate's callbacks", .gate = JOBWARD_GATE_WRITE, .ops = &rows_ops, .func = judge, .addrs = row_addrs
};

/* (A filter is replaced, never freed and set again: up to 6.1 freeing leaves its pointer behind.) */
static int arm(struct ftrace_ops *ops, unsigned long *addrs, unsigned int n)
{
	int err = ftrace_set_filter_ips(ops, addrs, n, 0, 1);

	return err ? err : register_ftrace_function(ops);
}

/* All that are on, in one registration. Return: 0 or what ftrace says. */
static int arm_rows(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].on)
			row_addrs[n++] = rows[i].addr;
	watched_rows.n_addrs = n;
	return n ? arm(&rows_ops, row_addrs, n) : -ENOENT;
}

/* A row that somebody else's ops is on keeps all of them out: each is tried alone, and the others go on without those. */
static void sort_out_rows(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].on)
			continue;
		err = arm(&rows_ops, &rows[i].addr, 1);
		if (!err)
			unregister_ftrace_function(&rows_ops);
		rows[i].on = !err;
		if (err)
			note_off(&rows[i], err);
	}
}

static int find_rows(void)
{
	const char *names[ARRAY_SIZE(rows) + 1];
	unsigned long addrs[ARRAY_SIZE(rows) + 1];
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		names[i] = rows[i].symbol;
	names[i] = open_row.symbol;
	err = jw_symbols_find(names, addrs, i + 1);
	if (err)
		return err;
	open_row.addr = addrs[i];
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i].addr = addrs[i];
		rows[i].on = addrs[i];
		if (!addrs[i] && !rows[i].optional)
			note_off(&rows[i], -ENOENT);
	}
	return 0;
}

int jw_write_gate_init(void)
{
	unsigned int i;
	int err = find_rows();

	if (err)
		return err;
	err = open_row.addr ? arm(&open_ops, &open_row.addr, 1) : -ENOENT;
	open_row.on = !err;
	if (err)
		note_off(&open_row, err);
	err = arm_rows();
	if (err) {
		sort_out_rows();
		err = arm_rows();
	}
	rows_on = !err;
	for (i = 0; err && i < ARRAY_SIZE(rows); i++)
		if (rows[i].on)
			note_off(&rows[i], err);
	if (open_row.on)
		jw_watch_add(&watched_open);
	if (rows_on)
		jw_watch_add(&watched_rows);
	return 0;
}

void jw_write_gate_exit(void)
{
	if (rows_on)
		unregister_ftrace_function(&rows_ops);
	if (open_row.on)
		unregister_ftrace_function(&open_ops);
	ftrace_free_filter(&rows_ops);
	ftrace_free_filter(&open_ops);
	/* Unregistering waited for those inside a callback; this waits for those on their way to or in answer_eperm(). */
	synchronize_rcu_tasks();
}
