// SPDX-License-Identifier: GPL-2.0
/* jobward policy diff and replay: another policy over the inventory, and over the recorded runs. Nothing is written. */
#include <stdlib.h>
#include <string.h>
#include "finding.h"
#include "lib/grow.h"
#include "lib/names_gen.h"
#include "lib/replay.h"
#include "policy_try.h"
#include "render.h"
#include "word.h"

#define RULE_TIMEOUT_MS 60000

/* ---- diff ---- */

struct change {
	const struct jw_job *job;
	enum jobward_state state;
	char *reason;
};

static const struct jw_decision *decision_of(const struct jw_decision *list, size_t n, uint64_t job)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].job == job)
			return &list[i];
	return NULL;
}

/* *ret has room for all jobs. */
static size_t find_changes(const struct jw_jobs *jobs, const struct jw_policy *policy, const struct jw_decision *decisions,
			   size_t n_decisions, struct change *ret)
{
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++) {
		const struct jw_job *job = &jobs->v[i];
		struct jw_judgement judgement;

		if (jw_judge(job, policy, decision_of(decisions, n_decisions, job->id), jw_when_now(), &judgement))
			jw_must(NULL);
		if (judgement.state != job->state) {
			ret[n++] = (struct change){job, judgement.state, judgement.reason};
			judgement.reason = NULL;
		}
		jw_judgement_done(&judgement);
	}
	return n;
}

static void print_changes_json(const struct change *changes, size_t n)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *object = jw_json_job(changes[i].job, jw_when_now());

		jw_json_set_text(object, "would_be", jw_state_name(changes[i].state));
		jw_json_set_text(object, "reason", changes[i].reason);
		jw_json_add(array, object);
	}
	jw_json_print(array);
}

static void print_changes(const struct change *changes, size_t n, unsigned int digits)
{
	static const struct jw_column columns[] = {
		{"JOB", 0, 0, false}, {"IS", 0, 0, false}, {"WOULD BE", 0, 0, false}, {"SOURCE", 12, 2, true},
		{"COMMAND", 12, 1, false}, {"WHY", 20, 0, false},
	};
	struct jw_table *table = jw_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;

	for (i = 0; i < n; i++) {
		jw_table_add(table, JW_STRONG, jw_cli_short_id(changes[i].job->id, digits));
		jw_table_add(table, jw_word_state_style(changes[i].job->state), jw_state_name(changes[i].job->state));
		jw_table_add(table, jw_word_state_style(changes[i].state), jw_state_name(changes[i].state));
		jw_table_add(table, JW_PLAIN, jw_cli_place(changes[i].job));
		jw_table_add(table, JW_PLAIN, jw_cli_command(changes[i].job));
		jw_table_add(table, JW_PLAIN, jw_show(changes[i].reason));
	}
	jw_table_print(table, stdout);
	jw_table_free(table);
}

int jw_policy_diff(struct jw_cli *cli, const struct jw_policy *policy)
{
	struct jw_decision *decisions = NULL;
	struct change *changes;
	struct jw_jobs jobs = {0};
	size_t n_decisions = 0, n, i;
	int code = jw_cli_jobs(cli, false, &jobs), err;

	if (code)
		return code;
	err = jw_store_get_decisions(cli->store, &decisions, &n_decisions);
	if (err) {
		jw_jobs_done(&jobs);
		return jw_cli_store_failed(cli, "the decisions", err);
	}
	changes = jw_must(calloc(jobs.n + 1, sizeof(*changes)));
	n = find_changes(&jobs, policy, decisions, n_decisions, changes);
	if (cli->json)
		print_changes_json(changes, n);
	else if (n)
		print_changes(changes, n, jw_cli_id_digits(&jobs));
	else
		printf("All %zu jobs would be as they are.\n", jobs.n);
	for (i = 0; i < n; i++)
		free(changes[i].reason);
	free(changes);
	jw_decisions_free(decisions, n_decisions);
	jw_jobs_done(&jobs);
	return n ? JW_EXIT_NO : JW_EXIT_YES;
}

/* ---- replay ---- */

