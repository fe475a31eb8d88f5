// SPDX-License-Identifier: GPL-2.0
/* jobward sync: stores read again, events on record. */
#include "cli.h"
#include "render.h"

int jw_cmd_sync(struct jw_cli *cli)
{
	json_t *request = jw_must(json_object()), *reply;
	int code;

	jw_json_set(request, "cmd", json_string("sync"));
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	if (cli->json)
		jw_json_print(json_incref(reply));
	json_decref(reply);
	return JW_EXIT_YES;
}
