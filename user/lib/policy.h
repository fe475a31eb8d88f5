/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy: /etc/jobward/policy.yaml, then the files of /etc/jobward/policy.d that end in .yaml, in the order of
 * their names. Strict: an unknown key, a wrong type or value is one error with file, line and cause, and nothing of a
 * policy with an error is used.
 *
 * A later file's single values (mode, gates, hold_ms, modules.signed and .package, retention) replace an earlier one's;
 * its writers, planters and modules are added. Rules about jobs are asked in order and the first that matches decides: those of
 * policy.d first, file by file, then those of policy.yaml, so that a file of an administrator's own decides before the
 * defaults.
 *
 *   version: 1
 *   gates: {run: enforce, write: audit, module: audit}      # or  mode: enforce
 *   hold_ms: 10000
 *   jobs:                          # first rule that matches decides; none: unknown
 *     - state: approved            # approved | denied
 *       provenance: package        # package (unmodified): kinds as in the contract
 *       package: logrotate         # glob
 *       scheduler: cron
 *       owner: root
 *       source: /etc/cron.d/?*     # glob on the path
 *       command: "run-parts *"     # glob on the command
 *       reason: text for `why`
 *   writers:                       # beside the schedulers' own tools and the package manager
 *     - program: /opt/puppetlabs/puppet/bin/ruby
 *       stores: [cron, at, systemd]            # names of store classes; absent: all
 *       lineage: true                          # and all that it starts
 *   planters:                      # jobs that may plant jobs; conditions as those of a rule about jobs
 *     - package: apt
 *   modules:
 *     signed: true                 # a signature that the kernel trusts is enough
 *     package: true                # so is an unmodified file of a package
 *     allow: [{sha256: HEX, reason: text}, {name: zfs}]
 *   retention: {days: 90, size_mib: 1024}
 */
#ifndef JOBWARD_POLICY_H
#define JOBWARD_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/jobward.h>
#include "diag.h"
#include "job.h"

/* A rule about jobs, or a planter: then it has no state. */
struct jw_policy_job_rule {
	char *file;			/* base name of the policy file */
	unsigned int line;		/* of the rule */
	enum jobward_state state;	/* approved or denied */
	int provenance;			/* enum jw_provenance_kind; -1: any */
	int scheduler;			/* enum jobward_scheduler; -1: any */
	char *package, *owner, *source, *command;	/* globs (fnmatch(3), no flags); NULL: any */
	char *reason;
};

struct jw_policy_writer {
	char *file;
	unsigned int line;
	char *program;
	char **stores;			/* NULL: all */
	size_t n_stores;
	bool lineage;
};

struct jw_policy_module {
	char *file;
	unsigned int line;
	char *name;			/* NULL where the digest is given */
	bool has_sha256;
	uint8_t sha256[32];
	char *reason;
};

struct jw_policy {
	bool has_mode[JOBWARD_GATE_MAX + 1];
	enum jobward_mode mode[JOBWARD_GATE_MAX + 1];
	uint32_t hold_ms;		/* default 10000; 100 to 600000 */
	struct jw_policy_job_rule *jobs;
	size_t n_jobs;
	struct jw_policy_job_rule *planters;
	size_t n_planters;
	struct jw_policy_writer *writers;
	size_t n_writers;
	struct jw_policy_module *modules;
	size_t n_modules;
	bool modules_signed, modules_package;	/* both default to true */
	uint32_t retention_days;	/* default 90; 0: no limit */
	uint32_t retention_size_mib;	/* default 1024; 0: no limit */
};

/*
 * Reads one file and then a folder (either may be NULL; a missing folder is empty, a missing file is an error).
 * Return: 0 and *ret; -EINVAL with the errors in @diags and *ret NULL; -ENOMEM or the errno of the file system.
 */
int jw_policy_load(struct jw_policy **ret, const char *file, const char *folder, struct jw_diags *diags);
void jw_policy_free(struct jw_policy *policy);

#endif
