// SPDX-License-Identifier: GPL-2.0
/* What the commands that decide about jobs have in common. */
#include <string.h>
#include "decide.h"
#include "lib/control.h"
#include "lib/coverage.h"
#include "lib/names_gen.h"
#include "render.h"
#include "word.h"

json_t *jw_decide_request(const struct jw_cli *cli, const char *cmd)
{
	json_t *request = jw_must(json_object());

	jw_json_set(request, "cmd", json_string(cmd));
	jw_json_set_text(request, "reason", jw_cli_option(cli, "reason"));
	return request;
}

static bool are_all_there(const struct jw_cli *cli, const struct jw_jobs *jobs)
{
	size_t i;

	for (i = 0; i < cli->n_words; i++)
		if (!jw_cli_matches(jobs, cli->words[i], NULL))
			return false;
	return true;
}

int jw_decide_jobs(struct jw_cli *cli, bool gone, struct jw_jobs *ret)
{
	int code = jw_cli_jobs(cli, gone, ret);
	json_t *request, *reply = NULL;

	if (code || are_all_there(cli, ret))
		return code;
	request = jw_must(json_object());
	jw_json_set(request, "cmd", json_string("sync"));
	/* A daemon that does not answer is complained about when it is asked for what was wanted. */
	if (!jw_control_call(cli->control_path, request, &reply)) {
		jw_jobs_done(ret);
		*ret = (struct jw_jobs){0};
		code = jw_cli_jobs(cli, gone, ret);
	}
	json_decref(reply);
	json_decref(request);
	return code;
}

int jw_decide_add_words(struct jw_cli *cli, const struct jw_jobs *jobs, json_t *request)
{
	json_t *ids = jw_must(json_array());
	size_t i;

	for (i = 0; i < cli->n_words; i++) {
		const struct jw_job *job;
		char id[JW_ID_HEX];
		int code = jw_cli_pick(jobs, cli->words[i], &job);

		/* All or none: half of a list decided is worse than a typing error. */
		if (code) {
			if (i || cli->n_words > 1)
				jw_advise("nothing was changed");
			json_decref(ids);
			return code;
		}
		jw_job_id_format(job->id, id);
		jw_json_add(ids, json_string(id));
	}
	jw_json_set(request, "jobs", ids);
	return JW_EXIT_YES;
}

void jw_decide_print(const struct jw_cli *cli, const json_t *reply)
{
	static const struct jw_column columns[] = {
		{"JOB", 0, 0, false}, {"STATE", 0, 0, false}, {"COMMAND", 20, 0, false},
	};
	const json_t *jobs = json_object_get(reply, "jobs"), *job;
	struct jw_table *table;
	size_t i;

	if (cli->json) {
		jw_json_print(json_deep_copy(reply));
		return;
	}
	if (!json_array_size(jobs))
		return;
	table = jw_table_new(columns, 3);
	json_array_foreach(jobs, i, job) {
		const char *state = json_string_value(json_object_get(job, "state"));
		int number = state ? jw_state_from_name(state) : -1;
		const char *id = jw_show(json_string_value(json_object_get(job, "id")));

		jw_table_add(table, JW_PLAIN, jw_render_terminal()->is_terminal ? jw_showf("%.8s", id) : id);
		jw_table_add(table, number < 0 ? JW_PLAIN : jw_word_state_style((enum jobward_state)number),
			     jw_show(state));
		jw_table_add(table, JW_PLAIN, jw_show(json_string_value(json_object_get(job, "command"))));
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

int jw_decide_named(struct jw_cli *cli, const char *cmd, bool gone, json_t **ret_reply)
{
	struct jw_jobs jobs = {0};
	json_t *request;
	int code = jw_decide_jobs(cli, gone, &jobs);

	if (code)
		return code;
	request = jw_decide_request(cli, cmd);
	code = jw_decide_add_words(cli, &jobs, request);
	jw_jobs_done(&jobs);
	if (code) {
		json_decref(request);
		return code;
	}
	code = jw_cli_ask(cli, request, ret_reply);
	if (!code)
		jw_decide_print(cli, *ret_reply);
	return code;
}

void jw_decide_warn_still(const json_t *reply, const char *state, const char *advice)
{
	const json_t *jobs = json_object_get(reply, "jobs"), *job;
	size_t i;

	json_array_foreach(jobs, i, job) {
		const char *now = json_string_value(json_object_get(job, "state"));
		const char *id = json_string_value(json_object_get(job, "id"));

		if (!now || strcmp(now, state))
			continue;
		jw_complain("job %.8s is still %s, by the policy", jw_show(id), state);
		jw_advise("%s %.8s", advice, jw_show(id));
	}
}

size_t jw_decide_note_uncovered(const struct jw_job *job)
{
	struct jw_coverage coverage = {0};
	size_t i, n;

	if (jw_coverage_find(job, &coverage))
		jw_must(NULL);
	for (i = 0; i < coverage.n_limits; i++)
		jw_advise("not covered: %s", jw_show(coverage.limits[i].text));
	n = coverage.n_limits;
	jw_coverage_done(&coverage);
	return n;
}
