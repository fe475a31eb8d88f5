// SPDX-License-Identifier: GPL-2.0
/*
 * Bodies of the requests: required attributes, one call into a room, reply. No state but who the auditor is and the transaction under
 * way; genl_lock (the family is not parallel_ops) excludes requests from each other, so neither needs a lock of its own.
 *
 * Every request needs CAP_SYS_ADMIN in the initial user namespace, of the socket's opener and of the sender; status CAP_AUDIT_READ.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include "auditor.h"
#include "compat/compat.h"
#include "descent.h"
#include "hold.h"
#include "lineage.h"
#include "lock.h"
#include "mode.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "place.h"
#include "report.h"
#include "seat.h"
#include "subject.h"
#include "tamper.h"
#include "verdict.h"
#include "viewers.h"
#include "watch.h"

static struct genl_family family;

u32 jw_auditor_portid, jw_auditor_tgid;	/* see auditor.h */
struct mm_struct *jw_auditor_memory;
static struct jw_table *open_table;	/* the transaction under way */
static u32 open_txn;
static u64 instance;

/* ---- who may ask ---- */

static bool may(struct sk_buff *skb, int cap, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, cap))
		return true;
	NL_SET_ERR_MSG_MOD(extack, "not permitted: needs CAP_SYS_ADMIN (for status CAP_AUDIT_READ)");
	return false;
}

static bool is_auditor(const struct genl_info *info)
{
	bool is = READ_ONCE(jw_auditor_portid) == info->snd_portid;

	/* Its socket may be in other hands, and so may itself. */
	if (is && jw_locked())
		is = jw_auditor_is_current() && !jw_seat_meddled();
	if (is)
		return true;
	if (jw_locked())
		jw_tamper(JOBWARD_ACTION_TABLE, JOBWARD_VERDICT_DENY, JOBWARD_REASON_LOCKED, "a request that is the auditor's alone", true);
	NL_SET_ERR_MSG_MOD(info->extack, "only the attached auditor may do this");
	return false;
}

/* An act on the guard itself is an event, whoever does it. */
static void report_admin(u32 action, u32 reason, const char *detail, u32 kind)
{
	struct jw_subject_snapshot *snap = jw_subject_take(JOBWARD_ANCESTORS_MAX, true);
	struct jw_subject minimal;
	struct jw_event event = { .kind = kind, .action = action, .reason = reason, .detail = detail };

	if (!snap)
		jw_subject_minimal(&minimal);
	event.subject = snap ? &snap->subject : &minimal;
	jw_report(&event);
	jw_subject_free(snap);
}

/* ---- status ---- */

