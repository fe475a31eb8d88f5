// SPDX-License-Identifier: GPL-2.0
/* Job keys as the auditor computes them, against the vectors that the kernel's tests read too. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/sha.h>
#include "job.h"
#include "vectors/job_key.h"

#define N_VECTORS (sizeof(job_key_vectors) / sizeof(job_key_vectors[0]))

static void hex(const uint8_t *key, char out[JW_KEY_HEX])
{
	for (size_t i = 0; i < JW_DIGEST_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", key[i]);
}

static void vector(void **state)
{
	const struct job_key_vector *v = *state;
	struct jw_exec exec = {
		.argv = (char *)v->argv.p, .argv_len = v->argv.n, .env = (char **)v->env, .has_content = v->has_content,
	};
	char key[JW_KEY_HEX];

	if (v->has_content)
		SHA256((const uint8_t *)v->content.p, v->content.n, exec.content_sha256);
	assert_int_equal(jw_exec_set_key(&exec, v->scheduler, v->uid, v->unit), 0);
	hex(exec.key, key);
	assert_string_equal(key, v->key);
}

int main(void)
{
	struct CMUnitTest tests[N_VECTORS] = { 0 };

	for (size_t i = 0; i < N_VECTORS; i++) {
		tests[i].name = job_key_vectors[i].name;
		tests[i].test_func = vector;
		tests[i].initial_state = (void *)&job_key_vectors[i];
	}
	return cmocka_run_group_tests_name("job_key_vectors", tests, NULL, NULL);
}
