// SPDX-License-Identifier: GPL-2.0
/* The policy: what is read, what is refused and with which words, and how several files become one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "policy.h"
#include "provenance/provenance.h"
#include "scratch.h"

static struct jw_policy *load(const char *file, const char *folder)
{
	struct jw_diags diags = { 0 };
	struct jw_policy *policy;
	int r = jw_policy_load(&policy, file ? scratch_path(file) : NULL, folder ? scratch_path(folder) : NULL, &diags);

	if (diags.n)
		fail_msg("%u:%u: %s", diags.v[0].line, diags.v[0].column, diags.v[0].cause);
	assert_int_equal(r, 0);
	return policy;
}

static void test_all_of_it(void **state)
{
	struct jw_policy *policy;

	scratch_write("policy.yaml",
		      "version: 1\n"
		      "mode: enforce\n"
		      "gates: {write: audit}\n"
		      "hold_ms: 600000\n"
		      "jobs:\n"
		      "  # a comment\n"
		      "  - state: approved\n"
		      "    provenance: package\n"
		      "    package: log*\n"
		      "    scheduler: run-parts\n"
		      "    owner: root\n"
		      "    source: /etc/cron.daily/*\n"
		      "    command: \"run-parts *\"\n"
		      "    reason: 'as it says: so it is'\n"
		      "\n"
		      "  - {state: denied, scheduler: at}\n"
		      "planters:\n"
		      "  - package: apt\n"
		      "  - {owner: root, command: \"*pull\", reason: management}\n"
		      "writers:\n"
		      "  - program: /opt/puppet/bin/ruby\n"
		      "    stores: [cron, at, systemd]\n"
		      "    lineage: true\n"
		      "  - program: /opt/x\n"
		      "modules:\n"
		      "  signed: false\n"
		      "  package: true\n"
		      "  allow:\n"
		      "    - sha256: 00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\n"
		      "      reason: vendor\n"
		      "    - name: dm-crypt\n"
		      "retention: {days: 0, size_mib: 16}\n");
	policy = load("policy.yaml", NULL);
	assert_true(policy->has_mode[JOBWARD_GATE_RUN] && policy->has_mode[JOBWARD_GATE_WRITE]);
	assert_int_equal(policy->mode[JOBWARD_GATE_RUN], JOBWARD_MODE_ENFORCE);
	assert_int_equal(policy->mode[JOBWARD_GATE_WRITE], JOBWARD_MODE_AUDIT);
	assert_int_equal(policy->mode[JOBWARD_GATE_MODULE], JOBWARD_MODE_ENFORCE);
	assert_int_equal(policy->hold_ms, 600000);
	assert_int_equal(policy->n_jobs, 2);
	assert_string_equal(policy->jobs[0].file, "policy.yaml");
	assert_int_equal(policy->jobs[0].line, 7);
	assert_int_equal(policy->jobs[0].state, JOBWARD_STATE_APPROVED);
	assert_int_equal(policy->jobs[0].provenance, JW_PROVENANCE_PACKAGE);
	assert_int_equal(policy->jobs[0].scheduler, JOBWARD_SCHEDULER_RUN_PARTS);
	assert_string_equal(policy->jobs[0].package, "log*");
	assert_string_equal(policy->jobs[0].owner, "root");
	assert_string_equal(policy->jobs[0].source, "/etc/cron.daily/*");
	assert_string_equal(policy->jobs[0].command, "run-parts *");
	assert_string_equal(policy->jobs[0].reason, "as it says: so it is");
	assert_int_equal(policy->jobs[1].line, 16);
	assert_int_equal(policy->jobs[1].state, JOBWARD_STATE_DENIED);
	assert_int_equal(policy->jobs[1].provenance, -1);
	assert_null(policy->jobs[1].command);
	assert_int_equal(policy->n_planters, 2);
	assert_int_equal(policy->planters[0].line, 18);
	assert_string_equal(policy->planters[0].package, "apt");
	assert_int_equal(policy->planters[0].scheduler, -1);
	assert_string_equal(policy->planters[1].file, "policy.yaml");
	assert_string_equal(policy->planters[1].command, "*pull");
	assert_string_equal(policy->planters[1].reason, "management");
	assert_int_equal(policy->n_writers, 2);
	assert_int_equal(policy->writers[0].line, 21);
	assert_string_equal(policy->writers[0].program, "/opt/puppet/bin/ruby");
	assert_int_equal(policy->writers[0].n_stores, 3);
	assert_string_equal(policy->writers[0].stores[2], "systemd");
	assert_true(policy->writers[0].lineage);
	assert_null(policy->writers[1].stores);
	assert_false(policy->writers[1].lineage);
	assert_false(policy->modules_signed);
	assert_true(policy->modules_package);
	assert_int_equal(policy->n_modules, 2);
	assert_true(policy->modules[0].has_sha256);
	assert_int_equal(policy->modules[0].sha256[10], 0xaa);
	assert_int_equal(policy->modules[0].line, 29);
	assert_null(policy->modules[0].name);
	/* The kernel's spelling. */
	assert_string_equal(policy->modules[1].name, "dm_crypt");
	assert_int_equal(policy->retention_days, 0);
	assert_int_equal(policy->retention_size_mib, 16);
	jw_policy_free(policy);
}