static int put_gate(struct sk_buff *skb, unsigned int id)
{
	struct nlattr *nest = nla_nest_start(skb, JOBWARD_A_STATUS_GATE);
	const struct jw_gate *gate = &jw_gates[id];
	const char *off = READ_ONCE(gate->off);

	if (!nest || nla_put_u32(skb, JOBWARD_A_GATE_ID, id) ||
	    nla_put_u32(skb, JOBWARD_A_GATE_MODE, READ_ONCE(gate->mode)) ||
	    (off && nla_put_string(skb, JOBWARD_A_GATE_OFF, off)) ||
	    nla_put_u64_64bit(skb, JOBWARD_A_GATE_JUDGED, atomic64_read(&gate->judged), 0) ||
	    nla_put_u64_64bit(skb, JOBWARD_A_GATE_DENIED, atomic64_read(&gate->denied), 0))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_ring(struct sk_buff *skb)
{
	struct jw_ring *ring = &jw_report_ring;
	u64 seq, acked, lost, lost_denials;
	unsigned long flags;

	spin_lock_irqsave(&ring->lock, flags);
	seq = ring->seq;
	acked = ring->acked;
	lost = ring->lost;
	lost_denials = ring->lost_denials;
	spin_unlock_irqrestore(&ring->lock, flags);
	return nla_put_u64_64bit(skb, JOBWARD_A_STATUS_SEQ, seq, 0) ||
	       nla_put_u64_64bit(skb, JOBWARD_A_STATUS_ACKED, acked, 0) ||
	       nla_put_u64_64bit(skb, JOBWARD_A_STATUS_LOST, lost, 0) ||
	       nla_put_u64_64bit(skb, JOBWARD_A_STATUS_LOST_DENIALS, lost_denials, 0) ||
	       nla_put_u32(skb, JOBWARD_A_STATUS_RING_BYTES, ring->size) ||
	       nla_put_u32(skb, JOBWARD_A_STATUS_RING_USED, jw_ring_used(ring)) ? -EMSGSIZE : 0;
}

static int put_table(struct sk_buff *skb)
{
	struct jw_table *table = jw_table_get();
	u64 memory = jw_report_ring.size;
	int err;

	if (table)
		memory += jw_table_bytes(table);
	err = nla_put_u64_64bit(skb, JOBWARD_A_STATUS_GENERATION, table ? table->generation : 0, 0) ||
	      nla_put_u64_64bit(skb, JOBWARD_A_STATUS_COVERS_SEQ, table ? table->covers_seq : 0, 0) ||
	      nla_put_u32(skb, JOBWARD_A_STATUS_VERDICTS, table ? table->n_verdicts : 0) ||
	      nla_put_u32(skb, JOBWARD_A_STATUS_OBJECTS, table ? table->objects.n : 0) ||
	      nla_put_u64_64bit(skb, JOBWARD_A_STATUS_MEMORY, memory, 0);
	jw_table_put(table);
	return err ? -EMSGSIZE : 0;
}

static int put_status(struct sk_buff *skb)
{
	const char *version = THIS_MODULE->version, *srcversion = THIS_MODULE->srcversion;
	u32 pid = jw_auditor_pid();
	unsigned int gate;

	if (nla_put_string(skb, JOBWARD_A_STATUS_VERSION, version ? version : "") ||
	    nla_put_string(skb, JOBWARD_A_STATUS_SRCVERSION, srcversion ? srcversion : "") ||
	    nla_put_u64_64bit(skb, JOBWARD_A_STATUS_INSTANCE, instance, 0) || put_ring(skb) || put_table(skb) ||
	    (pid && nla_put_u32(skb, JOBWARD_A_STATUS_AUDITOR_PID, pid)) ||
	    nla_put_u32(skb, JOBWARD_A_STATUS_HELD, jw_hold_count()) ||
	    nla_put_u32(skb, JOBWARD_A_STATUS_LINEAGE, jw_lineage_count()) ||
	    nla_put_u64_64bit(skb, JOBWARD_A_STATUS_LINEAGE_LOST, jw_lineage_lost(), 0) ||
	    nla_put_u64_64bit(skb, JOBWARD_A_STATUS_UNRECORDED, jw_descent_unrecorded(), 0) ||
	    (jw_mode_given && nla_put_flag(skb, JOBWARD_A_STATUS_MODE_LOCKED)) ||
	    (jw_locked() && nla_put_flag(skb, JOBWARD_A_STATUS_LOCKED)))
		return -EMSGSIZE;
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		if (put_gate(skb, gate))
			return -EMSGSIZE;
	return 0;
}

static struct sk_buff *reply_begin(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &family, 0, cmd);
	if (*hdr)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static int reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

int jw_nl_status_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *hdr;

	if (!netlink_capable(skb, CAP_SYS_ADMIN) && !may(skb, CAP_AUDIT_READ, info->extack))
		return -EPERM;
	if (READ_ONCE(jw_auditor_portid) == info->snd_portid)
		jw_watch_beat();
	reply = reply_begin(info, JOBWARD_CMD_STATUS_GET, &hdr);
	if (!reply)
		return -ENOMEM;
	return reply_end(info, reply, hdr, put_status(reply));
}

/* ---- auditor and modes ---- */

/* Readers only compare the address: one that is let go meanwhile does no harm. */
static void set_auditor_memory(struct mm_struct *mm)
{
	struct mm_struct *old = jw_auditor_memory;

	if (mm)
		mmgrab(mm);
	WRITE_ONCE(jw_auditor_memory, mm);
	if (old)
		mmdrop(old);
}

static void drop_open_table(void)
{
	jw_table_put(open_table);
	open_table = NULL;
}

