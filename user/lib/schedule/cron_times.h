/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time fields of a crontab line as sets of bits, read the way Debian's cron reads them (crontab(5)): a field ends
 * at a blank, and what follows its last legal character up to there is passed over.
 */
#ifndef JOBWARD_SCHEDULE_CRON_TIMES_H
#define JOBWARD_SCHEDULE_CRON_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a table with one step back, as stdio gives it to cron. */
struct jw_cron_reader {
	const unsigned char *buf;
	size_t len, pos;
	unsigned int line;	/* of buf[pos], from 1 */
};
/* Return: next byte, -1 at the end. */
int jw_cron_getc(struct jw_cron_reader *r);
/* Takes back what jw_cron_getc() returned last; nothing when that was the end. */
void jw_cron_ungetc(struct jw_cron_reader *r, int ch);

struct jw_cron_times {
	uint64_t minute;	/* bit 0 to 59 */
	uint32_t hour;		/* bit 0 to 23 */
	uint32_t dom;		/* bit 1 to 31 */
	uint32_t month;		/* bit 1 to 12 */
	uint32_t dow;		/* bit 0 to 6, 0 is Sunday */
	bool dom_star, dow_star;	/* field begins with "*": then both day fields must match, else either */
	bool wildcard;		/* minute or hour begins with "*": not caught up with when the clock jumps, cron(8) */
	bool reboot;		/* @reboot: no bit is set */
};

/*
 * Reads "@word" or five fields and the blanks behind; the reader stands at what follows.
 * Return: NULL, or which part is bad ("bad minute", …).
 */
const char *jw_cron_times_read(struct jw_cron_reader *r, struct jw_cron_times *ret_times);
/* The same by cronie's rules: what follows a legal field is bad, and A~B is one of them by chance: all of them are set. */
const char *jw_cron_times_read_cronie(struct jw_cron_reader *r, struct jw_cron_times *ret_times);
/* The same from a text of just the fields. Return: false when it is none, or when memory is out. */
bool jw_cron_times_parse(const char *schedule, struct jw_cron_times *ret_times);
/*
 * @month 1 to 12, @dom 1 to 31, @dow 0 to 6. Day and weekday are alternatives unless one field begins with "*",
 * crontab(5).
 */
bool jw_cron_day_matches(const struct jw_cron_times *t, int month, int dom, int dow);

#endif