/* Runs that are judged alike: of one job, with one verdict, decided by the same kind of decider. */
struct alike {
	uint64_t job;
	enum jobward_verdict was, would_be;
	enum jw_replay_by by;
	uint64_t n, first_seq, last_seq;
	int64_t last_ns;
	char *reason;
};

struct replay {
	const struct jw_policy *policy;
	const struct jw_jobs *jobs;
	struct alike *v;
	size_t n;
	uint64_t events, of_no_job, differ;
};

static int by_alike(const void *a, const void *b)
{
	const struct alike *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return x->was != y->was ? (int)x->was - (int)y->was : (int)x->by - (int)y->by;
}

static struct alike *find_alike(struct replay *replay, const struct alike *like)
{
	size_t low = 0, high = replay->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (by_alike(&replay->v[mid], like) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < replay->n && !by_alike(&replay->v[low], like))
		return &replay->v[low];
	replay->v = jw_must(jw_grow(replay->v, replay->n, sizeof(*replay->v)));
	memmove(&replay->v[low + 1], &replay->v[low], (replay->n++ - low) * sizeof(*replay->v));
	replay->v[low] = *like;
	return &replay->v[low];
}

static int take_run(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct replay *replay = ctx;
	struct alike like = {.job = event->job, .was = event->verdict, .by = jw_replay_decided_by(event->rule)};
	struct alike *alike;

	(void)row;
	replay->events++;
	if (!event->job) {
		replay->of_no_job++;
		return 0;
	}
	like.first_seq = event->seq;
	alike = find_alike(replay, &like);
	alike->n++;
	alike->last_seq = event->seq;
	alike->last_ns = (int64_t)event->time_ns;
	return 0;
}

static const struct jw_job *job_of(const struct replay *replay, uint64_t id)
{
	size_t i;

	for (i = 0; i < replay->jobs->n; i++)
		if (replay->jobs->v[i].id == id)
			return &replay->jobs->v[i];
	return NULL;
}

/* Keeps what differs; jobs that are not on record can't be judged. */
static void judge_again(struct replay *replay)
{
	size_t i, kept = 0;

	for (i = 0; i < replay->n; i++) {
		struct alike *alike = &replay->v[i];
		const struct jw_job *job = job_of(replay, alike->job);
		struct jw_judgement judgement;

		if (!job) {
			replay->of_no_job += alike->n;
			continue;
		}
		if (jw_replay_run(job, replay->policy, alike->by, alike->was, alike->last_ns, &alike->would_be, &judgement))
			jw_must(NULL);
		if (alike->would_be != alike->was) {
			alike->reason = judgement.reason;
			judgement.reason = NULL;
			replay->differ += alike->n;
			replay->v[kept++] = *alike;
		}
		jw_judgement_done(&judgement);
	}
	replay->n = kept;
}

static void print_replay_json(const struct replay *replay, const struct jw_rule_findings *findings)
{
	json_t *root = jw_must(json_object()), *changes = jw_must(json_array()), *list = jw_must(json_array());
	size_t i;

	for (i = 0; i < replay->n; i++) {
		const struct alike *alike = &replay->v[i];
		json_t *object = jw_must(json_object());

		jw_json_set(object, "job", jw_json_job(job_of(replay, alike->job), jw_when_now()));
		jw_json_set_text(object, "verdict", jw_verdict_name(alike->was));
		jw_json_set_text(object, "would_be", jw_verdict_name(alike->would_be));
		jw_json_set_text(object, "reason", alike->reason);
		jw_json_set(object, "events", json_integer((json_int_t)alike->n));
		jw_json_set(object, "first_seq", json_integer((json_int_t)alike->first_seq));
		jw_json_set(object, "last_seq", json_integer((json_int_t)alike->last_seq));
		jw_json_set_time(object, "last", alike->last_ns);
		jw_json_add(changes, object);
	}
	for (i = 0; i < findings->n; i++)
		jw_json_add(list, jw_finding_json(&findings->v[i]));
	jw_json_set(root, "events", json_integer((json_int_t)replay->events));
	jw_json_set(root, "not_judged", json_integer((json_int_t)replay->of_no_job));
	jw_json_set(root, "differ", json_integer((json_int_t)replay->differ));
	jw_json_set(root, "changes", changes);
	jw_json_set(root, "findings", list);
	jw_json_print(root);
}

