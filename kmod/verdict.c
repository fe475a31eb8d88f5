// SPDX-License-Identifier: GPL-2.0
/* See verdict.h. Keys are digests, so their first bytes are hash enough; unit names are hashed by the dcache's function. */
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "grow.h"
#include "verdict.h"

#define ROWS_MAX (4u << 20)
#define STRINGS_MAX (64u << 20)

struct jw_table __rcu *jw_table_current;
static u64 last_generation;	/* of the last swap; under the swap's exclusion */

struct jw_table *jw_table_new(void)
{
	struct jw_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);

	if (table)
		refcount_set(&table->refs, 1);
	return table;
}

int jw_table_add_verdict(struct jw_table *table, const struct jw_verdict *verdict, const u32 *pins, u32 n_pins)
{
	struct jw_verdict *v;
	u32 i;
	int err;

	if (table->n_verdicts >= ROWS_MAX || n_pins > JOBWARD_PINS_MAX)
		return -E2BIG;
	for (i = 0; i < n_pins; i++)
		if (pins[i] >= table->n_pins)
			return -EINVAL;
	err = jw_grow((void **)&table->verdicts, &table->room_verdicts, table->n_verdicts + 1, sizeof(*v));
	if (!err)
		err = jw_grow((void **)&table->pin_refs, &table->room_pin_refs, table->n_pin_refs + n_pins, sizeof(u32));
	if (err)
		return err;
	v = &table->verdicts[table->n_verdicts++];
	*v = *verdict;
	v->first_pin = table->n_pin_refs;
	v->n_pins = n_pins;
	if (n_pins)
		memcpy(table->pin_refs + table->n_pin_refs, pins, n_pins * sizeof(u32));
	table->n_pin_refs += n_pins;
	return 0;
}

int jw_table_add_pin(struct jw_table *table, const struct jw_pin *pin, const char *path)
{
	int err;

	if (table->n_pins >= ROWS_MAX)
		return -E2BIG;
	err = jw_grow((void **)&table->pins, &table->room_pins, table->n_pins + 1, sizeof(*pin));
	if (err)
		return err;
	table->pins[table->n_pins] = *pin;
	err = jw_grow_string(&table->strings, &table->strings_len, &table->strings_room, STRINGS_MAX, path,
			     &table->pins[table->n_pins].path);
	if (!err)
		table->n_pins++;
	return err;
}

int jw_table_add_unit(struct jw_table *table, const char *name, u32 uid, u8 class)
{
	struct jw_unit *unit;
	int err;

	if (table->n_units >= ROWS_MAX)
		return -E2BIG;
	err = jw_grow((void **)&table->units, &table->room_units, table->n_units + 1, sizeof(*unit));
	if (err)
		return err;
	unit = &table->units[table->n_units];
	unit->uid = uid;
	unit->class = class;
	err = jw_grow_string(&table->strings, &table->strings_len, &table->strings_room, STRINGS_MAX, name, &unit->name);
	if (!err)
		table->n_units++;
	return err;
}

int jw_table_add_module(struct jw_table *table, const u8 *sha256, u8 state)
{
	struct jw_listed_module *module;
	int err;

	if (table->n_modules >= ROWS_MAX)
		return -E2BIG;
	err = jw_grow((void **)&table->modules, &table->room_modules, table->n_modules + 1, sizeof(*module));
	if (err)
		return err;
	module = &table->modules[table->n_modules++];
	memcpy(module->sha256, sha256, sizeof(module->sha256));
	module->state = state;
	return 0;
}

static u32 unit_hash(const char *name, u32 len, u32 uid)
{
	return jhash(name, len, uid);
}

/* Is @unit of this manager and called so? @name need not end at @len. */
static bool unit_is(const struct jw_table *table, const struct jw_unit *unit, const char *name, u32 len, u32 uid)
{
	const char *have = table->strings + unit->name;

	return unit->uid == uid && !strncmp(have, name, len) && !have[len];
}

static int seal_verdicts(struct jw_table *table)
{
	u32 i, slots = roundup_pow_of_two(max(table->n_verdicts, 8u) * 2);

	table->slots = kvcalloc(slots, sizeof(u32), GFP_KERNEL_ACCOUNT);
	if (!table->slots)
		return -ENOMEM;
	table->slot_mask = slots - 1;
	for (i = 0; i < table->n_verdicts; i++) {
		const u8 *key = table->verdicts[i].key;
		u32 s = get_unaligned_le32(key) & table->slot_mask;

		while (table->slots[s] && memcmp(table->verdicts[table->slots[s] - 1].key, key, JOBWARD_DIGEST_SIZE))
			s = (s + 1) & table->slot_mask;
		if (!table->slots[s])
			table->slots[s] = i + 1;
	}
	return 0;
}

