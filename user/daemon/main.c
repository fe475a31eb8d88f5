// SPDX-License-Identifier: GPL-2.0
/* jobwardd, the auditor: arguments and start. What it does stands in manager.c. */
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include "manager.h"
#include "rules.h"

static int usage(FILE *to)
{
	fputs("Usage: jobwardd [--version] [--help]\n"
	      "The auditor of jobward; started by jobwardd.service. Settings are in /etc/jobward/policy.yaml.\n", to);
	return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 }
	};
	struct manager *m;
	int c, r;

	/* not for people: see rules.c */
	if (argc == 4 && !strcmp(argv[1], JW_RULES_OPTION))
		return jw_rules_ask_and_print(strtoll(argv[2], NULL, 10), strtoll(argv[3], NULL, 10));
	while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (c == 'h')
			return usage(stdout);
		if (c == 'V') {
			puts("jobwardd " JOBWARD_VERSION);
			return 0;
		}
		return usage(stderr);
	}
	if (optind < argc)
		return usage(stderr);
	umask(0077);
	/* one thread, bursts of small objects: what a reading freed goes back to the system */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 128 << 10);
	r = jw_manager_new(&m);
	if (r < 0) {
		jw_log(LOG_ERR, "can't start: %s", strerror(-r));
		return 1;
	}
	r = jw_manager_run(m);
	if (r < 0)
		jw_log(LOG_ERR, "stopped: %s", strerror(-r));
	jw_manager_free(m);
	return r < 0;
}
