// SPDX-License-Identifier: GPL-2.0
/* Why an event has its verdict: what was tried, by whom, what came of it, and what would change it. */
#include <string.h>
#include "lib/names_gen.h"
#include "lib/scheduler/table.h"
#include "story.h"
#include "word.h"

const struct jw_job *jw_story_find_job(const struct jw_event *event, const struct jw_jobs *jobs)
{
	size_t i, e;

	for (i = 0; event->job && i < jobs->n; i++)
		if (jobs->v[i].id == event->job)
			return &jobs->v[i];
	/* The table did not know it when it was tried; the inventory may by now. */
	for (i = 0; event->has_key && i < jobs->n; i++)
		for (e = 0; e < jobs->v[i].n_execs; e++)
			if (!memcmp(jobs->v[i].execs[e].key, event->key, JW_DIGEST_SIZE))
				return &jobs->v[i];
	return NULL;
}

static const char *program(const struct jw_subject *subject)
{
	return jw_show(subject->exe ? subject->exe : subject->comm);
}

/* To the letter where that says more: at's is "sh" and no more. */
static const char *command(const struct jw_event *event)
{
	return event->argv_len && event->scheduler != JOBWARD_SCHEDULER_AT ?
		       jw_show_argv(event->argv, event->argv_len) : jw_word_command(event);
}

/* ---- what was tried ---- */
static void say_run(struct jw_story *story, const struct jw_event *event)
{
	jw_story_say(story, "%s was about to start a job%s%s: %s",
		     event->scheduler ? jw_scheduler_name(event->scheduler) : program(&event->subject),
		     event->job_owner ? " of " : "", event->job_owner ? jw_show(event->job_owner) : "", command(event));
}

static void say_write(struct jw_story *story, const struct jw_event *event)
{
	const char *path = event->object.path ? jw_show(event->object.path) : "a job store";

	jw_story_say(story, "%s (process %u) tried to %s %s%s%s.", program(&event->subject), event->subject.pid,
		     event->action == JOBWARD_ACTION_ATTR ? "change the attributes of" :
		     event->action == JOBWARD_ACTION_XATTR ? "change the extended attributes of" :
		     event->action == JOBWARD_ACTION_MKDIR ? "make the directory" :
		     event->action == JOBWARD_ACTION_RMDIR ? "remove the directory" :
		     event->action == JOBWARD_ACTION_MOUNT ? "mount over" : jw_action_name(event->action), path,
		     event->target.path ? " to " : "", event->target.path ? jw_show(event->target.path) : "");
}

static void say_module(struct jw_story *story, const struct jw_event *event)
{
	jw_story_say(story, "%s (process %u) tried to %s the kernel module %s%s%s.", program(&event->subject),
		     event->subject.pid, jw_action_name(event->action), event->detail ? jw_show(event->detail) : "",
		     event->object.path ? " from " : "", event->object.path ? jw_show(event->object.path) : "");
}

static void say_descendant(struct jw_story *story, const struct jw_event *event)
{
	jw_story_say(story, "A process of the job that began at event %llu: %s.", (unsigned long long)event->root_seq,
		     jw_word_what(event));
}

static void say_tried(struct jw_story *story, const struct jw_event *event)
{
	switch (event->kind) {
	case JOBWARD_KIND_RUN:
		say_run(story, event);
		return;
	case JOBWARD_KIND_WRITE:
		say_write(story, event);
		return;
	case JOBWARD_KIND_MODULE:
		say_module(story, event);
		return;
	case JOBWARD_KIND_CHAIN:
	case JOBWARD_KIND_NET:
		say_descendant(story, event);
		return;
	default:
		jw_story_say(story, "%s.", jw_word_what(event));
	}
}

/* ---- what came of it ---- */
/* Of whom it is the act: the program is only the hand. */
static void say_job_at_work(struct jw_story *story, const struct jw_event *event)
{
	if (event->kind == JOBWARD_KIND_WRITE && event->root_seq)
		jw_story_say(story, "It acted for a job%s%s, which started with event %llu.",
			     event->job_command ? ": " : "", event->job_command ? jw_show(event->job_command) : "",
			     (unsigned long long)event->root_seq);
}

