// SPDX-License-Identifier: GPL-2.0
/*
 * The generated policies and operations, tried through generic netlink itself: a family with our operations and empty
 * bodies, a socket, and messages. What the protocol does not list must be refused before a body sees it.
 */
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <kunit/test.h>
#include "netlink_gen.h"

static u32 reached;	/* bodies that saw a message since it was sent */

#define DOIT(op) int jw_nl_##op##_doit(struct sk_buff *skb, struct genl_info *info) { reached++; return 0; }
DOIT(status_get)
DOIT(attach)
DOIT(mode_set)
DOIT(event_ack)
DOIT(event_add)
DOIT(table_begin)
DOIT(table_add)
DOIT(table_commit)
DOIT(table_abort)
DOIT(lock)

int jw_nl_event_get_start(struct netlink_callback *cb)
{
	reached++;
	return 0;
}

int jw_nl_event_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return 0;
}

int jw_nl_event_get_done(struct netlink_callback *cb)
{
	return 0;
}

static struct genl_family family = {
	.name = "jobward_kunit",
	.version = 1,
	.module = THIS_MODULE,
	.ops = jobward_nl_ops,
	.n_ops = ARRAY_SIZE(jobward_nl_ops),
	.mcgrps = jobward_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(jobward_nl_mcgrps),
	.resv_start_op = JOBWARD_CMD_MAX + 1,
};

struct context {
	struct socket *sock;
	bool registered;
	char why[128];		/* what the last answer said */
};

static int enable(struct socket *sock, int option)
{
	int one = 1;

	return sock->ops->setsockopt(sock, SOL_NETLINK, option, KERNEL_SOCKPTR(&one), sizeof(one));
}

static int netlink_init(struct kunit *test)
{
	struct context *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	test->priv = c;
	err = genl_register_family(&family);
	if (err)
		return err;
	c->registered = true;
	err = sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW, NETLINK_GENERIC, &c->sock);
	if (!err)
		err = enable(c->sock, NETLINK_EXT_ACK);
	if (!err)
		err = enable(c->sock, NETLINK_CAP_ACK);
	return err;
}

static void netlink_exit(struct kunit *test)
{
	struct context *c = test->priv;

	if (!c)
		return;
	if (c->sock)
		sock_release(c->sock);
	if (c->registered)
		genl_unregister_family(&family);
}

static struct sk_buff *message(struct kunit *test, u8 cmd, u16 flags)
{
	struct sk_buff *skb = alloc_skb(8192, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, genlmsg_put(skb, 0, 1, &family, NLM_F_REQUEST | NLM_F_ACK | flags, cmd));
	return skb;
}

/* The error that an answer carries; NLMSG_DONE is a dump that went through. */
static int error_of(struct context *c, const struct nlmsghdr *nlh, int len)
{
	const struct nlmsgerr *e = nlmsg_data(nlh);
	const struct nlattr *nla;

	c->why[0] = 0;
	if (!nlmsg_ok(nlh, len))
		return -EBADMSG;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return 0;
	if (nlh->nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	nla = nlmsg_find_attr(nlh, sizeof(*e), NLMSGERR_ATTR_MSG);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && nla)
		nla_strscpy(c->why, nla, sizeof(c->why));
	return e->error;
}

/* Sends what message() began, frees it. Return: the errno that user space would see. */
static int send(struct kunit *test, struct sk_buff *skb)
{
	struct context *c = test->priv;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = { .msg_name = &kernel, .msg_namelen = sizeof(kernel) }, answer = { };
	struct kvec out = { .iov_base = skb->data, .iov_len = skb->len }, in;
	u8 *buf = kunit_kzalloc(test, 4096, GFP_KERNEL);
	int len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	nlmsg_hdr(skb)->nlmsg_len = skb->len;
	reached = 0;
	len = kernel_sendmsg(c->sock, &msg, &out, 1, skb->len);
	KUNIT_EXPECT_EQ(test, len, (int)skb->len);
	kfree_skb(skb);
	in.iov_base = buf;
	in.iov_len = 4096;
	len = kernel_recvmsg(c->sock, &answer, &in, 1, 4096, MSG_DONTWAIT);
	KUNIT_ASSERT_GT(test, len, 0);
	return error_of(c, (struct nlmsghdr *)buf, len);
}

