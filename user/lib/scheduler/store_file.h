/* SPDX-License-Identifier: GPL-2.0 */
/* Reading files that somebody hostile may have put there: never blocks, never grows without bound. */
#ifndef JOBWARD_STORE_FILE_H
#define JOBWARD_STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Larger than any table that a scheduler accepts; cron itself stops at 10 000 lines of 998 bytes. */
#define JW_STORE_FILE_MAX (16u << 20)
#define JW_STORE_ENTRIES_MAX 16384

/*
 * Opens a regular file; FIFOs, devices and sockets are -ENOTSUP and are not waited for.
 * @links: follow a symbolic link at the end of the path. Return: descriptor or negative errno.
 */
int jw_store_file_open(const char *path, bool links, struct stat *ret);
/* Reads it whole; *ret ends with an extra NUL byte, caller frees. Return: 0, -EFBIG beyond @max, or negative errno. */
int jw_store_file_read(const char *path, bool links, size_t max, char **ret, size_t *ret_len, struct stat *ret_st);
/* The same from a descriptor. */
int jw_store_file_read_fd(int fd, size_t max, char **ret, size_t *ret_len);
/* Names in a folder, sorted, without "." and ".."; caller frees with jw_store_names_free(). -E2BIG beyond the limit. */
int jw_store_folder_names(const char *path, char ***ret, size_t *ret_n);
void jw_store_names_free(char **names, size_t n);

#endif
