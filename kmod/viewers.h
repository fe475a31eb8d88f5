/* SPDX-License-Identifier: GPL-2.0 */
/* Live viewers: the multicast group of the family. Never in the path of an answer. */
#ifndef JOBWARD_VIEWERS_H
#define JOBWARD_VIEWERS_H

#include <linux/types.h>

struct genl_family;

/** jw_viewers_wake() - there is a new event, @seq. Context: any but NMI; hardly a cost without viewers. */
void jw_viewers_wake(u64 seq);
/** jw_viewers_init() - begins to serve. @family: registered. Context: load. */
void jw_viewers_init(const struct genl_family *family);
/** jw_viewers_stop() - begins nothing new. Context: unload, before the family goes. */
void jw_viewers_stop(void);
/** jw_viewers_exit() - waits for what is under way. Context: unload, nobody reports any more; may sleep. */
void jw_viewers_exit(void);

#endif
