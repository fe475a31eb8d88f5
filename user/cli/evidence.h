/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A case: what of the store is to be taken along, chosen once and then told in several shapes. Everything in it is of
 * one moment. Each shape is a function that writes to a file; all return an exit code and complain by themselves.
 */
#ifndef JOBWARD_CLI_EVIDENCE_H
#define JOBWARD_CLI_EVIDENCE_H

#include <stdio.h>
#include "cli.h"
#include "lib/event.h"

struct jw_case {
	struct jw_cli *cli;
	const char *note;			/* may be NULL */
	int64_t since_ns, until_ns;		/* 0: no limit */
	bool is_whole;				/* nothing was left out */
	struct jw_jobs inventory;		/* all jobs, gone ones too */
	const struct jw_job **jobs;		/* those that were chosen */
	size_t n_jobs;
	struct jw_event_filter *filters;	/* for jw_store_records() */
	size_t n_filters;
	int64_t now_ns;
	char host[256], boot[37];
};

/* Takes the options --job, --since, --until, --note and further words from the third on as jobs. */
int jw_case_open(struct jw_cli *cli, struct jw_case *ret);
/* The events of the case, oldest first. The arena of shown text is emptied after each. */
int jw_case_events(struct jw_case *the_case, int (*fn)(void *ctx, uint64_t row, const struct jw_event *event), void *ctx);
/* Who wrote last into a job's file between two times, what was denied left out; as "planted_by" in @json. */
int jw_case_planter(struct jw_case *the_case, const struct jw_job *job, int64_t after_ns, int64_t until_ns, json_t *json);
void jw_case_done(struct jw_case *the_case);

int jw_evidence_bundle(struct jw_case *the_case, FILE *out);
int jw_evidence_stix(struct jw_case *the_case, FILE *out);
int jw_evidence_navigator(struct jw_case *the_case, FILE *out);
int jw_evidence_timeline(struct jw_case *the_case, FILE *out);

/* evidence show and verify, of a bundle alone. */
int jw_evidence_show(struct jw_cli *cli, const char *path);
int jw_evidence_verify(struct jw_cli *cli, const char *path);

/* ---- files that are written whole or not at all (output.c) ---- */
struct jw_output {
	FILE *file;
	char *path, *tmp;	/* tmp NULL: written where it stands */
};

/* "-" is standard output. Return: exit code, having complained. */
int jw_output_open(struct jw_cli *cli, const char *path, struct jw_output *ret);
/* With @keep the file is there when it returns JW_EXIT_YES; without it nothing is left. */
int jw_output_close(struct jw_output *output, bool keep);

#endif