int jw_nl_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *objection;

	if (!may(skb, CAP_SYS_ADMIN, info->extack))
		return -EPERM;
	if (READ_ONCE(jw_auditor_portid) && READ_ONCE(jw_auditor_portid) != info->snd_portid) {
		NL_SET_ERR_MSG_MOD(info->extack, "an auditor is attached already");
		return -EBUSY;
	}
	objection = jw_locked() ? jw_seat_objection() : NULL;
	if (objection) {
		jw_tamper(JOBWARD_ACTION_ATTACH, JOBWARD_VERDICT_DENY, JOBWARD_REASON_LOCKED, objection, true);
		NL_SET_ERR_MSG_MOD(info->extack, "the module is locked, and this is not the program that was the auditor, or not as it was");
		return -EPERM;
	}
	/* What another one has left half done is not this one's to commit. */
	if (!READ_ONCE(jw_auditor_portid))
		drop_open_table();
	set_auditor_memory(current->mm);
	WRITE_ONCE(jw_auditor_tgid, task_tgid_nr(current));
	WRITE_ONCE(jw_auditor_portid, info->snd_portid);
	jw_watch_seat(true);
	report_admin(JOBWARD_ACTION_ATTACH, JOBWARD_REASON_COMMAND, NULL, JOBWARD_KIND_ADMIN);
	return 0;
}

/* The auditor's socket is closed. The gates go on with the last table; whoever is held need not wait. */
static int on_release(struct notifier_block *nb, unsigned long state, void *data)
{
	const struct netlink_notify *notify = data;

	if (state != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC || !notify->portid ||
	    notify->portid != READ_ONCE(jw_auditor_portid) || !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;
	WRITE_ONCE(jw_auditor_portid, 0);
	WRITE_ONCE(jw_auditor_tgid, 0);
	set_auditor_memory(NULL);
	jw_watch_seat(false);
	jw_hold_wake();
	report_admin(JOBWARD_ACTION_DETACH, JOBWARD_REASON_AUDITOR_EXIT, NULL, JOBWARD_KIND_ADMIN);
	return NOTIFY_DONE;
}

static struct notifier_block release = { .notifier_call = on_release };

int jw_nl_mode_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const char *const words[] = { "audit", "hold", "enforce" };
	unsigned int gate, only = UINT_MAX, mode;
	u32 wait_ms;

	if (!may(skb, CAP_SYS_ADMIN, info->extack))
		return -EPERM;
	if (GENL_REQ_ATTR_CHECK(info, JOBWARD_A_CONTROL_MODE))
		return -EINVAL;
	mode = nla_get_u32(info->attrs[JOBWARD_A_CONTROL_MODE]);
	if (info->attrs[JOBWARD_A_CONTROL_GATE])
		only = nla_get_u32(info->attrs[JOBWARD_A_CONTROL_GATE]);
	if (jw_locked() && jw_mode_weakens(only, mode)) {
		jw_tamper(JOBWARD_ACTION_MODE, JOBWARD_VERDICT_DENY, JOBWARD_REASON_LOCKED, words[mode], true);
		NL_SET_ERR_MSG_MOD(info->extack, "locked until the next boot: no mode is weakened");
		return -EPERM;
	}
	if (READ_ONCE(jw_auditor_portid) && READ_ONCE(jw_auditor_portid) != info->snd_portid) {
		NL_SET_ERR_MSG_MOD(info->extack, "an auditor is attached: ask it (jobward mode)");
		return -EBUSY;
	}
	if (info->attrs[JOBWARD_A_CONTROL_HOLD_MS]) {
		wait_ms = nla_get_u32(info->attrs[JOBWARD_A_CONTROL_HOLD_MS]);
		if (wait_ms < 100 || wait_ms > 600000) {
			NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[JOBWARD_A_CONTROL_HOLD_MS],
					    "hold-ms is not between 100 and 600000");
			return -ERANGE;
		}
		WRITE_ONCE(jw_hold_ms, wait_ms);
	}
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		if (only == UINT_MAX || only == gate)
			jw_mode_set(gate, mode);
	jw_mode_given = false;
	report_admin(JOBWARD_ACTION_MODE, JOBWARD_REASON_COMMAND, words[mode], JOBWARD_KIND_ADMIN);
	return 0;
}

