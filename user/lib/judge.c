// SPDX-License-Identifier: GPL-2.0
/* The judge. Everything it needs comes in; what it says is for people too, so it names what changed. */
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "judge.h"

/* ---- decisions ---- */

int jw_decision_set_job(struct jw_decision *decision, const struct jw_job *job)
{
	uint8_t (*keys)[JW_DIGEST_SIZE] = calloc(job->n_execs + 1, sizeof(*keys));
	struct jw_decision_pin *pins = calloc(job->n_pins + 1, sizeof(*pins));
	size_t i;

	for (i = 0; keys && pins && i < job->n_pins; i++) {
		pins[i].present = job->pins[i].present;
		memcpy(pins[i].sha256, job->pins[i].sha256, JW_DIGEST_SIZE);
		pins[i].path = strdup(job->pins[i].path);
		if (!pins[i].path)
			break;
	}
	if (!keys || !pins || i < job->n_pins) {
		for (i = 0; pins && i < job->n_pins; i++)
			free(pins[i].path);
		free(pins);
		free(keys);
		return -ENOMEM;
	}
	for (i = 0; i < job->n_execs; i++)
		memcpy(keys[i], job->execs[i].key, JW_DIGEST_SIZE);
	for (i = 0; i < decision->n_pins; i++)
		free(decision->pins[i].path);
	free(decision->pins);
	free(decision->keys);
	decision->pins = pins;
	decision->n_pins = job->n_pins;
	decision->keys = keys;
	decision->n_keys = job->n_execs;
	decision->job = job->id;
	jw_job_fingerprint(job, decision->fingerprint);
	return 0;
}

void jw_decision_done(struct jw_decision *decision)
{
	size_t i;

	for (i = 0; i < decision->n_pins; i++)
		free(decision->pins[i].path);
	free(decision->pins);
	free(decision->keys);
	free(decision->by);
	free(decision->reason);
	memset(decision, 0, sizeof(*decision));
}

void jw_judgement_done(struct jw_judgement *judgement)
{
	free(judgement->rule);
	free(judgement->reason);
	memset(judgement, 0, sizeof(*judgement));
}

/* ---- words ---- */

static int say(char **ret, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int say(char **ret, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(ret, fmt, args);
	va_end(args);
	if (n >= 0)
		return 0;
	*ret = NULL;
	return -ENOMEM;
}

static const char *format_day(int64_t time_ns, char out[16])
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	if (!strftime(out, 16, "%Y-%m-%d", &tm))
		strcpy(out, "?");
	return out;
}

/* "approval of 2026-11-24 by root": of "root (uid 0, login alice, pts/0)" the name alone. */
static int say_decision(char **ret, const struct jw_decision *decision)
{
	const char *by = decision->by ? decision->by : "";
	const char *end = strstr(by, " (");
	char day[16];

	return say(ret, "%s of %s%s%.*s", decision->state == JOBWARD_STATE_DENIED ? "denial" : "approval",
		   format_day(decision->time_ns, day), *by ? " by " : "", (int)(end ? end - by : (long)strlen(by)), by);
}

/* ---- rules ---- */

/* A job that lacks what the rule asks about does not match, not even "*". */
static bool match(const char *glob, const char *text)
{
	return !glob || (text && fnmatch(glob, text, 0) == 0);
}

static const struct jw_policy_job_rule *find_rule(const struct jw_job *job, const struct jw_policy_job_rule *rules,
						  size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct jw_policy_job_rule *rule = &rules[i];

		if (rule->provenance >= 0 && rule->provenance != (int)job->provenance.kind)
			continue;
		if (rule->scheduler >= 0 && rule->scheduler != (int)job->scheduler)
			continue;
		if (match(rule->package, job->provenance.package) && match(rule->owner, job->owner) &&
		    match(rule->source, job->path) && match(rule->command, job->command))
			return rule;
	}
	return NULL;
}

