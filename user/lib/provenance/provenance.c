// SPDX-License-Identifier: GPL-2.0
/* Questions to the packages' records: who owns a path, and is it as it was delivered. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../cleanup.h"
#include "dpkg.h"
#include "provenance.h"

static const char *const kinds[] = {
	[JW_PROVENANCE_UNKNOWN] = "unknown",	[JW_PROVENANCE_PACKAGE] = "package",
	[JW_PROVENANCE_MODIFIED] = "modified",	[JW_PROVENANCE_ADMIN] = "admin",
	[JW_PROVENANCE_JOB] = "job",		[JW_PROVENANCE_GENERATED] = "generated",
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))
_Static_assert(N_KINDS == JW_PROVENANCE_GENERATED + 1, "a word for each kind");

const char *jw_provenance_name(enum jw_provenance_kind kind)
{
	return (size_t)kind < N_KINDS ? kinds[kind] : NULL;
}

int jw_provenance_from_name(const char *name)
{
	size_t i;

	for (i = 0; i < N_KINDS; i++)
		if (!strcmp(kinds[i], name))
			return (int)i;
	return -1;
}

/* What tells that the database was written: dpkg puts each of these in place by rename. */
struct stamp {
	uint64_t ino, size;
	int64_t mtime_ns, ctime_ns;
};

static const char *const stamped[] = { "/var/lib/dpkg/status", "/var/lib/dpkg/info", "/var/lib/dpkg/diversions",
				       "/bin" };
#define N_STAMPS (sizeof(stamped) / sizeof(stamped[0]))

struct jw_provenance_db {
	char *root;
	struct jw_dpkg dpkg;
	struct stamp stamps[N_STAMPS];
};

static void take_stamps(const char *root, struct stamp stamps[N_STAMPS])
{
	size_t i;

	memset(stamps, 0, N_STAMPS * sizeof(*stamps));
	for (i = 0; i < N_STAMPS; i++) {
		char path[JW_DPKG_PATH_MAX];
		struct stat st;

		if (snprintf(path, sizeof(path), "%s%s", root, stamped[i]) >= (int)sizeof(path) || lstat(path, &st) < 0)
			continue;
		stamps[i].ino = st.st_ino;
		stamps[i].size = (uint64_t)st.st_size;
		stamps[i].mtime_ns = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
		stamps[i].ctime_ns = st.st_ctim.tv_sec * 1000000000LL + st.st_ctim.tv_nsec;
	}
}

int jw_provenance_open(struct jw_provenance_db **ret, const char *root)
{
	struct jw_provenance_db *db = calloc(1, sizeof(*db));
	int r = -ENOMEM;

	*ret = NULL;
	if (!db)
		return r;
	db->root = strdup(root ? root : "");
	if (db->root) {
		/* Before reading: what is written meanwhile is seen at the next refresh. */
		take_stamps(db->root, db->stamps);
		r = jw_dpkg_read(&db->dpkg, db->root);
	}
	if (r) {
		jw_provenance_close(db);
		return r;
	}
	*ret = db;
	return 0;
}

void jw_provenance_close(struct jw_provenance_db *db)
{
	if (!db)
		return;
	jw_dpkg_done(&db->dpkg);
	free(db->root);
	free(db);
}

int jw_provenance_refresh(struct jw_provenance_db *db)
{
	struct stamp stamps[N_STAMPS];
	struct jw_dpkg dpkg;
	int r;

	take_stamps(db->root, stamps);
	if (!memcmp(stamps, db->stamps, sizeof(stamps)))
		return 0;
	r = jw_dpkg_read(&dpkg, db->root);
	if (r)
		return r;
	jw_dpkg_done(&db->dpkg);
	db->dpkg = dpkg;
	memcpy(db->stamps, stamps, sizeof(stamps));
	return 1;
}

/* ---- owner ---- */

/*
 * Finds the line of INFO/FILE.SUFFIX whose path is @path. @skip: characters before the path, 0 in .list; .md5sums has
 * the checksum and two blanks there, and paths without the first slash.
 */
static bool find_line(const struct jw_dpkg *dpkg, const struct jw_dpkg_package *package, const char *suffix,
		      size_t skip, const char *path, char **ret_line)
{
	_cleanup_free_ char *name = NULL, *line = NULL;
	char spelled[JW_DPKG_PATH_MAX], normal[JW_DPKG_PATH_MAX];
	const char *slash = skip ? "/" : "";
	bool found = false;
	size_t size = 0;
	ssize_t n;
	FILE *f;

	if (asprintf(&name, "%s/var/lib/dpkg/info/%s%s", dpkg->root, jw_dpkg_string(dpkg, package->file), suffix) < 0) {
		name = NULL;
		return false;
	}
	f = fopen(name, "re");
	if (!f)
		return false;
	while (!found && (n = getline(&line, &size, f)) > 0) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if ((size_t)n <= skip ||
		    snprintf(spelled, sizeof(spelled), "%s%s", slash, line + skip) >= (int)sizeof(spelled))
			continue;
		found = jw_dpkg_normalise(dpkg, spelled, normal) && !strcmp(normal, path);
	}
	fclose(f);
	if (found && ret_line) {
		*ret_line = line;
		line = NULL;
	}
	return found;
}

