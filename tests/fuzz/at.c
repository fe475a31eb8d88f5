// SPDX-License-Identifier: GPL-2.0
/* Jobs of at; the input is the file, and its beginning the file's name too. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct jw_at_opts opts = {
		.path = "/var/spool/cron/atjobs/a0000101c89f4b",
		.mode = S_IFREG | 0700, .uid = 1000, .nlink = 1, .owner = "alice",
	};
	struct jw_parse_out out = { 0 };
	char name[33] = "", queue;
	int64_t run_at;

	memcpy(name, data, size < 32 ? size : 32);
	jw_at_name_parse(name, &run_at, &queue);
	if (jw_parse_at((const char *)data, size, &opts, &out) < 0)
		abort();
	jw_parse_out_done(&out);
	return 0;
}