/* The one that is installed; tests run at the top of the checkout. */
static void test_shipped_policy(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_policy *policy;
	int gate;

	assert_int_equal(jw_policy_load(&policy, "user/policy/policy.yaml", NULL, &diags), 0);
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		assert_true(policy->has_mode[gate] && policy->mode[gate] == JOBWARD_MODE_AUDIT);
	assert_int_equal(policy->n_jobs, 1);
	assert_int_equal(policy->jobs[0].state, JOBWARD_STATE_APPROVED);
	assert_int_equal(policy->jobs[0].provenance, JW_PROVENANCE_PACKAGE);
	assert_true(policy->modules_signed && policy->modules_package);
	assert_int_equal(policy->n_writers + policy->n_modules, 0);
	assert_true(policy->n_planters >= 1);
	assert_string_equal(policy->planters[0].package, "apt");
	jw_diags_done(&diags);
	jw_policy_free(policy);
}

static void test_defaults(void **state)
{
	static const char *const empty[] = {
		"",
		"# nothing\n",
		"---\n",
		"jobs:\nwriters:\nmodules:\nretention:\ngates:\n",
		"jobs: []\n",
		"version: 1\n",
		"\xef\xbb\xbfversion: 1\n",
		"modules:\n  allow:\n  # - name: x\n",
	};
	struct jw_policy *policy;
	size_t i;

	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		scratch_write("p.yaml", empty[i]);
		policy = load("p.yaml", NULL);
		assert_false(policy->has_mode[0] || policy->has_mode[1] || policy->has_mode[2]);
		assert_int_equal(policy->hold_ms, 10000);
		assert_true(policy->modules_signed && policy->modules_package);
		assert_int_equal(policy->retention_days, 90);
		assert_int_equal(policy->retention_size_mib, 1024);
		assert_int_equal(policy->n_jobs + policy->n_writers + policy->n_modules, 0);
		jw_policy_free(policy);
	}
	policy = load(NULL, NULL);
	jw_policy_free(policy);
	policy = load(NULL, "none.d");
	jw_policy_free(policy);
}

