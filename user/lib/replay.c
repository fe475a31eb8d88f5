// SPDX-License-Identifier: GPL-2.0
/* The judge, asked about the past: it is given a decision as it stood then, made from what the event says of it. */
#include <string.h>
#include "replay.h"

static bool begins(const char *s, const char *with)
{
	return s && !strncmp(s, with, strlen(with));
}

/* The words are judge.c's. */
enum jw_replay_by jw_replay_decided_by(const char *rule)
{
	return begins(rule, "approval of ") ? JW_REPLAY_APPROVAL : begins(rule, "denial of ") ? JW_REPLAY_DENIAL :
	       JW_REPLAY_POLICY;
}

/* An approval whose job had changed by then did not let it run, and would not have. */
static bool held(enum jw_replay_by by, enum jobward_verdict was)
{
	return by == JW_REPLAY_DENIAL || (by == JW_REPLAY_APPROVAL && was == JOBWARD_VERDICT_ALLOW);
}

static enum jobward_verdict verdict(const struct jw_policy *policy, enum jobward_state state, enum jobward_verdict was)
{
	if (state == JOBWARD_STATE_APPROVED)
		return JOBWARD_VERDICT_ALLOW;
	if (policy->has_mode[JOBWARD_GATE_RUN])
		return policy->mode[JOBWARD_GATE_RUN] == JOBWARD_MODE_AUDIT ? JOBWARD_VERDICT_AUDIT : JOBWARD_VERDICT_DENY;
	return was == JOBWARD_VERDICT_AUDIT ? JOBWARD_VERDICT_AUDIT : JOBWARD_VERDICT_DENY;
}

int jw_replay_run(const struct jw_job *job, const struct jw_policy *policy, enum jw_replay_by by, enum jobward_verdict was,
		  int64_t time_ns, enum jobward_verdict *ret_verdict, struct jw_judgement *ret)
{
	struct jw_decision decision = {
		.job = job->id,
		.state = by == JW_REPLAY_DENIAL ? JOBWARD_STATE_DENIED : JOBWARD_STATE_APPROVED,
		.time_ns = time_ns,
		.by = (char *)"a person",
	};
	int r;

	jw_job_fingerprint(job, decision.fingerprint);
	r = jw_judge(job, policy, held(by, was) ? &decision : NULL, time_ns, ret);
	if (!r)
		*ret_verdict = verdict(policy, ret->state, was);
	return r;
}
