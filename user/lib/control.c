// SPDX-License-Identifier: GPL-2.0
/* The CLI's end of the control socket: one line out, one line back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "control.h"

/* Reading all stores of a large host takes a while; a daemon that is silent for longer hangs. */
#define SILENCE_S 300

static int open_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval silence = {.tv_sec = SILENCE_S};
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence)) ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int send_request(int fd, json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	int err;

	if (!text)
		return -ENOMEM;
	err = send_all(fd, text, strlen(text));
	if (!err)
		err = send_all(fd, "\n", 1);
	free(text);
	return err;
}

/* Reads up to the end of the line; the daemon says nothing after it. */
static int receive_line(int fd, char **ret_line, size_t *ret_len)
{
	size_t room = 4096, len = 0;
	char *line = malloc(room), *more;

	while (line) {
		ssize_t n = recv(fd, line + len, room - len, 0);
		char *end;
		int err;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = !n ? -EPROTO : errno == EAGAIN ? -ETIMEDOUT : -errno;
			free(line);
			return err;
		}
		end = memchr(line + len, '\n', (size_t)n);
		len += (size_t)n;
		if (end) {
			*ret_len = (size_t)(end - line);
			*ret_line = line;
			return 0;
		}
		if (len < room)
			continue;
		if (room >= JW_CONTROL_LINE_MAX) {
			free(line);
			return -EPROTO;
		}
		room *= 2;
		more = realloc(line, room);
		if (!more)
			free(line);
		line = more;
	}
	return -ENOMEM;
}

int jw_control_call(const char *path, json_t *request, json_t **ret_reply)
{
	int fd = open_socket(path), err;
	json_t *reply;
	char *line = NULL;
	size_t len = 0;

	if (fd < 0)
		return fd;
	err = send_request(fd, request);
	/* A daemon that refuses at once may have closed its end before it read all; its reason still lies there. */
	if (!err || err == -EPIPE || err == -ECONNRESET)
		err = receive_line(fd, &line, &len);
	close(fd);
	if (err)
		return err;
	reply = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	free(line);
	if (!json_is_object(reply)) {
		json_decref(reply);
		return -EPROTO;
	}
	*ret_reply = reply;
	return 0;
}
