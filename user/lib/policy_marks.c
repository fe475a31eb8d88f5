// SPDX-License-Identifier: GPL-2.0
/*
 * First reading of a policy file, with libyaml's events: syntax, what our YAML does not have (anchors, aliases, tags,
 * more than one document, keys twice, depth), and where each value stands. libcyaml, which reads the values afterwards,
 * keeps no positions.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "cleanup.h"
#include "grow.h"
#include "policy_marks.h"

/* "jobs" → list → mapping is 3; a list in it would be 4. */
#define DEPTH_MAX 6
#define PATH_LEN_MAX 256

struct frame {
	bool is_map, wants_key;
	unsigned int index;
	size_t path_len;	/* of the container's own path */
};

struct reader {
	const char *file, *buf;
	size_t len;
	struct jw_yaml_marks *marks;
	struct jw_diags *diags;
	struct frame frames[DEPTH_MAX];
	unsigned int depth;
	char path[PATH_LEN_MAX];
	unsigned int documents;
	bool empty;
};

static int refuse(struct reader *reader, const yaml_mark_t *mark, const char *cause, const char *word)
{
	int r = jw_diag_add(reader->diags, JW_DIAG_ERROR, reader->file, (unsigned int)mark->line + 1,
			    (unsigned int)mark->column + 1, word ? "%s '%s'" : "%s", cause, word);

	return r ? r : -EINVAL;
}

static int put_mark(struct reader *reader, const yaml_mark_t *mark)
{
	struct jw_yaml_marks *marks = reader->marks;
	struct jw_yaml_mark *v = jw_grow(marks->v, marks->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	marks->v = v;
	v[marks->n].line = (unsigned int)mark->line + 1;
	v[marks->n].column = (unsigned int)mark->column + 1;
	v[marks->n].path = strdup(reader->path);
	if (!v[marks->n].path)
		return -ENOMEM;
	marks->n++;
	return 0;
}

/* Appends to the path of the innermost container: ".key" or "[2]". */
static int extend(struct reader *reader, size_t at, const yaml_event_t *event, const char *key, unsigned int index)
{
	int n;

	if (key)
		n = snprintf(reader->path + at, PATH_LEN_MAX - at, "%s%s", at ? "." : "", key);
	else
		n = snprintf(reader->path + at, PATH_LEN_MAX - at, "[%u]", index);
	if (n >= (int)(PATH_LEN_MAX - at))
		return refuse(reader, &event->start_mark, "this key is too long", NULL);
	return 0;
}

/* A key gives the path of the value that follows, and its place. */
static int take_key(struct reader *reader, struct frame *frame, const yaml_event_t *event)
{
	const char *key = (const char *)event->data.scalar.value;
	int r;

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(reader, &event->start_mark, "a key must be a single word", NULL);
	if (strlen(key) != event->data.scalar.length)
		return refuse(reader, &event->start_mark, "a key has a NUL byte in it", NULL);
	r = extend(reader, frame->path_len, event, key, 0);
	if (!r)
		r = put_mark(reader, &event->start_mark);
	frame->wants_key = false;
	return r;
}

/* Before a value: in a list it gets its path here, in a mapping it has it from its key. */
static int take_value(struct reader *reader, const yaml_event_t *event)
{
	struct frame *frame = reader->depth ? &reader->frames[reader->depth - 1] : NULL;
	int r = 0;

	if (frame && frame->is_map) {
		frame->wants_key = true;
	} else if (frame) {
		r = extend(reader, frame->path_len, event, NULL, frame->index++);
		if (!r)
			r = put_mark(reader, &event->start_mark);
	}
	return r;
}

static int open_container(struct reader *reader, const yaml_event_t *event)
{
	if (reader->depth == DEPTH_MAX)
		return refuse(reader, &event->start_mark, "nested too deeply", NULL);
	reader->frames[reader->depth++] = (struct frame){
		.is_map = event->type == YAML_MAPPING_START_EVENT,
		.wants_key = true,
		.path_len = strlen(reader->path),
	};
	return 0;
}

static int refuse_extras(struct reader *reader, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_ALIAS_EVENT)
		return refuse(reader, &event->start_mark, "an alias is not allowed here: write the value out; found",
			      (const char *)event->data.alias.anchor);
	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	}
	if (anchor)
		return refuse(reader, &event->start_mark, "an anchor is not allowed here: write the value out; found",
			      (const char *)anchor);
	if (tag)
		return refuse(reader, &event->start_mark, "a type tag is not allowed here; found", (const char *)tag);
	if (event->type == YAML_DOCUMENT_START_EVENT && reader->documents++)
		return refuse(reader, &event->start_mark,
			      "a second document begins here; a policy file is one document", NULL);
	return 0;
}

