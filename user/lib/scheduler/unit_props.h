/* SPDX-License-Identifier: GPL-2.0 */
/* What a manager of systemd says about one unit: read from the bus, specifiers expanded by the manager itself. */
#ifndef JOBWARD_UNIT_PROPS_H
#define JOBWARD_UNIT_PROPS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* One command of a service. */
struct jw_unit_exec {
	char *path, **argv;
	bool ignore_failure, no_env, privileged;	/* "-", ":", "+" or "!" */
};

struct jw_unit_props {
	/* of every unit */
	char *id, *fragment, *load_state, *active_state;
	char **drop_ins;
	char **pulls;			/* Wants, Requires, BindsTo, Upholds, OnSuccess, OnFailure */
	bool need_reload;		/* what runs is older than what the files say */
	/* of timers */
	char *triggers;
	char *schedule;			/* "OnCalendar=daily OnBootSec=15min" */
	uint64_t next_realtime, next_monotonic;		/* microseconds; 0 or UINT64_MAX: none */
	/* of services */
	char *user;
	bool dynamic_user;
	char **environment, **unset, **pass;
	char **env_files;		/* the first byte is "-" where it may be missing, else "+" */
	struct jw_unit_exec *execs;
	size_t n_execs;
};

/* Reads the interfaces "Unit" and, by the name's suffix, "Timer" or "Service". Return: 0 or negative errno. */
int jw_unit_props_read(sd_bus *bus, const char *name, struct jw_unit_props *ret);
void jw_unit_props_done(struct jw_unit_props *props);
/* The manager's own environment, which every service inherits. Caller frees. Return: 0 or negative errno. */
int jw_manager_environment(sd_bus *bus, char ***ret);
/*
 * Calls @fn for each loaded unit, with its load state, or each name in the search path, with "" (others than units
 * too).
 */
int jw_manager_loaded(sd_bus *bus, int (*fn)(void *ctx, const char *name, const char *state), void *ctx);
int jw_manager_files(sd_bus *bus, int (*fn)(void *ctx, const char *name, const char *state), void *ctx);

#endif
