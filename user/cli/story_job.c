// SPDX-License-Identifier: GPL-2.0
/* Why a job is in the state that it is in. */
#include <string.h>
#include "lib/names_gen.h"
#include "lib/provenance/provenance.h"
#include "story.h"
#include "word.h"

static const char *const meanings[] = {
	[JOBWARD_STATE_UNKNOWN] = "Nobody has decided about it: with enforce it does not run.",
	[JOBWARD_STATE_APPROVED] = "It may run.",
	[JOBWARD_STATE_CHANGED] =
		"It was approved, but is not what was approved any more: with enforce it does not run.",
	[JOBWARD_STATE_DENIED] = "It is denied: with enforce it does not run.",
};

_Static_assert(sizeof(meanings) / sizeof(meanings[0]) == JOBWARD_STATE_MAX + 1, "a state has no words");

static void say_difference(void *ctx, const char *shown)
{
	jw_story_say(ctx, "Since then: %s.", shown);
}

static const char *origin(const struct jw_provenance *p)
{
	const char *package = p->package ?
				      jw_showf("%s %s", jw_show(p->package), p->version ? jw_show(p->version) : "") :
				      "";

	switch (p->kind) {
	case JW_PROVENANCE_PACKAGE:
		return jw_showf("package %s, unmodified", package);
	case JW_PROVENANCE_MODIFIED:
		return jw_showf("package %s, but modified since", package);
	case JW_PROVENANCE_ADMIN:
		return "written by a person";
	case JW_PROVENANCE_JOB:
		return "planted by another job";
	case JW_PROVENANCE_GENERATED:
		return *package ? jw_showf("made by a script of package %s", package) : "made by a generator";
	default:
		return "in no package; who wrote it is not on record";
	}
}

static const char *pins(const struct jw_job *job)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < job->n_pins && i < 12; i++) {
		const struct jw_pin *pin = &job->pins[i];
		const char *owner = !pin->present ? "not there" : !pin->package ? "in no package" :
				    jw_showf("%s%s", jw_show(pin->package), pin->unmodified ? "" : ", MODIFIED");

		text = jw_showf("%s%s%s (%s)", text, i ? "\n" : "", jw_show(pin->path), owner);
	}
	return i < job->n_pins ? jw_showf("%s\nand %zu more: jobward show has all", text, job->n_pins - i) : text;
}

/* "policy.yaml:14" out of the daemon's sentence about the state; NULL when no rule is in it. */
static const char *rule_in(const char *reason)
{
	const char *at = reason ? strstr(reason, ".yaml:") : NULL, *end;

	if (!at)
		return NULL;
	end = at + strlen(".yaml:");
	end += strspn(end, "0123456789");
	while (at > reason && !strchr(" /'\"", at[-1]))
		at--;
	return jw_showf("%.*s", (int)(end - at), at);
}

/* Is the decision itself the whole reason? Then it is told once, with its time. */
static bool is_by_decision(const struct jw_job *job, const struct jw_decision *decision)
{
	const char *by = decision && decision->by ? strstr(job->reason, decision->by) : NULL;

	return by && decision->state == job->state && !strchr(by, ';');
}

static void add_changes(struct jw_story *story, const struct jw_job *job, const struct jw_decision *decision,
			const char *id)
{
	if (job->unreadable) {
		jw_story_change(story, "to see what is wrong with it", "jobward show %s", id);
		return;
	}
	/* A denying rule is stronger than a person's approval. */
	if (job->state == JOBWARD_STATE_DENIED && !(decision && decision->state == JOBWARD_STATE_DENIED))
		jw_story_change(story, "to let it run, take the denying rule out of the policy, and then",
				"jobward reload");
	else if (job->state != JOBWARD_STATE_APPROVED)
		jw_story_change(story,
				job->state == JOBWARD_STATE_CHANGED ? "to approve it as it is now" : "to let it run",
				"jobward approve %s", id);
	if (decision)
		jw_story_change(story, "to take the decision back, so that the policy decides", "jobward revoke %s",
				id);
	if (job->state != JOBWARD_STATE_DENIED)
		jw_story_change(story, job->state == JOBWARD_STATE_APPROVED ? "to stop it" : "to refuse it for good",
				"jobward deny %s", id);
}

void jw_story_job(struct jw_story *story, const struct jw_job *job, const struct jw_decision *decision,
		  unsigned int digits)
{
	const char *id = jw_cli_short_id(job->id, digits);

	story->title = jw_showf("Job %s is %s", id, jw_state_name(job->state));
	story->style = jw_word_state_style(job->state);
	jw_story_say(story, "%s", meanings[job->state <= JOBWARD_STATE_MAX ? job->state : 0]);
	if (job->unreadable)
		jw_story_say(story, "It cannot be approved: %s.", jw_show(job->unreadable));
	if (job->reason && *job->reason && !is_by_decision(job, decision))
		jw_story_say(story, "Why: %s.", jw_show(job->reason));
	if (decision)
		jw_story_say(story, "Decision on record: %s.", jw_detail_decision(decision, jw_when_now()));
	if (decision && job->state == JOBWARD_STATE_CHANGED)
		jw_detail_differences(job, decision, say_difference, story);
	jw_story_fact(story, JW_STRONG, "command", jw_cli_command(job));
	jw_story_fact(story, JW_PLAIN, "runs as", job->owner ? jw_show(job->owner) : "nobody known");
	jw_story_fact(story, JW_PLAIN, "from",
		      jw_showf("%s, for %s", jw_cli_place(job), jw_scheduler_name(job->scheduler)));
	jw_story_fact(story, JW_PLAIN, "origin", origin(&job->provenance));
	jw_story_fact(story, JW_PLAIN, "files", pins(job));
	jw_story_rule(story, rule_in(job->reason));
	if (job->last_run_ns)
		jw_story_fact(story, JW_PLAIN, "last run",
			      jw_showf("%s, %s", jw_show_time(job->last_run_ns),
				       jw_show_distance(job->last_run_ns, jw_when_now())));
	add_changes(story, job, decision, id);
	jw_story_change(story, "to see all about it", "jobward show %s", id);
	jw_story_change(story, "to see what it did", "jobward log --job %s", id);
}