int jw_nl_lock_doit(struct sk_buff *skb, struct genl_info *info)
{
	const bool no_kexec = nla_get_flag(info->attrs[JOBWARD_A_CONTROL_NO_KEXEC]);
	int err;

	if (!may(skb, CAP_SYS_ADMIN, info->extack))
		return -EPERM;
	if (READ_ONCE(jw_auditor_portid)) {
		if (!is_auditor(info))
			return -EBUSY;
		err = jw_locked() ? 0 : jw_seat_keep();
		if (err) {
			NL_SET_ERR_MSG_MOD(info->extack, "the auditor's program can't be read");
			return err;
		}
	}
	jw_lock_set(no_kexec);
	report_admin(JOBWARD_ACTION_LOCK, JOBWARD_REASON_COMMAND, jw_lock_lacks(), JOBWARD_KIND_ADMIN);
	return 0;
}

/* ---- events ---- */

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

/* In cb->args: cursor, position in the ring. */
int jw_nl_event_get_start(struct netlink_callback *cb)
{
	struct nlattr *cursor = jw_dump_attrs(cb)[JOBWARD_A_CONTROL_CURSOR];

	if (!netlink_capable(cb->skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG_MOD(cb->extack, "not permitted: needs CAP_SYS_ADMIN");
		return -EPERM;
	}
	BUILD_BUG_ON(sizeof(cb->args[0]) < sizeof(u64));
	cb->args[0] = cursor ? nla_get_u64(cursor) : 0;
	cb->args[1] = 0;
	/* The largest record must find room in an empty message. */
	cb->min_dump_alloc = JW_RECORD_MAX + 256;
	return 0;
}

static int put_event(void *ctx, u64 seq, const void *payload, u32 len)
{
	struct dump *dump = ctx;
	void *hdr = genlmsg_put(dump->skb, NETLINK_CB(dump->cb->skb).portid, dump->cb->nlh->nlmsg_seq, &family,
				NLM_F_MULTI, JOBWARD_CMD_EVENT_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(dump->skb, JOBWARD_A_CONTROL_EVENT | NLA_F_NESTED, len, payload)) {
		genlmsg_cancel(dump->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(dump->skb, hdr);
	return 0;
}

int jw_nl_event_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump dump = { .skb = skb, .cb = cb };
	u64 pos = cb->args[1];
	int got;

	do {
		got = jw_ring_read(&jw_report_ring, &pos, cb->args[0], put_event, &dump);
	} while (got == 1);
	cb->args[1] = pos;
	/* What is given back ends the dump when it is 0. */
	return got == -EMSGSIZE && !skb->len ? -EMSGSIZE : skb->len;
}

int jw_nl_event_get_done(struct netlink_callback *cb)
{
	return 0;
}

int jw_nl_event_ack_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (!may(skb, CAP_SYS_ADMIN, info->extack) || !is_auditor(info))
		return -EPERM;
	if (GENL_REQ_ATTR_CHECK(info, JOBWARD_A_CONTROL_CURSOR))
		return -EINVAL;
	err = jw_ring_ack(&jw_report_ring, nla_get_u64(info->attrs[JOBWARD_A_CONTROL_CURSOR]));
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[JOBWARD_A_CONTROL_CURSOR],
				    "cursor lies beyond the newest event");
	return err;
}

static u32 get_u32(struct nlattr *const *attrs, unsigned int type)
{
	return attrs[type] ? nla_get_u32(attrs[type]) : 0;
}

int jw_nl_event_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *a[JOBWARD_A_EVENT_MAX + 1], *o[JOBWARD_A_OBJECT_MAX + 1] = { };
	struct jw_subject_snapshot *snap;
	struct jw_object object = { };
	struct jw_event event = { };
	int err;

	if (!may(skb, CAP_SYS_ADMIN, info->extack) || !is_auditor(info))
		return -EPERM;
	if (GENL_REQ_ATTR_CHECK(info, JOBWARD_A_CONTROL_EVENT))
		return -EINVAL;
	err = nla_parse_nested(a, JOBWARD_A_EVENT_MAX, info->attrs[JOBWARD_A_CONTROL_EVENT], jobward_event_nl_policy,
			       info->extack);
	if (!err && a[JOBWARD_A_EVENT_OBJECT])
		err = nla_parse_nested(o, JOBWARD_A_OBJECT_MAX, a[JOBWARD_A_EVENT_OBJECT], jobward_object_nl_policy,
				       info->extack);
	if (err)
		return err;
	event.kind = get_u32(a, JOBWARD_A_EVENT_KIND);
	event.action = get_u32(a, JOBWARD_A_EVENT_ACTION);
	event.verdict = get_u32(a, JOBWARD_A_EVENT_VERDICT);
	event.reason = get_u32(a, JOBWARD_A_EVENT_REASON);
	event.scheduler = get_u32(a, JOBWARD_A_EVENT_SCHEDULER);
	event.job = a[JOBWARD_A_EVENT_JOB] ? nla_get_u64(a[JOBWARD_A_EVENT_JOB]) : 0;
	event.detail = a[JOBWARD_A_EVENT_DETAIL] ? nla_data(a[JOBWARD_A_EVENT_DETAIL]) : NULL;
	if (o[JOBWARD_A_OBJECT_PATH]) {
		object.path = nla_data(o[JOBWARD_A_OBJECT_PATH]);
		event.object = &object;
	}
	/* Gates alone speak of execs, writes and loads. */
	if (event.kind != JOBWARD_KIND_ADMIN && event.kind != JOBWARD_KIND_TAMPER && event.kind != JOBWARD_KIND_CHAIN) {
		NL_SET_ERR_MSG_MOD(info->extack, "kind is not one that the auditor may report");
		return -EINVAL;
	}
	snap = jw_subject_take(JOBWARD_ANCESTORS_MAX, true);
	event.subject = snap ? &snap->subject : NULL;
	jw_report(&event);
	jw_subject_free(snap);
	return 0;
}

