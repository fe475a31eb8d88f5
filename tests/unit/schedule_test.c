// SPDX-License-Identifier: GPL-2.0
/* Schedules in words, and the next run of cron's jobs around odd days and jumping clocks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <time.h>
#include "schedule/schedule.h"

static const struct {
	enum jobward_scheduler scheduler;
	const char *schedule, *words;
} words_cases[] = {
#define CRON JOBWARD_SCHEDULER_CRON
	{ CRON, "17 * * * *", "at 17 minutes past every hour" },
	{ CRON, "1 * * * *", "at 1 minute past every hour" },
	{ CRON, "25 6 * * *", "every day at 06:25" },
	{ CRON, "47 6 * * 7", "every Sunday at 06:47" },
	{ CRON, "52 6 1 * *", "on the 1st of every month at 06:52" },
	{ CRON, "0 3 * * mon", "every Monday at 03:00" },
	{ CRON, "0 3 * * 1,4", "every Monday and Thursday at 03:00" },
	{ CRON, "0 3 * * 1-5", "Monday to Friday at 03:00" },
	{ CRON, "0 3 * * 0-7", "every day at 03:00" },
	{ CRON, "*/5 * * * *", "every 5 minutes" },
	{ CRON, "5-55/10 * * * *", "every 10 minutes from minute 5 on" },
	{ CRON, "* * * * *", "every minute" },
	{ CRON, "*;junk * * * *", "every minute" },
	{ CRON, "0 * * * *", "every hour" },
	{ CRON, "0 */2 * * *", "every 2 hours" },
	{ CRON, "17 */2 * * *", "at 17 minutes past every 2nd hour" },
	{ CRON, "30 7-23 * * *", "at 30 minutes past every hour from 07:00 to 23:59" },
	{ CRON, "*/10 8-17 * * 1-5", "every 10 minutes from 08:00 to 17:50, Monday to Friday" },
	{ CRON, "* 3 * * *", "every minute from 03:00 to 03:59" },
	{ CRON, "0 6,18 * * *", "every day at 06:00 and 18:00" },
	{ CRON, "0 0 1,15 * 5", "every Friday and on the 1st and 15th of every month at 00:00" },
	{ CRON, "0 0 */10 * 1",
	  "every Monday that is also on the 1st, 11th, 21st and 31st of every month at 00:00" },
	{ CRON, "0 12 * jan,mar *", "every day in January and March at 12:00" },
	{ CRON, "0 0 6 1 *", "on 6 January at 00:00" },
	{ CRON, "0 0 30 2 *", "never, there is no such time" },
	{ CRON, "9-3 * * * *", "never, there is no such time" },
	{ CRON, "@reboot", "at boot" },
	{ CRON, "@hourly", "every hour" },
	{ CRON, "@daily", "every day at 00:00" },
	{ CRON, "@weekly", "every Sunday at 00:00" },
	{ CRON, "@monthly", "on the 1st of every month at 00:00" },
	{ CRON, "@yearly", "on 1 January at 00:00" },
	{ CRON, "what?", "what?" },
	{ CRON, "", "not known" },
	{ CRON, NULL, "not known" },
	{ JOBWARD_SCHEDULER_RUN_PARTS, "25 6 * * *", "every day at 06:25" },
	{ JOBWARD_SCHEDULER_ANACRON, "1 5", "once a day, 5 minutes after anacron starts" },
	{ JOBWARD_SCHEDULER_ANACRON, "7 10", "once a week, 10 minutes after anacron starts" },
	{ JOBWARD_SCHEDULER_ANACRON, "30 1", "once in 30 days, 1 minute after anacron starts" },
	{ JOBWARD_SCHEDULER_ANACRON, "@monthly 15", "once a month, 15 minutes after anacron starts" },
	{ JOBWARD_SCHEDULER_ANACRON, "1 0", "once a day, as soon as anacron starts" },
	{ JOBWARD_SCHEDULER_AT, "@1795508640 queue a", "once, on 2026-11-24 08:24" },
	{ JOBWARD_SCHEDULER_AT, "@1795508640 queue b",
	  "once, on 2026-11-24 08:24 or later when the load is low" },
	{ JOBWARD_SCHEDULER_SYSTEMD, "OnCalendar=daily", "every day at 00:00" },
	{ JOBWARD_SCHEDULER_SYSTEMD, "OnCalendar=*-*-* 06:00", "every day at 06:00" },
	{ JOBWARD_SCHEDULER_SYSTEMD, "OnCalendar=*-*-* 06:00:30", "every day at 06:00:30" },
	{ JOBWARD_SCHEDULER_SYSTEMD, "OnCalendar=Mon *-*-* 6,18:00", "at calendar time Mon *-*-* 6,18:00" },
	{ JOBWARD_SCHEDULER_SYSTEMD, "OnBootSec=15min", "15min after boot" },
	{ JOBWARD_SCHEDULER_SYSTEMD_USER, "OnBootSec=15min OnUnitActiveSec=1d",
	  "15min after boot; 1d after it last started" },
	{ JOBWARD_SCHEDULER_SYSTEMD, "OnCalendar=*-*-* 6:00 OnCalendar=*-*-* 18:00",
	  "every day at 06:00; every day at 18:00" },
