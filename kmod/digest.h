/* SPDX-License-Identifier: GPL-2.0 */
/* Which bytes make a job key, in the kernel: the layout is include/jobward/job_key.h, shared with the auditor. */
#ifndef JOBWARD_DIGEST_H
#define JOBWARD_DIGEST_H

#include <linux/types.h>
#include <jobward/job_key.h>
#include <uapi/linux/jobward.h>

/**
 * jw_digest_key() - key of what is about to run
 * @parts: its parts; env sorted (jw_digest_sort_env())
 * @key: out
 *
 * Context: any.
 */
void jw_digest_key(const struct jw_job_key_parts *parts, u8 key[JOBWARD_DIGEST_SIZE]);

/** jw_digest_sort_env() - puts variables into the order of a key. Context: any. */
void jw_digest_sort_env(const char **env, u32 n);

#endif
