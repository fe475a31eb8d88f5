// SPDX-License-Identifier: GPL-2.0
/*
 * See subject.h. One form serves both contexts: everything here works without sleeping but the paging-in of arguments. Memory comes
 * with GFP_NOWAIT: a failure costs words in the record, never the record or the answer.
 */
#include <linux/audit.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/kernfs.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include "compat/compat.h"
#include "place.h"
#include "subject.h"

#define EXE_ROOM 512
#define ANCESTOR_ROOM 128
#define ARGV_ROOM 1536
#define TTY_ROOM 64
#define CGROUP_ROOM 256
#define STRINGS(ancestors) (EXE_ROOM + ARGV_ROOM + TTY_ROOM + CGROUP_ROOM + (ancestors) * ANCESTOR_ROOM)

static u32 uid_of(kuid_t uid)
{
	return from_kuid(&init_user_ns, uid);
}

void jw_subject_minimal(struct jw_subject *s)
{
	const struct cred *cred = current_cred();
	kuid_t loginuid = audit_get_loginuid(current);

	memset(s, 0, sizeof(*s));
	s->pid = task_tgid_nr(current);
	s->tid = task_pid_nr(current);
	rcu_read_lock();
	s->ppid = task_tgid_nr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	s->uid = uid_of(cred->uid);
	s->euid = uid_of(cred->euid);
	s->gid = from_kgid(&init_user_ns, cred->gid);
	if (uid_valid(loginuid)) {
		s->has_auid = true;
		s->auid = uid_of(loginuid);
	}
	if (audit_get_sessionid(current) != AUDIT_SID_UNSET) {
		s->has_session = true;
		s->session = audit_get_sessionid(current);
	}
	s->start_ns = current->start_boottime;
	s->kthread = current->flags & PF_KTHREAD;
}

/* The image's file with a reference. task_lock keeps the mm, RCU its exe_file. get_task_exe_file() is not exported. */
static struct file *image_file_locked(struct task_struct *task)
{
	struct file *file = NULL;

	lockdep_assert_held(&task->alloc_lock);
	if (task->mm && !(task->flags & PF_KTHREAD)) {
		rcu_read_lock();
		file = jw_exe_file_get_rcu(task->mm);
		rcu_read_unlock();
	}
	return file;
}

struct file *jw_subject_image_file(struct task_struct *task)
{
	struct file *file;

	task_lock(task);
	file = image_file_locked(task);
	task_unlock(task);
	return file;
}

bool jw_subject_image_locked(struct task_struct *task, struct jw_identity *id)
{
	struct file *file = image_file_locked(task);

	if (!file)
		return false;
	jw_place_identity(file_inode(file), id);
	fput(file);
	return true;
}

bool jw_subject_image(struct task_struct *task, struct jw_identity *id)
{
	struct file *file;

	/* One's own mm cannot go away: no lock and no reference on the fast path; only the number of the inode is read. */
	if (task == current) {
		const struct inode *inode;
		const struct file *exe;

		if (!task->mm || task->flags & PF_KTHREAD)
			return false;
		rcu_read_lock();
		exe = rcu_dereference(task->mm->exe_file);
		/* A file may be freed and used anew under RCU when another thread puts a new image there: it has no inode then. */
		inode = exe ? READ_ONCE(exe->f_inode) : NULL;
		if (inode)
			jw_place_identity(inode, id);
		rcu_read_unlock();
		return inode;
	}
	file = jw_subject_image_file(task);
	if (!file)
		return false;
	jw_place_identity(file_inode(file), id);
	fput(file);
	return true;
}

static char *room(struct jw_subject_snapshot *snap, u32 want)
{
	char *at = snap->strings + snap->used;

	if (snap->used + want > snap->room)
		return NULL;
	snap->used += want;
	return at;
}

static const char *image_path(struct jw_subject_snapshot *snap, struct task_struct *task, u32 want)
{
	struct file *file = jw_subject_image_file(task);
	const char *path = NULL;
	char *buf;

	if (!file)
		return NULL;
	buf = room(snap, want);
	if (buf) {
		/* d_path() needs a root to begin from, which a task that exits gives up before its files are closed. */
		path = current->fs ? d_path(&file->f_path, buf, want) : dentry_path_raw(file->f_path.dentry, buf, want);
		if (IS_ERR(path))
			path = NULL;
	}
	fput(file);
	return path;
}

