// SPDX-License-Identifier: GPL-2.0
/* Reading files that somebody hostile may have put there; see store_file.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../cleanup.h"
#include "store_file.h"

int jw_store_file_open(const char *path, bool links, struct stat *ret)
{
	/* O_NONBLOCK: a FIFO's open returns at once; O_NOCTTY: a terminal does not become ours */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (links ? 0 : O_NOFOLLOW)), r;

	if (fd < 0)
		return -errno;
	r = fstat(fd, ret) < 0 ? -errno : S_ISREG(ret->st_mode) ? 0 : -ENOTSUP;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int jw_store_file_read_fd(int fd, size_t max, char **ret, size_t *ret_len)
{
	size_t len = 0, room = 4096;
	char *buf = malloc(room + 1), *larger;
	ssize_t n;

	while (buf) {
		n = read(fd, buf + len, room - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			free(buf);
			return n;
		}
		if (n == 0) {
			buf[len] = 0;
			*ret = buf;
			*ret_len = len;
			return 0;
		}
		len += n;
		if (len > max) {
			free(buf);
			return -EFBIG;
		}
		if (len == room) {
			room *= 2;
			larger = realloc(buf, room + 1);
			if (!larger)
				free(buf);
			buf = larger;
		}
	}
	return -ENOMEM;
}

int jw_store_file_read(const char *path, bool links, size_t max, char **ret, size_t *ret_len, struct stat *ret_st)
{
	struct stat st;
	_cleanup_fd_ int fd = jw_store_file_open(path, links, &st);

	if (fd < 0)
		return fd;
	if (ret_st)
		*ret_st = st;
	if (st.st_size > (off_t)max)
		return -EFBIG;
	return jw_store_file_read_fd(fd, max, ret, ret_len);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int jw_store_folder_names(const char *path, char ***ret, size_t *ret_n)
{
	char **names = NULL, **larger;
	size_t n = 0;
	struct dirent *entry;
	DIR *dir = opendir(path);
	int r = 0;

	if (!dir)
		return -errno;
	while (!r && (errno = 0, entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (n == JW_STORE_ENTRIES_MAX) {
			r = -E2BIG;
			break;
		}
		if (!(n & (n - 1)) || !n) {
			larger = realloc(names, (n ? 2 * n : 1) * sizeof(*names));
			if (!larger) {
				r = -ENOMEM;
				break;
			}
			names = larger;
		}
		names[n] = strdup(entry->d_name);
		if (!names[n])
			r = -ENOMEM;
		else
			n++;
	}
	if (!r && errno)
		r = -errno;
	closedir(dir);
	if (r < 0) {
		jw_store_names_free(names, n);
		return r;
	}
	if (n)
		qsort(names, n, sizeof(*names), by_name);
	*ret = names;
	*ret_n = n;
	return 0;
}

void jw_store_names_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}
