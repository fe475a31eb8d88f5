/* SPDX-License-Identifier: GPL-2.0 */
/* What another policy would have said of what is on record. Pure. */
#ifndef JOBWARD_REPLAY_H
#define JOBWARD_REPLAY_H

#include "judge.h"

/* Who decided then, as the rule of an event names it. */
enum jw_replay_by { JW_REPLAY_POLICY, JW_REPLAY_APPROVAL, JW_REPLAY_DENIAL };

enum jw_replay_by jw_replay_decided_by(const char *rule);
/*
 * An exec of @job that had the verdict @was, judged again. What a person decided stands, with the judge's order: a rule
 * that denies is stronger than an approval. Where the policy says nothing of the run gate's mode, it stays as it was.
 * Return: 0 with *ret_verdict and *ret (caller ends it with jw_judgement_done()), or -ENOMEM.
 */
int jw_replay_run(const struct jw_job *job, const struct jw_policy *policy, enum jw_replay_by by, enum jobward_verdict was,
		  int64_t time_ns, enum jobward_verdict *ret_verdict, struct jw_judgement *ret);

#endif
