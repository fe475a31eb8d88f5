// SPDX-License-Identifier: GPL-2.0
/* jobward selftest: the daemon tries each gate with a canary; which held? */
#include <string.h>
#include "cli.h"
#include "lib/names_gen.h"
#include "render.h"

static bool has_held(const json_t *canary)
{
	return json_is_true(json_object_get(canary, "held"));
}

static bool was_tried(const json_t *canary)
{
	return !json_is_false(json_object_get(canary, "tried"));
}

/* No module is harmless to try with everywhere; of the other gates, not tried is not known to hold. */
static bool may_stay_untried(const json_t *canary)
{
	const char *gate = json_string_value(json_object_get(canary, "gate"));

	return gate && !strcmp(gate, jw_gate_name(JOBWARD_GATE_MODULE)) && !was_tried(canary);
}

/* Nothing tried is nothing held. */
static bool have_all_held(const json_t *canaries)
{
	const json_t *canary;
	size_t i, held = 0;

	json_array_foreach(canaries, i, canary) {
		if (!has_held(canary) && !may_stay_untried(canary))
			return false;
		held += has_held(canary);
	}
	return held > 0;
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
		jw_table_add(table, has_held(canary) ? JW_GOOD : may_stay_untried(canary) ? JW_DIM : JW_BAD,
			     has_held(canary) ? "held" : was_tried(canary) ? "DID NOT HOLD" : "not tried");
		jw_table_add(table, JW_PLAIN, detail ? jw_show(detail) : "");
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

int jw_cmd_selftest(struct jw_cli *cli)
{
	json_t *request = jw_must(json_object()), *reply;
	bool held;
	int code;

	jw_json_set(request, "cmd", json_string("canary"));
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	held = have_all_held(json_object_get(reply, "canaries"));
	if (cli->json) {
		jw_json_print(json_incref(reply));
	} else {
		print_table(json_object_get(reply, "canaries"));
		if (!held) {
			jw_complain("not every gate is known to hold");
			jw_advise("jobward status says which are off, and why; jobward log -n 20 what they recorded");
		}
	}
	json_decref(reply);
	return held ? JW_EXIT_YES : JW_EXIT_NO;
}
