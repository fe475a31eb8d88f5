// SPDX-License-Identifier: GPL-2.0
/*
 * See event.h. The same walk measures (buf NULL) and writes, so that the two cannot differ. Alignment is netlink's own
 * (4 bytes); readers take 64-bit values out by copying.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <asm/word-at-a-time.h>
#include "event.h"
#include "ring.h"

/* What one part may take of a record; the sum of the worst case stays below JW_RECORD_MAX. */
#define PATH_CUT 1024u
#define ARGV_CUT 1536u
#define ENV_CUT 512u
#define TEXT_CUT 4096u
#define WORD_CUT 256u
#define ANCESTOR_CUT 128u

struct out {
	u8 *buf;	/* NULL: measure */
	u32 len;
};

static void put(struct out *out, u16 type, const void *data, u32 len)
{
	if (out->buf) {
		struct nlattr *nla = (struct nlattr *)(out->buf + out->len);
		u32 pad = NLA_ALIGN(len) - len;

		nla->nla_type = type;
		nla->nla_len = NLA_HDRLEN + len;
		memcpy((u8 *)nla + NLA_HDRLEN, data, len);
		memset((u8 *)nla + NLA_HDRLEN + len, 0, pad);
	}
	out->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static void put_u32(struct out *out, u16 type, u32 v)
{
	put(out, type, &v, sizeof(v));
}

static void put_u64(struct out *out, u16 type, u64 v)
{
	put(out, type, &v, sizeof(v));
}

static void put_u64_if(struct out *out, u16 type, u64 v)
{
	if (v)
		put_u64(out, type, v);
}

/*
 * strnlen() by words: an event's texts are measured twice, under a lock the second time. Reads whole aligned words, of which the last
 * may reach past the end of the string, never past the end of its page.
 */
static u32 text_length(const char *s, u32 max)
{
	static const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word, data;
	u32 len = 0;

	for (; len < max && (unsigned long)(s + len) % sizeof(long); len++)
		if (!s[len])
			return len;
	for (; len < max; len += sizeof(long)) {
		word = read_word_at_a_time(s + len);
		if (has_zero(word, &data, &constants)) {
			data = prep_zero_mask(word, data, &constants);
			return min(max, len + (u32)find_zero(create_zero_mask(data)));
		}
	}
	return max;
}

/* The cut may fall into the middle of the string: its NUL byte is then written by hand. */
static void put_string(struct out *out, u16 type, const char *s, u32 cut)
{
	u32 len, at = out->len;

	if (!s)
		return;
	len = text_length(s, cut - 1);
	put(out, type, s, len + 1);
	if (out->buf)
		out->buf[at + NLA_HDRLEN + len] = 0;
}

static void put_bytes(struct out *out, u16 type, const void *data, u32 len, u32 cut)
{
	u32 at = out->len;

	if (!data || !len)
		return;
	put(out, type, data, min(len, cut));
	/* Readers count on a NUL byte at the end, also of what was cut. */
	if (out->buf && len > cut)
		out->buf[at + NLA_HDRLEN + cut - 1] = 0;
}

static u32 begin(struct out *out)
{
	u32 at = out->len;

	out->len += NLA_HDRLEN;
	return at;
}

static void end(struct out *out, u16 type, u32 at)
{
	if (out->buf) {
		struct nlattr *nla = (struct nlattr *)(out->buf + at);

		nla->nla_type = type | NLA_F_NESTED;
		nla->nla_len = out->len - at;
	}
}

static void put_ancestor(struct out *out, const struct jw_ancestor *a)
{
	u32 at = begin(out);

	put_u32(out, JOBWARD_A_ANCESTOR_PID, a->pid);
	put_u32(out, JOBWARD_A_ANCESTOR_UID, a->uid);
	put_string(out, JOBWARD_A_ANCESTOR_COMM, a->comm, 16);
	put_string(out, JOBWARD_A_ANCESTOR_EXE, a->exe, ANCESTOR_CUT);
	end(out, JOBWARD_A_SUBJECT_ANCESTOR, at);
}

static void put_subject(struct out *out, const struct jw_subject *s)
{
	u32 i, at;

	if (!s)
		return;
	at = begin(out);
	put_u32(out, JOBWARD_A_SUBJECT_PID, s->pid);
	put_u32(out, JOBWARD_A_SUBJECT_TID, s->tid);
	put_u32(out, JOBWARD_A_SUBJECT_PPID, s->ppid);
	put_u64(out, JOBWARD_A_SUBJECT_START_NS, s->start_ns);
	put_u32(out, JOBWARD_A_SUBJECT_UID, s->uid);
	put_u32(out, JOBWARD_A_SUBJECT_EUID, s->euid);
	put_u32(out, JOBWARD_A_SUBJECT_GID, s->gid);
	if (s->has_auid)
		put_u32(out, JOBWARD_A_SUBJECT_AUID, s->auid);
	if (s->has_session)
		put_u32(out, JOBWARD_A_SUBJECT_SESSION, s->session);
	put_string(out, JOBWARD_A_SUBJECT_TTY, s->tty, 64);
	put_string(out, JOBWARD_A_SUBJECT_COMM, s->comm, 16);
	put_string(out, JOBWARD_A_SUBJECT_EXE, s->exe, PATH_CUT);
	put_bytes(out, JOBWARD_A_SUBJECT_ARGV, s->argv, s->argv_len, ARGV_CUT);
	put_string(out, JOBWARD_A_SUBJECT_CGROUP, s->cgroup, WORD_CUT);
	for (i = 0; i < s->n_ancestors && i < JOBWARD_ANCESTORS_MAX; i++)
		put_ancestor(out, &s->ancestors[i]);
	if (s->kthread)
		put(out, JOBWARD_A_SUBJECT_KTHREAD, NULL, 0);
	end(out, JOBWARD_A_EVENT_SUBJECT, at);
}

static void put_object(struct out *out, u16 type, const struct jw_object *o)
{
	u32 at;

	if (!o)
		return;
	at = begin(out);
	put_string(out, JOBWARD_A_OBJECT_PATH, o->path, PATH_CUT);
	if (o->ino) {
		put_u32(out, JOBWARD_A_OBJECT_DEV, o->dev);
		put_u64(out, JOBWARD_A_OBJECT_INO, o->ino);
		put_u32(out, JOBWARD_A_OBJECT_GEN, o->gen);
		put_u32(out, JOBWARD_A_OBJECT_MODE, o->mode);
		put_u32(out, JOBWARD_A_OBJECT_UID, o->uid);
		put_u64(out, JOBWARD_A_OBJECT_SIZE, o->size);
	}
	put_bytes(out, JOBWARD_A_OBJECT_SHA256, o->sha256, JOBWARD_DIGEST_SIZE, JOBWARD_DIGEST_SIZE);
	if (o->roles)
		put_u32(out, JOBWARD_A_OBJECT_ROLES, o->roles);
	put_u64_if(out, JOBWARD_A_OBJECT_CLASSES, o->classes);
	if (o->family) {
		put_u32(out, JOBWARD_A_OBJECT_FAMILY, o->family);
		put_u32(out, JOBWARD_A_OBJECT_PROTOCOL, o->protocol);
	}
	if (o->address_len) {
		put_bytes(out, JOBWARD_A_OBJECT_ADDRESS, (const char *)o->address, o->address_len, o->address_len);
		put_u32(out, JOBWARD_A_OBJECT_PORT, o->port);
	}
	end(out, type, at);
}

static void walk(struct out *out, const struct jw_event *e, u64 seq)
{
	put_u64(out, JOBWARD_A_EVENT_SEQ, seq);
	put_u64(out, JOBWARD_A_EVENT_TIME_NS, e->time_ns);
	put_u64(out, JOBWARD_A_EVENT_BOOT_NS, e->boot_ns);
	put_u32(out, JOBWARD_A_EVENT_KIND, e->kind);
	put_u32(out, JOBWARD_A_EVENT_ACTION, e->action);
	put_u32(out, JOBWARD_A_EVENT_VERDICT, e->verdict);
	put_u32(out, JOBWARD_A_EVENT_REASON, e->reason);
	put_u64_if(out, JOBWARD_A_EVENT_GENERATION, e->generation);
	if (e->scheduler)
		put_u32(out, JOBWARD_A_EVENT_SCHEDULER, e->scheduler);
	put_u64_if(out, JOBWARD_A_EVENT_JOB, e->job);
	put_bytes(out, JOBWARD_A_EVENT_KEY, e->key, JOBWARD_DIGEST_SIZE, JOBWARD_DIGEST_SIZE);
	put_u64_if(out, JOBWARD_A_EVENT_ROOT_SEQ, e->root_seq);
	put_subject(out, e->subject);
	put_object(out, JOBWARD_A_EVENT_OBJECT, e->object);
	put_object(out, JOBWARD_A_EVENT_TARGET, e->target);
	put_bytes(out, JOBWARD_A_EVENT_ARGV, e->argv, e->argv_len, ARGV_CUT);
	put_bytes(out, JOBWARD_A_EVENT_ENV, e->env, e->env_len, ENV_CUT);
	put_string(out, JOBWARD_A_EVENT_UNIT, e->unit, WORD_CUT);
	put_bytes(out, JOBWARD_A_EVENT_TEXT, e->text, e->text_len, TEXT_CUT);
	put_string(out, JOBWARD_A_EVENT_DETAIL, e->detail, WORD_CUT);
	if (e->first) {
		put_u64(out, JOBWARD_A_EVENT_FIRST, e->first);
		put_u64(out, JOBWARD_A_EVENT_LAST, e->last);
		put_u64(out, JOBWARD_A_EVENT_DENIALS, e->denials);
	}
}

u32 jw_event_size(const struct jw_event *event)
{
	struct out out = { };

	/* Three paths, two argument lists, ancestors, words and the small attributes. */
	BUILD_BUG_ON(3 * PATH_CUT + 2 * ARGV_CUT + ENV_CUT + TEXT_CUT + 3 * WORD_CUT +
		     JOBWARD_ANCESTORS_MAX * (ANCESTOR_CUT + 64) + 1024 > JW_RECORD_MAX);
	walk(&out, event, 0);
	return out.len;
}

void jw_event_encode(const struct jw_event *event, u64 seq, void *buf, u32 len)
{
	struct out out = { .buf = buf };

	walk(&out, event, seq);
	WARN_ON_ONCE(out.len != len);
}