static void take_argv(struct jw_subject_snapshot *snap, bool may_sleep)
{
	struct mm_struct *mm = current->mm;
	unsigned long start, end, left;
	char *buf;
	u32 len;

	if (!mm || current->flags & PF_KTHREAD)
		return;
	spin_lock(&mm->arg_lock);
	start = mm->arg_start;
	end = mm->arg_end;
	spin_unlock(&mm->arg_lock);
	if (end <= start)
		return;
	len = min_t(unsigned long, end - start, ARGV_ROOM - 1);
	buf = room(snap, ARGV_ROOM);
	if (!buf)
		return;
	if (may_sleep)
		left = copy_from_user(buf, (const void __user *)start, len);
	else
		left = copy_from_user_nofault(buf, (const void __user *)start, len) ? len : 0;
	if (left == len)
		return;
	len -= left;
	if (buf[len - 1])
		buf[len++] = 0;
	snap->subject.argv = buf;
	snap->subject.argv_len = len;
}

static void take_tty(struct jw_subject_snapshot *snap)
{
	struct tty_struct *tty = get_current_tty();
	char *buf;

	if (!tty)
		return;
	buf = room(snap, TTY_ROOM);
	if (buf) {
		strscpy(buf, tty->name, TTY_ROOM);
		snap->subject.tty = buf;
	}
	tty_kref_put(tty);
}

int jw_subject_cgroup(char *buf, size_t len)
{
	int n;

	rcu_read_lock();
	n = cgroup_path(task_dfl_cgroup(current), buf, len);
	rcu_read_unlock();
	if (n < 0)
		return n;
	return (size_t)n >= len ? -E2BIG : n;
}

/*
 * Walks up from the task's cgroup, name by name: a whole path may be longer than any buffer, and a unit whose slices make it so must
 * not pass for no unit.
 */
bool jw_subject_unit(char *unit, bool *user_manager, u32 *manager_uid)
{
	static const char suffix[] = ".service";
	struct cgroup *cgroup, *parent;
	char name[258];		/* "/" and a name of 255 bytes, which is as long as they get */
	bool found = false;
	int len;

	*user_manager = false;
	*manager_uid = 0;
	rcu_read_lock();
	for (cgroup = task_dfl_cgroup(current); (parent = cgroup_parent(cgroup)); cgroup = parent) {
		len = kernfs_path_from_node(cgroup->kn, parent->kn, name, sizeof(name));
		if (len <= (int)sizeof(suffix) || len >= (int)sizeof(name) ||
		    strcmp(name + len - (sizeof(suffix) - 1), suffix))
			continue;
		if (!found)
			strscpy(unit, name + 1, 256);
		else if (sscanf(name, "/user@%u.service", manager_uid) == 1)
			*user_manager = true;
		found = true;
	}
	rcu_read_unlock();
	return found;
}

static void take_ancestors(struct jw_subject_snapshot *snap, unsigned int max)
{
	struct jw_subject *s = &snap->subject;
	struct task_struct *p;

	rcu_read_lock();
	p = rcu_dereference(current->real_parent);
	while (s->n_ancestors < max && p && task_tgid_nr(p) > 0) {
		struct jw_ancestor *a = &s->ancestors[s->n_ancestors];
		char *comm = snap->comm[++s->n_ancestors];

		a->pid = task_tgid_nr(p);
		a->uid = uid_of(task_uid(p));
		get_task_comm(snap->comm[s->n_ancestors], p);
		a->comm = comm;
		a->exe = image_path(snap, p, ANCESTOR_ROOM);
		if (is_global_init(p))
			break;
		p = rcu_dereference(p->real_parent);
	}
	rcu_read_unlock();
}

struct jw_subject_snapshot *jw_subject_take(unsigned int ancestors, bool may_sleep)
{
	const gfp_t gfp = may_sleep ? GFP_KERNEL : GFP_NOWAIT | __GFP_NOWARN;
	struct jw_subject_snapshot *snap;
	char *buf;

	ancestors = min_t(unsigned int, ancestors, JOBWARD_ANCESTORS_MAX);
	snap = kmalloc(struct_size(snap, strings, STRINGS(ancestors)), gfp);

	if (!snap)
		return NULL;
	snap->used = 0;
	snap->room = STRINGS(ancestors);
	jw_subject_minimal(&snap->subject);
	get_task_comm(snap->comm[0], current);
	snap->subject.comm = snap->comm[0];
	snap->subject.exe = image_path(snap, current, EXE_ROOM);
	take_argv(snap, may_sleep);
	take_tty(snap);
	buf = room(snap, CGROUP_ROOM);
	if (buf && jw_subject_cgroup(buf, CGROUP_ROOM) > 0)
		snap->subject.cgroup = buf;
	take_ancestors(snap, ancestors);
	return snap;
}

void jw_subject_free(struct jw_subject_snapshot *snap)
{
	kfree(snap);
}
