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
 * In audit mode a job's "denied" is the verdict "audit", and it runs.
 */
#include <linux/binfmts.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include "compat/compat.h"
#include "digest.h"
#include "exec_args.h"
#include "hold.h"
#include "lineage.h"
#include "mode.h"
#include "pin.h"
#include "place.h"
#include "report.h"
#include "run_gate.h"
#include "subject.h"
#include "verdict.h"

/*
 * execve calls load_binary once for each round: a script's second round has its interpreter as bprm->file and changed arguments.
 * What was judged is marked in the bprm itself, in a bit of interp_flags that the kernel leaves alone. (A table keyed by bprm and
 * task does not do: both addresses are used again at once, and a stale entry lets a job through.)
 */
#define JUDGED (1u << 30)
#define CGROUP_ROOM 512
#define TEXT_ROOM 512

/* One exec of a job on its way through the gate. */
struct passage {
	struct linux_binprm *bprm;
	struct jw_table *table;			/* reference */
	u32 scheduler, image;
	u32 uid;
	const char *unit;
	struct jw_exec_args args;
	bool has_content;
	u8 content[JOBWARD_DIGEST_SIZE];
	u8 key[JOBWARD_DIGEST_SIZE];
	char text[TEXT_ROOM];
	u32 text_len;
	char cgroup[CGROUP_ROOM];
	u64 job;
	u32 reason;
	const char *detail;
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
	/* PAM's unix_chkpwd and the mailer; and the manager that starts its executor. */
	if (file && (file->roles & JOBWARD_ROLE_HELPER ||
		     (object->image & JOBWARD_IMAGE_UNIT && file->image & JOBWARD_IMAGE_UNIT)))
		goto out;
	if (object->image & JOBWARD_IMAGE_PERIODIC_ONLY) {
		file = jw_place_find(&table->objects, d_inode(READ_ONCE(bprm->file->f_path.dentry->d_parent)));
		if (!file || !(file->roles & JOBWARD_ROLE_PERIODIC))
			goto out;
	}
	yes = true;
out:
	rcu_read_unlock();
	return yes;
}

/*
 * The unit is the last component of the cgroup's path that ends in .service; above it user@UID.service tells a user manager's.
 * Cuts @cgroup where the name ends. Return: the name, or NULL where no service is named.
 */
static const char *unit_of(char *cgroup, u32 *scheduler, u32 *manager_uid)
{
	static const char suffix[] = ".service";
	char *part, *next = cgroup, *unit = NULL;
	unsigned int uid;

	*manager_uid = 0;
	while ((part = strsep(&next, "/"))) {
		size_t len = strlen(part);

		if (len < sizeof(suffix) || strcmp(part + len - sizeof(suffix) + 1, suffix))
			continue;
		if (unit && sscanf(unit, "user@%u.service", &uid) == 1) {
			*manager_uid = uid;
			*scheduler = JOBWARD_SCHEDULER_SYSTEMD_USER;
		}
		unit = part;
	}
	return unit;
}

/*
 * Is this service one that a timer can reach? What the table does not know is a timer's if its environment says so, or if a timer
 * was planted that the table has not taken into account.
 */
static bool is_timer_unit(struct passage *p)
{
	u32 manager_uid;
	int class;

	if (jw_subject_cgroup(p->cgroup, sizeof(p->cgroup)) < 0)
		return false;
	p->unit = unit_of(p->cgroup, &p->scheduler, &manager_uid);
	if (!p->unit)
		return false;
	class = jw_unit_find(p->table, p->unit, manager_uid);
	if (class >= 0)
		return class == JOBWARD_UNIT_CLASS_TIMER;
	return p->args.timer || jw_report_timer_seq() > p->table->covers_seq;
}

static bool open_for_writing(const struct file *file)
{
	return atomic_read(&file_inode(file)->i_writecount) > 0;
}

/* The script on standard input, or the executed file: what has no fixed command is known by its content. */
static int take_content(struct passage *p)
{
	struct file *file = p->bprm->file;
	int err;

	if (p->image & JOBWARD_IMAGE_FILE) {
		err = jw_pin_digest(file, p->content, NULL, NULL);
	} else if (p->image & JOBWARD_IMAGE_STDIN) {
		file = fget(0);
		if (!file)
			return -EBADF;
		p->text_len = sizeof(p->text);
		/* Somebody who has it open for writing can change it while the shell reads it. */
		if (!S_ISREG(file_inode(file)->i_mode))
			err = -EINVAL;
		else if (open_for_writing(file))
			err = -ETXTBSY;
		else
			err = jw_pin_digest(file, p->content, p->text, &p->text_len);
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
	struct jw_subject_snapshot *snap = jw_subject_take(true);
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
		.text = p->text_len ? p->text : NULL,
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
	u64 seq;

	if (approved(p))
		return true;
	if (READ_ONCE(jw_gates[JOBWARD_GATE_RUN].mode) != JOBWARD_MODE_HOLD ||
	    p->reason != JOBWARD_REASON_UNAPPROVED || !jw_hold_allowed())
		return false;
	seq = report(p, JOBWARD_ACTION_HOLD, JOBWARD_VERDICT_AUDIT);
	jw_table_put(p->table);
	p->table = jw_hold_wait(p->key, seq);
	return p->table && approved(p);
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
	jw_lineage_set_current(&lineage);
	p->bprm->interp_flags |= JUDGED;
	return 0;
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
	if (p->table) {
		err = jw_exec_args_read(&p->args, bprm, !(image & JOBWARD_IMAGE_UNIT));
		if (!(image & JOBWARD_IMAGE_UNIT) || is_timer_unit(p))
			ret = judge(p, err);
		jw_table_put(p->table);
	}
	jw_exec_args_done(&p->args);
	kfree(p);
	return ret;
}

static int gate_load_binary(struct linux_binprm *bprm)
{
	u32 scheduler, image;
	int err;

	if (bprm->interp_flags & JUDGED || !is_candidate(bprm, &scheduler, &image) || is_global_init(current))
		return -ENOEXEC;
	err = pass(bprm, scheduler, image);
	return err ? err : -ENOEXEC;
}

/* Two of them, so that the gate can go back to the head of the list without being absent for a moment. */
static struct linux_binfmt formats[2] = {
	{ .module = THIS_MODULE, .load_binary = gate_load_binary },
	{ .module = THIS_MODULE, .load_binary = gate_load_binary },
};
static int format_in = -1;
static DEFINE_MUTEX(format_lock);	/* format_in; nests inside the module notifier's lock */

void jw_run_gate_to_head(void)
{
	int next;

	mutex_lock(&format_lock);
	next = format_in == 0 ? 1 : 0;
	__register_binfmt(&formats[next], 1);
	if (format_in >= 0)
		unregister_binfmt(&formats[format_in]);
	format_in = next;
	mutex_unlock(&format_lock);
}

void jw_run_gate_init(void)
{
	jw_run_gate_to_head();
}

void jw_run_gate_exit(void)
{
	unregister_binfmt(&formats[format_in]);
	format_in = -1;
}
