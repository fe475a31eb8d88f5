// SPDX-License-Identifier: GPL-2.0
/* Events in the contract's JSON. Everything that is written here is read back here; what does not apply is absent. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cleanup.h"
#include "event.h"
#include "event_attack.h"
#include "event_json.h"
#include "job.h"
#include "names_gen.h"

/* Kernel encoding of device numbers (include/linux/kdev_t.h: MINORBITS). */
#define MINOR_BITS 20
#define MINOR_MASK ((1u << MINOR_BITS) - 1)

static const char *const origins[] = { "ssh", "console", "container", "job", "service" };

/* ---- times ---- */

void jw_time_format(uint64_t time_ns, char out[JW_TIME_MAX])
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	/* The year has four digits until 2554, where 64 bits of nanoseconds end. */
	strftime(out, JW_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	sprintf(out + 19, ".%09uZ", (unsigned int)(time_ns % 1000000000));
}

int jw_time_parse(const char *s, uint64_t *ret_ns)
{
	struct tm tm = { 0 };
	const char *p = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t ns = 0, unit = 1000000000;
	time_t seconds;

	if (!p)
		return -EINVAL;
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			ns += unit * (uint64_t)(*p - '0');
		}
	}
	if (strcmp(p, "Z"))
		return -EINVAL;
	seconds = timegm(&tm);
	/* The last second that fits 64 bits of nanoseconds whole. */
	if (seconds < 0 || (uint64_t)seconds > UINT64_MAX / 1000000000 - 1)
		return -EINVAL;
	*ret_ns = (uint64_t)seconds * 1000000000 + ns;
	return 0;
}

/* ---- freeing ---- */

void jw_event_done(struct jw_event *event)
{
	struct jw_subject *subject = &event->subject;
	char *const all[] = {
		subject->tty, subject->comm, subject->exe, subject->cgroup, subject->argv, subject->origin_address,
		event->object.path, event->target.path, event->object.address, event->target.address, event->argv, event->env, event->text, event->unit,
		event->detail, event->job_owner, event->job_command, event->job_source, event->rule,
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]);
	for (i = 0; i < subject->n_ancestors; i++) {
		free(subject->ancestors[i].comm);
		free(subject->ancestors[i].exe);
	}
	memset(event, 0, sizeof(*event));
}

/* ---- destinations ---- */

int jw_object_destination(const struct jw_object *object, char **ret)
{
	int r = 0;

	*ret = NULL;
	if (object->family == JOBWARD_FAMILY_UNIX && object->path)
		*ret = strdup(object->path);
	else if (object->family != JOBWARD_FAMILY_NONE && object->address)
		r = asprintf(ret, object->family == JOBWARD_FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", object->address,
			     object->port);
	else
		return 0;
	if (r < 0)
		*ret = NULL;
	return *ret ? 0 : -ENOMEM;
}

/* ---- to JSON ---- */

static json_t *job_to_json(const struct jw_event *event, int *err)
{
	json_t *json = json_object();
	char id[JW_ID_HEX];

	jw_job_id_format(event->job, id);
	jw_json_put_text(json, "id", event->job ? id : NULL, err);
	jw_json_put_text(json, "owner", event->job_owner, err);
	jw_json_put_text(json, "command", event->job_command, err);
	jw_json_put_text(json, "source", event->job_source, err);
	return json;
}

static json_t *ancestors_to_json(const struct jw_subject *subject, int *err)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; array && i < subject->n_ancestors && i < JW_ANCESTORS_MAX; i++) {
		const struct jw_ancestor *ancestor = &subject->ancestors[i];
		json_t *json = json_object();

		jw_json_put_number(json, "pid", ancestor->pid, true, err);
		jw_json_put_number(json, "uid", ancestor->uid, true, err);
		jw_json_put_text(json, "comm", ancestor->comm, err);
		jw_json_put_text(json, "exe", ancestor->exe, err);
		if (json_array_append_new(array, json))
			*err = -ENOMEM;
	}
	return array;
}

