// SPDX-License-Identifier: GPL-2.0
/*
 * The case as a bundle of STIX 2.1 (docs.oasis-open.org/cti/stix/v2.1): the host as an identity, acts as observed-data
 * with their processes, files, accounts and addresses, techniques as attack-patterns with a sighting each. Equal acts
 * are one object with their number. Ids are of version 5 (RFC 4122): the same case gives the same ids, those of
 * observables the ones that others give them too (section 2.9).
 */
#include <arpa/inet.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "attack.h"
#include "evidence.h"
#include "lib/names_gen.h"
#include "render.h"

/* Section 2.9: for observables, over the properties that section 6 names. */
static const uint8_t observables[16] = {
	0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7,
};
/* Our own, for the rest; made once, at random. */
static const uint8_t own[16] = {
	0x5d, 0x0c, 0x41, 0x8e, 0x0f, 0x6b, 0x4d, 0x52, 0x93, 0x27, 0x6e, 0xb1, 0x3a, 0xd4, 0x70, 0xc5,
};

/* Section 4.14, number_observed. */
#define OBSERVED_MAX 999999999

struct stix {
	struct jw_case *the_case;
	FILE *out;
	size_t n;
	const char *host_id;
	json_t *written;	/* ids of observables that are out already */
	json_t *groups;		/* acts, equal ones together */
	json_t *refs;		/* what the grouping of the whole refers to */
	int64_t first_ns;
	struct jw_attack_coverage coverage;
};

/* ---- ids and times ---- */
/* "type--uuid"; caller frees. */
static char *make_id(const char *type, const uint8_t namespace[16], const char *name)
{
	const size_t len = strlen(name);
	uint8_t *bytes = jw_must(malloc(16 + len)), sum[SHA_DIGEST_LENGTH];
	char *id;

	memcpy(bytes, namespace, 16);
	memcpy(bytes + 16, name, len);
	SHA1(bytes, 16 + len, sum);
	free(bytes);
	sum[6] = (sum[6] & 0x0f) | 0x50;
	sum[8] = (sum[8] & 0x3f) | 0x80;
	if (asprintf(&id, "%s--%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", type, sum[0], sum[1],
		     sum[2], sum[3], sum[4], sum[5], sum[6], sum[7], sum[8], sum[9], sum[10], sum[11], sum[12], sum[13],
		     sum[14], sum[15]) < 0)
		jw_must(NULL);
	return id;
}

/* Milliseconds, exactly three digits: section 3.2, created. */
static void set_time(json_t *object, const char *key, int64_t ns)
{
	char text[JW_TIME_MAX];

	jw_time_format((uint64_t)(ns > 0 ? ns : 0), text);
	jw_json_set(object, key, json_sprintf("%.23sZ", text));
}

/* As RFC 8785 has it, which differs from jansson's in the case of escapes only. */
static char *canonical(const json_t *object)
{
	char *text = jw_must(json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS)), *p, *digit;

	for (p = text; *p; p++)
		if (*p == '\\' && *++p == 'u')
			for (digit = p + 1; digit < p + 5; digit++)
				*digit |= *digit >= 'A' && *digit <= 'F' ? 0x20 : 0;
	return text;
}

static json_t *new_object(const char *type, const char *id)
{
	json_t *object = jw_must(json_object());

	jw_json_set_text(object, "type", type);
	jw_json_set_text(object, "spec_version", "2.1");
	jw_json_set_text(object, "id", id);
	return object;
}

/* ASCII alone: what turns the direction of writing, or hides, is seen as its number. */
static void put(struct stix *stix, json_t *object)
{
	char *text = jw_must(json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII));

	fprintf(stix->out, "%s\n  %s", stix->n++ ? "," : "", text);
	free(text);
	json_decref(object);
}

/* A domain object or relation, which has a life of its own. */
static json_t *new_own(struct stix *stix, const char *type, const char *name, int64_t created_ns, int64_t modified_ns)
{
	char *id = make_id(type, own, name);
	json_t *object = new_object(type, id);

	free(id);
	if (strcmp(type, "identity"))
		jw_json_set_text(object, "created_by_ref", stix->host_id);
	set_time(object, "created", created_ns);
	set_time(object, "modified", modified_ns);
	jw_json_add(stix->refs, json_incref(json_object_get(object, "id")));
	return object;
}

/* ---- observables ---- */
/*
 * Puts the observable out unless it was. @key: the properties that make its id; @more: others; both are taken over.
 * Return: its id, in @refs too where that is not NULL.
 */
