/* SPDX-License-Identifier: GPL-2.0 */
/* Rules over the record, asked again and again by a process beside the daemon; what they find goes into the store. */
#ifndef JOBWARD_DAEMON_RULES_H
#define JOBWARD_DAEMON_RULES_H

#include "manager.h"

/* What the daemon is started with to be that process, before SINCE and UNTIL in nanoseconds. */
#define JW_RULES_OPTION "--ask-rules"

int jw_rules_init(struct manager *m);
/* Asks as soon as possible, whatever was asked last. */
void jw_rules_soon(struct manager *m);
/* Waits for nothing: a process under way ends with the daemon. */
void jw_rules_done(struct manager *m);

/* The process: asks the rules about the store, writes a JSON document with findings and diagnoses to standard output.
 * Return: exit code. */
int jw_rules_ask_and_print(int64_t since_ns, int64_t until_ns);

#endif
