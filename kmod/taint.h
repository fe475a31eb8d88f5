/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What turns a writer into the tool of somebody else. Pure: the bytes of an environment in, a cause out; who it is found in and when
 * is lineage.c's and meddling.c's.
 */
#ifndef JOBWARD_TAINT_H
#define JOBWARD_TAINT_H

#include <linux/types.h>

/* The longest name that counts, its '=' and one byte of the value. */
#define JW_TAINT_WINDOW 20

/* Beside these a cause is the number of a variable, from JW_TAINT_VARIABLE on. */
enum jw_taint {
	JW_TAINT_NONE,
	JW_TAINT_UNREAD,	/* its environment is too long or could not be read: nobody knows */
	JW_TAINT_TRACED,	/* ptrace(2), now or at its exec */
	JW_TAINT_MEMORY,	/* another process may have written into its memory */
	JW_TAINT_IMAGE,		/* prctl(2) has set what it says its image is */
	JW_TAINT_HANDLER,	/* binfmt_misc has it run by something else in its own name */
	JW_TAINT_VARIABLE,
};

struct jw_taint_scan {
	bool loader, children;	/* which variables count, see jw_taint_feed() */
	u8 cause;		/* enum jw_taint and above; the first that was met */
	u8 have;		/* bytes of @window */
	char window[JW_TAINT_WINDOW];	/* beginning of the variable that is being read */
};

/**
 * jw_taint_feed() - reads on in an environment
 * @scan: zero-initialised but for @scan->loader (what makes the program itself run other code counts) and @scan->children (what
 *        makes the shells and interpreters that it starts do so)
 * @bytes: the next piece of NUL-terminated variables, cut anywhere
 * @n: how long it is
 *
 * A variable with nothing behind its '=' is none: neither ld.so(8) nor an interpreter looks at it.
 * Context: any. The result is in @scan->cause.
 */
void jw_taint_feed(struct jw_taint_scan *scan, const char *bytes, size_t n);

/** jw_taint_word() - a cause as a record has it. Context: any. Return: static text; NULL for JW_TAINT_NONE. */
const char *jw_taint_word(u8 cause);

#endif
