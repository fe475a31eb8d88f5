// SPDX-License-Identifier: GPL-2.0
/* Addresses of every family and length: what leads somewhere is read to the letter, what does not is none, nothing is read behind it. */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/un.h>
#include <kunit/test.h>
#include "peer.h"

/* In memory of its own length, so that KASAN sees each byte behind it. */
static bool take(struct kunit *test, struct jw_peer *peer, const void *address, int len, unsigned int type, unsigned int protocol)
{
	void *copy = kunit_kmalloc(test, max(len, 1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, address, len);
	memset(peer, 0xa5, sizeof(*peer));
	return jw_peer_read(peer, copy, len, type, protocol);
}

static const struct sockaddr_in in = {
	.sin_family = AF_INET, .sin_port = cpu_to_be16(443), .sin_addr.s_addr = cpu_to_be32(0xc0000201),
};

static void test_ipv4(struct kunit *test)
{
	struct jw_peer peer;
	int len;

	KUNIT_ASSERT_TRUE(test, take(test, &peer, &in, sizeof(in), SOCK_STREAM, IPPROTO_TCP));
	KUNIT_EXPECT_EQ(test, peer.family, (u32)JOBWARD_FAMILY_IPV4);
	KUNIT_EXPECT_EQ(test, peer.protocol, (u32)JOBWARD_PROTOCOL_TCP);
	KUNIT_EXPECT_EQ(test, peer.port, 443u);
	KUNIT_EXPECT_EQ(test, peer.address_len, 4u);
	KUNIT_EXPECT_EQ(test, memcmp(peer.address, "\300\0\2\1", 4), 0);
	KUNIT_EXPECT_STREQ(test, peer.path, "");
	for (len = 0; len < (int)sizeof(in); len++)
		KUNIT_EXPECT_FALSE(test, take(test, &peer, &in, len, SOCK_STREAM, IPPROTO_TCP));
}

static void test_ipv6(struct kunit *test)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = cpu_to_be16(53), .sin6_addr.s6_addr = { 0x20, 1, [15] = 9 } };
	struct jw_peer peer, mapped;
	int len;

	KUNIT_ASSERT_TRUE(test, take(test, &peer, &in6, sizeof(in6), SOCK_DGRAM, IPPROTO_UDP));
	KUNIT_EXPECT_EQ(test, peer.family, (u32)JOBWARD_FAMILY_IPV6);
	KUNIT_EXPECT_EQ(test, peer.protocol, (u32)JOBWARD_PROTOCOL_UDP);
	KUNIT_EXPECT_EQ(test, peer.port, 53u);
	KUNIT_EXPECT_EQ(test, peer.address_len, 16u);
	KUNIT_EXPECT_EQ(test, memcmp(peer.address, &in6.sin6_addr, 16), 0);
	/* Without a scope, as RFC 2133 has it, it is one as well. */
	for (len = 0; len < (int)sizeof(in6); len++)
		KUNIT_EXPECT_EQ(test, take(test, &peer, &in6, len, SOCK_DGRAM, IPPROTO_UDP), len >= 24);
	in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = in.sin_port };
	in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&in6.sin6_addr.s6_addr[12], &in.sin_addr, 4);
	KUNIT_ASSERT_TRUE(test, take(test, &mapped, &in6, sizeof(in6), SOCK_STREAM, IPPROTO_TCP));
	KUNIT_ASSERT_TRUE(test, take(test, &peer, &in, sizeof(in), SOCK_STREAM, IPPROTO_TCP));
	KUNIT_EXPECT_EQ_MSG(test, memcmp(&mapped, &peer, sizeof(peer)), 0, "the same place by another spelling");
}

