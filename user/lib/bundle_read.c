// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a bundle that somebody else may have made: every name, kind and size is looked at before the content is, no
 * more is kept in memory than the members' names and the manifest, and nothing is extracted. Contents are read at the
 * places that the headers gave; libarchive only reads the headers, and writes what there should be, to compare.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "bundle.h"
#include "bundle_tar.h"
#include "cleanup.h"
#include "grow.h"

#define CHUNK (64 << 10)
#define BLOCK 512
#define MEMBERS_MAX (1 << 18)
/* Of what is kept in memory as a whole. */
#define MANIFEST_MAX (32 << 20)

struct jw_bundle_member {
	char name[sizeof("texts/") + 64];
	uint64_t at, size;
	uint8_t sha256[32];
};

static const char *const names[] = {
	"events.jsonl", "chain.jsonl", "jobs.jsonl", "decisions.jsonl", "findings.jsonl", "case.json", "key.pem",
	"manifest.json", "manifest.sig",
};

/* What is written again is compared here, not kept. */
struct compare {
	struct jw_bundle *bundle;
	uint64_t at;
	bool differs;
};

int jw_bundle_fault(struct jw_bundle *bundle, const char *place, const char *fmt, ...)
{
	va_list args;

	if (bundle->place[0])
		return -EBADMSG;
	snprintf(bundle->place, sizeof(bundle->place), "%s", place);
	va_start(args, fmt);
	vsnprintf(bundle->cause, sizeof(bundle->cause), fmt, args);
	va_end(args);
	return -EBADMSG;
}

/* Not a bundle, or one that was made to do harm: nothing in it is worth a look. */
static int refuse(struct jw_bundle *bundle, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(bundle->cause, sizeof(bundle->cause), fmt, args);
	va_end(args);
	return -EINVAL;
}

/* Of a hundred thousand members one is found, and one that is there twice is seen, because they are sorted. */
static int by_name(const void *a, const void *b)
{
	const struct jw_bundle_member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static const struct jw_bundle_member *find(const struct jw_bundle *bundle, const char *name)
{
	struct jw_bundle_member wanted;

	snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	return bundle->n_members ? bsearch(&wanted, bundle->members, bundle->n_members, sizeof(wanted), by_name) : NULL;
}

/* ---- contents ---- */
struct window {
	int fd;
	uint64_t at, end;
};

static ssize_t window_read(void *ctx, char *buf, size_t len)
{
	struct window *window = ctx;
	ssize_t n;

	if (len > window->end - window->at)
		len = window->end - window->at;
	n = len ? pread(window->fd, buf, len, (off_t)window->at) : 0;
	if (n > 0)
		window->at += (uint64_t)n;
	return n;
}

static int window_close(void *ctx)
{
	free(ctx);
	return 0;
}

FILE *jw_bundle_member(const struct jw_bundle *bundle, const char *name)
{
	const cookie_io_functions_t io = { .read = window_read, .close = window_close };
	const struct jw_bundle_member *member = find(bundle, name);
	struct window *window = member ? malloc(sizeof(*window)) : NULL;
	FILE *file;

	if (!window)
		return NULL;
	*window = (struct window){ .fd = bundle->fd, .at = member->at, .end = member->at + member->size };
	file = fopencookie(window, "r", io);
	if (!file)
		free(window);
	return file;
}

static int read_whole(struct jw_bundle *bundle, const char *name, size_t max, char **ret, size_t *ret_len)
{
	const struct jw_bundle_member *member = find(bundle, name);
	FILE *file;

	*ret = NULL;
	if (!member)
		return jw_bundle_fault(bundle, name, "it is missing");
	if (member->size > max)
		return jw_bundle_fault(bundle, name, "it is too big");
	file = jw_bundle_member(bundle, name);
	*ret = file ? malloc(member->size + 1) : NULL;
	*ret_len = *ret ? fread(*ret, 1, member->size, file) : 0;
	if (file)
		fclose(file);
	if (!*ret)
		return -ENOMEM;
	(*ret)[*ret_len] = '\0';
	return *ret_len == member->size ? 0 : -EIO;
}

/* ---- the tar ---- */
static la_ssize_t compare_out(struct archive *archive, void *ctx, const void *data, size_t len)
{
	struct compare *compare = ctx;
	const char *want = data;
	char have[BLOCK];
	size_t done = 0, i;

	while (!compare->differs && done < len) {
		size_t n = len - done < sizeof(have) ? len - done : sizeof(have);
		ssize_t got = pread(compare->bundle->fd, have, n, (off_t)compare->at);

		for (i = 0; got > 0 && i < (size_t)got && have[i] == want[done + i]; i++)
			;
		compare->at += i;
		done += i;
		compare->differs = got <= 0 || i < (size_t)got;
	}
	/* Never an error: libarchive 3.6 loses its buffer after one. */
	return (la_ssize_t)len;
}

static bool is_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, "texts/", 6) && strlen(name) == 6 + 64 && strspn(name + 6, "0123456789abcdef") == 64;
}

