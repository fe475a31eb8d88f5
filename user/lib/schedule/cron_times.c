// SPDX-License-Identifier: GPL-2.0
/* Time fields of a crontab line; see cron_times.h. Facts: crontab(5) of Debian's cron 3.0pl1 and runs of it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "cron_times.h"

/* Longest number or name that cron keeps, without the final NUL byte. */
#define WORD_MAX 999

static const char *const month_names[] = {
	"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", NULL,
};
static const char *const day_names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

struct field {
	int low, high;
	const char *const *names;	/* of low, low + 1, … */
	const char *error;
};

static const struct field fields[] = {
	{ 0, 59, NULL, "bad minute" },
	{ 0, 23, NULL, "bad hour" },
	{ 1, 31, NULL, "bad day of month" },
	{ 1, 12, month_names, "bad month" },
	{ 0, 7, day_names, "bad day of week" },
};

int jw_cron_getc(struct jw_cron_reader *r)
{
	int ch;

	if (r->pos >= r->len)
		return -1;
	ch = r->buf[r->pos++];
	if (ch == '\n')
		r->line++;
	return ch;
}

void jw_cron_ungetc(struct jw_cron_reader *r, int ch)
{
	if (ch < 0)
		return;
	r->pos--;
	if (ch == '\n')
		r->line--;
}

