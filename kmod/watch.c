// SPDX-License-Identifier: GPL-2.0
/*
 * See watch.h. A work item looks at every piece each PERIOD: some dozen loads. What is gone is recorded as tampering, armed again where
 * that can be done, and recorded again when it is back. In between the gate's "off" text says so, which the auditor reads every five
 * seconds and puts into the journal.
 *
 * The auditor's sign of life is its asking for the status. A signal to it that ends or stops it is recorded with who sent it.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include "auditor.h"
#include "compat/compat.h"
#include "lock.h"
#include "mode.h"
#include "report.h"
#include "subject.h"
#include "tamper.h"
#include "watch.h"

#define PERIOD (5 * HZ)
/* The daemon asks every five seconds; the longest work between two askings is a reading of all stores. */
#define SILENCE_NS (30 * NSEC_PER_SEC)

static LIST_HEAD(pieces);	/* grows at load only */

/* ---- pieces ---- */

static enum jw_watch_state look_ops(struct jw_watched *w)
{
	enum jw_watch_state state = JW_WATCH_ARMED;
	unsigned int i;

	if (!(READ_ONCE(w->ops->flags) & FTRACE_OPS_FL_ENABLED)) {
		if (register_ftrace_function(w->ops))
			return JW_WATCH_GONE;
		state = JW_WATCH_PUT_BACK;
	}
	if (READ_ONCE(w->ops->func) != w->func)
		return JW_WATCH_GONE;
	for (i = 0; i < w->n_addrs; i++)
		if (!jw_is_called_at(w->addrs[i]))
			return JW_WATCH_GONE;
	return state;
}

/* The module's own finding: the subject is a worker, or the auditor that is back. */
static void record(u32 action, u32 reason, const char *detail)
{
	struct jw_subject subject;
	struct jw_event event = { .kind = JOBWARD_KIND_TAMPER, .action = action, .reason = reason, .detail = detail, .subject = &subject };

	jw_subject_minimal(&subject);
	jw_report(&event);
}

static void note_gone(struct jw_watched *w)
{
	struct jw_gate *gate = &jw_gates[w->gate];

	w->is_gone = true;
	w->off_before = gate->off;
	WRITE_ONCE(gate->off, "taken away by somebody: see the events of kind tamper");
	record(JOBWARD_ACTION_GATE, JOBWARD_REASON_DISARMED, w->name);
	pr_alert("jobward: tamper: %s: no longer armed\n", w->name);
}

static void note_back(struct jw_watched *w)
{
	w->is_gone = false;
	WRITE_ONCE(jw_gates[w->gate].off, w->off_before);
	record(JOBWARD_ACTION_GATE, JOBWARD_REASON_REARMED, w->name);
	pr_warn("jobward: tamper: %s: armed again\n", w->name);
}

static void look_at(struct jw_watched *w)
{
	enum jw_watch_state state = w->ops ? look_ops(w) : w->look(w);

	if (state != JW_WATCH_ARMED && !w->is_gone)
		note_gone(w);
	if (state != JW_WATCH_GONE && w->is_gone)
		note_back(w);
}

void jw_watch_add(struct jw_watched *watched)
{
	list_add_tail(&watched->node, &pieces);
}

/* ---- signs of life ---- */

static u64 last_ns;		/* monotonic: time asleep does not count */
static bool has_beaten;		/* this auditor does, once it has begun to */
static bool is_silent;
static DEFINE_MUTEX(life_lock);	/* the three above; nests inside genl_lock */

static void end_silence(u64 now)
{
	char detail[64];

	if (is_silent) {
		snprintf(detail, sizeof(detail), "the auditor is back after %llu s", div_u64(now - last_ns, NSEC_PER_SEC));
		record(JOBWARD_ACTION_ATTACH, JOBWARD_REASON_RETURNED, detail);
		pr_alert("jobward: tamper: %s\n", detail);
	}
	is_silent = false;
	last_ns = now;
}

void jw_watch_beat(void)
{
	mutex_lock(&life_lock);
	end_silence(ktime_get_ns());
	has_beaten = true;
	mutex_unlock(&life_lock);
}

