// SPDX-License-Identifier: GPL-2.0
/* jobward evidence: what is on record, to take along; and what was taken along, to be checked. */
#include <string.h>
#include "evidence.h"
#include "render.h"

static const struct {
	const char *name;
	int (*write)(struct jw_case *the_case, FILE *out);
} formats[] = {
	{"bundle", jw_evidence_bundle}, {"stix", jw_evidence_stix}, {"navigator", jw_evidence_navigator},
	{"timeline", jw_evidence_timeline},
};

#define N_FORMATS (sizeof(formats) / sizeof(formats[0]))

static int export(struct jw_cli *cli, const char *path)
{
	const char *format = jw_cli_option(cli, "format");
	struct jw_output output = {0};
	struct jw_case the_case;
	size_t i = 0;
	int code;

	while (format && i < N_FORMATS && strcmp(formats[i].name, format))
		i++;
	if (i == N_FORMATS)
		return jw_cli_usage(cli, "--format is one of bundle, stix, navigator, timeline, not '%s'", jw_show(format));
	code = jw_case_open(cli, &the_case);
	if (!code)
		code = jw_output_open(cli, path, &output);
	if (!code)
		code = formats[i].write(&the_case, output.file);
	code = jw_output_close(&output, !code) ?: code;
	jw_case_done(&the_case);
	return code;
}

int jw_cmd_evidence(struct jw_cli *cli)
{
	const char *what = cli->words[0], *path = cli->n_words > 1 ? cli->words[1] : NULL;

	if (strcmp(what, "export") && strcmp(what, "show") && strcmp(what, "verify"))
		return jw_cli_usage(cli, "evidence takes export, show or verify, not '%s'", jw_show(what));
	if (!path)
		return jw_cli_usage(cli, "evidence %s wants a file", jw_show(what));
	if (!strcmp(what, "export"))
		return jw_cli_option(cli, "key") ? jw_cli_usage(cli, "--key is for show and verify") : export(cli, path);
	if (cli->n_words > 2)
		return jw_cli_usage(cli, "'%s' is one word too many", jw_show(cli->words[2]));
	return !strcmp(what, "show") ? jw_evidence_show(cli, path) : jw_evidence_verify(cli, path);
}
