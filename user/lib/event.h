/* SPDX-License-Identifier: GPL-2.0 */
/* An event on the auditor's side: the kernel's record after lib/genl has read it, or a row of the store. */
#ifndef JOBWARD_EVENT_H
#define JOBWARD_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <linux/jobward.h>

#define JW_ANCESTORS_MAX JOBWARD_ANCESTORS_MAX

struct jw_ancestor {
	uint32_t pid, uid;
	char *comm, *exe;
};

struct jw_subject {
	uint32_t pid, tid, ppid, uid, euid, gid;
	uint64_t start_ns;
	bool has_auid, has_session, kthread;
	uint32_t auid, session;
	char *tty, *comm, *exe, *cgroup;	/* NULL: not known */
	char *argv;				/* each argument ends with a NUL byte */
	size_t argv_len;
	struct jw_ancestor ancestors[JW_ANCESTORS_MAX];
	unsigned int n_ancestors;
	const char *origin; /* "ssh", "console", "container", "job", "service"; static; NULL: not known */
	char *origin_address;
};

struct jw_object {
	bool present;
	char *path;
	uint32_t dev, gen, mode, uid;
	uint64_t ino, size, classes;
	uint32_t roles;
	bool has_sha256;
	uint8_t sha256[32];
	enum jobward_family family;	/* of a destination; of a unix socket's the path is its name, @ begins an abstract one */
	enum jobward_protocol protocol;
	char *address;			/* IPv4 or IPv6 as people write it */
	uint32_t port;
};

struct jw_event {
	uint64_t seq;			/* in the boot */
	char boot[37];			/* boot id, as /proc/sys/kernel/random/boot_id */
	uint64_t time_ns, boot_ns;
	enum jobward_kind kind;
	enum jobward_action action;
	enum jobward_verdict verdict;
	enum jobward_reason reason;
	uint64_t generation;
	enum jobward_scheduler scheduler;
	uint64_t job;			/* 0: none */
	bool has_key;
	uint8_t key[32];
	uint64_t root_seq;
	struct jw_subject subject;
	struct jw_object object, target;
	char *argv, *env, *text;	/* NUL inside */
	size_t argv_len, env_len, text_len;
	char *unit, *detail;
	uint64_t first, last, denials;	/* gaps */
	/* filled by ingest from the inventory as it stood then; copies */
	char *job_owner, *job_command, *job_source;
	char *rule;			/* "policy.yaml:14" */
	const char *attack[8];		/* ATT&CK techniques, static strings, NULL-terminated */
};

void jw_event_done(struct jw_event *event);
/* A destination in one word: 192.0.2.1:443, [2001:db8::1]:443, /run/x.sock; *ret NULL: it is none. Caller frees *ret.
 * Return: 0 or -ENOMEM. */
int jw_object_destination(const struct jw_object *object, char **ret);
/* The event as the contract's JSON object. Bytes that are no UTF-8 appear as U+FFFD. Return: new reference or NULL. */
json_t *jw_event_to_json(const struct jw_event *event);
/* Reads back what jw_event_to_json() made. Return: 0, -EINVAL or -ENOMEM. */
int jw_event_from_json(struct jw_event *event, const json_t *json);
/* The same as the bytes that the store keeps and hashes: compact, keys in the contract's order. Caller frees;
 * NULL: no memory. */
char *jw_event_to_text(const struct jw_event *event);
/* Return: 0, -EINVAL or -ENOMEM. */
int jw_event_from_text(struct jw_event *event, const char *text, size_t len);
/* Fills origin and attack from what the event has, and scheduler of a write from the store that its path lies in. */
void jw_event_enrich(struct jw_event *event);

/* Times as the contract has them: RFC 3339, UTC, nanoseconds. */
#define JW_TIME_MAX sizeof("2026-11-24T08:24:53.123456789Z")
void jw_time_format(uint64_t time_ns, char out[JW_TIME_MAX]);
/* Return: 0 or -EINVAL. */
int jw_time_parse(const char *s, uint64_t *ret_ns);

#endif
