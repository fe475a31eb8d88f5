/* SPDX-License-Identifier: GPL-2.0 */
/* The mode of each gate, what they counted, and why one is not armed. */
#ifndef JOBWARD_MODE_H
#define JOBWARD_MODE_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <uapi/linux/jobward.h>

struct jw_gate {
	u8 mode;			/* enum jobward_mode; READ_ONCE/WRITE_ONCE */
	const char *off;		/* static text: why it is not armed; NULL: it is; READ_ONCE/WRITE_ONCE */
	atomic64_t judged, denied;
};

extern struct jw_gate jw_gates[JOBWARD_GATE_MAX + 1];
extern unsigned int jw_hold_ms;		/* longest wait of hold; READ_ONCE/WRITE_ONCE */
extern bool jw_mode_given;		/* start mode came by parameter and nobody has changed it since */

/**
 * jw_mode_answer() - what a gate does with an act that has no approval
 * @gate: enum jobward_gate; counted
 *
 * Hold is enforce by the time that this is asked.
 * Context: any. Return: JOBWARD_VERDICT_AUDIT or JOBWARD_VERDICT_DENY.
 */
static inline u32 jw_mode_answer(unsigned int gate)
{
	if (READ_ONCE(jw_gates[gate].mode) == JOBWARD_MODE_AUDIT)
		return JOBWARD_VERDICT_AUDIT;
	atomic64_inc(&jw_gates[gate].denied);
	return JOBWARD_VERDICT_DENY;
}

/** jw_mode_set() - sets one gate's mode. Context: any. */
void jw_mode_set(unsigned int gate, unsigned int mode);

/**
 * jw_mode_weakens() - would this let through what is denied or held now?
 * @gate: enum jobward_gate, or beyond for all
 * @mode: the mode to be set; the modes are in the order of their strength
 *
 * Context: any. Return: true if it would, for any of them.
 */
bool jw_mode_weakens(unsigned int gate, unsigned int mode);

/** jw_mode_init() - start mode of all gates from the parameter's word. Context: load. Return: 0 or -EINVAL. */
int jw_mode_init(const char *word);

#endif
