// SPDX-License-Identifier: GPL-2.0
/*
 * Every file of tests/corpus against what its reader makes of it: NAME.expect beside the file, one JSON object a
 * line. For crontabs NAME.expect-13 where Debian 13 differs; "user-…" are users' tables. What the expectations of
 * cron say was seen in runs of the daemons; tests/guest/parsers-vs-daemons.sh asks them again. Those of cronie, bcron
 * and busybox follow their sources.
 *
 * With JW_CORPUS_WRITE=1 the expectations are written and not compared: read the difference before it is committed.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "corpus/dump.h"

#define CORPUS "tests/corpus"

static bool user_exists(void *ctx, const char *name)
{
	static const char *const users[] = { "root", "alice", "www-data" };
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		if (!strcmp(users[i], name))
			return true;
	return false;
}

static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	char *buf;

	if (!f)
		return NULL;
	assert_int_equal(fstat(fileno(f), &st), 0);
	buf = malloc(st.st_size + 1);
	assert_non_null(buf);
	*len = fread(buf, 1, st.st_size, f);
	buf[*len] = '\0';
	fclose(f);
	return buf;
}

/* What a folder's files are: what writes what was found in one of them. */
struct kind {
	const char *dir, *ending;
	bool flavours;
	void (*dump)(FILE *f, const char *name, const char *buf, size_t len, bool debian_13);
};

static void dump_crontab(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	const struct jw_crontab_opts opts = {
		.path = name, .flavour = debian_13 ? JW_CRON_DEBIAN_13 : JW_CRON_DEBIAN_12,
		.owner = strncmp(name, "user-", 5) ? NULL : "alice", .user_exists = user_exists,
	};
	struct jw_parse_out out = { 0 };

	assert_int_equal(jw_parse_crontab(buf, len, &opts, &out), 0);
	dump_out(f, &out);
	jw_parse_out_done(&out);
}

static void dump_cronie(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	const struct jw_crontab_opts opts = {
		.path = name, .flavour = JW_CRON_CRONIE, .owner = strncmp(name, "user-", 5) ? NULL : "alice",
		.user_exists = user_exists,
	};
	struct jw_parse_out out = { 0 };

	(void)debian_13;
	assert_int_equal(jw_parse_crontab(buf, len, &opts, &out), 0);
	dump_out(f, &out);
	jw_parse_out_done(&out);
}

static void dump_bcron(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	const struct jw_crontab_opts opts = {
		.path = name, .owner = strncmp(name, "user-", 5) ? NULL : "alice", .user_exists = user_exists,
	};
	struct jw_parse_out out = { 0 };

	(void)debian_13;
	assert_int_equal(jw_parse_bcrontab(buf, len, &opts, &out), 0);
	dump_out(f, &out);
	jw_parse_out_done(&out);
}

static void dump_busybox(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	static const char *const shells[] = { "/bin/bash", "/bin/sh", NULL };
	const struct jw_busybox_opts opts = { .path = name, .owner = "alice", .shells = shells };
	struct jw_parse_out out = { 0 };

	(void)debian_13;
	assert_int_equal(jw_parse_busybox_crontab(buf, len, &opts, &out), 0);
	dump_out(f, &out);
	jw_parse_out_done(&out);
}

static void dump_anacrontab(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	struct jw_parse_out out = { 0 };

	(void)debian_13;
	assert_int_equal(jw_parse_anacrontab(buf, len, name, &out), 0);
	dump_out(f, &out);
	jw_parse_out_done(&out);
}

static void dump_at(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	const struct jw_at_opts opts = {
		.path = "atjobs/a0000101c89f4b", .mode = S_IFREG | 0700, .uid = 1000, .nlink = 1, .owner = "alice",
	};
	struct jw_parse_out out = { 0 };

	(void)name;
	(void)debian_13;
	assert_int_equal(jw_parse_at(buf, len, &opts, &out), 0);
	dump_out(f, &out);
	jw_parse_out_done(&out);
}

static void dump_diags(FILE *f, const struct jw_diags *diags)
{
	static const char *const severities[] = { "note", "warning", "error" };
	size_t i;

	for (i = 0; i < diags->n; i++) {
		fprintf(f, "{\"%s\": ", severities[diags->v[i].severity]);
		dump_string(f, diags->v[i].cause, strlen(diags->v[i].cause));
		fprintf(f, ", \"line\": %u}\n", diags->v[i].line);
	}
}