/* ASCII only: cron's locale never makes a byte above 127 a letter in UTF-8, and no name has one. */
static bool is_alnum(int ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_blank(int ch)
{
	return ch == ' ' || ch == '\t';
}

/*
 * cron hands the byte behind a number, a range or a field on as a char, where 255 is the same as the end of the file:
 * there, and only there, it makes the field bad.
 */
static int as_char(int ch)
{
	return ch == 0xff ? -1 : ch;
}

/* Number or name that begins with @ch. Return: the byte behind it, -1 when it is neither. */
static int read_number(struct jw_cron_reader *r, int ch, const struct field *f, int *ret)
{
	char word[WORD_MAX + 1];
	bool digits = true;
	size_t n = 0;
	int i;

	while (is_alnum(ch)) {
		if (n == WORD_MAX)
			return -1;
		word[n++] = ch;
		digits = digits && ch >= '0' && ch <= '9';
		ch = jw_cron_getc(r);
	}
	word[n] = '\0';
	if (!n)
		return -1;
	for (i = 0; f && f->names && f->names[i]; i++) {
		if (!strcasecmp(f->names[i], word)) {
			*ret = f->low + i;
			return as_char(ch);
		}
	}
	if (!digits)
		return -1;
	/* As atoi(3) does it: 4294967296 is 0, what no long holds is -1. */
	*ret = (int)strtol(word, NULL, 10);
	return as_char(ch);
}

/* One element of a list that begins with @ch: N, N-M, *, each range with /STEP. Return: as read_number(). */
static int read_range(struct jw_cron_reader *r, int ch, const struct field *f, uint64_t *bits)
{
	int first = f->low, last = f->high, step = 1;
	long i;

	if (ch == '*') {
		ch = jw_cron_getc(r);
	} else {
		ch = read_number(r, ch, f, &first);
		if (ch < 0)
			return -1;
		last = first;
		if (ch == '-') {
			ch = jw_cron_getc(r);
			ch = read_number(r, ch, f, &last);
		} else {
			/* Only a range has a step: "5/10" is bad, where "5;/10" is 5 and what is passed over. */
			if (first < f->low || first > f->high || ch == '/')
				return -1;
			*bits |= UINT64_C(1) << first;
			return ch;
		}
	}
	if (ch < 0)
		return -1;
	if (ch == '/') {
		ch = jw_cron_getc(r);
		ch = read_number(r, ch, NULL, &step);
		if (ch < 0 || step <= 0)
			return -1;
	}
	if (first < f->low || first > f->high || last < f->low || last > f->high)
		return -1;
	for (i = first; i <= last; i += step) {
		*bits |= UINT64_C(1) << i;
		/* cron's int wraps, and what it wraps to is no element of the field. */
		if (i + step > INT_MAX)
			return -1;
	}
	return as_char(ch);
}

/* Return: first byte of the next field or of what follows the fields, -1 when the field is bad. */
static int read_field(struct jw_cron_reader *r, int ch, const struct field *f, uint64_t *bits, bool *star)
{
	*bits = 0;
	*star = ch == '*';
	for (;;) {
		ch = read_range(r, ch, f, bits);
		if (ch != ',')
			break;
		ch = jw_cron_getc(r);
	}
	while (ch >= 0 && !is_blank(ch) && ch != '\n')
		ch = jw_cron_getc(r);
	while (is_blank(ch))
		ch = jw_cron_getc(r);
	return as_char(ch);
}

#define ALL_HOURS 0xffffff
#define ALL_DOM 0xfffffffe
#define ALL_MONTHS 0x1ffe
#define ALL_DOW 0x7f

static const struct jw_cron_times hourly = {
	.minute = 1, .hour = ALL_HOURS, .dom = ALL_DOM, .month = ALL_MONTHS, .dow = ALL_DOW, .wildcard = true,
};
static const struct jw_cron_times daily = {
	.minute = 1, .hour = 1, .dom = ALL_DOM, .month = ALL_MONTHS, .dow = ALL_DOW,
};
static const struct jw_cron_times weekly = {
	.minute = 1, .hour = 1, .dom = ALL_DOM, .month = ALL_MONTHS, .dow = 1, .dom_star = true,
};
static const struct jw_cron_times monthly = {
	.minute = 1, .hour = 1, .dom = 2, .month = ALL_MONTHS, .dow = ALL_DOW, .dow_star = true,
};
static const struct jw_cron_times yearly = {
	.minute = 1, .hour = 1, .dom = 2, .month = 2, .dow = ALL_DOW, .dow_star = true,
};
static const struct jw_cron_times reboot = { .reboot = true };

static const struct {
	const char *word;
	const struct jw_cron_times *times;
} words[] = {
	{ "reboot", &reboot }, { "yearly", &yearly }, { "annually", &yearly }, { "monthly", &monthly },
	{ "weekly", &weekly }, { "daily", &daily }, { "midnight", &daily }, { "hourly", &hourly },
};

static const char *read_word(struct jw_cron_reader *r, struct jw_cron_times *ret)
{
	char word[WORD_MAX + 1];
	size_t n = 0, i;
	int ch;

	/* A NUL byte ends a word too: cron looks for the terminator with strchr(3). */
	while ((ch = jw_cron_getc(r)) >= 0 && !is_blank(ch) && ch != '\n' && ch)
		if (n < WORD_MAX)
			word[n++] = ch;
	word[n] = '\0';
	while (is_blank(ch))
		ch = jw_cron_getc(r);
	jw_cron_ungetc(r, ch);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].word, word)) {
			*ret = *words[i].times;
			return NULL;
		}
	}
	return "bad time specifier";
}

bool jw_cron_times_parse(const char *schedule, struct jw_cron_times *ret_times)
{
	struct jw_cron_reader r = { .buf = (const unsigned char *)schedule, .len = strlen(schedule), .line = 1 };
	char *line;
	bool ok;

	/* cronie's random ranges: when such a job runs only the daemon knows */
	if (strchr(schedule, '~'))
		return false;
	/* Fields end at a newline too, and in a table something always follows. */
	line = malloc(r.len + 2);
	if (!line)
		return false;
	r.buf = memcpy(line, schedule, r.len);
	line[r.len++] = '\n';
	ok = !jw_cron_times_read(&r, ret_times) && r.pos + 1 >= r.len;
	free(line);
	return ok;
}

bool jw_cron_day_matches(const struct jw_cron_times *t, int month, int dom, int dow)
{
	bool by_dom = t->dom >> dom & 1, by_dow = t->dow >> dow & 1;

	if (!(t->month >> month & 1))
		return false;
	return t->dom_star || t->dow_star ? by_dom && by_dow : by_dom || by_dow;
}

/* ---- cronie ---- */

