// SPDX-License-Identifier: GPL-2.0
/* Shell commands. */
#include <stdlib.h>
#include <string.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_shell_words words = { 0 };
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (jw_parse_shell_command(text, &words) < 0)
		abort();
	jw_shell_words_done(&words);
	free(text);
	return 0;
}
