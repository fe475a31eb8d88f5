/* SPDX-License-Identifier: GPL-2.0 */
/* The interpreter that a script names, as the kernel's own handler of scripts reads it. */
#ifndef JOBWARD_SHEBANG_H
#define JOBWARD_SHEBANG_H

#include <linux/types.h>

/**
 * jw_shebang() - name of the interpreter in a script's first line
 * @buf: beginning of the file, as exec has read it
 * @size: of @buf
 * @len: out: length of the name, which has no NUL byte behind it
 *
 * fs/binfmt_script.c, load_script(): blanks before the name are passed over, the name ends with a blank or the line, and a name that
 * does not end within @buf is none.
 *
 * Context: any. Return: it, in @buf, or NULL when this is no script.
 */
static inline const char *jw_shebang(const char *buf, size_t size, size_t *len)
{
	size_t from = 2, to;

	if (size < 2 || buf[0] != '#' || buf[1] != '!')
		return NULL;
	while (from < size && (buf[from] == ' ' || buf[from] == '\t'))
		from++;
	for (to = from; to < size && buf[to] && buf[to] != ' ' && buf[to] != '\t' && buf[to] != '\n'; to++)
		;
	*len = to - from;
	return to < size && *len ? buf + from : NULL;
}

#endif
