/* SPDX-License-Identifier: GPL-2.0 */
/* Live viewers: the multicast group of the family. Never in the path of an answer. */
#ifndef JOBWARD_VIEWERS_H
#define JOBWARD_VIEWERS_H

struct genl_family;

/** jw_viewers_wake() - there is a new event. Context: any but NMI; no cost without viewers. */
void jw_viewers_wake(void);
/** jw_viewers_init() - begins to serve. @family: registered. Context: load. */
void jw_viewers_init(const struct genl_family *family);
/** jw_viewers_exit() - stops, and waits for what is under way. Context: unload, before the family goes; may sleep. */
void jw_viewers_exit(void);

#endif
