// SPDX-License-Identifier: GPL-2.0
/* jobward deny: a job does not run, whatever the policy says. */
#include "cli.h"
#include "decide.h"

int jw_cmd_deny(struct jw_cli *cli)
{
	json_t *reply = NULL;
	int code = jw_decide_named(cli, "deny", false, &reply);

	json_decref(reply);
	return code;
}
