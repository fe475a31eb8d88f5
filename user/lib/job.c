// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs as values: lists, ids, keys and fingerprints. An id says "the same job" to people, a key says "the same exec" to
 * the kernel, a fingerprint says "the same approval".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <jobward/job_key.h>
#include "job.h"

/* Capacity of a list of @n: nothing keeps it, it follows from the length. */
static size_t capacity(size_t n)
{
	size_t cap = 1;

	if (!n)
		return 0;
	while (cap < n)
		cap *= 2;
	return cap;
}

/* Room for @need entries of @size in @v that has @n. Return: the array, NULL when out of memory. */
static void *grow(void *v, size_t n, size_t need, size_t size)
{
	if (v && need <= capacity(n))
		return v;
	return reallocarray(v, capacity(need), size);
}

struct jw_job *jw_jobs_add(struct jw_jobs *list)
{
	struct jw_job *v = grow(list->v, list->n, list->n + 1, sizeof(*v));

	if (!v)
		return NULL;
	list->v = v;
	v[list->n] = (struct jw_job){ .uid = (uid_t)-1 };
	return &v[list->n++];
}

struct jw_exec *jw_job_add_exec(struct jw_job *job)
{
	struct jw_exec *v = grow(job->execs, job->n_execs, job->n_execs + 1, sizeof(*v));

	if (!v)
		return NULL;
	job->execs = v;
	v[job->n_execs] = (struct jw_exec){ 0 };
	return &v[job->n_execs++];
}

int jw_exec_set_argv(struct jw_exec *exec, ...)
{
	const char *arg;
	size_t len = 0;
	char *argv, *p;
	va_list ap;

	va_start(ap, exec);
	while ((arg = va_arg(ap, const char *)))
		len += strlen(arg) + 1;
	va_end(ap);
	argv = malloc(len ? len : 1);
	if (!argv)
		return -ENOMEM;
	p = argv;
	va_start(ap, exec);
	while ((arg = va_arg(ap, const char *)))
		p = stpcpy(p, arg) + 1;
	va_end(ap);
	free(exec->argv);
	exec->argv = argv;
	exec->argv_len = len;
	return 0;
}

int jw_exec_set_content(struct jw_exec *exec, const void *data, size_t len)
{
	char *content = malloc(len + 1);

	if (!content)
		return -ENOMEM;
	if (len)
		memcpy(content, data, len);
	content[len] = '\0';
	if (EVP_Digest(content, len, exec->content_sha256, NULL, EVP_sha256(), NULL) != 1) {
		free(content);
		return -ENOMEM;
	}
	free(exec->content);
	exec->content = content;
	exec->content_len = len;
	exec->has_content = true;
	return 0;
}

