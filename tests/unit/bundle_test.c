// SPDX-License-Identifier: GPL-2.0
/* Bundles: what was written is read, and no byte of it can be changed, taken away or added unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/bundle.h"
#include "scratch.h"

#define NAME "case.tar"
#define TEXT "0 3 * * * root /usr/local/bin/backup\n"

static char *whole;
static size_t whole_len;

static void write_file(const char *bytes, size_t len)
{
	FILE *file = fopen(scratch_path(NAME), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int read_bundle(struct jw_bundle *bundle)
{
	return jw_bundle_read(bundle, scratch_path(NAME));
}

static void make(void)
{
	struct jw_bundle_writer *writer;
	json_t *manifest = json_object();
	EVP_PKEY *key = NULL;
	FILE *content, *out = open_memstream(&whole, &whole_len);
	char hex[65], again[65];

	assert_int_equal(jw_key_new(&key), 0);
	assert_int_equal(jw_bundle_begin(&writer, out, "."), 0);
	assert_int_equal(jw_bundle_open_content(writer, &content), 0);
	fputs("{\"seq\":1}\n", content);
	assert_int_equal(jw_bundle_put(writer, "events.jsonl", content), 0);
	assert_int_equal(jw_bundle_put_text(writer, TEXT, strlen(TEXT), hex), 0);
	assert_int_equal(jw_bundle_put_text(writer, TEXT, strlen(TEXT), again), 0);
	assert_string_equal(hex, again);
	assert_int_equal(jw_bundle_count(writer), 2);
	/* A member that fills its block has no padding, one without content nothing else. */
	assert_int_equal(jw_bundle_put_bytes(writer, "jobs.jsonl", "", 0), 0);
	assert_int_equal(jw_bundle_seal(writer, key, manifest), 0);
	jw_bundle_writer_free(writer);
	assert_int_equal(fclose(out), 0);
	EVP_PKEY_free(key);
	json_decref(manifest);
}

static void test_round_trip(void **state)
{
	struct jw_bundle bundle;
	char line[64];
	FILE *file;

	write_file(whole, whole_len);
	assert_int_equal(read_bundle(&bundle), 0);
	assert_string_equal(bundle.place, "");
	assert_int_equal(bundle.n_members, 6);
	assert_int_equal(strlen(bundle.fingerprint), 64);
	file = jw_bundle_member(&bundle, "events.jsonl");
	assert_non_null(file);
	assert_string_equal(fgets(line, sizeof(line), file), "{\"seq\":1}\n");
	assert_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_null(jw_bundle_member(&bundle, "case.json"));
	jw_bundle_done(&bundle);
}

/* Each bit in turn is too much to wait for; each byte is not. */
static void test_every_byte(void **state)
{
	struct jw_bundle bundle;
	size_t i;

	for (i = 0; i < whole_len; i++) {
		whole[i] ^= (char)(1 << i % 8);
		write_file(whole, whole_len);
		whole[i] ^= (char)(1 << i % 8);
		if (read_bundle(&bundle) != -EBADMSG || !bundle.place[0] || !bundle.cause[0])
			fail_msg("byte %zu: '%s' '%s'", i, bundle.place, bundle.cause);
		jw_bundle_done(&bundle);
	}
}

static void test_every_length(void **state)
{
	struct jw_bundle bundle;
	size_t i;

	for (i = 0; i < whole_len; i += 64) {
		int r;

		write_file(whole, i);
		r = read_bundle(&bundle);
		/* Of less than a header nobody knows what it was. */
		if (r != (i < 512 ? -EINVAL : -EBADMSG))
			fail_msg("%zu bytes: %d '%s' '%s'", i, r, bundle.place, bundle.cause);
		jw_bundle_done(&bundle);
	}
	whole = realloc(whole, whole_len + 512);
	memset(whole + whole_len, 0, 512);
	write_file(whole, whole_len + 512);
	assert_int_equal(read_bundle(&bundle), -EBADMSG);
	jw_bundle_done(&bundle);
}

static void test_key_files(void **state)
{
	char fingerprint[JW_FINGERPRINT_MAX], again[JW_FINGERPRINT_MAX], *path = strdup(scratch_path("evidence.key"));
	uint8_t signature[JW_SIGNATURE_SIZE];
	EVP_PKEY *key = NULL;
	struct stat st;

	assert_int_equal(jw_key_open(path, &key), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(jw_key_fingerprint(key, fingerprint), 0);
	assert_int_equal(jw_key_sign(key, "x", 1, signature), 0);
	assert_true(jw_key_verifies(key, "x", 1, signature));
	assert_false(jw_key_verifies(key, "y", 1, signature));
	EVP_PKEY_free(key);
	assert_int_equal(jw_key_open(path, &key), 0);
	assert_int_equal(jw_key_fingerprint(key, again), 0);
	assert_string_equal(fingerprint, again);
	EVP_PKEY_free(key);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(jw_key_open(path, &key), -EPERM);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 40), 0);
	assert_int_equal(jw_key_open(path, &key), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_int_equal(jw_key_open(path, &key), -ELOOP);
	free(path);
}

static int begin(void **state)
{
	make();
	return 0;
}

static int end(void **state)
{
	free(whole);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_every_byte, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_every_length, scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(test_key_files, scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
