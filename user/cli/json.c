// SPDX-License-Identifier: GPL-2.0
/* The contract's JSON: a job, times, and text of strangers. Events have theirs in lib/event. */
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "lib/names_gen.h"
#include "lib/provenance/provenance.h"
#include "render.h"
#include "story.h"

void jw_json_set(json_t *object, const char *key, json_t *value)
{
	jw_must(value);
	if (json_object_set_new(object, key, value))
		jw_must(NULL);
}

void jw_json_add(json_t *array, json_t *value)
{
	jw_must(value);
	if (json_array_append_new(array, value))
		jw_must(NULL);
}

/*
 * Length of the valid UTF-8 character at @text, 0 when it is none: overlong forms, surrogates and beyond U+10FFFF
 * too.
 */
static size_t utf8_char(const unsigned char *text, size_t len)
{
	static const unsigned char first[] = {0x80, 0xc2, 0xe0, 0xf0, 0xf5};
	static const unsigned char bytes[] = {1, 0, 2, 3, 4, 0};
	size_t n = 0, i;

	while (n < sizeof(first) && text[0] >= first[n])
		n++;
	n = bytes[n];
	if (!n || n > len)
		return 0;
	for (i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if (n == 3 && ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f)))
		return 0;
	if (n == 4 && ((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f)))
		return 0;
	return n;
}

json_t *jw_json_text(const char *text, size_t len)
{
	char *out = jw_must(malloc(3 * len + 1)), *p = out;
	json_t *value;
	size_t i = 0;

	while (i < len) {
		size_t n = utf8_char((const unsigned char *)text + i, len - i);

		if (n)
			p = mempcpy(p, text + i, n);
		else
			p = mempcpy(p, "\xef\xbf\xbd", 3);
		i += n ? n : 1;
	}
	value = jw_must(json_stringn_nocheck(out, (size_t)(p - out)));
	free(out);
	return value;
}

json_t *jw_json_words(const char *text)
{
	json_t *array = jw_must(json_array());
	const char *p, *end;

	for (p = text ? text : ""; *p; p = end + (*end == ' ')) {
		end = strchrnul(p, ' ');
		jw_json_add(array, jw_json_text(p, (size_t)(end - p)));
	}
	return array;
}

void jw_json_set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		jw_json_set(object, key, jw_json_text(text, strlen(text)));
}

void jw_json_set_time(json_t *object, const char *key, int64_t ns)
{
	char text[JW_TIME_MAX];

	if (ns <= 0)
		return;
	jw_time_format((uint64_t)ns, text);
	jw_json_set(object, key, json_string(text));
}

json_t *jw_json_job(const struct jw_job *job, int64_t now_ns)
{
	json_t *object = jw_must(json_object()), *part = jw_must(json_object());
	char id[JW_ID_HEX];

	jw_job_id_format(job->id, id);
	jw_json_set(object, "id", json_string(id));
	jw_json_set_text(object, "scheduler", jw_scheduler_name(job->scheduler));
	jw_json_set_text(object, "owner", job->owner);
	jw_json_set_text(object, "name", job->name);
	jw_json_set_text(object, "command", job->command);
	jw_json_set_text(part, "path", job->path);
	if (job->line)
		jw_json_set(part, "line", json_integer(job->line));
	jw_json_set(object, "source", part);
	jw_json_set_text(object, "schedule", job->schedule);
	/* What starts with the boot has no time. */
	jw_json_set_time(object, "next_run", jw_cli_next_run(job, now_ns));
	jw_json_set_text(object, "state", jw_state_name(job->state));
	jw_json_set_text(object, "reason", job->reason);
	jw_json_set_text(object, "unreadable", job->unreadable);
	part = jw_must(json_object());
	jw_json_set_text(part, "kind", jw_provenance_name(job->provenance.kind));
	jw_json_set_text(part, "package", job->provenance.package);
	jw_json_set_text(part, "version", job->provenance.version);
	jw_json_set(object, "provenance", part);
	jw_json_set_time(object, "first_seen", job->first_seen_ns);
	jw_json_set_time(object, "changed", job->changed_ns);
	jw_json_set_time(object, "last_run", job->last_run_ns);
	jw_json_set(object, "runs", json_integer((json_int_t)job->runs));
	return object;
}

static json_t *json_argv(const char *argv, size_t len)
{
	json_t *array = jw_must(json_array());
	const char *end = argv + len;

	while (argv && argv < end) {
		size_t n = strnlen(argv, (size_t)(end - argv));

		jw_json_add(array, jw_json_text(argv, n));
		argv += n + 1;
	}
	return array;
}

