// SPDX-License-Identifier: GPL-2.0
/* jobward revoke: a decision is taken back. */
#include <string.h>
#include "cli.h"
#include "decide.h"
#include "render.h"

/* Somebody who revokes wants the job to stop; when a rule approves it too, it does not. */
static void warn_still_approved(const json_t *reply)
{
	const json_t *jobs = json_object_get(reply, "jobs"), *job;
	size_t i;

	json_array_foreach(jobs, i, job) {
		const char *state = json_string_value(json_object_get(job, "state"));
		const char *id = json_string_value(json_object_get(job, "id"));

		if (!state || strcmp(state, "approved"))
			continue;
		jw_complain("the policy still approves job %.8s", jw_show(id));
		jw_advise("to stop it: jobward deny %.8s", jw_show(id));
	}
}

int jw_cmd_revoke(struct jw_cli *cli)
{
	json_t *request, *reply;
	struct jw_jobs jobs = {0};
	/* What is gone from the stores may still have an approval. */
	int code = jw_cli_jobs(cli, true, &jobs);

	if (code)
		return code;
	request = jw_decide_request(cli, "revoke");
	code = jw_decide_add_words(cli, &jobs, request);
	jw_jobs_done(&jobs);
	if (code) {
		json_decref(request);
		return code;
	}
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	jw_decide_print(cli, reply);
	warn_still_approved(reply);
	json_decref(reply);
	return JW_EXIT_YES;
}
