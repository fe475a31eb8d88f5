// SPDX-License-Identifier: GPL-2.0
/*
 * The run gate: a linux_binfmt at the head of the list. load_binary may sleep, is called before the point of no return, -EPERM
 * fails the execve cleanly, -ENOEXEC hands on to ELF and scripts; the reference that exec takes makes unload safe.
 *
 * When something fails on the way:
 *   what                                   a job                       anything else
 *   no table yet                           not recognised: runs        runs
 *   out of memory                          denied (no-memory)          runs
 *   argv or environment too long, unread   denied (unreadable)         runs
 *   another handler was first              denied (late)               runs
 *   a handler put something else in        denied (changed)            runs
 * In audit mode a job's "denied" is the verdict "audit", and it runs.
 */
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>
#include "compat/compat.h"
#include "descent.h"
#include "digest.h"
#include "exec_args.h"
#include "hold.h"
#include "lineage.h"
#include "mode.h"
#include "pin.h"
#include "place.h"
#include "report.h"
#include "run_gate.h"
#include "shebang.h"
#include "subject.h"
#include "symbols.h"
#include "verdict.h"
#include "watch.h"

/*
 * execve calls load_binary once for each round: a script's second round has its interpreter as bprm->file and changed arguments.
 * What was judged is marked in the bprm itself, in a bit of interp_flags that the kernel leaves alone. (A table keyed by bprm and
 * task does not do: both addresses are used again at once, and a stale entry lets a job through.) Who was APPROVED in this exec has his
 * key and the interpreter that his script names in his lineage, which the same round wrote.
 */
#define JUDGED (1u << 30)
#define APPROVED (1u << 29)
#define ON_RECORD (1u << 27)	/* as a job's start, or handed over as what a job's process executes */
#define UNIT_ROOM 256
#define TEXT_ROOM 4096

/* One exec of a job on its way through the gate. */
struct passage {
	struct linux_binprm *bprm;
	struct jw_table *table;			/* reference */
	u32 scheduler, image;
	u32 uid;
	const char *unit;			/* into unit_room, or NULL */
	struct jw_exec_args args;
	bool has_content;
	u8 content[JOBWARD_DIGEST_SIZE];
	u8 key[JOBWARD_DIGEST_SIZE];
	char *text;				/* beginning of the script on standard input, TEXT_ROOM bytes; or NULL */
	u32 text_len;
	char unit_room[UNIT_ROOM];
	u64 job;
	u32 reason;
	const char *detail;
	bool may_plant;
	u32 marks;				/* for interp_flags */
	bool is_atomic;
};

/* Is the image of the current task a scheduler's, and what it executes no helper? Fast: every exec comes here. */
static bool is_candidate(struct linux_binprm *bprm, u32 *scheduler, u32 *image)
{
	const struct jw_identity_object *object = NULL, *file;
	struct jw_identity id;
	struct jw_table *table;
	bool yes = false;

	rcu_read_lock();
	table = rcu_dereference(jw_table_current);
	if (!table || !jw_subject_image(current, &id) || !jw_identity_maybe(&table->objects, id.ino))
		goto out;
	object = jw_identity_find(&table->objects, &id);
	if (!object || !(object->roles & JOBWARD_ROLE_SCHEDULER))
		goto out;
	*scheduler = object->scheduler;
	*image = object->image;
	file = jw_place_find(&table->objects, file_inode(bprm->file));
	/* PAM's unix_chkpwd and the mailer, as long as they are what the auditor looked at; and the manager that starts its executor. */
	if (file && ((file->roles & JOBWARD_ROLE_HELPER && !test_bit(JW_MARK_TOUCHED, &file->marks)) ||
		     (object->image & JOBWARD_IMAGE_UNIT && file->image & JOBWARD_IMAGE_UNIT)))
		goto out;
	yes = true;
out:
	rcu_read_unlock();
	return yes;
}

/*
 * Is the executed file's name one in a periodic directory? By the name, since a symlink there is a job as much as a file is; its
 * directory is then compared by inode.
 */
