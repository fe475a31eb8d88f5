// SPDX-License-Identifier: GPL-2.0
/*
 * Records: what an event has comes out of its record by the very policy that the protocol generates; what it has not is
 * absent; nothing is longer than a record may be, and nothing is written behind the bytes that were measured.
 */
#include <linux/slab.h>
#include <kunit/test.h>
#include "event.h"
#include "netlink_gen.h"
#include "ring.h"

#define GUARD 0xa5

/* Encodes as the ring does; the bytes behind the record must stay as they are. */
static u8 *encode(struct kunit *test, const struct jw_event *event, u64 seq, u32 *ret_len)
{
	u32 i, len = jw_event_size(event);
	u8 *buf = kunit_kmalloc(test, len + 64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_LE(test, len, JW_RECORD_MAX);
	memset(buf, GUARD, len + 64);
	jw_event_encode(event, seq, buf, len);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, buf[len + i], (u8)GUARD);
	*ret_len = len;
	return buf;
}

/* Takes a record apart by the generated policy, as strictly as genetlink does. */
static void parse(struct kunit *test, struct nlattr **tb, const u8 *buf, u32 len)
{
	struct netlink_ext_ack extack = { };
	int err = __nla_parse(tb, JOBWARD_A_EVENT_MAX, (const struct nlattr *)buf, len, jobward_event_nl_policy,
			      NL_VALIDATE_STRICT, &extack);

	KUNIT_ASSERT_EQ_MSG(test, err, 0, "%s", extack._msg);
}

static void parse_nested(struct kunit *test, struct nlattr **tb, int max, const struct nlattr *nla,
			 const struct nla_policy *policy)
{
	KUNIT_ASSERT_NOT_NULL(test, nla);
	KUNIT_ASSERT_EQ(test, nla_parse_nested(tb, max, nla, policy, NULL), 0);
}

#define EXPECT_U32(nla, v) do { \
		KUNIT_ASSERT_NOT_NULL(test, nla); \
		KUNIT_EXPECT_EQ(test, nla_get_u32(nla), (u32)(v)); \
	} while (0)
#define EXPECT_U64(nla, v) do { \
		KUNIT_ASSERT_NOT_NULL(test, nla); \
		KUNIT_EXPECT_EQ(test, nla_get_u64(nla), (u64)(v)); \
	} while (0)
#define EXPECT_STRING(nla, s) do { \
		KUNIT_ASSERT_NOT_NULL(test, nla); \
		KUNIT_EXPECT_EQ(test, nla_len(nla), (int)strlen(s) + 1); \
		KUNIT_EXPECT_STREQ(test, (const char *)nla_data(nla), s); \
	} while (0)
#define EXPECT_BYTES(nla, p, n) do { \
		KUNIT_ASSERT_NOT_NULL(test, nla); \
		KUNIT_ASSERT_EQ(test, nla_len(nla), (int)(n)); \
		KUNIT_EXPECT_EQ(test, memcmp(nla_data(nla), p, n), 0); \
	} while (0)
#define EXPECT_ABSENT(nla) KUNIT_EXPECT_PTR_EQ(test, nla, NULL)

static const u8 digest[JOBWARD_DIGEST_SIZE] = { 1, 2, 3, 0, 255 };

static const struct jw_subject full_subject = {
	.pid = 10, .tid = 11, .ppid = 12, .uid = 13, .euid = 14, .gid = 15, .auid = 16, .session = 17,
	.has_auid = true, .has_session = true, .kthread = true, .start_ns = 1ull << 40,
	.tty = "pts/0", .comm = "bash", .exe = "/usr/bin/bash", .cgroup = "/system.slice/cron.service",
	.argv = "bash\0-c\0", .argv_len = 8, .n_ancestors = 2,
	.ancestors = { { 9, 0, "cron", "/usr/sbin/cron" }, { 1, 0, "systemd", NULL } },
};

static const struct jw_object full_object = {
	.path = "/etc/cron.d/x", .dev = 0x800001, .gen = 2, .mode = 0100644, .uid = 3, .roles = JOBWARD_ROLE_STORE,
	.ino = 1ull << 33, .size = 4, .classes = 5, .sha256 = digest,
};

static const struct jw_object destination = {
	.family = JOBWARD_FAMILY_IPV6, .protocol = JOBWARD_PROTOCOL_UDP, .port = 53, .address = digest, .address_len = 16,
};

static const struct jw_object bare_object = { .path = "/x" };

