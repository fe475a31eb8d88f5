/* SPDX-License-Identifier: GPL-2.0 */
/* When a job runs: in words for people and as the next time. Pure; time zone is the process's. */
#ifndef JOBWARD_SCHEDULE_H
#define JOBWARD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include "../job.h"

/* "at minute 17 of every hour", "every day at 06:25", "at boot"…; caller frees. NULL when out of memory. */
char *jw_schedule_words(enum jobward_scheduler scheduler, const char *schedule);
/* Are this scheduler's schedules cron's fields or @words, for jw_schedule_cron_next()? */
bool jw_schedule_is_cron(enum jobward_scheduler scheduler);
/*
 * Next start after @now_ns of a cron schedule (five fields or @word). Return: nanoseconds since the epoch; 0: never
 * or not understood; -1: at boot.
 */
int64_t jw_schedule_cron_next(const char *schedule, int64_t now_ns);

#endif
