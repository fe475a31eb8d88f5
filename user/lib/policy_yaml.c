// SPDX-License-Identifier: GPL-2.0
/*
 * Second reading of a policy file, with libcyaml against a strict schema. What libcyaml has to say about an error is
 * meant for programmers; the log is taken apart here and said in the words of the policy: its backtrace gives the path
 * to the value and its place, the path leads through the schema to what belongs there.
 */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/jobward.h>
#include "cleanup.h"
#include "names_gen.h"
#include "policy_marks.h"
#include "provenance/provenance.h"

/* ---- words; filled from the functions that everybody uses ---- */

static cyaml_strval_t modes[JOBWARD_MODE_MAX + 1];
static cyaml_strval_t schedulers[JOBWARD_SCHEDULER_MAX];
static cyaml_strval_t provenances[JW_PROVENANCE_GENERATED + 1];
static const cyaml_strval_t states[] = {
	{ "approved", JOBWARD_STATE_APPROVED }, { "denied", JOBWARD_STATE_DENIED },
};
/* cyaml's own booleans take every word that is not "false" for true. */
static const cyaml_strval_t truths[] = { { "true", 1 }, { "false", 0 } };

static void fill_words(void)
{
	int i;

	for (i = 0; i <= JOBWARD_MODE_MAX; i++)
		modes[i] = (cyaml_strval_t){ jw_mode_name(i), i };
	for (i = 1; i <= JOBWARD_SCHEDULER_MAX; i++)
		schedulers[i - 1] = (cyaml_strval_t){ jw_scheduler_name(i), i };
	for (i = 0; i <= JW_PROVENANCE_GENERATED; i++)
		provenances[i] = (cyaml_strval_t){ jw_provenance_name((enum jw_provenance_kind)i), i };
}

/* ---- schema ---- */

#define STRICT (CYAML_FLAG_STRICT | CYAML_FLAG_CASE_SENSITIVE)
#define OPTIONAL (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
/* "writers:" with nothing but comments below it is as good as none. */
#define OPTIONAL_EMPTY (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER_NULL_STR)
#define WORD(key, type, member, words) \
	CYAML_FIELD_ENUM_PTR(key, OPTIONAL | STRICT, type, member, words, CYAML_ARRAY_LEN(words))
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 0, CYAML_UNLIMITED)
/* Texts at first: cyaml's own numbers take "1.5" for 1, "0100" for 64 and "0x10" for 16. */
#define NUMBER(key, type, member) TEXT(key, type, member)

static const cyaml_schema_field_t gate_fields[] = {
	WORD("run", struct jw_raw_gates, run, modes),
	WORD("write", struct jw_raw_gates, write, modes),
	WORD("module", struct jw_raw_gates, module, modes),
	CYAML_FIELD_END
};

#define CONDITIONS \
	WORD("provenance", struct jw_raw_job, provenance, provenances), \
	WORD("scheduler", struct jw_raw_job, scheduler, schedulers), \
	TEXT("package", struct jw_raw_job, package), \
	TEXT("owner", struct jw_raw_job, owner), \
	TEXT("source", struct jw_raw_job, source), \
	TEXT("command", struct jw_raw_job, command), \
	TEXT("reason", struct jw_raw_job, reason)

static const cyaml_schema_field_t job_fields[] = {
	CYAML_FIELD_ENUM("state", STRICT, struct jw_raw_job, state, states, CYAML_ARRAY_LEN(states)),
	CONDITIONS,
	CYAML_FIELD_END
};
static const cyaml_schema_value_t job_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct jw_raw_job, job_fields),
};
static const cyaml_schema_field_t planter_fields[] = {
	CONDITIONS,
	CYAML_FIELD_END
};
static const cyaml_schema_value_t planter_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct jw_raw_job, planter_fields),
};

static const cyaml_schema_value_t store_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED),
};
static const cyaml_schema_field_t writer_fields[] = {
	CYAML_FIELD_STRING_PTR("program", CYAML_FLAG_POINTER, struct jw_raw_writer, program, 0, CYAML_UNLIMITED),
	CYAML_FIELD_SEQUENCE_COUNT("stores", OPTIONAL, struct jw_raw_writer, stores, n_stores, &store_entry, 1, 64),
	WORD("lineage", struct jw_raw_writer, lineage, truths),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t writer_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct jw_raw_writer, writer_fields),
};

