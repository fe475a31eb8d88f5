// SPDX-License-Identifier: GPL-2.0
/*
 * When a cron job runs next. Facts: crontab(5), and cron(8) for clocks that jump: a job with "*" in minute or hour
 * follows the wall clock, so it is left out of a skipped hour and runs in both copies of a repeated one; any other
 * runs once, at the end of the skipped hour or in the first copy.
 */
#include <string.h>
#include <time.h>
#include "schedule.h"
#include "cron_times.h"

/* A weekday on 29 February comes back after 40 years at the latest: 28 and 12 around a century that is no leap year. */
#define DAYS_MAX (41 * 366)
#define NS_PER_SEC INT64_C(1000000000)

struct day {
	int year, month, dom, dow;	/* month from 1, dow 0 is Sunday */
};

static int days_in(const struct day *d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;

	return days[d->month - 1] + (d->month == 2 && leap);
}

static void next_day(struct day *d)
{
	d->dow = (d->dow + 1) % 7;
	if (++d->dom <= days_in(d))
		return;
	d->dom = 1;
	if (++d->month <= 12)
		return;
	d->month = 1;
	d->year++;
}

/* The instant of a local time under one of the zone's two rules. Return: false when the clock never shows it so. */
static bool instant(const struct day *d, int hour, int minute, int isdst, time_t *ret)
{
	struct tm tm = {
		.tm_year = d->year - 1900, .tm_mon = d->month - 1, .tm_mday = d->dom, .tm_hour = hour, .tm_min = minute,
		.tm_isdst = isdst,
	}, shown;
	time_t t = mktime(&tm);

	if (!localtime_r(&t, &shown))
		return false;
	*ret = t;
	return shown.tm_mday == d->dom && shown.tm_hour == hour && shown.tm_min == minute;
}

/* Where the clock's jump ends that @t, some minutes behind it, lies behind. */
static time_t end_of_gap(time_t t)
{
	struct tm now, before;
	int i;

	localtime_r(&t, &now);
	for (i = 0; i < 24 * 60; i++) {
		time_t earlier = t - 60;

		if (!localtime_r(&earlier, &before) || before.tm_gmtoff != now.tm_gmtoff)
			break;
		t = earlier;
	}
	return t;
}

/* When a job of a fixed time runs on that day. */
static time_t fixed_time(const struct day *d, int hour, int minute)
{
	time_t a, b;
	bool has_a = instant(d, hour, minute, 0, &a), has_b = instant(d, hour, minute, 1, &b);

	if (has_a && has_b)
		return a < b ? a : b;
	if (has_a || has_b)
		return has_a ? a : b;
	/* Skipped: read by the rule before the jump it lies behind the jump, that is the later of both. */
	return end_of_gap(a > b ? a : b);
}

static time_t next_fixed(const struct jw_cron_times *t, const struct day *d, time_t now)
{
	int h, m;
	time_t at;

	for (h = 0; h < 24; h++) {
		for (m = 0; m < 60; m++) {
			if (!(t->hour >> h & 1) || !(t->minute >> m & 1))
				continue;
			at = fixed_time(d, h, m);
			if (at > now)
				return at;
		}
	}
	return 0;
}

/* Goes along real minutes, so that skipped and repeated hours come out by themselves. */
static time_t next_wildcard(const struct jw_cron_times *t, const struct day *d, time_t now)
{
	time_t at = fixed_time(d, 0, 0);
	struct tm tm;
	int i;

	if (at <= now)
		at = now - now % 60 + 60;
	for (i = 0; i < 27 * 60; i++, at += 60) {
		if (!localtime_r(&at, &tm) || tm.tm_mday != d->dom)
			break;
		if ((t->hour >> tm.tm_hour & 1) && (t->minute >> tm.tm_min & 1))
			return at;
	}
	return 0;
}

int64_t jw_schedule_cron_next(const char *schedule, int64_t now_ns)
{
	time_t now = now_ns / NS_PER_SEC, at;
	struct jw_cron_times t;
	struct tm tm;
	struct day d;
	int i;

	if (!schedule || !jw_cron_times_parse(schedule, &t) || !localtime_r(&now, &tm))
		return 0;
	if (t.reboot)
		return -1;
	if (!t.minute || !t.hour)
		return 0;
	d = (struct day){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_wday };
	for (i = 0; i < DAYS_MAX; i++, next_day(&d)) {
		if (!jw_cron_day_matches(&t, d.month, d.dom, d.dow))
			continue;
		at = t.wildcard ? next_wildcard(&t, &d, now) : next_fixed(&t, &d, now);
		if (at)
			return at * NS_PER_SEC;
	}
	return 0;
}
