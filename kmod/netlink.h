/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family: requests of the auditor and their answers. */
#ifndef JOBWARD_NETLINK_H
#define JOBWARD_NETLINK_H

/** jw_nl_init() - registers the family. Context: load, everything else is up. Return: 0 or negative errno. */
int jw_nl_init(void);
/** jw_nl_exit() - unregisters it; no request is under way afterwards, the table in force is taken away. Context: unload. */
void jw_nl_exit(void);

#endif
