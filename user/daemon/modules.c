// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel modules that the policy lists. Signed ones need no row: the kernel trusts the signature or not. Rows are for
 * digests and names of the policy, and for unsigned files that a package delivered; those lie beside the kernel's own
 * tree (updates, extra).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <libkmod.h>
#include <openssl/evp.h>
#include "lib/cleanup.h"
#include "lib/scheduler/store_file.h"
#include "modules.h"

#define DEPTH_MAX 4
#define FILES_MAX 256
#define MODULE_MAX_BYTES (64u << 20)

/* module_signature.h: what ends a file that carries a signature */
static const char marker[] = "~Module signature appended~\n";

static int push_file(struct manager *m, const char *path, bool unsigned_only)
{
	struct stat st;
	_cleanup_fd_ int fd = jw_store_file_open(path, true, &st);
	_cleanup_free_ char *content = NULL;
	uint8_t sha256[JW_DIGEST_SIZE];
	size_t len, k = sizeof(marker) - 1;

	if (fd < 0 || jw_store_file_read_fd(fd, MODULE_MAX_BYTES, &content, &len) < 0)
		return 0;
	if (unsigned_only) {
		struct jw_owner owner;

		if (len >= k && !memcmp(content + len - k, marker, k))
			return 0;
		if (!jw_provenance_owner(m->provenance, path, &owner) ||
		    jw_provenance_verify(&owner, content, len) != 1)
			return 0;
	}
	if (EVP_Digest(content, len, sha256, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	return jw_genl_table_module(m->genl, sha256, JOBWARD_STATE_APPROVED);
}

static bool is_module(const char *name)
{
	const char *dot = strstr(name, ".ko");

	return dot && (!dot[3] || !strcmp(dot + 3, ".xz") || !strcmp(dot + 3, ".zst") || !strcmp(dot + 3, ".gz"));
}

static int push_folder(struct manager *m, const char *folder, int depth, unsigned int *left)
{
	char path[JOBWARD_PATH_MAX], **names;
	struct stat st;
	size_t n;
	int r = 0;

	if (jw_store_folder_names(folder, &names, &n) < 0)
		return 0;
	for (size_t i = 0; i < n && !r && *left; i++) {
		if ((depth == DEPTH_MAX && !strcmp(names[i], "kernel")) ||
		    snprintf(path, sizeof(path), "%s/%s", folder, names[i]) >= (int)sizeof(path) ||
		    lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth > 1) {
			r = push_folder(m, path, depth - 1, left);
		} else if (S_ISREG(st.st_mode) && is_module(names[i])) {
			(*left)--;
			r = push_file(m, path, true);
		}
	}
	jw_store_names_free(names, n);
	return r;
}

/* A name is the file that modprobe would load now. */
static int push_named(struct manager *m, const char *name)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_module *mod = NULL;
	const char *path;
	int r = 0;

	if (ctx && kmod_module_new_from_name(ctx, name, &mod) >= 0) {
		path = kmod_module_get_path(mod);
		if (path)
			r = push_file(m, path, false);
		kmod_module_unref(mod);
	}
	if (ctx)
		kmod_unref(ctx);
	return r;
}

int jw_modules_push(struct manager *m)
{
	const struct jw_policy *policy = m->policy;
	unsigned int left = FILES_MAX;
	struct utsname uts;
	char folder[128];
	int r = 0;

	for (size_t i = 0; policy && i < policy->n_modules && !r; i++) {
		const struct jw_policy_module *row = &policy->modules[i];

		if (row->has_sha256)
			r = jw_genl_table_module(m->genl, row->sha256, JOBWARD_STATE_APPROVED);
		else if (row->name)
			r = push_named(m, row->name);
	}
	if (r || !policy || !policy->modules_package || uname(&uts) < 0)
		return r;
	snprintf(folder, sizeof(folder), "/lib/modules/%s", uts.release);
	return push_folder(m, folder, DEPTH_MAX, &left);
}