static int by_rule(const struct jw_policy_job_rule *rule, const struct jw_job *job, struct jw_judgement *ret)
{
	const char *package = job->provenance.kind == JW_PROVENANCE_PACKAGE ? job->provenance.package : NULL;
	const char *what = rule->state == JOBWARD_STATE_DENIED ? "denied" : "approved";
	int r;

	ret->state = rule->state;
	r = say(&ret->rule, "%s:%u", rule->file, rule->line);
	if (r)
		return r;
	if (rule->reason)
		return say(&ret->reason, "%s by %s:%u: %s", what, rule->file, rule->line, rule->reason);
	if (package && rule->state == JOBWARD_STATE_APPROVED)
		return say(&ret->reason, "approved by %s:%u: an unmodified part of package %s", rule->file, rule->line,
			   package);
	return say(&ret->reason, "%s by %s:%u", what, rule->file, rule->line);
}

/* ---- what changed ---- */

/* How a job differs from what was approved. */
struct difference {
	bool any;			/* in what we can name */
	bool by_package;		/* all of it is the package manager's doing */
	const char *path;		/* first pin that is nobody's doing we trust; else first of all */
	const char *what;		/* words about it */
	const char *package;		/* owner of the first difference that it explains */
	bool path_trusted;
};

static bool has_key(const struct jw_decision *decision, const uint8_t *key)
{
	size_t i;

	for (i = 0; i < decision->n_keys; i++)
		if (!memcmp(decision->keys[i], key, JW_DIGEST_SIZE))
			return true;
	return false;
}

static bool keys_differ(const struct jw_job *job, const struct jw_decision *decision)
{
	size_t i;

	if (job->n_execs != decision->n_keys)
		return true;
	for (i = 0; i < job->n_execs; i++)
		if (!has_key(decision, job->execs[i].key))
			return true;
	return false;
}

static const struct jw_decision_pin *old_pin(const struct jw_decision *decision, const char *path)
{
	size_t i;

	for (i = 0; i < decision->n_pins; i++)
		if (!strcmp(decision->pins[i].path, path))
			return &decision->pins[i];
	return NULL;
}

