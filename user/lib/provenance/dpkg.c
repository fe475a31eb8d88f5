// SPDX-License-Identifier: GPL-2.0
/*
 * Reads dpkg's database: status (packages, versions, checksums of conffiles), info/PACKAGE.list (paths), diversions.
 * Formats: deb-control(5), dpkg-query(1), dpkg-divert(1), and dpkg's lib/dpkg/{fields,db-fsys-files,db-fsys-divert}.c.
 * The journal in updates/ is not read: dpkg folds it into status before it ends, and the next refresh sees that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../cleanup.h"
#include "../grow.h"
#include "dpkg.h"

#define ADMIN "/var/lib/dpkg"

/* Folders that a merged /usr turns into links (Debian's usrmerge; the list of dpkg's tests and of debootstrap). */
static const char *const mergeable[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libo32", "/libx32" };

uint64_t jw_dpkg_hash(const char *path)
{
	/* FNV-1a, 64 bits. */
	uint64_t h = 0xcbf29ce484222325;

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3;
	return h;
}

bool jw_dpkg_normalise(const struct jw_dpkg *dpkg, const char *path, char out[JW_DPKG_PATH_MAX])
{
	const char *prefix = "";
	size_t i, len;

	for (i = 0; i < sizeof(mergeable) / sizeof(mergeable[0]); i++) {
		len = strlen(mergeable[i]);
		if ((dpkg->merged & 1u << i) && !strncmp(path, mergeable[i], len) && (path[len] == '/' || !path[len]))
			prefix = "/usr";
	}
	return snprintf(out, JW_DPKG_PATH_MAX, "%s%s", prefix, path) < JW_DPKG_PATH_MAX;
}

static uint32_t find_merged(const char *root)
{
	uint32_t merged = 0;
	size_t i;

	for (i = 0; i < sizeof(mergeable) / sizeof(mergeable[0]); i++) {
		char path[JW_DPKG_PATH_MAX], target[64];
		ssize_t n;

		if (snprintf(path, sizeof(path), "%s%s", root, mergeable[i]) >= (int)sizeof(path))
			continue;
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!strncmp(target[0] == '/' ? target + 1 : target, "usr/", 4) &&
		    !strcmp(strrchr(target, '/'), mergeable[i]))
			merged |= 1u << i;
	}
	return merged;
}

/* ---- growing ---- */

static int put_string(struct jw_dpkg *dpkg, const char *s, uint32_t *ret)
{
	size_t len = strlen(s) + 1, size = dpkg->strings_size;
	char *bigger;

	if (dpkg->strings_len + len > UINT32_MAX)
		return -E2BIG;
	if (dpkg->strings_len + len > size) {
		size = size + size / 2 + len + 4096;
		bigger = realloc(dpkg->strings, size);
		if (!bigger)
			return -ENOMEM;
		dpkg->strings = bigger;
		dpkg->strings_size = size;
	}
	memcpy(dpkg->strings + dpkg->strings_len, s, len);
	*ret = (uint32_t)dpkg->strings_len;
	dpkg->strings_len += len;
	return 0;
}

static int put_path(struct jw_dpkg *dpkg, const char *path, size_t package)
{
	size_t size = dpkg->paths_size;
	uint64_t *bigger;

	if (dpkg->n_paths == size) {
		size = size + size / 2 + 4096;
		bigger = reallocarray(dpkg->paths, size, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		dpkg->paths = bigger;
		dpkg->paths_size = size;
	}
	dpkg->paths[dpkg->n_paths++] = (jw_dpkg_hash(path) & ~(uint64_t)(JW_DPKG_PACKAGES_MAX - 1)) | package;
	return 0;
}

static FILE *open_file(const struct jw_dpkg *dpkg, const char *name)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s" ADMIN "/%s", dpkg->root, name) < 0) {
		path = NULL;
		errno = ENOMEM;
		return NULL;
	}
	return fopen(path, "re");
}

/* ---- status ---- */

/* One paragraph of status. */
struct paragraph {
	char name[256], version[256], arch[64];
	bool installed, same;
	size_t first_conffile;
};

/*
 * Third word of Status. Files of a package that is unpacked or half configured are there and as delivered; in the
 * middle of an upgrade they must not count as nobody's. half-installed: it is being changed right now. config-files:
 * removed, what is left belongs to the administrator.
 */
