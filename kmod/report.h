/* SPDX-License-Identifier: GPL-2.0 */
/* From a gate into the ring, and from there to live viewers. The one ring of the module lives here. */
#ifndef JOBWARD_REPORT_H
#define JOBWARD_REPORT_H

#include "event.h"
#include "ring.h"

extern struct jw_ring jw_report_ring;

/**
 * jw_report() - stamps an event and puts it into the ring
 * @event: times are filled here
 *
 * Denials, tampering, administration and questions of who is held may use the reserved part of the ring.
 * Context: any but NMI. Return: its sequence number.
 */
u64 jw_report(struct jw_event *event);

/**
 * jw_report_timer_planted() - a timer was planted: the table in force may not know its unit
 * @seq: event that says so
 *
 * Context: any.
 */
void jw_report_timer_planted(u64 seq);
/** jw_report_timer_seq() - newest event that planted a timer. Context: any. */
u64 jw_report_timer_seq(void);

/** jw_report_init() - allocates the ring. Context: load. Return: 0, -EINVAL or -ENOMEM. */
int jw_report_init(unsigned int kib);
/** jw_report_exit() - frees the ring. Context: unload, all gates and viewers are off. */
void jw_report_exit(void);

#endif
