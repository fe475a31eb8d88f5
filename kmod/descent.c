// SPDX-License-Identifier: GPL-2.0
/*
 * See descent.h. Execs are handed over by the run gate; whom a task connects to is seen by ftrace callbacks on two dispatch functions of
 * the security modules, which change nothing about their answer:
 *
 *   security_socket_connect   connect(2), IORING_OP_CONNECT
 *   security_socket_sendmsg   with an address: sendto(2) and its kin without a connect, and TCP's MSG_FASTOPEN, which is one
 *
 * Both have the kernel's own copy of the address. What is not seen: sockets handed over or connected already, raw packets (AF_PACKET),
 * other families (vsock, Bluetooth), and where a BPF program of a cgroup turns the destination into another behind the hook.
 *
 *   what                          a job's task                              anything else
 *   out of memory for the record  the record is short                       nothing to record
 *   the run did too much          one record of action "limit", then a      nothing to record
 *                                 count (status: unrecorded)
 *   a callback is not armed       the run gate's "off" text says so         the same
 *
 * Context of both callbacks: process or softirq (left alone), atomic (preemption is off in them; that is a reader's side of RCU).
 */
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/net.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/sock.h>
#include "compat/compat.h"
#include "descent.h"
#include "exec_args.h"
#include "lineage.h"
#include "mode.h"
#include "peer.h"
#include "place.h"
#include "report.h"
#include "seen.h"
#include "subject.h"
#include "symbols.h"
#include "watch.h"

static struct jw_seen seen;
static siphash_key_t seen_key;

/* Who acts for which job; completed by its caller. */
static struct jw_event event_of(const struct jw_lineage *lineage, u32 kind, u32 action)
{
	return (struct jw_event){
		.kind = kind,
		.action = action,
		.verdict = JOBWARD_VERDICT_ALLOW,
		.job = lineage->job,
		.root_seq = lineage->root_seq,
		.scheduler = lineage->scheduler,
	};
}

static void report(struct jw_event *event, enum jw_seen_answer answer, bool may_sleep)
{
	struct jw_subject_snapshot *snap = jw_subject_take(JW_SUBJECT_FEW, may_sleep);
	struct jw_subject minimal;

	if (answer == JW_SEEN_FULL) {
		event->action = JOBWARD_ACTION_LIMIT;
		event->detail = "more than one run has room for: what is new from here on is counted, not recorded";
	} else if (answer == JW_SEEN_LAST) {
		event->detail = "again with other arguments: from here on not recorded in this run";
	}
	if (!snap)
		jw_subject_minimal(&minimal);
	event->subject = snap ? &snap->subject : &minimal;
	jw_report(event);
	jw_subject_free(snap);
}

static bool is_recorded(enum jw_seen_answer answer)
{
	return answer != JW_SEEN_REPEAT && answer != JW_SEEN_OVER;
}

static u64 hash_of(const struct jw_identity *program, u64 more)
{
	return siphash_3u64(program->ino, (u64)program->dev << 32 | program->gen, more, &seen_key);
}

/* ---- execs ---- */

void jw_descent_exec(struct linux_binprm *bprm)
{
	struct jw_exec_args args = { };
	struct jw_object object = { };
	enum jw_seen_answer answer;
	struct jw_lineage lineage;
	struct jw_identity program;
	struct jw_event event;
	char *room;
	u64 what;

	if (likely(!jw_lineage_of_current(&lineage)) || !lineage.root_seq)
		return;
	/* As far as they can be read. */
	jw_exec_args_read(&args, bprm, false);
	jw_place_identity(file_inode(bprm->file), &program);
	what = hash_of(&program, 0);
	answer = jw_seen_take(&seen, lineage.root_seq, JW_SEEN_EXEC, what, siphash(args.argv, args.argv_len, &seen_key) ^ what,
			      ktime_get_boottime_ns());
	if (is_recorded(answer)) {
		event = event_of(&lineage, JOBWARD_KIND_CHAIN, JOBWARD_ACTION_EXEC);
		jw_place_object(file_inode(bprm->file), &object);
		/* Where it lies: it may have been called by a link, or by a descriptor. */
		room = kmalloc(PATH_MAX, GFP_KERNEL);
		object.path = room ? d_path(&bprm->file->f_path, room, PATH_MAX) : NULL;
		if (IS_ERR_OR_NULL(object.path))
			object.path = bprm->filename;
		event.object = &object;
		event.argv = args.argv;
		event.argv_len = args.argv_len;
		report(&event, answer, true);
		kfree(room);
	}
	jw_exec_args_done(&args);
}