static int take_event(struct reader *reader, const yaml_event_t *event)
{
	struct frame *frame = reader->depth ? &reader->frames[reader->depth - 1] : NULL;
	int r = refuse_extras(reader, event);

	if (r)
		return r;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		if (frame && frame->is_map && frame->wants_key)
			return take_key(reader, frame, event);
		if (!frame && event->type == YAML_SCALAR_EVENT && !event->data.scalar.length) {
			reader->empty = true;
			return 0;
		}
		if (event->type == YAML_SCALAR_EVENT && memchr(event->data.scalar.value, 0, event->data.scalar.length))
			return refuse(reader, &event->start_mark, "a value has a NUL byte in it", NULL);
		r = take_value(reader, event);
		if (r || event->type == YAML_SCALAR_EVENT)
			return r;
		return open_container(reader, event);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		reader->path[reader->frames[--reader->depth].path_len] = '\0';
		return 0;
	default:
		return 0;
	}
}

/* libyaml's own words, and in place of its riddle about tabs the reason. */
static int refuse_syntax(struct reader *reader, const yaml_parser_t *parser)
{
	yaml_mark_t mark = parser->problem_mark;
	const char *line, *p;
	size_t i;

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (parser->error == YAML_READER_ERROR) {
		mark = (yaml_mark_t){ 0 };
		for (i = 0; i < parser->problem_offset && i < reader->len; i++) {
			mark.line += reader->buf[i] == '\n';
			mark.column = reader->buf[i] == '\n' ? 0 : mark.column + 1;
		}
		return refuse(reader, &mark, "this is not UTF-8 text", NULL);
	}
	for (line = reader->buf, i = 0; i < mark.line; i++) {
		line = memchr(line, '\n', reader->len - (line - reader->buf));
		if (!line)
			break;
		line++;
	}
	for (p = line; p && p < reader->buf + reader->len && (*p == ' ' || *p == '\t'); p++) {
		if (*p == '\t') {
			mark.column = p - line;
			return refuse(reader, &mark, "a tab indents this line; YAML takes blanks only", NULL);
		}
	}
	return refuse(reader, &mark, parser->problem ? parser->problem : "this is not YAML", NULL);
}

static int by_path(const void *a, const void *b)
{
	const struct jw_yaml_mark *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	if (!r)
		r = x->line < y->line ? -1 : x->line > y->line;
	return r ? r : x->column < y->column ? -1 : x->column > y->column;
}

static int refuse_doubles(struct reader *reader)
{
	struct jw_yaml_marks *marks = reader->marks;
	int r = 0;
	size_t i;

	if (marks->n)
		qsort(marks->v, marks->n, sizeof(*marks->v), by_path);
	for (i = 1; i < marks->n; i++) {
		const char *name = strrchr(marks->v[i].path, '.');

		if (strcmp(marks->v[i].path, marks->v[i - 1].path))
			continue;
		r = jw_diag_add(reader->diags, JW_DIAG_ERROR, reader->file, marks->v[i].line, marks->v[i].column,
				"key '%s' stands here twice, first in line %u", name ? name + 1 : marks->v[i].path,
				marks->v[i - 1].line);
		return r ? r : -EINVAL;
	}
	return 0;
}

int jw_yaml_read_marks(const char *file, const char *buf, size_t len, struct jw_yaml_marks *marks, bool *ret_empty,
		       struct jw_diags *diags)
{
	struct reader reader = { .file = file, .buf = buf, .len = len, .marks = marks, .diags = diags };
	yaml_parser_t parser;
	bool end = false;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)buf, len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	while (!r && !end) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			r = refuse_syntax(&reader, &parser);
			break;
		}
		r = take_event(&reader, &event);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	*ret_empty = reader.empty || !reader.documents;
	return r ? r : refuse_doubles(&reader);
}

void jw_yaml_marks_done(struct jw_yaml_marks *marks)
{
	size_t i;

	for (i = 0; i < marks->n; i++)
		free(marks->v[i].path);
	free(marks->v);
	*marks = (struct jw_yaml_marks){ 0 };
}

const struct jw_yaml_mark *jw_yaml_mark(const struct jw_yaml_marks *marks, const char *path)
{
	static const struct jw_yaml_mark nowhere;
	char shorter[PATH_LEN_MAX], *cut;

	snprintf(shorter, sizeof(shorter), "%s", path);
	for (;;) {
		size_t low = 0, high = marks->n;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (strcmp(marks->v[middle].path, shorter) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < marks->n && !strcmp(marks->v[low].path, shorter))
			return &marks->v[low];
		cut = strrchr(shorter, '.');
		if (!cut)
			cut = strrchr(shorter, '[');
		if (!cut)
			break;
		*cut = '\0';
	}
	return &nowhere;
}
