// SPDX-License-Identifier: GPL-2.0
/* Words of the command line into options, by the rows of the command table. */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "lib/control.h"
#include "render.h"

/* Accepted by every command, before its name and after. */
const struct jw_option jw_common_options[] = {
	{"json", 0, NULL, "one JSON document, or one object a line where the answer is a stream", NULL},
	{"store", 0, "FILE", "read this store; default " JW_STORE_PATH, "@file"},
	{"control", 0, "SOCKET", "ask the daemon here; default " JW_CONTROL_PATH, "@file"},
	{"help", 'h', NULL, "this text", NULL},
	{NULL, 0, NULL, NULL, NULL},
};

const char *jw_cli_option(const struct jw_cli *cli, const char *name)
{
	size_t i;

	for (i = 0; cli->command->options[i].name; i++)
		if (!strcmp(cli->command->options[i].name, name))
			return cli->values[i];
	return NULL;
}

int jw_cli_usage(const struct jw_cli *cli, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		jw_must(NULL);
	va_end(args);
	jw_complain("%s", text);
	free(text);
	if (cli->command)
		jw_advise("jobward %s --help says more", cli->command->name);
	else
		jw_advise("jobward --help lists the commands");
	return JW_EXIT_USAGE;
}

/* ---- options ---- */
enum { OPTION_COMMON = 1000, OPTION_OWN = 2000, OPTION_VERSION = 3000, OPTION_COMPLETION };

static size_t add_long(struct option *longs, size_t n, const struct jw_option *options, int base)
{
	size_t i;

	for (i = 0; options[i].name; i++)
		if (options[i].name[1])
			longs[n++] = (struct option){
				options[i].name, options[i].arg ? required_argument : no_argument, NULL, base + (int)i,
			};
	return n;
}

static void add_letters(char *letters, const struct jw_option *options)
{
	size_t i;

	for (i = 0; options[i].name; i++) {
		char one[3] = {options[i].letter, options[i].arg ? ':' : '\0', '\0'};

		strcat(letters, one);
	}
}

static int by_letter(const struct jw_option *options, int letter)
{
	int i;

	for (i = 0; options[i].name; i++)
		if (options[i].letter == letter)
			return i;
	return -1;
}

static void take_common(struct jw_cli *cli, struct jw_args_parsed *parsed, const char *name)
{
	if (!strcmp(name, "json"))
		cli->json = true;
	else if (!strcmp(name, "store"))
		cli->store_path = optarg;
	else if (!strcmp(name, "control"))
		cli->control_path = optarg;
	else
		parsed->help = true;
}

static void take_own(struct jw_cli *cli, int i)
{
	const char *before = cli->values[i], *value = optarg ? optarg : "", *arg = cli->command->options[i].arg;

	cli->values[i] = before && arg && strstr(arg, "...") ? jw_showf("%s\n%s", before, value) : value;
}

int jw_args_parse(struct jw_cli *cli, int argc, char **argv, struct jw_args_parsed *parsed)
{
	static const struct jw_option none[] = {{0}};
	const struct jw_option *own = cli->command ? cli->command->options : none;
	struct option longs[2 * JW_OPTIONS_MAX + 4] = {{0}};
	char letters[4 * JW_OPTIONS_MAX + 16] = "";
	size_t n;
	int c, i;

	n = add_long(longs, 0, own, OPTION_OWN);
	n = add_long(longs, n, jw_common_options, OPTION_COMMON);
	if (!cli->command) {
		longs[n++] = (struct option){"version", no_argument, NULL, OPTION_VERSION};
		longs[n++] = (struct option){"completion", required_argument, NULL, OPTION_COMPLETION};
	}
	strcpy(letters, cli->command ? ":" : "+:");
	add_letters(letters, own);
	add_letters(letters, jw_common_options);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':')
			return jw_cli_usage(cli, "option '%s' wants a value", jw_show(argv[optind - 1]));
		if (c == '?')
			return jw_cli_usage(cli, "option '%s' is not known here, or is short for several",
					    optopt && optopt < 256 ?
						    jw_showf("-%s", jw_show((char[]){(char)optopt, 0})) :
						    jw_show(argv[optind - 1]));
		if (c < 256 && (i = by_letter(own, c)) >= 0)
			c = OPTION_OWN + i;
		else if (c < 256)
			c = OPTION_COMMON + by_letter(jw_common_options, c);
		if (c == OPTION_VERSION)
			parsed->version = true;
		else if (c == OPTION_COMPLETION)
			parsed->completion = optarg;
		else if (c >= OPTION_OWN)
			take_own(cli, c - OPTION_OWN);
		else
			take_common(cli, parsed, jw_common_options[c - OPTION_COMMON].name);
	}
	return JW_EXIT_YES;
}
