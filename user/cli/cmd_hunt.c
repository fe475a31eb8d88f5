// SPDX-License-Identifier: GPL-2.0
/* jobward hunt: questions to all that is on record, shipped, the administrator's, or typed by hand. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "cli.h"
#include "finding.h"
#include "lib/hunt.h"
#include "render.h"
#include "when.h"
#include "word.h"

#define TABLE_LIMIT 1000
#define TIMEOUT_MS 60000

static const struct jw_column columns[] = {
	{"HUNT", 0, 0, false}, {"SEVERITY", 0, 0, false}, {"TECHNIQUE", 9, 1, false}, {"TELLS", 20, 0, false},
};

/* What is wrong with one file, once, with its place. */
void jw_hunts_complain(const struct jw_diags *diags)
{
	size_t i;

	for (i = 0; i < diags->n; i++) {
		char *text = jw_must(jw_diag_format(&diags->v[i]));

		jw_complain("%s", jw_show(text));
		free(text);
	}
}

int jw_hunts_get(struct jw_cli *cli, struct jw_hunts *ret, struct jw_diags *diags)
{
	const char *const folders[] = { JOBWARD_HUNTS, JOBWARD_HUNTS_D }, *from = jw_cli_option(cli, "from");
	size_t i;
	int err;

	if (from) {
		err = jw_hunts_load(ret, from, diags);
		if (err == -ENOMEM)
			jw_must(NULL);
		return err ? jw_cli_usage(cli, "cannot read hunts from '%s': %s", jw_show(from), strerror(-err)) : 0;
	}
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		err = jw_hunts_load(ret, folders[i], diags);
		if (err == -ENOMEM)
			jw_must(NULL);
		/* No folder, no hunts of that kind. */
		if (err && err != -ENOENT)
			jw_complain("cannot read hunts from '%s': %s", folders[i], strerror(-err));
	}
	return JW_EXIT_YES;
}