static void say_outcome(struct jw_story *story, const struct jw_event *event)
{
	static const char *const outcomes[][JOBWARD_VERDICT_MAX + 1] = {
		[JOBWARD_KIND_RUN] = {"It ran.", "It ran, since the gate was in audit; enforce would have denied it.",
				      "It was denied and did not run."},
		[JOBWARD_KIND_WRITE] = {"It was allowed.",
					"It went through, since the gate was in audit; enforce would have denied it.",
					"It was denied with EPERM, and nothing was written."},
		[JOBWARD_KIND_MODULE] = {"It was allowed.",
					 "It went through, since the gate was in audit; enforce would have denied it.",
					 "It was refused, and none of the module's code ran."},
	};

	if (event->kind <= JOBWARD_KIND_MODULE && (unsigned int)event->verdict <= JOBWARD_VERDICT_MAX)
		jw_story_say(story, "%s", outcomes[event->kind][event->verdict]);
	if (event->reason == JOBWARD_REASON_TAINTED_WRITER && event->detail)
		jw_story_say(story, "Why: %s: %s.", jw_word_reason(event->reason), jw_show(event->detail));
	else if (event->reason)
		jw_story_say(story, "Why: %s.", jw_word_reason(event->reason));
}

/* ---- what would change it ---- */
static void change_run(struct jw_story *story, const struct jw_event *event, const struct jw_job *job,
		       unsigned int digits)
{
	const char *id = job ? jw_cli_short_id(job->id, digits) : NULL;

	if (event->reason == JOBWARD_REASON_NO_TABLE)
		jw_story_change(story, "so that the kernel gets its verdicts", "systemctl restart jobwardd");
	if (event->reason == JOBWARD_REASON_BUSY_SCRIPT)
		jw_story_change(story, "to see who has it open", "fuser -v %s",
				event->object.path ? jw_show(event->object.path) : "/var/spool/cron/atjobs/*");
	if (!job) {
		jw_story_say(story,
			     "No job store has it now; it may have been taken out since, or it never stood in one.");
		jw_story_change(story, "to read the stores again, and look",
				"jobward sync && jobward jobs --state unknown");
		return;
	}
	if (event->verdict != JOBWARD_VERDICT_ALLOW && job->state == JOBWARD_STATE_APPROVED)
		jw_story_say(story, "It has been approved since: it will run the next time.");
	if (job->state != JOBWARD_STATE_APPROVED && !job->unreadable)
		jw_story_change(story, "to let it run from now on", "jobward approve %s", id);
	if (job->state != JOBWARD_STATE_DENIED)
		jw_story_change(story,
				job->state == JOBWARD_STATE_APPROVED ? "to stop it from now on" :
								       "to refuse it for good",
				"jobward deny %s", id);
	jw_story_change(story, "to see all about the job", "jobward show %s", id);
}

static const char *class_names(uint64_t classes)
{
	const char *text = "";
	unsigned int class;

	for (class = 0; class < JW_CLASS_MAX; class++)
		if (classes & JW_CLASS_BIT(class))
			text = jw_showf("%s%s%s", text, *text ? ", " : "", jw_class_name(class));
	return text;
}

