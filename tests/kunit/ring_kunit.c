// SPDX-License-Identifier: GPL-2.0
/*
 * The event ring. What must hold whatever happens: each number from 1 on is either the number of one record, which is
 * read as it was written, or lies in exactly one reported gap; denials find room that noise cannot take; what was not
 * acknowledged stays.
 */
#include <linux/prandom.h>
#include <linux/slab.h>
#include <kunit/test.h>
#include "event.h"
#include "netlink_gen.h"
#include "ring.h"

#define SIZE (64u * 1024)
#define RESERVE (24u * 1024)

struct context {
	struct jw_ring ring;
	u8 *buf;
	char text[2048];
};

static int ring_init(struct kunit *test)
{
	struct context *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	/* Of its own, so that KASAN sees each byte before and behind. */
	c->buf = kunit_kmalloc(test, SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c->buf);
	memset(c->buf, 0xa5, SIZE);
	memset(c->text, 't', sizeof(c->text));
	jw_ring_init(&c->ring, c->buf, SIZE, RESERVE);
	test->priv = c;
	return 0;
}

/* Writes an event whose record is larger the larger @size is; job tells what was written. */
static u64 write_event(struct context *c, enum jw_event_class class, u64 job, u32 size)
{
	struct jw_event event = {
		.time_ns = job * 10, .boot_ns = job * 10 + 1, .job = job,
		.kind = JOBWARD_KIND_RUN, .action = JOBWARD_ACTION_EXEC, .argv = c->text, .argv_len = min(size, 1500u),
		.env = c->text, .env_len = size > 1500 ? min(size - 1500, 500u) : 0,
	};

	return jw_ring_write(&c->ring, &event, class);
}

struct record {
	u64 seq;
	u64 job, first, last, denials, time_ns, boot_ns;
	u32 action, argv_len;
	bool intact;
	bool cut;		/* arguments end with a NUL byte that was put there */
};

/* Reads a record as a consumer of the protocol would. */
static int take(void *ctx, u64 seq, const void *payload, u32 len)
{
	struct record *r = ctx;
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1];
	u32 i;

	*r = (struct record){ .seq = seq };
	if (__nla_parse(tb, JOBWARD_A_EVENT_MAX, payload, len, jobward_event_nl_policy, NL_VALIDATE_STRICT, NULL))
		return 0;
	if (!tb[JOBWARD_A_EVENT_SEQ] || !tb[JOBWARD_A_EVENT_ACTION])
		return 0;
	r->intact = nla_get_u64(tb[JOBWARD_A_EVENT_SEQ]) == seq;
	r->action = nla_get_u32(tb[JOBWARD_A_EVENT_ACTION]);
	r->time_ns = nla_get_u64(tb[JOBWARD_A_EVENT_TIME_NS]);
	r->boot_ns = nla_get_u64(tb[JOBWARD_A_EVENT_BOOT_NS]);
	if (tb[JOBWARD_A_EVENT_JOB])
		r->job = nla_get_u64(tb[JOBWARD_A_EVENT_JOB]);
	if (tb[JOBWARD_A_EVENT_FIRST]) {
		r->first = nla_get_u64(tb[JOBWARD_A_EVENT_FIRST]);
		r->last = nla_get_u64(tb[JOBWARD_A_EVENT_LAST]);
		r->denials = nla_get_u64(tb[JOBWARD_A_EVENT_DENIALS]);
	}
	if (tb[JOBWARD_A_EVENT_ARGV]) {
		r->argv_len = nla_len(tb[JOBWARD_A_EVENT_ARGV]);
		r->cut = r->argv_len && !((const char *)nla_data(tb[JOBWARD_A_EVENT_ARGV]))[r->argv_len - 1];
		for (i = 0; i < r->argv_len - r->cut; i++)
			r->intact &= ((const char *)nla_data(tb[JOBWARD_A_EVENT_ARGV]))[i] == 't';
	}
	return 0;
}

static bool is_gap(const struct record *r)
{
	return r->action == JOBWARD_ACTION_GAP;
}

static void test_empty(struct kunit *test)
{
	struct context *c = test->priv;
	struct record r;
	u64 pos = 0;

	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 0);
	KUNIT_EXPECT_EQ(test, pos, 0ull);
	KUNIT_EXPECT_EQ(test, jw_ring_used(&c->ring), 0u);
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, 0), 0);
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, 1), -ERANGE);
}

