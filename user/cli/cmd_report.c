// SPDX-License-Identifier: GPL-2.0
/*
 * jobward report: one page that stands by itself. What it tells is gathered in one pass over the events of its time, and
 * from the same places that status, jobs and why ask; how it looks is in user/report.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "attack.h"
#include "evidence.h"
#include "lib/control.h"
#include "lib/names_gen.h"
#include "lib/provenance/provenance.h"
#include "report.h"
#include "story.h"
#include "when.h"
#include "word.h"

#define DEFAULT_SINCE "-7d"
/* Stories that are told; what there is beyond is counted. */
#define STORIES_MAX 40
#define TEXT_LINES 60

/* Acts that were not allowed and differ in nothing but time: one story, told of the newest. */
struct told {
	char *key, *newest;	/* newest: the event as text */
	char *label;
	size_t n;
	int64_t last_ns;
	uint64_t job;
	struct jw_lane lane;
};

struct report {
	struct jw_cli *cli;
	FILE *out;
	int64_t since_ns, now_ns;
	struct jw_jobs jobs;
	struct jw_bar bars[JW_BARS];
	struct jw_attack_coverage coverage;
	struct told *stories;
	size_t n_stories, n_untold;
	size_t n_denied, n_audited;
	/* what status says, as it comes */
	json_t *facts;
	char *verdict;
	enum jw_style verdict_style;
};

/* ---- one pass over the events ---- */
static char *story_key(const struct jw_event *event)
{
	char *key;

	if (asprintf(&key, "%d %d %d %d %016llx %s %s %s %s", event->kind, event->action, event->verdict, event->reason,
		     (unsigned long long)event->job, event->job ? "" : jw_word_command(event),
		     event->subject.exe ?: "", event->object.path ?: "", event->target.path ?: "") < 0)
		jw_must(NULL);
	return key;
}

static struct told *find_story(struct report *report, char *key)
{
	size_t i;

	for (i = 0; i < report->n_stories; i++)
		if (!strcmp(report->stories[i].key, key)) {
			free(key);
			return &report->stories[i];
		}
	if (report->n_stories == STORIES_MAX) {
		free(key);
		return NULL;
	}
	report->stories[report->n_stories].key = key;
	return &report->stories[report->n_stories++];
}

static void add_dot(struct jw_lane *lane, int64_t ns, enum jobward_verdict verdict)
{
	/* When there are too many the newest are those that count. */
	if (lane->n == JW_LANE_DOTS)
		memmove(lane->dots, lane->dots + 1, --lane->n * sizeof(*lane->dots));
	lane->dots[lane->n++] = (struct jw_dot){ ns, verdict };
}

static void take_story(struct report *report, const struct jw_event *event)
{
	struct told *story = find_story(report, story_key(event));

	if (!story) {
		report->n_untold++;
		return;
	}
	free(story->newest);
	free(story->label);
	story->newest = jw_must(jw_event_to_text(event));
	story->label = jw_must(strdup(event->kind == JOBWARD_KIND_RUN ? jw_word_command(event) : jw_word_what(event)));
	story->last_ns = (int64_t)event->time_ns;
	story->job = event->job;
	story->n++;
	add_dot(&story->lane, story->last_ns, event->verdict);
}

static int take_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct report *report = ctx;
	int64_t ns = (int64_t)event->time_ns;

	if (event->kind == JOBWARD_KIND_ADMIN || ns < report->since_ns || ns >= report->now_ns)
		return 0;
	if ((unsigned int)event->verdict <= JOBWARD_VERDICT_MAX)
		report->bars[(__int128)(ns - report->since_ns) * JW_BARS / (report->now_ns - report->since_ns)]
			.n[event->verdict]++;
	jw_attack_coverage_take(&report->coverage, event);
	report->n_denied += event->verdict == JOBWARD_VERDICT_DENY;
	report->n_audited += event->verdict == JOBWARD_VERDICT_AUDIT;
	if (event->verdict != JOBWARD_VERDICT_ALLOW)
		take_story(report, event);
	jw_show_reset();
	return 0;
}