static bool in_periodic_dir(const struct jw_table *table, const char *filename)
{
	const struct jw_identity_object *object;
	const char *slash = strrchr(filename, '/');
	struct path path;
	char *dir;
	int err;

	dir = slash ? kstrndup(filename, max_t(size_t, slash - filename, 1), GFP_KERNEL) : kstrdup(".", GFP_KERNEL);
	if (!dir)
		return true;	/* judged, then: nothing else runs by this image */
	err = kern_path(dir, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
	kfree(dir);
	if (err)
		return err == -ENOMEM;	/* else exec cannot have found it there either */
	object = jw_place_find(&table->objects, d_inode(path.dentry));
	path_put(&path);
	return object && object->roles & JOBWARD_ROLE_PERIODIC;
}

/*
 * Is this service one that a timer can reach? What the table does not know is a timer's if its environment says so, or if a timer
 * was planted that the table has not taken into account.
 */
static bool is_timer_unit(struct passage *p)
{
	u32 manager_uid;
	bool user_manager;
	int class;

	if (!jw_subject_unit(p->unit_room, &user_manager, &manager_uid))
		return false;
	p->unit = p->unit_room;
	if (user_manager)
		p->scheduler = JOBWARD_SCHEDULER_SYSTEMD_USER;
	class = jw_unit_find(p->table, p->unit, manager_uid);
	if (class >= 0)
		return class == JOBWARD_UNIT_CLASS_TIMER;
	return p->args.timer || jw_report_timer_seq() > p->table->covers_seq;
}

/*
 * busybox is crond and the shell in one inode: what it was started as stands in its arguments, "crond" or "busybox crond". A job's child
 * shares them by vfork. They are the task's own words, but whoever starts a crond under another name needs no crond to run what they want.
 */
static bool is_crond(void)
{
	const unsigned long from = READ_ONCE(current->mm->arg_start), size = READ_ONCE(current->mm->arg_end) - from;
	char args[128];
	size_t n = min(size, sizeof(args) - 1);
	const char *word, *slash;

	if (copy_from_user(args, (const void __user *)from, n))
		return true;	/* judged, then */
	args[n] = 0;
	for (word = args; word < args + n; word += strlen(word) + 1) {
		slash = strrchr(word, '/');
		slash = slash ? slash + 1 : word + (*word == '-');
		if (strncmp(slash, "busybox", 7))
			return !strcmp(slash, "crond");
	}
	return false;
}

static bool open_for_writing(const struct file *file)
{
	return atomic_read(&file_inode(file)->i_writecount) > 0;
}

/* Without memory for its text the record goes without. */
static int take_script(struct passage *p, struct file *file)
{
	u32 len = TEXT_ROOM;
	int err;

	p->text = kmalloc(len, GFP_KERNEL);
	err = jw_pin_digest(file, p->content, p->text, &len);
	if (!err && p->text)
		p->text_len = len;
	return err;
}

/* The script on standard input, or the executed file: what has no fixed command is known by its content. */
static int take_content(struct passage *p)
{
	struct file *file = p->bprm->file;
	int err;

	if (p->image & JOBWARD_IMAGE_FILE) {
		/* Before 6.11 and from 6.13 exec itself refuses such a file; in between it does not. */
		err = open_for_writing(file) ? -ETXTBSY : jw_pin_digest(file, p->content, NULL, NULL);
	} else if (p->image & JOBWARD_IMAGE_STDIN) {
		file = fget(0);
		if (!file)
			return -EBADF;
		/* Somebody who has it open for writing can change it while the shell reads it. */
		if (!S_ISREG(file_inode(file)->i_mode))
			err = -EINVAL;
		else if (open_for_writing(file))
			err = -ETXTBSY;
		else
			err = take_script(p, file);
		fput(file);
	} else {
		return 0;
	}
	p->has_content = !err;
	return err;
}

static void make_key(struct passage *p)
{
	const struct jw_job_key_parts parts = {
		.scheduler = p->scheduler,
		.uid = p->uid,
		.unit = p->unit ? p->unit : "",
		.unit_len = p->unit ? strlen(p->unit) : 0,
		.argv = p->args.argv,
		.argv_len = p->args.argv_len,
		.env = p->args.vars,
		.n_env = p->args.n_vars,
		.content = p->has_content ? p->content : NULL,
	};

	jw_digest_key(&parts, p->key);
}

static u64 report(struct passage *p, u32 action, u32 verdict)
{
	const bool routine = verdict == JOBWARD_VERDICT_ALLOW;
	struct jw_subject_snapshot *snap = jw_subject_take(routine ? JW_SUBJECT_FEW : JOBWARD_ANCESTORS_MAX,
							    !p->is_atomic);
	struct jw_object object = { .path = p->bprm->filename };
	struct jw_lineage lineage = { };
	struct jw_subject minimal;
	struct jw_event event = {
		.kind = JOBWARD_KIND_RUN,
		.action = action,
		.verdict = verdict,
		.reason = p->reason,
		.scheduler = p->scheduler,
		.generation = p->table->generation,
		.job = p->job,
		.key = p->key,
		.object = &object,
		.argv = p->args.argv,
		.argv_len = p->args.argv_len,
		.env = p->args.env,
		.env_len = p->args.env_len,
		.unit = p->unit,
		.text = p->text,
		.text_len = p->text_len,
		.detail = p->detail,
	};
	u64 seq;

	jw_place_object(file_inode(p->bprm->file), &object);
	if (p->has_content && p->image & JOBWARD_IMAGE_FILE)
		object.sha256 = p->content;
	if (jw_lineage_of_current(&lineage))
		event.root_seq = lineage.root_seq;
	if (!snap)
		jw_subject_minimal(&minimal);
	event.subject = snap ? &snap->subject : &minimal;
	seq = jw_report(&event);
	jw_subject_free(snap);
	return seq;
}

/* State of the key in the table; with pins compared. Return: true when the job may run. */
static bool approved(struct passage *p)
{
	const struct jw_verdict *v = jw_verdict_find(p->table, p->key);

	p->detail = NULL;
	p->reason = JOBWARD_REASON_UNAPPROVED;
	if (!v)
		return false;
	p->job = v->job;
	p->may_plant = v->may_plant;
	switch (v->state) {
	case JOBWARD_STATE_APPROVED:
		p->detail = jw_pin_check(p->table, v);
		p->reason = p->detail ? JOBWARD_REASON_CHANGED : JOBWARD_REASON_APPROVED;
		return !p->detail;
	case JOBWARD_STATE_CHANGED:
		p->reason = JOBWARD_REASON_CHANGED;
		return false;
	case JOBWARD_STATE_DENIED:
		p->reason = JOBWARD_REASON_DENIED;
		return false;
	default:
		return false;
	}
}

/* An unknown job may wait for the auditor, where the mode says so. */
static bool approved_after_hold(struct passage *p)
{
	bool timed_out;
	u64 seq;

	if (approved(p))
		return true;
	if (READ_ONCE(jw_gates[JOBWARD_GATE_RUN].mode) != JOBWARD_MODE_HOLD ||
	    p->reason != JOBWARD_REASON_UNAPPROVED || !jw_hold_allowed())
		return false;
	seq = report(p, JOBWARD_ACTION_HOLD, JOBWARD_VERDICT_AUDIT);
	jw_table_put(p->table);
	p->table = jw_hold_wait(p->key, seq, &timed_out);
	if (p->table && approved(p))
		return true;
	if (timed_out && p->reason == JOBWARD_REASON_UNAPPROVED)
		p->reason = JOBWARD_REASON_HOLD_TIMEOUT;
	return false;
}

/*
 * What the next round may bring: the interpreter that a script's first line names, found as exec will find it. Where that leads to
 * nothing exec itself will fail.
 */
static int expect_interpreter(const struct linux_binprm *bprm, struct jw_lineage *lineage)
{
	size_t len;
	const char *name = jw_shebang(bprm->buf, sizeof(bprm->buf), &len);
	struct path path;
	char *copy;
	int err;

	memset(&lineage->interpreter, 0, sizeof(lineage->interpreter));
	if (!name)
		return 0;
	copy = kmemdup_nul(name, len, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	err = kern_path(copy, LOOKUP_FOLLOW, &path);
	kfree(copy);
	if (err)
		return err == -ENOMEM ? err : 0;
	jw_place_identity(d_inode(path.dentry), &lineage->interpreter);
	path_put(&path);
	return 0;
}

/* What is no job yet has cost argv only; from here on the exec is a job's. Return: 0 to go on, or the errno for execve. */
static int judge(struct passage *p, int err)
{
	u32 verdict = JOBWARD_VERDICT_ALLOW;
	struct jw_lineage lineage = { };

	atomic64_inc(&jw_gates[JOBWARD_GATE_RUN].judged);
	if (!err)
		err = take_content(p);
	make_key(p);
	if (err) {
		p->reason = err == -ENOMEM ? JOBWARD_REASON_NO_MEMORY :
			    err == -ETXTBSY ? JOBWARD_REASON_BUSY_SCRIPT : JOBWARD_REASON_UNREADABLE;
	} else if (p->bprm->interp != p->bprm->filename) {
		err = -EPERM;
		p->reason = JOBWARD_REASON_LATE;
	} else if (!approved_after_hold(p)) {
		err = -EPERM;
	} else if (expect_interpreter(p->bprm, &lineage)) {
		err = -ENOMEM;
		p->reason = JOBWARD_REASON_NO_MEMORY;
	}
	if (!p->table)
		return -EPERM;	/* taken away while the exec was held: unload is impossible, so the auditor's own act */
	if (err)
		verdict = jw_mode_answer(JOBWARD_GATE_RUN);
	lineage.root_seq = report(p, JOBWARD_ACTION_EXEC, verdict);
	if (verdict == JOBWARD_VERDICT_DENY)
		return -EPERM;
	lineage.job = p->job;
	lineage.scheduler = p->scheduler;
	lineage.may_plant = !err && p->may_plant;
	memcpy(lineage.key, p->key, sizeof(lineage.key));
	jw_lineage_set_current(&lineage);
	p->marks |= ON_RECORD | (err ? 0 : APPROVED);
	return 0;
}

/* Of images that do other things too: does this exec start a job? Services are told apart later, by what argv and environment say. */
static bool is_root(struct passage *p)
{
	if (p->image & JOBWARD_IMAGE_PERIODIC_ONLY && !in_periodic_dir(p->table, p->bprm->filename))
		return false;
	return !(p->image & JOBWARD_IMAGE_CROND) || is_crond();
}

static int pass(struct linux_binprm *bprm, u32 scheduler, u32 image)
{
	struct passage *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err, ret = 0;

	/* Of a service nobody knows yet whether it is a job; without memory its exec fails further on by itself. */
	if (!p)
		return image & JOBWARD_IMAGE_UNIT ? 0 : -ENOMEM;
	p->bprm = bprm;
	p->scheduler = scheduler;
	p->image = image;
	p->uid = from_kuid(&init_user_ns, current_uid());
	p->table = jw_table_get();
	if (p->table && is_root(p)) {
		err = jw_exec_args_read(&p->args, bprm, !(image & JOBWARD_IMAGE_UNIT));
		if (!(image & JOBWARD_IMAGE_UNIT) || is_timer_unit(p))
			ret = judge(p, err);
	}
	jw_table_put(p->table);
	bprm->interp_flags |= p->marks;
	jw_exec_args_done(&p->args);
	kfree(p->text);
	kfree(p);
	return ret;
}

static bool is_pinned(const struct jw_table *table, const u8 *key, const struct jw_identity *id)
{
	const struct jw_verdict *v = jw_verdict_find(table, key);
	u32 i;

	for (i = 0; v && v->state == JOBWARD_STATE_APPROVED && i < v->n_pins; i++)
		if (jw_identity_same(&table->pins[table->pin_refs[v->first_pin + i]].id, id))
			return true;
	return false;
}

/*
 * A later round of an approved job: a handler has put an interpreter in the job's place. That is what the script names, or else what
 * the approval pins; anything else is a handler's own choice (binfmt_misc, registered for every ELF file, say).
 */
static int judge_interpreter(struct passage *p)
{
	struct jw_lineage lineage;
	struct jw_identity id;
	u32 verdict;

	if (!jw_lineage_of_current(&lineage)) {	/* there was no memory for it */
		p->reason = JOBWARD_REASON_NO_MEMORY;
	} else {
		jw_place_identity(file_inode(p->bprm->file), &id);
		if (jw_identity_same(&id, &lineage.interpreter) || is_pinned(p->table, lineage.key, &id)) {
			p->reason = JOBWARD_REASON_NO_MEMORY;
			if (!expect_interpreter(p->bprm, &lineage)) {
				jw_lineage_set_current(&lineage);
				return 0;
			}
		} else {
			p->reason = JOBWARD_REASON_CHANGED;
			p->detail = p->bprm->interp;
		}
		memcpy(p->key, lineage.key, sizeof(p->key));
		p->job = lineage.job;
		p->scheduler = lineage.scheduler;
	}
	p->bprm->interp_flags &= ~APPROVED;	/* said once */
	verdict = jw_mode_answer(JOBWARD_GATE_RUN);
	report(p, JOBWARD_ACTION_EXEC, verdict);
	return verdict == JOBWARD_VERDICT_DENY ? -EPERM : 0;
}

static int pass_again(struct linux_binprm *bprm)
{
	struct passage *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int ret = 0;

	if (!p)
		return -ENOMEM;
	p->bprm = bprm;
	p->table = jw_table_get();
	if (p->table)
		ret = judge_interpreter(p);
	jw_table_put(p->table);
	kfree(p);
	return ret;
}

static int gate_load_binary(struct linux_binprm *bprm)
{
	u32 scheduler, image;
	int err;

	if (bprm->interp_flags & JUDGED) {
		err = bprm->interp_flags & APPROVED ? pass_again(bprm) : 0;
		return err ? err : -ENOEXEC;
	}
	if (is_candidate(bprm, &scheduler, &image) && !is_global_init(current)) {
		err = pass(bprm, scheduler, image);
		if (err)
			return err;
		bprm->interp_flags |= JUDGED;
	}
	if (!(bprm->interp_flags & ON_RECORD)) {
		bprm->interp_flags |= ON_RECORD;
		jw_descent_exec(bprm);
	}
	return -ENOEXEC;
}

/* ---- a loader of a handler's choice ---- */

static struct file *answer_eperm(void)
{
	return ERR_PTR(-EPERM);
}

static bool loader_is_denied(struct linux_binprm *bprm, const struct jw_table *table, struct passage *p)
{
	struct jw_lineage lineage = { };
	struct jw_identity id;
	u32 verdict;

	jw_place_identity(file_inode(jw_exec_loader(bprm)), &id);
	if (jw_lineage_of_current(&lineage) && is_pinned(table, lineage.key, &id))
		return false;
	memcpy(p->key, lineage.key, sizeof(p->key));
	p->bprm = bprm;
	p->table = (struct jw_table *)table;
	p->job = lineage.job;
	p->scheduler = lineage.scheduler;
	p->reason = JOBWARD_REASON_CHANGED;
	p->detail = "another loader, by a handler of binfmt_misc";
	p->is_atomic = true;
	verdict = jw_mode_answer(JOBWARD_GATE_RUN);
	report(p, JOBWARD_ACTION_EXEC, verdict);
	return verdict == JOBWARD_VERDICT_DENY;
}

/*
 * binfmt_misc may leave an ELF file in its place and choose only who loads it: there is no other round then. bprm_open_interpreter() is
 * where the ELF format takes that loader, before the point of no return. Atomic: preemption is off, which is a reader's side of RCU.
 */
static void notrace on_loader(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct linux_binprm *bprm = (struct linux_binprm *)jw_fregs_arg(fregs, 0);
	const struct jw_table *table;
	struct passage *p;

	if (likely(!jw_exec_loader(bprm)))
		return;
	bprm->interp_flags |= JW_EXEC_LOADER_SEEN;	/* for the lineage: such a writer is tainted */
	if (!(bprm->interp_flags & APPROVED))
		return;
	preempt_disable_notrace();
	table = rcu_dereference_sched(jw_table_current);
	p = table ? kzalloc(sizeof(*p), GFP_NOWAIT | __GFP_NOWARN) : NULL;
	/* Without memory for a record a job does not run. */
	if (table && (p ? loader_is_denied(bprm, table, p) : jw_mode_answer(JOBWARD_GATE_RUN) == JOBWARD_VERDICT_DENY))
		jw_fregs_redirect(fregs, (unsigned long)answer_eperm);
	kfree(p);
	preempt_enable_notrace();
}

static struct ftrace_ops loader_ops = { .func = on_loader, .flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT };
static bool loader_on;
static unsigned long loader_addr;
static struct jw_watched watched_loader = {
	.name = "the callback on bprm_open_interpreter", .gate = JOBWARD_GATE_RUN,
	.ops = &loader_ops, .func = on_loader, .addrs = &loader_addr, .n_addrs = 1
};

static void loader_init(void)
{
	const char *const name = "bprm_open_interpreter";
	int err;

	if (!JW_EXEC_LOADERS)
		return;
	err = jw_symbols_find(&name, &loader_addr, 1);
	if (!err)
		err = loader_addr ? ftrace_set_filter_ip(&loader_ops, loader_addr, 0, 1) : -ENOENT;
	if (!err)
		err = register_ftrace_function(&loader_ops);
	loader_on = !err;
	if (loader_on)
		jw_watch_add(&watched_loader);
	if (!err)
		return;
	pr_warn("jobward: no callback on %s: %d\n", name, err);
	jw_gates[JOBWARD_GATE_RUN].off = "does not see loaders that binfmt_misc chooses";
}

static void loader_exit(void)
{
	if (loader_on)
		unregister_ftrace_function(&loader_ops);
	ftrace_free_filter(&loader_ops);
	/* This one waits for those on their way to or in answer_eperm(). */
	if (loader_on)
		synchronize_rcu_tasks();
	loader_on = false;
}

/* ---- formats ---- */

/* What the older ones below do. */
static int pass_on(struct linux_binprm *bprm)
{
	return -ENOEXEC;
}

/*
 * Each return to the head of the list takes a fresh one. The older ones stay in the list until unload and pass on: search_binary_handler()
 * goes on from a format's place after its load_binary has returned, so none may be taken out while an exec is in it (that may wait, in
 * hold). When all are used up the gate stays where it is: what reaches it late is refused for a job.
 */
#define FORMATS_MAX 16
static struct linux_binfmt formats[FORMATS_MAX];
static unsigned int formats_in;
static struct list_head *formats_head;	/* of the kernel's list; fs/exec.c keeps it to itself */
static DEFINE_MUTEX(format_lock);	/* both above; nests inside the module notifier's lock */

void jw_run_gate_to_head(void)
{
	mutex_lock(&format_lock);
	if (formats_in == FORMATS_MAX) {
		jw_gates[JOBWARD_GATE_RUN].off = "behind binfmt_misc, which was loaded too often: jobs that it takes are refused";
	} else {
		formats[formats_in].module = THIS_MODULE;
		formats[formats_in].load_binary = gate_load_binary;
		__register_binfmt(&formats[formats_in], 1);
		if (!formats_head)
			formats_head = formats[formats_in].lh.prev;
		if (formats_in)
			WRITE_ONCE(formats[formats_in - 1].load_binary, pass_on);
		formats_in++;
	}
	mutex_unlock(&format_lock);
}

/* Is the newest of ours the first of all? Only the list's head is read, which does not go away. */
static bool is_at_head(void)
{
	bool is;

	mutex_lock(&format_lock);
	is = READ_ONCE(formats_head->next) == &formats[formats_in - 1].lh &&
	     READ_ONCE(formats[formats_in - 1].load_binary) == gate_load_binary;
	mutex_unlock(&format_lock);
	return is;
}

static enum jw_watch_state look_head(struct jw_watched *w)
{
	if (is_at_head())
		return JW_WATCH_ARMED;
	jw_run_gate_to_head();
	return is_at_head() ? JW_WATCH_PUT_BACK : JW_WATCH_GONE;
}

static struct jw_watched watched_head = { .name = "the first place among binary formats", .gate = JOBWARD_GATE_RUN, .look = look_head };

void jw_run_gate_init(void)
{
	loader_init();
	jw_run_gate_to_head();
	jw_watch_add(&watched_head);
}

void jw_run_gate_exit(void)
{
	loader_exit();
	/* Nobody is inside: exec holds a reference on the module. */
	while (formats_in) {
		struct linux_binfmt *format = &formats[--formats_in];

		/* unless somebody else has taken it out, which leaves no neighbours */
		if (format->lh.next != LIST_POISON1)
			unregister_binfmt(format);
	}
}
