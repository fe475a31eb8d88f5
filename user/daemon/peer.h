/* SPDX-License-Identifier: GPL-2.0 */
/* Who is at the other end of the control socket. */
#ifndef JOBWARD_DAEMON_PEER_H
#define JOBWARD_DAEMON_PEER_H

#include "control.h"

/* Return: 0 or negative errno. */
int jw_peer_of(int fd, struct jw_peer *ret);

#endif
