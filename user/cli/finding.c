// SPDX-License-Identifier: GPL-2.0
/* Findings of rules: lists of them, one in full, and a line of each where a job or an event is told about. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "finding.h"

static const enum jw_style styles[] = {
	[JW_HUNT_LOW] = JW_PLAIN, [JW_HUNT_MEDIUM] = JW_WARN, [JW_HUNT_HIGH] = JW_BAD,
};

enum jw_style jw_finding_style(enum jw_hunt_severity severity)
{
	return styles[severity];
}

const char *jw_finding_name(const struct jw_rule_finding *finding)
{
	return jw_showf("F%llu", (unsigned long long)finding->id);
}

bool jw_finding_parse(const char *name, uint64_t *ret_id)
{
	char *end;

	if (name[0] != 'F' || !isdigit((unsigned char)name[1]))
		return false;
	errno = 0;
	*ret_id = strtoull(name + 1, &end, 10);
	return !errno && !*end && *ret_id;
}

/* ---- JSON ---- */

json_t *jw_finding_json(const struct jw_rule_finding *finding)
{
	json_t *object = jw_must(json_object()), *rows = jw_must(json_array()), *by;
	char id[JW_ID_HEX];
	size_t i;

	if (finding->id)
		jw_json_set_text(object, "id", jw_finding_name(finding));
	jw_json_set_text(object, "name", finding->rule);
	jw_json_set_text(object, "severity", jw_hunt_severity_name(finding->severity));
	jw_json_set_text(object, "because", finding->because);
	jw_json_set(object, "technique", jw_json_words(finding->technique));
	jw_json_set_text(object, "text", finding->text);
	jw_job_id_format(finding->job, id);
	jw_json_set_text(object, "job", finding->job ? id : NULL);
	for (i = 0; i < finding->n_rows; i++)
		jw_json_add(rows, json_integer((json_int_t)finding->rows[i]));
	jw_json_set(object, "rows", rows);
	jw_json_set_time(object, "since", finding->since_ns);
	jw_json_set_time(object, "last", finding->last_ns);
	jw_json_set(object, "mitigation", jw_json_words(finding->mitigation));
	jw_json_set_text(object, "advice", finding->advice);
	if (!finding->acknowledged_ns)
		return object;
	by = jw_must(json_object());
	jw_json_set_time(by, "time", finding->acknowledged_ns);
	jw_json_set_text(by, "by", finding->acknowledged_by);
	jw_json_set_text(by, "reason", finding->acknowledged_reason);
	jw_json_set(object, "acknowledged", by);
	return object;
}

/* ---- lists ---- */

static void print_table(const struct jw_rule_findings *list)
{
	static const struct jw_column columns[] = {
		{ "FINDING", 0, 0, false }, { "SEVERITY", 0, 0, false }, { "SINCE", 0, 2, false },
		{ "RULE", 0, 1, false }, { "WHAT", 20, 0, false },
	};
	struct jw_table *table = jw_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct jw_rule_finding *finding = &list->v[i];
		enum jw_style style = finding->acknowledged_ns ? JW_DIM : styles[finding->severity];

		jw_table_add(table, JW_STRONG, finding->id ? jw_finding_name(finding) : "-");
		jw_table_add(table, style, jw_hunt_severity_name(finding->severity));
		jw_table_add(table, JW_PLAIN, jw_show_time(finding->since_ns));
		jw_table_add(table, JW_PLAIN, jw_show(finding->rule));
		jw_table_add(table, finding->acknowledged_ns ? JW_DIM : JW_PLAIN, jw_show(finding->text));
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

void jw_findings_print(struct jw_cli *cli, const struct jw_rule_findings *list)
{
	size_t i;

	if (!cli->json && list->n)
		print_table(list);
	for (i = 0; cli->json && i < list->n; i++)
		jw_json_print_line(jw_finding_json(&list->v[i]));
}

int jw_findings_get(struct jw_cli *cli, const struct jw_finding_filter *filter, struct jw_rule_findings *ret)
{
	int code = jw_cli_store(cli), err;

	if (code)
		return code;
	err = jw_store_rule_findings(cli->store, filter, ret);
	return err ? jw_cli_store_failed(cli, "findings", err) : JW_EXIT_YES;
}

/* ---- stories ---- */

static const char *acknowledgement(const struct jw_rule_finding *finding)
{
	if (!finding->acknowledged_ns)
		return "by nobody yet";
	return jw_showf("%s, by %s%s%s", jw_show_time(finding->acknowledged_ns), jw_show(finding->acknowledged_by),
			finding->acknowledged_reason ? ": " : "",
			finding->acknowledged_reason ? jw_show(finding->acknowledged_reason) : "");
}

/* "F12 (high, inline-code): WORDS" */
static const char *one_line(const struct jw_rule_finding *finding)
{
	return jw_showf("%s (%s, %s): %s%s", jw_finding_name(finding), jw_hunt_severity_name(finding->severity),
			jw_show(finding->rule), jw_show(finding->text), finding->acknowledged_ns ? " (acknowledged)" : "");
}

static const char *numbers(const struct jw_rule_finding *finding)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < finding->n_rows; i++)
		text = jw_showf("%s%s%llu", text, i ? "," : "", (unsigned long long)finding->rows[i]);
	return text;
}

