// SPDX-License-Identifier: GPL-2.0
/* Writing a bundle: members one after the other, their digests into the manifest, its signature last. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include "bundle.h"
#include "bundle_tar.h"
#include "cleanup.h"

#define CHUNK (64 << 10)

struct jw_bundle_writer {
	struct archive *archive;
	char *folder;
	json_t *members;
};

void jw_bundle_writer_free(struct jw_bundle_writer *writer)
{
	if (!writer)
		return;
	archive_write_free(writer->archive);
	json_decref(writer->members);
	free(writer->folder);
	free(writer);
}

static la_ssize_t write_out(struct archive *archive, void *ctx, const void *data, size_t len)
{
	if (fwrite(data, 1, len, ctx) == len)
		return (la_ssize_t)len;
	archive_set_error(archive, errno ? errno : EIO, "write");
	return -1;
}

static int failed(struct archive *archive)
{
	int err = archive_errno(archive);

	return err > 0 ? -err : -EIO;
}

int jw_bundle_begin(struct jw_bundle_writer **ret, FILE *out, const char *folder)
{
	struct jw_bundle_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return -ENOMEM;
	writer->folder = strdup(folder);
	writer->members = json_object();
	writer->archive = jw_bundle_new_tar();
	if (!writer->folder || !writer->members || !writer->archive ||
	    archive_write_open(writer->archive, out, NULL, write_out, NULL) != ARCHIVE_OK) {
		jw_bundle_writer_free(writer);
		return -ENOMEM;
	}
	*ret = writer;
	return 0;
}

int jw_bundle_open_content(struct jw_bundle_writer *writer, FILE **ret)
{
	int fd = open(writer->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has files without a name. */
	*ret = fd < 0 ? tmpfile() : fdopen(fd, "w+");
	if (*ret)
		return 0;
	if (fd >= 0)
		close(fd);
	return -errno;
}

static int note_member(struct jw_bundle_writer *writer, const char *name, uint64_t size, const char *hex)
{
	json_t *member = json_pack("{s:I,s:s}", "size", (json_int_t)size, "sha256", hex);

	return member && !json_object_set_new(writer->members, name, member) ? 0 : -ENOMEM;
}

static void to_hex(const uint8_t *sum, char hex[65])
{
	int i;

	for (i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sprintf(hex + 2 * i, "%02x", sum[i]);
}

static int copy_content(struct jw_bundle_writer *writer, FILE *content, uint8_t sum[SHA256_DIGEST_LENGTH])
{
	_cleanup_free_ char *chunk = malloc(CHUNK);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n;
	int r = chunk && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) ? 0 : -ENOMEM;

	while (!r && (n = fread(chunk, 1, CHUNK, content)) > 0) {
		EVP_DigestUpdate(ctx, chunk, n);
		if (archive_write_data(writer->archive, chunk, n) != (la_ssize_t)n)
			r = failed(writer->archive);
	}
	if (!r && ferror(content))
		r = -EIO;
	if (!r)
		EVP_DigestFinal_ex(ctx, sum, NULL);
	EVP_MD_CTX_free(ctx);
	return r;
}

int jw_bundle_put(struct jw_bundle_writer *writer, const char *name, FILE *content)
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	char hex[65];
	off_t size = 0;
	int r = 0;

	if (fflush(content) || ferror(content) || (size = ftello(content)) < 0 || fseeko(content, 0, SEEK_SET))
		r = errno ? -errno : -EIO;
	if (!r)
		r = jw_bundle_put_header(writer->archive, name, (uint64_t)size) ? failed(writer->archive) : 0;
	if (!r)
		r = copy_content(writer, content, sum);
	fclose(content);
	if (r)
		return r;
	to_hex(sum, hex);
	return note_member(writer, name, (uint64_t)size, hex);
}

int jw_bundle_put_bytes(struct jw_bundle_writer *writer, const char *name, const void *data, size_t len)
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	char hex[65];

	if (jw_bundle_put_header(writer->archive, name, len) ||
	    (len && archive_write_data(writer->archive, data, len) != (la_ssize_t)len))
		return failed(writer->archive);
	SHA256(data, len, sum);
	to_hex(sum, hex);
	return note_member(writer, name, len, hex);
}

int jw_bundle_put_text(struct jw_bundle_writer *writer, const void *data, size_t len, char ret_hex[65])
{
	char name[sizeof("texts/") + 64] = "texts/";
	uint8_t sum[SHA256_DIGEST_LENGTH];

	SHA256(data, len, sum);
	to_hex(sum, ret_hex);
	strcat(name, ret_hex);
	return json_object_get(writer->members, name) ? 0 : jw_bundle_put_bytes(writer, name, data, len);
}

int jw_bundle_seal(struct jw_bundle_writer *writer, EVP_PKEY *key, json_t *manifest)
{
	_cleanup_free_ char *pem = NULL, *text = NULL;
	uint8_t signature[JW_SIGNATURE_SIZE];
	size_t len;
	int r = jw_key_to_pem(key, &pem, &len);

	if (!r)
		r = jw_bundle_put_bytes(writer, "key.pem", pem, len);
	if (!r && (json_object_set_new(manifest, "format", json_string(JW_BUNDLE_FORMAT)) ||
		   json_object_set_new(manifest, "version", json_integer(JW_BUNDLE_VERSION)) ||
		   json_object_set(manifest, "members", writer->members)))
		r = -ENOMEM;
	if (r)
		return r;
	text = json_dumps(manifest, JSON_INDENT(1));
	if (!text)
		return -ENOMEM;
	r = jw_key_sign(key, text, strlen(text), signature);
	if (!r)
		r = jw_bundle_put_bytes(writer, "manifest.json", text, strlen(text));
	if (!r)
		r = jw_bundle_put_bytes(writer, "manifest.sig", signature, sizeof(signature));
	if (!r && archive_write_close(writer->archive) != ARCHIVE_OK)
		r = failed(writer->archive);
	return r;
}

size_t jw_bundle_count(const struct jw_bundle_writer *writer)
{
	return json_object_size(writer->members);
}