static void test_numbers_begin_at_one_and_records_come_in_order(struct kunit *test)
{
	struct context *c = test->priv;
	u64 i, pos = 0;
	struct record r;

	for (i = 1; i <= 50; i++)
		KUNIT_EXPECT_EQ(test, write_event(c, i % 2, i, i * 3), i);
	for (i = 1; i <= 50; i++) {
		KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
		KUNIT_EXPECT_EQ(test, r.seq, i);
		KUNIT_EXPECT_EQ(test, r.job, i);
		KUNIT_EXPECT_EQ(test, r.argv_len, (u32)i * 3);
		KUNIT_EXPECT_TRUE(test, r.intact && !r.cut);
	}
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 0);
	/* Reading takes nothing away: another reader sees all. */
	pos = 0;
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 1ull);
	/* What comes later is read on from where this one stopped. */
	write_event(c, JW_CLASS_NORMAL, 51, 0);
	for (i = 2; i <= 51; i++)
		KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 51ull);
}

static void test_cursor_passes_over(struct kunit *test)
{
	struct context *c = test->priv;
	struct record r;
	u64 i, pos = 0;

	for (i = 1; i <= 20; i++)
		write_event(c, JW_CLASS_NORMAL, i, 10);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 15, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 16ull);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 15, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 17ull);
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, 20, take, &r), 0);
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, U64_MAX, take, &r), 0);
}

static int refuse(void *ctx, u64 seq, const void *payload, u32 len)
{
	return -EMSGSIZE;
}

/* A reply that is full takes the record with the next one: the position must not have moved. */
static void test_consumer_refuses(struct kunit *test)
{
	struct context *c = test->priv;
	struct record r;
	u64 pos = 0, before;

	write_event(c, JW_CLASS_NORMAL, 1, 10);
	write_event(c, JW_CLASS_NORMAL, 2, 10);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
	before = pos;
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, 0, refuse, NULL), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pos, before);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 2ull);
}

static void test_ack_frees_up_to_the_cursor(struct kunit *test)
{
	struct context *c = test->priv;
	struct record r;
	u64 i, pos = 0, stale = 0;
	u32 used;

	for (i = 1; i <= 10; i++)
		write_event(c, JW_CLASS_NORMAL, i, 10);
	used = jw_ring_used(&c->ring);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &stale, 0, take, &r), 1);
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, 11), -ERANGE);
	KUNIT_EXPECT_EQ(test, jw_ring_used(&c->ring), used);
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, 6), 0);
	KUNIT_EXPECT_EQ(test, jw_ring_used(&c->ring), used / 10 * 4);
	KUNIT_EXPECT_EQ(test, c->ring.acked, 6ull);
	/* An older cursor changes nothing. */
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, 3), 0);
	KUNIT_EXPECT_EQ(test, c->ring.acked, 6ull);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 7ull);
	/* A reader whose place was freed meanwhile goes on with the oldest that is left. */
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &stale, 0, take, &r), 1);
	KUNIT_EXPECT_EQ(test, r.seq, 7ull);
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, 10), 0);
	KUNIT_EXPECT_EQ(test, jw_ring_used(&c->ring), 0u);
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &stale, 0, take, &r), 0);
}

/* Writes noise until the first one is lost. Return: how many were kept. */
static u64 fill(struct kunit *test, u32 size)
{
	struct context *c = test->priv;
	u64 seq;

	do {
		seq = write_event(c, JW_CLASS_NORMAL, c->ring.seq + 1, size);
	} while (!c->ring.lost);
	return seq - 1;
}

static void test_noise_leaves_the_reserve_to_denials(struct kunit *test)
{
	struct context *c = test->priv;
	u64 kept = fill(test, 100), pos = 0;
	u32 used = jw_ring_used(&c->ring), denials = 0, seen = 0;
	struct record r;

	KUNIT_EXPECT_LE(test, used, SIZE - RESERVE);
	KUNIT_EXPECT_GT(test, used, SIZE - RESERVE - 1024);
	/* More noise neither gets in nor takes anything from what is kept for denials. */
	while (denials < 20) {
		write_event(c, JW_CLASS_NORMAL, 0, 100);
		write_event(c, JW_CLASS_DENIAL, 1000 + denials++, 100);
	}
	KUNIT_EXPECT_EQ(test, c->ring.lost_denials, 0ull);
	KUNIT_EXPECT_EQ(test, c->ring.lost, 21ull);
	while (jw_ring_read(&c->ring, &pos, kept, take, &r) == 1) {
		KUNIT_EXPECT_TRUE(test, r.intact && !r.cut);
		if (is_gap(&r))
			continue;
		KUNIT_EXPECT_EQ(test, r.job, 1000ull + seen);
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, denials);
}

