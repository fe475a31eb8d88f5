// SPDX-License-Identifier: GPL-2.0
/*
 * The policy from its files. The shape of a file is policy_yaml.c's business; here each value is judged, with its
 * place, and what several files say becomes one policy. All errors of all files are told at once: an administrator
 * mends them in one go.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cleanup.h"
#include "grow.h"
#include "policy.h"
#include "policy_yaml.h"
#include "scheduler/table.h"

#define FILE_BYTES_MAX (1u << 20)
#define HOLD_MS_MIN 100
#define HOLD_MS_MAX 600000
#define DAYS_MAX 36500
#define SIZE_MIB_MIN 16
#define SIZE_MIB_MAX (1u << 24)
#define VERSION 1

/* One file on its way into the policy. */
struct source {
	const char *path;		/* whole, for diagnoses */
	const char *name;		/* base name, for rules */
	struct jw_yaml_marks marks;
	struct jw_diags *diags;
	bool bad;			/* an error was told */
	int err;			/* no memory */
};

static void complain(struct source *source, const char *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void complain(struct source *source, const char *at, const char *fmt, ...)
{
	const struct jw_yaml_mark *mark = jw_yaml_mark(&source->marks, at);
	_cleanup_free_ char *cause = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&cause, fmt, args) < 0)
		cause = NULL;
	va_end(args);
	source->bad = true;
	if (!cause || jw_diag_add(source->diags, JW_DIAG_ERROR, source->path, mark->line, mark->column, "%s", cause))
		source->err = -ENOMEM;
}

static unsigned int line_of(const struct source *source, const char *at)
{
	return jw_yaml_mark(&source->marks, at)->line;
}

static char *keep(struct source *source, const char *s)
{
	char *copy = s ? strdup(s) : NULL;

	if (s && !copy)
		source->err = -ENOMEM;
	return copy;
}

/* @array: address of the pointer to the first; copied, since pointers of different types must not alias. */
static void *add_zeroed(struct source *source, void *array, size_t *n, size_t size)
{
	char *v;

	memcpy(&v, array, sizeof(v));
	v = jw_grow(v, *n, size);
	if (!v) {
		source->err = -ENOMEM;
		return NULL;
	}
	memcpy(array, &v, sizeof(v));
	memset(v + *n * size, 0, size);
	return v + (*n)++ * size;
}

/* ---- jobs ---- */

/* A glob that any text matches says nothing. */
static bool says_nothing(const char *glob)
{
	return !glob || !glob[strspn(glob, "*")];
}

static void check_glob(struct source *source, const char *rule, const char *key, const char *glob)
{
	char at[64];

	if (!glob)
		return;
	snprintf(at, sizeof(at), "%s.%s", rule, key);
	if (!glob[0])
		complain(source, at, "'%s' is empty: leave it out where it does not matter", key);
	else if (!strcmp(key, "source") && glob[0] != '/' && glob[0] != '*')
		complain(source, at, "'source' must be a whole path: it begins with '/'");
}

static bool matches_all(const struct jw_raw_job *raw)
{
	return !raw->provenance && !raw->scheduler && says_nothing(raw->package) && says_nothing(raw->owner) &&
	       says_nothing(raw->source) && says_nothing(raw->command);
}

/* @at: "jobs[2]". @rule: zeroed; NULL: no memory for it. */
static void take_conditions(struct source *source, struct jw_policy_job_rule *rule, const struct jw_raw_job *raw,
			    const char *at)
{
	check_glob(source, at, "package", raw->package);
	check_glob(source, at, "owner", raw->owner);
	check_glob(source, at, "source", raw->source);
	check_glob(source, at, "command", raw->command);
	if (!rule)
		return;
	rule->file = keep(source, source->name);
	rule->line = line_of(source, at);
	rule->provenance = raw->provenance ? *raw->provenance : -1;
	rule->scheduler = raw->scheduler ? *raw->scheduler : -1;
	rule->package = keep(source, raw->package);
	rule->owner = keep(source, raw->owner);
	rule->source = keep(source, raw->source);
	rule->command = keep(source, raw->command);
	rule->reason = keep(source, raw->reason);
}

static void take_job(struct source *source, struct jw_policy *policy, const struct jw_raw_job *raw, unsigned int i)
{
	struct jw_policy_job_rule *rule = add_zeroed(source, &policy->jobs, &policy->n_jobs, sizeof(*rule));
	char at[32];

	snprintf(at, sizeof(at), "jobs[%u]", i);
	if (raw->state == JOBWARD_STATE_APPROVED && matches_all(raw))
		complain(source, at,
			 "this rule approves every job: give it a condition (provenance, package, scheduler, owner,"
			 " source, command)");
	take_conditions(source, rule, raw, at);
	if (rule)
		rule->state = (enum jobward_state)raw->state;
}

