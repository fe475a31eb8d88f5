// SPDX-License-Identifier: GPL-2.0
/* The whole input as an Exec line, and as the value of a variable in one. */
#include <stdlib.h>
#include <string.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 3), *env[] = { text, NULL };
	char *argv[] = { (char *)"$A", (char *)"x${A}$$", text + 2, NULL };
	char *cause, **out, **s;
	struct jw_exec_line line;

	memcpy(text, "A=", 2);
	memcpy(text + 2, data, size);
	text[size + 2] = '\0';
	if (jw_parse_exec_line(text + 2, &line, &cause) < 0 || jw_systemd_expand_env(argv, env, &out) < 0)
		abort();
	for (s = out; *s; s++)
		free(*s);
	free(out);
	free(cause);
	jw_exec_line_done(&line);
	free(text);
	return 0;
}
