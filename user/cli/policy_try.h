/* SPDX-License-Identifier: GPL-2.0 */
/* A policy tried on what is on record: today's jobs, and the past. */
#ifndef JOBWARD_CLI_POLICY_TRY_H
#define JOBWARD_CLI_POLICY_TRY_H

#include "cli.h"
#include "lib/policy.h"

/* Prints what would be another verdict. Return: exit code; 1 when there is any. */
int jw_policy_diff(struct jw_cli *cli, const struct jw_policy *policy);
int jw_policy_replay(struct jw_cli *cli, const struct jw_policy *policy);

#endif