static void take_planter(struct source *source, struct jw_policy *policy, const struct jw_raw_job *raw,
			 unsigned int i)
{
	struct jw_policy_job_rule *planter = add_zeroed(source, &policy->planters, &policy->n_planters,
							sizeof(*planter));
	char at[32];

	snprintf(at, sizeof(at), "planters[%u]", i);
	if (matches_all(raw))
		complain(source, at,
			 "this lets every job plant jobs: give it a condition (provenance, package, scheduler, owner,"
			 " source, command)");
	take_conditions(source, planter, raw, at);
}

/* ---- writers ---- */

static void check_program(struct source *source, const char *at, const char *program)
{
	if (program[0] != '/')
		complain(source, at, "'program' must be a whole path: it begins with '/'");
	else if (strstr(program, "/../") || strstr(program, "/./") || strstr(program, "//") ||
		 program[strlen(program) - 1] == '/')
		complain(source, at, "'program' must be the path of one file, without '..', '.' or '//'");
	else if (strpbrk(program, "*?["))
		complain(source, at, "'program' names one file; patterns are not possible here");
}

static void check_store(struct source *source, const char *at, const char *store)
{
	char names[256] = "";
	size_t len = 0;
	unsigned int c;
	int class = jw_class_from_name(store);

	/* jobward's own files have one writer, and no policy may add one: it would be the way to weaken the policy. */
	if (class >= 0 && class != JW_CLASS_JOBWARD)
		return;
	for (c = 0; c < JW_CLASS_MAX; c++)
		if (c != JW_CLASS_JOBWARD)
			len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "", jw_class_name(c));
	complain(source, at, "'%s' is no value of 'stores': %s", store, names);
}

static void take_writer(struct source *source, struct jw_policy *policy, const struct jw_raw_writer *raw,
			unsigned int i)
{
	struct jw_policy_writer *writer;
	unsigned int k;
	char at[64];

	writer = add_zeroed(source, &policy->writers, &policy->n_writers, sizeof(*writer));
	if (!writer)
		return;
	snprintf(at, sizeof(at), "writers[%u]", i);
	writer->file = keep(source, source->name);
	writer->line = line_of(source, at);
	writer->program = keep(source, raw->program);
	writer->lineage = raw->lineage && *raw->lineage;
	snprintf(at, sizeof(at), "writers[%u].program", i);
	check_program(source, at, raw->program);
	for (k = 0; k < raw->n_stores; k++) {
		char **store = add_zeroed(source, &writer->stores, &writer->n_stores, sizeof(*store));

		snprintf(at, sizeof(at), "writers[%u].stores[%u]", i, k);
		check_store(source, at, raw->stores[k]);
		if (store)
			*store = keep(source, raw->stores[k]);
	}
}

/* ---- modules ---- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_sha256(const char *hex, uint8_t out[32])
{
	int i;

	if (strlen(hex) != 64)
		return false;
	for (i = 0; i < 32; i++) {
		int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void check_module_name(struct source *source, const char *at, char *name)
{
	char *p;

	if (!name[0] || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")])
		complain(source, at,
			 "'%s' is no name of a module: letters, digits, '_' and '-', without folder and '.ko'", name);
	/* The kernel's name has no '-' in it, that of the file may (modprobe(8)). */
	for (p = name; *p; p++)
		if (*p == '-')
			*p = '_';
}

static void take_module(struct source *source, struct jw_policy *policy, const struct jw_raw_module *raw,
			unsigned int i)
{
	struct jw_policy_module *module;
	char at[64];

	module = add_zeroed(source, &policy->modules, &policy->n_modules, sizeof(*module));
	if (!module)
		return;
	snprintf(at, sizeof(at), "modules.allow[%u]", i);
	module->file = keep(source, source->name);
	module->line = line_of(source, at);
	module->reason = keep(source, raw->reason);
	if (!raw->name == !raw->sha256) {
		complain(source, at, "a module is named by either 'name' or 'sha256'");
		return;
	}
	if (raw->name) {
		snprintf(at, sizeof(at), "modules.allow[%u].name", i);
		module->name = keep(source, raw->name);
		if (module->name)
			check_module_name(source, at, module->name);
		return;
	}
	snprintf(at, sizeof(at), "modules.allow[%u].sha256", i);
	module->has_sha256 = parse_sha256(raw->sha256, module->sha256);
	if (!module->has_sha256)
		complain(source, at, "'sha256' must be 64 hexadecimal digits, as sha256sum prints them");
}