static const struct jw_event full_event = {
	.time_ns = 1, .boot_ns = 2, .kind = JOBWARD_KIND_RUN, .action = JOBWARD_ACTION_EXEC,
	.verdict = JOBWARD_VERDICT_DENY, .reason = JOBWARD_REASON_UNAPPROVED, .scheduler = JOBWARD_SCHEDULER_CRON,
	.generation = 3, .job = 4, .root_seq = 5, .key = digest,
	.subject = &full_subject, .object = &full_object, .target = &bare_object,
	.argv = "/bin/sh\0-c\0x", .argv_len = 13, .env = "PATH=/bin", .env_len = 10, .text = "a\0b", .text_len = 3,
	.unit = "cron.service", .detail = "word",
};

static void test_every_field_of_an_event(struct kunit *test)
{
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1];
	u32 len;
	u8 *buf = encode(test, &full_event, 77, &len);

	parse(test, tb, buf, len);
	EXPECT_U64(tb[JOBWARD_A_EVENT_SEQ], 77);
	EXPECT_U64(tb[JOBWARD_A_EVENT_TIME_NS], 1);
	EXPECT_U64(tb[JOBWARD_A_EVENT_BOOT_NS], 2);
	EXPECT_U32(tb[JOBWARD_A_EVENT_KIND], JOBWARD_KIND_RUN);
	EXPECT_U32(tb[JOBWARD_A_EVENT_ACTION], JOBWARD_ACTION_EXEC);
	EXPECT_U32(tb[JOBWARD_A_EVENT_VERDICT], JOBWARD_VERDICT_DENY);
	EXPECT_U32(tb[JOBWARD_A_EVENT_REASON], JOBWARD_REASON_UNAPPROVED);
	EXPECT_U64(tb[JOBWARD_A_EVENT_GENERATION], 3);
	EXPECT_U32(tb[JOBWARD_A_EVENT_SCHEDULER], JOBWARD_SCHEDULER_CRON);
	EXPECT_U64(tb[JOBWARD_A_EVENT_JOB], 4);
	EXPECT_BYTES(tb[JOBWARD_A_EVENT_KEY], digest, JOBWARD_DIGEST_SIZE);
	EXPECT_U64(tb[JOBWARD_A_EVENT_ROOT_SEQ], 5);
	EXPECT_BYTES(tb[JOBWARD_A_EVENT_ARGV], "/bin/sh\0-c\0x", 13);
	EXPECT_BYTES(tb[JOBWARD_A_EVENT_ENV], "PATH=/bin", 10);
	EXPECT_STRING(tb[JOBWARD_A_EVENT_UNIT], "cron.service");
	EXPECT_BYTES(tb[JOBWARD_A_EVENT_TEXT], "a\0b", 3);
	EXPECT_STRING(tb[JOBWARD_A_EVENT_DETAIL], "word");
	EXPECT_ABSENT(tb[JOBWARD_A_EVENT_FIRST]);
}

static void test_every_field_of_a_subject(struct kunit *test)
{
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1], *s[JOBWARD_A_SUBJECT_MAX + 1], *a[JOBWARD_A_ANCESTOR_MAX + 1], *nla;
	u32 len, n = 0;
	int rest;
	u8 *buf = encode(test, &full_event, 1, &len);

	parse(test, tb, buf, len);
	parse_nested(test, s, JOBWARD_A_SUBJECT_MAX, tb[JOBWARD_A_EVENT_SUBJECT], jobward_subject_nl_policy);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_PID], 10);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_TID], 11);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_PPID], 12);
	EXPECT_U64(s[JOBWARD_A_SUBJECT_START_NS], 1ull << 40);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_UID], 13);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_EUID], 14);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_GID], 15);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_AUID], 16);
	EXPECT_U32(s[JOBWARD_A_SUBJECT_SESSION], 17);
	EXPECT_STRING(s[JOBWARD_A_SUBJECT_TTY], "pts/0");
	EXPECT_STRING(s[JOBWARD_A_SUBJECT_COMM], "bash");
	EXPECT_STRING(s[JOBWARD_A_SUBJECT_EXE], "/usr/bin/bash");
	EXPECT_BYTES(s[JOBWARD_A_SUBJECT_ARGV], "bash\0-c", 8);
	EXPECT_STRING(s[JOBWARD_A_SUBJECT_CGROUP], "/system.slice/cron.service");
	KUNIT_EXPECT_TRUE(test, nla_get_flag(s[JOBWARD_A_SUBJECT_KTHREAD]));
	nla_for_each_nested(nla, tb[JOBWARD_A_EVENT_SUBJECT], rest) {
		const struct jw_ancestor *want = &full_subject.ancestors[n];

		if (nla_type(nla) != JOBWARD_A_SUBJECT_ANCESTOR)
			continue;
		KUNIT_ASSERT_LT(test, n++, 2u);
		parse_nested(test, a, JOBWARD_A_ANCESTOR_MAX, nla, jobward_ancestor_nl_policy);
		EXPECT_U32(a[JOBWARD_A_ANCESTOR_PID], want->pid);
		EXPECT_U32(a[JOBWARD_A_ANCESTOR_UID], want->uid);
		EXPECT_STRING(a[JOBWARD_A_ANCESTOR_COMM], want->comm);
		if (want->exe)
			EXPECT_STRING(a[JOBWARD_A_ANCESTOR_EXE], want->exe);
		else
			EXPECT_ABSENT(a[JOBWARD_A_ANCESTOR_EXE]);
	}
	KUNIT_EXPECT_EQ(test, n, 2u);
}

