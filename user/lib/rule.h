/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules: hunts whose rows are findings (lib/hunt.h has the form of their files). Of the columns of the answer,
 *
 *	job		is the id of the job that it is about
 *	rows		the row of the event behind it, or several with blanks between
 *	severity	low, medium or high: weighs one finding by itself, else all weigh as the head says
 *	finding		0: this row is for people who hunt, and no finding
 *
 * mean something; the others are for the words. Rows that are equal in the columns of `key` are one finding.
 */
#ifndef JOBWARD_RULE_H
#define JOBWARD_RULE_H

#include "hunt.h"
#include "job.h"

#define JW_FINDING_ROWS_MAX 32

struct jw_store;

struct jw_rule_finding {
	uint64_t id;		/* in the store; 0: it is not there */
	char *rule;
	char *text;		/* the words of `why`; no control characters */
	enum jw_hunt_severity severity;
	char *because, *technique, *mitigation, *advice;
	uint8_t key[JW_DIGEST_SIZE];
	uint64_t job;		/* 0: about none */
	uint64_t rows[JW_FINDING_ROWS_MAX];	/* of the events behind it; no more than so many are told */
	size_t n_rows;
	int64_t since_ns, last_ns;	/* of the first and the newest of them */
	int64_t acknowledged_ns;	/* 0: nobody has */
	char *acknowledged_by, *acknowledged_reason;
	bool is_new;		/* set when it is put into a store that did not have it */
};

/* A growing list; zero-initialised is empty. */
struct jw_rule_findings {
	struct jw_rule_finding *v;
	size_t n;
};

static inline bool jw_rule_is(const struct jw_hunt *hunt)
{
	return hunt->finding != NULL;
}

/* About what was recorded from when to when, and how long one rule may take. */
struct jw_rule_span {
	int64_t since_ns, until_ns;
	uint64_t timeout_ms;
};

/*
 * Asks the rules among @hunts about a store that was opened read-only, each by itself: one that is wrong, or takes too
 * much, is a diagnosis with file and cause and stops no other. Return: 0, -ENOMEM or what the store failed with.
 */
int jw_rules_ask(struct jw_store *store, const struct jw_hunts *hunts, const struct jw_rule_span *span,
		 struct jw_rule_findings *ret, struct jw_diags *diags);
/* Appends a zeroed one. Return: it, valid until the next append; NULL when out of memory. */
struct jw_rule_finding *jw_rule_findings_add(struct jw_rule_findings *list);
void jw_rule_finding_done(struct jw_rule_finding *finding);
void jw_rule_findings_done(struct jw_rule_findings *list);

#endif