/* ---- which operation takes which attributes; written by hand, from the protocol's text ---- */

#define BIT_OF(attr) (1u << (attr))

static const struct request {
	u8 cmd;
	u16 flags;
	u32 max;	/* of its attribute set */
	u32 takes;
} requests[] = {
	{ JOBWARD_CMD_STATUS_GET, 0, JOBWARD_A_STATUS_MAX, 0 },
	{ JOBWARD_CMD_ATTACH, 0, JOBWARD_A_STATUS_MAX, 0 },
	{ JOBWARD_CMD_MODE_SET, 0, JOBWARD_A_CONTROL_MAX,
	  BIT_OF(JOBWARD_A_CONTROL_GATE) | BIT_OF(JOBWARD_A_CONTROL_MODE) | BIT_OF(JOBWARD_A_CONTROL_HOLD_MS) },
	{ JOBWARD_CMD_EVENT_GET, NLM_F_DUMP, JOBWARD_A_CONTROL_MAX, BIT_OF(JOBWARD_A_CONTROL_CURSOR) },
	{ JOBWARD_CMD_EVENT_ACK, 0, JOBWARD_A_CONTROL_MAX, BIT_OF(JOBWARD_A_CONTROL_CURSOR) },
	{ JOBWARD_CMD_EVENT_ADD, 0, JOBWARD_A_CONTROL_MAX, BIT_OF(JOBWARD_A_CONTROL_EVENT) },
	{ JOBWARD_CMD_TABLE_BEGIN, 0, JOBWARD_A_TABLE_MAX, 0 },
	{ JOBWARD_CMD_TABLE_ADD, 0, JOBWARD_A_TABLE_MAX,
	  BIT_OF(JOBWARD_A_TABLE_TXN) | BIT_OF(JOBWARD_A_TABLE_VERDICT) | BIT_OF(JOBWARD_A_TABLE_OBJECT) |
	  BIT_OF(JOBWARD_A_TABLE_UNIT) | BIT_OF(JOBWARD_A_TABLE_PIN) | BIT_OF(JOBWARD_A_TABLE_MODULE) },
	{ JOBWARD_CMD_TABLE_COMMIT, 0, JOBWARD_A_TABLE_MAX,
	  BIT_OF(JOBWARD_A_TABLE_TXN) | BIT_OF(JOBWARD_A_TABLE_COVERS_SEQ) | BIT_OF(JOBWARD_A_TABLE_SIGNED_MODULES) },
	{ JOBWARD_CMD_TABLE_ABORT, 0, JOBWARD_A_TABLE_MAX, BIT_OF(JOBWARD_A_TABLE_TXN) },
	{ JOBWARD_CMD_LOCK, 0, JOBWARD_A_CONTROL_MAX, BIT_OF(JOBWARD_A_CONTROL_NO_KEXEC) },
};

static void test_every_operation_without_attributes(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(requests), ARRAY_SIZE(jobward_nl_ops));
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		int err = send(test, message(test, requests[i].cmd, requests[i].flags));

		KUNIT_EXPECT_EQ_MSG(test, err, 0, "command %u", requests[i].cmd);
		KUNIT_EXPECT_EQ_MSG(test, reached, 1u, "command %u", requests[i].cmd);
	}
}

static void expect_refused(struct kunit *test, const struct request *r, u32 type, u32 len)
{
	static const u8 zeros[32];
	struct context *c = test->priv;
	struct sk_buff *skb = message(test, r->cmd, r->flags);

	nla_put(skb, type, len, zeros);
	KUNIT_EXPECT_EQ_MSG(test, send(test, skb), -EINVAL, "command %u attribute %u", r->cmd, type);
	KUNIT_EXPECT_EQ_MSG(test, reached, 0u, "command %u attribute %u", r->cmd, type);
	KUNIT_EXPECT_NE_MSG(test, c->why[0], '\0', "command %u attribute %u: no word why", r->cmd, type);
}

