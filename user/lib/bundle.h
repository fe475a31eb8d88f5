/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Evidence bundles: one plain tar file (ustar) that is read with any tar, and in which no byte can be changed unseen.
 *
 *	events.jsonl chain.jsonl jobs.jsonl texts/SHA256… decisions.jsonl findings.jsonl case.json	what it is about
 *	key.pem			the public key
 *	manifest.json		SHA-256 and size of each member above, and what the writer says about the whole
 *	manifest.sig		Ed25519 signature over manifest.json, 64 bytes
 *
 * Digests and signature cover the contents. Headers and padding are covered by there being one way to write them: a
 * reader writes the bundle again as it reads, and compares. All functions return 0 or negative errno. The only include
 * of libarchive; nothing here ever writes to a path.
 */
#ifndef JOBWARD_BUNDLE_H
#define JOBWARD_BUNDLE_H

#include <jansson.h>
#include <stdio.h>
#include "seal.h"

#define JW_BUNDLE_FORMAT "jobward-evidence"
#define JW_BUNDLE_VERSION 1

/* ---- writing ---- */
struct jw_bundle_writer;

/* @folder is where contents are kept, unnamed, until their size is known. @out is not closed. */
int jw_bundle_begin(struct jw_bundle_writer **ret, FILE *out, const char *folder);
/* A file to write the next member's content to; -ENOMEM or what opening it gave. */
int jw_bundle_open_content(struct jw_bundle_writer *writer, FILE **ret);
/* Adds it under @name and closes it, whatever comes of it. */
int jw_bundle_put(struct jw_bundle_writer *writer, const char *name, FILE *content);
int jw_bundle_put_bytes(struct jw_bundle_writer *writer, const char *name, const void *data, size_t len);
/* Adds a text as texts/SHA256, once; gives the digest in hex. */
int jw_bundle_put_text(struct jw_bundle_writer *writer, const void *data, size_t len, char ret_hex[65]);
/* Key, manifest and signature. @manifest gets the members' digests and stays the caller's. */
int jw_bundle_seal(struct jw_bundle_writer *writer, EVP_PKEY *key, json_t *manifest);
size_t jw_bundle_count(const struct jw_bundle_writer *writer);
void jw_bundle_writer_free(struct jw_bundle_writer *writer);

/* ---- reading ---- */
struct jw_bundle {
	int fd;
	uint64_t size;
	struct jw_bundle_member *members;
	size_t n_members;
	json_t *manifest;		/* NULL: none that can be read */
	EVP_PKEY *key;			/* that it carries; NULL: none */
	char fingerprint[JW_FINGERPRINT_MAX];
	/* What does not hold, the first of it; place is empty where all does. No text of the bundle is in them. */
	char place[160], cause[240];
};

/*
 * Reads it from end to end and checks all but the chain of events. Return: 0; -EBADMSG: it is a bundle, and place and
 * cause say what does not hold in it; -EINVAL: it is none, or one made to do harm, and cause says why; another errno is
 * that of the file. jw_bundle_done() follows in any case.
 */
int jw_bundle_read(struct jw_bundle *bundle, const char *path);
/* A member's content, for reading; NULL: it has none of that name, or no memory. */
FILE *jw_bundle_member(const struct jw_bundle *bundle, const char *name);
/* Notes what does not hold, unless something was noted before. Return: -EBADMSG. */
int jw_bundle_fault(struct jw_bundle *bundle, const char *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void jw_bundle_done(struct jw_bundle *bundle);

#endif
