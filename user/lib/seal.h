/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ed25519 keys and signatures (RFC 8032), by libcrypto. Keys are PEM files, as openssl-pkey(1) reads them. Functions
 * return 0 or negative errno; a key is freed with EVP_PKEY_free().
 */
#ifndef JOBWARD_SEAL_H
#define JOBWARD_SEAL_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JW_SIGNATURE_SIZE 64
#define JW_FINGERPRINT_MAX 65

/*
 * The private key in @path; made there (0600) when there is none. -EPERM: others than its owner may read it, -EINVAL: it
 * is no Ed25519 key in PEM.
 */
int jw_key_open(const char *path, EVP_PKEY **ret);
/* A new private key that is kept nowhere. */
int jw_key_new(EVP_PKEY **ret);
/* The public key in @path. -EINVAL as above. */
int jw_key_read_public(const char *path, EVP_PKEY **ret);
/* The same from memory; only the bytes that jw_key_to_pem() makes will do, so that nothing can be hidden in them. */
int jw_key_from_pem(const char *pem, size_t len, EVP_PKEY **ret);
/* Caller frees. */
int jw_key_to_pem(const EVP_PKEY *key, char **ret, size_t *ret_len);
/* SHA-256 over the public key's DER, in hex: openssl pkey -pubout -outform DER | sha256sum. */
int jw_key_fingerprint(const EVP_PKEY *key, char out[JW_FINGERPRINT_MAX]);
int jw_key_sign(EVP_PKEY *key, const void *data, size_t len, uint8_t out[JW_SIGNATURE_SIZE]);
/* Is it @key's signature over the data? */
bool jw_key_verifies(EVP_PKEY *key, const void *data, size_t len, const uint8_t signature[JW_SIGNATURE_SIZE]);

#endif
