// SPDX-License-Identifier: GPL-2.0
/* jobward show: all that is known about one job. */
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "finding.h"
#include "lib/coverage.h"
#include "lib/names_gen.h"
#include "lib/parse/parse.h"
#include "lib/provenance/provenance.h"
#include "lib/schedule/schedule.h"
#include "planting.h"
#include "story.h"
#include "word.h"

#define NEXT_RUNS 3
#define LABEL_COLUMNS 11

struct known {
	struct jw_cli *cli;
	const struct jw_job *job;
	bool gone;		/* stands in no store any more */
	const struct jw_decision *decision;
	struct jw_decision *decisions;
	size_t n_decisions;
	struct jw_job_version *versions;
	size_t n_versions;
	struct jw_planting planting;
	struct jw_coverage coverage;
	struct jw_rule_findings findings;
	struct jw_shell_words words;
	char *schedule_words;
	int64_t next[NEXT_RUNS];
	size_t n_next;
};

/* ---- gathering ---- */
static void find_next_runs(struct known *known)
{
	int64_t ns = jw_cli_next_run(known->job, jw_when_now());

	while (ns > 0 && known->n_next < NEXT_RUNS) {
		known->next[known->n_next++] = ns;
		ns = jw_schedule_is_cron(known->job->scheduler) && known->job->schedule ?
		     jw_schedule_cron_next(known->job->schedule, ns) : 0;
	}
}

static bool has_shell(const struct jw_job *job)
{
	return job->scheduler != JOBWARD_SCHEDULER_SYSTEMD && job->scheduler != JOBWARD_SCHEDULER_SYSTEMD_USER;
}

static int gather(struct jw_cli *cli, struct known *known)
{
	const struct jw_job *job = known->job;
	int code = jw_detail_find_decision(cli, job->id, &known->decisions, &known->n_decisions, &known->decision), err;

	if (code)
		return code;
	err = jw_store_get_versions(cli->store, job->id, &known->versions, &known->n_versions);
	if (err)
		return jw_cli_store_failed(cli, "the versions", err);
	code = jw_planting_of_job(cli, job, &known->planting);
	if (code)
		return code;
	if (jw_coverage_find(job, &known->coverage))
		jw_must(NULL);
	code = jw_findings_get(cli, &(struct jw_finding_filter){.all = true, .job = job->id}, &known->findings);
	if (code)
		return code;
	if (job->schedule)
		known->schedule_words = jw_must(jw_schedule_words(job->scheduler, job->schedule));
	if (job->command && has_shell(job) && jw_parse_shell_command(job->command, &known->words))
		jw_must(NULL);
	if (!known->gone)
		find_next_runs(known);
	return JW_EXIT_YES;
}

static void known_done(struct known *known)
{
	if (known->decisions)
		jw_decisions_free(known->decisions, known->n_decisions);
	if (known->versions)
		jw_job_versions_free(known->versions, known->n_versions);
	jw_planting_done(&known->planting);
	jw_coverage_done(&known->coverage);
	jw_rule_findings_done(&known->findings);
	jw_shell_words_done(&known->words);
	free(known->schedule_words);
}

static bool is_uncovered(const struct jw_shell_word *word)
{
	return word->kind == JW_SHELL_DYNAMIC || word->kind == JW_SHELL_GLOB;
}

/* ---- JSON ---- */
static json_t *json_coverage(const struct jw_coverage_note *notes, size_t n)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *object = jw_must(json_object());

		jw_json_set_text(object, "kind", jw_coverage_name(notes[i].kind));
		jw_json_set_text(object, "subject", notes[i].subject);
		jw_json_set_text(object, "text", notes[i].text);
		jw_json_add(array, object);
	}
	return array;
}

static json_t *json_versions(const struct known *known)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < known->n_versions; i++) {
		jw_json_add(array, jw_json_version(&known->versions[i]));
	}
	return array;
}

static void print_json(const struct known *known)
{
	const struct jw_job *job = known->job;
	json_t *root = jw_json_job(job, jw_when_now()), *uncovered = jw_must(json_array()),
	       *next = jw_must(json_array()), *findings = jw_must(json_array());
	size_t i;

	jw_json_set_text(root, "schedule_words", known->schedule_words);
	for (i = 0; i < known->n_next; i++) {
		char text[JW_TIME_MAX];

		jw_time_format((uint64_t)known->next[i], text);
		jw_json_add(next, json_string(text));
	}
	jw_json_set(root, "next_runs", next);
	if (job->source)
		jw_json_set(root, "text", jw_json_text(job->source, job->source_len));
	jw_json_set_text(root, "input", job->input);
	jw_json_set(root, "gone", json_boolean(known->gone));
	jw_json_set(root, "execs", jw_json_execs(job));
	jw_json_set(root, "pins", jw_json_pins(job));
	for (i = 0; i < known->words.n; i++)
		if (is_uncovered(&known->words.v[i]))
			jw_json_add(uncovered, jw_json_text(known->words.v[i].text, strlen(known->words.v[i].text)));
	jw_json_set(root, "uncovered", uncovered);
	jw_json_set(root, "covers", json_coverage(known->coverage.covers, known->coverage.n_covers));
	jw_json_set(root, "limits", json_coverage(known->coverage.limits, known->coverage.n_limits));
	if (known->decision)
		jw_json_set(root, "decision", jw_json_decision(known->decision));
	jw_json_set(root, "planting", jw_planting_json(&known->planting));
	jw_json_set(root, "versions", json_versions(known));
	for (i = 0; i < known->findings.n; i++)
		jw_json_add(findings, jw_finding_json(&known->findings.v[i]));
	jw_json_set(root, "findings", findings);
	jw_json_print(root);
}

