// SPDX-License-Identifier: GPL-2.0
/* Times: from what people type, and to what they read. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "render.h"
#include "when.h"

#define SECOND_NS 1000000000LL

static int64_t unit_seconds(const char *unit, size_t len)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {
		{"s", 1}, {"sec", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && !strncmp(units[i].name, unit, len))
			return units[i].seconds;
	return 0;
}

int jw_when_duration(const char *text, int64_t *ret_ns)
{
	int64_t total = 0;

	if (!*text)
		return -EINVAL;
	while (*text) {
		size_t len = 0;
		int64_t seconds;
		char *end;
		long n;

		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		errno = 0;
		n = strtol(text, &end, 10);
		while (isalpha((unsigned char)end[len]))
			len++;
		seconds = unit_seconds(end, len);
		/* A hundred years are enough, and keep nanoseconds within 64 bits. */
		if (errno || !seconds || n > 3155760000LL / seconds)
			return -EINVAL;
		total += n * seconds;
		text = end + len;
		while (*text == ' ')
			text++;
	}
	if (total > 3155760000LL)
		return -EINVAL;
	*ret_ns = total * SECOND_NS;
	return 0;
}

static bool take_number(const char **text, int digits, int low, int high, int *ret)
{
	int i, n = 0;

	for (i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)(*text)[i]))
			return false;
		n = 10 * n + (*text)[i] - '0';
	}
	if (n < low || n > high)
		return false;
	*text += digits;
	*ret = n;
	return true;
}

static bool take_char(const char **text, const char *any)
{
	if (!**text || !strchr(any, **text))
		return false;
	(*text)++;
	return true;
}

/* "08:00", "08:00:59", "08:00:59.123456789" */
static bool take_clock(const char **text, struct tm *tm, int64_t *ret_fraction_ns)
{
	int64_t scale = SECOND_NS / 10;

	*ret_fraction_ns = 0;
	tm->tm_sec = 0;
	if (!take_number(text, 2, 0, 23, &tm->tm_hour) || !take_char(text, ":") ||
	    !take_number(text, 2, 0, 59, &tm->tm_min))
		return false;
	if (!take_char(text, ":"))
		return true;
	if (!take_number(text, 2, 0, 59, &tm->tm_sec))
		return false;
	if (!take_char(text, ".,"))
		return true;
	for (; isdigit((unsigned char)**text); (*text)++, scale /= 10)
		*ret_fraction_ns += (**text - '0') * scale;
	return true;
}

