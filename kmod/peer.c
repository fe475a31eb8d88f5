// SPDX-License-Identifier: GPL-2.0
/* See peer.h. */
#include <linux/build_bug.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/string.h>
#include "peer.h"

static u32 ip_protocol(unsigned int type, unsigned int protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return JOBWARD_PROTOCOL_TCP;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return JOBWARD_PROTOCOL_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return JOBWARD_PROTOCOL_ICMP;
	case IPPROTO_SCTP:
		return JOBWARD_PROTOCOL_SCTP;
	default:
		return type == SOCK_RAW ? JOBWARD_PROTOCOL_RAW : JOBWARD_PROTOCOL_OTHER;
	}
}

static u32 unix_protocol(unsigned int type)
{
	return type == SOCK_STREAM ? JOBWARD_PROTOCOL_STREAM :
	       type == SOCK_DGRAM ? JOBWARD_PROTOCOL_DGRAM :
	       type == SOCK_SEQPACKET ? JOBWARD_PROTOCOL_SEQPACKET : JOBWARD_PROTOCOL_OTHER;
}

static bool read_ipv4(struct jw_peer *peer, const struct sockaddr_in *in, int len)
{
	if (len < (int)sizeof(*in))
		return false;
	peer->family = JOBWARD_FAMILY_IPV4;
	peer->port = ntohs(in->sin_port);
	peer->address_len = sizeof(in->sin_addr);
	memcpy(peer->address, &in->sin_addr, sizeof(in->sin_addr));
	return true;
}

static bool read_ipv6(struct jw_peer *peer, const struct sockaddr_in6 *in6, int len)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };	/* RFC 4291, 2.5.5.2 */
	const u8 *bytes = in6->sin6_addr.s6_addr;

	if (len < (int)offsetofend(struct sockaddr_in6, sin6_addr))
		return false;
	peer->port = ntohs(in6->sin6_port);
	if (!memcmp(bytes, mapped, sizeof(mapped))) {
		peer->family = JOBWARD_FAMILY_IPV4;
		peer->address_len = 4;
		memcpy(peer->address, bytes + sizeof(mapped), 4);
	} else {
		peer->family = JOBWARD_FAMILY_IPV6;
		peer->address_len = 16;
		memcpy(peer->address, bytes, 16);
	}
	return true;
}

static bool read_unix(struct jw_peer *peer, const struct sockaddr_un *un, int len)
{
	int n = min_t(int, len - (int)offsetof(struct sockaddr_un, sun_path), UNIX_PATH_MAX), i;
	const bool abstract = n > 0 && !un->sun_path[0];

	if (n <= 0 || (abstract && n == 1))
		return false;
	peer->family = JOBWARD_FAMILY_UNIX;
	for (i = 0; i < n && (abstract || un->sun_path[i]); i++)
		peer->path[i] = un->sun_path[i] ? un->sun_path[i] : '@';
	return true;
}

bool jw_peer_read(struct jw_peer *peer, const struct sockaddr *address, int len, unsigned int type, unsigned int protocol)
{
	BUILD_BUG_ON(sizeof(*peer) != 32 + UNIX_PATH_MAX + 4);
	memset(peer, 0, sizeof(*peer));
	if (len < (int)sizeof(address->sa_family))
		return false;
	peer->protocol = address->sa_family == AF_UNIX ? unix_protocol(type) : ip_protocol(type, protocol);
	switch (address->sa_family) {
	case AF_INET:
		return read_ipv4(peer, (const struct sockaddr_in *)address, len);
	case AF_INET6:
		return read_ipv6(peer, (const struct sockaddr_in6 *)address, len);
	case AF_UNIX:
		return read_unix(peer, (const struct sockaddr_un *)address, len);
	default:
		return false;
	}
}
