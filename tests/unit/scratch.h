/* SPDX-License-Identifier: GPL-2.0 */
/* A folder for one test, and files in it. */
#ifndef JOBWARD_TESTS_SCRATCH_H
#define JOBWARD_TESTS_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];

static inline int scratch_set_up(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/jobward-unit-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int scratch_tear_down(void **state)
{
	(void)state;
	return nftw(scratch, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Whole path of a name in the folder; valid for four calls. */
static inline const char *scratch_path(const char *name)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

/* Writes a file, and the folders that lead to it. */
static inline void scratch_write_bytes(const char *name, const void *content, size_t len)
{
	char path[256], *p;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	for (p = strchr(path + strlen(scratch) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, content, len) != (ssize_t)len || close(fd) < 0) {
		perror(path);
		abort();
	}
}

static inline void scratch_write(const char *name, const char *content)
{
	scratch_write_bytes(name, content, strlen(content));
}

static inline char *scratch_read(const char *name, size_t *ret_len)
{
	char *content = malloc(1 << 22);
	int fd = open(scratch_path(name), O_RDONLY);
	ssize_t n = fd < 0 || !content ? -1 : read(fd, content, 1 << 22);

	if (n < 0) {
		perror(name);
		abort();
	}
	close(fd);
	*ret_len = (size_t)n;
	return content;
}

#endif