static json_t *subject_to_json(const struct jw_subject *subject, int *err)
{
	json_t *json = json_object(), *origin;

	/* Records of the auditor itself have none. */
	if (!subject->pid && !subject->exe && !subject->comm)
		return json;
	jw_json_put_number(json, "pid", subject->pid, true, err);
	jw_json_put_number(json, "tid", subject->tid, subject->tid, err);
	jw_json_put_number(json, "ppid", subject->ppid, true, err);
	jw_json_put_number(json, "start_ns", subject->start_ns, subject->start_ns, err);
	jw_json_put_number(json, "uid", subject->uid, true, err);
	jw_json_put_number(json, "euid", subject->euid, true, err);
	jw_json_put_number(json, "gid", subject->gid, true, err);
	jw_json_put_number(json, "auid", subject->auid, subject->has_auid, err);
	jw_json_put_number(json, "session", subject->session, subject->has_session, err);
	jw_json_put_text(json, "tty", subject->tty, err);
	jw_json_put_text(json, "comm", subject->comm, err);
	jw_json_put_text(json, "exe", subject->exe, err);
	jw_json_put_strings(json, "argv", subject->argv, subject->argv_len, err);
	jw_json_put_text(json, "cgroup", subject->cgroup, err);
	jw_json_put_true(json, "kthread", subject->kthread, err);
	jw_json_put(json, "ancestors", ancestors_to_json(subject, err), err);
	if (subject->origin) {
		origin = json_object();
		jw_json_put_text(origin, "kind", subject->origin, err);
		jw_json_put_text(origin, "address", subject->origin_address, err);
		jw_json_put(json, "origin", origin, err);
	}
	return json;
}

static json_t *roles_to_json(uint32_t roles, int *err)
{
	json_t *array = json_array();
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		const char *name = roles & (1u << bit) ? jw_role_bit_name(bit) : NULL;

		if (name && json_array_append_new(array, json_string(name)))
			*err = -ENOMEM;
	}
	return array;
}

static json_t *object_to_json(const struct jw_object *object, int *err)
{
	json_t *json = json_object();
	char device[32], mode[16];

	if (!object->present)
		return json;
	snprintf(device, sizeof(device), "%u:%u", object->dev >> MINOR_BITS, object->dev & MINOR_MASK);
	snprintf(mode, sizeof(mode), "%o", object->mode);
	jw_json_put_text(json, "path", object->path, err);
	jw_json_put_text(json, "device", object->dev || object->ino ? device : NULL, err);
	jw_json_put_number(json, "inode", object->ino, object->ino, err);
	jw_json_put_number(json, "generation", object->gen, object->gen, err);
	/* As people and chmod(1) write it. */
	jw_json_put_text(json, "mode", object->mode ? mode : NULL, err);
	jw_json_put_number(json, "uid", object->uid, object->mode, err);
	jw_json_put_number(json, "size", object->size, object->mode, err);
	jw_json_put_hex(json, "sha256", object->sha256, sizeof(object->sha256), object->has_sha256, err);
	jw_json_put(json, "roles", roles_to_json(object->roles, err), err);
	jw_json_put_number(json, "classes", object->classes, object->classes, err);
	if (object->family != JOBWARD_FAMILY_NONE) {
		jw_json_put_text(json, "family", jw_family_name(object->family), err);
		jw_json_put_text(json, "protocol", jw_protocol_name(object->protocol), err);
		jw_json_put_text(json, "address", object->address, err);
		jw_json_put_number(json, "port", object->port, object->address, err);
	}
	return json;
}

static json_t *gap_to_json(const struct jw_event *event, int *err)
{
	json_t *json = json_object();

	if (!event->first && !event->last)
		return json;
	jw_json_put_number(json, "first", event->first, true, err);
	jw_json_put_number(json, "last", event->last, true, err);
	jw_json_put_number(json, "denials", event->denials, true, err);
	return json;
}

static json_t *attack_to_json(const struct jw_event *event, int *err)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < sizeof(event->attack) / sizeof(event->attack[0]) && event->attack[i]; i++)
		if (json_array_append_new(array, json_string(event->attack[i])))
			*err = -ENOMEM;
	return array;
}

json_t *jw_event_to_json(const struct jw_event *event)
{
	json_t *json = json_object();
	char time[JW_TIME_MAX];
	int err = json ? 0 : -ENOMEM;

	jw_time_format(event->time_ns, time);
	jw_json_put_number(json, "seq", event->seq, event->seq, &err);
	jw_json_put_text(json, "boot", event->boot[0] ? event->boot : NULL, &err);
	jw_json_put_text(json, "time", time, &err);
	jw_json_put_number(json, "boot_ns", event->boot_ns, event->boot_ns, &err);
	jw_json_put_text(json, "kind", jw_kind_name(event->kind), &err);
	jw_json_put_text(json, "action", jw_action_name(event->action), &err);
	jw_json_put_text(json, "verdict", jw_verdict_name(event->verdict), &err);
	if (event->reason != JOBWARD_REASON_NONE)
		jw_json_put_text(json, "reason", jw_reason_name(event->reason), &err);
	jw_json_put_text(json, "rule", event->rule, &err);
	jw_json_put_number(json, "generation", event->generation, event->generation, &err);
	if (event->scheduler != JOBWARD_SCHEDULER_NONE)
		jw_json_put_text(json, "scheduler", jw_scheduler_name(event->scheduler), &err);
	jw_json_put(json, "job", job_to_json(event, &err), &err);
	jw_json_put_hex(json, "key", event->key, sizeof(event->key), event->has_key, &err);
	jw_json_put_number(json, "root_seq", event->root_seq, event->root_seq, &err);
	jw_json_put(json, "subject", subject_to_json(&event->subject, &err), &err);
	jw_json_put(json, "object", object_to_json(&event->object, &err), &err);
	jw_json_put(json, "target", object_to_json(&event->target, &err), &err);
	jw_json_put_strings(json, "argv", event->argv, event->argv_len, &err);
	jw_json_put_strings(json, "env", event->env, event->env_len, &err);
	jw_json_put_text(json, "unit", event->unit, &err);
	jw_json_put_bytes(json, "text", event->text, event->text_len, &err);
	jw_json_put_text(json, "detail", event->detail, &err);
	jw_json_put(json, "gap", gap_to_json(event, &err), &err);
	jw_json_put(json, "attack", attack_to_json(event, &err), &err);
	if (!err)
		return json;
	json_decref(json);
	return NULL;
}

