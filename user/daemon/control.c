// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: clients, lines in, lines out. Only root is heard (SO_PEERCRED). Nothing here waits for a client:
 * what it does not take stays in its buffer, and who keeps a place without a word gives it up to the next.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>
#include "control.h"
#include "lib/control.h"
#include "peer.h"

#define CLIENTS_MAX 32

struct client {
	struct jw_control *control;
	int fd;
	sd_event_source *source;
	struct jw_peer peer;
	char *in, *out;
	size_t in_len, in_room, out_len, out_at;
	bool closing;		/* after what is in out */
	uint64_t since;		/* order of arrival */
};

struct jw_control {
	struct manager *m;
	int fd;
	sd_event_source *source;
	struct client *clients[CLIENTS_MAX];
	uint64_t arrivals;
};

static void drop(struct client *c)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->control->clients[i] == c)
			c->control->clients[i] = NULL;
	sd_event_source_disable_unref(c->source);
	close(c->fd);
	free(c->in);
	free(c->out);
	free(c);
}

static int answer(struct client *c, json_t *reply)
{
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL, *out;
	size_t len;

	json_decref(reply);
	if (!text)
		return -ENOMEM;
	len = strlen(text);
	out = realloc(c->out, c->out_len + len + 1);
	if (!out) {
		free(text);
		return -ENOMEM;
	}
	c->out = out;
	memcpy(out + c->out_len, text, len);
	out[c->out_len + len] = '\n';
	c->out_len += len + 1;
	free(text);
	return 0;
}

/* One line of @c, without its end. */
static int serve_line(struct client *c, const char *line, size_t len)
{
	json_error_t error;
	json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error), *reply;

	if (!json_is_object(request))
		reply = jw_reply_error(2, "not a request: %s", request ? "no object" : error.text);
	else
		reply = jw_request(c->control->m, request, &c->peer);
	json_decref(request);
	return answer(c, reply);
}

/* Return: 0, or negative: the client goes. */
static int serve(struct client *c)
{
	char *end;
	int r = 0;

	/* one answer at a time: the next request waits until this one's answer was taken */
	while (!r && !c->closing && !c->out_len && (end = memchr(c->in, '\n', c->in_len))) {
		size_t len = end - c->in;

		r = serve_line(c, c->in, len);
		c->in_len -= len + 1;
		memmove(c->in, end + 1, c->in_len);
	}
	if (!r && c->in_len >= JW_CONTROL_LINE_MAX) {
		c->closing = true;
		r = answer(c, jw_reply_error(2, "the request is too long"));
	}
	return r;
}

static int receive(struct client *c)
{
	ssize_t n;
	char *in;

	if (c->in_len == c->in_room) {
		size_t room = c->in_room ? 2 * c->in_room : 4096;

		if (room > JW_CONTROL_LINE_MAX)
			room = JW_CONTROL_LINE_MAX;
		if (room == c->in_room)
			return -EMSGSIZE;
		in = realloc(c->in, room);
		if (!in)
			return -ENOMEM;
		c->in = in;
		c->in_room = room;
	}
	n = recv(c->fd, c->in + c->in_len, c->in_room - c->in_len, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	c->in_len += n;
	return 0;
}

static int transmit(struct client *c)
{
	ssize_t n;

	while (c->out_at < c->out_len) {
		n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		c->out_at += n;
	}
	c->out_at = c->out_len = 0;
	free(c->out);
	c->out = NULL;
	return c->closing ? -ECONNRESET : 0;
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *ctx)
{
	struct client *c = ctx;
	int r = 0;

	if (revents & EPOLLIN)
		r = receive(c);
	/* answer and send until one side has to wait */
	while (!r) {
		r = serve(c);
		if (r || !c->out_len)
			break;
		r = transmit(c);
		if (c->out_len)
			break;
	}
	if (r < 0 || (revents & (EPOLLERR | EPOLLHUP) && !(revents & EPOLLIN))) {
		drop(c);
		return 0;
	}
	sd_event_source_set_io_events(source, c->out_len ? EPOLLOUT : EPOLLIN);
	return 0;
}

static size_t free_place(struct jw_control *control)
{
	size_t oldest = 0;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (!control->clients[i])
			return i;
		if (control->clients[i]->since < control->clients[oldest]->since)
			oldest = i;
	}
	drop(control->clients[oldest]);
	return oldest;
}

static int on_connection(sd_event_source *source, int fd, uint32_t revents, void *ctx)
{
	struct jw_control *control = ctx;
	struct client *c;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), r;
	size_t at;

	if (client < 0)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(client);
		return 0;
	}
	c->control = control;
	c->fd = client;
	c->since = ++control->arrivals;
	r = jw_peer_of(client, &c->peer);
	if (!r)
		r = sd_event_add_io(control->m->event, &c->source, client, EPOLLIN, on_client, c);
	if (r < 0) {
		close(client);
		free(c);
		return 0;
	}
	at = free_place(control);
	control->clients[at] = c;
	if (c->peer.uid != 0) {
		c->closing = true;
		if (answer(c, jw_reply_error(4, "only root may ask the daemon")) < 0)
			drop(c);
		else
			sd_event_source_set_io_events(c->source, EPOLLOUT);
	}
	return 0;
}

int jw_control_init(struct manager *m)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JW_CONTROL_PATH };
	struct jw_control *control = calloc(1, sizeof(*control));
	int r;

	if (!control)
		return -ENOMEM;
	control->m = m;
	mkdir("/run/jobward", 0755);
	unlink(JW_CONTROL_PATH);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0 || bind(control->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(JW_CONTROL_PATH, 0600) < 0 || listen(control->fd, 16) < 0) {
		r = -errno;
		goto err_free;
	}
	r = sd_event_add_io(m->event, &control->source, control->fd, EPOLLIN, on_connection, control);
	if (r < 0)
		goto err_free;
	m->control = control;
	return 0;

err_free:
	if (control->fd >= 0)
		close(control->fd);
	free(control);
	return r;
}

void jw_control_free(struct jw_control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (control->clients[i])
			drop(control->clients[i]);
	sd_event_source_disable_unref(control->source);
	close(control->fd);
	unlink(JW_CONTROL_PATH);
	free(control);
}