void jw_story_finding(struct jw_story *story, const struct jw_rule_finding *finding, const struct jw_jobs *jobs)
{
	const struct jw_job *job = NULL;
	const char *id;
	size_t i;

	for (i = 0; i < jobs->n && !job; i++)
		if (jobs->v[i].id == finding->job)
			job = &jobs->v[i];
	story->title = jw_showf("Finding %s: %s", jw_finding_name(finding), jw_show(finding->rule));
	story->style = styles[finding->severity];
	jw_story_say(story, "%s.", jw_show(finding->text));
	jw_story_say(story, "Severity %s: %s", jw_hunt_severity_name(finding->severity), jw_show(finding->because));
	jw_story_say(story, "Advice: %s", jw_show(finding->advice));
	jw_story_fact(story, JW_PLAIN, "technique", jw_show(finding->technique));
	jw_story_fact(story, JW_PLAIN, "mitigation", jw_show(finding->mitigation));
	jw_story_fact(story, JW_PLAIN, "first seen", jw_show_time(finding->since_ns));
	jw_story_fact(story, JW_PLAIN, "last seen", jw_show_time(finding->last_ns));
	jw_story_fact(story, JW_PLAIN, "events", finding->n_rows ? jw_showf("rows %s of the record", numbers(finding)) : NULL);
	if (job)
		jw_story_fact(story, JW_PLAIN, "job", jw_showf("%s  %s", jw_cli_short_id(job->id, jw_cli_id_digits(jobs)),
							       jw_cli_command(job)));
	jw_story_fact(story, JW_PLAIN, "acknowledged", acknowledgement(finding));
	id = job ? jw_cli_short_id(job->id, jw_cli_id_digits(jobs)) : NULL;
	if (id)
		jw_story_change(story, "to see the job", "jobward why %s", id);
	if (finding->n_rows)
		jw_story_change(story, "to see the events behind it",
				"jobward hunt --sql \"SELECT * FROM events WHERE row IN (%s)\"", numbers(finding));
	if (!finding->acknowledged_ns)
		jw_story_change(story, "when it is dealt with", "jobward hunt --acknowledge %s --reason WORDS",
				jw_finding_name(finding));
}

int jw_story_findings(struct jw_story *story, struct jw_cli *cli, const struct jw_finding_filter *filter)
{
	struct jw_rule_findings list = { 0 };
	int code = jw_findings_get(cli, filter, &list);
	size_t i;

	for (i = 0; i < list.n && !code; i++)
		jw_story_fact(story, list.v[i].acknowledged_ns ? JW_DIM : styles[list.v[i].severity], "finding",
			      one_line(&list.v[i]));
	jw_rule_findings_done(&list);
	return code;
}
