// SPDX-License-Identifier: GPL-2.0
/* Files of EnvironmentFile=. */
#include <stdlib.h>
#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_diags diags = { 0 };
	char **env, **s;

	if (jw_parse_environment_file((const char *)data, size, "/etc/default/x", &env, &diags) < 0)
		abort();
	for (s = env; *s; s++)
		free(*s);
	free(env);
	jw_diags_done(&diags);
	return 0;
}
