// SPDX-License-Identifier: GPL-2.0
/* Ed25519 keys in files, and signatures. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "seal.h"

/* A key is some hundred bytes; what is bigger is something else. */
#define PEM_MAX 4096

/* libcrypto would ask on the terminal for the password of a file that says it has one. */
static int no_password(char *buf, int size, int rwflag, void *ctx)
{
	return -1;
}

static int check_kind(EVP_PKEY *key, EVP_PKEY **ret)
{
	if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		return -EINVAL;
	}
	*ret = key;
	return 0;
}

int jw_key_new(EVP_PKEY **ret)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	return key ? check_kind(key, ret) : -ENOMEM;
}

static int read_private(const char *path, EVP_PKEY **ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), r;
	struct stat st;
	FILE *file;

	if (fd < 0)
		return -errno;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size > PEM_MAX)
		r = -EINVAL;
	else if (st.st_mode & 077)
		r = -EPERM;
	else
		r = check_kind(PEM_read_PrivateKey(file, NULL, no_password, NULL), ret);
	fclose(file);
	return r;
}

static int write_private(const char *path, EVP_PKEY *key)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), r = 0;
	FILE *file;

	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	if (!PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) || fflush(file) || fsync(fd))
		r = errno ? -errno : -EIO;
	if (fclose(file) && !r)
		r = -errno;
	return r;
}

/* Under a name of its own first: whoever finds the key finds all of it, and of two that make it one wins. */
static int make_private(const char *path)
{
	_cleanup_free_ char *tmp = NULL;
	EVP_PKEY *key = NULL;
	int r;

	if (asprintf(&tmp, "%s.%d", path, (int)getpid()) < 0) {
		tmp = NULL;
		return -ENOMEM;
	}
	r = jw_key_new(&key);
	if (!r)
		r = write_private(tmp, key);
	EVP_PKEY_free(key);
	if (r == -EEXIST)
		return r;
	if (!r && link(tmp, path) < 0 && errno != EEXIST)
		r = -errno;
	unlink(tmp);
	return r;
}

int jw_key_open(const char *path, EVP_PKEY **ret)
{
	int r = read_private(path, ret);

	if (r != -ENOENT)
		return r;
	r = make_private(path);
	return r ? r : read_private(path, ret);
}

int jw_key_read_public(const char *path, EVP_PKEY **ret)
{
	FILE *file = fopen(path, "re");
	char pem[PEM_MAX];
	size_t len;
	BIO *bio;
	int r;

	if (!file)
		return -errno;
	len = fread(pem, 1, sizeof(pem), file);
	r = ferror(file) ? -errno : 0;
	fclose(file);
	if (r)
		return r;
	bio = BIO_new_mem_buf(pem, (int)len);
	if (!bio)
		return -ENOMEM;
	r = check_kind(PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL), ret);
	BIO_free(bio);
	return r;
}

int jw_key_from_pem(const char *pem, size_t len, EVP_PKEY **ret)
{
	_cleanup_free_ char *again = NULL;
	size_t again_len;
	BIO *bio;
	int r;

	if (len > PEM_MAX)
		return -EINVAL;
	bio = BIO_new_mem_buf(pem, (int)len);
	if (!bio)
		return -ENOMEM;
	r = check_kind(PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL), ret);
	BIO_free(bio);
	if (r)
		return r;
	r = jw_key_to_pem(*ret, &again, &again_len);
	if (!r && (again_len != len || memcmp(again, pem, len)))
		r = -EINVAL;
	if (r) {
		EVP_PKEY_free(*ret);
		*ret = NULL;
	}
	return r;
}

int jw_key_to_pem(const EVP_PKEY *key, char **ret, size_t *ret_len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	*ret = NULL;
	if (bio && PEM_write_bio_PUBKEY(bio, (EVP_PKEY *)key)) {
		len = BIO_get_mem_data(bio, &text);
		*ret = malloc((size_t)len + 1);
		if (*ret) {
			*(char *)mempcpy(*ret, text, (size_t)len) = '\0';
			*ret_len = (size_t)len;
		}
	}
	BIO_free(bio);
	return *ret ? 0 : -ENOMEM;
}

int jw_key_fingerprint(const EVP_PKEY *key, char out[JW_FINGERPRINT_MAX])
{
	uint8_t sum[SHA256_DIGEST_LENGTH], *der = NULL;
	int len = i2d_PUBKEY(key, &der), i;

	if (len <= 0)
		return -ENOMEM;
	SHA256(der, (size_t)len, sum);
	OPENSSL_free(der);
	for (i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sprintf(out + 2 * i, "%02x", sum[i]);
	return 0;
}

int jw_key_sign(EVP_PKEY *key, const void *data, size_t len, uint8_t out[JW_SIGNATURE_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = JW_SIGNATURE_SIZE;
	bool ok;

	ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestSign(ctx, out, &size, data, len) == 1 && size == JW_SIGNATURE_SIZE;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -ENOMEM;
}

bool jw_key_verifies(EVP_PKEY *key, const void *data, size_t len, const uint8_t signature[JW_SIGNATURE_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, signature, JW_SIGNATURE_SIZE, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}
