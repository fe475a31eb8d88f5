/* SPDX-License-Identifier: GPL-2.0 */
/* The far end of a connect, out of the kernel's copy of its address. Pure. */
#ifndef JOBWARD_PEER_H
#define JOBWARD_PEER_H

#include <linux/socket.h>
#include <linux/types.h>
#include <linux/un.h>
#include <uapi/linux/jobward.h>

/* No holes and no bytes left over: it is hashed as it lies. */
struct jw_peer {
	u32 family;			/* enum jobward_family */
	u32 protocol;			/* enum jobward_protocol */
	u32 port;
	u32 address_len;		/* 4, 16, or 0: there is none */
	u8 address[16];			/* in network order */
	char path[UNIX_PATH_MAX + 4];	/* of a unix socket; an abstract name begins with '@' and has one for each NUL byte */
};

/**
 * jw_peer_read() - reads an address
 * @peer: out
 * @address: in the kernel's memory
 * @len: its bytes
 * @type: of the socket, SOCK_*
 * @protocol: of the socket, IPPROTO_*
 *
 * An IPv4 address within IPv6 is the IPv4 one: it is the same place.
 * Context: any. Return: false for what leads nowhere (AF_UNSPEC, no name) or is of another family than IPv4, IPv6 and unix.
 */
bool jw_peer_read(struct jw_peer *peer, const struct sockaddr *address, int len, unsigned int type, unsigned int protocol);

#endif
