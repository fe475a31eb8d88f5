// SPDX-License-Identifier: GPL-2.0
/* See digest.h. */
#include <linux/sort.h>
#include "compat/sha256.h"
#include "digest.h"

static void feed(void *ctx, const void *data, size_t len)
{
	sha256_update(ctx, data, len);
}

void jw_digest_key(const struct jw_job_key_parts *parts, u8 key[JOBWARD_DIGEST_SIZE])
{
	jw_sha256_state state;

	sha256_init(&state);
	jw_job_key_feed(parts, feed, &state);
	sha256_final(&state, key);
}

static int compare(const void *a, const void *b)
{
	return jw_job_key_env_cmp(*(const char *const *)a, *(const char *const *)b);
}

void jw_digest_sort_env(const char **env, u32 n)
{
	sort(env, n, sizeof(*env), compare, NULL);
}