#undef CRON
};

static void test_words(void **state)
{
	size_t i;
	char *words;

	(void)state;
	for (i = 0; i < sizeof(words_cases) / sizeof(words_cases[0]); i++) {
		words = jw_schedule_words(words_cases[i].scheduler, words_cases[i].schedule);
		assert_string_equal(words, words_cases[i].words);
		free(words);
	}
}

static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return (int64_t)timegm(&tm) * 1000000000;
}

static void test_next(void **state)
{
	static const struct {
		const char *zone, *schedule, *now, *next;
	} cases[] = {
		{ "UTC", "17 * * * *", "2026-11-24 08:16:59", "2026-11-24 08:17:00" },
		{ "UTC", "17 * * * *", "2026-11-24 08:17:00", "2026-11-24 09:17:00" },
		{ "UTC", "25 6 * * *", "2026-12-31 08:00:00", "2027-01-01 06:25:00" },
		{ "UTC", "47 6 * * 7", "2026-11-24 08:00:00", "2026-11-29 06:47:00" },
		{ "UTC", "0 0 31 * *", "2026-11-24 08:00:00", "2026-12-31 00:00:00" },
		/* day or weekday, when neither begins with "*"; both, when one does */
		{ "UTC", "0 0 13 * 5", "2026-11-24 08:00:00", "2026-11-27 00:00:00" },
		{ "UTC", "0 0 */13 * 1", "2026-11-24 08:00:00", "2026-12-14 00:00:00" },
		/* leap years, also around a century that is none */
		{ "UTC", "0 0 29 2 *", "2026-11-24 08:00:00", "2028-02-29 00:00:00" },
		{ "UTC", "0 0 29 2 *", "2096-03-01 00:00:00", "2104-02-29 00:00:00" },
		{ "UTC", "0 0 */28 2 1", "2026-11-24 08:00:00", "2027-02-01 00:00:00" },
		{ "UTC", "0 0 29 2 */7", "2026-11-24 08:00:00", "2032-02-29 00:00:00" },
		/* never */
		{ "UTC", "0 0 30 2 *", "2026-11-24 08:00:00", NULL },
		{ "UTC", "0 0 31 4,6,9,11 *", "2026-11-24 08:00:00", NULL },
		{ "UTC", "9-3 * * * *", "2026-11-24 08:00:00", NULL },
		{ "UTC", "nonsense", "2026-11-24 08:00:00", NULL },
		{ "UTC", "* * * *", "2026-11-24 08:00:00", NULL },
		{ "UTC", "* * * * * x", "2026-11-24 08:00:00", NULL },
		/*
		 * spring forward: 02:00 CET is 03:00 CEST, at 01:00 UTC; fixed times run then, wild ones are left out
		 */
		{ "Europe/Berlin", "30 2 * * *", "2026-03-28 12:00:00", "2026-03-29 01:00:00" },
		{ "Europe/Berlin", "*/30 2 * * *", "2026-03-28 12:00:00", "2026-03-30 00:00:00" },
		{ "Europe/Berlin", "30 * * * *", "2026-03-29 00:30:00", "2026-03-29 01:30:00" },
		{ "Europe/Berlin", "30 3 * * *", "2026-03-28 12:00:00", "2026-03-29 01:30:00" },
		/* fall back: 02:00 to 03:00 comes twice, from 00:00 and from 01:00 UTC; fixed times run in the first */
		{ "Europe/Berlin", "30 2 * * *", "2026-10-24 12:00:00", "2026-10-25 00:30:00" },
		{ "Europe/Berlin", "30 2 * * *", "2026-10-25 00:30:00", "2026-10-26 01:30:00" },
		{ "Europe/Berlin", "30 * * * *", "2026-10-25 00:30:00", "2026-10-25 01:30:00" },
		/* half an hour, midnight in the gap */
		{ "Australia/Lord_Howe", "15 2 * * *", "2026-10-03 12:00:00", "2026-10-03 15:30:00" },
		{ "America/Santiago", "30 0 * * *", "2026-09-05 12:00:00", "2026-09-06 04:00:00" },
		{ "America/Santiago", "*/30 * * * *", "2026-09-06 03:45:00", "2026-09-06 04:00:00" },
	};
	int64_t next;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("TZ", cases[i].zone, 1);
		tzset();
		next = jw_schedule_cron_next(cases[i].schedule, utc(cases[i].now));
		if (next != (cases[i].next ? utc(cases[i].next) : 0))
			fail_msg("case %zu: '%s' in %s after %s: %lld", i, cases[i].schedule, cases[i].zone,
				 cases[i].now,
				 (long long)(next / 1000000000));
	}
	setenv("TZ", "UTC", 1);
	tzset();
	assert_int_equal(jw_schedule_cron_next("@reboot", utc("2026-11-24 08:00:00")), -1);
	assert_int_equal(jw_schedule_cron_next(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_next),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