/* The attribute is refused for being there, whatever it holds. */
static void test_attributes_that_are_not_listed(struct kunit *test)
{
	u32 i, type, len, tried = 0;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		for (type = 0; type <= requests[i].max + 3; type++) {
			if (type <= requests[i].max && requests[i].takes & BIT_OF(type))
				continue;
			for (len = 0; len <= 32; len += 4, tried++)
				expect_refused(test, &requests[i], type == requests[i].max + 3 ? NLA_TYPE_MASK : type,
					       len);
		}
	KUNIT_EXPECT_GT(test, tried, 500u);
}

static void test_commands_that_are_none(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, send(test, message(test, 0, 0)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, send(test, message(test, JOBWARD_CMD_EVENT, 0)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, send(test, message(test, JOBWARD_CMD_MAX + 1, 0)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, send(test, message(test, 255, 0)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, send(test, message(test, JOBWARD_CMD_STATUS_GET, NLM_F_DUMP)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, send(test, message(test, JOBWARD_CMD_EVENT_GET, 0)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, reached, 0u);
}

/* ---- one attribute at a time, right and wrong ---- */

struct attr_case {
	const char *name;
	u8 cmd;
	u16 in[3];		/* the attributes that it lies in, outermost first */
	u16 type;
	const void *data;	/* NULL: @len bytes of 'x' */
	u32 len;
	bool right;
};

#define U32(v) ((const u32[]){ v }), 4
#define U64(v) ((const u64[]){ v }), 8
#define S(s) (s), sizeof(s)
#define UNENDED(s) (s), sizeof(s) - 1
#define X(n) NULL, (n)
#define CONTROL(cmd, attr) JOBWARD_CMD_##cmd, { }, JOBWARD_A_CONTROL_##attr
#define TABLE(cmd, attr) JOBWARD_CMD_TABLE_##cmd, { }, JOBWARD_A_TABLE_##attr
#define ADD(set, attr) JOBWARD_CMD_TABLE_ADD, { JOBWARD_A_TABLE_##set }, JOBWARD_A_TABLE_##set##_##attr
#define EVENT(attr) JOBWARD_CMD_EVENT_ADD, { JOBWARD_A_CONTROL_EVENT }, JOBWARD_A_EVENT_##attr
#define SUBJECT(attr) \
	JOBWARD_CMD_EVENT_ADD, { JOBWARD_A_CONTROL_EVENT, JOBWARD_A_EVENT_SUBJECT }, JOBWARD_A_SUBJECT_##attr
#define OBJECT(in, attr) \
	JOBWARD_CMD_EVENT_ADD, { JOBWARD_A_CONTROL_EVENT, JOBWARD_A_EVENT_##in }, JOBWARD_A_OBJECT_##attr
#define ANCESTOR(attr) \
	JOBWARD_CMD_EVENT_ADD, { JOBWARD_A_CONTROL_EVENT, JOBWARD_A_EVENT_SUBJECT, JOBWARD_A_SUBJECT_ANCESTOR }, \
	JOBWARD_A_ANCESTOR_##attr

static const struct attr_case attr_cases[] = {
	{ "enum: first", CONTROL(MODE_SET, GATE), U32(0), true },
	{ "enum: last", CONTROL(MODE_SET, GATE), U32(JOBWARD_GATE_MAX), true },
	{ "enum: past the last", CONTROL(MODE_SET, GATE), U32(JOBWARD_GATE_MAX + 1) },
	{ "enum: largest number", CONTROL(MODE_SET, MODE), U32(U32_MAX) },
	{ "enum: sign bit", CONTROL(MODE_SET, MODE), U32(1u << 31) },
	{ "enum: 1 byte", CONTROL(MODE_SET, MODE), "\1", 1 },
	{ "enum: 8 bytes", CONTROL(MODE_SET, MODE), U64(1) },
	{ "u32: any", CONTROL(MODE_SET, HOLD_MS), U32(U32_MAX), true },
	{ "u32: none", CONTROL(MODE_SET, HOLD_MS), X(0) },
	{ "u32: 3 bytes", CONTROL(MODE_SET, HOLD_MS), X(3) },
	{ "u32: 5 bytes", CONTROL(MODE_SET, HOLD_MS), X(5) },
	{ "u64: any", CONTROL(EVENT_ACK, CURSOR), U64(U64_MAX), true },
	{ "u64: none", CONTROL(EVENT_ACK, CURSOR), X(0) },
	{ "u64: 4 bytes", CONTROL(EVENT_ACK, CURSOR), U32(1) },
	{ "u64: 9 bytes", CONTROL(EVENT_ACK, CURSOR), X(9) },
	{ "dump, u64: any", CONTROL(EVENT_GET, CURSOR), U64(1), true },
	{ "dump, u64: 4 bytes", CONTROL(EVENT_GET, CURSOR), U32(1) },
	{ "flag: set", TABLE(COMMIT, SIGNED_MODULES), X(0), true },
	{ "flag: with a value", TABLE(COMMIT, SIGNED_MODULES), U32(1) },
	{ "transaction: any", TABLE(ABORT, TXN), U32(7), true },
	{ "transaction: 8 bytes", TABLE(ABORT, TXN), U64(7) },

	{ "digest: 32 bytes", ADD(VERDICT, KEY), X(32), true },
	{ "digest: none", ADD(VERDICT, KEY), X(0) },
	{ "digest: 31 bytes", ADD(VERDICT, KEY), X(31) },
	{ "digest: 33 bytes", ADD(VERDICT, KEY), X(33) },
	{ "digest of a module: 32 bytes", ADD(MODULE, SHA256), X(32), true },
	{ "digest of a module: 20 bytes", ADD(MODULE, SHA256), X(20) },
	{ "digest of a pin: 64 bytes", ADD(PIN, SHA256), X(64) },
	{ "state: last", ADD(VERDICT, STATE), U32(JOBWARD_STATE_MAX), true },
	{ "state: past the last", ADD(VERDICT, STATE), U32(JOBWARD_STATE_MAX + 1) },
	{ "state of a module: past the last", ADD(MODULE, STATE), U32(JOBWARD_STATE_MAX + 1) },
	{ "binary: none", ADD(VERDICT, PINS), X(0), true },
	{ "binary: any", ADD(VERDICT, PINS), X(256), true },
	{ "descriptor: any", ADD(OBJECT, FD), U32(3), true },
	{ "descriptor: 8 bytes", ADD(OBJECT, FD), U64(3) },
	{ "descriptor of a pin: 2 bytes", ADD(PIN, FD), X(2) },
	{ "flags: all", ADD(OBJECT, ROLES), U32(JOBWARD_ROLE_MASK), true },
	{ "flags: none", ADD(OBJECT, ROLES), U32(0), true },
	{ "flags: past the last", ADD(OBJECT, ROLES), U32(JOBWARD_ROLE_MASK + 1) },
	{ "flags: one wrong of many", ADD(OBJECT, ROLES), U32(1u << 31 | 1) },
	{ "flags of an image: past the last", ADD(OBJECT, IMAGE), U32(JOBWARD_IMAGE_MASK + 1) },
	{ "scheduler: past the last", ADD(OBJECT, SCHEDULER), U32(JOBWARD_SCHEDULER_MAX + 1) },
	{ "class: past the last", ADD(UNIT, CLASS), U32(JOBWARD_UNIT_CLASS_MAX + 1) },
	{ "string: ended", ADD(UNIT, NAME), S("x.service"), true },
	{ "string: empty", ADD(UNIT, NAME), S(""), true },
	{ "string: not ended", ADD(UNIT, NAME), UNENDED("x.service") },
	{ "string: no byte", ADD(UNIT, NAME), X(0) },
	{ "string: too long, not ended", ADD(UNIT, NAME), X(256) },
	{ "path: not ended", ADD(PIN, PATH), UNENDED("/bin/sh") },
	{ "path: too long", ADD(PIN, PATH), X(4097) },
	{ "verdict: unknown", ADD(VERDICT, MAX) + 1, U32(1) },
	{ "verdict: zero", ADD(VERDICT, MAX) - JOBWARD_A_TABLE_VERDICT_MAX, U32(1) },

	{ "event: kind", EVENT(KIND), U32(JOBWARD_KIND_MAX), true },
	{ "event: kind past the last", EVENT(KIND), U32(JOBWARD_KIND_MAX + 1) },
	{ "event: action past the last", EVENT(ACTION), U32(JOBWARD_ACTION_MAX + 1) },
	{ "event: verdict past the last", EVENT(VERDICT), U32(JOBWARD_VERDICT_MAX + 1) },
	{ "event: reason past the last", EVENT(REASON), U32(JOBWARD_REASON_MAX + 1) },
	{ "event: key of 16 bytes", EVENT(KEY), X(16) },
	{ "event: detail not ended", EVENT(DETAIL), UNENDED("word") },
	{ "event: argv", EVENT(ARGV), X(100), true },
	{ "event: unknown", EVENT(MAX) + 1, U32(1) },
	{ "subject: pid", SUBJECT(PID), U32(1), true },
	{ "subject: pid of 2 bytes", SUBJECT(PID), X(2) },
	{ "subject: exe not ended", SUBJECT(EXE), UNENDED("/bin/sh") },
	{ "subject: kthread with a value", SUBJECT(KTHREAD), U32(1) },
	{ "object: path", OBJECT(OBJECT, PATH), S("/x"), true },
	{ "object: digest of 31 bytes", OBJECT(OBJECT, SHA256), X(31) },
	{ "target: role past the last", OBJECT(TARGET, ROLES), U32(JOBWARD_ROLE_MASK + 1) },
	{ "ancestor: comm", ANCESTOR(COMM), S("sh"), true },
	{ "ancestor: comm not ended", ANCESTOR(COMM), UNENDED("sh") },
	{ "ancestor: pid of 8 bytes", ANCESTOR(PID), U64(1) },
};

static void attr_case_name(const struct attr_case *a, char *desc)
{
	strscpy(desc, a->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(attr, attr_cases, attr_case_name);

static void put_attr(struct kunit *test, struct sk_buff *skb, u16 type, const void *data, u32 len)
{
	struct nlattr *nla = nla_reserve(skb, type, len);

	KUNIT_ASSERT_NOT_NULL(test, nla);
	if (data)
		memcpy(nla_data(nla), data, len);
	else
		memset(nla_data(nla), 'x', len);
}

static void put_case(struct kunit *test, struct sk_buff *skb, const struct attr_case *a)
{
	struct nlattr *nest[3];
	int i, n = 0;

	for (; n < 3 && a->in[n]; n++)
		nest[n] = nla_nest_start(skb, a->in[n]);
	put_attr(test, skb, a->type, a->data, a->len);
	for (i = n - 1; i >= 0; i--)
		nla_nest_end(skb, nest[i]);
}

static void test_one_attribute(struct kunit *test)
{
	const struct attr_case *a = test->param_value;
	struct sk_buff *skb = message(test, a->cmd, a->cmd == JOBWARD_CMD_EVENT_GET ? NLM_F_DUMP : 0);
	struct context *c = test->priv;
	int err;

	put_case(test, skb, a);
	err = send(test, skb);
	if (a->right) {
		KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", c->why);
		KUNIT_EXPECT_EQ(test, reached, 1u);
	} else {
		KUNIT_EXPECT_TRUE_MSG(test, err == -EINVAL || err == -ERANGE, "%d %s", err, c->why);
		KUNIT_EXPECT_EQ(test, reached, 0u);
	}
}

static void test_longest_strings(struct kunit *test)
{
	static const struct {
		u16 set, attr;
		u32 max;
	} strings[] = {
		{ JOBWARD_A_TABLE_UNIT, JOBWARD_A_TABLE_UNIT_NAME, 255 },
		{ JOBWARD_A_TABLE_PIN, JOBWARD_A_TABLE_PIN_PATH, 4095 },
	};
	char *s = kunit_kzalloc(test, 4098, GFP_KERNEL);
	u32 i, longer;

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (i = 0; i < ARRAY_SIZE(strings); i++)
		for (longer = 0; longer < 2; longer++) {
			struct sk_buff *skb = message(test, JOBWARD_CMD_TABLE_ADD, 0);
			u32 len = strings[i].max + longer;
			struct attr_case a = {
				.in = { strings[i].set }, .type = strings[i].attr, .data = s, .len = len + 1,
			};
			int err;

			memset(s, 'x', len);
			s[len] = 0;
			put_case(test, skb, &a);
			err = send(test, skb);
			KUNIT_EXPECT_EQ_MSG(test, !err, !longer, "%u bytes: %d", len, err);
			KUNIT_EXPECT_EQ(test, reached, !longer);
		}
}

/* A message may hold many rows; a wrong one among them must not hide behind the right ones. */
static void test_wrong_row_among_right_ones(struct kunit *test)
{
	u32 wrong, i;

	for (wrong = 0; wrong <= 10; wrong++) {
		struct sk_buff *skb = message(test, JOBWARD_CMD_TABLE_ADD, 0);
		int err;

		for (i = 0; i < 10; i++) {
			struct attr_case a = { "", ADD(VERDICT, KEY), X(i == wrong ? 31 : 32) };

			put_case(test, skb, &a);
		}
		err = send(test, skb);
		KUNIT_EXPECT_EQ_MSG(test, !err, wrong == 10, "row %u: %d", wrong, err);
		KUNIT_EXPECT_EQ(test, reached, wrong == 10);
	}
}

static int send_raw_nest(struct kunit *test, u16 type, const void *data, u32 len)
{
	struct sk_buff *skb = message(test, JOBWARD_CMD_TABLE_ADD, 0);

	put_attr(test, skb, type, data, len);
	return send(test, skb);
}

static void test_malformed_nests(struct kunit *test)
{
	const u16 flagged = JOBWARD_A_TABLE_UNIT | NLA_F_NESTED;
	/* uid: length 8, type 2, four bytes */
	struct { struct nlattr nla; u32 uid; u32 rest; } __packed unit = {
		{ NLA_HDRLEN + 4, JOBWARD_A_TABLE_UNIT_UID }, 0, 0,
	};

	/* First the same bytes, right. */
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 8), 0);
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, NULL, 0), 0);
	/* A nest must say that it is one. */
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, JOBWARD_A_TABLE_UNIT, &unit, 8), -EINVAL);
	/* Bytes too few for a header, behind an attribute and alone. */
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 10), -EINVAL);
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 3), -ERANGE);
	/* An attribute that claims more than the nest has, or less than its own header. */
	unit.nla.nla_len = NLA_HDRLEN + 12;
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 8), -EINVAL);
	unit.nla.nla_len = U16_MAX;
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 8), -EINVAL);
	unit.nla.nla_len = 3;
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 8), -EINVAL);
	unit.nla.nla_len = 0;
	KUNIT_EXPECT_EQ(test, send_raw_nest(test, flagged, &unit, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, reached, 0u);
}

static void test_bytes_behind_the_last_attribute(struct kunit *test)
{
	struct sk_buff *skb = message(test, JOBWARD_CMD_STATUS_GET, 0);

	skb_put_zero(skb, 2);
	KUNIT_EXPECT_EQ(test, send(test, skb), -EINVAL);
	KUNIT_EXPECT_EQ(test, reached, 0u);
}

static struct kunit_case netlink_gen_cases[] = {
	KUNIT_CASE(test_every_operation_without_attributes),
	KUNIT_CASE(test_attributes_that_are_not_listed),
	KUNIT_CASE(test_commands_that_are_none),
	KUNIT_CASE_PARAM(test_one_attribute, attr_gen_params),
	KUNIT_CASE(test_longest_strings),
	KUNIT_CASE(test_wrong_row_among_right_ones),
	KUNIT_CASE(test_malformed_nests),
	KUNIT_CASE(test_bytes_behind_the_last_attribute),
	{ }
};

static struct kunit_suite netlink_gen_suite = {
	.name = "jobward_netlink_gen",
	.init = netlink_init,
	.exit = netlink_exit,
	.test_cases = netlink_gen_cases,
};
kunit_test_suite(netlink_gen_suite);