static void test_every_field_of_an_object(struct kunit *test)
{
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1], *o[JOBWARD_A_OBJECT_MAX + 1];
	u32 len;
	u8 *buf = encode(test, &full_event, 1, &len);

	parse(test, tb, buf, len);
	parse_nested(test, o, JOBWARD_A_OBJECT_MAX, tb[JOBWARD_A_EVENT_OBJECT], jobward_object_nl_policy);
	EXPECT_STRING(o[JOBWARD_A_OBJECT_PATH], "/etc/cron.d/x");
	EXPECT_U32(o[JOBWARD_A_OBJECT_DEV], 0x800001);
	EXPECT_U64(o[JOBWARD_A_OBJECT_INO], 1ull << 33);
	EXPECT_U32(o[JOBWARD_A_OBJECT_GEN], 2);
	EXPECT_U32(o[JOBWARD_A_OBJECT_MODE], 0100644);
	EXPECT_U32(o[JOBWARD_A_OBJECT_UID], 3);
	EXPECT_U64(o[JOBWARD_A_OBJECT_SIZE], 4);
	EXPECT_BYTES(o[JOBWARD_A_OBJECT_SHA256], digest, JOBWARD_DIGEST_SIZE);
	EXPECT_U32(o[JOBWARD_A_OBJECT_ROLES], JOBWARD_ROLE_STORE);
	EXPECT_U64(o[JOBWARD_A_OBJECT_CLASSES], 5);
	/* An object without an inode (a name that is about to be made) has a path alone. */
	parse_nested(test, o, JOBWARD_A_OBJECT_MAX, tb[JOBWARD_A_EVENT_TARGET], jobward_object_nl_policy);
	EXPECT_STRING(o[JOBWARD_A_OBJECT_PATH], "/x");
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_INO]);
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_SHA256]);
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_ROLES]);
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_CLASSES]);
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_FAMILY]);
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_PORT]);
}

static void test_every_field_of_a_destination(struct kunit *test)
{
	struct jw_event event = { .object = &destination };
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1], *o[JOBWARD_A_OBJECT_MAX + 1];
	u32 len;
	u8 *buf = encode(test, &event, 1, &len);

	parse(test, tb, buf, len);
	parse_nested(test, o, JOBWARD_A_OBJECT_MAX, tb[JOBWARD_A_EVENT_OBJECT], jobward_object_nl_policy);
	EXPECT_U32(o[JOBWARD_A_OBJECT_FAMILY], JOBWARD_FAMILY_IPV6);
	EXPECT_U32(o[JOBWARD_A_OBJECT_PROTOCOL], JOBWARD_PROTOCOL_UDP);
	EXPECT_BYTES(o[JOBWARD_A_OBJECT_ADDRESS], digest, 16);
	EXPECT_U32(o[JOBWARD_A_OBJECT_PORT], 53);
	EXPECT_ABSENT(o[JOBWARD_A_OBJECT_INO]);
}

static void test_absent_fields_are_not_sent(struct kunit *test)
{
	static const struct jw_subject nobody = { .auid = 1, .session = 1 };
	struct jw_event event = { .argv = "x", .env_len = 5, .subject = &nobody };
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1], *s[JOBWARD_A_SUBJECT_MAX + 1];
	u32 len, i;
	u8 *buf = encode(test, &event, 1, &len);

	parse(test, tb, buf, len);
	for (i = 1; i <= JOBWARD_A_EVENT_MAX; i++) {
		bool always = i <= JOBWARD_A_EVENT_REASON || i == JOBWARD_A_EVENT_SUBJECT;

		KUNIT_EXPECT_EQ_MSG(test, !!tb[i], always, "attribute %u", i);
	}
	parse_nested(test, s, JOBWARD_A_SUBJECT_MAX, tb[JOBWARD_A_EVENT_SUBJECT], jobward_subject_nl_policy);
	for (i = 1; i <= JOBWARD_A_SUBJECT_MAX; i++)
		KUNIT_EXPECT_EQ_MSG(test, !!s[i], i <= JOBWARD_A_SUBJECT_GID, "attribute %u", i);
}

