// SPDX-License-Identifier: GPL-2.0
/* Connections to the managers of systemd; see bus.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "bus.h"

#define CONNECTIONS_MAX 64
#define START_USER_USEC 1000000
#define START_SYSTEM_USEC 3000000
#define CALL_SYSTEM_USEC 5000000	/* PID 1 does not answer while generators run */
#define CALL_USER_USEC 2000000
#define SHUN_USEC 5000000		/* doubled each time */
#define SHUN_MAX_USEC (300 * UINT64_C(1000000))

struct connection {
	uid_t uid;
	sd_bus *bus;
	uint64_t shun_until, shun_usec;
};

struct jw_bus {
	void (*opened)(void *ctx, sd_bus *bus, uid_t uid);
	void *ctx;
	struct connection v[CONNECTIONS_MAX];
	size_t n;
};

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int jw_bus_new(struct jw_bus **ret, void (*opened)(void *ctx, sd_bus *bus, uid_t uid), void *ctx)
{
	struct jw_bus *bus = calloc(1, sizeof(*bus));

	if (!bus)
		return -ENOMEM;
	bus->opened = opened;
	bus->ctx = ctx;
	*ret = bus;
	return 0;
}

void jw_bus_free(struct jw_bus *bus)
{
	if (!bus)
		return;
	for (size_t i = 0; i < bus->n; i++)
		sd_bus_close_unref(bus->v[i].bus);
	free(bus);
}

static struct connection *find(struct jw_bus *bus, uid_t uid)
{
	for (size_t i = 0; i < bus->n; i++)
		if (bus->v[i].uid == uid)
			return &bus->v[i];
	return NULL;
}

/*
 * sd_bus_call() would wait for the handshake up to 25 seconds (sd-bus.c, BUS_AUTH_TIMEOUT); a user may never finish it.
 */
static int wait_ready(sd_bus *bus, uint64_t usec)
{
	uint64_t end = now_usec() + usec, now;
	int r;

	while ((r = sd_bus_is_ready(bus)) == 0) {
		r = sd_bus_process(bus, NULL);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		now = now_usec();
		if (now >= end)
			return -ETIMEDOUT;
		r = sd_bus_wait(bus, end - now);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return r < 0 ? r : 0;
}

static int connect_to(uid_t uid, sd_bus **ret)
{
	char address[96], path[64];
	struct stat st;
	sd_bus *bus = NULL;
	int r;

	if (uid)
		snprintf(path, sizeof(path), "/run/user/%u/systemd/private", uid);
	else
		snprintf(path, sizeof(path), "/run/systemd/private");
	if (lstat(path, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != uid)
		return -ENOTSOCK;
	snprintf(address, sizeof(address), "unix:path=%s", path);
	r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(bus, uid ? CALL_USER_USEC : CALL_SYSTEM_USEC);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r >= 0)
		r = wait_ready(bus, uid ? START_USER_USEC : START_SYSTEM_USEC);
	if (r < 0) {
		sd_bus_close_unref(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

/* PID 1 is never left alone: nothing is guarded without it. */
static void shun(struct connection *c)
{
	if (!c->uid)
		return;
	c->shun_usec = c->shun_usec ? c->shun_usec * 2 : SHUN_USEC;
	if (c->shun_usec > SHUN_MAX_USEC)
		c->shun_usec = SHUN_MAX_USEC;
	c->shun_until = now_usec() + c->shun_usec;
}

int jw_bus_get(struct jw_bus *bus, uid_t uid, sd_bus **ret)
{
	struct connection *c = find(bus, uid);
	int r;

	if (c && c->bus && sd_bus_is_open(c->bus) > 0) {
		*ret = c->bus;
		return 0;
	}
	if (c && c->bus) {
		sd_bus_close_unref(c->bus);
		c->bus = NULL;
	}
	if (c && now_usec() < c->shun_until)
		return -EAGAIN;
	if (!c) {
		if (bus->n == CONNECTIONS_MAX)
			return -EMFILE;
		c = &bus->v[bus->n++];
		*c = (struct connection){ .uid = uid };
	}
	r = connect_to(uid, &c->bus);
	if (r < 0) {
		c->bus = NULL;
		if (r == -ENOENT) {
			*c = bus->v[--bus->n];
			return r;
		}
		shun(c);
		return r;
	}
	if (bus->opened)
		bus->opened(bus->ctx, c->bus, uid);
	*ret = c->bus;
	return 0;
}

void jw_bus_drop(struct jw_bus *bus, uid_t uid)
{
	struct connection *c = find(bus, uid);

	if (!c || !c->bus)
		return;
	sd_bus_close_unref(c->bus);
	c->bus = NULL;
	shun(c);
}

size_t jw_bus_users(uid_t *uids, size_t max)
{
	struct dirent *entry;
	DIR *dir = opendir("/run/user");
	size_t n = 0;

	while (dir && n < max && (entry = readdir(dir))) {
		char path[300], *end;
		unsigned long uid = strtoul(entry->d_name, &end, 10);
		struct stat st;

		if (*end || end == entry->d_name || uid == 0 || uid >= (uid_t)-1)
			continue;
		snprintf(path, sizeof(path), "/run/user/%s/systemd/private", entry->d_name);
		if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
			uids[n++] = uid;
	}
	if (dir)
		closedir(dir);
	return n;
}
