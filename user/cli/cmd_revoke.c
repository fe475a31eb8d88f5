// SPDX-License-Identifier: GPL-2.0
/* jobward revoke: a decision is taken back. */
#include "cli.h"
#include "decide.h"

int jw_cmd_revoke(struct jw_cli *cli)
{
	json_t *reply = NULL;
	/* What is gone from the stores may still have an approval. */
	int code = jw_decide_named(cli, "revoke", true, &reply);

	if (code)
		return code;
	/* Somebody who revokes mostly wants the job to stop. */
	jw_decide_warn_still(reply, "approved", "to stop it: jobward deny");
	json_decref(reply);
	return JW_EXIT_YES;
}
