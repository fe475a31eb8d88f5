/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that is told from the command table: help, synopsis, completion. */
#ifndef JOBWARD_CLI_HELP_H
#define JOBWARD_CLI_HELP_H

#include "cli.h"

/* "jobward jobs [--state S] [--owner U]". Shown text. */
const char *jw_help_synopsis(const struct jw_command *command);
void jw_help_all(void);
void jw_help_command(const struct jw_command *command);
/*
 * What the shells' completion needs: the scripts for "bash" and "zsh", the names of the jobs for "jobs". Return: exit
 * code.
 */
int jw_help_completion(struct jw_cli *cli, const char *what);

#endif
