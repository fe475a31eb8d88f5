/* SPDX-License-Identifier: GPL-2.0 */
/* The module gate: decides about a kernel module before its init runs. */
#ifndef JOBWARD_MODULE_GATE_H
#define JOBWARD_MODULE_GATE_H

/** jw_module_gate_init() - arms the gate. Context: load. Return: 0 or negative errno. */
int jw_module_gate_init(void);
/** jw_module_gate_exit() - takes it away and waits for callbacks. Context: unload, may sleep. */
void jw_module_gate_exit(void);

#endif
