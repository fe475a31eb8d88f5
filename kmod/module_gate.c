// SPDX-License-Identifier: GPL-2.0
/*
 * The module gate: a notifier of the highest priority answers MODULE_STATE_COMING with an error, which refuses the load before init
 * runs. What is being loaded is seen a moment earlier by the same task: callbacks on security_kernel_post_read_file() (finit_module)
 * and security_kernel_post_load_data() (init_module) digest the bytes and remember them until the notifier asks.
 *
 * When something fails on the way:
 *   no table yet                  loads, with a record
 *   bytes not seen or forgotten   listed only by a signature that the kernel trusts
 *   callback not armed            the same; the gate's "off" text says so
 *
 * The callbacks are atomic in the sense of write_gate.c: they may take their time, but not sleep.
 */
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kernel_read_file.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "compat/compat.h"
#include "lineage.h"
#include "mode.h"
#include "module_gate.h"
#include "place.h"
#include "report.h"
#include "run_gate.h"
#include "subject.h"
#include "symbols.h"
#include "verdict.h"
#include "watch.h"

#define PATH_ROOM 256
#define SEEN_MAX 16

/* Bytes that a task is about to load. */
static struct seen {
	const struct task_struct *task;	/* NULL: free */
	u64 age;
	u8 sha256[JOBWARD_DIGEST_SIZE];
	struct jw_object object;
	char path[PATH_ROOM];
} seen[SEEN_MAX];
static u64 ages;
static DEFINE_SPINLOCK(seen_lock);	/* both above; innermost */

/* The slot of this task, else a free one, else the oldest. Under seen_lock. */
static struct seen *slot_for(const struct task_struct *task)
{
	struct seen *best = &seen[0];
	unsigned int i;

	for (i = 0; i < SEEN_MAX; i++) {
		if (seen[i].task == task)
			return &seen[i];
		if (seen[i].age < best->age)
			best = &seen[i];
	}
	return best;
}

static void remember(const void *buf, loff_t size, const struct file *file)
{
	struct jw_object object = { };
	u8 digest[JOBWARD_DIGEST_SIZE];
	char path[PATH_ROOM];
	const char *p = NULL;
	struct seen *s;

	sha256(buf, size, digest);
	if (file) {
		jw_place_object(file_inode(file), &object);
		p = d_path(&file->f_path, path, sizeof(path));
	}
	spin_lock(&seen_lock);
	s = slot_for(current);
	s->task = current;
	s->age = ++ages;
	s->object = object;
	memcpy(s->sha256, digest, sizeof(digest));
	strscpy(s->path, IS_ERR_OR_NULL(p) ? "" : p, sizeof(s->path));
	spin_unlock(&seen_lock);
}

/* What this task was about to load; taken out. */
static bool recall(struct seen *out)
{
	bool found = false;
	unsigned int i;

	spin_lock(&seen_lock);
	for (i = 0; i < SEEN_MAX && !found; i++) {
		found = seen[i].task == current;
		if (found) {
			*out = seen[i];
			memset(&seen[i], 0, sizeof(seen[i]));
		}
	}
	spin_unlock(&seen_lock);
	return found;
}

static void notrace on_read(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (jw_is_reading_module(jw_fregs_arg(fregs, 3)))
		remember((const void *)jw_fregs_arg(fregs, 1), jw_fregs_arg(fregs, 2),
			 (const struct file *)jw_fregs_arg(fregs, 0));
}

static void notrace on_data(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	if (jw_fregs_arg(fregs, 2) == LOADING_MODULE)
		remember((const void *)jw_fregs_arg(fregs, 0), jw_fregs_arg(fregs, 1), NULL);
}

static struct hook {
	const char *symbol;
	struct ftrace_ops ops;
	bool on;
	unsigned long addr;
	struct jw_watched watched;
} hooks[] = {
	{ .symbol = "security_kernel_post_read_file", .ops = { .func = on_read, .flags = FTRACE_OPS_FL_PERMANENT } },
	{ .symbol = "security_kernel_post_load_data", .ops = { .func = on_data, .flags = FTRACE_OPS_FL_PERMANENT } },
};

static void watch(struct hook *hook)
{
	hook->watched = (struct jw_watched){
		.name = "the callback on a module's bytes", .gate = JOBWARD_GATE_MODULE,
		.ops = &hook->ops, .func = hook->ops.func, .addrs = &hook->addr, .n_addrs = 1
	};
	jw_watch_add(&hook->watched);
}

static bool is_signed(const struct module *mod)
{
#ifdef CONFIG_MODULE_SIG
	return mod->sig_ok;
#else
	return false;
#endif
}

