/* SPDX-License-Identifier: GPL-2.0 */
/* The run gate: decides about an exec before the point of no return. */
#ifndef JOBWARD_RUN_GATE_H
#define JOBWARD_RUN_GATE_H

/** jw_run_gate_init() - puts the gate at the head of the binary formats. Context: load. */
void jw_run_gate_init(void);
/** jw_run_gate_exit() - takes it away; execs inside hold a reference on the module, so none is. Context: unload. */
void jw_run_gate_exit(void);
/** jw_run_gate_to_head() - goes back to the head of the list: binfmt_misc has been loaded. Context: may sleep. */
void jw_run_gate_to_head(void);

#endif
