// SPDX-License-Identifier: GPL-2.0
/* jobward lock: no unload and no weakening until the next boot. */
#include "cli.h"
#include "render.h"

int jw_cmd_lock(struct jw_cli *cli)
{
	json_t *request = jw_must(json_object()), *reply;
	int code;

	jw_json_set(request, "cmd", json_string("lock"));
	if (jw_cli_option(cli, "no-kexec"))
		jw_json_set(request, "no_kexec", json_true());
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	if (cli->json)
		jw_json_print(json_incref(reply));
	else
		jw_advise("locked until the next boot: jobward mode shows what is in force");
	json_decref(reply);
	return JW_EXIT_YES;
}
