// SPDX-License-Identifier: GPL-2.0
/* Crontabs: both flavours, users' and system tables. */
#include <stdlib.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int kind;

	for (kind = 0; kind < 4; kind++) {
		const struct jw_crontab_opts opts = {
			.path = "/etc/crontab", .flavour = kind & 1 ? JW_CRON_DEBIAN_13 : JW_CRON_DEBIAN_12,
			.owner = kind & 2 ? "alice" : NULL,
		};
		struct jw_parse_out out = { 0 };

		if (jw_parse_crontab((const char *)data, size, &opts, &out) < 0)
			abort();
		jw_parse_out_done(&out);
	}
	return 0;
}