/* ---- for people ---- */
static void print_line(const char *label, const char *shown)
{
	jw_print_labelled(label, LABEL_COLUMNS, JW_PLAIN, shown);
}

static void print_heading(const char *heading)
{
	printf("\n%s\n", jw_show_styled(JW_STRONG, heading));
}

static const char *origin(const struct jw_provenance *p)
{
	const char *text = jw_provenance_name(p->kind);

	if (p->package)
		text = jw_showf("%s: %s %s", text, jw_show(p->package), p->version ? jw_show(p->version) : "");
	if (p->kind == JW_PROVENANCE_MODIFIED)
		text = jw_showf("%s, not as the package delivers it", text);
	return text;
}

static void print_times(const struct known *known, int64_t now_ns)
{
	const struct jw_job *job = known->job;
	const char *text = "";
	size_t i;

	if (job->schedule && known->schedule_words && strcmp(job->schedule, known->schedule_words))
		print_line("schedule", job->scheduler == JOBWARD_SCHEDULER_AT ? jw_show(known->schedule_words) :
			   jw_showf("%s: %s", jw_show(job->schedule), jw_show(known->schedule_words)));
	else if (job->schedule)
		print_line("schedule", jw_show(job->schedule));
	for (i = 0; i < known->n_next; i++)
		text = jw_showf("%s%s%s", text, i ? ", " : "", jw_show_time(known->next[i]));
	if (known->n_next)
		text = jw_showf("%s (%s)", text, jw_show_distance(known->next[0], now_ns));
	print_line("next", job->next_run_ns == -1 ? "at boot" : text);
	if (job->runs)
		print_line("last run",
			   jw_showf("%s (%s), %llu runs on record", jw_show_time(job->last_run_ns),
				    jw_show_distance(job->last_run_ns, now_ns), (unsigned long long)job->runs));
	else
		print_line("last run", "none on record");
	if (job->first_seen_ns)
		print_line("first seen", jw_showf("%s (%s)%s", jw_show_time(job->first_seen_ns),
						  jw_show_distance(job->first_seen_ns, now_ns),
						  job->changed_ns > job->first_seen_ns ?
						  jw_showf(", changed %s", jw_show_time(job->changed_ns)) : ""));
}

static void print_job(const struct known *known, int64_t now_ns)
{
	const struct jw_job *job = known->job;
	char id[JW_ID_HEX];

	jw_job_id_format(job->id, id);
	printf("%s %s%s\n\n", jw_show_styled(JW_STRONG, jw_showf("Job %s", id)),
	       jw_show_styled(jw_word_state_style(job->state), jw_state_name(job->state)),
	       known->gone ? ", no longer in any store" : "");
	jw_print_labelled("command", LABEL_COLUMNS, JW_STRONG, jw_cli_command(job));
	print_line("input", job->input ? jw_show(job->input) : NULL);
	print_line("scheduler", jw_scheduler_name(job->scheduler));
	print_line("runs as", job->owner ? job->uid == (uid_t)-1 ?
					   jw_showf("%s, who does not exist", jw_show(job->owner)) :
					   jw_showf("%s (uid %u)", jw_show(job->owner), job->uid) :
					   "nobody known");
	print_line("source", jw_cli_place(job));
	print_line("unit", job->name && !has_shell(job) ? jw_show(job->name) : NULL);
	print_times(known, now_ns);
	print_line("origin", origin(&job->provenance));
	for (size_t i = 0; i < known->planting.n; i++)
		print_line(i ? "" : "planted", jw_showf("%s%s", i ? "that one was planted " : "",
							jw_planting_say(&known->planting, i)));
	if (job->reason)
		print_line("state", jw_showf("%s: %s", jw_state_name(job->state), jw_show(job->reason)));
}

/* The bytes of strangers, line by line, with a bar in front: nothing of it can be taken for jobward's own words. */
static void print_text(const char *text, size_t len)
{
	const char *end = text + len, *bar = jw_render_terminal()->utf8 ? "│" : "|";

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text), tab;
		const char *line = "";

		/* Tabs within the text are blanks here, not \x09. */
		for (; n; n -= tab, text += tab) {
			const char *at = memchr(text, '\t', n);

			tab = at ? (size_t)(at - text) : n;
			line = jw_showf("%s%s", line, jw_show_bytes(text, tab));
			if (tab < n)
				line = jw_showf("%s    ", line), tab++;
		}
		printf("  %s %s\n", jw_show_styled(JW_DIM, bar), line);
		text = stop ? stop + 1 : end;
	}
}

