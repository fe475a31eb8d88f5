// SPDX-License-Identifier: GPL-2.0
/* The store: jobs with their versions and runs, decisions, values, findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include "store_events.h"

/* ---- values and findings ---- */

static void test_values(void **state)
{
	struct jw_store *store = open_store();
	char *value;

	assert_int_equal(jw_store_get(store, "mode.run", &value), -ENOENT);
	assert_null(value);
	assert_int_equal(jw_store_set(store, "mode.run", "audit"), 0);
	assert_int_equal(jw_store_set(store, "mode.run", "enforce"), 0);
	assert_int_equal(jw_store_set(store, "empty", ""), 0);
	jw_store_close(store);
	store = open_store();
	assert_int_equal(jw_store_get(store, "mode.run", &value), 0);
	assert_string_equal(value, "enforce");
	free(value);
	assert_int_equal(jw_store_get(store, "empty", &value), 0);
	assert_string_equal(value, "");
	free(value);
	jw_store_close(store);
}

struct finding {
	char text[128];
	int64_t since_ns;
	size_t n;
};

static int take_finding(void *ctx, const char *name, const char *text, int64_t since_ns)
{
	struct finding *finding = ctx;

	snprintf(finding->text, sizeof(finding->text), "%s=%s", name, text);
	finding->since_ns = since_ns;
	finding->n++;
	return 0;
}

static void test_findings(void **state)
{
	struct jw_store *store = open_store();
	struct finding finding = { .n = 0 };

	assert_int_equal(jw_store_put_finding(store, "gap", "3 events", 100), 0);
	assert_int_equal(jw_store_put_finding(store, "gap", "5 events", 200), 0);
	assert_int_equal(jw_store_findings(store, take_finding, &finding), 0);
	assert_int_equal(finding.n, 1);
	assert_string_equal(finding.text, "gap=5 events");
	assert_int_equal(finding.since_ns, 100);
	assert_int_equal(jw_store_clear_finding(store, "gap"), 0);
	assert_int_equal(jw_store_clear_finding(store, "gap"), 0);
	finding.n = 0;
	assert_int_equal(jw_store_findings(store, take_finding, &finding), 0);
	assert_int_equal(finding.n, 0);
	/* It comes back as a new one, the old one stays on record. */
	assert_int_equal(jw_store_put_finding(store, "gap", "1 event", 300), 0);
	assert_int_equal(jw_store_findings(store, take_finding, &finding), 0);
	assert_int_equal(finding.since_ns, 300);
	expect_query("SELECT count(*) FROM findings", "2");
	expect_query("SELECT count(*) FROM findings WHERE cleared IS NULL", "1");
	jw_store_close(store);
}

/* ---- jobs ---- */