static int take_write(void *ctx, uint64_t row, const struct jw_event *event)
{
	if (event->verdict != JOBWARD_VERDICT_DENY)
		add_dot(ctx, (int64_t)event->time_ns, JOBWARD_VERDICT_ALLOW);
	return 0;
}

static const struct jw_job *find_job(const struct report *report, uint64_t id)
{
	size_t i;

	for (i = 0; id && i < report->jobs.n; i++)
		if (report->jobs.v[i].id == id)
			return &report->jobs.v[i];
	return NULL;
}

/* The writes that made the job, into the line of the story of its runs. */
static void add_writes(struct report *report, struct told *story)
{
	const struct jw_job *job = find_job(report, story->job);
	struct jw_event_filter filter = {
		.path = job ? job->path : NULL, .kind = JOBWARD_KIND_WRITE, .verdict = -1, .scheduler = -1, .action = -1,
		.since_ns = report->since_ns, .until_ns = report->now_ns, .limit = JW_LANE_DOTS / 4,
	};

	if (filter.path)
		jw_store_events(report->cli->store, &filter, take_write, &story->lane);
}

static int newest_first(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	return (x->last_ns < y->last_ns) - (x->last_ns > y->last_ns);
}

static int gather(struct report *report)
{
	struct jw_event_filter filter = {
		.since_ns = report->since_ns, .until_ns = report->now_ns, .kind = -1, .verdict = -1, .scheduler = -1, .action = -1,
	};
	size_t i;
	int code = jw_cli_jobs(report->cli, false, &report->jobs), err;

	if (code)
		return code;
	report->stories = jw_must(calloc(STORIES_MAX, sizeof(*report->stories)));
	jw_attack_coverage_begin(report->cli, &report->coverage);
	err = jw_store_events(report->cli->store, &filter, take_event, report);
	if (err < 0)
		return jw_cli_store_failed(report->cli, "events", err);
	qsort(report->stories, report->n_stories, sizeof(*report->stories), newest_first);
	for (i = 0; i < report->n_stories; i++)
		add_writes(report, &report->stories[i]);
	return JW_EXIT_YES;
}

/* ---- state ---- */
static void take_line(void *ctx, const char *label, enum jw_style style, const char *text)
{
	struct report *report = ctx;

	if (label) {
		jw_json_add(report->facts, jw_must(json_pack("[s,s,s]", label, jw_html_class(style), text)));
		return;
	}
	report->verdict = jw_must(strdup(text));
	report->verdict_style = style;
}

static void put_tile(const struct report *report, size_t n, const char *label, const char *class)
{
	jw_html_put(report->out, "tile", "number", jw_showf("%zu", n), "label", label, "class", n ? class : "", NULL);
}

static void put_tiles(const struct report *report)
{
	size_t states[JOBWARD_STATE_MAX + 1] = {0}, i;

	for (i = 0; i < report->jobs.n; i++)
		states[report->jobs.v[i].state]++;
	jw_html_put(report->out, "tiles", NULL);
	put_tile(report, states[JOBWARD_STATE_APPROVED], "jobs approved", "");
	put_tile(report, states[JOBWARD_STATE_UNKNOWN], "unknown", "warn");
	put_tile(report, states[JOBWARD_STATE_CHANGED], "changed", "warn");
	put_tile(report, states[JOBWARD_STATE_DENIED], "denied by decision", "");
	put_tile(report, report->n_denied, "acts denied", "bad");
	put_tile(report, report->n_audited, "enforce would have denied", "warn");
	jw_html_put(report->out, "tiles-end", NULL);
}

static void put_state(const struct report *report)
{
	json_t *fact;
	size_t i;

	jw_html_put(report->out, "section", "id", "state", "title", "State", NULL);
	put_tiles(report);
	jw_html_put(report->out, "facts", NULL);
	json_array_foreach(report->facts, i, fact)
		jw_html_put(report->out, "fact", "label", json_string_value(json_array_get(fact, 0)), "class",
			    json_string_value(json_array_get(fact, 1)), "text", json_string_value(json_array_get(fact, 2)), NULL);
	jw_html_put(report->out, "facts-end", NULL);
	if (strcmp(report->cli->store_path, JW_STORE_PATH))
		jw_html_put(report->out, "say-note", "text",
			    "The store is a copy or another one: gates, module and daemon are those of the machine on which this "
			    "page was made.", NULL);
	jw_html_put(report->out, "section-end", NULL);
}