static int seal_units(struct jw_table *table)
{
	u32 i, slots = roundup_pow_of_two(max(table->n_units, 8u) * 2);

	table->unit_slots = kvcalloc(slots, sizeof(u32), GFP_KERNEL_ACCOUNT);
	if (!table->unit_slots)
		return -ENOMEM;
	table->unit_mask = slots - 1;
	for (i = 0; i < table->n_units; i++) {
		struct jw_unit *unit = &table->units[i];
		const char *name = table->strings + unit->name;
		u32 len = strlen(name), s = unit_hash(name, len, unit->uid) & table->unit_mask;

		while (table->unit_slots[s] &&
		       !unit_is(table, &table->units[table->unit_slots[s] - 1], name, len, unit->uid))
			s = (s + 1) & table->unit_mask;
		/* A unit that was given twice: the stricter class stands. */
		if (!table->unit_slots[s])
			table->unit_slots[s] = i + 1;
		else if (unit->class == JOBWARD_UNIT_CLASS_TIMER)
			table->units[table->unit_slots[s] - 1].class = unit->class;
	}
	return 0;
}

int jw_table_seal(struct jw_table *table)
{
	int err = seal_verdicts(table);

	if (!err)
		err = seal_units(table);
	if (!err)
		err = jw_identity_seal(&table->objects);
	return err;
}

const struct jw_verdict *jw_verdict_find(const struct jw_table *table, const u8 *key)
{
	u32 s = get_unaligned_le32(key) & table->slot_mask;

	for (; table->slots[s]; s = (s + 1) & table->slot_mask) {
		const struct jw_verdict *v = &table->verdicts[table->slots[s] - 1];

		if (!memcmp(v->key, key, JOBWARD_DIGEST_SIZE))
			return v;
	}
	return NULL;
}

static int unit_class(const struct jw_table *table, const char *name, u32 len, u32 uid)
{
	u32 s = unit_hash(name, len, uid) & table->unit_mask;

	for (; table->unit_slots[s]; s = (s + 1) & table->unit_mask) {
		const struct jw_unit *unit = &table->units[table->unit_slots[s] - 1];

		if (unit_is(table, unit, name, len, uid))
			return unit->class;
	}
	return -ENOENT;
}

int jw_unit_find(const struct jw_table *table, const char *name, u32 uid)
{
	const char *instance = strchr(name, '@'), *suffix = strrchr(name, '.');
	int class = unit_class(table, name, strlen(name), uid);
	char template[256];

	if (class != -ENOENT || !instance || !suffix || suffix < instance)
		return class;
	if (instance + 1 - name + strlen(suffix) >= sizeof(template))
		return -ENOENT;
	snprintf(template, sizeof(template), "%.*s%s", (int)(instance + 1 - name), name, suffix);
	return unit_class(table, template, strlen(template), uid);
}

int jw_module_find(const struct jw_table *table, const u8 *sha256)
{
	u32 i;

	for (i = 0; i < table->n_modules; i++)
		if (!memcmp(table->modules[i].sha256, sha256, JOBWARD_DIGEST_SIZE))
			return table->modules[i].state;
	return -ENOENT;
}

size_t jw_table_bytes(const struct jw_table *table)
{
	size_t bytes = sizeof(*table) + (size_t)table->room_verdicts * sizeof(*table->verdicts) +
		       (size_t)table->room_pin_refs * sizeof(u32) + (size_t)table->room_pins * sizeof(*table->pins) +
		       (size_t)table->room_units * sizeof(*table->units) +
		       (size_t)table->room_modules * sizeof(*table->modules) + table->strings_room;

	if (table->slots)
		bytes += ((size_t)table->slot_mask + 1) * sizeof(u32);
	if (table->unit_slots)
		bytes += ((size_t)table->unit_mask + 1) * sizeof(u32);
	return bytes + jw_identity_bytes(&table->objects);
}

void jw_table_put(struct jw_table *table)
{
	if (!table || !refcount_dec_and_test(&table->refs))
		return;
	kvfree(table->verdicts);
	kvfree(table->pin_refs);
	kvfree(table->pins);
	kvfree(table->units);
	kvfree(table->modules);
	kvfree(table->strings);
	kvfree(table->slots);
	kvfree(table->unit_slots);
	jw_identity_done(&table->objects);
	kfree(table);
}

struct jw_table *jw_table_get(void)
{
	struct jw_table *table;

	rcu_read_lock();
	table = rcu_dereference(jw_table_current);
	/* The swap keeps its reference until all readers are through, so the count cannot be 0 here. */
	if (table)
		refcount_inc(&table->refs);
	rcu_read_unlock();
	return table;
}

void jw_table_swap(struct jw_table *table)
{
	struct jw_table *old = rcu_dereference_protected(jw_table_current, 1);

	if (table)
		table->generation = ++last_generation;
	rcu_assign_pointer(jw_table_current, table);
	if (old) {
		synchronize_rcu();
		jw_table_put(old);
	}
}
