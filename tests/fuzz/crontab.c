// SPDX-License-Identifier: GPL-2.0
/* Crontabs: every flavour, users' and system tables; and what bcron and busybox make of them. */
#include <stdlib.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const shells[] = { "/bin/sh", NULL };
	const struct jw_busybox_opts busybox = { .path = "/etc/crontab", .owner = "alice", .shells = shells };
	struct jw_parse_out out = { 0 };
	unsigned int kind;

	if (jw_parse_busybox_crontab((const char *)data, size, &busybox, &out) < 0)
		abort();
	jw_parse_out_done(&out);
	for (kind = 0; kind < 8; kind++) {
		const struct jw_crontab_opts opts = {
			.path = "/etc/crontab", .flavour = kind / 2 % 3, .owner = kind & 1 ? "alice" : NULL,
		};
		int r = kind < 6 ? jw_parse_crontab((const char *)data, size, &opts, &out) :
				   jw_parse_bcrontab((const char *)data, size, &opts, &out);

		if (r < 0)
			abort();
		jw_parse_out_done(&out);
	}
	return 0;
}
