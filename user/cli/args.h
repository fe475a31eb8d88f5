/* SPDX-License-Identifier: GPL-2.0 */
/* Words of the command line into options. */
#ifndef JOBWARD_CLI_ARGS_H
#define JOBWARD_CLI_ARGS_H

#include "cli.h"

extern const struct jw_option jw_common_options[];

struct jw_args_parsed {
	bool help, version;
	const char *completion;
};

/*
 * Options of argv up to the first word when there is no command yet, else all of them wherever they stand; optind
 * tells where the words begin. Return: exit code.
 */
int jw_args_parse(struct jw_cli *cli, int argc, char **argv, struct jw_args_parsed *parsed);

#endif
