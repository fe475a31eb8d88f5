// SPDX-License-Identifier: GPL-2.0
/* Unit files, and every value in them as an Exec line with its variables put in. */
#include <stdlib.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void exec_line(const char *value)
{
	static char *const env[] = { (char *)"A=b c", (char *)"Q=\"x y", (char *)"A=last", NULL };
	struct jw_exec_line line;
	char *cause, **argv, **s;

	if (jw_parse_exec_line(value, &line, &cause) < 0)
		abort();
	free(cause);
	if (!line.argv)
		return;
	if (jw_systemd_expand_env(line.argv, env, &argv) < 0)
		abort();
	for (s = argv; *s; s++)
		free(*s);
	free(argv);
	jw_exec_line_done(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_unit_file file = { 0 };
	struct jw_diags diags = { 0 };
	size_t i;

	if (jw_parse_unit_file((const char *)data, size, "x.service", &file, &diags) < 0)
		abort();
	for (i = 0; i < file.n; i++)
		exec_line(file.v[i].value);
	jw_unit_file_done(&file);
	jw_diags_done(&diags);
	return 0;
}