/* ---- single values ---- */

/* A whole number in decimal digits. Return: false when it is none, or one that fits no uint32_t. */
static bool parse_number(const char *s, uint32_t *ret)
{
	size_t len = strlen(s);
	unsigned long long v;

	if (!len || len > 10 || strspn(s, "0123456789") != len || (s[0] == '0' && len > 1))
		return false;
	v = strtoull(s, NULL, 10);
	*ret = (uint32_t)v;
	return v <= UINT32_MAX;
}

static void take_number(struct source *source, const char *at, const char *raw, uint32_t min, uint32_t max,
			uint32_t *ret)
{
	const char *key = strrchr(at, '.') ? strrchr(at, '.') + 1 : at;
	uint32_t v;

	if (!raw)
		return;
	if (!parse_number(raw, &v) || v < min || v > max)
		complain(source, at, "'%s' must be a whole number from %u to %u", key, min, max);
	else
		*ret = v;
}

static void take_modes(struct jw_policy *policy, const struct jw_raw_policy *raw)
{
	const int *gates[JOBWARD_GATE_MAX + 1] = { NULL };
	int gate;

	if (raw->gates) {
		gates[JOBWARD_GATE_RUN] = raw->gates->run;
		gates[JOBWARD_GATE_WRITE] = raw->gates->write;
		gates[JOBWARD_GATE_MODULE] = raw->gates->module;
	}
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		const int *mode = gates[gate] ? gates[gate] : raw->mode;

		if (!mode)
			continue;
		policy->has_mode[gate] = true;
		policy->mode[gate] = (enum jobward_mode)*mode;
	}
}

static void take_retention(struct source *source, struct jw_policy *policy, const struct jw_raw_retention *raw)
{
	uint32_t size_mib = policy->retention_size_mib;

	take_number(source, "retention.days", raw->days, 0, DAYS_MAX, &policy->retention_days);
	take_number(source, "retention.size_mib", raw->size_mib, 0, SIZE_MIB_MAX, &size_mib);
	if (size_mib && size_mib < SIZE_MIB_MIN)
		complain(source, "retention.size_mib", "'size_mib' must be 0 (no limit) or at least %d", SIZE_MIB_MIN);
	policy->retention_size_mib = size_mib;
}

static void take_raw(struct source *source, struct jw_policy *policy, const struct jw_raw_policy *raw)
{
	uint32_t version = VERSION;
	unsigned int i;

	take_number(source, "version", raw->version, 1, UINT32_MAX, &version);
	if (version != VERSION)
		complain(source, "version", "this is version %u of the policy's language, this program knows %d",
			 version, VERSION);
	take_modes(policy, raw);
	take_number(source, "hold_ms", raw->hold_ms, HOLD_MS_MIN, HOLD_MS_MAX, &policy->hold_ms);
	for (i = 0; i < raw->n_jobs; i++)
		take_job(source, policy, &raw->jobs[i], i);
	for (i = 0; i < raw->n_planters; i++)
		take_planter(source, policy, &raw->planters[i], i);
	for (i = 0; i < raw->n_writers; i++)
		take_writer(source, policy, &raw->writers[i], i);
	if (raw->modules) {
		if (raw->modules->is_signed)
			policy->modules_signed = *raw->modules->is_signed;
		if (raw->modules->package)
			policy->modules_package = *raw->modules->package;
		for (i = 0; i < raw->modules->n_allow; i++)
			take_module(source, policy, &raw->modules->allow[i], i);
	}
	if (raw->retention)
		take_retention(source, policy, raw->retention);
}

/* ---- files ---- */

