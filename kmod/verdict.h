/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table: everything that the auditor knows, in the form in which the gates look it up. It is built by a transaction, complete
 * before anybody sees it, then swapped in with one pointer. Readers are either inside rcu_read_lock() (atomic gates) or hold
 * a reference (those that sleep).
 */
#ifndef JOBWARD_VERDICT_H
#define JOBWARD_VERDICT_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <uapi/linux/jobward.h>
#include "identity.h"

struct jw_verdict {
	u8 key[JOBWARD_DIGEST_SIZE];
	u64 job;
	u32 first_pin;		/* in the table's pin_refs */
	u16 n_pins;
	u8 state;		/* enum jobward_state */
	bool may_plant;		/* jobs, through their stores' writers */
};

struct jw_pin {
	struct jw_identity id;	/* zeros: nothing may be there */
	u64 size, ctime_ns;	/* ctime_ns 0: compare the content always */
	u32 path;		/* offset in strings */
	bool absent;
	u8 sha256[JOBWARD_DIGEST_SIZE];
};

struct jw_unit {
	u32 name;		/* offset in strings */
	u32 uid;
	u8 class;		/* enum jobward_unit_class */
};

struct jw_listed_module {
	u8 sha256[JOBWARD_DIGEST_SIZE];
	u8 state;
};

struct jw_table {
	refcount_t refs;	/* one is the place in jw_table_current */
	u64 generation, covers_seq;
	bool signed_modules;
	struct jw_verdict *verdicts;
	u32 n_verdicts, room_verdicts;
	u32 *pin_refs, n_pin_refs, room_pin_refs;
	struct jw_pin *pins;
	u32 n_pins, room_pins;
	struct jw_unit *units;
	u32 n_units, room_units;
	struct jw_listed_module *modules;
	u32 n_modules, room_modules;
	char *strings;
	u32 strings_len, strings_room;
	u32 *slots, slot_mask;			/* verdicts by key; index + 1 */
	u32 *unit_slots, unit_mask;		/* units by name and uid; index + 1 */
	struct jw_identity_set objects;
};

/** jw_table_new() - an empty table that nobody sees yet. Context: may sleep. Return: it or NULL. */
struct jw_table *jw_table_new(void);

/**
 * jw_table_add_verdict() - adds a verdict
 * @table: not sealed
 * @verdict: copied, but for first_pin and n_pins
 * @pins: numbers of pins, which must be there already
 * @n_pins: how many
 *
 * Of two verdicts with one key the first stands.
 * Context: may sleep. Return: 0, -ENOMEM, -E2BIG, or -EINVAL for a pin that is not there.
 */
int jw_table_add_verdict(struct jw_table *table, const struct jw_verdict *verdict, const u32 *pins, u32 n_pins);
/** jw_table_add_pin() - adds a pin; @path is copied. Context: may sleep. Return: 0, -ENOMEM or -E2BIG. */
int jw_table_add_pin(struct jw_table *table, const struct jw_pin *pin, const char *path);
/** jw_table_add_unit() - adds a unit; @name is copied. Context: may sleep. Return: 0, -ENOMEM or -E2BIG. */
int jw_table_add_unit(struct jw_table *table, const char *name, u32 uid, u8 class);
/** jw_table_add_module() - adds a module. Context: may sleep. Return: 0, -ENOMEM or -E2BIG. */
int jw_table_add_module(struct jw_table *table, const u8 *sha256, u8 state);

/** jw_table_seal() - builds all indices. Context: may sleep. Return: 0 or -ENOMEM. */
int jw_table_seal(struct jw_table *table);

/** jw_table_put() - gives a reference back; frees with the last. Context: may sleep. @table may be NULL. */
void jw_table_put(struct jw_table *table);
/** jw_table_bytes() - memory of a table. Context: any. Return: bytes. */
size_t jw_table_bytes(const struct jw_table *table);

/** jw_verdict_find() - verdict for a key in a sealed table. Context: any. Return: it or NULL. */
const struct jw_verdict *jw_verdict_find(const struct jw_table *table, const u8 *key);
/** jw_unit_find() - class of a unit, a template's for an instance. Context: any. Return: enum jobward_unit_class or -ENOENT. */
int jw_unit_find(const struct jw_table *table, const char *name, u32 uid);
/** jw_module_find() - state of a listed module. Context: any. Return: enum jobward_state or -ENOENT. */
int jw_module_find(const struct jw_table *table, const u8 *sha256);

/* ---- the one in force ---- */

/* Written under the lock of netlink's transactions only. */
extern struct jw_table __rcu *jw_table_current;

/** jw_table_get() - reference to the table in force. Context: any. Return: it, or NULL before the first commit. */
struct jw_table *jw_table_get(void);

/**
 * jw_table_swap() - puts a sealed table in force
 * @table: gets the next generation; NULL takes the one in force away
 *
 * Context: may sleep (waits for readers of the old one); callers exclude each other.
 */
void jw_table_swap(struct jw_table *table);

#endif
