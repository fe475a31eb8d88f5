// SPDX-License-Identifier: GPL-2.0
/* The judge: the order of what decides, and the words about what changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "judge.h"

#define DAY INT64_C(86400000000000)
#define NOW INT64_C(1795508693000000000)	/* 2026-11-24 */

/* Which case it is, for the messages. */
static const char *about = "";
static struct jw_pin pins[3];
static struct jw_exec execs[2];

/* A cron job of root with one exec and two pins: sh of a package, x.sh of nobody's. */
static struct jw_job make_job(void)
{
	memset(pins, 0, sizeof(pins));
	memset(execs, 0, sizeof(execs));
	memset(execs[0].key, 1, JW_DIGEST_SIZE);
	pins[0] = (struct jw_pin){ .path = "/usr/bin/dash", .present = true, .package = "dash", .unmodified = true };
	pins[1] = (struct jw_pin){ .path = "/opt/x.sh", .present = true };
	memset(pins[0].sha256, 2, JW_DIGEST_SIZE);
	memset(pins[1].sha256, 3, JW_DIGEST_SIZE);
	return (struct jw_job){ .id = 7, .scheduler = JOBWARD_SCHEDULER_CRON, .owner = "root", .path = "/etc/cron.d/x",
				.command = "/opt/x.sh --all", .execs = execs, .n_execs = 1, .pins = pins, .n_pins = 2 };
}

static struct jw_decision decide(const struct jw_job *job, enum jobward_state what, int64_t until_ns)
{
	struct jw_decision decision = { .state = what, .time_ns = NOW - DAY, .until_ns = until_ns };

	decision.by = strdup("root (uid 0, login alice, pts/0)");
	assert_int_equal(jw_decision_set_job(&decision, job), 0);
	return decision;
}

static void expect(const struct jw_job *job, const struct jw_policy *policy, const struct jw_decision *decision,
		   enum jobward_state expected, const char *rule, const char *words)
{
	struct jw_judgement judgement;

	assert_int_equal(jw_judge(job, policy, decision, NOW, &judgement), 0);
	if (judgement.state != expected || !judgement.reason || !strstr(judgement.reason, words) ||
	    !rule != !judgement.rule || (rule && strcmp(rule, judgement.rule)))
		fail_msg("%s: state %d, rule '%s', reason '%s'; expected %d, '%s', '%s'", about, judgement.state,
			 judgement.rule ? judgement.rule : "none", judgement.reason, expected, rule ? rule : "none",
			 words);
	jw_judgement_done(&judgement);
}

#define ANY_RULE .file = "policy.yaml", .provenance = -1, .scheduler = -1
#define APPROVED JOBWARD_STATE_APPROVED
#define DENIED JOBWARD_STATE_DENIED
#define UNKNOWN JOBWARD_STATE_UNKNOWN
#define CHANGED JOBWARD_STATE_CHANGED
#define RULE_OF_PERSON "approval of 2026-11-23 by root"

