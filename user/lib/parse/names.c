// SPDX-License-Identifier: GPL-2.0
/*
 * Which file names count in a directory of jobs. Facts: cron(8) of Debian for /etc/cron.d, run-parts(8) of debianutils.
 * Names that do not count are not "bad": the reader passes over them without a word.
 */
#include <string.h>
#include "parse.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

static bool all_of(const char *s, const char *set)
{
	return *s && !s[strspn(s, set)];
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* ^_?([a-z0-9_.]+-)+[a-z0-9]+$, the hierarchical and reserved names of the LSB: parts between dashes, none empty */
static bool is_hierarchical(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && all_of(dash + 1, LOWER DIGIT) && all_of(name, LOWER DIGIT "_.-") && *name != '-' &&
	       !strstr(name, "--");
}

static bool is_lanana(const char *name)
{
	return all_of(name, LOWER DIGIT "-") && *name != '-';
}

bool jw_cron_d_name_ok(const char *name, bool lsb)
{
	if (!lsb)
		return all_of(name, LOWER UPPER DIGIT "_-");
	/* A name that begins with a dot is passed over before its form is looked at. */
	if (*name == '.')
		return false;
	if (!is_hierarchical(name))
		return is_lanana(name);
	/* What dpkg leaves behind, ^[a-z0-9-].*dpkg-(old|dist)$; a file of just that name is none. */
	if (!strchr(LOWER DIGIT, *name))
		return true;
	return !ends_with(name + 1, "dpkg-old") && !ends_with(name + 1, "dpkg-dist");
}

bool jw_cronie_name_ok(const char *name)
{
	/* database.c, not_a_crontab(): dots inside are no hindrance */
	static const char *const leftovers[] = { ".rpmsave", ".rpmorig", ".rpmnew", "~" };

	if (!*name || *name == '.' || *name == '#')
		return false;
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		if (ends_with(name, leftovers[i]) && (strlen(name) > strlen(leftovers[i]) || *name == '~'))
			return false;
	return true;
}

bool jw_run_parts_name_ok(const char *name, bool lsb)
{
	/* Runs of the program: not all that run-parts(8) calls the Debian namespace, only what is_lanana() has. */
	static const char *const leftovers[] = { ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".dpkg-tmp" };
	size_t i;

	if (!lsb)
		return all_of(name, LOWER UPPER DIGIT "_-");
	if (!is_hierarchical(name))
		return is_lanana(name);
	if (!strchr(LOWER DIGIT, *name))
		return true;
	for (i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		if (ends_with(name + 1, leftovers[i]))
			return false;
	return true;
}
