// SPDX-License-Identifier: GPL-2.0
/* jobward reload: the policy is read again. One with an error is refused, and the old one stays in force. */
#include "cli.h"
#include "render.h"

int jw_cmd_reload(struct jw_cli *cli)
{
	json_t *request = jw_must(json_object()), *reply;
	int code;

	jw_json_set(request, "cmd", json_string("reload"));
	code = jw_cli_ask(cli, request, &reply);
	if (code == JW_EXIT_USAGE)
		jw_advise("the policy that was in force stays; jobward policy check says what is wrong");
	if (code)
		return code;
	if (cli->json)
		jw_json_print(json_incref(reply));
	json_decref(reply);
	return JW_EXIT_YES;
}
