/* SPDX-License-Identifier: GPL-2.0 */
/* The connection to jobward.ko: bytes of netlink ↔ structs. Nobody else knows netlink. Errors are negative errno. */
#ifndef JOBWARD_GENL_H
#define JOBWARD_GENL_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/jobward.h>
#include "event.h"

struct jw_genl;

struct jw_gate_status {
	enum jobward_mode mode;
	char *off;			/* NULL: armed */
	uint64_t judged, denied;
};

struct jw_module_status {
	char *version, *srcversion;
	uint64_t instance, seq, acked, lost, lost_denials, generation, covers_seq, lineage_lost, unrecorded, memory;
	uint32_t ring_bytes, ring_used, verdicts, objects, auditor_pid, held, lineage;
	struct jw_gate_status gates[JOBWARD_GATE_MAX + 1];
	bool mode_locked, locked;
};

/* Return: 0; -ENOENT when the module is not loaded. */
int jw_genl_open(struct jw_genl **ret);
void jw_genl_close(struct jw_genl *genl);
/* The kernel's own words about the last refusal (extended ack); "" when it gave none. */
const char *jw_genl_error(struct jw_genl *genl);

int jw_genl_status(struct jw_genl *genl, struct jw_module_status *ret);
void jw_module_status_done(struct jw_module_status *status);
int jw_genl_attach(struct jw_genl *genl);
/* @gate: -1 for all. @hold_ms: 0 leaves it. */
int jw_genl_set_mode(struct jw_genl *genl, int gate, enum jobward_mode mode, uint32_t hold_ms);
/* Until the next boot; @no_kexec: no other kernel is loaded or started either. */
int jw_genl_lock(struct jw_genl *genl, bool no_kexec);
/* Calls @fn for each event after @cursor that the ring has now; events are valid during the call. boot is not filled. */
int jw_genl_events(struct jw_genl *genl, uint64_t cursor, int (*fn)(void *ctx, struct jw_event *event), void *ctx);
int jw_genl_ack(struct jw_genl *genl, uint64_t cursor);
/* Puts an event into the sequence: kind, action, verdict, reason, job, detail and object.path are used. */
int jw_genl_add_event(struct jw_genl *genl, const struct jw_event *event);

/* Joins the multicast group on a second socket; its descriptor becomes readable when there are events. */
int jw_genl_listen(struct jw_genl *genl, int *ret_fd);
/* Empties that socket; with @fn hands the events over (live viewers), else they only wake. -ENOBUFS: some were missed. */
int jw_genl_drain(struct jw_genl *genl, int (*fn)(void *ctx, struct jw_event *event), void *ctx);

/* ---- the table: begin, add in any number, commit or abort; batching into messages is done inside ---- */
struct jw_table_object {
	int fd;
	uint32_t roles, image;
	uint64_t classes;
	enum jobward_scheduler scheduler;
};
/* What the table says of one job; each of its keys gets it. */
struct jw_table_verdict {
	enum jobward_state state;
	uint64_t job;
	bool may_plant;
	const uint32_t *pins;
	size_t n_pins;
};
int jw_genl_table_begin(struct jw_genl *genl);
/* Return: number of the pin (from 0), for jw_genl_table_verdict(). @fd -1: nothing may be at the path. */
int jw_genl_table_pin(struct jw_genl *genl, const char *path, int fd, const uint8_t sha256[32], uint64_t size,
		      uint64_t ctime_ns);
int jw_genl_table_object(struct jw_genl *genl, const struct jw_table_object *object);
int jw_genl_table_unit(struct jw_genl *genl, const char *name, uint32_t uid, enum jobward_unit_class class);
int jw_genl_table_verdict(struct jw_genl *genl, const uint8_t key[32], const struct jw_table_verdict *verdict);
int jw_genl_table_module(struct jw_genl *genl, const uint8_t sha256[32], enum jobward_state state);
int jw_genl_table_commit(struct jw_genl *genl, uint64_t covers_seq, bool signed_modules, uint64_t *ret_generation);
void jw_genl_table_abort(struct jw_genl *genl);
/* Descriptors given to pin() and object() may be closed once this returned (it sends what is batched). */
int jw_genl_table_flush(struct jw_genl *genl);

#endif