static int add_member(struct jw_bundle *bundle, struct archive *in, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	la_int64_t size = archive_entry_size(entry), at = archive_read_header_position(in) + BLOCK;
	const size_t n = bundle->n_members;
	struct jw_bundle_member *more;

	if (n >= MEMBERS_MAX)
		return refuse(bundle, "it has more than %d members", MEMBERS_MAX);
	if (!name || !is_name(name))
		return refuse(bundle, "member %zu has a name that no bundle has", n + 1);
	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) || archive_entry_symlink(entry))
		return refuse(bundle, "'%s' is no regular file", name);
	if (archive_entry_sparse_count(entry) || size < 0)
		return refuse(bundle, "'%s' has a size that cannot be", name);
	if ((uint64_t)at > bundle->size || (uint64_t)size > bundle->size - (uint64_t)at)
		return jw_bundle_fault(bundle, name, "the file ends before it does: it is truncated");
	more = jw_grow(bundle->members, n, sizeof(*more));
	if (!more)
		return -ENOMEM;
	bundle->members = more;
	bundle->members[n] = (struct jw_bundle_member){ .at = (uint64_t)at, .size = (uint64_t)size };
	strcpy(bundle->members[n].name, name);
	bundle->n_members++;
	return 0;
}

/* The member once more, into the comparison, and its digest. */
static int take_content(struct jw_bundle *bundle, struct jw_bundle_member *member, struct archive *again,
			struct compare *compare)
{
	_cleanup_free_ char *chunk = malloc(CHUNK);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint64_t done = 0;
	int r = chunk && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) ? 0 : -ENOMEM;

	if (!r && jw_bundle_put_header(again, member->name, member->size) != ARCHIVE_OK)
		r = -ENOMEM;
	while (!r && !compare->differs && done < member->size) {
		size_t n = member->size - done < CHUNK ? member->size - done : CHUNK;
		ssize_t got = pread(bundle->fd, chunk, n, (off_t)(member->at + done));

		if (got <= 0) {
			r = got < 0 ? -errno : -EIO;
			break;
		}
		EVP_DigestUpdate(ctx, chunk, (size_t)got);
		if (archive_write_data(again, chunk, (size_t)got) != got)
			r = -ENOMEM;
		done += (uint64_t)got;
	}
	/* Its padding. */
	if (!r && !compare->differs && archive_write_finish_entry(again) != ARCHIVE_OK)
		r = -ENOMEM;
	if (!r)
		EVP_DigestFinal_ex(ctx, member->sha256, NULL);
	EVP_MD_CTX_free(ctx);
	if (!r && compare->differs)
		return jw_bundle_fault(bundle, member->name, "byte %llu of the file, in the %s, is not as it was written",
				       (unsigned long long)compare->at + 1,
				       compare->at < member->at ? "header" : "padding behind it");
	return r;
}