static bool is_installed(const char *status)
{
	static const char *const words[] = { "installed", "unpacked", "half-configured", "triggers-awaited",
					     "triggers-pending" };
	const char *word = strrchr(status, ' ');
	size_t i;

	for (i = 0; word && i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word + 1, words[i]))
			return true;
	return false;
}

/* " /etc/x 0123…cdef", then perhaps "obsolete" and "remove-on-upgrade". The path may have blanks in it. */
static int add_conffile(struct jw_dpkg *dpkg, char *line)
{
	char normal[JW_DPKG_PATH_MAX], *end;
	struct jw_dpkg_conffile *conffile, *v;

	for (;;) {
		end = strrchr(line, ' ');
		if (!end || end == line)
			return 0;
		*end = '\0';
		if (strcmp(end + 1, "obsolete") && strcmp(end + 1, "remove-on-upgrade"))
			break;
	}
	if (!jw_dpkg_normalise(dpkg, line + 1, normal))
		return 0;
	v = jw_grow(dpkg->conffiles, dpkg->n_conffiles, sizeof(*v));
	if (!v)
		return -ENOMEM;
	dpkg->conffiles = v;
	conffile = &v[dpkg->n_conffiles++];
	memset(conffile, 0, sizeof(*conffile));
	conffile->hash = jw_dpkg_hash(normal);
	conffile->package = (uint32_t)dpkg->n_packages;
	if (strlen(end + 1) == 32) {
		strcpy(conffile->md5, end + 1);
		conffile->has_md5 = true;
	}
	return 0;
}

static int add_package(struct jw_dpkg *dpkg, const struct paragraph *paragraph)
{
	struct jw_dpkg_package *package, *v;
	char file[sizeof(paragraph->name) + sizeof(paragraph->arch) + 1];
	int r;

	if (!paragraph->name[0] || !paragraph->installed) {
		dpkg->n_conffiles = paragraph->first_conffile;
		return 0;
	}
	if (dpkg->n_packages == JW_DPKG_PACKAGES_MAX)
		return -E2BIG;
	v = jw_grow(dpkg->packages, dpkg->n_packages, sizeof(*v));
	if (!v)
		return -ENOMEM;
	dpkg->packages = v;
	package = &v[dpkg->n_packages];
	/* Packages that may be there for several architectures at once have it in the name of the file. */
	snprintf(file, sizeof(file), paragraph->same ? "%s:%s" : "%s", paragraph->name, paragraph->arch);
	r = put_string(dpkg, paragraph->name, &package->name);
	if (!r)
		r = put_string(dpkg, paragraph->version, &package->version);
	if (!r)
		r = put_string(dpkg, file, &package->file);
	if (!r)
		dpkg->n_packages++;
	return r;
}