/* ---- findings ---- */
static const char *time_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	uint64_t ns;

	return text && !jw_time_parse(text, &ns) ? jw_show_time((int64_t)ns) : "";
}

static const char *text_of(const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key);

	return json_is_string(value) ? jw_show_bytes(json_string_value(value), json_string_length(value)) : "";
}

static int put_findings(const struct report *report)
{
	json_t *rows, *row;
	size_t i;
	int over, code = jw_json_rows(report->cli, "findings", &rows);

	if (code)
		return code;
	jw_html_put(report->out, "section", "id", "findings", "title", "Findings", NULL);
	if (!json_array_size(rows))
		jw_html_put(report->out, "say", "text", "There are none on record.", NULL);
	else
		jw_html_put(report->out, "findings", NULL);
	for (over = 0; over < 2; over++)
		json_array_foreach(rows, i, row) {
			if (!!json_object_get(row, "cleared") != over)
				continue;
			jw_html_put(report->out, "finding", "class", over ? "over" : "", "name", text_of(row, "name"), "severity",
				    text_of(row, "severity"), "text", text_of(row, "text"), "technique", text_of(row, "technique"),
				    "since", time_of(row, "since"), "cleared", time_of(row, "cleared"), NULL);
		}
	if (json_array_size(rows))
		jw_html_put(report->out, "table-end", NULL);
	jw_html_put(report->out, "section-end", NULL);
	json_decref(rows);
	jw_show_reset();
	return JW_EXIT_YES;
}

/* ---- denials ---- */
static void put_changes(FILE *out, const struct jw_story *story)
{
	size_t i;

	if (!story->n_changes)
		return;
	jw_html_put(out, "story-changes", NULL);
	for (i = 0; i < story->n_changes; i++) {
		const struct jw_change *change = &story->changes[i];

		jw_html_put(out, change->yaml ? "story-change-file" : "story-change", "effect", change->effect, "command",
			    change->command, "file", change->file, "yaml", change->yaml, NULL);
	}
	jw_html_put(out, "facts-end", NULL);
}

static void put_story(const struct report *report, size_t n)
{
	const struct told *told = &report->stories[n];
	struct jw_story story = {0};
	struct jw_event event = {0};
	size_t i;

	if (jw_event_from_text(&event, told->newest, strlen(told->newest)))
		jw_must(NULL);
	jw_story_event(&story, &event, &report->jobs);
	jw_html_put(report->out, "story", "n", jw_showf("%zu", n + 1), "verdict", jw_verdict_name(event.verdict), "what",
		    told->label, "meta",
		    jw_showf("%s, %s%s", jw_word_who(&event.subject), jw_show_time(told->last_ns),
			     told->n > 1 ? jw_showf(", %zu times", told->n) : ""), NULL);
	for (i = 0; i < story.n_sentences; i++)
		jw_html_put(report->out, "say", "text", story.sentences[i], NULL);
	jw_html_put(report->out, "facts", NULL);
	for (i = 0; i < story.n_facts; i++)
		jw_html_put(report->out, "fact", "label", story.facts[i].label, "class", jw_html_class(story.facts[i].style), "text",
			    story.facts[i].text, NULL);
	jw_html_put(report->out, "facts-end", NULL);
	if (event.subject.pid)
		jw_svg_tree(report->out, &event.subject);
	put_changes(report->out, &story);
	jw_html_put(report->out, "story-end", NULL);
	jw_event_done(&event);
	jw_show_reset();
}