static const cyaml_schema_field_t module_fields[] = {
	TEXT("name", struct jw_raw_module, name),
	TEXT("sha256", struct jw_raw_module, sha256),
	TEXT("reason", struct jw_raw_module, reason),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t module_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct jw_raw_module, module_fields),
};
static const cyaml_schema_field_t modules_fields[] = {
	WORD("signed", struct jw_raw_modules, is_signed, truths),
	WORD("package", struct jw_raw_modules, package, truths),
	CYAML_FIELD_SEQUENCE_COUNT("allow", OPTIONAL_EMPTY, struct jw_raw_modules, allow, n_allow, &module_entry, 0,
				   CYAML_UNLIMITED),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t retention_fields[] = {
	NUMBER("days", struct jw_raw_retention, days),
	NUMBER("size_mib", struct jw_raw_retention, size_mib),
	CYAML_FIELD_END
};

static const cyaml_schema_field_t policy_fields[] = {
	NUMBER("version", struct jw_raw_policy, version),
	WORD("mode", struct jw_raw_policy, mode, modes),
	CYAML_FIELD_MAPPING_PTR("gates", OPTIONAL_EMPTY, struct jw_raw_policy, gates, gate_fields),
	NUMBER("hold_ms", struct jw_raw_policy, hold_ms),
	CYAML_FIELD_SEQUENCE_COUNT("jobs", OPTIONAL_EMPTY, struct jw_raw_policy, jobs, n_jobs, &job_entry, 0,
				   CYAML_UNLIMITED),
	CYAML_FIELD_SEQUENCE_COUNT("planters", OPTIONAL_EMPTY, struct jw_raw_policy, planters, n_planters,
				   &planter_entry, 0, CYAML_UNLIMITED),
	CYAML_FIELD_SEQUENCE_COUNT("writers", OPTIONAL_EMPTY, struct jw_raw_policy, writers, n_writers, &writer_entry,
				   0, CYAML_UNLIMITED),
	CYAML_FIELD_MAPPING_PTR("modules", OPTIONAL_EMPTY, struct jw_raw_policy, modules, modules_fields),
	CYAML_FIELD_MAPPING_PTR("retention", OPTIONAL_EMPTY, struct jw_raw_policy, retention, retention_fields),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t policy_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct jw_raw_policy, policy_fields),
};

/* ---- what libcyaml says ---- */

#define TRACE_MAX 12
#define KEY_MAX 64
#define PATH_LEN_MAX 256

/* A step of the backtrace: into the value of a key, or (key empty) into an entry of a list. */
struct step {
	char key[KEY_MAX];
	unsigned int entry;
};

struct trace {
	char first[256];		/* the first line: what was wrong */
	struct step steps[TRACE_MAX];	/* from the inside out */
	unsigned int n_steps;
	unsigned int line, column;	/* of what libcyaml read last */
};

static void take_line(struct trace *trace, const char *text)
{
	const char *place = strstr(text, "(line: ");
	struct step step = { 0 };
	unsigned int line, column;

	if (!trace->first[0] && !place)
		snprintf(trace->first, sizeof(trace->first), "%.*s", (int)strcspn(text, "\n"), text);
	if (!place)
		return;
	if (!trace->line && sscanf(place, "(line: %u, column: %u)", &line, &column) == 2) {
		trace->line = line;
		trace->column = column;
	}
	if (trace->n_steps < TRACE_MAX && (sscanf(text, " in mapping field '%63[^']'", step.key) == 1 ||
					   sscanf(text, " in sequence entry '%u'", &step.entry) == 1))
		trace->steps[trace->n_steps++] = step;
}

static void take_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	char text[512];

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	take_line(ctx, text);
}

/* ---- in the policy's words ---- */

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
	for (; fields && fields->key; fields++)
		if (!strcmp(fields->key, key))
			return fields;
	return NULL;
}

static const cyaml_schema_field_t *inner_fields(const cyaml_schema_value_t *value)
{
	if (value->type == CYAML_SEQUENCE)
		value = value->sequence.entry;
	return value->type == CYAML_MAPPING ? value->mapping.fields : NULL;
}

/* Where a trace ends. */
struct spot {
	const cyaml_schema_field_t *field;	/* innermost field that the value belongs to; NULL: none */
	const cyaml_schema_field_t *fields;	/* those that may stand there */
	char path[PATH_LEN_MAX];		/* as in the marks */
};

static void follow(const struct trace *trace, struct spot *spot)
{
	unsigned int i = trace->n_steps;
	size_t len = 0;

	*spot = (struct spot){ .fields = policy_fields };
	while (i-- && len < PATH_LEN_MAX) {
		const struct step *step = &trace->steps[i];
		const cyaml_schema_field_t *field;

		if (!step->key[0]) {
			/* libcyaml counts the entries that it has begun. */
			len += snprintf(spot->path + len, PATH_LEN_MAX - len, "[%u]",
					step->entry ? step->entry - 1 : 0);
			continue;
		}
		field = find_field(spot->fields, step->key);
		if (!field)
			return;
		spot->field = field;
		spot->fields = inner_fields(&field->value);
		len += snprintf(spot->path + len, PATH_LEN_MAX - len, "%s%s", len ? "." : "", step->key);
	}
}

static void list_words(const cyaml_schema_value_t *value, char *out, size_t size)
{
	size_t at = 0;
	uint32_t i;

	out[0] = '\0';
	for (i = 0; i < value->enumeration.count && at < size; i++)
		at += snprintf(out + at, size - at, "%s%s", i ? ", " : "", value->enumeration.strings[i].str);
}

static void list_keys(const cyaml_schema_field_t *fields, char *out, size_t size)
{
	size_t at = 0;
	int i;

	out[0] = '\0';
	for (i = 0; fields && fields[i].key && at < size; i++)
		at += snprintf(out + at, size - at, "%s%s", i ? ", " : "", fields[i].key);
}