/* Return: 0, -EINVAL when it was told in the diagnoses, or the errno of the file system, told too. */
static int read_file(struct source *source, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	_cleanup_fd_ int fd = -1;
	struct stat st;
	size_t len = 0;
	ssize_t n;

	/* O_NONBLOCK: a FIFO in the folder must not hold the daemon up. */
	fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		int err = -errno;

		complain(source, "", "it can't be read: %s", strerror(-err));
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		complain(source, "", "it is not a regular file");
		return -EINVAL;
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) &&
	    jw_diag_add(source->diags, JW_DIAG_WARNING, source->path, 0, 0,
			"others than its owner can write this file (mode %04o)", st.st_mode & 07777))
		return -ENOMEM;
	buf = malloc(FILE_BYTES_MAX + 1);
	if (!buf)
		return -ENOMEM;
	while (len <= FILE_BYTES_MAX && (n = read(fd, buf + len, FILE_BYTES_MAX + 1 - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	if (len > FILE_BYTES_MAX) {
		complain(source, "", "it is bigger than %u bytes", FILE_BYTES_MAX);
		return -EINVAL;
	}
	*ret = buf;
	*ret_len = len;
	buf = NULL;
	return 0;
}

static int load_file(struct jw_policy *policy, const char *path, struct jw_diags *diags)
{
	const char *slash = strrchr(path, '/');
	struct source source = { .path = path, .name = slash ? slash + 1 : path, .diags = diags };
	struct jw_raw_policy *raw = NULL;
	_cleanup_free_ char *buf = NULL;
	size_t len = 0;
	int r;

	r = read_file(&source, &buf, &len);
	if (!r)
		r = jw_yaml_read(path, buf, len, &raw, &source.marks, diags);
	if (!r && raw)
		take_raw(&source, policy, raw);
	jw_yaml_free(raw);
	jw_yaml_marks_done(&source.marks);
	if (source.err)
		return source.err;
	return r ? r : source.bad ? -EINVAL : 0;
}

static int is_policy(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".yaml");
}

/* By bytes: alphasort() would follow the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_folder(struct jw_policy *policy, const char *folder, struct jw_diags *diags)
{
	struct dirent **entries = NULL;
	int n, i, r = 0, err = 0;

	n = scandir(folder, &entries, is_policy, by_name);
	if (n < 0 && errno != ENOENT) {
		err = -errno;
		if (jw_diag_add(diags, JW_DIAG_ERROR, folder, 0, 0, "it can't be read: %s", strerror(-err)))
			return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0) {
			path = NULL;
			r = -ENOMEM;
		} else {
			r = load_file(policy, path, diags);
		}
		if (r && (!err || r == -ENOMEM))
			err = r;
		free(entries[i]);
	}
	free(entries);
	return err;
}

/* Moves the first @n rules behind the others. */
static int rotate_rules(struct jw_policy *policy, size_t n)
{
	_cleanup_free_ struct jw_policy_job_rule *first = NULL;
	size_t rest = policy->n_jobs - n;

	if (!n || !rest)
		return 0;
	first = reallocarray(NULL, n, sizeof(*first));
	if (!first)
		return -ENOMEM;
	memcpy(first, policy->jobs, n * sizeof(*first));
	memmove(policy->jobs, policy->jobs + n, rest * sizeof(*first));
	memcpy(policy->jobs + rest, first, n * sizeof(*first));
	return 0;
}

int jw_policy_load(struct jw_policy **ret, const char *file, const char *folder, struct jw_diags *diags)
{
	struct jw_policy *policy = calloc(1, sizeof(*policy));
	size_t from_file;
	int r = 0, more;

	*ret = NULL;
	if (!policy)
		return -ENOMEM;
	policy->hold_ms = 10000;
	policy->modules_signed = policy->modules_package = true;
	policy->retention_days = 90;
	policy->retention_size_mib = 1024;
	if (file)
		r = load_file(policy, file, diags);
	from_file = policy->n_jobs;
	if (folder && r != -ENOMEM) {
		more = load_folder(policy, folder, diags);
		r = r ? r : more;
	}
	if (!r)
		r = rotate_rules(policy, from_file);
	if (r) {
		jw_policy_free(policy);
		return r;
	}
	*ret = policy;
	return 0;
}

static void free_rules(struct jw_policy_job_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(rules[i].file);
		free(rules[i].package);
		free(rules[i].owner);
		free(rules[i].source);
		free(rules[i].command);
		free(rules[i].reason);
	}
	free(rules);
}

void jw_policy_free(struct jw_policy *policy)
{
	size_t i, k;

	if (!policy)
		return;
	free_rules(policy->jobs, policy->n_jobs);
	free_rules(policy->planters, policy->n_planters);
	for (i = 0; i < policy->n_writers; i++) {
		for (k = 0; k < policy->writers[i].n_stores; k++)
			free(policy->writers[i].stores[k]);
		free(policy->writers[i].stores);
		free(policy->writers[i].program);
		free(policy->writers[i].file);
	}
	for (i = 0; i < policy->n_modules; i++) {
		free(policy->modules[i].file);
		free(policy->modules[i].name);
		free(policy->modules[i].reason);
	}
	free(policy->writers);
	free(policy->modules);
	free(policy);
}