/* Each mistake, its place and what is said about it. */
static const struct { const char *text; unsigned int line, column; const char *cause;
} mistakes[] = {
	/* keys */
	{ "mode: audit\nfoo: 1\n", 2, 1,
	  "unknown key 'foo'; known here: version, mode, gates, hold_ms, jobs, planters, writers, modules,"
	  " retention" },
	{ "jobs:\n  - state: denied\n  - state: denied\n    bogus: 1\n", 4, 5,
	  "unknown key 'bogus'; known here: state, " },
	{ "gates: {run: enforce, network: hold}\n", 1, 23, "unknown key 'network'; known here: run, write, module" },
	{ "modules:\n  allow:\n    - name: a\n    - title: b\n", 4, 7,
	  "unknown key 'title'; known here: name, sha256, reason" },
	{ "Mode: audit\n", 1, 1, "unknown key 'Mode'" },
	{ "mode: audit\nhold_ms: 200\nmode: enforce\n", 3, 1, "key 'mode' stands here twice, first in line 1" },
	{ "jobs:\n  - state: denied\n    owner: a\n    owner: b\n", 4, 5,
	  "key 'owner' stands here twice, first in line 3" },
	{ "jobs:\n  - owner: root\n", 2, 5, "'state' is missing here" },
	{ "writers:\n  - stores: [cron]\n", 2, 5, "'program' is missing here" },
	{ "? [a]\n: b\n", 1, 3, "a key must be a single word" },
	/* words */
	{ "mode: off\n", 1, 7, "'off' is no value of 'mode': audit, hold, enforce" },
	{ "mode: Audit\n", 1, 7, "'Audit' is no value" },
	{ "mode:\n", 1, 6, "'' is no value of 'mode'" },
	{ "mode: 2\n", 1, 7, "'2' is no value" },
	{ "jobs:\n  - state: changed\n", 2, 12, "'changed' is no value of 'state': approved, denied" },
	{ "jobs:\n  - state: denied\n    scheduler: none\n", 3, 16,
	  "'none' is no value of 'scheduler': cron, anacron, at, systemd,"
	  " systemd-user, run-parts, cronie, bcron, busybox" },
	{ "jobs:\n  - state: denied\n    provenance: dpkg\n", 3, 17,
	  "'dpkg' is no value of 'provenance': unknown, package, modified,"
	  " admin, job, generated" },
	{ "modules: {signed: maybe}\n", 1, 19, "'maybe' is no value of 'signed': true, false" },
	{ "writers:\n  - program: /x\n    lineage: yes\n", 3, 14, "'yes' is no value of 'lineage': true, false" },
	{ "writers:\n  - program: /x\n    stores: [cron, foo]\n", 3, 20,
	  "'foo' is no value of 'stores': cron, cron-user, run-parts,"
	  " anacron, at, systemd, systemd-user" },
	{ "writers:\n  - program: /x\n    stores: [jobward]\n", 3, 14, "'jobward' is no value" },
	/* types */
	{ "jobs: hello\n", 1, 7, "'jobs' must be a list" },
	{ "jobs: {a: b}\n", 1, 7, "'jobs' must be a list" },
	{ "jobs:\n  - hello\n", 2, 5, "an entry of 'jobs' must be a group of keys with values" },
	{ "mode: [audit]\n", 1, 7, "'mode' must be a word" },
	{ "gates: audit\n", 1, 8, "'gates' must be a group of keys with values" },
	{ "jobs:\n  - state: denied\n    owner: [a]\n", 3, 12, "'owner' must be a single value" },
	{ "[a, b]\n", 1, 1, "a policy is a group of keys with values" },
	{ "hello\n", 1, 1, "a policy is a group of keys with values" },
	{ "writers:\n  - program: /x\n    stores: []\n", 3, 13, "'stores' is empty" },
	/* numbers */
	{ "hold_ms: many\n", 1, 1, "'hold_ms' must be a whole number from 100 to 600000" },
	{ "hold_ms: -5\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: 200.5\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: 0200\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: 0x200\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: 200 ms\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms:\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: 4294967496\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: 18446744073709551816\n", 1, 1, "'hold_ms' must be a whole number" },
	{ "hold_ms: [1]\n", 1, 10, "'hold_ms' must be a single value" },
	{ "hold_ms: 99\n", 1, 1, "'hold_ms' must be a whole number from 100 to 600000" },
	{ "hold_ms: 0\n", 1, 1, "'hold_ms' must be a whole number from 100 to 600000" },
	{ "hold_ms: 600001\n", 1, 1, "'hold_ms' must be a whole number from 100 to 600000" },
	{ "retention: {days: 36501}\n", 1, 13, "'days' must be a whole number from 0 to 36500" },
	{ "retention: {size_mib: 15}\n", 1, 13, "'size_mib' must be 0 (no limit) or at least 16" },
	{ "version: 0\n", 1, 1, "'version' must be a whole number from 1" },
	{ "version: 2\n", 1, 1, "this is version 2 of the policy's language, this program knows 1" },
	/* rules */
	{ "jobs:\n  - state: approved\n", 2, 5, "this rule approves every job" },
	{ "jobs:\n  - state: approved\n    reason: because\n", 2, 5, "this rule approves every job" },
	{ "jobs:\n  - state: approved\n    command: \"**\"\n    owner: '*'\n", 2, 5, "this rule approves every job" },
	{ "jobs:\n  - state: denied\n    owner: ''\n", 3, 5, "'owner' is empty" },
	{ "jobs:\n  - state: denied\n    source: etc/cron.d/x\n", 3, 5, "'source' must be a whole path" },
	{ "planters:\n  - reason: because\n", 2, 5, "this lets every job plant jobs" },
	{ "planters:\n  - state: approved\n    owner: root\n", 2, 5, "unknown key 'state'; known here: provenance, " },
	{ "planters:\n  - source: x\n", 2, 5, "'source' must be a whole path" },
	{ "writers:\n  - program: bin/x\n", 2, 5, "'program' must be a whole path" },
	{ "writers:\n  - program: /usr/../x\n", 2, 5, "without '..'" },
	{ "writers:\n  - program: /usr/bin/\n", 2, 5, "path of one file" },
	{ "writers:\n  - program: /usr/bin/*\n", 2, 5, "patterns are not possible" },
	{ "modules:\n  allow:\n    - sha256: 0011\n", 3, 7, "'sha256' must be 64 hexadecimal digits" },
	{ "modules:\n  allow:\n    - sha256: zz112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\n", 3, 7,
	  "64 hexadecimal digits" },
	{ "modules:\n  allow:\n    - name: x.ko\n", 3, 7, "'x.ko' is no name of a module" },
	{ "modules:\n  allow:\n    - name: ''\n", 3, 7, "is no name of a module" },
	{ "modules:\n  allow:\n    - reason: x\n", 3, 7, "named by either 'name' or 'sha256'" },
	{ "modules:\n  allow:\n    - {name: x, sha256: y}\n", 3, 7, "named by either 'name' or 'sha256'" },
	/* YAML */
	{ "jobs:\n\t- state: denied\n", 2, 1, "a tab indents this line; YAML takes blanks only" },
	{ "jobs:\n  - state: denied\n \towner: x\n", 3, 2, "a tab indents this line" },
	{ "mode: \"audit\n", 2, 1, "found unexpected end of stream" },
	{ "mode: audit\n  hold_ms: 5\n", 2, 10, "mapping values are not allowed" },
	{ "mode: audit\n---\nmode: enforce\n", 2, 1, "a second document begins here" },
	{ "jobs: &all\n  - state: denied\n", 1, 7, "an anchor is not allowed here" },
	{ "mode: *m\n", 1, 7, "an alias is not allowed here" },
	{ "mode: !!str audit\n", 1, 7, "a type tag is not allowed here" },
	{ "mode: \xff\n", 1, 7, "this is not UTF-8 text" },
	{ "mode: audit\nhold_ms: \xc3\n", 2, 11, "this is not UTF-8 text" },
	{ "jobs: [[[[[[[[[[[[", 1, 12, "nested too deeply" },
	{ "mode: \"au\\0dit\"\n", 1, 7, "a value has a NUL byte in it" },
};