void jw_watch_seat(bool taken)
{
	u64 now = ktime_get_ns();

	mutex_lock(&life_lock);
	if (taken)
		end_silence(now);
	else if (!is_silent)
		last_ns = now;
	/* Unlocked, anybody may stop the daemon for good. */
	has_beaten = !taken && jw_locked();
	mutex_unlock(&life_lock);
}

static void look_for_life(void)
{
	const char *detail = jw_auditor_pid() ? "the auditor gives no sign of life" : "there is no auditor";

	mutex_lock(&life_lock);
	if (has_beaten && !is_silent && ktime_get_ns() - last_ns > SILENCE_NS) {
		is_silent = true;
		record(JOBWARD_ACTION_DETACH, JOBWARD_REASON_SILENT, detail);
		pr_alert("jobward: tamper: %s\n", detail);
	}
	mutex_unlock(&life_lock);
}

/* ---- signals ---- */

static bool ends_or_stops(int sig)
{
	switch (sig) {
	case SIGCONT:
	case SIGCHLD:
	case SIGWINCH:
	case SIGURG:
	case SIGHUP:	/* reads the policy again */
	case SIGPIPE:	/* ignored */
		return false;
	default:
		return true;
	}
}

/* Sent on purpose by a task: kill(2) and its like, cgroup.kill, or the kernel's own SIGKILL when memory is out. */
static bool is_sent(int sig, const struct kernel_siginfo *info)
{
	if (!in_task())
		return false;
	if (info == SEND_SIG_NOINFO)
		return true;
	if (info == SEND_SIG_PRIV)
		return sig == SIGKILL;
	return info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE;
}

/* Under the target's siglock, irqs off. */
static void on_signal(void *data, int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result)
{
	const u32 auditor = jw_auditor_pid();
	char detail[48];

	if (likely(!auditor || task_tgid_nr(task) != auditor) || !ends_or_stops(sig) || !is_sent(sig, info))
		return;
	/* It ends itself, or its service manager ends it in order: the event of its leaving is enough. */
	if (task_tgid_nr(current) == auditor || (is_global_init(current) && sig == SIGTERM))
		return;
	snprintf(detail, sizeof(detail), "signal %d to the auditor%s", sig, info == SEND_SIG_PRIV ? " by the kernel" : "");
	jw_tamper_later(JOBWARD_ACTION_SIGNAL, JOBWARD_VERDICT_ALLOW, JOBWARD_REASON_NONE, detail);
}

static struct tracepoint *signal_point;

static enum jw_watch_state look_signals(struct jw_watched *w)
{
	return jw_watch_probe(signal_point, on_signal);
}

static struct jw_watched signals = { .name = "the look at signals", .gate = JOBWARD_GATE_RUN, .look = look_signals };

static void match(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "signal_generate"))
		signal_point = tp;
}

/* ---- life of its own ---- */

static void check(struct work_struct *work);
static DECLARE_DELAYED_WORK(work, check);

static void check(struct work_struct *unused)
{
	struct jw_watched *w;

	list_for_each_entry(w, &pieces, node)
		look_at(w);
	look_for_life();
	schedule_delayed_work(&work, round_jiffies_relative(PERIOD));
}

enum jw_watch_state jw_watch_probe(struct tracepoint *tp, void *fn)
{
	int err = tracepoint_probe_register_may_exist(tp, fn, NULL);

	return err == -EEXIST ? JW_WATCH_ARMED : err ? JW_WATCH_GONE : JW_WATCH_PUT_BACK;
}

void jw_watch_init(void)
{
	int err;

	for_each_kernel_tracepoint(match, NULL);
	err = signal_point ? tracepoint_probe_register(signal_point, on_signal, NULL) : -ENOENT;
	if (err) {
		pr_warn("jobward: no probe on signal_generate: %d\n", err);
		signal_point = NULL;
	} else {
		jw_watch_add(&signals);
	}
	schedule_delayed_work(&work, round_jiffies_relative(PERIOD));
}

void jw_watch_exit(void)
{
	cancel_delayed_work_sync(&work);
	if (signal_point)
		tracepoint_probe_unregister(signal_point, on_signal, NULL);
	tracepoint_synchronize_unregister();
}