static void test_rules(void **state)
{
	static const struct { const char *what; struct jw_policy_job_rule rule; bool matches;
	} cases[] = {
		{ "no condition", { ANY_RULE }, true },
		{ "scheduler", { .file = "policy.yaml", .provenance = -1, .scheduler = JOBWARD_SCHEDULER_CRON }, true },
		{ "other scheduler",
		  { .file = "policy.yaml", .provenance = -1, .scheduler = JOBWARD_SCHEDULER_AT },
		  false },
		{ "provenance", { .file = "policy.yaml", .provenance = JW_PROVENANCE_ADMIN, .scheduler = -1 }, true },
		{ "other provenance",
		  { .file = "policy.yaml", .provenance = JW_PROVENANCE_PACKAGE, .scheduler = -1 },
		  false },
		{ "owner", { ANY_RULE, .owner = "root" }, true },
		{ "owner, glob", { ANY_RULE, .owner = "ro?t" }, true },
		{ "other owner", { ANY_RULE, .owner = "roo" }, false },
		{ "source", { ANY_RULE, .source = "/etc/cron.d/*" }, true },
		{ "a star takes slashes", { ANY_RULE, .source = "/etc/*" }, true },
		{ "other source", { ANY_RULE, .source = "/etc/cron.d/y" }, false },
		{ "command", { ANY_RULE, .command = "/opt/x.sh *" }, true },
		{ "command, exact", { ANY_RULE, .command = "/opt/x.sh" }, false },
		{ "no package at all", { ANY_RULE, .package = "*" }, false },
		{ "all of them",
		  { .file = "policy.yaml",
		    .provenance = JW_PROVENANCE_ADMIN,
		    .scheduler = JOBWARD_SCHEDULER_CRON,
		    .owner = "root",
		    .source = "/etc/cron.d/x",
		    .command = "*--all" },
		  true },
		{ "all but one",
		  { .file = "policy.yaml",
		    .provenance = JW_PROVENANCE_ADMIN,
		    .scheduler = JOBWARD_SCHEDULER_CRON,
		    .owner = "root",
		    .source = "/etc/cron.d/x",
		    .command = "*--none" },
		  false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_policy_job_rule rule = cases[i].rule;
		struct jw_policy policy = { .jobs = &rule, .n_jobs = 1 };
		struct jw_job job = make_job();

		job.provenance.kind = JW_PROVENANCE_ADMIN;
		rule.state = APPROVED;
		rule.line = 14;
		about = cases[i].what;
		if (cases[i].matches)
			expect(&job, &policy, NULL, APPROVED, "policy.yaml:14", "approved by policy.yaml:14");
		else
			expect(&job, &policy, NULL, UNKNOWN, NULL, "nobody approved it");
	}
}

static void test_first_rule_decides(void **state)
{
	struct jw_policy_job_rule rules[] = {
		{ ANY_RULE, .line = 3, .state = APPROVED, .owner = "alice" },
		{ ANY_RULE, .line = 5, .state = DENIED, .reason = "not here" },
		{ ANY_RULE, .line = 9, .state = APPROVED },
	};
	struct jw_policy policy = { .jobs = rules, .n_jobs = 3 };
	struct jw_job job = make_job();

	rules[1].scheduler = JOBWARD_SCHEDULER_CRON;
	expect(&job, &policy, NULL, DENIED, "policy.yaml:5", "denied by policy.yaml:5: not here");
	job.owner = "alice";
	expect(&job, &policy, NULL, APPROVED, "policy.yaml:3", "approved");
	job.owner = NULL;
	job.scheduler = JOBWARD_SCHEDULER_AT;
	expect(&job, &policy, NULL, APPROVED, "policy.yaml:9", "approved");
	expect(&job, NULL, NULL, UNKNOWN, NULL, "nobody approved it");
}

static void test_package_is_named(void **state)
{
	struct jw_policy_job_rule rule = { ANY_RULE, .line = 2, .state = APPROVED };
	struct jw_policy policy = { .jobs = &rule, .n_jobs = 1 };
	struct jw_job job = make_job();

	rule.provenance = JW_PROVENANCE_PACKAGE;
	job.provenance = (struct jw_provenance){ JW_PROVENANCE_PACKAGE, "logrotate", "3.21" };
	expect(&job, &policy, NULL, APPROVED, "policy.yaml:2", "an unmodified part of package logrotate");
	job.provenance.kind = JW_PROVENANCE_MODIFIED;
	expect(&job, &policy, NULL, UNKNOWN, NULL, "nobody");
}

/* Who beats whom: each pair of what may stand against each other. */
static void test_order(void **state)
{
	struct jw_policy_job_rule deny = { ANY_RULE, .line = 1, .state = DENIED }, allow = { ANY_RULE, .line = 2,
					   .state = APPROVED };
	struct jw_policy denying = { .jobs = &deny, .n_jobs = 1 }, allowing = { .jobs = &allow, .n_jobs = 1 };
	struct jw_job job = make_job();
	struct jw_decision yes = decide(&job, APPROVED, 0), no = decide(&job, DENIED, 0);

	expect(&job, &allowing, &no, DENIED, "denial of 2026-11-23 by root",
	       "denied by root (uid 0, login alice, pts/0)");
	expect(&job, &denying, &yes, DENIED, "policy.yaml:1", "denied");
	expect(&job, &allowing, &yes, APPROVED, RULE_OF_PERSON, "approved by root");
	expect(&job, NULL, &yes, APPROVED, RULE_OF_PERSON, "approved by root");
	/* A denial holds whatever becomes of the job. */
	pins[1].sha256[0] ^= 1;
	expect(&job, &allowing, &no, DENIED, "denial of 2026-11-23 by root", "denied");
	/* A person's approval is about what was there; a wider rule does not make up for it. */
	expect(&job, &allowing, &yes, CHANGED, RULE_OF_PERSON, "/opt/x.sh");
	job.unreadable = "line 3 is too long";
	expect(&job, &allowing, &yes, UNKNOWN, NULL, "can't be read and so not be approved: line 3 is too long");
	expect(&job, &denying, NULL, DENIED, "policy.yaml:1", "denied");
	expect(&job, &allowing, &no, DENIED, "denial of 2026-11-23 by root", "denied");
	jw_decision_done(&yes);
	jw_decision_done(&no);
}

static void test_ends(void **state)
{
	struct jw_policy_job_rule allow = { ANY_RULE, .line = 2, .state = APPROVED };
	struct jw_policy allowing = { .jobs = &allow, .n_jobs = 1 };
	static const struct {
		enum jobward_state what;
		int64_t until_ns;
		enum jobward_state expected;
		const char *words;
	} cases[] = {
		{ APPROVED, NOW + 1, APPROVED, "until 2026-11-24" },
		{ APPROVED, NOW, UNKNOWN, "its approval ended on 2026-11-24 and no rule approves it" },
		{ APPROVED, NOW - DAY, UNKNOWN, "ended on 2026-11-23" },
		{ DENIED, NOW + DAY, DENIED, "denied" },
		{ DENIED, NOW - 1, UNKNOWN, "its denial ended" },
	};
	struct jw_job job = make_job();
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_decision decision = decide(&job, cases[i].what, cases[i].until_ns);

		expect(&job, NULL, &decision, cases[i].expected, cases[i].expected == UNKNOWN ? NULL :
		       cases[i].what == DENIED ? "denial of 2026-11-23 by root" : RULE_OF_PERSON, cases[i].words);
		if (cases[i].expected == UNKNOWN)
			expect(&job, &allowing, &decision, APPROVED, "policy.yaml:2", "approved");
		jw_decision_done(&decision);
	}
}

