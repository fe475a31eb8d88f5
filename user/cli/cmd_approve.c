// SPDX-License-Identifier: GPL-2.0
/* jobward approve: jobs onto the allowlist. */
#include "cli.h"
#include "decide.h"
#include "render.h"
#include "when.h"

#define NOTED_MAX 5	/* notes for a handful of jobs help, for a hundred they hide */

static int add_until(struct jw_cli *cli, json_t *request)
{
	const char *until = jw_cli_option(cli, "until");
	int64_t now_ns = jw_when_now(), until_ns;

	if (!until)
		return JW_EXIT_YES;
	if (jw_when_parse(until, now_ns, true, &until_ns))
		return jw_cli_usage(cli, "'%s' is no time: give 30d, tomorrow or 2026-11-24 08:00", jw_show(until));
	if (until_ns <= now_ns)
		return jw_cli_usage(cli, "--until %s is in the past", jw_show(until));
	jw_json_set(request, "until", json_integer(until_ns));
	return JW_EXIT_YES;
}

static void note_uncovered(const struct jw_cli *cli, const struct jw_jobs *jobs)
{
	const struct jw_job *job;
	size_t i;

	for (i = 0; i < cli->n_words && cli->n_words <= NOTED_MAX; i++)
		if (jw_cli_matches(jobs, cli->words[i], &job) == 1)
			jw_decide_note_uncovered(job);
}

static int ask(struct jw_cli *cli, const struct jw_jobs *jobs, json_t *request)
{
	json_t *reply;
	int code = jw_cli_ask(cli, request, &reply);

	if (code)
		return code;
	jw_decide_print(cli, reply);
	jw_decide_warn_still(reply, "denied", "which rule that is: jobward why");
	if (!cli->json && !json_array_size(json_object_get(reply, "jobs")) && jw_cli_option(cli, "all"))
		jw_complain("no job waits for a decision");
	if (!cli->json)
		note_uncovered(cli, jobs);
	json_decref(reply);
	return JW_EXIT_YES;
}

int jw_cmd_approve(struct jw_cli *cli)
{
	bool all = jw_cli_option(cli, "all");
	struct jw_jobs jobs = {0};
	json_t *request;
	int code;

	if (all == (cli->n_words > 0))
		return jw_cli_usage(cli, all ? "give either jobs or --all, not both" :
					       "which jobs? Give their ids, or --all");
	request = jw_decide_request(cli, "approve");
	code = add_until(cli, request);
	if (!code && all)
		jw_json_set(request, "all", json_true());
	if (!code && !all)
		code = jw_decide_jobs(cli, false, &jobs);
	if (!code && !all)
		code = jw_decide_add_words(cli, &jobs, request);
	if (code)
		json_decref(request);
	else
		code = ask(cli, &jobs, request);
	jw_jobs_done(&jobs);
	return code;
}
