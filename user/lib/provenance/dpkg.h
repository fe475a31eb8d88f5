/* SPDX-License-Identifier: GPL-2.0 */
/* dpkg's database as it was read at one moment. Between the files of this folder only. */
#ifndef JOBWARD_PROVENANCE_DPKG_H
#define JOBWARD_PROVENANCE_DPKG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strings lie in one arena and are named by their offset: thousands of small allocations cost more than the text. */
struct jw_dpkg_package {
	uint32_t name, version;
	uint32_t file;		/* base name of its .list and .md5sums: "sed", "libc6:amd64" */
};

struct jw_dpkg_conffile {
	uint64_t hash;		/* of the whole path */
	uint32_t package;
	bool has_md5;		/* a conffile on its way in has none yet */
	char md5[33];
};

/* @from belongs to @package; everybody else's file of that name is at @to (dpkg-divert(1)). */
struct jw_dpkg_diversion {
	uint32_t from, to, package;	/* package ":": the administrator's, nobody's file is at @from */
};

struct jw_dpkg {
	const char *root;		/* "" or a folder that stands for / */
	uint32_t merged;		/* bits: this folder of / is a link into /usr */
	char *strings;
	size_t strings_len, strings_size;
	struct jw_dpkg_package *packages;
	size_t n_packages;
	/*
	 * Sorted. Upper 44 bits: hash of a path, lower 20: number of the package. A host has 10^5 paths and more; eight
	 * bytes each is what they may cost, so the path itself is looked up in the package's .list when it matters.
	 */
	uint64_t *paths;
	size_t n_paths, paths_size;
	struct jw_dpkg_conffile *conffiles;	/* sorted by hash */
	size_t n_conffiles;
	struct jw_dpkg_diversion *diversions;
	size_t n_diversions;
};

#define JW_DPKG_PACKAGES_MAX (1u << 20)
#define JW_DPKG_PATH_MAX 4096

/* Reads all of it. A host without dpkg gives nothing. Return: 0 or negative errno. */
int jw_dpkg_read(struct jw_dpkg *dpkg, const char *root);
void jw_dpkg_done(struct jw_dpkg *dpkg);
/* One spelling for each path: /bin/x becomes /usr/bin/x where /bin is a link. Return: false when it is too long. */
bool jw_dpkg_normalise(const struct jw_dpkg *dpkg, const char *path, char out[JW_DPKG_PATH_MAX]);
uint64_t jw_dpkg_hash(const char *path);
static inline const char *jw_dpkg_string(const struct jw_dpkg *dpkg, uint32_t offset)
{
	return dpkg->strings + offset;
}

#endif