/* A detail of capitals is the name of a variable (kmod/taint.c). */
static void change_tainted(struct jw_story *story, const struct jw_event *event)
{
	const char *cause = event->detail, *exe = event->subject.exe;

	if (cause && cause[strspn(cause, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] == 0)
		jw_story_change(story, "to do it by the program alone", "env -u %s %s ...", cause, exe ? jw_show(exe) : "PROGRAM");
	else
		jw_story_say(story, "The same program, started anew and left alone, may.");
}

/* Of at's jobs each stands in a file of its own, once. */
static void change_planter(struct jw_story *story, const struct jw_event *event, const struct jw_job *job)
{
	if (!job || job->scheduler == JOBWARD_SCHEDULER_AT || !job->path || !job->owner)
		return;
	jw_story_change_policy(story, "to let the jobs of that file plant jobs, if they are approved",
			       jw_showf("version: 1\nplanters:\n  - scheduler: %s\n    owner: %s\n    source: %s",
					jw_scheduler_name(job->scheduler), jw_show(job->owner), jw_show(job->path)));
}

static void change_write(struct jw_story *story, const struct jw_event *event, const struct jw_job *job)
{
	const char *stores = class_names(event->object.classes | event->target.classes), *yaml;

	if (event->object.path)
		jw_story_change(story, "to see what came of it", "jobward why %s", jw_show(event->object.path));
	if (event->reason == JOBWARD_REASON_TAINTED_WRITER)
		change_tainted(story, event);
	if (event->verdict != JOBWARD_VERDICT_ALLOW && event->reason == JOBWARD_REASON_PLANTED_BY_JOB)
		change_planter(story, event, job);
	if (event->verdict == JOBWARD_VERDICT_ALLOW || event->reason == JOBWARD_REASON_TAINTED_WRITER ||
	    event->reason == JOBWARD_REASON_PLANTED_BY_JOB)
		return;
	if (event->object.path)
		jw_story_change(story, "to write there in the open", "jobward edit %s", jw_show(event->object.path));
	if (!event->subject.exe)
		return;
	yaml = jw_showf("version: 1\nwriters:\n  - program: %s%s%s%s", jw_show(event->subject.exe),
			*stores ? "\n    stores: [" : "", stores, *stores ? "]" : "");
	jw_story_change_policy(story, "to let this program write there from now on (whoever runs it)", yaml);
}

static void change_module(struct jw_story *story, const struct jw_event *event)
{
	if (event->verdict == JOBWARD_VERDICT_ALLOW || !event->object.has_sha256)
		return;
	jw_story_change_policy(story, "to put this module, as it is, on the allowlist",
			       jw_showf("version: 1\nmodules:\n  allow:\n    - sha256: %s",
					jw_detail_digest_whole(event->object.sha256)));
}

static void add_changes(struct jw_story *story, const struct jw_event *event, const struct jw_job *job,
			unsigned int digits)
{
	if (event->kind == JOBWARD_KIND_RUN)
		change_run(story, event, job, digits);
	else if (event->kind == JOBWARD_KIND_WRITE)
		change_write(story, event, job);
	else if (event->kind == JOBWARD_KIND_MODULE)
		change_module(story, event);
	if (event->root_seq && event->root_seq != event->seq)
		jw_story_change(story, "to see how the job that acts here started", "jobward why %llu",
				(unsigned long long)event->root_seq);
}

/* ---- facts ---- */
static const char *techniques(const struct jw_event *event)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < sizeof(event->attack) / sizeof(event->attack[0]) && event->attack[i]; i++)
		text = jw_showf("%s%s%s", text, i ? ", " : "", event->attack[i]);
	return *text ? jw_showf("ATT&CK %s", text) : NULL;
}

static void add_facts(struct jw_story *story, const struct jw_event *event, const struct jw_job *job,
		      unsigned int digits)
{
	const struct jw_subject *subject = &event->subject;

	if (event->kind == JOBWARD_KIND_RUN && event->job_command)
		jw_story_fact(story, JW_STRONG, "command", jw_show(event->job_command));
	if (job)
		jw_story_fact(story, JW_PLAIN, "job",
			      jw_showf("%s, now %s, %s", jw_cli_short_id(job->id, digits), jw_state_name(job->state),
				       jw_cli_place(job)));
	else if (event->job_source)
		jw_story_fact(story, JW_PLAIN, "job", jw_show(event->job_source));
	if (subject->pid)
		jw_story_fact(story, JW_PLAIN, "who", jw_word_who(subject));
	if (subject->has_session)
		jw_story_fact(story, JW_PLAIN, "session", jw_showf("%u", subject->session));
	if (subject->argv_len)
		jw_story_fact(story, JW_PLAIN, "as", jw_show_argv(subject->argv, subject->argv_len));
	if (event->unit)
		jw_story_fact(story, JW_PLAIN, "unit", jw_show(event->unit));
	else if (subject->cgroup)
		jw_story_fact(story, JW_PLAIN, "cgroup", jw_show(subject->cgroup));
	if (event->object.has_sha256)
		jw_story_fact(story, JW_PLAIN, "sha256", jw_detail_digest_whole(event->object.sha256));
	if (event->text_len)
		jw_story_fact(story, JW_PLAIN, "script",
			      jw_show_bytes(event->text, event->text_len < 400 ? event->text_len : 400));
	if (event->kind != JOBWARD_KIND_ADMIN && event->detail)
		jw_story_fact(story, JW_PLAIN, "detail", jw_show(event->detail));
	jw_story_rule(story, event->rule);
	jw_story_fact(story, JW_PLAIN, "technique", techniques(event));
}

void jw_story_event(struct jw_story *story, const struct jw_event *event, const struct jw_jobs *jobs)
{
	unsigned int digits = jw_cli_id_digits(jobs);
	const struct jw_job *job = jw_story_find_job(event, jobs);

	story->title = jw_showf(
		"Event %llu, %s (%s): %s", (unsigned long long)event->seq, jw_show_time((int64_t)event->time_ns),
		jw_show_distance((int64_t)event->time_ns, jw_when_now()), jw_verdict_name(event->verdict));
	story->style = jw_word_verdict_style(event->verdict);
	story->subject = &event->subject;
	say_tried(story, event);
	say_job_at_work(story, event);
	say_outcome(story, event);
	add_facts(story, event, job, digits);
	add_changes(story, event, job, digits);
}
