/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Task → job. A job root is marked by the run gate, its children inherit in the fork tracepoint, before they run; the same way a
 * package manager's children may write where it may, and what taints a writer goes on to those that it forks. Kept by task, not by
 * pid: pids are given out again.
 */
#ifndef JOBWARD_LINEAGE_H
#define JOBWARD_LINEAGE_H

#include <linux/types.h>
#include "identity.h"

struct mm_struct;
struct task_struct;

struct jw_lineage {
	u64 job;		/* 0: none */
	u64 root_seq;		/* event at which that job started */
	u64 writer_classes;	/* store classes that it may write to by descent */
	u32 scheduler;
	u8 taint;		/* enum jw_taint: since its exec; see jw_lineage_taint() */
	bool may_plant;		/* that job started as approved, and its verdict says so */
	u8 key[JOBWARD_DIGEST_SIZE];	/* of that job */
	struct jw_identity interpreter;	/* what the exec of that job may lead to by the script's own word; zeros: nothing */
};

/** jw_lineage_of_current() - what the current task descends from. Context: any but interrupt. Return: false: nothing. */
bool jw_lineage_of_current(struct jw_lineage *lineage);

/**
 * jw_lineage_set_current() - marks the current task
 * @lineage: all zero takes the mark away; its taint is not looked at: what a task has stays until it executes something
 *
 * Context: atomic; a failure for want of memory is counted.
 */
void jw_lineage_set_current(const struct jw_lineage *lineage);

/**
 * jw_lineage_taint() - somebody has laid hands on a process
 * @mm: its memory; every task that runs in it is meant
 * @cause: enum jw_taint
 *
 * Rights by image do not count for a tainted task, and rights by descent are taken away: what runs in it may not be what was executed.
 * Holds until the task executes something; those that it forks inherit it.
 * Context: atomic; a failure for want of memory is counted.
 */
void jw_lineage_taint(const struct mm_struct *mm, u8 cause);

/** jw_lineage_of() - as jw_lineage_of_current(), of another task that can't go away. Context: any but interrupt. Return: false: nothing. */
bool jw_lineage_of(const struct task_struct *task, struct jw_lineage *lineage);

u32 jw_lineage_count(void);
u64 jw_lineage_lost(void);

/** jw_lineage_init() - begins to follow forks, execs and exits. Context: load. Return: 0 or negative errno. */
int jw_lineage_init(void);
/** jw_lineage_exit() - ends; waits for probes that still run, then forgets all. Context: unload. */
void jw_lineage_exit(void);

#endif