json_t *jw_json_execs(const struct jw_job *job)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < job->n_execs; i++) {
		const struct jw_exec *exec = &job->execs[i];
		json_t *object = jw_must(json_object());

		jw_json_set_text(object, "program", exec->program);
		jw_json_set(object, "argv", json_argv(exec->argv, exec->argv_len));
		jw_json_set_text(object, "key", jw_detail_digest_whole(exec->key));
		if (exec->has_content)
			jw_json_set_text(object, "content_sha256", jw_detail_digest_whole(exec->content_sha256));
		jw_json_add(array, object);
	}
	return array;
}

json_t *jw_json_pins(const struct jw_job *job)
{
	json_t *array = jw_must(json_array());
	size_t i;

	for (i = 0; i < job->n_pins; i++) {
		const struct jw_pin *pin = &job->pins[i];
		json_t *object = jw_must(json_object());

		jw_json_set_text(object, "path", pin->path);
		jw_json_set(object, "present", json_boolean(pin->present));
		if (pin->present)
			jw_json_set_text(object, "sha256", jw_detail_digest_whole(pin->sha256));
		jw_json_set_text(object, "package", pin->package);
		if (pin->package)
			jw_json_set(object, "unmodified", json_boolean(pin->unmodified));
		jw_json_add(array, object);
	}
	return array;
}

json_t *jw_json_decision(const struct jw_decision *decision)
{
	json_t *object = jw_must(json_object());

	jw_json_set_text(object, "state", jw_state_name(decision->state));
	jw_json_set_time(object, "time", decision->time_ns);
	jw_json_set_time(object, "until", decision->until_ns);
	jw_json_set_text(object, "by", decision->by);
	jw_json_set_text(object, "reason", decision->reason);
	return object;
}

json_t *jw_json_version(const struct jw_job_version *version)
{
	json_t *object = jw_must(json_object());

	jw_json_set_time(object, "time", version->time_ns);
	jw_json_set_text(object, "schedule", version->schedule);
	jw_json_set_text(object, "command", version->command);
	if (version->source)
		jw_json_set(object, "text", jw_json_text(version->source, version->source_len));
	jw_json_set_text(object, "fingerprint", jw_detail_digest_whole(version->fingerprint));
	return object;
}

/* ---- all rows of a view, whatever its columns ---- */
struct rows {
	json_t *array;
	char **names;
	size_t n;
};

static int take_names(void *ctx, const char *const *names, size_t n)
{
	struct rows *rows = ctx;

	rows->n = n;
	rows->names = jw_must(calloc(n, sizeof(*rows->names)));
	for (n = 0; n < rows->n; n++)
		rows->names[n] = jw_must(strdup(names[n]));
	return 0;
}

json_t *jw_json_value(const struct jw_value *value)
{
	switch (value->kind) {
	case JW_VALUE_INTEGER:
		return json_integer(value->integer);
	case JW_VALUE_REAL:
		/* JSON has no word for infinity. */
		return json_real(value->real) ?: json_string(jw_showf("%g", value->real));
	case JW_VALUE_TEXT:
		return jw_json_text(value->bytes ? value->bytes : "", value->len);
	default:
		return json_string(jw_show_hex(value->bytes, value->len));
	}
}

static int take_values(void *ctx, const struct jw_value *values, size_t n)
{
	json_t *object = jw_must(json_object());
	struct rows *rows = ctx;
	size_t i;

	for (i = 0; i < n; i++)
		if (values[i].kind != JW_VALUE_NULL)
			jw_json_set(object, rows->names[i], jw_json_value(&values[i]));
	jw_json_add(rows->array, object);
	return 0;
}

int jw_json_rows(struct jw_cli *cli, const char *view, json_t **ret)
{
	struct rows rows = { .array = jw_must(json_array()) };
	int err = jw_store_tell(cli->store, view, take_names, take_values, &rows);

	while (rows.n)
		free(rows.names[--rows.n]);
	free(rows.names);
	*ret = rows.array;
	if (!err)
		return JW_EXIT_YES;
	json_decref(rows.array);
	*ret = NULL;
	return jw_cli_store_failed(cli, view, err);
}

/* On a terminal nothing but ASCII: in C1 controls and in what turns the direction of writing JSON sees plain text. */
static size_t flags(size_t more)
{
	return jw_render_terminal()->is_terminal ? JSON_ENSURE_ASCII | more : JSON_COMPACT;
}

static void print(json_t *value, size_t how)
{
	char *text = jw_must(json_dumps(value, how | JSON_ENCODE_ANY));

	puts(text);
	free(text);
	json_decref(value);
}

void jw_json_print(json_t *value)
{
	print(value, flags(JSON_INDENT(2)));
}

void jw_json_print_line(json_t *value)
{
	print(value, flags(0) | JSON_COMPACT);
}