static void test_mistakes(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct jw_diags diags = { 0 };
		struct jw_policy *policy;
		int r;

		scratch_write("p.yaml", mistakes[i].text);
		r = jw_policy_load(&policy, scratch_path("p.yaml"), NULL, &diags);
		if (r != -EINVAL || policy)
			fail_msg("'%s' was taken: %d", mistakes[i].text, r);
		if (diags.n != 1 || diags.v[0].line != mistakes[i].line || diags.v[0].column != mistakes[i].column ||
		    diags.v[0].severity != JW_DIAG_ERROR || strcmp(diags.v[0].file, scratch_path("p.yaml")) ||
		    !strstr(diags.v[0].cause, mistakes[i].cause))
			fail_msg("'%s': %zu, first %u:%u: %s", mistakes[i].text, diags.n, diags.v[0].line,
				 diags.v[0].column, diags.v[0].cause);
		jw_diags_done(&diags);
	}
}

/* All that is wrong with values is told at once, in all files. */
static void test_several_mistakes(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_policy *policy;

	scratch_write("p.yaml", "hold_ms: 5\njobs:\n  - state: approved\nwriters:\n  - program: x\n");
	scratch_write("d/a.yaml", "mode: nothing\n");
	scratch_write("d/b.yaml", "mode: audit\n");
	assert_int_equal(jw_policy_load(&policy, scratch_path("p.yaml"), scratch_path("d"), &diags), -EINVAL);
	assert_int_equal(diags.n, 4);
	assert_int_equal(diags.v[2].line, 5);
	assert_string_equal(diags.v[3].file, scratch_path("d/a.yaml"));
	jw_diags_done(&diags);
}