static const char *type_words(const cyaml_schema_value_t *value)
{
	switch (value->type) {
	case CYAML_SEQUENCE:
		return "a list, each entry after a '-'";
	case CYAML_MAPPING:
		return "a group of keys with values";
	case CYAML_ENUM:
		return "a word";
	default:
		return "a single value";
	}
}

static const char *after(const char *text, const char *prefix)
{
	const char *p = strstr(text, prefix);

	return p ? p + strlen(prefix) : NULL;
}

/* What was wrong, in one sentence. Return: NULL when out of memory. */
static char *word_it(const struct trace *trace, const struct spot *spot, cyaml_err_t err)
{
	const cyaml_schema_value_t *value = spot->field ? &spot->field->value : NULL;
	const char *word;
	char *cause, list[256];
	int n;

	if ((word = after(trace->first, "Unexpected key: "))) {
		list_keys(spot->fields, list, sizeof(list));
		n = asprintf(&cause, "unknown key '%s'; known here: %s", word, list);
	} else if ((word = after(trace->first, "Missing required mapping field: "))) {
		n = asprintf(&cause, "'%s' is missing here", word);
	} else if (value && value->type == CYAML_ENUM && (word = after(trace->first, "Invalid ENUM value: "))) {
		list_words(value, list, sizeof(list));
		n = asprintf(&cause, "'%s' is no value of '%s': %s", word, spot->field->key, list);
	} else if (value && err == CYAML_ERR_SEQUENCE_ENTRIES_MIN) {
		n = asprintf(&cause, "'%s' is empty", spot->field->key);
	} else if (value && value->type == CYAML_SEQUENCE && !after(trace->first, "Expecting SEQUENCE")) {
		n = asprintf(&cause, "an entry of '%s' must be %s", spot->field->key,
			     type_words(value->sequence.entry));
	} else if (value && (err == CYAML_ERR_UNEXPECTED_EVENT || err == CYAML_ERR_INVALID_VALUE)) {
		n = asprintf(&cause, "'%s' must be %s", spot->field->key, type_words(value));
	} else if (after(trace->first, "Expecting MAPPING")) {
		n = asprintf(&cause, "a policy is %s", type_words(&policy_schema));
	} else {
		n = asprintf(&cause, "%s (%s)", cyaml_strerror(err), trace->first);
	}
	return n < 0 ? NULL : cause;
}

/*
 * libcyaml's place is that of what it read last. A key that it does not know it has not read, and one that is missing
 * it misses at the end of the mapping, so these are looked up among the marks.
 */
static void find_place(struct trace *trace, struct spot *spot, const struct jw_yaml_marks *marks)
{
	const char *key = after(trace->first, "Unexpected key: ");
	const struct jw_yaml_mark *mark;
	size_t len = strlen(spot->path);

	if (!key && !after(trace->first, "Missing required mapping field: ") && trace->line)
		return;
	if (key)
		snprintf(spot->path + len, PATH_LEN_MAX - len, "%s%s", len ? "." : "", key);
	mark = jw_yaml_mark(marks, spot->path);
	trace->line = mark->line ? mark->line : 1;
	trace->column = mark->line ? mark->column : 1;
}

/* Return: -EINVAL, or -ENOMEM when there was no memory to say why. */
static int explain(const char *file, struct trace *trace, cyaml_err_t err, const struct jw_yaml_marks *marks,
		   struct jw_diags *diags)
{
	_cleanup_free_ char *cause = NULL;
	struct spot spot;
	int r;

	follow(trace, &spot);
	cause = word_it(trace, &spot, err);
	if (!cause)
		return -ENOMEM;
	find_place(trace, &spot, marks);
	r = jw_diag_add(diags, JW_DIAG_ERROR, file, trace->line, trace->column, "%s", cause);
	return r ? r : -EINVAL;
}

static cyaml_config_t make_config(struct trace *trace)
{
	return (cyaml_config_t){
		.log_fn = take_log,
		.log_ctx = trace,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
}

int jw_yaml_read(const char *file, const char *buf, size_t len, struct jw_raw_policy **ret, struct jw_yaml_marks *marks,
		 struct jw_diags *diags)
{
	struct trace trace = { 0 };
	cyaml_config_t config = make_config(&trace);
	cyaml_err_t err;
	bool empty;
	int r;

	*ret = NULL;
	r = jw_yaml_read_marks(file, buf, len, marks, &empty, diags);
	if (r || empty)
		return r;
	fill_words();
	err = cyaml_load_data((const uint8_t *)buf, len, &config, &policy_schema, (cyaml_data_t **)ret, NULL);
	if (err == CYAML_OK)
		return 0;
	*ret = NULL;
	return err == CYAML_ERR_OOM ? -ENOMEM : explain(file, &trace, err, marks, diags);
}

void jw_yaml_free(struct jw_raw_policy *raw)
{
	cyaml_config_t config = make_config(NULL);

	cyaml_free(&config, &policy_schema, raw, 0);
}