static void report(const struct module *mod, struct seen *what, u32 action, u32 verdict, u32 reason, u64 generation)
{
	struct jw_subject_snapshot *snap = jw_subject_take(JOBWARD_ANCESTORS_MAX, true);
	struct jw_lineage lineage = { };
	struct jw_subject minimal;
	struct jw_event event = {
		.kind = JOBWARD_KIND_MODULE,
		.action = action,
		.verdict = verdict,
		.reason = reason,
		.generation = generation,
		.detail = mod->name,
	};

	if (action == JOBWARD_ACTION_LOAD && jw_module_args(mod)) {
		event.argv = jw_module_args(mod);
		event.argv_len = strlen(event.argv) + 1;
	}

	if (what) {
		what->object.path = *what->path ? what->path : NULL;
		what->object.sha256 = what->sha256;
		event.object = &what->object;
	}
	if (jw_lineage_of_current(&lineage)) {
		event.job = lineage.job;
		event.root_seq = lineage.root_seq;
		event.scheduler = lineage.scheduler;
	}
	if (!snap)
		jw_subject_minimal(&minimal);
	event.subject = snap ? &snap->subject : &minimal;
	jw_report(&event);
	jw_subject_free(snap);
}

/* Return: true when the module may load. */
static bool listed(const struct module *mod, const struct seen *what, const struct jw_table *table, u32 *reason)
{
	int state = what ? jw_module_find(table, what->sha256) : -ENOENT;

	if (state == JOBWARD_STATE_APPROVED) {
		*reason = JOBWARD_REASON_LISTED;
		return true;
	}
	if (state < 0 && table->signed_modules && is_signed(mod)) {
		*reason = JOBWARD_REASON_SIGNED;
		return true;
	}
	*reason = state == JOBWARD_STATE_DENIED ? JOBWARD_REASON_DENIED : JOBWARD_REASON_NOT_LISTED;
	return false;
}

static int judge(const struct module *mod)
{
	u32 verdict = JOBWARD_VERDICT_ALLOW, reason = JOBWARD_REASON_NO_TABLE;
	struct seen *what = kmalloc(sizeof(*what), GFP_KERNEL);
	struct jw_table *table = jw_table_get();

	if (what && !recall(what)) {
		kfree(what);
		what = NULL;
	}
	atomic64_inc(&jw_gates[JOBWARD_GATE_MODULE].judged);
	if (table && !listed(mod, what, table, &reason))
		verdict = jw_mode_answer(JOBWARD_GATE_MODULE);
	report(mod, what, JOBWARD_ACTION_LOAD, verdict, reason, table ? table->generation : 0);
	jw_table_put(table);
	kfree(what);
	return verdict == JOBWARD_VERDICT_DENY ? -EPERM : 0;
}

static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;

	if (mod == THIS_MODULE)
		return NOTIFY_DONE;
	switch (state) {
	case MODULE_STATE_COMING:
		return notifier_from_errno(judge(mod));
	case MODULE_STATE_LIVE:
		/* It puts itself at the head of the binary formats, before the run gate: go back there. */
		if (!strcmp(mod->name, "binfmt_misc"))
			jw_run_gate_to_head();
		break;
	case MODULE_STATE_GOING:
		/* Not called for what was refused: nothing after this notifier has heard of it. */
		report(mod, NULL, JOBWARD_ACTION_UNLOAD, JOBWARD_VERDICT_ALLOW, JOBWARD_REASON_NONE, 0);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = on_module, .priority = INT_MAX };

int jw_module_gate_init(void)
{
	const char *names[ARRAY_SIZE(hooks)];
	unsigned long addrs[ARRAY_SIZE(hooks)];
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		names[i] = hooks[i].symbol;
	err = jw_symbols_find(names, addrs, i);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		struct ftrace_ops *ops = &hooks[i].ops;

		err = addrs[i] ? ftrace_set_filter_ip(ops, addrs[i], 0, 1) : -ENOENT;
		if (!err)
			err = register_ftrace_function(ops);
		hooks[i].on = !err;
		hooks[i].addr = addrs[i];
		if (err) {
			pr_warn("jobward: no callback on %s: %d\n", hooks[i].symbol, err);
			jw_gates[JOBWARD_GATE_MODULE].off = "module files are not seen, only signatures count";
		}
	}
	err = register_module_notifier(&notifier);
	if (err)
		jw_module_gate_exit();
	for (i = 0; !err && i < ARRAY_SIZE(hooks); i++)
		if (hooks[i].on)
			watch(&hooks[i]);
	return err;
}

void jw_module_gate_exit(void)
{
	unsigned int i;

	unregister_module_notifier(&notifier);
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (hooks[i].on)
			unregister_ftrace_function(&hooks[i].ops);
		ftrace_free_filter(&hooks[i].ops);
		hooks[i].on = false;
	}
	synchronize_rcu_tasks();
}
