// SPDX-License-Identifier: GPL-2.0
/* Anacrontabs. */
#include <stdlib.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_parse_out out = { 0 };

	if (jw_parse_anacrontab((const char *)data, size, "/etc/anacrontab", &out) < 0)
		abort();
	jw_parse_out_done(&out);
	return 0;
}