/* What jobs' processes do leaves room for what gates have to say, and is lost first. */
static void test_descent_takes_half_at_most(struct kunit *test)
{
	struct context *c = test->priv;
	u32 used, i;

	/* (the record of a gap asks for as much room behind it as the largest record may take) */
	jw_ring_init(&c->ring, c->buf, SIZE, SIZE / 8);
	while (!c->ring.lost)
		write_event(c, JW_CLASS_DESCENT, 1, 1000);
	used = jw_ring_used(&c->ring);
	KUNIT_EXPECT_LE(test, used, SIZE / 2);
	KUNIT_EXPECT_GT(test, used, SIZE / 2 - 2048);
	for (i = 0; i < 5; i++)
		write_event(c, JW_CLASS_NORMAL, 2, 100);
	KUNIT_EXPECT_EQ(test, c->ring.lost, 1ull);
	write_event(c, JW_CLASS_DESCENT, 3, 100);
	KUNIT_EXPECT_EQ(test, c->ring.lost, 2ull);
	KUNIT_EXPECT_EQ(test, c->ring.lost_denials, 0ull);
}

/* When even the reserve is used up the loss is counted by class. */
static void test_lost_denials_are_told_apart(struct kunit *test)
{
	struct context *c = test->priv;
	u64 pos = 0, kept, first;
	struct record r;
	u32 i;

	while (!c->ring.lost)
		write_event(c, JW_CLASS_DENIAL, 1, 1000);
	kept = c->ring.seq - 1;
	KUNIT_EXPECT_GT(test, jw_ring_used(&c->ring), SIZE - 2048);
	KUNIT_EXPECT_LE(test, jw_ring_used(&c->ring), SIZE);
	for (i = 0; i < 7; i++)
		write_event(c, JW_CLASS_NORMAL, 900 + i, 1000);
	write_event(c, JW_CLASS_DENIAL, 999, 1000);
	KUNIT_EXPECT_EQ(test, c->ring.lost, 9ull);
	KUNIT_EXPECT_EQ(test, c->ring.lost_denials, 2ull);
	first = kept + 1;

	/* With room there comes the report, at once, not only with the next event. */
	KUNIT_EXPECT_EQ(test, jw_ring_ack(&c->ring, kept), 0);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, kept, take, &r), 1);
	KUNIT_ASSERT_TRUE(test, is_gap(&r));
	KUNIT_EXPECT_EQ(test, r.seq, first + 9);
	KUNIT_EXPECT_EQ(test, r.first, first);
	KUNIT_EXPECT_EQ(test, r.last, first + 8);
	KUNIT_EXPECT_EQ(test, r.denials, 2ull);
	/* Its time is that of the newest loss. */
	KUNIT_EXPECT_EQ(test, r.time_ns, 9990ull);
	KUNIT_EXPECT_EQ(test, r.boot_ns, 9991ull);
	/* Reported once. */
	KUNIT_EXPECT_EQ(test, write_event(c, JW_CLASS_NORMAL, 5, 10), first + 10);
	KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, kept, take, &r), 1);
	KUNIT_EXPECT_FALSE(test, is_gap(&r));
	KUNIT_EXPECT_EQ(test, jw_ring_read(&c->ring, &pos, kept, take, &r), 0);
}

