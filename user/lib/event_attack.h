/* SPDX-License-Identifier: GPL-2.0 */
/* The ATT&CK techniques that events are labelled with. */
#ifndef JOBWARD_EVENT_ATTACK_H
#define JOBWARD_EVENT_ATTACK_H

#include "event.h"

/* Adds a technique that we know (others are passed over) unless it is there already. */
void jw_event_add_attack(struct jw_event *event, const char *technique);
/* All that we know. */
const char *const *jw_event_attacks(size_t *ret_n);

#endif
