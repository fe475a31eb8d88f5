/* SPDX-License-Identifier: GPL-2.0 */
/* The write gate: decides about writes into job stores, where the kernel asks its security modules. */
#ifndef JOBWARD_WRITE_GATE_H
#define JOBWARD_WRITE_GATE_H

#include <linux/types.h>
#include <uapi/linux/jobward.h>

/**
 * jw_write_gate_init() - arms every row of the table that the kernel has a function for
 *
 * A row that does not arm (a livepatch owns the function) is named in the gate's "off" text; the others still hold.
 * Context: load. Return: 0; the gate tells by itself what is off.
 */
int jw_write_gate_init(void);

/** jw_write_gate_exit() - takes all callbacks away and waits until nobody is inside one. Context: unload, may sleep. */
void jw_write_gate_exit(void);

#endif