static bool has_pin(const struct jw_job *job, const char *path)
{
	size_t i;

	for (i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return true;
	return false;
}

static void note(struct difference *difference, const char *path, const char *what, const char *package)
{
	bool trusted = package != NULL;

	/* The one that counts is the first that no package explains. */
	if (!difference->path || (difference->path_trusted && !trusted)) {
		difference->path = path;
		difference->what = what;
		difference->path_trusted = trusted;
	}
	if (trusted && !difference->package)
		difference->package = package;
	if (!trusted)
		difference->by_package = false;
	difference->any = true;
}

static void compare_pin(struct difference *difference, const struct jw_pin *pin, const struct jw_decision_pin *old)
{
	const char *package = pin->present && pin->package && pin->unmodified ? pin->package : NULL;

	if (!old)
		note(difference, pin->path,
		     pin->present ? "runs too now, it did not when" : "is looked for now, it was not when", package);
	else if (old->present != pin->present)
		note(difference, pin->path,
		     pin->present ? "is there now, it was not when" : "is gone, it was there when", package);
	else if (pin->present && memcmp(old->sha256, pin->sha256, JW_DIGEST_SIZE))
		note(difference, pin->path, "content differs from what was there when", package);
}

static struct difference compare(const struct jw_job *job, const struct jw_decision *decision)
{
	struct difference difference = { .by_package = true };
	const char *delivered = job->provenance.kind == JW_PROVENANCE_PACKAGE ? job->provenance.package : NULL;
	size_t i;

	for (i = 0; i < job->n_pins; i++)
		compare_pin(&difference, &job->pins[i], old_pin(decision, job->pins[i].path));
	/*
	 * A path that is no longer run takes nothing in. It is the package manager's doing when something else is
	 * (python3.11 gave way to python3.13); by itself it may mean that we fail to see what runs.
	 */
	for (i = 0; i < decision->n_pins; i++)
		if (!has_pin(job, decision->pins[i].path))
			note(&difference, decision->pins[i].path, "is run no more, it was when", difference.package);
	/* The content of a file in cron.daily or the lines of a unit are in the keys; a package may bring new ones. */
	if (keys_differ(job, decision))
		note(&difference, job->path,
		     job->n_execs != decision->n_keys
			     ? "runs more or fewer commands than when"
			     : "its command, account, environment or content differs from when",
		     delivered);
	if (!difference.any)
		difference.by_package = false;
	return difference;
}

static int by_approval(const struct jw_job *job, const struct jw_decision *decision, struct jw_judgement *ret)
{
	uint8_t fingerprint[JW_DIGEST_SIZE];
	struct difference difference = { 0 };
	char day[16];
	int r;

	r = say_decision(&ret->rule, decision);
	if (r)
		return r;
	jw_job_fingerprint(job, fingerprint);
	if (!memcmp(fingerprint, decision->fingerprint, sizeof(fingerprint))) {
		ret->state = JOBWARD_STATE_APPROVED;
		if (decision->until_ns)
			return say(&ret->reason, "approved by %s until %s%s%s",
				   decision->by ? decision->by : "a person", format_day(decision->until_ns, day),
				   decision->reason ? ": " : "", decision->reason ? decision->reason : "");
		return say(&ret->reason, "approved by %s%s%s", decision->by ? decision->by : "a person",
			   decision->reason ? ": " : "", decision->reason ? decision->reason : "");
	}
	if (decision->n_keys || decision->n_pins)
		difference = compare(job, decision);
	format_day(decision->time_ns, day);
	if (difference.by_package) {
		ret->state = JOBWARD_STATE_APPROVED;
		return say(&ret->reason,
			   "approved by %s; since then package %s changed '%s', which is as it delivered it",
			   decision->by ? decision->by : "a person", difference.package, difference.path);
	}
	ret->state = JOBWARD_STATE_CHANGED;
	if (difference.path)
		return say(&ret->reason, "'%s': %s it was approved on %s", difference.path, difference.what, day);
	return say(&ret->reason, "it is not what was approved on %s", day);
}

static int by_nobody(const struct jw_decision *decision, int64_t now_ns, struct jw_judgement *ret)
{
	char day[16];

	ret->state = JOBWARD_STATE_UNKNOWN;
	if (decision && decision->until_ns && decision->until_ns <= now_ns)
		return say(&ret->reason, "its %s ended on %s and no rule approves it",
			   decision->state == JOBWARD_STATE_DENIED ? "denial" : "approval",
			   format_day(decision->until_ns, day));
	return say(&ret->reason, "nobody approved it and no rule does");
}

static int judge(const struct jw_job *job, const struct jw_policy *policy, const struct jw_decision *decision,
		 int64_t now_ns, struct jw_judgement *ret)
{
	const struct jw_policy_job_rule *rule = policy ? find_rule(job, policy->jobs, policy->n_jobs) : NULL;
	bool in_force = decision && (!decision->until_ns || decision->until_ns > now_ns);
	int r;

	/* Denied beats all, unreadable too: it names the job, not what it runs. */
	if (in_force && decision->state == JOBWARD_STATE_DENIED) {
		ret->state = JOBWARD_STATE_DENIED;
		r = say_decision(&ret->rule, decision);
		if (r)
			return r;
		return say(&ret->reason, "denied by %s%s%s", decision->by ? decision->by : "a person",
			   decision->reason ? ": " : "", decision->reason ? decision->reason : "");
	}
	if (rule && rule->state == JOBWARD_STATE_DENIED)
		return by_rule(rule, job, ret);
	/* What can't be read can't be compared with what will run. */
	if (job->unreadable) {
		ret->state = JOBWARD_STATE_UNKNOWN;
		return say(&ret->reason, "it can't be read and so not be approved: %s", job->unreadable);
	}
	if (in_force && decision->state == JOBWARD_STATE_APPROVED)
		return by_approval(job, decision, ret);
	if (rule)
		return by_rule(rule, job, ret);
	return by_nobody(decision, now_ns, ret);
}

/* Only what may run at all may plant. */
static int judge_planting(const struct jw_job *job, const struct jw_policy *policy, struct jw_judgement *ret)
{
	const struct jw_policy_job_rule *planter =
		policy && ret->state == JOBWARD_STATE_APPROVED ?
			find_rule(job, policy->planters, policy->n_planters) : NULL;
	char *reason = ret->reason;
	int r;

	if (!planter)
		return 0;
	ret->may_plant = true;
	r = say(&ret->reason, "%s; it may plant jobs by %s:%u", reason, planter->file, planter->line);
	free(reason);
	return r;
}

int jw_judge(const struct jw_job *job, const struct jw_policy *policy, const struct jw_decision *decision,
	     int64_t now_ns, struct jw_judgement *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	r = judge(job, policy, decision, now_ns, ret);
	if (!r)
		r = judge_planting(job, policy, ret);
	if (r)
		jw_judgement_done(ret);
	return r;
}