static void dump_unit(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	struct jw_unit_file file = { 0 };
	struct jw_diags diags = { 0 };
	size_t i;

	(void)debian_13;
	assert_int_equal(jw_parse_unit_file(buf, len, name, &file, &diags), 0);
	for (i = 0; i < file.n; i++) {
		fprintf(f, "{\"line\": %u", file.v[i].line);
		dump_text(f, "section", file.v[i].section);
		dump_text(f, "key", file.v[i].key);
		dump_text(f, "value", file.v[i].value);
		fputs("}\n", f);
	}
	dump_diags(f, &diags);
	jw_unit_file_done(&file);
	jw_diags_done(&diags);
}

static void dump_env(FILE *f, const char *name, const char *buf, size_t len, bool debian_13)
{
	struct jw_diags diags = { 0 };
	char **env, **e;

	(void)debian_13;
	assert_int_equal(jw_parse_environment_file(buf, len, name, &env, &diags), 0);
	for (e = env; *e; e++) {
		fputs("{\"env\": ", f);
		dump_string(f, *e, strlen(*e));
		fputs("}\n", f);
		free(*e);
	}
	free(env);
	dump_diags(f, &diags);
	jw_diags_done(&diags);
}

static void write_expectation(const char *path, const char *text, bool wanted)
{
	FILE *f;

	if (!wanted) {
		remove(path);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static char *found_in(const struct kind *kind, const char *name, const char *buf, size_t len, bool debian_13)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	kind->dump(f, name, buf, len, debian_13);
	fclose(f);
	return text;
}

/* Return: number of differences. */
static int check_file(const struct kind *kind, const char *name)
{
	char path[512], *buf, *found[2] = { NULL }, *expected;
	int i, failures = 0, stem = strlen(name) - strlen(kind->ending);
	size_t len, n;

	snprintf(path, sizeof(path), CORPUS "/%s/%s", kind->dir, name);
	buf = slurp(path, &len);
	assert_non_null(buf);
	for (i = 0; i <= kind->flavours; i++)
		found[i] = found_in(kind, name, buf, len, i);
	for (i = 0; i <= kind->flavours; i++) {
		snprintf(path, sizeof(path), CORPUS "/%s/%.*s.expect%s", kind->dir, stem, name, i ? "-13" : "");
		if (getenv("JW_CORPUS_WRITE")) {
			write_expectation(path, found[i], !i || strcmp(found[0], found[1]));
			continue;
		}
		expected = slurp(path, &n);
		if (!expected && i) {
			snprintf(path, sizeof(path), CORPUS "/%s/%.*s.expect", kind->dir, stem, name);
			expected = slurp(path, &n);
		}
		if (!expected || strcmp(expected, found[i])) {
			print_error("%s\n--- expected\n%s+++ found\n%s", path, expected ? expected : "nothing\n",
				    found[i]);
			failures++;
		}
		free(expected);
	}
	free(found[0]);
	free(found[1]);
	free(buf);
	return failures;
}

static void check_folder(const struct kind *kind)
{
	int failures = 0, files = 0;
	struct dirent *e;
	char path[512];
	size_t len;
	DIR *d;

	snprintf(path, sizeof(path), CORPUS "/%s", kind->dir);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d))) {
		len = strlen(e->d_name);
		if (len <= strlen(kind->ending) || strcmp(e->d_name + len - strlen(kind->ending), kind->ending))
			continue;
		failures += check_file(kind, e->d_name);
		files++;
	}
	closedir(d);
	assert_true(files > 0);
	assert_int_equal(failures, 0);
}

static void test_cron(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "cron", ".crontab", true, dump_crontab });
}

static void test_cronie(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "cronie", ".crontab", false, dump_cronie });
}

static void test_bcron(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "bcron", ".crontab", false, dump_bcron });
}

static void test_busybox(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "busybox", ".crontab", false, dump_busybox });
}

static void test_anacron(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "anacron", ".anacrontab", false, dump_anacrontab });
}

static void test_at(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "at", ".atjob", false, dump_at });
}

static void test_unit(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "unit", ".unit", false, dump_unit });
}

static void test_env(void **state)
{
	(void)state;
	check_folder(&(struct kind){ "env", ".env", false, dump_env });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cron),
		cmocka_unit_test(test_cronie),
		cmocka_unit_test(test_bcron),
		cmocka_unit_test(test_busybox),
		cmocka_unit_test(test_anacron),
		cmocka_unit_test(test_at),
		cmocka_unit_test(test_unit),
		cmocka_unit_test(test_env),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
