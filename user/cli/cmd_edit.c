// SPDX-License-Identifier: GPL-2.0
/*
 * jobward edit: a job store through an editor. Nothing is written before the text reads without errors, the daemon
 * does the writing (it is a writer of all stores), and the jobs that come of it are shown and offered for approval.
 */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli.h"
#include "decide.h"
#include "draft.h"
#include "lib/names_gen.h"
#include "render.h"
#include "word.h"

static bool may_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* @otherwise: the answer of just pressing Enter. */
static bool ask(const char *question, bool otherwise)
{
	char line[64];

	fprintf(stderr, "%s %s ", question, otherwise ? "[Y/n]" : "[y/N]");
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin))
		return false;
	return *line == '\n' ? otherwise : *line == 'y' || *line == 'Y';
}

static int begin_failed(const struct jw_cli *cli, int err)
{
	const char *name = jw_show(cli->words[0]);

	jw_complain("cannot edit '%s': %s", name, err == -EINVAL ? "it is no ordinary file" : strerror(-err));
	if (err == -EISDIR)
		jw_advise("give a file in it: jobward edit %s/NAME", name);
	if (err == -EACCES || err == -EPERM)
		return JW_EXIT_NOT_PERMITTED;
	return JW_EXIT_USAGE;
}

/* Return: are there errors? */
static bool print_diags(const struct jw_diags *diags)
{
	bool is_bad = false;
	size_t i;

	for (i = 0; i < diags->n; i++) {
		char *text = jw_must(jw_diag_format(&diags->v[i]));

		is_bad |= diags->v[i].severity == JW_DIAG_ERROR;
		jw_complain("%s", jw_show(text));
		free(text);
	}
	return is_bad;
}

static int keep(const struct jw_draft *draft, bool *ret_keep)
{
	jw_advise("nothing was written; your text is in %s", jw_show(draft->path));
	*ret_keep = true;
	return JW_EXIT_USAGE;
}

/* Editor and check, again until the text is good or the person gives up. */
static int write_draft(struct jw_draft *draft, bool *ret_keep)
{
	for (;;) {
		struct jw_diags diags = {0};
		int err = jw_draft_edit(draft);
		bool is_bad;

		if (err) {
			jw_complain("the editor ended with an error; nothing was written");
			return JW_EXIT_NO;
		}
		err = jw_draft_read(draft);
		if (err) {
			jw_complain("cannot read what the editor left: %s", strerror(-err));
			return JW_EXIT_USAGE;
		}
		if (jw_draft_check(draft, &diags))
			jw_must(NULL);
		is_bad = print_diags(&diags);
		jw_diags_done(&diags);
		if (!is_bad)
			return JW_EXIT_YES;
		if (!may_ask() || !ask("Edit again?", true))
			return keep(draft, ret_keep);
	}
}

static int send_draft(struct jw_cli *cli, const struct jw_draft *draft, json_t **ret_reply)
{
	json_t *request = jw_must(json_object()), *content = json_stringn(draft->after, draft->after_len);

	/* JSON carries characters only; what is none would come out as something else. */
	if (!content) {
		json_decref(request);
		jw_complain("the text is no UTF-8");
		return JW_EXIT_USAGE;
	}
	jw_json_set(request, "cmd", json_string("edit"));
	jw_json_set_text(request, "path", draft->target);
	jw_json_set(request, "content", content);
	return jw_cli_ask(cli, request, ret_reply);
}

/* ---- the jobs that came of it ---- */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A timer's job stands at the timer, and is named after the service that the timer starts. */
static bool comes_from(const struct jw_job *job, const char *path)
{
	return (job->path && !strcmp(job->path, path)) || (job->name && !strcmp(job->name, base_name(path)));
}

static bool is_pending(const struct jw_job *job)
{
	return job->state != JOBWARD_STATE_APPROVED && job->state != JOBWARD_STATE_DENIED && !job->unreadable;
}

