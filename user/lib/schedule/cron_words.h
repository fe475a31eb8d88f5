/* SPDX-License-Identifier: GPL-2.0 */
/* Schedules of cron in words. */
#ifndef JOBWARD_SCHEDULE_CRON_WORDS_H
#define JOBWARD_SCHEDULE_CRON_WORDS_H

#include <stdbool.h>

/* Return: false when @schedule is none of cron's. *ret is the caller's, NULL when memory is out. */
bool jw_cron_words(const char *schedule, char **ret);

#endif
