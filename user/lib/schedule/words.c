// SPDX-License-Identifier: GPL-2.0
/* Schedules in words for people, of each scheduler; cron's own are in cron_words.c. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "schedule.h"
#include "cron_words.h"

static char *say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *say(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : text;
}

/* "PERIOD DELAY", anacrontab(5). */
static char *anacron_words(const char *schedule)
{
	static const struct {
		const char *period, *words;
	} named[] = {
		{ "@daily", "once a day" }, { "@weekly", "once a week" }, { "@monthly", "once a month" },
		{ "@yearly", "once a year" }, { "@annually", "once a year" }, { "@annualy", "once a year" },
		{ "0", "every time" }, { "1", "once a day" }, { "7", "once a week" },
	};
	char period[32], often[64];
	long delay;
	size_t i;

	if (sscanf(schedule, "%31s %ld", period, &delay) != 2)
		return strdup(schedule);
	if (*period == '@')
		snprintf(often, sizeof(often), "%s", period);
	else
		snprintf(often, sizeof(often), "once in %s days", period);
	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(period, named[i].period))
			snprintf(often, sizeof(often), "%s", named[i].words);
	if (!delay)
		return say("%s, as soon as anacron starts", often);
	return say("%s, %ld minute%s after anacron starts", often, delay, delay == 1 ? "" : "s");
}

/* "@SECONDS queue Q"; queue b and upper-case ones wait for a low load, at(1). */
static char *at_words(const char *schedule)
{
	char when[32], queue;
	int64_t seconds;
	struct tm tm;
	time_t t;

	if (sscanf(schedule, "@%" SCNd64 " queue %c", &seconds, &queue) != 2)
		return strdup(schedule);
	t = seconds;
	if (!localtime_r(&t, &tm) || !strftime(when, sizeof(when), "%F %H:%M", &tm))
		return strdup(schedule);
	if (queue == 'b' || (queue >= 'A' && queue <= 'Z'))
		return say("once, on %s or later when the load is low", when);
	return say("once, on %s", when);
}

/* systemd.time(7), "Calendar events": the short forms, and a plain time of every day. */
static char *calendar_words(const char *s)
{
	static const struct {
		const char *name, *words;
	} named[] = {
		{ "minutely", "every minute" }, { "hourly", "every hour" }, { "daily", "every day at 00:00" },
		{ "weekly", "every Monday at 00:00" }, { "monthly", "on the 1st of every month at 00:00" },
		{ "quarterly", "on 1 January, 1 April, 1 July and 1 October at 00:00" },
		{ "semiannually", "on 1 January and 1 July at 00:00" }, { "yearly", "on 1 January at 00:00" },
		{ "annually", "on 1 January at 00:00" },
	};
	const char *rest = s;
	int hour, minute, second = 0, end = 0;
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcasecmp(s, named[i].name))
			return strdup(named[i].words);
	if (!strncmp(rest, "*-*-* ", 6))
		rest += 6;
	if (sscanf(rest, "%2d:%2d%n", &hour, &minute, &end) == 2 && end &&
	    (!rest[end] || (sscanf(rest, "%2d:%2d:%2d%n", &hour, &minute, &second, &end) == 3 && !rest[end])) &&
	    hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60) {
		if (second)
			return say("every day at %02d:%02d:%02d", hour, minute, second);
		return say("every day at %02d:%02d", hour, minute);
	}
	return say("at calendar time %s", s);
}

/* One setting of a timer, systemd.timer(5). */
static char *timer_words(const char *s)
{
	static const struct {
		const char *key, *words;
	} after[] = {
		{ "OnBootSec=", "after boot" }, { "OnStartupSec=", "after the service manager starts" },
		{ "OnActiveSec=", "after the timer is activated" }, { "OnUnitActiveSec=", "after it last started" },
		{ "OnUnitInactiveSec=", "after it last ended" },
	};
	size_t i, len;

	if (!strncmp(s, "OnCalendar=", 11))
		return calendar_words(s + 11);
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		len = strlen(after[i].key);
		if (!strncmp(s, after[i].key, len))
			return say("%s %s", s + len, after[i].words);
	}
	if (!strcmp(s, "OnClockChange=yes") || !strcmp(s, "OnClockChange=true"))
		return strdup("when the clock is set");
	if (!strcmp(s, "OnTimezoneChange=yes") || !strcmp(s, "OnTimezoneChange=true"))
		return strdup("when the time zone changes");
	return strdup(s);
}

/* Where the next setting begins: behind a blank, "On…=". Values have blanks too. */
static char *next_setting(char *s)
{
	for (; (s = strstr(s, " On")); s++)
		if (s[3 + strspn(s + 3, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] == '=')
			return s;
	return NULL;
}

/* Several settings: each adds a time. */
static char *systemd_words(const char *schedule)
{
	char *copy = strdup(schedule), *text = NULL, *part, *words, *joined, *next;

	for (part = copy; part; part = next) {
		next = next_setting(part);
		if (next)
			*next++ = '\0';
		words = timer_words(part);
		joined = words ? say("%s%s%s", text ? text : "", text ? "; " : "", words) : NULL;
		free(words);
		free(text);
		text = joined;
		if (!text)
			break;
	}
	free(copy);
	return text;
}

bool jw_schedule_is_cron(enum jobward_scheduler scheduler)
{
	switch (scheduler) {
	case JOBWARD_SCHEDULER_CRON:
	case JOBWARD_SCHEDULER_CRONIE:
	case JOBWARD_SCHEDULER_BCRON:
	case JOBWARD_SCHEDULER_BUSYBOX:
		return true;
	default:
		return false;
	}
}

char *jw_schedule_words(enum jobward_scheduler scheduler, const char *schedule)
{
	char *words;

	if (!schedule || !*schedule)
		return strdup("not known");
	switch (scheduler) {
	case JOBWARD_SCHEDULER_ANACRON:
		return anacron_words(schedule);
	case JOBWARD_SCHEDULER_AT:
		return at_words(schedule);
	case JOBWARD_SCHEDULER_SYSTEMD:
	case JOBWARD_SCHEDULER_SYSTEMD_USER:
		return systemd_words(schedule);
	default:
		/* A file of run-parts has the schedule of the table that calls run-parts. */
		if (!jw_cron_words(schedule, &words))
			return strdup(schedule);
		return words;
	}
}