/* ---- the list ---- */
static void print_table(const struct jw_hunts *hunts)
{
	struct jw_table *table = jw_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;

	for (i = 0; i < hunts->n; i++) {
		const struct jw_hunt *hunt = &hunts->v[i];

		jw_table_add(table, JW_STRONG, jw_show(hunt->name));
		jw_table_add(table, jw_finding_style(hunt->severity), jw_hunt_severity_name(hunt->severity));
		jw_table_add(table, JW_DIM, jw_show(hunt->technique));
		jw_table_add(table, JW_PLAIN, jw_show(hunt->tells));
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

static json_t *to_json(const struct jw_hunt *hunt)
{
	json_t *object = jw_must(json_object());

	jw_json_set_text(object, "name", hunt->name);
	jw_json_set(object, "technique", jw_json_words(hunt->technique));
	jw_json_set_text(object, "severity", jw_hunt_severity_name(hunt->severity));
	jw_json_set_text(object, "tells", hunt->tells);
	jw_json_set_text(object, "reading", hunt->reading);
	jw_json_set_text(object, "file", hunt->file);
	jw_json_set(object, "rule", json_boolean(jw_rule_is(hunt)));
	jw_json_set_text(object, "because", hunt->because);
	jw_json_set_text(object, "finding", hunt->finding);
	if (hunt->mitigation)
		jw_json_set(object, "mitigation", jw_json_words(hunt->mitigation));
	jw_json_set_text(object, "advice", hunt->advice);
	return object;
}

static int list(struct jw_cli *cli, const struct jw_hunts *hunts)
{
	json_t *array;
	size_t i;

	if (cli->json) {
		array = jw_must(json_array());
		for (i = 0; i < hunts->n; i++)
			jw_json_add(array, to_json(&hunts->v[i]));
		jw_json_print(array);
	} else if (hunts->n) {
		print_table(hunts);
	} else {
		jw_complain("there are no hunts in " JOBWARD_HUNTS " or " JOBWARD_HUNTS_D);
	}
	return hunts->n ? JW_EXIT_YES : JW_EXIT_NO;
}

void jw_cli_hunts(struct jw_cli *cli, struct jw_hunts *ret)
{
	struct jw_diags diags = {0};

	jw_hunts_get(cli, ret, &diags);
	jw_diags_done(&diags);
}

int jw_cli_hunt_names(struct jw_cli *cli)
{
	static const struct jw_command none;
	struct jw_hunts hunts = {0};
	size_t i;

	cli->command = &none;
	jw_cli_hunts(cli, &hunts);
	for (i = 0; i < hunts.n; i++)
		printf("%s:%s\n", hunts.v[i].name, jw_show(hunts.v[i].tells));
	jw_hunts_done(&hunts);
	return JW_EXIT_YES;
}

/* ---- asking ---- */
static int take_limit(struct jw_cli *cli, bool is_table, size_t *ret)
{
	const char *text = jw_cli_option(cli, "n");
	char *end;
	long n;

	*ret = is_table ? TABLE_LIMIT : 0;
	if (!text)
		return JW_EXIT_YES;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0)
		return jw_cli_usage(cli, "-n takes a number, not '%s'", jw_show(text));
	*ret = (size_t)n;
	return JW_EXIT_YES;
}

static int take_question(struct jw_cli *cli, struct jw_question *question)
{
	const char *text = jw_cli_option(cli, "timeout");
	int64_t timeout_ns;
	int code;

	question->until_ns = jw_when_now();
	question->timeout_ms = TIMEOUT_MS;
	code = jw_time_option(cli, "since", &question->since_ns);
	if (!code)
		code = jw_time_option(cli, "until", &question->until_ns);
	if (code || !text)
		return code;
	if (jw_when_duration(text, &timeout_ns) || timeout_ns < 1000000)
		return jw_cli_usage(cli, "'%s' is no duration: give 30s, 5m", jw_show(text));
	question->timeout_ms = (uint64_t)timeout_ns / 1000000;
	return JW_EXIT_YES;
}

/* @file: where the question stands; NULL: on the command line. */
static int failed(struct jw_cli *cli, const char *file, const struct jw_fault *fault, int err)
{
	const char *place = file ? jw_show(file) : "--sql", *words = jw_show(jw_store_error(cli->store));

	switch (err) {
	case -EINVAL:
	case -EACCES:
		if (fault->line)
			jw_complain("%s:%u:%u: %s", place, fault->line, fault->column, words);
		else
			jw_complain("%s: %s", place, words);
		if (err == -EINVAL)
			jw_advise("the views and their columns: man 5 jobward-hunt");
		return JW_EXIT_USAGE;
	case -ETIMEDOUT:
		jw_complain("%s: %s", place, words);
		jw_advise("a narrower question is faster; --timeout gives it longer");
		return JW_EXIT_NO;
	case -ENOMEM:
		jw_complain("%s: %s", place, *words ? words : "out of memory");
		return JW_EXIT_NO;
	default:
		return jw_cli_store_failed(cli, "an answer", err);
	}
}

static int ask(struct jw_cli *cli, struct jw_question *question, const char *file)
{
	const enum jw_answer_form form = jw_cli_option(cli, "csv") ? JW_ANSWER_CSV :
					 cli->json ? JW_ANSWER_JSON : JW_ANSWER_TABLE;
	struct jw_answer *answer;
	struct jw_fault fault;
	size_t limit, n;
	int code, err;

	code = take_limit(cli, form == JW_ANSWER_TABLE, &limit);
	if (!code)
		code = take_question(cli, question);
	if (!code)
		code = jw_cli_store(cli);
	if (code)
		return code;
	answer = jw_answer_new(form, limit);
	jw_answer_take(answer, question);
	err = jw_store_ask(cli->store, question, &fault);
	n = jw_answer_end(answer);
	/* 1 is the answer's own: it has enough. */
	if (err && err != 1)
		code = failed(cli, file, &fault, err);
	else if (!n && form == JW_ANSWER_TABLE)
		jw_complain("nothing matches");
	else if (jw_answer_is_cut(answer))
		jw_advise("there are more rows than %zu; -n 0 has all of them", n);
	if (!code && !n)
		code = JW_EXIT_NO;
	jw_answer_free(answer);
	return code;
}

/* To people, around the answer: what was asked and how to read what came. */
static int ask_hunt(struct jw_cli *cli, const struct jw_hunt *hunt)
{
	const bool told = !cli->json && !jw_cli_option(cli, "csv") && jw_render_terminal()->is_terminal;
	struct jw_question question = {.sql = hunt->sql};
	int code;

	if (told)
		jw_print_wrapped(0, jw_showf("%s (%s, %s): %s\n", jw_show(hunt->name),
					     jw_hunt_severity_name(hunt->severity), jw_show(hunt->technique),
					     jw_show(hunt->tells)));
	code = ask(cli, &question, hunt->file);
	if (told && !code) {
		putchar('\n');
		jw_print_wrapped(0, jw_show(hunt->reading));
	}
	return code;
}

/* SQL errors show in the list too, where there is a store to ask; without one the list is as good. */
static size_t check(struct jw_cli *cli, struct jw_hunts *hunts, struct jw_diags *diags)
{
	struct jw_question question = {0};
	struct jw_fault fault;
	size_t i, kept = 0;
	int err;

	if (!cli->store && jw_store_open(&cli->store, cli->store_path, true, NULL))
		return hunts->n;
	for (i = 0; i < hunts->n; i++) {
		question.sql = hunts->v[i].sql;
		err = jw_store_ask(cli->store, &question, &fault);
		if (err == -EINVAL || err == -EACCES) {
			if (jw_diag_add(diags, JW_DIAG_ERROR, hunts->v[i].file, fault.line, fault.column, "%s",
					jw_store_error(cli->store)))
				jw_must(NULL);
			jw_hunt_done(&hunts->v[i]);
		} else {
			hunts->v[kept++] = hunts->v[i];
		}
	}
	hunts->n = kept;
	return kept;
}

static int run(struct jw_cli *cli, struct jw_hunts *hunts, struct jw_diags *diags)
{
	const struct jw_hunt *hunt;
	int code;

	if (!cli->n_words) {
		check(cli, hunts, diags);
		code = list(cli, hunts);
		jw_hunts_complain(diags);
		return diags->n && !code ? JW_EXIT_NO : code;
	}
	hunt = jw_hunts_find(hunts, cli->words[0]);
	if (hunt)
		return ask_hunt(cli, hunt);
	/* Perhaps its file is the one that is wrong. */
	jw_hunts_complain(diags);
	return jw_cli_usage(cli, "there is no hunt '%s'; jobward hunt lists them", jw_show(cli->words[0]));
}

/* ---- findings ---- */
static int told(struct jw_cli *cli, const struct jw_rule_findings *list)
{
	jw_findings_print(cli, list);
	if (!list->n && !cli->json)
		jw_complain("nothing matches");
	return list->n ? JW_EXIT_YES : JW_EXIT_NO;
}

static int list_findings(struct jw_cli *cli)
{
	const struct jw_finding_filter filter = {.all = jw_cli_option(cli, "all")};
	struct jw_rule_findings list = {0};
	int code = jw_findings_get(cli, &filter, &list);

	if (!code)
		code = told(cli, &list);
	jw_rule_findings_done(&list);
	return code;
}

/* What rules would find in the record, all of them or the one that is named. */
static int try_rules(struct jw_cli *cli, struct jw_hunts *hunts, struct jw_diags *diags)
{
	const struct jw_hunt *hunt = cli->n_words ? jw_hunts_find(hunts, cli->words[0]) : NULL;
	struct jw_hunts some = hunt ? (struct jw_hunts){.v = (struct jw_hunt *)hunt, .n = 1} : *hunts;
	struct jw_rule_findings list = {0};
	struct jw_question question = {0};
	int code, err;

	if (cli->n_words && (!hunt || !jw_rule_is(hunt))) {
		jw_hunts_complain(diags);
		return jw_cli_usage(cli, hunt ? "'%s' is a hunt, but no rule" : "there is no hunt '%s'; jobward hunt lists them",
				    jw_show(cli->words[0]));
	}
	/* asked about one, what is wrong with others is not told */
	if (hunt)
		jw_diags_done(diags);
	code = take_question(cli, &question);
	if (!code)
		code = jw_cli_store(cli);
	if (code)
		return code;
	err = jw_rules_ask(cli->store, &some,
			   &(struct jw_rule_span){question.since_ns, question.until_ns, question.timeout_ms}, &list, diags);
	code = err ? jw_cli_store_failed(cli, "an answer", err) : told(cli, &list);
	jw_hunts_complain(diags);
	if (!code && diags->n)
		code = JW_EXIT_NO;
	jw_rule_findings_done(&list);
	return code;
}

static int acknowledge(struct jw_cli *cli, const char *name)
{
	json_t *request, *ids = jw_must(json_array()), *reply = NULL;
	uint64_t id;
	int code;

	if (!jw_finding_parse(name, &id)) {
		json_decref(ids);
		return jw_cli_usage(cli, "'%s' is no finding; jobward hunt --findings lists them", jw_show(name));
	}
	jw_json_add(ids, json_integer((json_int_t)id));
	request = jw_must(json_pack("{s:s, s:o}", "cmd", "acknowledge", "findings", ids));
	jw_json_set_text(request, "reason", jw_cli_option(cli, "reason"));
	code = jw_cli_ask(cli, request, &reply);
	if (!code && cli->json)
		jw_json_print(json_incref(reply));
	else if (!code)
		printf("%s is acknowledged.\n", jw_show(name));
	json_decref(reply);
	return code;
}

int jw_cmd_hunt(struct jw_cli *cli)
{
	struct jw_question question = {.sql = jw_cli_option(cli, "sql")};
	const bool try = jw_cli_option(cli, "try"), findings = jw_cli_option(cli, "findings");
	const char *acknowledged = jw_cli_option(cli, "acknowledge");
	struct jw_diags diags = {0};
	struct jw_hunts hunts = {0};
	int code;

	if (cli->json && jw_cli_option(cli, "csv"))
		return jw_cli_usage(cli, "either --json or --csv");
	if (question.sql && cli->n_words)
		return jw_cli_usage(cli, "either a hunt or --sql");
	if (!!question.sql + try + findings + !!acknowledged > 1)
		return jw_cli_usage(cli, "one of --sql, --try, --findings and --acknowledge");
	if ((findings || acknowledged) && cli->n_words)
		return jw_cli_usage(cli, "findings are not asked for by a hunt's name; --try is");
	if (question.sql)
		return ask(cli, &question, NULL);
	if (findings)
		return list_findings(cli);
	if (acknowledged)
		return acknowledge(cli, acknowledged);
	code = jw_hunts_get(cli, &hunts, &diags);
	if (!code)
		code = try ? try_rules(cli, &hunts, &diags) : run(cli, &hunts, &diags);
	jw_hunts_done(&hunts);
	jw_diags_done(&diags);
	return code;
}
