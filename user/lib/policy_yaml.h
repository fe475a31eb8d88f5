/* SPDX-License-Identifier: GPL-2.0 */
/* A policy file as it is written: its shape is checked, its values are not. Between policy.c and policy_yaml.c. */
#ifndef JOBWARD_POLICY_YAML_H
#define JOBWARD_POLICY_YAML_H

#include <stddef.h>
#include <stdint.h>
#include "diag.h"

/* Where each value stands: "jobs[2].command" → line and column. */
struct jw_yaml_mark {
	char *path;
	unsigned int line, column;
};

struct jw_yaml_marks {
	struct jw_yaml_mark *v;		/* sorted by path */
	size_t n;
};

/* A pointer that is NULL: not given. Words of enums are values already; numbers are as written. */
struct jw_raw_gates {
	int *run, *write, *module;
};

/* A planter is one, too, without a state. */
struct jw_raw_job {
	int state;
	int *provenance, *scheduler;
	char *package, *owner, *source, *command, *reason;
};

struct jw_raw_writer {
	char *program;
	char **stores;
	unsigned int n_stores;
	int *lineage;
};

struct jw_raw_module {
	char *name, *sha256, *reason;
};

struct jw_raw_modules {
	int *is_signed, *package;
	struct jw_raw_module *allow;
	unsigned int n_allow;
};

struct jw_raw_retention {
	char *days, *size_mib;
};

struct jw_raw_policy {
	char *version;
	int *mode;
	struct jw_raw_gates *gates;
	char *hold_ms;
	struct jw_raw_job *jobs;
	unsigned int n_jobs;
	struct jw_raw_job *planters;
	unsigned int n_planters;
	struct jw_raw_writer *writers;
	unsigned int n_writers;
	struct jw_raw_modules *modules;
	struct jw_raw_retention *retention;
};

/*
 * Reads one document. @file is for the diagnoses. Return: 0, and *ret is NULL when the document is empty; -EINVAL with
 * errors in @diags; -ENOMEM.
 */
int jw_yaml_read(const char *file, const char *buf, size_t len, struct jw_raw_policy **ret, struct jw_yaml_marks *marks,
		 struct jw_diags *diags);
void jw_yaml_free(struct jw_raw_policy *raw);
void jw_yaml_marks_done(struct jw_yaml_marks *marks);
/* Where the value stands; the nearest that is known above it when it has no place of its own. */
const struct jw_yaml_mark *jw_yaml_mark(const struct jw_yaml_marks *marks, const char *path);

#endif
