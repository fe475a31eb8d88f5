// SPDX-License-Identifier: GPL-2.0
/* The ways out of the CLI: the store for reading, the daemon for changes; and what to do when they are closed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "lib/control.h"
#include "render.h"

static void complain_diags(const struct jw_diags *diags)
{
	size_t i;

	for (i = 0; i < diags->n; i++) {
		char *text = jw_must(jw_diag_format(&diags->v[i]));

		jw_advise("%s", jw_show(text));
		free(text);
	}
}

int jw_cli_store(struct jw_cli *cli)
{
	struct jw_diags diags = {0};
	const char *path = jw_show(cli->store_path);
	int err, code = JW_EXIT_NO;

	if (cli->store)
		return JW_EXIT_YES;
	err = jw_store_open(&cli->store, cli->store_path, true, &diags);
	if (!err)
		goto out;
	if (err == -ENOENT) {
		jw_complain("there is no store at '%s'", path);
		jw_advise("the daemon makes it when it first starts: systemctl start jobwardd");
		code = JW_EXIT_UNREACHABLE;
	} else if (err == -EACCES || err == -EPERM) {
		jw_complain("may not read the store '%s'", path);
		jw_advise("only root may: try again with sudo");
		code = JW_EXIT_NOT_PERMITTED;
	} else if (err == -EBADMSG) {
		jw_complain("the store '%s' is damaged", path);
		complain_diags(&diags);
		jw_advise("the daemon moves it aside and begins a new one when it starts: systemctl restart jobwardd");
	} else {
		jw_complain("cannot read the store '%s': %s", path, strerror(-err));
		complain_diags(&diags);
		code = JW_EXIT_USAGE;
	}
	jw_diags_done(&diags);
	return code;
out:
	jw_diags_done(&diags);
	return JW_EXIT_YES;
}

int jw_cli_store_failed(struct jw_cli *cli, const char *what, int err)
{
	const char *words = cli->store ? jw_store_error(cli->store) : NULL;

	jw_complain("cannot read %s from '%s': %s", what, jw_show(cli->store_path),
		    words && *words ? jw_show(words) : strerror(-err));
	if (err == -EBADMSG)
		jw_advise("the store is damaged: jobward verify says from where on");
	return JW_EXIT_NO;
}

static int refused(json_t *reply)
{
	json_int_t code = json_integer_value(json_object_get(reply, "code"));
	const char *error = json_string_value(json_object_get(reply, "error"));

	jw_complain("%s", error ? jw_show(error) : "the daemon refused and did not say why");
	return code >= JW_EXIT_NO && code <= JW_EXIT_NOT_PERMITTED ? (int)code : JW_EXIT_NO;
}

int jw_cli_ask(struct jw_cli *cli, json_t *request, json_t **ret_reply)
{
	const char *path = jw_show(cli->control_path);
	json_t *reply = NULL;
	int err, code;

	/* A question on the screen belongs above the wait for its answer. */
	fflush(stdout);
	err = jw_control_call(cli->control_path, request, &reply);
	json_decref(request);
	switch (err) {
	case 0:
		break;
	case -EACCES:
	case -EPERM:
		jw_complain("only root may ask the daemon for that");
		jw_advise("try again with sudo");
		return JW_EXIT_NOT_PERMITTED;
	case -ENOENT:
	case -ECONNREFUSED:
		jw_complain("the daemon does not answer at '%s'", path);
		jw_advise("what it last pushed stays in force in the kernel. Start it: systemctl start jobwardd");
		return JW_EXIT_UNREACHABLE;
	default:
		jw_complain("the daemon at '%s' broke off: %s", path, strerror(-err));
		jw_advise("what it said last: journalctl -u jobwardd -n 20");
		return JW_EXIT_UNREACHABLE;
	}
	if (!json_is_true(json_object_get(reply, "ok"))) {
		code = refused(reply);
		json_decref(reply);
		return code;
	}
	*ret_reply = reply;
	return JW_EXIT_YES;
}