static void expect_path(struct kunit *test, const char *bytes, int n, unsigned int type, const char *want, u32 protocol)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct jw_peer peer;
	bool got;

	memcpy(un.sun_path, bytes, n);
	got = take(test, &peer, &un, offsetof(struct sockaddr_un, sun_path) + n, type, 0);
	KUNIT_EXPECT_EQ(test, got, !!want);
	if (!got || !want)
		return;
	KUNIT_EXPECT_EQ(test, peer.family, (u32)JOBWARD_FAMILY_UNIX);
	KUNIT_EXPECT_EQ(test, peer.protocol, protocol);
	KUNIT_EXPECT_STREQ(test, peer.path, want);
	KUNIT_EXPECT_EQ(test, peer.address_len, 0u);
}

static void test_unix(struct kunit *test)
{
	char full[UNIX_PATH_MAX], want[UNIX_PATH_MAX + 1] = { };

	expect_path(test, "/run/x", 7, SOCK_STREAM, "/run/x", JOBWARD_PROTOCOL_STREAM);
	expect_path(test, "/run/x", 6, SOCK_DGRAM, "/run/x", JOBWARD_PROTOCOL_DGRAM);
	expect_path(test, "/run/x\0rest", 11, SOCK_SEQPACKET, "/run/x", JOBWARD_PROTOCOL_SEQPACKET);
	expect_path(test, "\0name", 5, SOCK_STREAM, "@name", JOBWARD_PROTOCOL_STREAM);
	expect_path(test, "\0na\0me\0", 7, SOCK_STREAM, "@na@me@", JOBWARD_PROTOCOL_STREAM);
	expect_path(test, "", 0, SOCK_STREAM, NULL, 0);
	expect_path(test, "", 1, SOCK_STREAM, NULL, 0);
	memset(full, 'x', sizeof(full));
	memset(want, 'x', sizeof(full));
	expect_path(test, full, sizeof(full), SOCK_STREAM, want, JOBWARD_PROTOCOL_STREAM);
}

static void test_protocols(struct kunit *test)
{
	static const struct { u32 type, protocol, want; } rows[] = {
		{ SOCK_STREAM, IPPROTO_MPTCP, JOBWARD_PROTOCOL_TCP },
		{ SOCK_DGRAM, IPPROTO_UDPLITE, JOBWARD_PROTOCOL_UDP },
		{ SOCK_DGRAM, IPPROTO_ICMP, JOBWARD_PROTOCOL_ICMP },
		{ SOCK_RAW, IPPROTO_ICMPV6, JOBWARD_PROTOCOL_ICMP },
		{ SOCK_STREAM, IPPROTO_SCTP, JOBWARD_PROTOCOL_SCTP },
		{ SOCK_RAW, IPPROTO_RAW, JOBWARD_PROTOCOL_RAW },
		{ SOCK_DCCP, IPPROTO_DCCP, JOBWARD_PROTOCOL_OTHER },
	};
	struct jw_peer peer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_ASSERT_TRUE(test, take(test, &peer, &in, sizeof(in), rows[i].type, rows[i].protocol));
		KUNIT_EXPECT_EQ_MSG(test, peer.protocol, rows[i].want, "row %u", i);
	}
}

static void test_what_leads_nowhere(struct kunit *test)
{
	struct sockaddr_in other = in;
	struct jw_peer peer;
	unsigned int family;

	for (family = 0; family < 50; family++) {
		other.sin_family = family;
		if (family != AF_INET && family != AF_UNIX)
			KUNIT_EXPECT_FALSE(test, take(test, &peer, &other, sizeof(other), SOCK_STREAM, 0));
	}
	KUNIT_EXPECT_FALSE(test, take(test, &peer, &in, 0, SOCK_STREAM, 0));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_ipv4),
	KUNIT_CASE(test_ipv6),
	KUNIT_CASE(test_unix),
	KUNIT_CASE(test_protocols),
	KUNIT_CASE(test_what_leads_nowhere),
	{ }
};

static struct kunit_suite suite = {
	.name = "jobward_peer",
	.test_cases = cases,
};
kunit_test_suite(suite);
