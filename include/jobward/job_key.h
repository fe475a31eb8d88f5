/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Byte layout of a job key: what is hashed, in which order. The kernel computes a key from what is about to run, the
 * auditor from what a store says; both feed the same bytes through this file, since two spellings of a key are a hole.
 *
 *   "jobward-key-1\0"
 *   scheduler (u32 LE)  uid (u32 LE)          by jw_job_key_uid()
 *   len(unit) (u32 LE)  unit                  empty but for schedulers whose image has JOBWARD_IMAGE_UNIT
 *   len(argv) (u32 LE)  argv                  each argument with its final NUL byte
 *   n env (u32 LE)      { len (u32 LE) "NAME=VALUE" } sorted by bytes; only names that jw_job_key_env_covered() has
 *   has content (u8)    sha256 (32 bytes)     zeros where there is none
 */
#ifndef JOBWARD_JOB_KEY_H
#define JOBWARD_JOB_KEY_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

#define JW_JOB_KEY_MAGIC "jobward-key-1"
#define JW_JOB_KEY_ENV_MAX 64

/**
 * jw_job_key_env_covered() - does this variable decide what a job runs?
 * @env: "NAME=VALUE", NUL terminated
 * @path: PATH counts too (schedulers whose commands go through a shell)
 *
 * Variables that make a shell, the dynamic loader or an interpreter run other code than the command says: bash(1),
 * dash(1), ld.so(8), perlrun(1), python3(1), ruby(1), node(1).
 *
 * Context: any. Return: true if it is part of the key.
 */
static inline bool jw_job_key_env_covered(const char *env, bool path)
{
	static const char *const names[] = {
		"BASH_ENV=", "ENV=", "SHELLOPTS=", "BASHOPTS=", "IFS=", "PS4=", "PROMPT_COMMAND=",
		"GCONV_PATH=", "GLIBC_TUNABLES=", "PYTHONPATH=", "PYTHONHOME=", "PYTHONSTARTUP=", "PYTHONINSPECT=",
		"PERL5LIB=", "PERL5OPT=", "PERL5DB=", "PERLLIB=", "RUBYOPT=", "RUBYLIB=", "NODE_OPTIONS=", "NODE_PATH=",
	};
	unsigned int i;

	if (!strncmp(env, "LD_", 3) || !strncmp(env, "BASH_FUNC_", 10))
		return true;
	if (!strncmp(env, "PATH=", 5))
		return path;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(env, names[i], strlen(names[i])))
			return true;
	return false;
}

/* What a key is made of. The strings belong to the caller. */
struct jw_job_key_parts {
	uint32_t scheduler;		/* enum jobward_scheduler */
	uint32_t uid;			/* in the initial user namespace */
	const char *unit;		/* "" for none */
	uint32_t unit_len;
	const char *argv;		/* arguments, each with its NUL byte */
	uint32_t argv_len;
	const char *const *env;		/* covered variables, sorted by jw_job_key_env_cmp() */
	uint32_t n_env;
	const uint8_t *content;		/* sha256 of the content, 32 bytes; NULL for none */
};

/** jw_job_key_env_cmp() - order of variables in a key: by bytes. Context: any. Return: as strcmp(). */
static inline int jw_job_key_env_cmp(const char *a, const char *b)
{
	return strcmp(a, b);
}

/**
 * jw_job_key_uid() - the uid as a key has it
 * @uid: in the initial user namespace
 *
 * With DynamicUser= systemd picks a free uid between 61184 and 65519 when the service starts (systemd.exec(5), systemd's
 * UIDS-GIDS.md); nobody knows it before, so all of them are one in a key.
 *
 * Context: any. Return: the uid to hash.
 */
static inline uint32_t jw_job_key_uid(uint32_t uid)
{
	return uid >= 61184 && uid <= 65519 ? 61184 : uid;
}

/**
 * jw_job_key_feed() - gives the bytes of a key to a hash function, in order
 * @parts:  what is about to run
 * @update: takes @ctx, bytes and their number
 * @ctx:    for @update
 *
 * Context: as @update.
 */
static inline void jw_job_key_feed(const struct jw_job_key_parts *parts,
				   void (*update)(void *ctx, const void *data, size_t len), void *ctx)
{
	static const uint8_t none[32];
	uint8_t le[4], has = parts->content ? 1 : 0;
	uint32_t i;

#define JW_FEED_U32(v) do {						\
		uint32_t v_ = (v);					\
		le[0] = v_; le[1] = v_ >> 8; le[2] = v_ >> 16; le[3] = v_ >> 24;	\
		update(ctx, le, 4);					\
	} while (0)

	update(ctx, JW_JOB_KEY_MAGIC, sizeof(JW_JOB_KEY_MAGIC));
	JW_FEED_U32(parts->scheduler);
	JW_FEED_U32(jw_job_key_uid(parts->uid));
	JW_FEED_U32(parts->unit_len);
	update(ctx, parts->unit, parts->unit_len);
	JW_FEED_U32(parts->argv_len);
	update(ctx, parts->argv, parts->argv_len);
	JW_FEED_U32(parts->n_env);
	for (i = 0; i < parts->n_env; i++) {
		uint32_t len = strlen(parts->env[i]);

		JW_FEED_U32(len);
		update(ctx, parts->env[i], len);
	}
	update(ctx, &has, 1);
	update(ctx, parts->content ? parts->content : none, 32);
#undef JW_FEED_U32
}

#endif