static void test_files_in_order(void **state)
{
	static const char *const files[] = { "00-first.yaml", "10.yaml", "20-b.yaml", "policy.yaml" };
	static const unsigned int lines[] = { 2, 1, 3, 4 };
	struct jw_policy *policy;
	size_t i;

	scratch_write("policy.yaml", "mode: enforce\nhold_ms: 200\njobs:\n  - state: denied\nretention: {days: 1}\n"
		      "writers: [{program: /a}]\nplanters: [{owner: a}]\n");
	scratch_write("policy.d/20-b.yaml", "mode: audit\njobs:\n  - state: denied\n");
	scratch_write("policy.d/10.yaml", "jobs: [{state: denied}]\nhold_ms: 300\nretention: {size_mib: 99}\n"
		      "modules: {signed: false}\n");
	scratch_write("policy.d/00-first.yaml", "jobs:\n  - state: denied\nhold_ms: 500\ngates: {run: hold}\n"
		      "writers: [{program: /b}]\nplanters: [{owner: b}]\n");
	/* None of these is a file of the policy. */
	scratch_write("policy.d/README", "mode: bad\n");
	scratch_write("policy.d/.hidden.yaml", "mode: bad\n");
	scratch_write("policy.d/x.yaml~", "mode: bad\n");
	scratch_write("policy.d/x.yaml.dpkg-dist", "mode: bad\n");
	scratch_write("policy.d/.yaml", "mode: bad\n");
	policy = load("policy.yaml", "policy.d");
	assert_int_equal(policy->mode[JOBWARD_GATE_RUN], JOBWARD_MODE_AUDIT);
	assert_int_equal(policy->mode[JOBWARD_GATE_MODULE], JOBWARD_MODE_AUDIT);
	assert_int_equal(policy->hold_ms, 300);
	assert_int_equal(policy->retention_days, 1);
	assert_int_equal(policy->retention_size_mib, 99);
	assert_false(policy->modules_signed);
	assert_true(policy->modules_package);
	assert_int_equal(policy->n_jobs, 4);
	for (i = 0; i < 4; i++) {
		assert_string_equal(policy->jobs[i].file, files[i]);
		assert_int_equal(policy->jobs[i].line, lines[i]);
	}
	assert_int_equal(policy->n_writers, 2);
	assert_string_equal(policy->writers[0].program, "/a");
	assert_int_equal(policy->n_planters, 2);
	assert_string_equal(policy->planters[1].file, "00-first.yaml");
	jw_policy_free(policy);
}

static void expect_file_error(const char *name, int err, const char *cause)
{
	struct jw_diags diags = { 0 };
	struct jw_policy *policy;

	assert_int_equal(jw_policy_load(&policy, scratch_path(name), NULL, &diags), err);
	assert_null(policy);
	assert_int_equal(diags.n, 1);
	if (!strstr(diags.v[0].cause, cause))
		fail_msg("%s", diags.v[0].cause);
	jw_diags_done(&diags);
}

static void test_files_that_are_none(void **state)
{
	char *big = malloc((1 << 20) + 2);

	expect_file_error("none.yaml", -ENOENT, "No such file");
	assert_int_equal(mkdir(scratch_path("folder"), 0755), 0);
	expect_file_error("folder", -EINVAL, "not a regular file");
	/* Nobody writes into it: reading must not wait. */
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	expect_file_error("fifo", -EINVAL, "not a regular file");
	memset(big, '#', (1 << 20) + 1);
	scratch_write_bytes("big.yaml", big, (1 << 20) + 1);
	expect_file_error("big.yaml", -EINVAL, "bigger than 1048576 bytes");
	scratch_write_bytes("fits.yaml", big, 1 << 20);
	jw_policy_free(load("fits.yaml", NULL));
	free(big);
}

static void test_open_file_is_told(void **state)
{
	struct jw_diags diags = { 0 };
	struct jw_policy *policy;

	scratch_write("p.yaml", "mode: audit\n");
	assert_int_equal(chmod(scratch_path("p.yaml"), 0666), 0);
	assert_int_equal(jw_policy_load(&policy, scratch_path("p.yaml"), NULL, &diags), 0);
	assert_int_equal(diags.n, 1);
	assert_int_equal(diags.v[0].severity, JW_DIAG_WARNING);
	jw_diags_done(&diags);
	jw_policy_free(policy);
}

/* Thousands of rules, within the size of a file: read in a moment, each with its line. */
static void test_many_rules(void **state)
{
	const size_t n = 5000;
	char *text = malloc(n * 64), *p = text;
	struct jw_policy *policy;
	size_t i;

	p += sprintf(p, "jobs:\n");
	for (i = 0; i < n; i++)
		p += sprintf(p, "- state: approved\n  owner: user%zu\n", i);
	scratch_write("p.yaml", text);
	free(text);
	policy = load("p.yaml", NULL);
	assert_int_equal(policy->n_jobs, n);
	assert_int_equal(policy->jobs[n - 1].line, 2 * n);
	jw_policy_free(policy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_of_it),
		TEST(test_shipped_policy),
		TEST(test_defaults),
		TEST(test_mistakes),
		TEST(test_several_mistakes),
		TEST(test_files_in_order),
		TEST(test_files_that_are_none),
		TEST(test_open_file_is_told),
		TEST(test_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