static void put_denials(const struct report *report)
{
	const struct jw_lane **lanes = jw_must(calloc(STORIES_MAX, sizeof(*lanes)));
	size_t i;

	jw_html_put(report->out, "section", "id", "denials", "title", "Denials", NULL);
	for (i = 0; i < report->n_stories; i++) {
		report->stories[i].lane.label = report->stories[i].label;
		lanes[i] = &report->stories[i].lane;
	}
	if (report->n_stories)
		jw_svg_lanes(report->out, lanes, report->n_stories, report->since_ns, report->now_ns);
	else
		jw_html_put(report->out, "say", "text", "Nothing was denied, and nothing would have been in enforce.", NULL);
	free(lanes);
	for (i = 0; i < report->n_stories; i++)
		put_story(report, i);
	if (report->n_untold)
		jw_html_put(report->out, "say-note", "text",
			    jw_showf("%zu more, of other kinds, are not told here: jobward log has them.", report->n_untold), NULL);
	jw_html_put(report->out, "section-end", NULL);
}

/* ---- jobs ---- */
/* The job's text by lines, each shown harmlessly; a long one is cut. */
static const char *show_lines(const char *text, size_t len)
{
	const char *shown = "", *end, *stop = text + len;
	size_t n;

	for (n = 0; text < stop && n < TEXT_LINES; n++, text = end + 1) {
		end = memchr(text, '\n', (size_t)(stop - text)) ?: stop;
		shown = jw_showf("%s%s%s", shown, n ? "\n" : "",
				 jw_show_bytes(text, end - text < 2000 ? (size_t)(end - text) : 2000));
	}
	return text < stop ? jw_showf("%s\n(cut here; jobward show has all of it)", shown) : shown;
}

static const char *provenance(const struct jw_provenance *from)
{
	const char *text = jw_provenance_name(from->kind);

	return from->package ? jw_showf("%s: %s %s", text, jw_show(from->package), from->version ? jw_show(from->version) : "") :
			       text;
}

static void put_job(FILE *out, const struct jw_job *job, unsigned int digits)
{
	jw_html_put(out, "job", "id", jw_cli_short_id(job->id, digits), "state", jw_state_name(job->state), "owner",
		    job->owner ? jw_show(job->owner) : jw_cli_user(job->uid), "schedule", job->schedule ? jw_show(job->schedule) : "",
		    "command", jw_cli_command(job), "scheduler", jw_scheduler_name(job->scheduler), "place", jw_cli_place(job), NULL);
	if (job->state != JOBWARD_STATE_APPROVED)
		jw_html_put(out, "job-more", "reason", job->reason ? jw_show(job->reason) : "", "text",
			    job->source ? show_lines(job->source, job->source_len) : "", NULL);
	jw_html_put(out, "job-end", "provenance", provenance(&job->provenance), "runs",
		    jw_showf("%llu", (unsigned long long)job->runs), "last_run", jw_show_time(job->last_run_ns), NULL);
	jw_show_reset();
}

static void put_jobs(const struct report *report)
{
	static const enum jobward_state order[] = {
		JOBWARD_STATE_CHANGED, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_DENIED, JOBWARD_STATE_APPROVED,
	};
	const unsigned int digits = jw_cli_id_digits(&report->jobs);
	size_t i, k;

	jw_html_put(report->out, "section", "id", "jobs", "title", "Jobs", NULL);
	jw_html_put(report->out, "jobs", NULL);
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (i = 0; i < report->jobs.n; i++)
			if (report->jobs.v[i].state == order[k])
				put_job(report->out, &report->jobs.v[i], digits);
	jw_html_put(report->out, "table-end", NULL);
	jw_html_put(report->out, "section-end", NULL);
}

/* ---- coverage ---- */
static void put_coverage(const struct report *report)
{
	size_t i;

	jw_html_put(report->out, "section", "id", "coverage", "title", "ATT&CK coverage", NULL);
	jw_html_put(report->out, "say", "text",
		    "A technique says what kind of thing an act is, not that it is evil: the runs of approved jobs have one too.", NULL);
	jw_html_put(report->out, "coverage", NULL);
	for (i = 0; i < report->coverage.n; i++) {
		const struct jw_technique *technique = &report->coverage.v[i];

		jw_html_put(report->out, "technique", "class", technique->observed ? "" : "unseen", "id", technique->id, "name",
			    technique->name, "observed", jw_showf("%llu", (unsigned long long)technique->observed), "denied",
			    jw_showf("%llu", (unsigned long long)technique->denied), "last",
			    technique->observed ? jw_show_time(technique->last_ns) : "", "gates", technique->is_gated ? "yes" : "",
			    "hunts", technique->hunts, NULL);
	}
	jw_html_put(report->out, "table-end", NULL);
	jw_html_put(report->out, "section-end", NULL);
}

