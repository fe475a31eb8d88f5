/* SPDX-License-Identifier: GPL-2.0 */
/* One event → one record: attributes of the netlink set "event", encoded once, copied as they lie ever after. */
#ifndef JOBWARD_KMOD_EVENT_H
#define JOBWARD_KMOD_EVENT_H

#include <linux/types.h>
#include <uapi/linux/jobward.h>

struct jw_ancestor {
	u32 pid, uid;
	const char *comm, *exe;		/* NULL: not known */
};

/* Who acts. Strings belong to whoever filled it (subject.c). */
struct jw_subject {
	u32 pid, tid, ppid, uid, euid, gid, auid, session;
	bool has_auid, has_session, kthread;
	u64 start_ns;
	const char *tty, *comm, *exe, *cgroup;
	const char *argv;
	u32 argv_len;
	u32 n_ancestors;
	struct jw_ancestor ancestors[JOBWARD_ANCESTORS_MAX];
};

struct jw_object {
	const char *path;
	u32 dev, gen, mode, uid, roles;
	u64 ino, size, classes;
	const u8 *sha256;		/* JOBWARD_DIGEST_SIZE bytes or NULL */
	u32 family, protocol, port, address_len;	/* of a destination; enum jobward_family, enum jobward_protocol */
	const u8 *address;		/* address_len bytes in network order */
};

/* Filled once, on the stack of a gate; pointers are read by jw_event_encode() only. Zero and NULL mean absent. */
struct jw_event {
	u64 time_ns, boot_ns;
	u32 kind, action, verdict, reason, scheduler;
	u64 generation, job, root_seq;
	const u8 *key;
	const struct jw_subject *subject;
	const struct jw_object *object, *target;
	const char *argv, *env, *text;
	u32 argv_len, env_len, text_len;
	const char *unit, *detail;
	u64 first, last, denials;
};

/**
 * jw_event_size() - bytes that jw_event_encode() will write
 * @event: the event
 *
 * Long strings are cut so that the sum stays below JW_RECORD_MAX.
 * Context: any. Return: bytes.
 */
u32 jw_event_size(const struct jw_event *event);

/**
 * jw_event_encode() - writes the attributes
 * @event: the event
 * @seq: its sequence number
 * @buf: where to
 * @len: what jw_event_size() said
 *
 * Context: any.
 */
void jw_event_encode(const struct jw_event *event, u64 seq, void *buf, u32 len);

#endif