static char *dup_bytes(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

static void add_job(struct jw_jobs *jobs, uint64_t id, const char *source)
{
	struct jw_job *job = jw_jobs_add(jobs);
	struct jw_exec *exec = jw_job_add_exec(job);

	job->id = id;
	job->scheduler = JOBWARD_SCHEDULER_CRON;
	job->owner = strdup("root");
	job->uid = 0;
	job->path = strdup("/etc/cron.d/x");
	job->line = 3;
	job->schedule = strdup("17 * * * *");
	job->command = strdup("/opt/x.sh");
	job->source = strdup(source);
	job->source_len = strlen(source);
	job->state = JOBWARD_STATE_UNKNOWN;
	assert_int_equal(jw_exec_set_argv(exec, "/bin/sh", "-c", "/opt/x.sh", NULL), 0);
	memset(exec->key, 0x11, sizeof(exec->key));
	job->pins = calloc(1, sizeof(*job->pins));
	job->n_pins = 1;
	job->pins[0].path = strdup("/opt/x.sh");
	job->pins[0].present = true;
	memset(job->pins[0].sha256, 0x22, JW_DIGEST_SIZE);
}

static void put_jobs(struct jw_store *store, struct jw_jobs *jobs, int64_t now_ns)
{
	assert_int_equal(jw_store_put_jobs(store, jobs, now_ns), 0);
}

static size_t count_versions(struct jw_store *store, uint64_t id)
{
	struct jw_job_version *versions;
	size_t n;

	assert_int_equal(jw_store_get_versions(store, id, &versions, &n), 0);
	jw_job_versions_free(versions, n);
	return n;
}

static void test_jobs_round_trip(void **state)
{
	struct jw_store *store = open_store();
	struct jw_jobs jobs = { 0 }, back = { 0 };
	struct jw_job *job;
	struct jw_exec *exec;
	struct jw_pin *pin;

	add_job(&jobs, 0xfedcba9876543210, "17 * * * * root /opt/x.sh");
	job = &jobs.v[0];
	job->uid = (uid_t)-1;
	job->name = strdup("x.service");
	job->input = strdup("line\n");
	job->unreadable = strdup("why");
	free(job->source);
	job->source = dup_bytes("a\0b\xff", 4);
	job->source_len = 4;
	job->provenance = (struct jw_provenance){ JW_PROVENANCE_MODIFIED, strdup("pkg"), strdup("1.0-1") };
	job->state = JOBWARD_STATE_CHANGED;
	job->reason = strdup("because");
	job->next_run_ns = -1;
	exec = &job->execs[0];
	exec->program = strdup("/bin/dash");
	exec->env = calloc(3, sizeof(char *));
	exec->env[0] = strdup("A=1");
	exec->env[1] = strdup("B=");
	exec->content = dup_bytes("x\0y", 3);
	exec->content_len = 3;
	exec->has_content = true;
	exec->failed_ok = true;
	memset(exec->content_sha256, 0x33, JW_DIGEST_SIZE);
	pin = &job->pins[0];
	*pin = (struct jw_pin){ .path = pin->path, .present = false, .dev = 0xfd00, .ino = UINT64_MAX, .size = 5,
				.ctime_ns = 7, .package = strdup("pkg"), .unmodified = true };
	put_jobs(store, &jobs, 1000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 1);
	job = &back.v[0];
	assert_true(job->id == 0xfedcba9876543210);
	assert_int_equal(job->scheduler, JOBWARD_SCHEDULER_CRON);
	assert_int_equal(job->uid, (uid_t)-1);
	assert_string_equal(job->owner, "root");
	assert_string_equal(job->name, "x.service");
	assert_string_equal(job->path, "/etc/cron.d/x");
	assert_int_equal(job->line, 3);
	assert_string_equal(job->schedule, "17 * * * *");
	assert_string_equal(job->command, "/opt/x.sh");
	assert_string_equal(job->input, "line\n");
	assert_string_equal(job->unreadable, "why");
	assert_int_equal(job->source_len, 4);
	assert_memory_equal(job->source, "a\0b\xff", 4);
	assert_int_equal(job->provenance.kind, JW_PROVENANCE_MODIFIED);
	assert_string_equal(job->provenance.package, "pkg");
	assert_string_equal(job->provenance.version, "1.0-1");
	assert_int_equal(job->state, JOBWARD_STATE_CHANGED);
	assert_string_equal(job->reason, "because");
	assert_int_equal(job->next_run_ns, -1);
	assert_int_equal(job->first_seen_ns, 1000);
	assert_int_equal(job->n_execs, 1);
	exec = &job->execs[0];
	assert_int_equal(exec->argv_len, sizeof("/bin/sh\0-c\0/opt/x.sh"));
	assert_memory_equal(exec->argv, "/bin/sh\0-c\0/opt/x.sh", exec->argv_len);
	assert_string_equal(exec->program, "/bin/dash");
	assert_string_equal(exec->env[0], "A=1");
	assert_string_equal(exec->env[1], "B=");
	assert_null(exec->env[2]);
	assert_true(exec->has_content);
	assert_int_equal(exec->content_len, 3);
	assert_memory_equal(exec->content, "x\0y", 3);
	assert_int_equal(exec->content_sha256[0], 0x33);
	assert_true(exec->failed_ok);
	assert_int_equal(exec->key[31], 0x11);
	assert_int_equal(job->n_pins, 1);
	pin = &job->pins[0];
	assert_string_equal(pin->path, "/opt/x.sh");
	assert_false(pin->present);
	assert_int_equal(pin->dev, 0xfd00);
	assert_true(pin->ino == UINT64_MAX);
	assert_int_equal(pin->size, 5);
	assert_int_equal(pin->ctime_ns, 7);
	assert_string_equal(pin->package, "pkg");
	assert_true(pin->unmodified);
	jw_jobs_done(&jobs);
	jw_jobs_done(&back);
	jw_store_close(store);
}

static void test_job_versions(void **state)
{
	struct jw_store *store = open_store();
	struct jw_job_version *versions;
	struct jw_jobs jobs = { 0 };
	struct jw_job *job;
	size_t n;

	add_job(&jobs, 1, "one");
	job = &jobs.v[0];
	put_jobs(store, &jobs, 1000);
	assert_int_equal(job->first_seen_ns, 1000);
	assert_int_equal(job->changed_ns, 0);
	/* The same again, and what moves by itself: no version. */
	put_jobs(store, &jobs, 2000);
	job->line = 9;
	job->state = JOBWARD_STATE_APPROVED;
	job->next_run_ns = 12345;
	put_jobs(store, &jobs, 3000);
	assert_int_equal(count_versions(store, 1), 1);
	assert_int_equal(job->changed_ns, 0);
	expect_query("SELECT line || state || next_run_ns FROM job", "9approved12345");
	/* Each by itself. */
	job->next_run_ns = 23456;
	put_jobs(store, &jobs, 3100);
	expect_query("SELECT next_run_ns FROM job", "23456");
	job->state = JOBWARD_STATE_DENIED;
	put_jobs(store, &jobs, 3200);
	expect_query("SELECT state FROM job", "denied");
	job->line = 10;
	put_jobs(store, &jobs, 3300);
	expect_query("SELECT line FROM job", "10");
	job->reason = strdup("so");
	put_jobs(store, &jobs, 3400);
	expect_query("SELECT reason FROM job", "so");
	/* A time of a file alone: written, but no version. */
	job->pins[0].ctime_ns = 5;
	put_jobs(store, &jobs, 3500);
	assert_int_equal(count_versions(store, 1), 1);
	expect_query("SELECT ctime_ns FROM job_pin", "5");
	/* Text, pin, key: one each. */
	job->source[0] = 'O';
	put_jobs(store, &jobs, 4000);
	assert_int_equal(job->changed_ns, 4000);
	job->pins[0].sha256[0] ^= 1;
	put_jobs(store, &jobs, 5000);
	job->execs[0].key[0] ^= 1;
	put_jobs(store, &jobs, 6000);
	put_jobs(store, &jobs, 7000);
	assert_int_equal(job->first_seen_ns, 1000);
	assert_int_equal(job->changed_ns, 6000);
	assert_int_equal(jw_store_get_versions(store, 1, &versions, &n), 0);
	assert_int_equal(n, 4);
	assert_memory_equal(versions[0].source, "one", 3);
	assert_memory_equal(versions[1].source, "One", 3);
	assert_int_equal(versions[3].time_ns, 6000);
	assert_string_equal(versions[3].command, "/opt/x.sh");
	assert_memory_not_equal(versions[2].fingerprint, versions[3].fingerprint, JW_DIGEST_SIZE);
	jw_job_versions_free(versions, n);
	jw_jobs_done(&jobs);
	jw_store_close(store);
}

static void test_jobs_gone(void **state)
{
	struct jw_store *store = open_store();
	struct jw_jobs both = { 0 }, one = { 0 }, none = { 0 }, back = { 0 };

	add_job(&both, 1, "one");
	add_job(&both, 2, "two");
	add_job(&one, 2, "two");
	put_jobs(store, &both, 1000);
	put_jobs(store, &one, 2000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 1);
	assert_int_equal(back.v[0].id, 2);
	jw_jobs_done(&back);
	assert_int_equal(jw_store_get_jobs(store, true, &back), 0);
	assert_int_equal(back.n, 2);
	jw_jobs_done(&back);
	put_jobs(store, &none, 3000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 0);
	/* Since when it is gone stays as it was. */
	expect_query("SELECT gone_ns FROM job WHERE id = 1", "2000");
	/* Back again: the same job with its history. */
	put_jobs(store, &both, 4000);
	assert_int_equal(both.v[0].first_seen_ns, 1000);
	assert_int_equal(jw_store_get_jobs(store, false, &back), 0);
	assert_int_equal(back.n, 2);
	assert_int_equal(count_versions(store, 1), 1);
	jw_jobs_done(&back);
	jw_jobs_done(&both);
	jw_jobs_done(&one);
	jw_store_close(store);
}

static void test_runs(void **state)
{
	struct jw_store *store = open_store();
	struct jw_jobs jobs = { 0 };

	add_job(&jobs, 1, "one");
	put_jobs(store, &jobs, 1000);
	assert_int_equal(jw_store_put_run(store, 1, 5000, 7), 0);
	assert_int_equal(jw_store_put_run(store, 1, 5000, 7), 0);
	assert_int_equal(jw_store_put_run(store, 1, 4000, 6), 0);
	assert_int_equal(jw_store_put_run(store, 42, 4000, 8), 0);
	put_jobs(store, &jobs, 6000);
	assert_int_equal(jobs.v[0].runs, 2);
	assert_int_equal(jobs.v[0].last_run_ns, 5000);
	expect_query("SELECT count(*) FROM runs WHERE job_number = 1", "2");
	jw_jobs_done(&jobs);
	jw_store_close(store);
}

/* ---- decisions ---- */

static int drop(struct jw_store *store, uint64_t job)
{
	size_t missing;

	return jw_store_drop_decisions(store, &job, 1, &(struct jw_decision_end){ 9, "root", "wrong" }, &missing);
}

static void test_decisions(void **state)
{
	struct jw_store *store = open_store();
	struct jw_decision *v;
	size_t n;

	decide(store, 1, JOBWARD_STATE_APPROVED, 1);
	decide(store, 2, JOBWARD_STATE_APPROVED, 2);
	decide(store, 1, JOBWARD_STATE_DENIED, 3);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].job, 2);
	assert_int_equal(v[1].job, 1);
	assert_int_equal(v[1].state, JOBWARD_STATE_DENIED);
	assert_int_equal(v[1].fingerprint[5], 3);
	assert_string_equal(v[1].by, "root (uid 0)");
	assert_null(v[1].reason);
	jw_decisions_free(v, n);
	/* Taking it back does not bring the older approval back. */
	assert_int_equal(drop(store, 1), 0);
	assert_int_equal(drop(store, 1), -ENOENT);
	assert_int_equal(drop(store, 99), -ENOENT);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	assert_int_equal(n, 1);
	jw_decisions_free(v, n);
	expect_query("SELECT count(*) FROM decisions", "3");
	expect_query("SELECT count(*) FROM decisions WHERE in_force", "1");
	expect_query("SELECT taken_back_reason FROM decisions WHERE job_number = 1", "wrong");
	decide(store, 1, JOBWARD_STATE_APPROVED, 10);
	assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
	assert_int_equal(n, 2);
	jw_decisions_free(v, n);
	jw_store_close(store);
}