static void print_difference(void *ctx, const char *shown)
{
	(void)ctx;
	jw_print_labelled("changed", LABEL_COLUMNS, JW_WARN, shown);
}

static void print_pins(const struct jw_job *job)
{
	static const struct jw_column columns[] = {
		{"  FILE", 20, 0, true}, {"SHA-256", 0, 1, false}, {"PACKAGE", 0, 0, false}, {"", 0, 0, false},
	};
	struct jw_table *table;
	size_t i;

	if (!job->n_pins)
		return;
	table = jw_table_new(columns, 4);
	for (i = 0; i < job->n_pins; i++) {
		const struct jw_pin *pin = &job->pins[i];

		jw_table_add(table, JW_PLAIN, jw_showf("  %s", jw_show(pin->path)));
		jw_table_add(table, JW_DIM, pin->present ? jw_detail_digest(pin->sha256) : "-");
		jw_table_add(table, JW_PLAIN, pin->package ? jw_show(pin->package) : "-");
		jw_table_add(table, pin->package && !pin->unmodified ? JW_BAD : JW_PLAIN,
			     !pin->present ? "not there" : pin->package && !pin->unmodified ? "MODIFIED" : "");
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

/* Those stand in the table of files. */
static bool is_of_pin(const struct jw_coverage_note *note)
{
	return note->kind == JW_COVERS_FILE || note->kind == JW_COVERS_ABSENT;
}

static void print_approval(const struct known *known, int64_t now_ns)
{
	const struct jw_job *job = known->job;
	size_t i, n = 0;

	print_heading("Approval");
	print_line("decision", known->decision ? jw_detail_decision(known->decision, now_ns) : "none by a person");
	if (known->decision && job->state == JOBWARD_STATE_CHANGED)
		jw_detail_differences(job, known->decision, print_difference, NULL);
	for (i = 0; i < known->coverage.n_covers; i++)
		if (!is_of_pin(&known->coverage.covers[i]))
			print_line(n++ ? "" : "covers", jw_show(known->coverage.covers[i].text));
	if (job->n_pins)
		print_line("", "the content of these files:");
	print_pins(job);
	for (i = 0; i < known->coverage.n_limits; i++)
		jw_print_labelled(i ? "" : "not covered", LABEL_COLUMNS, JW_WARN, jw_show(known->coverage.limits[i].text));
}

static void print_versions(const struct known *known)
{
	static const struct jw_column columns[] = {
		{"  SINCE", 0, 0, false}, {"SCHEDULE", 11, 1, false}, {"COMMAND", 20, 0, false},
	};
	struct jw_table *table;
	size_t i;

	if (known->n_versions < 2)
		return;
	print_heading("Versions");
	table = jw_table_new(columns, 3);
	for (i = 0; i < known->n_versions; i++) {
		const struct jw_job_version *version = &known->versions[i];

		jw_table_add(table, JW_PLAIN, jw_showf("  %s", jw_show_time(version->time_ns)));
		jw_table_add(table, JW_PLAIN, version->schedule ? jw_show(version->schedule) : "-");
		jw_table_add(table, JW_PLAIN, jw_show(version->command));
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

static void print_people(const struct known *known)
{
	int64_t now_ns = jw_when_now();

	print_job(known, now_ns);
	if (known->job->source_len) {
		print_heading("Text");
		print_text(known->job->source, known->job->source_len);
	}
	print_approval(known, now_ns);
	if (known->findings.n) {
		print_heading("Findings");
		jw_findings_print(known->cli, &known->findings);
	}
	print_versions(known);
}

/* What is gone from the stores is still told about when its id is given. */
static int find(struct jw_cli *cli, struct jw_jobs *jobs, struct known *known)
{
	int code = jw_cli_jobs(cli, false, jobs);

	if (code)
		return code;
	if (!jw_cli_matches(jobs, cli->words[0], NULL)) {
		jw_jobs_done(jobs);
		*jobs = (struct jw_jobs){0};
		code = jw_cli_jobs(cli, true, jobs);
		if (code)
			return code;
		known->gone = true;
	}
	return jw_cli_pick(jobs, cli->words[0], &known->job);
}

int jw_cmd_show(struct jw_cli *cli)
{
	struct known known = {.cli = cli};
	struct jw_jobs jobs = {0};
	int code = find(cli, &jobs, &known);

	if (!code)
		code = gather(cli, &known);
	if (!code && cli->json)
		print_json(&known);
	else if (!code)
		print_people(&known);
	known_done(&known);
	jw_jobs_done(&jobs);
	return code;
}
