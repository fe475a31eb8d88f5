// SPDX-License-Identifier: GPL-2.0
/*
 * Reaches a destination in one way: connects HOW ADDRESS [PORT [TIMES [PORTS]]]. HOW: connect, nonblock, udp, sendto, sendmmsg, fastopen, uring, unspec,
 * raw, thread. ADDRESS: IPv4, IPv6, a path or @name of a unix socket. Each time, PORTS ports from PORT on (default 1). Whether anybody
 * answers does not matter.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static union {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
} to;
static socklen_t len;

static void read_address(const char *s, int port)
{
	memset(&to, 0, sizeof(to));
	if (*s == '/' || *s == '@') {
		to.un.sun_family = AF_UNIX;
		strncpy(to.un.sun_path, s, sizeof(to.un.sun_path));
		len = offsetof(struct sockaddr_un, sun_path) + strlen(s) + (*s == '/');
		if (*s == '@')
			to.un.sun_path[0] = 0;
	} else if (strchr(s, ':')) {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, s, &to.in6.sin6_addr);
		len = sizeof(to.in6);
	} else {
		to.in.sin_family = AF_INET;
		to.in.sin_port = htons(port);
		inet_pton(AF_INET, s, &to.in.sin_addr);
		len = sizeof(to.in);
	}
}

/* One IORING_OP_CONNECT, taken by a worker thread (IOSQE_ASYNC). */
static int by_uring(int fd)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *sqe;
	char *sq;

	if (ring < 0)
		return 1;
	sq = mmap(0, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	sqe = mmap(0, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_CONNECT;
	sqe->flags = IOSQE_ASYNC;
	sqe->fd = fd;
	sqe->addr = (unsigned long)&to;
	sqe->off = len;
	((unsigned *)(sq + p.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1;
}

static void *by_thread(void *fd)
{
	connect((long)fd, &to.any, len);
	return NULL;
}

static int reach(const char *how)
{
	const int datagram = !strncmp(how, "send", 4) || !strcmp(how, "udp");
	int fd = socket(to.any.sa_family, !strcmp(how, "raw") ? SOCK_RAW : (datagram ? SOCK_DGRAM : SOCK_STREAM) | (strcmp(how, "nonblock") ? 0 : SOCK_NONBLOCK),
			!strcmp(how, "raw") ? IPPROTO_ICMP : 0), rc = 0;
	struct iovec v = { "x", 1 };
	struct mmsghdr m = { .msg_hdr = { .msg_name = &to, .msg_namelen = len, .msg_iov = &v, .msg_iovlen = 1 } };
	pthread_t thread;

	if (fd < 0)
		return 1;
	if (!strcmp(how, "sendto"))
		sendto(fd, "x", 1, 0, &to.any, len);
	else if (!strcmp(how, "sendmmsg"))
		sendmmsg(fd, &m, 1, 0);
	else if (!strcmp(how, "fastopen"))
		sendto(fd, "x", 1, MSG_FASTOPEN, &to.any, len);
	else if (!strcmp(how, "uring"))
		rc = by_uring(fd);
	else if (!strcmp(how, "thread"))
		rc = pthread_create(&thread, NULL, by_thread, (void *)(long)fd) || pthread_join(thread, NULL);
	else
		connect(fd, &to.any, len);
	close(fd);
	return rc;
}

int main(int argc, char **argv)
{
	int port = argc > 3 ? atoi(argv[3]) : 0, times = argc > 4 ? atoi(argv[4]) : 1, ports = argc > 5 ? atoi(argv[5]) : 1, i, p, rc = 0;

	for (i = 0; i < times; i++)
		for (p = 0; p < ports; p++) {
			read_address(argv[2], port + p);
			if (!strcmp(argv[1], "unspec"))
				to.any.sa_family = AF_UNSPEC;
			rc |= strcmp(argv[1], "unspec") ? reach(argv[1]) : (connect(socket(AF_INET, SOCK_DGRAM, 0), &to.any, len), 0);
		}
	return rc;
}