int jw_jobs_move(struct jw_jobs *to, struct jw_jobs *from)
{
	struct jw_job *v;

	if (!from->n) {
		jw_jobs_done(from);
		return 0;
	}
	v = grow(to->v, to->n, to->n + from->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	to->v = v;
	memcpy(v + to->n, from->v, from->n * sizeof(*v));
	to->n += from->n;
	free(from->v);
	*from = (struct jw_jobs){ 0 };
	return 0;
}

static void exec_done(struct jw_exec *exec)
{
	char **e;

	for (e = exec->env; e && *e; e++)
		free(*e);
	free(exec->env);
	free(exec->argv);
	free(exec->program);
	free(exec->content);
}

void jw_job_done(struct jw_job *job)
{
	size_t i;

	for (i = 0; i < job->n_execs; i++)
		exec_done(&job->execs[i]);
	for (i = 0; i < job->n_pins; i++) {
		free(job->pins[i].path);
		free(job->pins[i].package);
	}
	free(job->execs);
	free(job->pins);
	free(job->owner);
	free(job->name);
	free(job->path);
	free(job->schedule);
	free(job->command);
	free(job->input);
	free(job->source);
	free(job->unreadable);
	free(job->provenance.package);
	free(job->provenance.version);
	free(job->reason);
	*job = (struct jw_job){ .uid = (uid_t)-1 };
}

void jw_jobs_done(struct jw_jobs *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		jw_job_done(&list->v[i]);
	free(list->v);
	*list = (struct jw_jobs){ 0 };
}

/*
 * A running SHA-256 that remembers whether a step failed, so that jw_job_key_feed()'s callback, which can't return an
 * error, needs none.
 */
struct hash {
	EVP_MD_CTX *ctx;
	bool failed;
};

static void hash_init(struct hash *h)
{
	h->ctx = EVP_MD_CTX_new();
	h->failed = !h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1;
}

static void hash_update(void *ctx, const void *data, size_t len)
{
	struct hash *h = ctx;

	if (!h->failed && len && EVP_DigestUpdate(h->ctx, data, len) != 1)
		h->failed = true;
}

/* Length first, so that two fields can't borrow bytes from each other; NULL differs from "". */
static void hash_field(struct hash *h, const char *s)
{
	uint64_t len = s ? strlen(s) : UINT64_MAX;

	hash_update(h, &len, sizeof(len));
	if (s)
		hash_update(h, s, len);
}

static int hash_final(struct hash *h, uint8_t out[JW_DIGEST_SIZE])
{
	if (!h->failed && EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
		h->failed = true;
	EVP_MD_CTX_free(h->ctx);
	if (!h->failed)
		return 0;
	memset(out, 0, JW_DIGEST_SIZE);
	return -ENOMEM;
}

/*
 * An id that a later start must find again: from text alone, no pointer, inode or time. A job that can't be parsed has
 * neither command nor input; its line tells it from others of its file.
 */
void jw_job_set_id(struct jw_job *job, unsigned int ordinal)
{
	uint32_t scheduler = job->scheduler, n = ordinal;
	uint8_t digest[JW_DIGEST_SIZE];
	struct hash h;
	uint64_t id = 0;
	int i;

	hash_init(&h);
	hash_update(&h, "jobward-id-1", sizeof("jobward-id-1"));
	hash_update(&h, &scheduler, sizeof(scheduler));
	hash_field(&h, job->owner);
	hash_field(&h, job->path);
	hash_field(&h, job->name);
	if (!job->name) {
		hash_field(&h, job->command);
		hash_field(&h, job->input);
		if (job->unreadable)
			hash_update(&h, &job->line, sizeof(job->line));
	}
	hash_update(&h, &n, sizeof(n));
	if (hash_final(&h, digest) == 0)
		for (i = 0; i < 8; i++)
			id = id << 8 | digest[i];
	job->id = id ? id : 1;
}

void jw_job_id_format(uint64_t id, char out[JW_ID_HEX])
{
	snprintf(out, JW_ID_HEX, "%016" PRIx64, id);
}

static int compare_env(const void *a, const void *b)
{
	return jw_job_key_env_cmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * The covered variables of the exec, sorted. In an environment with the same name twice all copies count, as they do
 * for the kernel: which one a program takes is its own affair.
 */
static const char **covered_env(const struct jw_exec *exec, bool path, uint32_t *n)
{
	size_t total = 0, i;
	const char **env;

	while (exec->env && exec->env[total])
		total++;
	env = calloc(total + 1, sizeof(*env));
	if (!env)
		return NULL;
	*n = 0;
	for (i = 0; i < total; i++)
		if (jw_job_key_env_covered(exec->env[i], path))
			env[(*n)++] = exec->env[i];
	qsort(env, *n, sizeof(*env), compare_env);
	return env;
}

int jw_exec_set_key(struct jw_exec *exec, enum jobward_scheduler scheduler, uid_t uid, const char *unit)
{
	bool path = scheduler != JOBWARD_SCHEDULER_SYSTEMD && scheduler != JOBWARD_SCHEDULER_SYSTEMD_USER;
	struct jw_job_key_parts parts = {
		.scheduler = scheduler, .uid = uid, .unit = unit, .unit_len = strlen(unit),
		.argv = exec->argv ? exec->argv : "", .argv_len = exec->argv_len,
		.content = exec->has_content ? exec->content_sha256 : NULL,
	};
	const char **env = covered_env(exec, path, &parts.n_env);
	struct hash h;
	int r;

	if (!env)
		return -ENOMEM;
	parts.env = env;
	hash_init(&h);
	jw_job_key_feed(&parts, hash_update, &h);
	r = hash_final(&h, exec->key);
	free(env);
	return r;
}

void jw_job_fingerprint(const struct jw_job *job, uint8_t out[JW_DIGEST_SIZE])
{
	struct hash h;
	size_t i;

	hash_init(&h);
	hash_update(&h, "jobward-approval-1", sizeof("jobward-approval-1"));
	hash_update(&h, &(uint64_t){ job->n_execs }, 8);
	for (i = 0; i < job->n_execs; i++)
		hash_update(&h, job->execs[i].key, JW_DIGEST_SIZE);
	hash_update(&h, &(uint64_t){ job->n_pins }, 8);
	for (i = 0; i < job->n_pins; i++) {
		hash_field(&h, job->pins[i].path);
		hash_update(&h, &(uint8_t){ job->pins[i].present }, 1);
		hash_update(&h, job->pins[i].sha256, JW_DIGEST_SIZE);
	}
	hash_final(&h, out);
}