/* "Z", "+01:00", "+0100" or nothing. */
static bool take_zone(const char **text, bool *ret_given, int *ret_offset)
{
	int sign, hours, minutes;

	*ret_given = false;
	*ret_offset = 0;
	if (!**text)
		return true;
	*ret_given = true;
	if (take_char(text, "Zz"))
		return true;
	sign = **text == '-' ? -1 : 1;
	if (!take_char(text, "+-") || !take_number(text, 2, 0, 23, &hours))
		return false;
	take_char(text, ":");
	if (!take_number(text, 2, 0, 59, &minutes))
		return false;
	*ret_offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* mktime() turns the 30th of February into a day in March; that is a typing error here. */
static int to_ns(const struct tm *given, bool has_zone, int offset, int64_t fraction_ns, int64_t *ret_ns)
{
	struct tm tm = *given;
	time_t t;

	tm.tm_isdst = -1;
	t = has_zone ? timegm(&tm) : mktime(&tm);
	if (t == (time_t)-1 || tm.tm_mday != given->tm_mday || tm.tm_mon != given->tm_mon)
		return -EINVAL;
	*ret_ns = ((int64_t)t - offset) * SECOND_NS + fraction_ns;
	return 0;
}

static int parse_date(const char *text, int64_t now_ns, int64_t *ret_ns)
{
	time_t now = (time_t)(now_ns / SECOND_NS);
	int64_t fraction_ns = 0;
	bool has_zone = false;
	int offset = 0, year;
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (strlen(text) > 4 && text[4] == '-') {
		if (!take_number(&text, 4, 1970, 2250, &year) || !take_char(&text, "-") ||
		    !take_number(&text, 2, 1, 12, &tm.tm_mon) || !take_char(&text, "-") ||
		    !take_number(&text, 2, 1, 31, &tm.tm_mday))
			return -EINVAL;
		tm.tm_year = year - 1900;
		tm.tm_mon--;
		if (!*text)
			return to_ns(&tm, false, 0, 0, ret_ns);
		if (!take_char(&text, "Tt "))
			return -EINVAL;
	}
	if (!take_clock(&text, &tm, &fraction_ns) || !take_zone(&text, &has_zone, &offset) || *text)
		return -EINVAL;
	return to_ns(&tm, has_zone, offset, fraction_ns, ret_ns);
}

static int parse_day(int64_t now_ns, int days, int64_t *ret_ns)
{
	time_t now = (time_t)(now_ns / SECOND_NS);
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	*ret_ns = (int64_t)mktime(&tm) * SECOND_NS;
	return 0;
}

int jw_when_parse(const char *text, int64_t now_ns, bool ahead, int64_t *ret_ns)
{
	int64_t ns;
	char *end;

	if (!strcmp(text, "now"))
		return *ret_ns = now_ns, 0;
	if (!strcmp(text, "today"))
		return parse_day(now_ns, 0, ret_ns);
	if (!strcmp(text, "yesterday"))
		return parse_day(now_ns, -1, ret_ns);
	if (!strcmp(text, "tomorrow"))
		return parse_day(now_ns, 1, ret_ns);
	if (*text == '@') {
		errno = 0;
		ns = strtoll(text + 1, &end, 10);
		if (errno || end == text + 1 || *end || ns < 0 || ns > INT64_MAX / SECOND_NS)
			return -EINVAL;
		return *ret_ns = ns * SECOND_NS, 0;
	}
	if (*text == '-' || *text == '+') {
		if (jw_when_duration(text + 1, &ns))
			return -EINVAL;
		return *ret_ns = *text == '-' ? now_ns - ns : now_ns + ns, 0;
	}
	if (!jw_when_duration(text, &ns))
		return *ret_ns = ahead ? now_ns + ns : now_ns - ns, 0;
	return parse_date(text, now_ns, ret_ns);
}

int64_t jw_when_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

const char *jw_show_time(int64_t ns)
{
	time_t t = (time_t)(ns / SECOND_NS);
	char text[32];
	struct tm tm;

	if (ns <= 0 || !localtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		return "-";
	return jw_showf("%s", text);
}

const char *jw_show_duration(int64_t ns)
{
	int64_t s = ns / SECOND_NS;

	if (s < 60)
		return jw_showf("%lld s", (long long)s);
	if (s < 3600)
		return jw_showf("%lld min", (long long)(s / 60));
	if (s < 86400)
		return s % 3600 / 60 ? jw_showf("%lld h %lld min", (long long)(s / 3600), (long long)(s % 3600 / 60)) :
				       jw_showf("%lld h", (long long)(s / 3600));
	return s / 86400 == 1 ? "1 day" : jw_showf("%lld days", (long long)(s / 86400));
}

/* One unit is enough for a distance. */
static const char *rough(int64_t ns)
{
	int64_t s = ns / SECOND_NS;

	if (s < 3600 || s >= 86400)
		return jw_show_duration(ns);
	return jw_showf("%lld h", (long long)(s / 3600));
}

const char *jw_show_distance(int64_t ns, int64_t now_ns)
{
	if (ns > now_ns)
		return ns - now_ns < SECOND_NS ? "now" : jw_showf("in %s", rough(ns - now_ns));
	return now_ns - ns < SECOND_NS ? "now" : jw_showf("%s ago", rough(now_ns - ns));
}