char *jw_event_to_text(const struct jw_event *event)
{
	json_t *json = jw_event_to_json(event);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return text;
}

/* ---- from JSON ---- */

/* A word of an enum; absent is @absent, an unknown one -EINVAL. */
static unsigned int get_word(const json_t *json, const char *key, int (*from_name)(const char *), int absent, int *err)
{
	const json_t *value = json_object_get(json, key);
	const char *s = json_string_value(value);
	int v = value ? (s ? from_name(s) : -1) : absent;

	if (v < 0 && !*err)
		*err = -EINVAL;
	return v < 0 ? 0 : (unsigned int)v;
}

static void job_from_json(struct jw_event *event, const json_t *json, int *err)
{
	uint8_t id[8];
	size_t i;

	if (jw_json_get_hex(json, "id", id, sizeof(id), err))
		for (i = 0; i < sizeof(id); i++)
			event->job = event->job << 8 | id[i];
	jw_json_get_text(json, "owner", &event->job_owner, err);
	jw_json_get_text(json, "command", &event->job_command, err);
	jw_json_get_text(json, "source", &event->job_source, err);
}

static void ancestors_from_json(struct jw_subject *subject, const json_t *array, int *err)
{
	const json_t *json;
	size_t i;

	json_array_foreach(array, i, json) {
		struct jw_ancestor *ancestor = &subject->ancestors[i];

		if (i == JW_ANCESTORS_MAX)
			break;
		subject->n_ancestors = (unsigned int)i + 1;
		jw_json_get_u32(json, "pid", &ancestor->pid, err);
		jw_json_get_u32(json, "uid", &ancestor->uid, err);
		jw_json_get_text(json, "comm", &ancestor->comm, err);
		jw_json_get_text(json, "exe", &ancestor->exe, err);
	}
}

static void origin_from_json(struct jw_subject *subject, const json_t *json, int *err)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));
	size_t i;

	for (i = 0; kind && i < sizeof(origins) / sizeof(origins[0]); i++)
		if (!strcmp(kind, origins[i]))
			subject->origin = origins[i];
	jw_json_get_text(json, "address", &subject->origin_address, err);
}

static void subject_from_json(struct jw_subject *subject, const json_t *json, int *err)
{
	jw_json_get_u32(json, "pid", &subject->pid, err);
	jw_json_get_u32(json, "tid", &subject->tid, err);
	jw_json_get_u32(json, "ppid", &subject->ppid, err);
	jw_json_get_number(json, "start_ns", UINT64_MAX, &subject->start_ns, err);
	jw_json_get_u32(json, "uid", &subject->uid, err);
	jw_json_get_u32(json, "euid", &subject->euid, err);
	jw_json_get_u32(json, "gid", &subject->gid, err);
	subject->has_auid = jw_json_get_u32(json, "auid", &subject->auid, err);
	subject->has_session = jw_json_get_u32(json, "session", &subject->session, err);
	jw_json_get_text(json, "tty", &subject->tty, err);
	jw_json_get_text(json, "comm", &subject->comm, err);
	jw_json_get_text(json, "exe", &subject->exe, err);
	jw_json_get_strings(json, "argv", &subject->argv, &subject->argv_len, err);
	jw_json_get_text(json, "cgroup", &subject->cgroup, err);
	subject->kthread = jw_json_get_true(json, "kthread", err);
	ancestors_from_json(subject, json_object_get(json, "ancestors"), err);
	origin_from_json(subject, json_object_get(json, "origin"), err);
}

