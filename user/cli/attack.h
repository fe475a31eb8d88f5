/* SPDX-License-Identifier: GPL-2.0 */
/* ATT&CK techniques: their names, which of them were observed in events, and which the gates and hunts cover. */
#ifndef JOBWARD_CLI_ATTACK_H
#define JOBWARD_CLI_ATTACK_H

#include "cli.h"
#include "lib/event.h"

struct jw_technique {
	char id[16];
	const char *name;	/* static; empty where it is not known */
	uint64_t observed;	/* events that have it */
	uint64_t denied;	/* those of them that were denied, or would have been in enforce */
	int64_t first_ns, last_ns;
	bool is_gated;		/* the gates label events with it */
	char *hunts;		/* that look for it, with ", " between; NULL: none */
};

/* In the order of their ids; zero-initialised is empty. */
struct jw_attack_coverage {
	struct jw_technique *v;
	size_t n;
};

/* What the gates and the hunts that are installed cover. */
void jw_attack_coverage_begin(struct jw_cli *cli, struct jw_attack_coverage *ret);
void jw_attack_coverage_take(struct jw_attack_coverage *coverage, const struct jw_event *event);
void jw_attack_coverage_done(struct jw_attack_coverage *coverage);
/* "Scheduled Task/Job: Cron". Static; empty when it has no name here. */
const char *jw_attack_name(const char *id);

/* A text file that the program carries, by its name. */
const char *jw_report_file(const char *name);

#endif