/* ---- the table ---- */

static int check_txn(struct genl_info *info)
{
	if (!is_auditor(info))
		return -EPERM;
	if (GENL_REQ_ATTR_CHECK(info, JOBWARD_A_TABLE_TXN))
		return -EINVAL;
	if (!open_table || nla_get_u32(info->attrs[JOBWARD_A_TABLE_TXN]) != open_txn) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[JOBWARD_A_TABLE_TXN], "no such transaction");
		return -ENOENT;
	}
	return 0;
}

int jw_nl_table_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	void *hdr;

	if (!may(skb, CAP_SYS_ADMIN, info->extack) || !is_auditor(info))
		return -EPERM;
	reply = reply_begin(info, JOBWARD_CMD_TABLE_BEGIN, &hdr);
	if (!reply)
		return -ENOMEM;
	drop_open_table();
	open_table = jw_table_new();
	if (!open_table)
		return reply_end(info, reply, hdr, -ENOMEM);
	return reply_end(info, reply, hdr, nla_put_u32(reply, JOBWARD_A_TABLE_TXN, ++open_txn));
}

#define NEEDS(attrs, type) \
	do { if (!(attrs)[type]) { NL_SET_ERR_MSG_ATTR(extack, nest, "lacks " #type); return -EINVAL; } } while (0)

static int add_verdict(const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *a[JOBWARD_A_TABLE_VERDICT_MAX + 1];
	struct jw_verdict verdict = { };
	const struct nlattr *pins;
	u32 refs[JOBWARD_PINS_MAX], n = 0;
	int err = nla_parse_nested(a, JOBWARD_A_TABLE_VERDICT_MAX, nest, jobward_table_verdict_nl_policy, extack);

	if (err)
		return err;
	NEEDS(a, JOBWARD_A_TABLE_VERDICT_KEY);
	NEEDS(a, JOBWARD_A_TABLE_VERDICT_STATE);
	pins = a[JOBWARD_A_TABLE_VERDICT_PINS];
	if (pins) {
		n = nla_len(pins) / sizeof(u32);
		if (nla_len(pins) % sizeof(u32) || n > JOBWARD_PINS_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, pins, "pins is no array of up to 64 u32");
			return -EINVAL;
		}
		memcpy(refs, nla_data(pins), n * sizeof(u32));
	}
	memcpy(verdict.key, nla_data(a[JOBWARD_A_TABLE_VERDICT_KEY]), sizeof(verdict.key));
	verdict.state = nla_get_u32(a[JOBWARD_A_TABLE_VERDICT_STATE]);
	if (a[JOBWARD_A_TABLE_VERDICT_JOB])
		verdict.job = nla_get_u64(a[JOBWARD_A_TABLE_VERDICT_JOB]);
	verdict.may_plant = a[JOBWARD_A_TABLE_VERDICT_MAY_PLANT];
	err = jw_table_add_verdict(open_table, &verdict, refs, n);
	if (err == -EINVAL)
		NL_SET_ERR_MSG_ATTR(extack, nest, "names a pin that is not in the table");
	return err;
}

/* The object behind a descriptor of the sender: this runs in its context. */
static int object_of_fd(const struct nlattr *attr, struct jw_identity *id, char *path, int room,
			struct netlink_ext_ack *extack)
{
	struct file *file = fget_raw(nla_get_s32(attr));
	const char *p;

	if (!file) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such descriptor");
		return -EBADF;
	}
	jw_place_identity(file_inode(file), id);
	if (path) {
		p = d_path(&file->f_path, path, room);
		if (IS_ERR(p))
			*path = 0;
		else
			memmove(path, p, strlen(p) + 1);
	}
	fput(file);
	return 0;
}

static int add_object(const struct nlattr *nest, struct netlink_ext_ack *extack, char *path)
{
	struct nlattr *a[JOBWARD_A_TABLE_OBJECT_MAX + 1];
	struct jw_identity_object object = { };
	int err = nla_parse_nested(a, JOBWARD_A_TABLE_OBJECT_MAX, nest, jobward_table_object_nl_policy, extack);

	if (err)
		return err;
	NEEDS(a, JOBWARD_A_TABLE_OBJECT_FD);
	NEEDS(a, JOBWARD_A_TABLE_OBJECT_ROLES);
	err = object_of_fd(a[JOBWARD_A_TABLE_OBJECT_FD], &object.id, path, JOBWARD_PATH_MAX, extack);
	if (err)
		return err;
	object.roles = nla_get_u32(a[JOBWARD_A_TABLE_OBJECT_ROLES]);
	object.image = get_u32(a, JOBWARD_A_TABLE_OBJECT_IMAGE);
	object.scheduler = get_u32(a, JOBWARD_A_TABLE_OBJECT_SCHEDULER);
	if (a[JOBWARD_A_TABLE_OBJECT_CLASSES])
		object.classes = nla_get_u64(a[JOBWARD_A_TABLE_OBJECT_CLASSES]);
	/* Only what an act is described by needs its path. */
	return jw_identity_add(&open_table->objects, &object,
			       object.roles & (JOBWARD_ROLE_STORE | JOBWARD_ROLE_GUARD | JOBWARD_ROLE_PIN |
					       JOBWARD_ROLE_ANCESTOR) ? path : NULL);
}

static int add_pin(const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *a[JOBWARD_A_TABLE_PIN_MAX + 1];
	struct jw_pin pin = { .absent = true };
	int err = nla_parse_nested(a, JOBWARD_A_TABLE_PIN_MAX, nest, jobward_table_pin_nl_policy, extack);

	if (err)
		return err;
	NEEDS(a, JOBWARD_A_TABLE_PIN_PATH);
	if (*(const char *)nla_data(a[JOBWARD_A_TABLE_PIN_PATH]) != '/') {
		NL_SET_ERR_MSG_ATTR(extack, a[JOBWARD_A_TABLE_PIN_PATH], "path is not absolute");
		return -EINVAL;
	}
	if (a[JOBWARD_A_TABLE_PIN_FD]) {
		NEEDS(a, JOBWARD_A_TABLE_PIN_SHA256);
		NEEDS(a, JOBWARD_A_TABLE_PIN_SIZE);
		pin.absent = false;
		err = object_of_fd(a[JOBWARD_A_TABLE_PIN_FD], &pin.id, NULL, 0, extack);
		if (err)
			return err;
		memcpy(pin.sha256, nla_data(a[JOBWARD_A_TABLE_PIN_SHA256]), sizeof(pin.sha256));
		pin.size = nla_get_u64(a[JOBWARD_A_TABLE_PIN_SIZE]);
		if (a[JOBWARD_A_TABLE_PIN_CTIME_NS])
			pin.ctime_ns = nla_get_u64(a[JOBWARD_A_TABLE_PIN_CTIME_NS]);
	}
	return jw_table_add_pin(open_table, &pin, nla_data(a[JOBWARD_A_TABLE_PIN_PATH]));
}

static int add_unit(const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *a[JOBWARD_A_TABLE_UNIT_MAX + 1];
	int err = nla_parse_nested(a, JOBWARD_A_TABLE_UNIT_MAX, nest, jobward_table_unit_nl_policy, extack);

	if (err)
		return err;
	NEEDS(a, JOBWARD_A_TABLE_UNIT_NAME);
	NEEDS(a, JOBWARD_A_TABLE_UNIT_CLASS);
	return jw_table_add_unit(open_table, nla_data(a[JOBWARD_A_TABLE_UNIT_NAME]),
				 get_u32(a, JOBWARD_A_TABLE_UNIT_UID), nla_get_u32(a[JOBWARD_A_TABLE_UNIT_CLASS]));
}

static int add_module(const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *a[JOBWARD_A_TABLE_MODULE_MAX + 1];
	int err = nla_parse_nested(a, JOBWARD_A_TABLE_MODULE_MAX, nest, jobward_table_module_nl_policy, extack);

	if (err)
		return err;
	NEEDS(a, JOBWARD_A_TABLE_MODULE_SHA256);
	NEEDS(a, JOBWARD_A_TABLE_MODULE_STATE);
	return jw_table_add_module(open_table, nla_data(a[JOBWARD_A_TABLE_MODULE_SHA256]),
				   nla_get_u32(a[JOBWARD_A_TABLE_MODULE_STATE]));
}

int jw_nl_table_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *nest;
	char *path;
	int rem, err;

	if (!may(skb, CAP_SYS_ADMIN, info->extack))
		return -EPERM;
	err = check_txn(info);
	if (err)
		return err;
	path = kmalloc(JOBWARD_PATH_MAX, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem) {
		switch (nla_type(nest)) {
		case JOBWARD_A_TABLE_VERDICT:
			err = add_verdict(nest, info->extack);
			break;
		case JOBWARD_A_TABLE_OBJECT:
			err = add_object(nest, info->extack, path);
			break;
		case JOBWARD_A_TABLE_UNIT:
			err = add_unit(nest, info->extack);
			break;
		case JOBWARD_A_TABLE_PIN:
			err = add_pin(nest, info->extack);
			break;
		case JOBWARD_A_TABLE_MODULE:
			err = add_module(nest, info->extack);
			break;
		}
		if (err)
			break;
	}
	kfree(path);
	/* Half a message must not be committed by mistake. */
	if (err)
		drop_open_table();
	return err;
}

