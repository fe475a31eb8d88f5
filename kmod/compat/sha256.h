/* SPDX-License-Identifier: GPL-2.0 */
/* Apart from compat.h, for digest.c: tests/kunit builds it into a kernel without modules and function tracer too. */
#ifndef JOBWARD_COMPAT_SHA256_H
#define JOBWARD_COMPAT_SHA256_H

#include <linux/version.h>
#include <crypto/sha2.h>

/* "lib/crypto: sha256: Add sha256_ctx": the state of an incremental SHA-256 got its name in 6.17. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
typedef struct sha256_ctx jw_sha256_state;
#else
typedef struct sha256_state jw_sha256_state;
#endif

#endif