static void print_replay(struct jw_cli *cli, const struct replay *replay, const struct jw_rule_findings *findings)
{
	static const struct jw_column columns[] = {
		{"JOB", 0, 0, false}, {"RUNS", 0, 0, false}, {"WAS", 0, 0, false}, {"WOULD BE", 0, 0, false},
		{"LAST SEQ", 0, 2, false}, {"COMMAND", 12, 1, false}, {"WHY", 20, 0, false},
	};
	struct jw_table *table = jw_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	unsigned int digits = jw_cli_id_digits(replay->jobs);
	size_t i;

	jw_print_wrapped(0, jw_showf("%llu runs on record, %llu of no job that is known; %llu would have had another verdict.",
				     (unsigned long long)replay->events, (unsigned long long)replay->of_no_job,
				     (unsigned long long)replay->differ));
	for (i = 0; i < replay->n; i++) {
		const struct alike *alike = &replay->v[i];

		jw_table_add(table, JW_STRONG, jw_cli_short_id(alike->job, digits));
		jw_table_add(table, JW_PLAIN, jw_showf("%llu", (unsigned long long)alike->n));
		jw_table_add(table, JW_PLAIN, jw_verdict_name(alike->was));
		jw_table_add(table, alike->would_be == JOBWARD_VERDICT_DENY ? JW_BAD : JW_PLAIN,
			     jw_verdict_name(alike->would_be));
		jw_table_add(table, JW_PLAIN, jw_showf("%llu", (unsigned long long)alike->last_seq));
		jw_table_add(table, JW_PLAIN, jw_cli_command(job_of(replay, alike->job)));
		jw_table_add(table, JW_PLAIN, jw_show(alike->reason));
	}
	if (replay->n) {
		putchar('\n');
		jw_table_print(table, stdout);
	}
	jw_table_free(table);
	printf("\n%s\n", findings->n ? "The rules would have found:\n" : "The rules would have found nothing.");
	jw_findings_print(cli, findings);
}

static int ask_rules(struct jw_cli *cli, int64_t since_ns, struct jw_rule_findings *ret)
{
	const struct jw_rule_span span = {since_ns, jw_when_now(), RULE_TIMEOUT_MS};
	struct jw_diags diags = {0};
	struct jw_hunts hunts = {0};
	int code = jw_hunts_get(cli, &hunts, &diags), err;

	if (!code) {
		err = jw_rules_ask(cli->store, &hunts, &span, ret, &diags);
		code = err ? jw_cli_store_failed(cli, "an answer", err) : JW_EXIT_YES;
	}
	jw_hunts_complain(&diags);
	jw_hunts_done(&hunts);
	jw_diags_done(&diags);
	return code;
}

int jw_policy_replay(struct jw_cli *cli, const struct jw_policy *policy)
{
	struct jw_event_filter filter = {
		.kind = JOBWARD_KIND_RUN, .verdict = -1, .scheduler = -1, .action = JOBWARD_ACTION_EXEC,
	};
	struct jw_rule_findings findings = {0};
	struct jw_jobs jobs = {0};
	struct replay replay = {.policy = policy, .jobs = &jobs};
	int code = jw_time_option(cli, "since", &filter.since_ns), err;
	size_t i;

	if (!code)
		code = jw_cli_jobs(cli, true, &jobs);
	if (!code) {
		err = jw_store_events(cli->store, &filter, take_run, &replay);
		code = err ? jw_cli_store_failed(cli, "events", err) : ask_rules(cli, filter.since_ns, &findings);
	}
	if (!code) {
		judge_again(&replay);
		if (cli->json)
			print_replay_json(&replay, &findings);
		else
			print_replay(cli, &replay, &findings);
		code = replay.differ ? JW_EXIT_NO : JW_EXIT_YES;
		for (i = 0; i < replay.n; i++)
			free(replay.v[i].reason);
	}
	free(replay.v);
	jw_rule_findings_done(&findings);
	jw_jobs_done(&jobs);
	return code;
}