static const char *observe(struct stix *stix, const char *type, json_t *key, json_t *more, json_t *refs)
{
	char *name = canonical(key), *id;
	json_t *object;
	const char *kept;

	/* A process has no such properties (section 6.13); what it is told by is all that we know of it. */
	id = make_id(type, strcmp(type, "process") ? observables : own, name);
	free(name);
	if (!json_object_get(stix->written, id)) {
		object = new_object(type, id);
		if (json_object_update(object, key) || (more && json_object_update(object, more)))
			jw_must(NULL);
		jw_json_set(stix->written, id, json_string(id));
		put(stix, object);
	}
	kept = json_string_value(json_object_get(stix->written, id));
	free(id);
	json_decref(key);
	json_decref(more);
	if (refs)
		jw_json_add(refs, json_string(kept));
	return kept;
}

static const char *observe_file(struct stix *stix, const char *path, const struct jw_object *content, json_t *refs)
{
	const char *slash = strrchr(path, '/');
	json_t *key = jw_must(json_object()), *folder, *hashes;

	if (slash && slash[1]) {
		folder = jw_must(json_object());
		jw_json_set(folder, "path", jw_json_text(path, slash == path ? 1 : (size_t)(slash - path)));
		jw_json_set_text(key, "name", slash + 1);
		jw_json_set_text(key, "parent_directory_ref", observe(stix, "directory", folder, NULL, NULL));
	} else {
		jw_json_set_text(key, "name", path);
	}
	if (content && content->has_sha256) {
		hashes = jw_must(json_object());
		jw_json_set_text(hashes, "SHA-256", jw_show_hex(content->sha256, sizeof(content->sha256)));
		jw_json_set(key, "hashes", hashes);
	}
	return observe(stix, "file", key, NULL, refs);
}

static const char *observe_account(struct stix *stix, uint32_t uid, json_t *refs)
{
	json_t *key = jw_must(json_object());

	jw_json_set_text(key, "account_type", "unix");
	jw_json_set_text(key, "user_id", jw_showf("%u", uid));
	return observe(stix, "user-account", key, NULL, refs);
}

static void observe_address(struct stix *stix, const char *address, json_t *refs)
{
	uint8_t bytes[16];
	const char *type = inet_pton(AF_INET, address, bytes) == 1 ? "ipv4-addr" :
			   inet_pton(AF_INET6, address, bytes) == 1 ? "ipv6-addr" : NULL;
	json_t *key;

	if (!type)
		return;
	key = jw_must(json_object());
	jw_json_set_text(key, "value", address);
	observe(stix, type, key, NULL, refs);
}

/* @argv may be NULL. */
static const char *observe_process(struct stix *stix, const char *exe, const char *argv, size_t len, uint32_t uid,
				   const char *parent, json_t *refs)
{
	json_t *key = jw_must(json_object());

	if (argv && len)
		jw_json_set_text(key, "command_line", jw_show_argv(argv, len));
	if (exe)
		jw_json_set_text(key, "image_ref", observe_file(stix, exe, NULL, refs));
	jw_json_set_text(key, "creator_user_ref", observe_account(stix, uid, refs));
	jw_json_set_text(key, "parent_ref", parent);
	return observe(stix, "process", key, NULL, refs);
}

static void observe_all(struct stix *stix, const struct jw_event *event, json_t *refs)
{
	const struct jw_subject *subject = &event->subject;
	const char *acting = observe_process(stix, subject->exe, subject->argv, subject->argv_len, subject->uid, NULL, refs);

	if (event->action == JOBWARD_ACTION_EXEC)
		observe_process(stix, event->object.path, event->argv, event->argv_len, subject->uid, acting, refs);
	if (event->object.path && event->action != JOBWARD_ACTION_EXEC)
		observe_file(stix, event->object.path, &event->object, refs);
	if (event->target.path)
		observe_file(stix, event->target.path, &event->target, refs);
	if (subject->has_auid && subject->auid != subject->uid)
		observe_account(stix, subject->auid, refs);
	if (subject->origin_address)
		observe_address(stix, subject->origin_address, refs);
}

/* ---- acts ---- */
/* Sets of references have each once. */
static json_t *once_each(json_t *refs)
{
	json_t *out = jw_must(json_array()), *seen = jw_must(json_object()), *ref;
	size_t i;

	json_array_foreach(refs, i, ref) {
		if (!json_object_get(seen, json_string_value(ref)))
			jw_json_add(out, json_incref(ref));
		jw_json_set(seen, json_string_value(ref), json_true());
	}
	json_decref(seen);
	json_decref(refs);
	return out;
}