int jw_nl_table_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct jw_table *table;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (!may(skb, CAP_SYS_ADMIN, info->extack))
		return -EPERM;
	err = check_txn(info);
	if (err)
		return err;
	reply = reply_begin(info, JOBWARD_CMD_TABLE_COMMIT, &hdr);
	if (!reply)
		return -ENOMEM;
	table = open_table;
	if (info->attrs[JOBWARD_A_TABLE_COVERS_SEQ])
		table->covers_seq = nla_get_u64(info->attrs[JOBWARD_A_TABLE_COVERS_SEQ]);
	table->signed_modules = nla_get_flag(info->attrs[JOBWARD_A_TABLE_SIGNED_MODULES]);
	err = jw_table_seal(table);
	if (err) {
		drop_open_table();
		return reply_end(info, reply, hdr, err);
	}
	open_table = NULL;
	jw_table_swap(table);
	jw_hold_wake();
	return reply_end(info, reply, hdr,
			 nla_put_u64_64bit(reply, JOBWARD_A_TABLE_GENERATION, table->generation, 0));
}

int jw_nl_table_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (!may(skb, CAP_SYS_ADMIN, info->extack))
		return -EPERM;
	err = check_txn(info);
	if (!err)
		drop_open_table();
	return err;
}

/* ---- family ---- */

static struct genl_family family = {
	.name = JOBWARD_FAMILY_NAME,
	.version = JOBWARD_FAMILY_VERSION,
	.module = THIS_MODULE,
	.ops = jobward_nl_ops,
	.n_ops = ARRAY_SIZE(jobward_nl_ops),
	.resv_start_op = JOBWARD_CMD_MAX + 1,
	.mcgrps = jobward_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(jobward_nl_mcgrps),
};

int jw_nl_init(void)
{
	int err;

	instance = get_random_u64() >> 1;	/* fits SQLite's integers */
	err = netlink_register_notifier(&release);
	if (err)
		return err;
	err = genl_register_family(&family);
	if (err)
		netlink_unregister_notifier(&release);
	else
		jw_viewers_init(&family);
	return err;
}

void jw_nl_exit(void)
{
	jw_viewers_stop();
	genl_unregister_family(&family);
	netlink_unregister_notifier(&release);
	jw_viewers_exit();
	drop_open_table();
	jw_table_swap(NULL);
}
