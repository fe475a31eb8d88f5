// SPDX-License-Identifier: GPL-2.0
/* Replay: who decided then, and what another policy would have said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "replay.h"

enum rule { NONE, APPROVES, DENIES };

static const struct {
	const char *rule;			/* of the event */
	enum jobward_verdict was;
	enum rule policy;
	int mode;				/* -1: the policy says nothing of it */
	enum jobward_verdict would_be;
} cases[] = {
	{ "policy.yaml:9", JOBWARD_VERDICT_ALLOW, APPROVES, -1, JOBWARD_VERDICT_ALLOW },
	{ "policy.yaml:9", JOBWARD_VERDICT_ALLOW, NONE, -1, JOBWARD_VERDICT_DENY },
	{ "policy.yaml:9", JOBWARD_VERDICT_ALLOW, NONE, JOBWARD_MODE_AUDIT, JOBWARD_VERDICT_AUDIT },
	{ NULL, JOBWARD_VERDICT_AUDIT, NONE, -1, JOBWARD_VERDICT_AUDIT },
	{ NULL, JOBWARD_VERDICT_AUDIT, NONE, JOBWARD_MODE_ENFORCE, JOBWARD_VERDICT_DENY },
	{ NULL, JOBWARD_VERDICT_AUDIT, NONE, JOBWARD_MODE_HOLD, JOBWARD_VERDICT_DENY },
	{ NULL, JOBWARD_VERDICT_DENY, APPROVES, -1, JOBWARD_VERDICT_ALLOW },
	{ "approval of 2026-11-02 by root", JOBWARD_VERDICT_ALLOW, NONE, -1, JOBWARD_VERDICT_ALLOW },
	{ "approval of 2026-11-02 by root", JOBWARD_VERDICT_ALLOW, DENIES, -1, JOBWARD_VERDICT_DENY },
	/* it had changed since */
	{ "approval of 2026-11-02 by root", JOBWARD_VERDICT_DENY, NONE, -1, JOBWARD_VERDICT_DENY },
	{ "denial of 2026-11-02 by root", JOBWARD_VERDICT_DENY, APPROVES, -1, JOBWARD_VERDICT_DENY },
};

static void test_runs(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_policy_job_rule rule = {
			.file = (char *)"new.yaml", .line = 3, .provenance = -1, .scheduler = -1,
			.state = cases[i].policy == DENIES ? JOBWARD_STATE_DENIED : JOBWARD_STATE_APPROVED,
		};
		struct jw_policy policy = { .jobs = &rule, .n_jobs = cases[i].policy != NONE };
		struct jw_job job = { .id = 1, .path = (char *)"/etc/cron.d/x", .command = (char *)"x" };
		struct jw_judgement judgement;
		enum jobward_verdict verdict = JOBWARD_VERDICT_MAX;

		policy.has_mode[JOBWARD_GATE_RUN] = cases[i].mode >= 0;
		policy.mode[JOBWARD_GATE_RUN] = cases[i].mode >= 0 ? (enum jobward_mode)cases[i].mode : JOBWARD_MODE_AUDIT;
		assert_int_equal(jw_replay_run(&job, &policy, jw_replay_decided_by(cases[i].rule), cases[i].was, 1000, &verdict,
					       &judgement), 0);
		if (verdict != cases[i].would_be)
			fail_msg("case %zu: %d, not %d: %s", i, verdict, cases[i].would_be, judgement.reason);
		jw_judgement_done(&judgement);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_runs) };

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
