// SPDX-License-Identifier: GPL-2.0
/* See taint.h. */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "taint.h"

#define LOADER true
#define CHILDREN false

/*
 * ld.so(8): code from elsewhere, and files that the loader writes where it is told to. Of iconv(3) the modules. For what a program
 * starts, the variables by which bash(1), perlrun(1) and python3(1) read code before the script that they were given: maintainer
 * scripts are written in these. Others that job_key.h has are for interactive shells, or run nothing.
 */
static const struct variable {
	const char *name;
	bool loader;
} variables[] = {
	{ "LD_PRELOAD=", LOADER },
	{ "LD_AUDIT=", LOADER },
	{ "LD_LIBRARY_PATH=", LOADER },
	{ "LD_DEBUG_OUTPUT=", LOADER },
	{ "LD_PROFILE_OUTPUT=", LOADER },
	{ "GCONV_PATH=", LOADER },
	{ "BASH_ENV=", CHILDREN },
	{ "BASH_FUNC_", CHILDREN },
	{ "SHELLOPTS=", CHILDREN },
	{ "PS4=", CHILDREN },
	{ "PERL5LIB=", CHILDREN },
	{ "PERL5OPT=", CHILDREN },
	{ "PERL5DB=", CHILDREN },
	{ "PERLLIB=", CHILDREN },
	{ "PYTHONPATH=", CHILDREN },
	{ "PYTHONHOME=", CHILDREN },
};

/* The same without their '='. */
static const char *const words[] = {
	[JW_TAINT_UNREAD] = "environment too long or not readable",
	[JW_TAINT_TRACED] = "traced by another process",
	[JW_TAINT_MEMORY] = "memory in reach of another process",
	[JW_TAINT_IMAGE] = "image set by prctl",
	[JW_TAINT_HANDLER] = "run by a handler of binfmt_misc",
	"LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH", "LD_DEBUG_OUTPUT", "LD_PROFILE_OUTPUT", "GCONV_PATH", "BASH_ENV", "BASH_FUNC_",
	"SHELLOPTS", "PS4", "PERL5LIB", "PERL5OPT", "PERL5DB", "PERLLIB", "PYTHONPATH", "PYTHONHOME",
};
static_assert(ARRAY_SIZE(words) == JW_TAINT_VARIABLE + ARRAY_SIZE(variables), "a word for each variable");

static u8 match(const struct jw_taint_scan *scan)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(variables); i++) {
		const struct variable *v = &variables[i];
		size_t len = strlen(v->name);

		if ((v->loader ? scan->loader : scan->children) && scan->have > len && !memcmp(scan->window, v->name, len))
			return JW_TAINT_VARIABLE + i;
	}
	return JW_TAINT_NONE;
}

void jw_taint_feed(struct jw_taint_scan *scan, const char *bytes, size_t n)
{
	while (n && !scan->cause) {
		size_t len = strnlen(bytes, n), copy = min_t(size_t, len, JW_TAINT_WINDOW - scan->have);

		memcpy(scan->window + scan->have, bytes, copy);
		scan->have += copy;
		/* At the end of a variable, or when no more of it matters. */
		if (len < n || scan->have == JW_TAINT_WINDOW)
			scan->cause = match(scan);
		if (len == n)
			return;
		scan->have = 0;
		bytes += len + 1;
		n -= len + 1;
	}
}

const char *jw_taint_word(u8 cause)
{
	return cause < ARRAY_SIZE(words) ? words[cause] : NULL;
}
