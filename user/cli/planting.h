/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who planted a job: the write that brought its text, and if a job did that, the write that brought that one, back to
 * whoever was no job. From the events on record; all text is shown text.
 */
#ifndef JOBWARD_CLI_PLANTING_H
#define JOBWARD_CLI_PLANTING_H

#include "cli.h"
#include "lib/event.h"

#define JW_PLANTING_MAX 8

struct jw_planting {
	struct jw_event steps[JW_PLANTING_MAX];	/* the job's own first; each but the last is the act of a job */
	size_t n;				/* 0: no write is on record */
};

/* Return: exit code. */
int jw_planting_of_job(struct jw_cli *cli, const struct jw_job *job, struct jw_planting *ret);
/* The same for the job that acts in @event; nothing where none does. */
int jw_planting_of_actor(struct jw_cli *cli, const struct jw_event *event, struct jw_planting *ret);
void jw_planting_done(struct jw_planting *planting);

/* Step @i as a part of a sentence: "by job …, which started with event 7: crontab: rename …". */
const char *jw_planting_say(const struct jw_planting *planting, size_t i);
/* The steps as events, for "planting" in JSON. */
json_t *jw_planting_json(const struct jw_planting *planting);

#endif