/* ---- what changed ---- */

enum change {
	CONTENT_OF_SCRIPT,
	CONTENT_OF_SHELL,
	SHELL_MODIFIED,
	BOTH,
	SCRIPT_GONE,
	SHELL_GONE,
	SCRIPT_THERE_NOW,
	NEW_PIN,
	NEW_PACKAGE_PIN,
	PIN_LESS,
	REPLACED_BY_PACKAGE,
	KEY,
	KEY_OF_PACKAGE,
	KEY_AND_SCRIPT_OF_PACKAGE,
	SECOND_EXEC,
	PIN_NOT_UNMODIFIED,
};

static void apply(struct jw_job *job, enum change change)
{
	switch (change) {
	case CONTENT_OF_SCRIPT:
		pins[1].sha256[0] ^= 1;
		break;
	case PIN_NOT_UNMODIFIED:
		pins[1].package = "x";
		pins[1].sha256[0] ^= 1;
		break;
	case BOTH:
		pins[1].sha256[0] ^= 1;
		pins[0].sha256[0] ^= 1;
		break;
	case SHELL_MODIFIED:
		pins[0].unmodified = false;
		pins[0].sha256[0] ^= 1;
		break;
	case CONTENT_OF_SHELL:
		pins[0].sha256[0] ^= 1;
		break;
	case SCRIPT_GONE:
		pins[1].present = false;
		break;
	case SHELL_GONE:
		pins[0].present = false;
		break;
	case SCRIPT_THERE_NOW:
		pins[1].present = true;
		break;
	case NEW_PIN:
		pins[2] = (struct jw_pin){ .path = "/opt/y.sh", .present = true };
		job->n_pins = 3;
		break;
	case NEW_PACKAGE_PIN:
		pins[2] = (struct jw_pin){
			.path = "/usr/bin/env", .present = true, .package = "coreutils", .unmodified = true
		};
		job->n_pins = 3;
		break;
	case PIN_LESS:
		job->n_pins = 1;
		break;
	case REPLACED_BY_PACKAGE:
		pins[0].path = "/usr/bin/dash2";
		break;
	case KEY:
		execs[0].key[0] ^= 1;
		break;
	case KEY_OF_PACKAGE:
	case KEY_AND_SCRIPT_OF_PACKAGE:
		execs[0].key[0] ^= 1;
		job->provenance = (struct jw_provenance){ JW_PROVENANCE_PACKAGE, "logrotate", "3.22" };
		pins[1].sha256[0] ^= change == KEY_AND_SCRIPT_OF_PACKAGE;
		break;
	case SECOND_EXEC:
		job->n_execs = 2;
		break;
	}
}

