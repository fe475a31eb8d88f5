// SPDX-License-Identifier: GPL-2.0
/* jobward revoke: a decision is taken back. */
#include "cli.h"
#include "decide.h"

int jw_cmd_revoke(struct jw_cli *cli)
{
	json_t *request, *reply;
	struct jw_jobs jobs = {0};
	/* What is gone from the stores may still have an approval. */
	int code = jw_decide_jobs(cli, true, &jobs);

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
	/* Somebody who revokes mostly wants the job to stop. */
	jw_decide_warn_still(reply, "approved", "to stop it: jobward deny");
	json_decref(reply);
	return JW_EXIT_YES;
}
