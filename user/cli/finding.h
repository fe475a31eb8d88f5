/* SPDX-License-Identifier: GPL-2.0 */
/* Findings of rules as people and programs are told of them. */
#ifndef JOBWARD_CLI_FINDING_H
#define JOBWARD_CLI_FINDING_H

#include "cli.h"
#include "lib/rule.h"
#include "render.h"
#include "story.h"

enum jw_style jw_finding_style(enum jw_hunt_severity severity);
/* "F12". Shown text. */
const char *jw_finding_name(const struct jw_rule_finding *finding);
/* The number behind "F12". Return: is it written so? */
bool jw_finding_parse(const char *name, uint64_t *ret_id);
json_t *jw_finding_json(const struct jw_rule_finding *finding);
/* As a table, or an object a line. */
void jw_findings_print(struct jw_cli *cli, const struct jw_rule_findings *list);
/* Complains by itself. Caller frees the list with jw_rule_findings_done(). Return: exit code. */
int jw_findings_get(struct jw_cli *cli, const struct jw_finding_filter *filter, struct jw_rule_findings *ret);
void jw_story_finding(struct jw_story *story, const struct jw_rule_finding *finding, const struct jw_jobs *jobs);
/* The findings that belong to what a story is about, one fact each. Return: exit code. */
int jw_story_findings(struct jw_story *story, struct jw_cli *cli, const struct jw_finding_filter *filter);

#endif
