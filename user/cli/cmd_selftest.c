// SPDX-License-Identifier: GPL-2.0
/* jobward selftest: the daemon tries each gate with a canary; which held? */
#include "cli.h"
#include "render.h"

static bool has_held(const json_t *canary)
{
	return json_is_true(json_object_get(canary, "held"));
}

static size_t count_failed(const json_t *canaries)
{
	const json_t *canary;
	size_t i, failed = 0;

	json_array_foreach(canaries, i, canary)
		failed += !has_held(canary);
	return json_array_size(canaries) ? failed : 1;
}

static void print_table(const json_t *canaries)
{
	static const struct jw_column columns[] = {{"GATE", 0, 0, false}, {"CANARY", 0, 0, false}, {"", 20, 0, false}};
	struct jw_table *table = jw_table_new(columns, 3);
	const json_t *canary;
	size_t i;

	json_array_foreach(canaries, i, canary) {
		const char *detail = json_string_value(json_object_get(canary, "detail"));

		jw_table_add(table, JW_PLAIN, jw_show(json_string_value(json_object_get(canary, "gate"))));
		jw_table_add(table, has_held(canary) ? JW_GOOD : JW_BAD, has_held(canary) ? "held" : "DID NOT HOLD");
		jw_table_add(table, JW_PLAIN, detail ? jw_show(detail) : "");
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

int jw_cmd_selftest(struct jw_cli *cli)
{
	json_t *request = jw_must(json_object()), *reply;
	size_t failed;
	int code;

	jw_json_set(request, "cmd", json_string("canary"));
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	failed = count_failed(json_object_get(reply, "canaries"));
	if (cli->json) {
		jw_json_print(json_incref(reply));
	} else {
		print_table(json_object_get(reply, "canaries"));
		if (failed) {
			jw_complain("a gate did not hold");
			jw_advise("jobward status says which are off, and why; jobward log -n 20 what they recorded");
		}
	}
	json_decref(reply);
	return failed ? JW_EXIT_NO : JW_EXIT_YES;
}
