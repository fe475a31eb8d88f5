/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What shell.c knows about programs: which run other programs, which run files, and which of their options take a
 * value.
 */
#ifndef JOBWARD_PARSE_SHELL_TOOLS_H
#define JOBWARD_PARSE_SHELL_TOOLS_H

#include <stdbool.h>

enum jw_shell_tool_kind {
	JW_TOOL_WRAPPER,	/* runs the command that follows its options */
	JW_TOOL_SHELL,		/* interpreter whose code is a shell command */
	JW_TOOL_INTERPRETER,	/* runs the file that follows its options */
	JW_TOOL_PROGRAM_TEXT,	/* the first operand is text for it, files come from options only */
};

struct jw_shell_tool {
	const char *name;
	enum jw_shell_tool_kind kind;
	const char *values;	/* short options that take a value */
	const char *long_values;	/* long ones, each between blanks */
	const char *files;	/* short options whose value is a file that it runs */
	/* short options whose value is code: then there is no file; for wrappers a shell command */
	const char *code;
	int skip;		/* operands before the command of a wrapper */
	bool assignments;	/* NAME=VALUE may stand before the command */
};

/* By the last part of the path; versions at the end do not count ("python3.11"). Return: NULL when it is none. */
const struct jw_shell_tool *jw_shell_tool_find(const char *program);
bool jw_shell_is_builtin(const char *name);
/* Keywords behind which a command begins or ends. */
bool jw_shell_is_keyword(const char *name);
/* Variables that name files that the program then loads. */
bool jw_shell_loads_file(const char *name, unsigned long len);

#endif
