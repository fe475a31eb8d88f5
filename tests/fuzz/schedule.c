// SPDX-License-Identifier: GPL-2.0
/* Schedules: words of every scheduler, and the next run. */
#include <stdlib.h>
#include <string.h>
#include "schedule/schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	int i;

	memcpy(text, data, size);
	text[size] = '\0';
	for (i = 0; i <= JOBWARD_SCHEDULER_MAX; i++)
		free(jw_schedule_words(i, text));
	jw_schedule_cron_next(text, INT64_C(1795508640000000000));
	free(text);
	return 0;
}