static json_t *print_jobs(struct jw_cli *cli, const struct jw_jobs *jobs, const char *path, size_t *ret_pending)
{
	static const struct jw_column columns[] = {
		{"JOB", 0, 0, false}, {"STATE", 0, 0, false}, {"OWNER", 5, 0, false}, {"SCHEDULE", 11, 1, false},
		{"COMMAND", 20, 0, false},
	};
	struct jw_table *table = jw_table_new(columns, 5);
	json_t *pending = jw_must(json_array());
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++) {
		const struct jw_job *job = &jobs->v[i];
		char id[JW_ID_HEX];

		if (!comes_from(job, path))
			continue;
		n++;
		jw_job_id_format(job->id, id);
		if (is_pending(job))
			jw_json_add(pending, json_string(id));
		jw_table_add(table, JW_PLAIN, jw_cli_short_id(job->id, jw_cli_id_digits(jobs)));
		jw_table_add(table, jw_word_state_style(job->state), jw_state_name(job->state));
		jw_table_add(table, JW_PLAIN, job->owner ? jw_show(job->owner) : "-");
		jw_table_add(table, JW_PLAIN, job->schedule ? jw_show(job->schedule) : "-");
		jw_table_add(table, JW_PLAIN, jw_cli_command(job));
	}
	if (n && !cli->json)
		jw_table_print(table, stdout);
	else if (!cli->json)
		puts("No job comes of it.");
	jw_table_free(table);
	*ret_pending = json_array_size(pending);
	return pending;
}

static int approve(struct jw_cli *cli, json_t *ids)
{
	json_t *request = jw_must(json_object()), *reply;
	int code;

	jw_json_set(request, "cmd", json_string("approve"));
	jw_json_set(request, "jobs", json_incref(ids));
	jw_json_set(request, "reason", json_string("jobward edit"));
	code = jw_cli_ask(cli, request, &reply);
	if (code)
		return code;
	jw_decide_print(cli, reply);
	json_decref(reply);
	return JW_EXIT_YES;
}

static bool is_unit(const char *path)
{
	const char *dot = strrchr(path, '.');

	return strstr(path, "/systemd/") && dot && (!strcmp(dot, ".timer") || !strcmp(dot, ".service") || !strcmp(dot, ".conf"));
}

/* A unit's file counts when its manager has read it again, and only then do the daemon's words hold. */
static int settle_unit(struct jw_cli *cli)
{
	char *argv[] = {"systemctl", "daemon-reload", NULL};
	json_t *request = jw_must(json_object()), *reply;
	int code, status;
	pid_t pid;

	if (!posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ))
		waitpid(pid, &status, 0);
	jw_json_set(request, "cmd", json_string("sync"));
	code = jw_cli_ask(cli, request, &reply);
	if (!code)
		json_decref(reply);
	return code;
}

static int offer_approval(struct jw_cli *cli, const char *path, const json_t *reply)
{
	struct jw_jobs jobs = {0};
	size_t pending = 0;
	json_t *ids;
	int code = is_unit(path) ? settle_unit(cli) : JW_EXIT_YES;
	bool wanted = jw_cli_option(cli, "yes");

	if (!code)
		code = jw_cli_jobs(cli, false, &jobs);
	if (code)
		return code;
	ids = print_jobs(cli, &jobs, path, &pending);
	if (pending && !wanted && !jw_cli_option(cli, "no-approve") && may_ask() && !cli->json)
		wanted = ask(pending == 1 ? "Approve it?" : jw_showf("Approve these %zu?", pending), false);
	if (pending && wanted)
		code = approve(cli, ids);
	else if (cli->json)
		jw_json_print(json_deep_copy(reply));
	else if (pending)
		jw_advise("%zu without approval will not run under enforce: jobward approve JOB", pending);
	json_decref(ids);
	jw_jobs_done(&jobs);
	return code;
}

static int edit(struct jw_cli *cli, struct jw_draft *draft, bool *ret_keep)
{
	json_t *reply;
	int code = write_draft(draft, ret_keep);

	if (code)
		return code;
	if (draft->after_len == draft->before_len &&
	    (draft->is_new || !memcmp(draft->after, draft->before, draft->after_len))) {
		jw_complain("nothing was changed");
		return JW_EXIT_YES;
	}
	if (jw_draft_is_overtaken(draft)) {
		jw_complain("somebody else has written '%s' meanwhile", jw_show(draft->target));
		return keep(draft, ret_keep);
	}
	code = send_draft(cli, draft, &reply);
	if (code) {
		keep(draft, ret_keep);
		return code;
	}
	code = offer_approval(cli, draft->target, reply);
	json_decref(reply);
	return code;
}

int jw_cmd_edit(struct jw_cli *cli)
{
	struct jw_draft draft = {0};
	bool keep_copy = false;
	int err, code;

	if (jw_cli_option(cli, "yes") && jw_cli_option(cli, "no-approve"))
		return jw_cli_usage(cli, "give either --yes or --no-approve");
	err = jw_draft_begin(&draft, cli->words[0]);
	code = err ? begin_failed(cli, err) : edit(cli, &draft, &keep_copy);
	jw_draft_done(&draft, keep_copy);
	return code;
}
