// SPDX-License-Identifier: GPL-2.0
/* See mode.h. Who may change a mode is decided where the request comes in (netlink.c). */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "mode.h"

struct jw_gate jw_gates[JOBWARD_GATE_MAX + 1];
unsigned int jw_hold_ms = 10000;
bool jw_mode_given;

static const char *const words[] = {
	[JOBWARD_MODE_AUDIT] = "audit",
	[JOBWARD_MODE_HOLD] = "hold",
	[JOBWARD_MODE_ENFORCE] = "enforce",
};

void jw_mode_set(unsigned int gate, unsigned int mode)
{
	WRITE_ONCE(jw_gates[gate].mode, mode);
}

bool jw_mode_weakens(unsigned int gate, unsigned int mode)
{
	unsigned int i;

	for (i = 0; i <= JOBWARD_GATE_MAX; i++)
		if ((gate > JOBWARD_GATE_MAX || gate == i) && mode < READ_ONCE(jw_gates[i].mode))
			return true;
	return false;
}

int jw_mode_init(const char *word)
{
	int mode = JOBWARD_MODE_AUDIT;
	unsigned int gate;

	BUILD_BUG_ON(ARRAY_SIZE(words) != JOBWARD_MODE_MAX + 1);
	if (word && *word) {
		mode = match_string(words, ARRAY_SIZE(words), word);
		if (mode < 0)
			return -EINVAL;
		jw_mode_given = true;
	}
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		jw_mode_set(gate, mode);
	return 0;
}
