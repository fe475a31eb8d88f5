/* SPDX-License-Identifier: GPL-2.0 */
/* What approve, revoke, deny and learn have in common: jobs into a request, and what came of it onto the screen. */
#ifndef JOBWARD_CLI_DECIDE_H
#define JOBWARD_CLI_DECIDE_H

#include "cli.h"

/*
 * The jobs to decide about. When one of the command line's words is not among them, the daemon reads the stores
 * first: it may have been written a moment ago. Caller frees with jw_jobs_done(). Return: exit code.
 */
int jw_decide_jobs(struct jw_cli *cli, bool gone, struct jw_jobs *ret);
/* Adds "jobs" with whole ids for the words of the command line, each picked from @jobs. Return: exit code. */
int jw_decide_add_words(struct jw_cli *cli, const struct jw_jobs *jobs, json_t *request);
/* {"cmd": @cmd, "reason": …} */
json_t *jw_decide_request(const struct jw_cli *cli, const char *cmd);
/*
 * Has the daemon do @cmd to the jobs that the command line names, and shows what came of it. Caller owns *ret_reply on
 * success. Return: exit code.
 */
int jw_decide_named(struct jw_cli *cli, const char *cmd, bool gone, json_t **ret_reply);
/* One line for each job of the reply, or the reply as JSON. */
void jw_decide_print(const struct jw_cli *cli, const json_t *reply);
/* Says for which jobs of the reply the policy is stronger: their state is @state still. */
void jw_decide_warn_still(const json_t *reply, const char *state, const char *advice);
/* Notes about what an approval of this command cannot cover. Return: how many. */
size_t jw_decide_note_uncovered(const struct jw_job *job);

#endif
