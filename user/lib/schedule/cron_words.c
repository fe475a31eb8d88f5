// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules of cron in words: "every day at 06:25", "every 5 minutes". From the sets of minutes, hours and days, not
 * from the text of the fields, so that two ways to write one schedule read the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cron_words.h"
#include "cron_times.h"

#define TIMES_MAX 6	/* more times of day than these are told by minutes and hours */
#define ALL_DOM 0xfffffffeU

static const char *const month_names[] = {
	"", "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December",
};
static const char *const day_names[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

/* A set of numbers below 64 and what can be said about it. */
struct set {
	int low, high;		/* range that the field allows */
	uint64_t bits;
	int n, first, last;
	int step;		/* distance when all are the same, else 0 */
	bool all, contiguous;
};

static struct set describe(uint64_t bits, int low, int high)
{
	struct set s = { .low = low, .high = high, .bits = bits, .first = -1 };
	int prev = -1, i;

	for (i = low; i <= high; i++) {
		if (!(bits >> i & 1))
			continue;
		if (s.first < 0)
			s.first = i;
		else if (prev == s.first)
			s.step = i - prev;
		else if (i - prev != s.step)
			s.step = 0;
		prev = s.last = i;
		s.n++;
	}
	s.all = s.n == high - low + 1;
	s.contiguous = s.n && s.last - s.first + 1 == s.n;
	return s;
}

/* The set goes around evenly: from its lowest number in steps that fill the whole range. */
static bool even(const struct set *s)
{
	int width = s->high - s->low + 1;

	return s->n > 1 && s->step > 1 && width % s->step == 0 && s->n == width / s->step &&
		s->first < s->low + s->step;
}

static const char *name_month(int i)
{
	return month_names[i];
}

static const char *name_day(int i)
{
	return day_names[i];
}

static const char *name_ordinal(int i)
{
	static char text[32][8];
	const char *suffix = "th";

	if (i / 10 != 1)
		suffix = i % 10 == 1 ? "st" : i % 10 == 2 ? "nd" : i % 10 == 3 ? "rd" : "th";
	snprintf(text[i & 31], sizeof(text[0]), "%d%s", i & 31, suffix);
	return text[i & 31];
}

static const char *name_number(int i)
{
	static char text[64][8];

	snprintf(text[i & 63], sizeof(text[0]), "%d", i & 63);
	return text[i & 63];
}

/* "a", "a and b", "a, b and c", "a to d" for four and more in a row. */
static void put_list(FILE *f, const struct set *s, const char *(*name)(int))
{
	int i, seen = 0;

	if (s->contiguous && s->n > 3) {
		fprintf(f, "%s to %s", name(s->first), name(s->last));
		return;
	}
	for (i = s->low; i <= s->high; i++) {
		if (!(s->bits >> i & 1))
			continue;
		seen++;
		fprintf(f, "%s%s", seen == 1 ? "" : seen == s->n ? " and " : ", ", name(i));
	}
}

/* Few times of day: "06:25", "06:00 and 18:00". */
static void put_times(FILE *f, const struct set *m, const struct set *h)
{
	int i, j, seen = 0, n = m->n * h->n;

	for (i = 0; i < 24; i++) {
		for (j = 0; j < 60; j++) {
			if (!(h->bits >> i & 1) || !(m->bits >> j & 1))
				continue;
			seen++;
			fprintf(f, "%s%02d:%02d", seen == 1 ? "" : seen == n ? " and " : ", ", i, j);
		}
	}
}

static void put_minutes_past(FILE *f, const struct set *m)
{
	fputs("at ", f);
	put_list(f, m, name_number);
	fprintf(f, " minute%s past", m->n == 1 && m->first == 1 ? "" : "s");
}

/* Times that come several times a day; the day then stands behind them. */
static void put_interval(FILE *f, const struct set *m, const struct set *h)
{
	if (m->all)
		fputs("every minute", f);
	else if (even(m))
		fprintf(f, "every %d minutes", m->step);
	if (m->all || even(m)) {
		/* "2-59/5" is every five minutes too, just later. */
		if (!m->all && m->first)
			fprintf(f, " from minute %d on", m->first);
		if (h->all)
			return;
		if (even(h))
			fprintf(f, " in every %s hour", name_ordinal(h->step));
		else if (h->contiguous)
			fprintf(f, " from %02d:%02d to %02d:%02d", h->first, m->first, h->last, m->last);
		else
			fputs(h->n == 1 ? " of hour " : " of the hours ", f);
		if (!even(h) && !h->contiguous)
			put_list(f, h, name_number);
		return;
	}
	if (m->n == 1 && !m->first && h->all) {
		fputs("every hour", f);
	} else if (m->n == 1 && !m->first && even(h) && !h->first) {
		fprintf(f, "every %d hours", h->step);
	} else {
		put_minutes_past(f, m);
		if (h->all)
			fputs(" every hour", f);
		else if (even(h) && !h->first)
			fprintf(f, " every %s hour", name_ordinal(h->step));
		else if (h->contiguous && h->n > 1)
			fprintf(f, " every hour from %02d:00 to %02d:59", h->first, h->last);
		else
			fputs(h->n == 1 ? " hour " : " the hours ", f);
		if (!h->all && !(even(h) && !h->first) && !(h->contiguous && h->n > 1))
			put_list(f, h, name_number);
	}
}

static void put_months(FILE *f, const struct set *months, const char *before)
{
	if (months->all)
		return;
	fputs(before, f);
	put_list(f, months, name_month);
}

static void put_dom(FILE *f, const struct set *dom, const struct set *months)
{
	if (dom->n == 1 && !months->all && months->n == 1) {
		fprintf(f, "on %d %s", dom->first, month_names[months->first]);
		return;
	}
	fputs("on the ", f);
	put_list(f, dom, name_ordinal);
	if (months->all)
		fputs(" of every month", f);
	put_months(f, months, " of ");
}

static void put_dow(FILE *f, const struct set *dow)
{
	/* Monday to Friday is what people say; the list would begin with Sunday. */
	if (!(dow->contiguous && dow->n > 3))
		fputs("every ", f);
	put_list(f, dow, name_day);
}

/* Return: false when the days are all days, then nothing was put. */
static bool put_days(FILE *f, const struct jw_cron_times *t)
{
	struct set dom = describe(t->dom, 1, 31), dow = describe(t->dow, 0, 6), months = describe(t->month, 1, 12);
	bool both = t->dom_star || t->dow_star;

	if (dom.all && dow.all) {
		if (months.all)
			return false;
		put_months(f, &months, "every day in ");
		return true;
	}
	/* As alternatives, one side that is all days makes the other say nothing. */
	if (!both && (dom.all || dow.all)) {
		put_months(f, &months, "every day in ");
		return !months.all;
	}
	if (dow.all) {
		put_dom(f, &dom, &months);
		return true;
	}
	put_dow(f, &dow);
	if (dom.all) {
		put_months(f, &months, " in ");
		return true;
	}
	fputs(both ? " that is also " : " and ", f);
	put_dom(f, &dom, &months);
	if (!both)
		put_months(f, &months, ", all in ");
	return true;
}

/* Is there any day at all? "30 February" is legal and never comes. */
static bool any_day(const struct jw_cron_times *t)
{
	static const int days[] = { 0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int month, dom, dow;

	for (month = 1; month <= 12; month++)
		for (dom = 1; dom <= days[month]; dom++)
			for (dow = 0; dow < 7; dow++)
				if (jw_cron_day_matches(t, month, dom, dow))
					return true;
	return false;
}

static void put_schedule(FILE *f, const struct jw_cron_times *t)
{
	struct set m = describe(t->minute, 0, 59), h = describe(t->hour, 0, 23);
	bool few = m.n * h.n <= TIMES_MAX && !(even(&h) && m.n == 1 && !h.first && h.n > 2);
	char *days = NULL;
	size_t len;
	FILE *d;

	if (t->reboot) {
		fputs("at boot", f);
		return;
	}
	if (!m.n || !h.n || !any_day(t)) {
		fputs("never, there is no such time", f);
		return;
	}
	if (few) {
		if (!put_days(f, t))
			fputs("every day", f);
		fputs(" at ", f);
		put_times(f, &m, &h);
		return;
	}
	put_interval(f, &m, &h);
	d = open_memstream(&days, &len);
	if (!d)
		return;
	if (put_days(d, t) && !fflush(d))
		fprintf(f, ", %s", days);
	fclose(d);
	free(days);
}

bool jw_cron_words(const char *schedule, char **ret)
{
	struct jw_cron_times t;
	char *text = NULL;
	size_t len;
	FILE *f;

	if (!jw_cron_times_parse(schedule, &t))
		return false;
	*ret = NULL;
	f = open_memstream(&text, &len);
	if (!f)
		return true;
	put_schedule(f, &t);
	if (fclose(f)) {
		free(text);
		return true;
	}
	*ret = text;
	return true;
}
