/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who owns a path and is it as it was delivered: dpkg's own records (*.list, *.md5sums, Conffiles in status), read
 * straight from its database, since `dpkg -S` costs a process for each path. Re-read when the database changes.
 */
#ifndef JOBWARD_PROVENANCE_H
#define JOBWARD_PROVENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include "../diag.h"
#include "../job.h"

/* The kinds as the contract's words: "unknown", "package", "modified", "admin", "job", "generated". */
const char *jw_provenance_name(enum jw_provenance_kind kind);
/* Return: -1 when there is none of this name. */
int jw_provenance_from_name(const char *name);

struct jw_provenance_db;

struct jw_owner {
	const char *package;	/* valid until the next refresh */
	const char *version;
	bool conffile;
	bool has_checksum;	/* dpkg keeps one for this path */
	char md5[33];
};

/* @root: "" or a folder that stands for /. Return: 0 or negative errno; a host without dpkg gives an empty database. */
int jw_provenance_open(struct jw_provenance_db **ret, const char *root);
void jw_provenance_close(struct jw_provenance_db *db);
/* Reads again what changed. Return: 1 when something had, 0, or negative errno (then the old one stays). */
int jw_provenance_refresh(struct jw_provenance_db *db);
/* /bin/x and /usr/bin/x are the same on a merged /usr; diversions are followed. Return: true and *ret. */
bool jw_provenance_owner(struct jw_provenance_db *db, const char *path, struct jw_owner *ret);
/* Does the content have the checksum on record? Return: 1 yes, 0 no, -ENODATA none on record. */
int jw_provenance_verify(const struct jw_owner *owner, const void *content, size_t len);
/* The same for a file, read in pieces. Return: as above, or the errno of reading. */
int jw_provenance_verify_fd(const struct jw_owner *owner, int fd);

#endif