static void test_decisions_all_or_none(void **state)
{
	struct jw_decision_end end = { .time_ns = 9, .by = "root" };
	struct jw_decision two[] = { { .job = 3, .state = JOBWARD_STATE_DENIED, .by = (char *)"root" }, { .job = 4 } };
	const uint64_t jobs[] = { 1, 5, 2 };
	struct jw_store *store = open_store();
	size_t missing = 0;

	decide(store, 1, JOBWARD_STATE_APPROVED, 1);
	decide(store, 2, JOBWARD_STATE_APPROVED, 2);
	assert_int_equal(jw_store_drop_decisions(store, jobs, 3, &end, &missing), -ENOENT);
	assert_int_equal(missing, 1);
	expect_query("SELECT count(*) FROM decisions WHERE in_force", "2");
	assert_int_equal(jw_store_put_decisions(store, two, 2), -EINVAL);
	expect_query("SELECT count(*) FROM decisions", "2");
	decide(store, 5, JOBWARD_STATE_DENIED, 5);
	assert_int_equal(jw_store_drop_decisions(store, jobs, 3, &end, &missing), 0);
	expect_query("SELECT count(*) FROM decisions WHERE in_force", "0");
	jw_store_close(store);
}

static void test_decision_keeps_what_it_is_about(void **state)
{
	struct jw_store *store = open_store();
	struct jw_decision decision = { .state = JOBWARD_STATE_APPROVED, .time_ns = 5, .until_ns = 77 }, *v;
	struct jw_jobs jobs = { 0 };
	size_t n;
	int i;

	add_job(&jobs, 8, "eight");
	put_jobs(store, &jobs, 1000);
	assert_int_equal(jw_decision_set_job(&decision, &jobs.v[0]), 0);
	assert_int_equal(jw_store_put_decision(store, &decision), 0);
	/* Second time round by a caller that knows the fingerprint alone. */
	for (i = 0; i < 2; i++) {
		assert_int_equal(jw_store_get_decisions(store, &v, &n), 0);
		assert_int_equal(n, 1);
		assert_int_equal(v[0].job, 8);
		assert_int_equal(v[0].until_ns, i ? 0 : 77);
		assert_int_equal(v[0].n_keys, 1);
		assert_int_equal(v[0].keys[0][0], 0x11);
		assert_int_equal(v[0].n_pins, 1);
		assert_string_equal(v[0].pins[0].path, "/opt/x.sh");
		assert_true(v[0].pins[0].present);
		assert_int_equal(v[0].pins[0].sha256[3], 0x22);
		jw_decisions_free(v, n);
		jw_decision_done(&decision);
		decision.job = 8;
		decision.state = JOBWARD_STATE_APPROVED;
		jw_job_fingerprint(&jobs.v[0], decision.fingerprint);
		assert_int_equal(jw_store_put_decision(store, &decision), 0);
	}
	decision.state = JOBWARD_STATE_UNKNOWN;
	assert_int_equal(jw_store_put_decision(store, &decision), -EINVAL);
	jw_decision_done(&decision);
	jw_jobs_done(&jobs);
	jw_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_findings),
		TEST(test_jobs_round_trip),
		TEST(test_job_versions),
		TEST(test_jobs_gone),
		TEST(test_runs),
		TEST(test_decisions),
		TEST(test_decisions_all_or_none),
		TEST(test_decision_keeps_what_it_is_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