static void test_gap(struct kunit *test)
{
	struct jw_event event = { .action = JOBWARD_ACTION_GAP, .first = 5, .last = 9 };
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1];
	u32 len;
	u8 *buf = encode(test, &event, 10, &len);

	parse(test, tb, buf, len);
	EXPECT_U64(tb[JOBWARD_A_EVENT_FIRST], 5);
	EXPECT_U64(tb[JOBWARD_A_EVENT_LAST], 9);
	/* None is an answer here, not an absence. */
	EXPECT_U64(tb[JOBWARD_A_EVENT_DENIALS], 0);
}

static char *long_string(struct kunit *test, u32 len)
{
	char *s = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	memset(s, 'x', len);
	return s;
}

static void expect_ended(struct kunit *test, const struct nlattr *nla)
{
	KUNIT_ASSERT_NOT_NULL(test, nla);
	KUNIT_EXPECT_EQ(test, strnlen(nla_data(nla), nla_len(nla)) + 1, (size_t)nla_len(nla));
}

/* The worst that a subject and a store can do must still fit a record, each string ended, and be read by the policy. */
static void test_largest_event_fits_a_record(struct kunit *test)
{
	u32 len, i, huge = 100000;
	char *s = long_string(test, huge);
	struct jw_subject *subject = kunit_kzalloc(test, sizeof(*subject), GFP_KERNEL);
	struct jw_object object = full_object;
	struct jw_event event = full_event;
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1], *sub[JOBWARD_A_SUBJECT_MAX + 1], *o[JOBWARD_A_OBJECT_MAX + 1];
	u8 *buf;

	KUNIT_ASSERT_NOT_NULL(test, subject);
	*subject = full_subject;
	subject->tty = subject->comm = subject->exe = subject->cgroup = subject->argv = s;
	subject->argv_len = huge;
	subject->n_ancestors = JOBWARD_ANCESTORS_MAX;
	for (i = 0; i < JOBWARD_ANCESTORS_MAX; i++)
		subject->ancestors[i] = (struct jw_ancestor){ 1, 1, s, s };
	object.path = s;
	object.family = JOBWARD_FAMILY_UNIX;
	object.address = digest;
	object.address_len = 16;
	event.subject = subject;
	event.object = event.target = &object;
	event.argv = event.env = event.text = event.unit = event.detail = s;
	event.argv_len = event.env_len = event.text_len = huge;
	event.first = event.last = event.denials = U64_MAX;
	buf = encode(test, &event, U64_MAX, &len);

	parse(test, tb, buf, len);
	parse_nested(test, sub, JOBWARD_A_SUBJECT_MAX, tb[JOBWARD_A_EVENT_SUBJECT], jobward_subject_nl_policy);
	parse_nested(test, o, JOBWARD_A_OBJECT_MAX, tb[JOBWARD_A_EVENT_TARGET], jobward_object_nl_policy);
	expect_ended(test, o[JOBWARD_A_OBJECT_PATH]);
	expect_ended(test, tb[JOBWARD_A_EVENT_UNIT]);
	expect_ended(test, tb[JOBWARD_A_EVENT_DETAIL]);
	expect_ended(test, sub[JOBWARD_A_SUBJECT_EXE]);
	expect_ended(test, sub[JOBWARD_A_SUBJECT_CGROUP]);
	KUNIT_EXPECT_EQ(test, nla_len(sub[JOBWARD_A_SUBJECT_COMM]), 16);
	KUNIT_EXPECT_GT(test, nla_len(tb[JOBWARD_A_EVENT_ARGV]), 1000);
}

/* Measured and written are the same walk; every length around the alignment must agree. */
static void test_size_for_every_alignment(struct kunit *test)
{
	char *s = long_string(test, 32);
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1];
	u32 i, len;
	u8 *buf;

	for (i = 0; i <= 32; i++) {
		struct jw_event event = { .unit = s + i, .argv = s, .argv_len = i, .detail = s + 32 - i };

		buf = encode(test, &event, i, &len);
		KUNIT_EXPECT_EQ(test, len % 4, 0u);
		parse(test, tb, buf, len);
		EXPECT_STRING(tb[JOBWARD_A_EVENT_UNIT], s + i);
		EXPECT_STRING(tb[JOBWARD_A_EVENT_DETAIL], s + 32 - i);
	}
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(test_every_field_of_an_event),
	KUNIT_CASE(test_every_field_of_a_subject),
	KUNIT_CASE(test_every_field_of_an_object),
	KUNIT_CASE(test_every_field_of_a_destination),
	KUNIT_CASE(test_absent_fields_are_not_sent),
	KUNIT_CASE(test_gap),
	KUNIT_CASE(test_largest_event_fits_a_record),
	KUNIT_CASE(test_size_for_every_alignment),
	{ }
};

static struct kunit_suite event_suite = {
	.name = "jobward_event",
	.test_cases = event_cases,
};
kunit_test_suite(event_suite);
