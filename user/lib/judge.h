/* SPDX-License-Identifier: GPL-2.0 */
/* (job, policy, decision on record) → state, reason, rule. Pure. */
#ifndef JOBWARD_JUDGE_H
#define JOBWARD_JUDGE_H

#include "job.h"
#include "policy.h"

struct jw_decision_pin {
	char *path;
	uint8_t sha256[JW_DIGEST_SIZE];
	bool present;
};

/* A person's decision about a job, as the store keeps it. */
struct jw_decision {
	uint64_t job;
	enum jobward_state state;		/* approved or denied */
	uint8_t fingerprint[JW_DIGEST_SIZE];	/* of the job when it was decided */
	int64_t time_ns, until_ns;		/* until 0: no end */
	char *by;				/* "root (uid 0, login alice, pts/0)" */
	char *reason;				/* may be NULL */
	/* What the fingerprint was made of, to say later what changed; may be empty. Filled by
	 * jw_decision_set_job(). */
	uint8_t (*keys)[JW_DIGEST_SIZE];
	size_t n_keys;
	struct jw_decision_pin *pins;
	size_t n_pins;
};

/* Copies id, fingerprint, keys and pins of the job into the decision (zeroed or filled before). Return: 0 or
 * -ENOMEM. */
int jw_decision_set_job(struct jw_decision *decision, const struct jw_job *job);
void jw_decision_done(struct jw_decision *decision);

struct jw_judgement {
	enum jobward_state state;
	bool may_plant;		/* jobs: approved, and a planter of the policy */
	char *rule;		/* "policy.yaml:14", "approval of 2026-11-24 by root"; NULL: none matched */
	char *reason;		/* one sentence for people: what decided, and what changed where it did */
};

/*
 * Order: a person's denial; a denying rule (the first rule that matches); unreadable jobs are unknown; a person's
 * approval that has not ended (fingerprint differs: changed, unless every difference is in what an unmodified package
 * delivered); an approving rule; else unknown. A planter of the policy decides nothing about the state.
 * @decision: newest one about this job, NULL for none. Return: 0 or -ENOMEM.
 */
int jw_judge(const struct jw_job *job, const struct jw_policy *policy, const struct jw_decision *decision,
	     int64_t now_ns, struct jw_judgement *ret);
void jw_judgement_done(struct jw_judgement *judgement);

#endif