/* Where the header that can't be read stands. */
static int bad_header(struct jw_bundle *bundle, struct archive *in)
{
	const struct jw_bundle_member *last = bundle->n_members ? &bundle->members[bundle->n_members - 1] : NULL;
	unsigned long long at = last ? (last->at + last->size + BLOCK - 1) / BLOCK * BLOCK : 0;
	char head[BLOCK] = "";

	if (archive_errno(in) == ENOMEM)
		return -ENOMEM;
	/* The first of them may be another file's: one changed byte leaves either the name or tar's mark as it was. */
	if (!last && (pread(bundle->fd, head, sizeof(head), 0) != sizeof(head) ||
		      (memcmp(head, names[0], strlen(names[0]) + 1) && memcmp(head + 257, "ustar", 6))))
		return refuse(bundle, "it is no evidence bundle");
	if (at >= bundle->size)
		return jw_bundle_fault(bundle, last ? last->name : names[0], "the file ends behind it: it is truncated");
	return jw_bundle_fault(bundle, last ? last->name : names[0], "the header %s, at byte %llu of the file, is damaged",
			       last ? "behind it" : "before it", at + 1);
}

static int check_end(struct jw_bundle *bundle, struct archive *again, struct compare *compare)
{
	if (!bundle->n_members)
		return refuse(bundle, "it is an empty archive");
	if (archive_write_close(again) != ARCHIVE_OK)
		return -ENOMEM;
	if (compare->differs)
		return jw_bundle_fault(bundle, "the end of the file",
				       compare->at < bundle->size ? "byte %llu is not as it was written" :
								    "it is truncated at byte %llu",
				       (unsigned long long)compare->at + (compare->at < bundle->size));
	if (compare->at != bundle->size)
		return jw_bundle_fault(bundle, "the end of the file", "there are %llu bytes behind it",
				       (unsigned long long)(bundle->size - compare->at));
	return 0;
}

static int walk(struct jw_bundle *bundle, struct archive *in, struct archive *again, struct compare *compare)
{
	struct archive_entry *entry;
	int r = 0, rc;

	while (!r && (rc = archive_read_next_header(in, &entry)) != ARCHIVE_EOF) {
		if (rc != ARCHIVE_OK)
			return bad_header(bundle, in);
		r = add_member(bundle, in, entry);
		if (!r)
			r = take_content(bundle, &bundle->members[bundle->n_members - 1], again, compare);
	}
	return r ? r : check_end(bundle, again, compare);
}

static int walk_tar(struct jw_bundle *bundle)
{
	struct compare compare = { .bundle = bundle };
	struct archive *in = archive_read_new(), *again = jw_bundle_new_tar();
	int r = -ENOMEM;

	if (in && again && archive_read_support_format_tar(in) == ARCHIVE_OK &&
	    archive_write_open(again, &compare, NULL, compare_out, NULL) == ARCHIVE_OK)
		r = archive_read_open_fd(in, bundle->fd, CHUNK) == ARCHIVE_OK ? 0 : bad_header(bundle, in);
	if (!r)
		r = walk(bundle, in, again, &compare);
	archive_read_free(in);
	archive_write_free(again);
	return r;
}

static int check_names(struct jw_bundle *bundle)
{
	size_t i;

	qsort(bundle->members, bundle->n_members, sizeof(*bundle->members), by_name);
	for (i = 1; i < bundle->n_members; i++)
		if (!strcmp(bundle->members[i].name, bundle->members[i - 1].name))
			return refuse(bundle, "'%s' is in it twice", bundle->members[i].name);
	return 0;
}

