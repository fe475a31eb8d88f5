// SPDX-License-Identifier: GPL-2.0
/*
 * Job keys. The vectors are the auditor's too (tests/unit/job_key_vectors_test.c): an approval is worth nothing when
 * the two sides spell a key differently.
 */
#include <kunit/test.h>
#include <crypto/sha2.h>
#include "digest.h"
#include "vectors/job_key.h"

static void vector_name(const struct job_key_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(vector, job_key_vectors, vector_name);

/* As the run gate does: keeps what the key covers, sorts it. */
static u32 covered(const struct job_key_vector *v, const char **env)
{
	bool path = v->scheduler != JOBWARD_SCHEDULER_SYSTEMD && v->scheduler != JOBWARD_SCHEDULER_SYSTEMD_USER;
	u32 i, n = 0;

	for (i = 0; v->env[i]; i++)
		if (jw_job_key_env_covered(v->env[i], path))
			env[n++] = v->env[i];
	jw_digest_sort_env(env, n);
	return n;
}

static void test_key_vectors(struct kunit *test)
{
	const struct job_key_vector *v = test->param_value;
	const char *env[ARRAY_SIZE(v->env)];
	u8 content[SHA256_DIGEST_SIZE], key[JOBWARD_DIGEST_SIZE];
	char hex[2 * JOBWARD_DIGEST_SIZE + 1];
	struct jw_job_key_parts parts = {
		.scheduler = v->scheduler,
		.uid = v->uid,
		.unit = v->unit,
		.unit_len = strlen(v->unit),
		.argv = v->argv.p,
		.argv_len = v->argv.n,
		.env = env,
		.n_env = covered(v, env),
	};

	if (v->has_content) {
		sha256(v->content.p, v->content.n, content);
		parts.content = content;
	}
	jw_digest_key(&parts, key);
	snprintf(hex, sizeof(hex), "%*phN", JOBWARD_DIGEST_SIZE, key);
	KUNIT_EXPECT_STREQ(test, hex, v->key);
}

static void test_sort_env_by_unsigned_bytes(struct kunit *test)
{
	const char *env[] = { "LD_\xff=1", "PATH=b", "ENV=", "PATH=a", "LD_Z=1", "ENV=\x01", "LD_\x80=1" };
	const char *const want[] = { "ENV=", "ENV=\x01", "LD_Z=1", "LD_\x80=1", "LD_\xff=1", "PATH=a", "PATH=b" };
	u32 i;

	jw_digest_sort_env(env, ARRAY_SIZE(env));
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_STREQ(test, env[i], want[i]);
	jw_digest_sort_env(env, 0);
}

/* Bytes that move over the border of two parts must change the key: each part has its length before it. */
static void test_key_separates_parts(struct kunit *test)
{
	const char *const one[] = { "LD_A=1LD_B=2" }, *const two[] = { "LD_A=1", "LD_B=2" };
	const struct jw_job_key_parts parts[] = {
		{ .unit = "", .argv = "a\0b", .argv_len = 4 },
		{ .unit = "", .argv = "ab", .argv_len = 3 },
		{ .unit = "a", .unit_len = 1, .argv = "b", .argv_len = 2 },
		{ .unit = "", .argv = "b", .argv_len = 2, .env = one, .n_env = 1 },
		{ .unit = "", .argv = "b", .argv_len = 2, .env = two, .n_env = 2 },
		{ .unit = "", .argv = "b", .argv_len = 2, .scheduler = 1 },
		{ .unit = "", .argv = "b", .argv_len = 2, .uid = 1 },
	};
	u8 key[ARRAY_SIZE(parts)][JOBWARD_DIGEST_SIZE];
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		jw_digest_key(&parts[i], key[i]);
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_NE_MSG(test, memcmp(key[i], key[k], JOBWARD_DIGEST_SIZE), 0, "%u and %u", i, k);
	}
}

static struct kunit_case digest_cases[] = {
	KUNIT_CASE_PARAM(test_key_vectors, vector_gen_params),
	KUNIT_CASE(test_sort_env_by_unsigned_bytes),
	KUNIT_CASE(test_key_separates_parts),
	{ }
};

static struct kunit_suite digest_suite = {
	.name = "jobward_digest",
	.test_cases = digest_cases,
};
kunit_test_suite(digest_suite);
