// SPDX-License-Identifier: GPL-2.0
/* jobward policy: is a policy without errors, and what would it change? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli.h"
#include "lib/control.h"
#include "lib/policy.h"
#include "policy_try.h"
#include "render.h"

static const char *const severities[] = {
	[JW_DIAG_NOTE] = "note", [JW_DIAG_WARNING] = "warning", [JW_DIAG_ERROR] = "error",
};

static json_t *json_diags(const struct jw_diags *diags)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < diags->n; i++) {
		const struct jw_diag *diag = &diags->v[i];
		json_t *object = jw_must(json_object());

		jw_json_set_text(object, "severity", severities[diag->severity]);
		jw_json_set_text(object, "file", diag->file);
		if (diag->line)
			jw_json_set(object, "line", json_integer(diag->line));
		if (diag->column)
			jw_json_set(object, "column", json_integer(diag->column));
		jw_json_set_text(object, "cause", diag->cause);
		jw_json_add(array, object);
	}
	return array;
}

static void print_json(const struct jw_policy *policy, const struct jw_diags *diags)
{
	json_t *root = jw_must(json_object());

	jw_json_set(root, "ok", json_boolean(policy != NULL));
	jw_json_set(root, "diagnoses", json_diags(diags));
	if (policy) {
		jw_json_set(root, "jobs", json_integer((json_int_t)policy->n_jobs));
		jw_json_set(root, "writers", json_integer((json_int_t)policy->n_writers));
		jw_json_set(root, "modules", json_integer((json_int_t)policy->n_modules));
	}
	jw_json_print(root);
}

static void print_people(const char *what, const struct jw_policy *policy, const struct jw_diags *diags)
{
	size_t i;

	for (i = 0; i < diags->n; i++) {
		char *text = jw_must(jw_diag_format(&diags->v[i]));
		bool is_error = diags->v[i].severity == JW_DIAG_ERROR;

		printf("%s: %s\n", jw_show_styled(is_error ? JW_BAD : JW_WARN, severities[diags->v[i].severity]),
		       jw_show(text));
		free(text);
	}
	if (policy)
		printf("%s: %s, %s, %s. No errors.\n", jw_show(what),
		       jw_show_count(policy->n_jobs, "rule for jobs", "rules for jobs"),
		       jw_show_count(policy->n_writers, "writer", "writers"),
		       jw_show_count(policy->n_modules, "module", "modules"));
}

static int check(struct jw_cli *cli, const char *file, const char *folder, const char *what)
{
	struct jw_diags diags = {0};
	struct jw_policy *policy = NULL;
	int err = jw_policy_load(&policy, file, folder, &diags);
	int code = !err ? JW_EXIT_YES : err == -EINVAL ? JW_EXIT_NO : JW_EXIT_USAGE;

	if (err == -EACCES || err == -EPERM)
		code = JW_EXIT_NOT_PERMITTED;
	if (err && !diags.n) {
		jw_complain("cannot read '%s': %s", jw_show(what), strerror(-err));
	} else if (cli->json) {
		print_json(policy, &diags);
	} else {
		print_people(what, policy, &diags);
	}
	if (policy)
		jw_policy_free(policy);
	jw_diags_done(&diags);
	return code;
}

/* A policy that is wrong is told as check tells it, and changes nothing. */
static int try(struct jw_cli *cli, const char *what, int (*fn)(struct jw_cli *cli, const struct jw_policy *policy))
{
	struct jw_diags diags = {0};
	struct jw_policy *policy = NULL;
	struct stat st;
	bool is_folder = !stat(what, &st) && S_ISDIR(st.st_mode);
	int code, err = jw_policy_load(&policy, is_folder ? NULL : what, is_folder ? what : NULL, &diags);
	size_t i;

	for (i = 0; err && i < diags.n; i++) {
		char *text = jw_must(jw_diag_format(&diags.v[i]));

		jw_complain("%s", jw_show(text));
		free(text);
	}
	if (err && !diags.n)
		jw_complain("cannot read '%s': %s", jw_show(what), strerror(-err));
	code = err == -EACCES || err == -EPERM ? JW_EXIT_NOT_PERMITTED : err ? JW_EXIT_USAGE : fn(cli, policy);
	jw_policy_free(policy);
	jw_diags_done(&diags);
	return code;
}

int jw_cmd_policy(struct jw_cli *cli)
{
	const char *verb = cli->words[0], *file = cli->n_words > 1 ? cli->words[1] : NULL;
	const bool is_diff = !strcmp(verb, "diff"), is_replay = !strcmp(verb, "replay");
	struct stat st;

	if (jw_cli_option(cli, "since") && !is_replay)
		return jw_cli_usage(cli, "--since is for replay");
	if ((is_diff || is_replay) && !file)
		return jw_cli_usage(cli, "policy %s takes a FILE", verb);
	if (is_diff || is_replay)
		return try(cli, file, is_diff ? jw_policy_diff : jw_policy_replay);
	if (strcmp(verb, "check"))
		return jw_cli_usage(cli, "policy can check, diff and replay, not '%s'", jw_show(verb));
	if (!file)
		return check(cli, JW_POLICY_FILE, JW_POLICY_FOLDER, JW_POLICY_FILE);
	if (!stat(file, &st) && S_ISDIR(st.st_mode))
		return check(cli, NULL, file, file);
	return check(cli, file, NULL, file);
}