static void test_what_changed(void **state)
{
	static const struct { enum change change; enum jobward_state expected; const char *words;
	} cases[] = {
		{ CONTENT_OF_SCRIPT, CHANGED,
		  "'/opt/x.sh': content differs from what was there when it was approved on 2026-11-23" },
		{ CONTENT_OF_SHELL, APPROVED,
		  "since then package dash changed '/usr/bin/dash', which is as it delivered it" },
		{ SHELL_MODIFIED, CHANGED, "'/usr/bin/dash': content differs" },
		/* The one that no package explains is named. */
		{ BOTH, CHANGED, "'/opt/x.sh': content differs" },
		{ SCRIPT_GONE, CHANGED, "'/opt/x.sh': is gone, it was there when it was approved" },
		{ SHELL_GONE, CHANGED, "'/usr/bin/dash': is gone" },
		{ SCRIPT_THERE_NOW, CHANGED, "'/opt/x.sh': is there now, it was not when" },
		{ NEW_PIN, CHANGED, "'/opt/y.sh': runs too now" },
		{ NEW_PACKAGE_PIN, APPROVED, "package coreutils changed '/usr/bin/env'" },
		{ PIN_LESS, CHANGED, "'/opt/x.sh': is run no more" },
		{ REPLACED_BY_PACKAGE, APPROVED, "package dash changed '/usr/bin/dash2'" },
		{ KEY, CHANGED, "'/etc/cron.d/x': its command, account, environment or content differs" },
		{ KEY_OF_PACKAGE, APPROVED, "package logrotate changed '/etc/cron.d/x'" },
		{ KEY_AND_SCRIPT_OF_PACKAGE, CHANGED, "'/opt/x.sh': content differs" },
		{ SECOND_EXEC, CHANGED, "'/etc/cron.d/x': runs more or fewer commands" },
		{ PIN_NOT_UNMODIFIED, CHANGED, "'/opt/x.sh': content differs" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_job job = make_job();
		struct jw_decision decision;

		pins[1].present = cases[i].change != SCRIPT_THERE_NOW;
		decision = decide(&job, APPROVED, 0);
		about = cases[i].words;
		expect(&job, NULL, &decision, APPROVED, RULE_OF_PERSON, "approved by root");
		apply(&job, cases[i].change);
		expect(&job, NULL, &decision, cases[i].expected, RULE_OF_PERSON, cases[i].words);
		jw_decision_done(&decision);
	}
}

/* A decision of which only the fingerprint is known: it still decides, without naming what changed. */
static void test_fingerprint_alone(void **state)
{
	struct jw_job job = make_job();
	struct jw_decision decision = { .job = 7, .state = APPROVED, .time_ns = NOW - DAY };

	jw_job_fingerprint(&job, decision.fingerprint);
	expect(&job, NULL, &decision, APPROVED, "approval of 2026-11-23", "approved by a person");
	pins[0].sha256[0] ^= 1;
	expect(&job, NULL, &decision, CHANGED, "approval of 2026-11-23", "approved on 2026-11-23");
	/* Not even where all that the job is now is a package's: what it was then, nobody knows. */
	job.n_pins = 1;
	job.provenance = (struct jw_provenance){ JW_PROVENANCE_PACKAGE, "logrotate", "3.22" };
	expect(&job, NULL, &decision, CHANGED, "approval of 2026-11-23", "approved on 2026-11-23");
}

static void expect_planting(const struct jw_policy *policy, const struct jw_decision *decision, bool may, const char *words)
{
	struct jw_job job = make_job();
	struct jw_judgement judgement;

	assert_int_equal(jw_judge(&job, policy, decision, NOW, &judgement), 0);
	if (judgement.may_plant != may || !strstr(judgement.reason, words) || !may != !strstr(judgement.reason, "plant"))
		fail_msg("%s: may plant: %d, '%s'; expected %d, '%s'", about, judgement.may_plant, judgement.reason, may, words);
	jw_judgement_done(&judgement);
}

/* A planter gives no approval, and counts only with one. */
static void test_planters(void **state)
{
	struct jw_policy_job_rule planters[] = { { ANY_RULE, .line = 20, .owner = "alice" },
						 { ANY_RULE, .line = 21, .owner = "root", .command = "/opt/x.sh *" } };
	struct jw_policy_job_rule rule = { ANY_RULE, .line = 2, .state = APPROVED };
	struct jw_policy policy = { .jobs = &rule, .n_jobs = 1, .planters = planters, .n_planters = 2 };
	struct jw_job job = make_job();
	struct jw_decision yes = decide(&job, APPROVED, 0), no = decide(&job, DENIED, 0);

	expect_planting(&policy, NULL, true, "approved by policy.yaml:2; it may plant jobs by policy.yaml:21");
	policy.n_jobs = 0;
	expect_planting(&policy, NULL, false, "nobody approved it");
	expect_planting(&policy, &yes, true, "; it may plant jobs by policy.yaml:21");
	expect_planting(&policy, &no, false, "denied by root");
	expect_planting(NULL, &yes, false, "approved by root");
	policy.n_planters = 1;
	expect_planting(&policy, &yes, false, "approved by root");
	jw_decision_done(&yes);
	jw_decision_done(&no);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_first_rule_decides),
		cmocka_unit_test(test_package_is_named),
		cmocka_unit_test(test_planters),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_what_changed),
		cmocka_unit_test(test_fingerprint_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