/* ---- the page ---- */
static const char *zone_name(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[64];

	return localtime_r(&now, &tm) && strftime(text, sizeof(text), "%Z", &tm) ? jw_showf("%s", text) : "UTC";
}

static void put_head(const struct report *report)
{
	char host[HOST_NAME_MAX + 1] = "", machine_time[JW_TIME_MAX];

	gethostname(host, sizeof(host) - 1);
	jw_time_format((uint64_t)report->now_ns, machine_time);
	jw_html_put(report->out, "head", "style", jw_html_style_digest(), "host", jw_show(host), NULL);
	jw_html_put_style(report->out);
	jw_html_put(report->out, "body", "host", jw_show(host), "class", jw_html_class(report->verdict_style), "verdict",
		    report->verdict, "machine_time", machine_time, "made", jw_show_time(report->now_ns), "since",
		    jw_show_time(report->since_ns), "zone", zone_name(), NULL);
}

static int put_page(struct report *report)
{
	struct jw_chain_tip anchor, head;
	int code, err = jw_store_chain_ends(report->cli->store, &anchor, &head);

	if (err)
		return jw_cli_store_failed(report->cli, "the chain", err);
	put_head(report);
	put_state(report);
	code = put_findings(report);
	if (code)
		return code;
	put_denials(report);
	jw_html_put(report->out, "section", "id", "runs", "title", "Over time", NULL);
	jw_svg_bars(report->out, report->bars, report->since_ns, report->now_ns);
	jw_html_put(report->out, "section-end", NULL);
	put_jobs(report);
	put_coverage(report);
	jw_html_put(report->out, "end", "program", "jobward " JOBWARD_VERSION, "store", jw_show(report->cli->store_path), "row",
		    jw_showf("%llu", (unsigned long long)head.row), "hash", jw_show_hex(head.hash, sizeof(head.hash)), NULL);
	return JW_EXIT_YES;
}

static void report_done(struct report *report)
{
	size_t i;

	for (i = 0; i < report->n_stories; i++) {
		free(report->stories[i].key);
		free(report->stories[i].newest);
		free(report->stories[i].label);
	}
	free(report->stories);
	free(report->verdict);
	json_decref(report->facts);
	jw_attack_coverage_done(&report->coverage);
	jw_jobs_done(&report->jobs);
}

int jw_cmd_report(struct jw_cli *cli)
{
	const char *path = jw_cli_option(cli, "html"), *since = jw_cli_option(cli, "since");
	struct report report = { .cli = cli, .now_ns = jw_when_now() };
	struct jw_output output = {0};
	int code;

	if (!path)
		return jw_cli_usage(cli, "say where to: --html FILE");
	if (jw_when_parse(since ? since : DEFAULT_SINCE, report.now_ns, false, &report.since_ns) ||
	    report.since_ns >= report.now_ns)
		return jw_cli_usage(cli, "'%s' is no time that has passed: give -2h, yesterday or 2026-11-24", jw_show(since));
	code = jw_cli_store(cli);
	if (code)
		return code;
	report.facts = jw_must(json_array());
	jw_status_tell(cli, take_line, &report);
	code = gather(&report);
	if (!code)
		code = jw_output_open(cli, path, &output);
	if (!code) {
		report.out = output.file;
		code = put_page(&report);
	}
	code = jw_output_close(&output, !code) ?: code;
	report_done(&report);
	if (!code && cli->json && strcmp(path, "-"))
		jw_json_print(jw_must(json_pack("{s:o}", "file", jw_json_text(path, strlen(path)))));
	return code;
}
