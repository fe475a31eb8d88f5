/* SPDX-License-Identifier: GPL-2.0 */
/* Self-checks: is each piece of the gates still where it was put, and does the auditor still give signs of life? */
#ifndef JOBWARD_WATCH_H
#define JOBWARD_WATCH_H

#include <linux/ftrace.h>
#include <linux/list.h>
#include <linux/tracepoint-defs.h>
#include <linux/types.h>

enum jw_watch_state {
	JW_WATCH_ARMED,
	JW_WATCH_PUT_BACK,	/* it was gone, and has been armed again */
	JW_WATCH_GONE,
};

/* A piece that somebody could take away. Static; of its room, which fills it and hands it over. */
struct jw_watched {
	const char *name;
	u32 gate;			/* enum jobward_gate: whose "off" text tells that it is gone */
	/* either callbacks of ftrace… */
	struct ftrace_ops *ops;
	ftrace_func_t func;
	const unsigned long *addrs;	/* @n_addrs functions that they are on */
	unsigned int n_addrs;
	/* …or something else that the room looks at. Context: may sleep. */
	enum jw_watch_state (*look)(struct jw_watched *watched);
	/* of watch.c */
	struct list_head node;
	bool is_gone;
	const char *off_before;
};

/** jw_watch_add() - begins to look at a piece that is armed. Context: load. */
void jw_watch_add(struct jw_watched *watched);

/**
 * jw_watch_probe() - what a piece that is a tracepoint's probe has to look at
 * @tp: the tracepoint
 * @fn: the probe, without data
 *
 * Context: may sleep. Return: whether it is there; it is put back where it is not.
 */
enum jw_watch_state jw_watch_probe(struct tracepoint *tp, void *fn);

/** jw_watch_beat() - the auditor gave a sign of life. Context: process. */
void jw_watch_beat(void);

/** jw_watch_seat() - an auditor has attached (@taken), or the one that was is gone. Context: process. */
void jw_watch_seat(bool taken);

/** jw_watch_init() - the first check comes some seconds later. Context: load, all gates are armed. */
void jw_watch_init(void);
/** jw_watch_exit() - no more checks. Context: unload, before any gate is taken away. */
void jw_watch_exit(void);

#endif