static const char *field(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

static void add_field(struct paragraph *paragraph, const char *line)
{
	const char *value;

	if ((value = field(line, "Package")))
		snprintf(paragraph->name, sizeof(paragraph->name), "%s", value);
	else if ((value = field(line, "Version")))
		snprintf(paragraph->version, sizeof(paragraph->version), "%s", value);
	else if ((value = field(line, "Architecture")))
		snprintf(paragraph->arch, sizeof(paragraph->arch), "%s", value);
	else if ((value = field(line, "Status")))
		paragraph->installed = is_installed(value);
	else if ((value = field(line, "Multi-Arch")))
		paragraph->same = !strcmp(value, "same");
}

static ssize_t read_line(char **line, size_t *size, FILE *f)
{
	ssize_t n = getline(line, size, f);

	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[--n] = '\0';
	return n;
}

static int read_status(struct jw_dpkg *dpkg)
{
	_cleanup_free_ char *line = NULL;
	struct paragraph paragraph = { 0 };
	bool in_conffiles = false;
	size_t size = 0;
	FILE *f = open_file(dpkg, "status");
	int r = 0;

	if (!f)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (!r && read_line(&line, &size, f) >= 0) {
		if (!line[0]) {
			r = add_package(dpkg, &paragraph);
			paragraph = (struct paragraph){ .first_conffile = dpkg->n_conffiles };
			in_conffiles = false;
		} else if (line[0] == ' ' || line[0] == '\t') {
			r = in_conffiles ? add_conffile(dpkg, line) : 0;
		} else {
			in_conffiles = field(line, "Conffiles") != NULL;
			add_field(&paragraph, line);
		}
	}
	if (!r && ferror(f))
		r = -EIO;
	if (!r)
		r = add_package(dpkg, &paragraph);
	fclose(f);
	return r;
}

/* ---- lists of files ---- */

/*
 * Folders are in the lists too, those of /usr in nearly all. They are told by what follows them ("/etc", then "/etc/x")
 * and left out: nobody asks for the owner of a folder.
 */
static int read_list(struct jw_dpkg *dpkg, size_t package)
{
	_cleanup_free_ char *line = NULL, *previous = NULL;
	char name[384], normal[JW_DPKG_PATH_MAX], *swap;
	size_t size = 0, previous_size = 0, len;
	FILE *f;
	int r = 0;

	snprintf(name, sizeof(name), "info/%s.list", jw_dpkg_string(dpkg, dpkg->packages[package].file));
	f = open_file(dpkg, name);
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	do {
		bool end = read_line(&line, &size, f) < 0;

		len = previous ? strlen(previous) : 0;
		if (len && (end || strncmp(line, previous, len) || line[len] != '/') &&
		    jw_dpkg_normalise(dpkg, previous, normal))
			r = put_path(dpkg, normal, package);
		if (end)
			break;
		swap = previous;
		previous = line;
		line = swap;
		len = previous_size;
		previous_size = size;
		size = len;
	} while (!r);
	if (!r && ferror(f))
		r = -EIO;
	fclose(f);
	return r;
}

/* ---- diversions ---- */

static int read_diversions(struct jw_dpkg *dpkg)
{
	_cleanup_free_ char *line = NULL;
	char normal[JW_DPKG_PATH_MAX];
	struct jw_dpkg_diversion *v;
	uint32_t part[3];
	size_t size = 0, n = 0;
	FILE *f = open_file(dpkg, "diversions");
	int r = 0;

	if (!f)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (!r && read_line(&line, &size, f) >= 0) {
		if (n < 2 && !jw_dpkg_normalise(dpkg, line, normal))
			break;
		r = put_string(dpkg, n < 2 ? normal : line, &part[n]);
		if (r || ++n < 3)
			continue;
		n = 0;
		v = jw_grow(dpkg->diversions, dpkg->n_diversions, sizeof(*v));
		r = v ? 0 : -ENOMEM;
		if (r)
			break;
		dpkg->diversions = v;
		v[dpkg->n_diversions++] = (struct jw_dpkg_diversion){ part[0], part[1], part[2] };
	}
	if (!r && ferror(f))
		r = -EIO;
	fclose(f);
	return r;
}

/* ---- all ---- */

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int by_hash(const void *a, const void *b)
{
	const struct jw_dpkg_conffile *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

int jw_dpkg_read(struct jw_dpkg *dpkg, const char *root)
{
	uint64_t *fitting;
	size_t i;
	int r;

	memset(dpkg, 0, sizeof(*dpkg));
	dpkg->root = root;
	dpkg->merged = find_merged(root);
	r = read_status(dpkg);
	for (i = 0; !r && i < dpkg->n_packages; i++)
		r = read_list(dpkg, i);
	if (!r)
		r = read_diversions(dpkg);
	if (r) {
		jw_dpkg_done(dpkg);
		return r;
	}
	if (dpkg->n_paths) {
		qsort(dpkg->paths, dpkg->n_paths, sizeof(*dpkg->paths), by_number);
		fitting = reallocarray(dpkg->paths, dpkg->n_paths, sizeof(*fitting));
		if (fitting) {
			dpkg->paths = fitting;
			dpkg->paths_size = dpkg->n_paths;
		}
	}
	if (dpkg->n_conffiles)
		qsort(dpkg->conffiles, dpkg->n_conffiles, sizeof(*dpkg->conffiles), by_hash);
	return 0;
}

void jw_dpkg_done(struct jw_dpkg *dpkg)
{
	free(dpkg->strings);
	free(dpkg->packages);
	free(dpkg->paths);
	free(dpkg->conffiles);
	free(dpkg->diversions);
	memset(dpkg, 0, sizeof(*dpkg));
}
