/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A story answers `why`: what was tried and what came of it in sentences, facts below them, and the commands that would
 * change it. Told once, printed for people or as JSON. All text is shown text.
 */
#ifndef JOBWARD_CLI_STORY_H
#define JOBWARD_CLI_STORY_H

#include "cli.h"
#include "lib/event.h"
#include "render.h"

#define JW_STORY_MAX 24

struct jw_fact {
	const char *label, *text;
	enum jw_style style;
};

struct jw_change {
	const char *effect;	/* "to let it run" */
	const char *command;	/* what to type; NULL when it is done by hand */
	const char *file, *yaml;	/* text for a policy file; NULL: none */
};

struct jw_story {
	const char *title;
	enum jw_style style;
	const char *sentences[JW_STORY_MAX];
	size_t n_sentences;
	struct jw_fact facts[JW_STORY_MAX];
	size_t n_facts;
	const struct jw_subject *subject;	/* whose lineage is drawn; NULL: none */
	struct jw_change changes[JW_STORY_MAX];
	size_t n_changes;
};

void jw_story_say(struct jw_story *story, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A NULL or empty text adds nothing; so a fact that is not known is not told. */
void jw_story_fact(struct jw_story *story, enum jw_style style, const char *label, const char *text);
void jw_story_change(struct jw_story *story, const char *effect, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void jw_story_change_policy(struct jw_story *story, const char *effect, const char *yaml);
/* The rule "policy.yaml:14" as a fact: with its folder, and as it reads there now. */
void jw_story_rule(struct jw_story *story, const char *rule);

void jw_story_print(const struct jw_story *story);
/* Adds "explanation", "facts" and "change" to @root. */
void jw_story_json(const struct jw_story *story, json_t *root);

/* ---- the stories ---- */
/* About an event; @jobs is the inventory as of now. */
void jw_story_event(struct jw_story *story, const struct jw_event *event, const struct jw_jobs *jobs);
/* About a job; @decision may be NULL. */
void jw_story_job(struct jw_story *story, const struct jw_job *job, const struct jw_decision *decision,
		  unsigned int digits);
/* The job of the inventory that an event is about: by its id, else by the key of its exec. NULL: none. */
const struct jw_job *jw_story_find_job(const struct jw_event *event, const struct jw_jobs *jobs);

/* ---- shared with show (detail.c) ---- */
/* "approved by root (…), 2 h ago, until …: REASON" */
const char *jw_detail_decision(const struct jw_decision *decision, int64_t now_ns);
/* What is not as it was when the decision was made, one sentence each. Return: how many; @fn is called for each. */
size_t jw_detail_differences(const struct jw_job *job, const struct jw_decision *decision,
			     void (*fn)(void *ctx, const char *shown), void *ctx);
/* The decision about @job; NULL when there is none. *ret_list is for jw_decisions_free(). Return: exit code. */
int jw_detail_find_decision(struct jw_cli *cli, uint64_t job, struct jw_decision **ret_list, size_t *ret_n,
			    const struct jw_decision **ret);
/* First 12 digits. */
const char *jw_detail_digest(const uint8_t digest[JW_DIGEST_SIZE]);
const char *jw_detail_digest_whole(const uint8_t digest[JW_DIGEST_SIZE]);

#endif
