// SPDX-License-Identifier: GPL-2.0
/* See tamper.h. */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include "compat/compat.h"
#include "report.h"
#include "subject.h"
#include "tamper.h"

#define DETAIL_ROOM 64
#define PATH_ROOM 512

static void record(u32 action, u32 verdict, u32 reason, const char *detail, const struct jw_subject *subject)
{
	struct jw_event event = {
		.kind = JOBWARD_KIND_TAMPER,
		.action = action,
		.verdict = verdict,
		.reason = reason,
		.detail = detail,
		.subject = subject,
	};

	jw_report(&event);
	pr_alert_ratelimited("jobward: tamper: %s, by %s[%u] (uid %u)%s\n", detail, subject->comm ? subject->comm : "?",
			     subject->pid, subject->uid, verdict == JOBWARD_VERDICT_DENY ? ": refused" : "");
}

void jw_tamper(u32 action, u32 verdict, u32 reason, const char *detail, bool may_sleep)
{
	struct jw_subject_snapshot *snap = jw_subject_take(JOBWARD_ANCESTORS_MAX, may_sleep);
	struct jw_subject minimal;

	if (!snap)
		jw_subject_minimal(&minimal);
	record(action, verdict, reason, detail, snap ? &snap->subject : &minimal);
	jw_subject_free(snap);
}

/* ---- put off ---- */

static struct note {
	u32 action, verdict, reason;
	struct jw_subject subject;
	char comm[TASK_COMM_LEN];
	char detail[DETAIL_ROOM];
	struct file *exe;
} notes[8];
static unsigned int first, n_notes, n_missed;
static DEFINE_SPINLOCK(notes_lock);	/* the four above; irqs off, innermost but for the workqueue's */

static bool next_note(struct note *out, unsigned int *missed)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&notes_lock, flags);
	found = n_notes;
	if (found) {
		*out = notes[first];
		first = (first + 1) % ARRAY_SIZE(notes);
		n_notes--;
	}
	*missed = n_missed;
	n_missed = 0;
	spin_unlock_irqrestore(&notes_lock, flags);
	return found;
}

static void write_note(struct note *note)
{
	char *buf = kmalloc(PATH_ROOM, GFP_KERNEL);
	const char *path = buf && note->exe ? d_path(&note->exe->f_path, buf, PATH_ROOM) : NULL;

	note->subject.comm = note->comm;
	note->subject.exe = IS_ERR(path) ? NULL : path;
	record(note->action, note->verdict, note->reason, note->detail, &note->subject);
	kfree(buf);
	if (note->exe)
		fput(note->exe);
}

static void write_notes(struct work_struct *work)
{
	static struct note note;	/* a work item runs once at a time */
	unsigned int missed, all_missed = 0;

	while (next_note(&note, &missed)) {
		write_note(&note);
		all_missed += missed;
	}
	if (all_missed)
		pr_alert_ratelimited("jobward: tamper: %u more acts at once\n", all_missed);
}
static DECLARE_WORK(work, write_notes);

void jw_tamper_later(u32 action, u32 verdict, u32 reason, const char *detail)
{
	struct note *note;
	unsigned long flags;

	spin_lock_irqsave(&notes_lock, flags);
	if (n_notes == ARRAY_SIZE(notes)) {
		n_missed++;
	} else {
		note = &notes[(first + n_notes++) % ARRAY_SIZE(notes)];
		note->action = action;
		note->verdict = verdict;
		note->reason = reason;
		jw_subject_minimal(&note->subject);
		/* (get_task_comm() takes the task's lock up to 6.12) */
		memcpy(note->comm, current->comm, sizeof(note->comm));
		note->comm[sizeof(note->comm) - 1] = 0;
		strscpy(note->detail, detail, sizeof(note->detail));
		/* One's own mm cannot go away. */
		rcu_read_lock();
		note->exe = current->mm && !(current->flags & PF_KTHREAD) ? jw_exe_file_get_rcu(current->mm) : NULL;
		rcu_read_unlock();
	}
	spin_unlock_irqrestore(&notes_lock, flags);
	schedule_work(&work);
}

void jw_tamper_exit(void)
{
	flush_work(&work);
}
