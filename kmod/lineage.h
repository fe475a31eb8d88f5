/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Task → job. A job root is marked by the run gate, its children inherit in the fork tracepoint, before they run; the same way a
 * package manager's children may write where it may. Kept by task, not by pid: pids are given out again.
 */
#ifndef JOBWARD_LINEAGE_H
#define JOBWARD_LINEAGE_H

#include <linux/types.h>

struct jw_lineage {
	u64 job;		/* 0: none */
	u64 root_seq;		/* event at which that job started */
	u64 writer_classes;	/* store classes that it may write to by descent */
	u32 scheduler;
};

/** jw_lineage_of_current() - what the current task descends from. Context: any but interrupt. Return: false: nothing. */
bool jw_lineage_of_current(struct jw_lineage *lineage);

/**
 * jw_lineage_set_current() - marks the current task
 * @lineage: all zero takes the mark away
 *
 * Context: atomic; a failure for want of memory is counted.
 */
void jw_lineage_set_current(const struct jw_lineage *lineage);

u32 jw_lineage_count(void);
u64 jw_lineage_lost(void);

/** jw_lineage_init() - begins to follow forks, execs and exits. Context: load. Return: 0 or negative errno. */
int jw_lineage_init(void);
/** jw_lineage_exit() - ends; waits for probes that still run, then forgets all. Context: unload. */
void jw_lineage_exit(void);

#endif
