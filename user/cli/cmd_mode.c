// SPDX-License-Identifier: GPL-2.0
/* jobward mode: what the gates do with what has no approval. */
#include <errno.h>
#include <string.h>
#include "cli.h"
#include "lib/genl.h"
#include "lib/names_gen.h"
#include "render.h"
#include "word.h"

static const char *const effects[] = {
	[JOBWARD_MODE_AUDIT] = "lets everything through and records what enforce would have denied",
	[JOBWARD_MODE_HOLD] = "an unapproved job waits for an answer, then as enforce",
	[JOBWARD_MODE_ENFORCE] = "denies what is not approved",
};

_Static_assert(sizeof(effects) / sizeof(effects[0]) == JOBWARD_MODE_MAX + 1, "a mode has no words");

static int module_failed(int err)
{
	if (err == -ENOENT) {
		jw_complain("the kernel module is not loaded: there are no gates");
		jw_advise("load it: modprobe jobward");
		return JW_EXIT_UNREACHABLE;
	}
	if (err == -EPERM || err == -EACCES) {
		jw_complain("only root may ask the kernel");
		jw_advise("try again with sudo");
		return JW_EXIT_NOT_PERMITTED;
	}
	jw_complain("the kernel does not answer: %s", strerror(-err));
	return JW_EXIT_UNREACHABLE;
}

static void print_modes(const struct jw_module_status *status, int only)
{
	static const struct jw_column columns[] = {{"GATE", 0, 0, false}, {"MODE", 0, 0, false}, {"", 20, 0, false}};
	struct jw_table *table = jw_table_new(columns, 3);
	int gate;

	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		const struct jw_gate_status *now = &status->gates[gate];

		if (only >= 0 && gate != only)
			continue;
		jw_table_add(table, JW_PLAIN, jw_gate_name((unsigned int)gate));
		jw_table_add(table, now->off ? JW_BAD : JW_STRONG, now->off ? "off" : jw_mode_name(now->mode));
		jw_table_add(table, JW_PLAIN, now->off ? jw_show(now->off) : effects[now->mode]);
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

static void print_json(const struct jw_module_status *status, int only)
{
	json_t *root = jw_must(json_object()), *gates = jw_must(json_object());
	const char *common = NULL;
	int gate;

	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		const struct jw_gate_status *now = &status->gates[gate];
		const char *text = now->off ? jw_showf("off: %s", now->off) : jw_mode_name(now->mode);

		if (only >= 0 && gate != only)
			continue;
		jw_json_set_text(gates, jw_gate_name((unsigned int)gate), text);
		common = !common || !strcmp(common, text) ? text : "mixed";
	}
	jw_json_set_text(root, "mode", common);
	jw_json_set(root, "gates", gates);
	jw_json_print(root);
}

static int show_modes(struct jw_cli *cli, int gate)
{
	struct jw_module_status status = {0};
	struct jw_genl *genl;
	int err = jw_genl_open(&genl);

	if (!err) {
		err = jw_genl_status(genl, &status);
		jw_genl_close(genl);
	}
	if (err)
		return module_failed(err);
	if (cli->json)
		print_json(&status, gate);
	else
		print_modes(&status, gate);
	jw_module_status_done(&status);
	return JW_EXIT_YES;
}

/* What enforcing would stop right now belongs on the screen of whoever enforces. */
static void warn_pending(struct jw_cli *cli)
{
	struct jw_jobs jobs = {0};
	size_t i, n = 0;

	if (jw_cli_jobs(cli, false, &jobs))
		return;
	for (i = 0; i < jobs.n; i++)
		n += jobs.v[i].state == JOBWARD_STATE_UNKNOWN || jobs.v[i].state == JOBWARD_STATE_CHANGED;
	if (n) {
		jw_complain("%s no approval and will not run from now on", jw_show_count(n, "job has", "jobs have"));
		jw_advise("jobward jobs --state unknown and jobward jobs --state changed list them");
	}
	jw_jobs_done(&jobs);
}

int jw_cmd_mode(struct jw_cli *cli)
{
	json_t *request, *reply;
	int gate, mode, code = jw_word_option(cli, "gate", jw_gate_from_name, &gate);

	if (code)
		return code;
	if (!cli->n_words)
		return show_modes(cli, gate);
	mode = jw_mode_from_name(cli->words[0]);
	if (mode < 0)
		return jw_cli_usage(cli, "a mode is audit, hold or enforce, not '%s'", jw_show(cli->words[0]));
	request = jw_must(json_object());
	jw_json_set(request, "cmd", json_string("mode"));
	jw_json_set_text(request, "mode", jw_mode_name((unsigned int)mode));
	if (gate >= 0)
		jw_json_set_text(request, "gate", jw_gate_name((unsigned int)gate));
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	json_decref(reply);
	if (mode != JOBWARD_MODE_AUDIT && !cli->json && (gate < 0 || gate == JOBWARD_GATE_RUN))
		warn_pending(cli);
	return show_modes(cli, gate);
}