/* ---- what is signed ---- */
static int check_signature(struct jw_bundle *bundle, const char *manifest, size_t len)
{
	_cleanup_free_ char *pem = NULL, *signature = NULL;
	size_t pem_len, signature_len;
	int r = read_whole(bundle, "key.pem", 4096, &pem, &pem_len);

	if (!r)
		r = read_whole(bundle, "manifest.sig", 4096, &signature, &signature_len);
	if (r)
		return r;
	r = jw_key_from_pem(pem, pem_len, &bundle->key);
	if (r == -EINVAL)
		return jw_bundle_fault(bundle, "key.pem", "it is no Ed25519 key as it was written");
	if (!r)
		r = jw_key_fingerprint(bundle->key, bundle->fingerprint);
	if (r)
		return r;
	if (signature_len != JW_SIGNATURE_SIZE ||
	    !jw_key_verifies(bundle->key, manifest, len, (const uint8_t *)signature))
		return jw_bundle_fault(bundle, "manifest.json",
				       "the signature in manifest.sig is not the one of key.pem over it");
	return 0;
}

static bool is_covered(const struct jw_bundle_member *member)
{
	return strcmp(member->name, "manifest.json") && strcmp(member->name, "manifest.sig");
}

static int check_member(struct jw_bundle *bundle, const struct jw_bundle_member *member, const json_t *members)
{
	const json_t *said = json_object_get(members, member->name);
	const char *hex = json_string_value(json_object_get(said, "sha256"));
	char have[65];
	int i;

	if (!said)
		return jw_bundle_fault(bundle, member->name, "the manifest does not have it");
	for (i = 0; i < 32; i++)
		sprintf(have + 2 * i, "%02x", member->sha256[i]);
	if (!hex || strcmp(hex, have) ||
	    (uint64_t)json_integer_value(json_object_get(said, "size")) != member->size)
		return jw_bundle_fault(bundle, member->name, "it is not what the manifest has the digest of");
	return 0;
}

static int check_manifest(struct jw_bundle *bundle, const char *text, size_t len)
{
	json_error_t error;
	const json_t *members;
	size_t i, covered = 0;
	int r = 0;

	bundle->manifest = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	members = json_object_get(bundle->manifest, "members");
	if (!json_is_object(members))
		return jw_bundle_fault(bundle, "manifest.json", bundle->manifest ? "it lists no members" :
				       "line %d: it is no JSON", error.line);
	/* What has no valid signature says nothing about versions. */
	if (!bundle->place[0] && json_integer_value(json_object_get(bundle->manifest, "version")) != JW_BUNDLE_VERSION)
		return refuse(bundle, "its format is not version %d, the one that this program knows", JW_BUNDLE_VERSION);
	for (i = 0; i < bundle->n_members; i++)
		if (is_covered(&bundle->members[i])) {
			covered++;
			if (check_member(bundle, &bundle->members[i], members))
				r = -EBADMSG;
		}
	if (!r && covered != json_object_size(members))
		r = jw_bundle_fault(bundle, "manifest.json", "it lists members that are not there");
	return r;
}

int jw_bundle_read(struct jw_bundle *bundle, const char *path)
{
	_cleanup_free_ char *manifest = NULL;
	struct stat st;
	size_t len;
	int r, signature;

	memset(bundle, 0, sizeof(*bundle));
	bundle->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (bundle->fd < 0)
		return -errno;
	if (fstat(bundle->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return refuse(bundle, "it is no regular file");
	bundle->size = (uint64_t)st.st_size;
	r = walk_tar(bundle);
	if (r)
		return r;
	r = check_names(bundle);
	if (!r)
		r = read_whole(bundle, "manifest.json", MANIFEST_MAX, &manifest, &len);
	if (r)
		return r;
	/* What both say is worth knowing, so the second is asked whatever the first says. */
	signature = check_signature(bundle, manifest, len);
	r = signature && signature != -EBADMSG ? signature : check_manifest(bundle, manifest, len);
	return r ? r : signature;
}

void jw_bundle_done(struct jw_bundle *bundle)
{
	if (bundle->fd >= 0)
		close(bundle->fd);
	EVP_PKEY_free(bundle->key);
	json_decref(bundle->manifest);
	free(bundle->members);
	bundle->fd = -1;
	bundle->key = NULL;
	bundle->manifest = NULL;
	bundle->members = NULL;
	bundle->n_members = 0;
}
