/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes of the protocol → structs, for genl.c alone. */
#ifndef JOBWARD_GENL_READ_H
#define JOBWARD_GENL_READ_H

#include <netlink/attr.h>
#include "genl.h"

/* @nest: JOBWARD_A_CONTROL_EVENT. Return: 0, -EBADMSG or -ENOMEM; what was read until then is for jw_event_done(). */
int jw_genl_read_event(struct nlattr *nest, struct jw_event *e);
/* @tb: the parsed attributes of a status reply. Return: as above; for jw_module_status_done(). */
int jw_genl_read_status(struct nlattr **tb, struct jw_module_status *s);

#endif
