/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a job runs: the files behind its commands, each with its digest, so that an approval covers content and not only
 * spelling. One resolver lives as long as the daemon; it remembers digests by inode and change time, so that a thousand
 * jobs do not read /bin/sh a thousand times.
 */
#ifndef JOBWARD_PINS_H
#define JOBWARD_PINS_H

#include "diag.h"
#include "job.h"
#include "provenance/provenance.h"

struct jw_pins;

/* @db: owners of files; may be NULL. Kept, not freed. Return: 0 or -ENOMEM. */
int jw_pins_new(struct jw_pins **ret, struct jw_provenance_db *db);
void jw_pins_free(struct jw_pins *pins);
/*
 * Fills job->pins: first the paths that are there already (a unit's files), then programs, scripts and interpreters of
 * its execs, then the places in PATH before them, where nothing may turn up. At most JOBWARD_PINS_MAX. What can't be
 * followed is a note in @diags. @home: where relative paths start. Return: 0 or -ENOMEM.
 */
int jw_pins_resolve(struct jw_pins *pins, struct jw_job *job, const char *home, struct jw_diags *diags);
/* Forgets digests that no job asked for since the last call. */
void jw_pins_sweep(struct jw_pins *pins);
/* The kernel found other content at @path than it was told: what is known of it counts no more, whatever its ctime says. */
void jw_pins_forget(struct jw_pins *pins, const char *path);
/* The packages' records changed: owners are looked up anew. */
void jw_pins_forget_owners(struct jw_pins *pins);

#endif