static void object_from_json(struct jw_object *object, const json_t *json, int *err)
{
	const char *device = json_string_value(json_object_get(json, "device"));
	const char *mode = json_string_value(json_object_get(json, "mode"));
	const json_t *role;
	unsigned int major, minor;
	size_t i;
	int bit;

	if (!json)
		return;
	object->present = true;
	jw_json_get_text(json, "path", &object->path, err);
	if (device && sscanf(device, "%u:%u", &major, &minor) == 2)
		object->dev = major << MINOR_BITS | (minor & MINOR_MASK);
	jw_json_get_number(json, "inode", UINT64_MAX, &object->ino, err);
	jw_json_get_u32(json, "generation", &object->gen, err);
	if (mode)
		object->mode = (uint32_t)strtoul(mode, NULL, 8);
	jw_json_get_u32(json, "uid", &object->uid, err);
	jw_json_get_number(json, "size", UINT64_MAX, &object->size, err);
	object->has_sha256 = jw_json_get_hex(json, "sha256", object->sha256, sizeof(object->sha256), err);
	json_array_foreach(json_object_get(json, "roles"), i, role) {
		bit = json_is_string(role) ? jw_role_bit_from_name(json_string_value(role)) : -1;
		if (bit >= 0)
			object->roles |= 1u << bit;
	}
	jw_json_get_number(json, "classes", UINT64_MAX, &object->classes, err);
	object->family = get_word(json, "family", jw_family_from_name, JOBWARD_FAMILY_NONE, err);
	object->protocol = get_word(json, "protocol", jw_protocol_from_name, JOBWARD_PROTOCOL_OTHER, err);
	jw_json_get_text(json, "address", &object->address, err);
	jw_json_get_u32(json, "port", &object->port, err);
}

static void head_from_json(struct jw_event *event, const json_t *json, int *err)
{
	const char *time = json_string_value(json_object_get(json, "time"));
	const char *boot = json_string_value(json_object_get(json, "boot"));

	if (!time || jw_time_parse(time, &event->time_ns) || (boot && strlen(boot) >= sizeof(event->boot)))
		*err = -EINVAL;
	else if (boot)
		strcpy(event->boot, boot);
	jw_json_get_number(json, "seq", UINT64_MAX, &event->seq, err);
	jw_json_get_number(json, "boot_ns", UINT64_MAX, &event->boot_ns, err);
	event->kind = get_word(json, "kind", jw_kind_from_name, -1, err);
	event->action = get_word(json, "action", jw_action_from_name, -1, err);
	event->verdict = get_word(json, "verdict", jw_verdict_from_name, -1, err);
	event->reason = get_word(json, "reason", jw_reason_from_name, JOBWARD_REASON_NONE, err);
	event->scheduler = get_word(json, "scheduler", jw_scheduler_from_name, JOBWARD_SCHEDULER_NONE, err);
}

int jw_event_from_json(struct jw_event *event, const json_t *json)
{
	const json_t *gap = json_object_get(json, "gap"), *technique;
	size_t i;
	int err = 0;

	memset(event, 0, sizeof(*event));
	head_from_json(event, json, &err);
	jw_json_get_text(json, "rule", &event->rule, &err);
	jw_json_get_number(json, "generation", UINT64_MAX, &event->generation, &err);
	job_from_json(event, json_object_get(json, "job"), &err);
	event->has_key = jw_json_get_hex(json, "key", event->key, sizeof(event->key), &err);
	jw_json_get_number(json, "root_seq", UINT64_MAX, &event->root_seq, &err);
	subject_from_json(&event->subject, json_object_get(json, "subject"), &err);
	object_from_json(&event->object, json_object_get(json, "object"), &err);
	object_from_json(&event->target, json_object_get(json, "target"), &err);
	jw_json_get_strings(json, "argv", &event->argv, &event->argv_len, &err);
	jw_json_get_strings(json, "env", &event->env, &event->env_len, &err);
	jw_json_get_text(json, "unit", &event->unit, &err);
	jw_json_get_bytes(json, "text", &event->text, &event->text_len, &err);
	jw_json_get_text(json, "detail", &event->detail, &err);
	jw_json_get_number(gap, "first", UINT64_MAX, &event->first, &err);
	jw_json_get_number(gap, "last", UINT64_MAX, &event->last, &err);
	jw_json_get_number(gap, "denials", UINT64_MAX, &event->denials, &err);
	json_array_foreach(json_object_get(json, "attack"), i, technique)
		if (json_is_string(technique))
			jw_event_add_attack(event, json_string_value(technique));
	if (err)
		jw_event_done(event);
	return err;
}

int jw_event_from_text(struct jw_event *event, const char *text, size_t len)
{
	json_error_t error;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int r;

	memset(event, 0, sizeof(*event));
	/* jansson has words for what is wrong with a text, and none for most of its own lacks of memory. */
	if (!json)
		return !error.text[0] || json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EINVAL;
	r = jw_event_from_json(event, json);
	json_decref(json);
	return r;
}