static bool is_separator(int ch)
{
	return is_blank(ch) || ch == '\n' || ch == ',';
}

/* Return: 0; -1 when there is no number or name. The reader stands behind it. */
static int cronie_number(struct jw_cron_reader *r, const struct field *f, int *ret)
{
	int ch = jw_cron_getc(r);

	ch = read_number(r, ch, f, ret);
	if (ch < 0)
		return -1;
	jw_cron_ungetc(r, ch);
	return 0;
}

/* One element (entry.c, get_range). Return: the separator behind it, -1 when it is bad. */
static int cronie_range(struct jw_cron_reader *r, const struct field *f, uint64_t *bits)
{
	int low = f->low, high = f->high, step = 1, ch = jw_cron_getc(r);

	if (ch != '*' && ch != '~') {
		jw_cron_ungetc(r, ch);
		if (cronie_number(r, f, &low))
			return -1;
		ch = jw_cron_getc(r);
		if (ch != '~')
			high = low;
	} else if (ch == '*') {
		ch = jw_cron_getc(r);
		ch = ch == '-' || ch == '~' ? -1 : ch;
		if (!is_separator(ch) && ch != '/')
			return -1;
	}
	if (ch == '~') {
		ch = jw_cron_getc(r);
		if (!is_separator(ch)) {
			jw_cron_ungetc(r, ch);
			if (cronie_number(r, f, &high))
				return -1;
			ch = jw_cron_getc(r);
		}
		if (low > high)
			return -1;
	} else if (ch == '-' || ch == '/') {
		/* "5/10" is bad: only a range and "*" have a step */
		if (ch == '/' && low == high && f->low != f->high)
			return -1;
		if (ch == '-') {
			if (cronie_number(r, f, &high))
				return -1;
			ch = jw_cron_getc(r);
		}
		if (ch == '/') {
			if (cronie_number(r, NULL, &step) || step <= 0)
				return -1;
			ch = jw_cron_getc(r);
		}
	}
	if (!is_separator(ch))
		return -1;
	for (long i = low; i <= high; i += step) {
		if (i < f->low || i > f->high)
			return -1;
		*bits |= UINT64_C(1) << i;
	}
	return ch;
}

static int read_cronie_field(struct jw_cron_reader *r, const struct field *f, uint64_t *bits)
{
	int ch;

	do {
		ch = cronie_range(r, f, bits);
	} while (ch == ',');
	while (is_blank(ch))
		ch = jw_cron_getc(r);
	jw_cron_ungetc(r, ch);
	return ch;
}

/* ---- both ---- */

static const char *read_times(struct jw_cron_reader *r, struct jw_cron_times *ret_times, bool cronie)
{
	uint64_t bits[5] = { 0 };
	bool star[5] = { false };
	int ch = jw_cron_getc(r), i;

	if (ch == '@')
		return read_word(r, ret_times);
	if (cronie)
		jw_cron_ungetc(r, ch);
	for (i = 0; i < 5; i++) {
		if (cronie) {
			star[i] = r->pos < r->len && r->buf[r->pos] == '*';
			ch = read_cronie_field(r, &fields[i], &bits[i]);
		} else {
			ch = read_field(r, ch, &fields[i], &bits[i], &star[i]);
		}
		if (ch < 0)
			return fields[i].error;
	}
	if (!cronie)
		jw_cron_ungetc(r, ch);
	if (bits[4] & 0x80)
		bits[4] |= 1;
	*ret_times = (struct jw_cron_times){
		.minute = bits[0], .hour = bits[1], .dom = bits[2], .month = bits[3], .dow = bits[4] & 0x7f,
		.dom_star = star[2], .dow_star = star[4], .wildcard = star[0] || star[1],
	};
	return NULL;
}

const char *jw_cron_times_read(struct jw_cron_reader *r, struct jw_cron_times *ret_times)
{
	return read_times(r, ret_times, false);
}

const char *jw_cron_times_read_cronie(struct jw_cron_reader *r, struct jw_cron_times *ret_times)
{
	return read_times(r, ret_times, true);
}