static const struct jw_dpkg_conffile *find_conffile(const struct jw_dpkg *dpkg, const char *path, uint32_t package)
{
	uint64_t hash = jw_dpkg_hash(path);
	size_t low = 0, high = dpkg->n_conffiles;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dpkg->conffiles[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < dpkg->n_conffiles && dpkg->conffiles[low].hash == hash; low++)
		if (dpkg->conffiles[low].package == package)
			return &dpkg->conffiles[low];
	return NULL;
}

static void fill_owner(const struct jw_dpkg *dpkg, uint32_t number, const char *path, struct jw_owner *ret)
{
	const struct jw_dpkg_package *package = &dpkg->packages[number];
	const struct jw_dpkg_conffile *conffile = find_conffile(dpkg, path, number);
	_cleanup_free_ char *line = NULL;

	memset(ret, 0, sizeof(*ret));
	ret->package = jw_dpkg_string(dpkg, package->name);
	ret->version = jw_dpkg_string(dpkg, package->version);
	ret->conffile = conffile != NULL;
	if (conffile) {
		ret->has_checksum = conffile->has_md5;
		memcpy(ret->md5, conffile->md5, sizeof(ret->md5));
	} else if (find_line(dpkg, package, ".md5sums", 34, path, &line)) {
		ret->has_checksum = true;
		memcpy(ret->md5, line, 32);
		ret->md5[32] = '\0';
	}
}

/*
 * The package whose list has @path. @only: this package alone may (diverted to itself); @never: this one may not.
 * NULL for neither.
 */
static bool find_owner(const struct jw_dpkg *dpkg, const char *path, const char *only, const char *never,
		       struct jw_owner *ret)
{
	const uint64_t mask = ~(uint64_t)(JW_DPKG_PACKAGES_MAX - 1);
	uint64_t hash = jw_dpkg_hash(path) & mask;
	size_t low = 0, high = dpkg->n_paths;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dpkg->paths[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < dpkg->n_paths && (dpkg->paths[low] & mask) == hash; low++) {
		uint32_t number = (uint32_t)(dpkg->paths[low] & ~mask);
		const char *name = jw_dpkg_string(dpkg, dpkg->packages[number].name);

		if ((only && strcmp(name, only)) || (never && !strcmp(name, never)))
			continue;
		if (!find_line(dpkg, &dpkg->packages[number], ".list", 0, path, NULL))
			continue;
		fill_owner(dpkg, number, path, ret);
		return true;
	}
	return false;
}

bool jw_provenance_owner(struct jw_provenance_db *db, const char *path, struct jw_owner *ret)
{
	const struct jw_dpkg *dpkg = &db->dpkg;
	char normal[JW_DPKG_PATH_MAX];
	size_t i;

	if (!jw_dpkg_normalise(dpkg, path, normal))
		return false;
	for (i = 0; i < dpkg->n_diversions; i++) {
		const char *from = jw_dpkg_string(dpkg, dpkg->diversions[i].from);
		const char *to = jw_dpkg_string(dpkg, dpkg->diversions[i].to);
		const char *package = jw_dpkg_string(dpkg, dpkg->diversions[i].package);

		/* ":" is no package's name, so a diversion of the administrator's leaves @from to nobody. */
		if (!strcmp(normal, from))
			return find_owner(dpkg, from, package, NULL, ret);
		if (!strcmp(normal, to) && find_owner(dpkg, from, NULL, package, ret))
			return true;
	}
	return find_owner(dpkg, normal, NULL, NULL, ret);
}

/* ---- checksums ---- */

static int compare(const struct jw_owner *owner, EVP_MD_CTX *ctx)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int len = 0, i;
	char hex[2 * EVP_MAX_MD_SIZE + 1];

	if (EVP_DigestFinal_ex(ctx, sum, &len) != 1)
		return -EIO;
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", sum[i]);
	return !strcasecmp(hex, owner->md5);
}

int jw_provenance_verify(const struct jw_owner *owner, const void *content, size_t len)
{
	EVP_MD_CTX *ctx;
	int r = -EIO;

	if (!owner->has_checksum)
		return -ENODATA;
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return -ENOMEM;
	if (EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1 && EVP_DigestUpdate(ctx, content, len) == 1)
		r = compare(owner, ctx);
	EVP_MD_CTX_free(ctx);
	return r;
}

int jw_provenance_verify_fd(const struct jw_owner *owner, int fd)
{
	unsigned char buf[65536];
	EVP_MD_CTX *ctx;
	off_t at = 0;
	ssize_t n;
	int r = 0;

	if (!owner->has_checksum)
		return -ENODATA;
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return -ENOMEM;
	if (EVP_DigestInit_ex(ctx, EVP_md5(), NULL) != 1)
		r = -EIO;
	while (!r && (n = pread(fd, buf, sizeof(buf), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		else if (EVP_DigestUpdate(ctx, buf, (size_t)n) != 1)
			r = -EIO;
		at += n > 0 ? n : 0;
	}
	if (!r)
		r = compare(owner, ctx);
	EVP_MD_CTX_free(ctx);
	return r;
}