static json_t *new_group(struct stix *stix, const struct jw_event *event)
{
	json_t *group = jw_must(json_object()), *refs = jw_must(json_array()), *techniques = jw_must(json_array()),
	       *labels = jw_must(json_array());
	char job[JW_ID_HEX];
	size_t i;

	observe_all(stix, event, refs);
	jw_json_set(group, "object_refs", once_each(refs));
	jw_json_add(labels, json_sprintf("kind:%s", jw_kind_name(event->kind)));
	jw_json_add(labels, json_sprintf("action:%s", jw_action_name(event->action)));
	jw_json_add(labels, json_sprintf("verdict:%s", jw_verdict_name(event->verdict)));
	if (event->reason)
		jw_json_add(labels, json_sprintf("reason:%s", jw_reason_name(event->reason)));
	if (event->job) {
		jw_job_id_format(event->job, job);
		jw_json_add(labels, json_sprintf("job:%s", job));
	}
	jw_json_set(group, "labels", labels);
	for (i = 0; event->attack[i]; i++)
		jw_json_add(techniques, json_string(event->attack[i]));
	jw_json_set(group, "techniques", techniques);
	jw_json_set(group, "first", json_integer((json_int_t)event->time_ns));
	jw_json_set(group, "n", json_integer(0));
	return group;
}

/* What makes acts equal: all that is told of them but the time. */
static char *group_key(const struct jw_event *event)
{
	const struct jw_subject *subject = &event->subject;
	const char *command = event->argv_len ? jw_show_argv(event->argv, event->argv_len) :
			      subject->argv_len ? jw_show_argv(subject->argv, subject->argv_len) : "";
	json_t *key = jw_must(json_pack("[iiiiI ii]", event->kind, event->action, event->verdict, event->reason,
					(json_int_t)event->job, (int)subject->uid, subject->has_auid ? (int)subject->auid : -1));
	const char *const texts[] = { subject->exe, event->object.path, event->target.path, subject->origin_address, command,
				      event->object.has_sha256 ? jw_show_hex(event->object.sha256, 32) : "" };
	char *text;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		jw_json_add(key, texts[i] ? jw_json_text(texts[i], strlen(texts[i])) : json_null());
	text = jw_must(json_dumps(key, JSON_COMPACT));
	json_decref(key);
	return text;
}

static int take_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	struct stix *stix = ctx;
	json_t *group;
	char *key;

	if (event->kind == JOBWARD_KIND_ADMIN)
		return 0;
	if (!stix->first_ns)
		stix->first_ns = (int64_t)event->time_ns;
	jw_attack_coverage_take(&stix->coverage, event);
	key = group_key(event);
	group = json_object_get(stix->groups, key);
	if (!group) {
		group = new_group(stix, event);
		jw_json_set(stix->groups, key, group);
	}
	jw_json_set(group, "n", json_integer(json_integer_value(json_object_get(group, "n")) + 1));
	jw_json_set(group, "last", json_integer((json_int_t)event->time_ns));
	free(key);
	return ferror(stix->out) ? 1 : 0;
}

/* Notes the id of the observation with each of its techniques. */
static void note_sighting(json_t *sightings, const json_t *techniques, json_t *id)
{
	json_t *technique, *refs;
	size_t i;

	json_array_foreach(techniques, i, technique) {
		refs = json_object_get(sightings, json_string_value(technique));
		if (!refs) {
			refs = jw_must(json_array());
			jw_json_set(sightings, json_string_value(technique), refs);
		}
		jw_json_add(refs, json_incref(id));
	}
}

static void put_groups(struct stix *stix, json_t *sightings)
{
	const char *key;
	json_t *group;

	json_object_foreach(stix->groups, key, group) {
		int64_t first_ns = json_integer_value(json_object_get(group, "first")),
			last_ns = json_integer_value(json_object_get(group, "last")), swap = first_ns;
		json_int_t n = json_integer_value(json_object_get(group, "n"));
		json_t *object;

		/* The clock may have been set back between them. */
		if (last_ns < first_ns)
			first_ns = last_ns, last_ns = swap;
		object = new_own(stix, "observed-data", key, first_ns, last_ns);
		set_time(object, "first_observed", first_ns);
		set_time(object, "last_observed", last_ns);
		jw_json_set(object, "number_observed", json_integer(n < OBSERVED_MAX ? n : OBSERVED_MAX));
		jw_json_set(object, "object_refs", json_incref(json_object_get(group, "object_refs")));
		jw_json_set(object, "labels", json_incref(json_object_get(group, "labels")));
		note_sighting(sightings, json_object_get(group, "techniques"), json_object_get(object, "id"));
		put(stix, object);
	}
}

