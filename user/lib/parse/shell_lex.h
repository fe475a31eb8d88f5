/* SPDX-License-Identifier: GPL-2.0 */
/* Words and operators of a shell command, for shell.c: quotes taken off, expansions noticed, substitutions followed. */
#ifndef JOBWARD_PARSE_SHELL_LEX_H
#define JOBWARD_PARSE_SHELL_LEX_H

#include "out.h"

/* Substitutions, subshells and strings that are commands nest; deeper ones are reported and not followed. */
#define JW_SHELL_DEPTH 16

enum jw_shell_token {
	JW_SHELL_END,
	JW_SHELL_WORD,		/* ->word */
	JW_SHELL_SEPARATOR,	/* ; & | && || |& */
	JW_SHELL_NEWLINE,
	JW_SHELL_CASE_END,	/* ;; ;& ;;& */
	JW_SHELL_OPEN, JW_SHELL_CLOSE,
	JW_SHELL_INPUT,		/* "<": the next word is a file that is read */
	JW_SHELL_REDIRECT,	/* other redirections: the next word is a file, a descriptor or a text */
	JW_SHELL_HEREDOC,	/* done by the lexer */
};

struct jw_shell_arg {
	char *text;		/* quotes taken off; what is dynamic in it is left out */
	const char *raw;	/* as written; in the command */
	size_t raw_len;
	bool dynamic;		/* the shell computes (part of) it */
	bool glob;
	bool quoted;		/* no keyword any more */
};

struct jw_shell_heredoc {
	char *delimiter;
	bool strip_tabs;
};

struct jw_shell {
	const char *s;		/* what is left */
	struct jw_shell_words *out;
	unsigned int depth;
	struct jw_shell_arg word;	/* the last token's, owned by whoever takes ->text */
	struct jw_shell_heredoc *heredocs;	/* whose bodies begin at the next newline */
	size_t n_heredocs;
	bool blank_before;	/* the last token had a blank before it */
};

/* Return: the next token, -ENOMEM. */
int jw_shell_next(struct jw_shell *sh);
void jw_shell_done(struct jw_shell *sh);
/* Adds to what is found. Return: 0 or -ENOMEM. */
int jw_shell_report(struct jw_shell *sh, enum jw_shell_word_kind kind, const char *text, size_t len);

/* In shell.c: a list of commands up to an unmatched ")" or the end; the ")" is taken. */
int jw_shell_list(struct jw_shell *sh);
/* In shell.c: @text is a command of its own. */
int jw_shell_nested(struct jw_shell *sh, const char *text);

#endif
