// SPDX-License-Identifier: GPL-2.0
/* jobward deny: a job does not run, whatever the policy says. */
#include "cli.h"
#include "decide.h"

int jw_cmd_deny(struct jw_cli *cli)
{
	json_t *request, *reply;
	struct jw_jobs jobs = {0};
	int code = jw_decide_jobs(cli, false, &jobs);

	if (code)
		return code;
	request = jw_decide_request(cli, "deny");
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
	json_decref(reply);
	return JW_EXIT_YES;
}