/* ---- techniques, and the whole ---- */
static void put_technique(struct stix *stix, const struct jw_technique *technique, json_t *sightings)
{
	json_t *pattern = new_own(stix, "attack-pattern", technique->id, stix->first_ns, stix->first_ns);
	json_t *reference = jw_must(json_object()), *references = jw_must(json_array()), *sighting,
	       *where = jw_must(json_array());
	const char *dot = strchr(technique->id, '.');

	jw_json_set_text(pattern, "name", *technique->name ? technique->name : technique->id);
	jw_json_set_text(reference, "source_name", "mitre-attack");
	jw_json_set_text(reference, "external_id", technique->id);
	jw_json_set(reference, "url", dot ? json_sprintf("https://attack.mitre.org/techniques/%.*s/%s",
							 (int)(dot - technique->id), technique->id, dot + 1) :
					    json_sprintf("https://attack.mitre.org/techniques/%s", technique->id));
	jw_json_add(references, reference);
	jw_json_set(pattern, "external_references", references);
	sighting = new_own(stix, "sighting", technique->id, technique->first_ns, technique->last_ns);
	set_time(sighting, "first_seen", technique->first_ns);
	set_time(sighting, "last_seen", technique->last_ns);
	jw_json_set(sighting, "count", json_integer((json_int_t)(technique->observed < OBSERVED_MAX ? technique->observed :
												      OBSERVED_MAX)));
	jw_json_set(sighting, "sighting_of_ref", json_incref(json_object_get(pattern, "id")));
	jw_json_set(sighting, "observed_data_refs", json_incref(json_object_get(sightings, technique->id)));
	jw_json_add(where, json_string(stix->host_id));
	jw_json_set(sighting, "where_sighted_refs", where);
	put(stix, pattern);
	put(stix, sighting);
}

static void put_whole(struct stix *stix)
{
	json_t *whole, *refs = json_incref(stix->refs);

	whole = new_own(stix, "grouping", stix->the_case->note ?: "", stix->first_ns, stix->the_case->now_ns);
	/* It does not refer to itself. */
	json_array_remove(refs, json_array_size(refs) - 1);
	jw_json_set_text(whole, "context", "suspicious-activity");
	jw_json_set_text(whole, "name", jw_showf("Scheduled jobs of %s", jw_show(stix->the_case->host)));
	jw_json_set_text(whole, "description", stix->the_case->note);
	jw_json_set(whole, "object_refs", refs);
	put(stix, whole);
}

int jw_evidence_stix(struct jw_case *the_case, FILE *out)
{
	struct stix stix = { .the_case = the_case, .out = out, .written = jw_must(json_object()),
			     .groups = jw_must(json_object()), .refs = jw_must(json_array()) };
	char *bundle = make_id("bundle", own, jw_showf("%s %lld", the_case->host, (long long)the_case->now_ns));
	char *host_id = make_id("identity", own, the_case->host);
	json_t *host, *sightings = jw_must(json_object());
	size_t i;
	int code;

	jw_attack_coverage_begin(the_case->cli, &stix.coverage);
	fprintf(out, "{\"type\":\"bundle\",\"id\":\"%s\",\"objects\":[", bundle);
	stix.host_id = host_id;
	code = jw_case_events(the_case, take_event, &stix);
	if (!stix.first_ns)
		stix.first_ns = the_case->now_ns;
	host = new_own(&stix, "identity", the_case->host, stix.first_ns, stix.first_ns);
	jw_json_set_text(host, "name", the_case->host);
	jw_json_set_text(host, "identity_class", "system");
	put(&stix, host);
	put_groups(&stix, sightings);
	for (i = 0; i < stix.coverage.n; i++)
		if (stix.coverage.v[i].observed)
			put_technique(&stix, &stix.coverage.v[i], sightings);
	put_whole(&stix);
	fputs("\n]}\n", out);
	jw_attack_coverage_done(&stix.coverage);
	json_decref(sightings);
	json_decref(stix.written);
	json_decref(stix.groups);
	json_decref(stix.refs);
	free(bundle);
	free(host_id);
	return code;
}