/* ---- connects ---- */

static void on_destination(struct socket *sock, const struct sockaddr *address, int len, const char *detail)
{
	struct jw_identity program = { };
	struct jw_object object = { };
	enum jw_seen_answer answer;
	struct jw_lineage lineage;
	struct jw_event event;
	struct jw_peer peer;

	if (likely(!jw_lineage_of_current(&lineage)) || !lineage.root_seq ||
	    !jw_peer_read(&peer, address, len, sock->type, sock->sk ? sock->sk->sk_protocol : 0))
		return;
	jw_subject_image(current, &program);
	answer = jw_seen_take(&seen, lineage.root_seq, JW_SEEN_CONNECT, hash_of(&program, siphash(&peer, sizeof(peer), &seen_key)), 0,
			      ktime_get_boottime_ns());
	if (!is_recorded(answer))
		return;
	event = event_of(&lineage, JOBWARD_KIND_NET, JOBWARD_ACTION_CONNECT);
	event.detail = detail;
	object.family = peer.family;
	object.protocol = peer.protocol;
	object.port = peer.port;
	object.address = peer.address;
	object.address_len = peer.address_len;
	object.path = *peer.path ? peer.path : NULL;
	event.object = &object;
	report(&event, answer, false);
}

/* A stream has been connected before, but for MSG_FASTOPEN; then the address is passed over. */
static void on_send(struct socket *sock, const struct msghdr *msg)
{
	if (sock->type != SOCK_STREAM)
		on_destination(sock, msg->msg_name, msg->msg_namelen, "sent without a connect");
	else if (msg->msg_flags & MSG_FASTOPEN)
		on_destination(sock, msg->msg_name, msg->msg_namelen, "sent with the connect");
}

enum { CONNECT, SENDMSG, N_SYMBOLS };
static const char *const symbols[N_SYMBOLS] = { "security_socket_connect", "security_socket_sendmsg" };
static unsigned long addrs[N_SYMBOLS];

static void notrace on_call(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct socket *sock = (struct socket *)jw_fregs_arg(fregs, 0);
	const struct msghdr *msg;

	if (ip - addrs[CONNECT] < JW_FENTRY_MAX) {
		if (!in_task())
			return;
		preempt_disable_notrace();
		on_destination(sock, (const struct sockaddr *)jw_fregs_arg(fregs, 1), (int)jw_fregs_arg(fregs, 2), NULL);
		preempt_enable_notrace();
		return;
	}
	msg = (const struct msghdr *)jw_fregs_arg(fregs, 1);
	if (likely(!msg->msg_name) || !in_task())
		return;
	preempt_disable_notrace();
	on_send(sock, msg);
	preempt_enable_notrace();
}

/* PERMANENT: the kernel itself then refuses ftrace_enabled=0. */
static struct ftrace_ops destinations = { .func = on_call, .flags = FTRACE_OPS_FL_PERMANENT };
static struct jw_watched watched = {
	.name = "the look at destinations", .gate = JOBWARD_GATE_RUN, .ops = &destinations, .func = on_call, .addrs = addrs, .n_addrs = N_SYMBOLS
};
static bool is_on;

static int arm(void)
{
	int err = jw_symbols_find(symbols, addrs, N_SYMBOLS);

	if (!err && (!addrs[CONNECT] || !addrs[SENDMSG]))
		err = -ENOENT;
	if (!err)
		err = ftrace_set_filter_ips(&destinations, addrs, N_SYMBOLS, 0, 1);
	if (!err)
		err = register_ftrace_function(&destinations);
	is_on = !err;
	return err;
}

void jw_descent_init(void)
{
	int err;

	jw_seen_init(&seen);
	get_random_bytes(&seen_key, sizeof(seen_key));
	err = arm();
	if (!err) {
		jw_watch_add(&watched);
		return;
	}
	pr_warn("jobward: no callback on %s and %s: %d\n", symbols[CONNECT], symbols[SENDMSG], err);
	if (!jw_gates[JOBWARD_GATE_RUN].off)
		jw_gates[JOBWARD_GATE_RUN].off = "does not see whom jobs connect to";
}

void jw_descent_exit(void)
{
	/* Waits for those inside a callback. */
	if (is_on)
		unregister_ftrace_function(&destinations);
	is_on = false;
	ftrace_free_filter(&destinations);
}

u64 jw_descent_unrecorded(void)
{
	return atomic64_read(&seen.over);
}
