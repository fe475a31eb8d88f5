/* SPDX-License-Identifier: GPL-2.0 */
/* The one object of the daemon: loop, kernel connection, store, policy and what the rooms keep. Wiring only. */
#ifndef JOBWARD_DAEMON_MANAGER_H
#define JOBWARD_DAEMON_MANAGER_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>
#include "lib/genl.h"
#include "lib/pins.h"
#include "lib/policy.h"
#include "lib/provenance/provenance.h"
#include "lib/scheduler/bus.h"
#include "lib/scheduler/table.h"
#include "lib/store/store.h"

#define NS_PER_SEC INT64_C(1000000000)

struct jw_control;

/* Every job that the auditor knows, as the last reading found it, and how each was judged. */
struct inventory {
	struct jw_jobs jobs;
	char **rules;			/* of the judgement, by index of jobs; entries may be NULL */
	struct jw_units units;
	struct jw_jobs lingering;	/* at jobs whose file atd has taken: it still has to exec them */
	uint8_t signature[JW_DIGEST_SIZE];
	uint64_t covers_seq;		/* kernel's number of the newest event known before the stores were read */
	int64_t next_end_ns;		/* when the first approval that has an end ends; 0: none has */
	bool complete;			/* a reading has succeeded */
};

struct manager {
	sd_event *event;
	char boot[37];
	int64_t started_ns;
	bool ready;			/* READY=1 was sent */

	struct jw_genl *genl;		/* NULL: no module */
	sd_event_source *genl_source, *kernel_timer;
	uint64_t instance, seq_base;
	uint64_t cursor;		/* kernel's number of the newest event in the store */
	uint64_t generation;		/* of the table in force */

	struct jw_store *store;		/* NULL: it can't be opened now */
	sd_event_source *store_timer, *watch_timer;
	uint64_t store_backoff_usec;

	/* as last read or decided; a store that is begun anew gets them back */
	struct jw_decision *decisions;	/* sorted by job */
	size_t n_decisions;
	int chosen_mode[JOBWARD_GATE_MAX + 1];	/* by an administrator; -1: none */

	struct jw_policy *policy;
	struct jw_provenance_db *provenance;
	struct jw_pins *pins;
	struct jw_bus *bus;
	struct inventory inventory;

	sd_event_source *reconcile_timer, *signature_timer, *inotify_source, *retention_timer, *rules_timer;
	bool reconcile_due;		/* the timer is armed */
	bool systemd_due;		/* and the managers of systemd are to be asked */
	int inotify_fd;
	struct jw_control *control;
	/* what the canary under way waits for; ingest fills the answer */
	struct {
		const char *path, *unit;	/* NULL: nothing */
		bool seen;
		enum jobward_verdict verdict;
	} canary;
};

int jw_manager_new(struct manager **ret);
struct manager *jw_manager_free(struct manager *m);
int jw_manager_run(struct manager *m);

int64_t jw_now_ns(void);
/* One line in the journal; @priority as in syslog(3). */
void jw_log(int priority, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* An event of the auditor's own in the kernel's sequence; without a module it is only logged. */
void jw_admin_event(struct manager *m, enum jobward_action action, uint64_t job, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* The connection failed: drops it and tries again by and by. */
void jw_manager_kernel_lost(struct manager *m, int error);
/* The store failed: closes or keeps it as @error says and tries again by and by. */
void jw_manager_store_failed(struct manager *m, int error, const char *doing);
/*
 * Reads the policy; a broken one leaves the old in force. Return: 0 or -EINVAL with *ret_why (caller frees; may be
 * NULL).
 */
int jw_manager_load_policy(struct manager *m, char **ret_why);
/* Sets the modes that the administrator chose last, else the policy's. */
void jw_manager_apply_modes(struct manager *m);

#endif
