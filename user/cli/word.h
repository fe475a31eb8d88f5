/* SPDX-License-Identifier: GPL-2.0 */
/* The contract's words for people: their colour, and in sentences. All text is shown text. */
#ifndef JOBWARD_CLI_WORD_H
#define JOBWARD_CLI_WORD_H

#include "cli.h"
#include "lib/event.h"
#include "render.h"

/*
 * The value of an option that is one of the contract's words; -1 when it was not given. Return: exit code; a word that
 * does not exist is bad input, and the message lists those that do.
 */
int jw_word_option(const struct jw_cli *cli, const char *option, int (*from_name)(const char *), int *ret);

/* The value of an option that is a time; *ret_ns stays when it was not given. Return: exit code. */
int jw_time_option(const struct jw_cli *cli, const char *option, int64_t *ret_ns);

enum jw_style jw_word_state_style(enum jobward_state state);
enum jw_style jw_word_verdict_style(enum jobward_verdict verdict);
/* "nobody has approved this job" */
const char *jw_word_reason(enum jobward_reason reason);
/* "create" → "created" */
const char *jw_word_action_done(enum jobward_action action);
/* "alice as root, pts/0, ssh from 10.0.0.5" */
const char *jw_word_who(const struct jw_subject *subject);
/* The same in few columns, for a line of the log: "alice>root 10.0.0.5". */
const char *jw_word_who_short(const struct jw_subject *subject);
/* What was done to what: "vim: create /etc/cron.d/x". */
const char *jw_word_what(const struct jw_event *event);
/* What was to run: the job's command; where no job is known, what the event itself has of it. */
const char *jw_word_command(const struct jw_event *event);
/* Last part of a path. */
const char *jw_word_base(const char *path);

#endif