/* A record that does not fit whole before the end of the buffer goes to its beginning: try every rest there can be. */
static void test_every_rest_at_the_end(struct kunit *test)
{
	struct context *c = test->priv;
	u32 step, size, i, bad = 0;
	struct record r;

	for (step = 0; step < 64; step++) {
		u64 written = 0;

		jw_ring_init(&c->ring, c->buf, SIZE, RESERVE);
		for (i = 0; i < 3 * SIZE / 256; i++) {
			u64 pos = 0;

			size = 4 + (i == 1 ? 8 * step : 0) + (i % 5) * 52;
			written = write_event(c, JW_CLASS_NORMAL, i + 1, size);
			bad += jw_ring_read(&c->ring, &pos, 0, take, &r) != 1;
			bad += r.seq != written || r.job != i + 1 || r.argv_len != size || !r.intact;
			bad += !!jw_ring_ack(&c->ring, written) || jw_ring_used(&c->ring);
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0u);
}

struct model {
	u64 seen;		/* newest number that is accounted for */
	u64 gaps, events, lost, lost_denials;
	u32 bad;
};

/* Each record must go on where the one before it, and the gap that it reports, ended. */
static void account(struct model *m, const struct record *r)
{
	if (is_gap(r)) {
		m->bad += r->first != m->seen + 1 || r->last < r->first || r->seq != r->last + 1;
		m->lost += r->last - r->first + 1;
		m->lost_denials += r->denials;
		m->gaps++;
	} else {
		m->bad += r->seq != m->seen + 1;
		m->events++;
	}
	m->bad += !r->intact;
	m->seen = r->seq;
}

static void drain(struct context *c, struct model *m, u64 *pos, u32 max)
{
	struct record r;

	while (max-- && jw_ring_read(&c->ring, pos, m->seen, take, &r) == 1)
		account(m, &r);
}

#define EVENTS 60000

/* A reader that is now faster, now slower, now starts again. @denials: of seven events, how many. */
static void run_model(struct kunit *test, struct model *m, u32 denials)
{
	struct context *c = test->priv;
	struct rnd_state rnd;
	u64 pos = 0;
	u32 i;

	jw_ring_init(&c->ring, c->buf, SIZE, RESERVE);
	prandom_seed_state(&rnd, 412 + denials);
	for (i = 0; i < EVENTS; i++) {
		u32 dice = prandom_u32_state(&rnd) % 1000;
		bool slow = i / 2000 % 2;
		enum jw_event_class class = dice % 7 < denials ? JW_CLASS_DENIAL : JW_CLASS_NORMAL;

		write_event(c, class, i + 1, prandom_u32_state(&rnd) % 2000);
		m->bad += jw_ring_used(&c->ring) > SIZE;
		if (dice < (slow ? 5 : 300))
			drain(c, m, &pos, 1 + dice);
		if (dice % 100 < (slow ? 2 : 40))
			jw_ring_ack(&c->ring, m->seen);
		if (dice == 999)
			pos = 0;
	}
	drain(c, m, &pos, ~0u);
	jw_ring_ack(&c->ring, m->seen);
	drain(c, m, &pos, ~0u);
}

static void test_every_number_is_a_record_or_in_a_gap(struct kunit *test)
{
	struct context *c = test->priv;
	u32 denials;

	for (denials = 0; denials <= 7; denials++) {
		struct model m = { };

		run_model(test, &m, denials);
		KUNIT_EXPECT_EQ_MSG(test, m.bad, 0u, "%u of 7", denials);
		KUNIT_EXPECT_EQ(test, m.seen, c->ring.seq);
		KUNIT_EXPECT_EQ(test, m.events + m.lost, (u64)EVENTS);
		KUNIT_EXPECT_EQ(test, m.lost, c->ring.lost);
		KUNIT_EXPECT_EQ(test, m.lost_denials, c->ring.lost_denials);
		/* The run was worth something only if the ring was full often, and empty too. */
		KUNIT_EXPECT_GT(test, m.gaps, 20ull);
		KUNIT_EXPECT_GT(test, m.events, 10000ull);
		KUNIT_EXPECT_EQ(test, m.lost_denials > 20, denials > 0);
	}
}

/* The largest record there is, again and again over the end of the buffer. */
static void test_largest_records(struct kunit *test)
{
	struct context *c = test->priv;
	char *s = kunit_kzalloc(test, 100001, GFP_KERNEL);
	struct jw_subject *subject = kunit_kzalloc(test, sizeof(*subject), GFP_KERNEL);
	struct jw_object object = { .path = s };
	struct jw_event event = {
		.subject = subject, .object = &object, .target = &object, .argv = s, .argv_len = 100000, .env = s,
		.env_len = 100000, .text = s, .text_len = 100000, .unit = s, .detail = s,
	};
	struct record r;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, subject);
	memset(s, 't', 100000);
	subject->exe = subject->cgroup = subject->argv = s;
	subject->argv_len = 100000;
	subject->n_ancestors = JOBWARD_ANCESTORS_MAX;
	for (i = 0; i < JOBWARD_ANCESTORS_MAX; i++)
		subject->ancestors[i].exe = s;
	for (i = 1; i <= 50; i++) {
		u64 pos = 0;

		KUNIT_ASSERT_EQ(test, jw_ring_write(&c->ring, &event, JW_CLASS_NORMAL), (u64)i);
		KUNIT_ASSERT_EQ(test, jw_ring_read(&c->ring, &pos, 0, take, &r), 1);
		KUNIT_ASSERT_EQ(test, r.seq, (u64)i);
		KUNIT_ASSERT_TRUE(test, r.intact);
		KUNIT_ASSERT_TRUE(test, r.cut);
		KUNIT_ASSERT_EQ(test, jw_ring_ack(&c->ring, i), 0);
	}
	KUNIT_EXPECT_EQ(test, c->ring.lost, 0ull);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(test_empty),
	KUNIT_CASE(test_numbers_begin_at_one_and_records_come_in_order),
	KUNIT_CASE(test_cursor_passes_over),
	KUNIT_CASE(test_consumer_refuses),
	KUNIT_CASE(test_ack_frees_up_to_the_cursor),
	KUNIT_CASE(test_noise_leaves_the_reserve_to_denials),
	KUNIT_CASE(test_descent_takes_half_at_most),
	KUNIT_CASE(test_lost_denials_are_told_apart),
	KUNIT_CASE(test_every_rest_at_the_end),
	KUNIT_CASE(test_every_number_is_a_record_or_in_a_gap),
	KUNIT_CASE(test_largest_records),
	{ }
};

static struct kunit_suite ring_suite = {
	.name = "jobward_ring",
	.init = ring_init,
	.test_cases = ring_cases,
};
kunit_test_suite(ring_suite);
