// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of the protocol → structs. The lengths are the kernel's own, yet every one is checked: another module may
 * bear the family's name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "genl_read.h"

static uint32_t get_u32(const struct nlattr *a)
{
	return a && nla_len(a) >= 4 ? nla_get_u32(a) : 0;
}

static uint64_t get_u64(const struct nlattr *a)
{
	return a && nla_len(a) >= 8 ? nla_get_u64(a) : 0;
}

/* Copies a string. Return: false when out of memory. */
static bool get_string(const struct nlattr *a, char **ret)
{
	if (!a)
		return true;
	free(*ret);
	*ret = strndup(nla_data(a), nla_len(a));
	return *ret;
}

static bool get_bytes(const struct nlattr *a, char **ret, size_t *ret_len)
{
	if (!a)
		return true;
	free(*ret);
	*ret = malloc(nla_len(a) + 1);
	if (!*ret)
		return false;
	memcpy(*ret, nla_data(a), nla_len(a));
	(*ret)[nla_len(a)] = 0;
	*ret_len = nla_len(a);
	return true;
}

static bool get_digest(const struct nlattr *a, uint8_t out[JOBWARD_DIGEST_SIZE], bool *has)
{
	*has = a && nla_len(a) == JOBWARD_DIGEST_SIZE;
	if (*has)
		memcpy(out, nla_data(a), JOBWARD_DIGEST_SIZE);
	return true;
}

static int read_ancestor(const struct nlattr *nest, struct jw_subject *subject)
{
	struct nlattr *tb[JOBWARD_A_ANCESTOR_MAX + 1] = { 0 };
	struct jw_ancestor *a;

	if (subject->n_ancestors == JW_ANCESTORS_MAX)
		return 0;
	if (nla_parse_nested(tb, JOBWARD_A_ANCESTOR_MAX, (struct nlattr *)nest, NULL) < 0)
		return -EBADMSG;
	a = &subject->ancestors[subject->n_ancestors++];
	a->pid = get_u32(tb[JOBWARD_A_ANCESTOR_PID]);
	a->uid = get_u32(tb[JOBWARD_A_ANCESTOR_UID]);
	if (!get_string(tb[JOBWARD_A_ANCESTOR_COMM], &a->comm) || !get_string(tb[JOBWARD_A_ANCESTOR_EXE], &a->exe))
		return -ENOMEM;
	return 0;
}

static int read_subject(struct nlattr *nest, struct jw_subject *s)
{
	struct nlattr *tb[JOBWARD_A_SUBJECT_MAX + 1] = { 0 }, *a;
	int rem, r;

	if (nla_parse_nested(tb, JOBWARD_A_SUBJECT_MAX, nest, NULL) < 0)
		return -EBADMSG;
	s->pid = get_u32(tb[JOBWARD_A_SUBJECT_PID]);
	s->tid = get_u32(tb[JOBWARD_A_SUBJECT_TID]);
	s->ppid = get_u32(tb[JOBWARD_A_SUBJECT_PPID]);
	s->start_ns = get_u64(tb[JOBWARD_A_SUBJECT_START_NS]);
	s->uid = get_u32(tb[JOBWARD_A_SUBJECT_UID]);
	s->euid = get_u32(tb[JOBWARD_A_SUBJECT_EUID]);
	s->gid = get_u32(tb[JOBWARD_A_SUBJECT_GID]);
	s->has_auid = tb[JOBWARD_A_SUBJECT_AUID];
	s->auid = get_u32(tb[JOBWARD_A_SUBJECT_AUID]);
	s->has_session = tb[JOBWARD_A_SUBJECT_SESSION];
	s->session = get_u32(tb[JOBWARD_A_SUBJECT_SESSION]);
	s->kthread = tb[JOBWARD_A_SUBJECT_KTHREAD];
	if (!get_string(tb[JOBWARD_A_SUBJECT_TTY], &s->tty) || !get_string(tb[JOBWARD_A_SUBJECT_COMM], &s->comm) ||
	    !get_string(tb[JOBWARD_A_SUBJECT_EXE], &s->exe) || !get_string(tb[JOBWARD_A_SUBJECT_CGROUP], &s->cgroup) ||
	    !get_bytes(tb[JOBWARD_A_SUBJECT_ARGV], &s->argv, &s->argv_len))
		return -ENOMEM;
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) != JOBWARD_A_SUBJECT_ANCESTOR)
			continue;
		r = read_ancestor(a, s);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Return: false when out of memory. */
static bool get_address(const struct nlattr *a, char **ret)
{
	char text[INET6_ADDRSTRLEN];

	if (!a || (nla_len(a) != 4 && nla_len(a) != 16))
		return true;
	inet_ntop(nla_len(a) == 4 ? AF_INET : AF_INET6, nla_data(a), text, sizeof(text));
	free(*ret);
	*ret = strdup(text);
	return *ret;
}

static int read_object(struct nlattr *nest, struct jw_object *o)
{
	struct nlattr *tb[JOBWARD_A_OBJECT_MAX + 1] = { 0 };

	if (!nest)
		return 0;
	if (nla_parse_nested(tb, JOBWARD_A_OBJECT_MAX, nest, NULL) < 0)
		return -EBADMSG;
	o->present = true;
	o->dev = get_u32(tb[JOBWARD_A_OBJECT_DEV]);
	o->ino = get_u64(tb[JOBWARD_A_OBJECT_INO]);
	o->gen = get_u32(tb[JOBWARD_A_OBJECT_GEN]);
	o->mode = get_u32(tb[JOBWARD_A_OBJECT_MODE]);
	o->uid = get_u32(tb[JOBWARD_A_OBJECT_UID]);
	o->size = get_u64(tb[JOBWARD_A_OBJECT_SIZE]);
	o->roles = get_u32(tb[JOBWARD_A_OBJECT_ROLES]);
	o->classes = get_u64(tb[JOBWARD_A_OBJECT_CLASSES]);
	get_digest(tb[JOBWARD_A_OBJECT_SHA256], o->sha256, &o->has_sha256);
	o->family = get_u32(tb[JOBWARD_A_OBJECT_FAMILY]);
	o->protocol = get_u32(tb[JOBWARD_A_OBJECT_PROTOCOL]);
	o->port = get_u32(tb[JOBWARD_A_OBJECT_PORT]);
	return get_string(tb[JOBWARD_A_OBJECT_PATH], &o->path) && get_address(tb[JOBWARD_A_OBJECT_ADDRESS], &o->address) ?
		       0 : -ENOMEM;
}

int jw_genl_read_event(struct nlattr *nest, struct jw_event *e)
{
	struct nlattr *tb[JOBWARD_A_EVENT_MAX + 1] = { 0 };
	int r = 0;

	if (nla_parse_nested(tb, JOBWARD_A_EVENT_MAX, nest, NULL) < 0 || !tb[JOBWARD_A_EVENT_SEQ])
		return -EBADMSG;
	e->seq = get_u64(tb[JOBWARD_A_EVENT_SEQ]);
	e->time_ns = get_u64(tb[JOBWARD_A_EVENT_TIME_NS]);
	e->boot_ns = get_u64(tb[JOBWARD_A_EVENT_BOOT_NS]);
	e->kind = get_u32(tb[JOBWARD_A_EVENT_KIND]);
	e->action = get_u32(tb[JOBWARD_A_EVENT_ACTION]);
	e->verdict = get_u32(tb[JOBWARD_A_EVENT_VERDICT]);
	e->reason = get_u32(tb[JOBWARD_A_EVENT_REASON]);
	e->generation = get_u64(tb[JOBWARD_A_EVENT_GENERATION]);
	e->scheduler = get_u32(tb[JOBWARD_A_EVENT_SCHEDULER]);
	e->job = get_u64(tb[JOBWARD_A_EVENT_JOB]);
	e->root_seq = get_u64(tb[JOBWARD_A_EVENT_ROOT_SEQ]);
	e->first = get_u64(tb[JOBWARD_A_EVENT_FIRST]);
	e->last = get_u64(tb[JOBWARD_A_EVENT_LAST]);
	e->denials = get_u64(tb[JOBWARD_A_EVENT_DENIALS]);
	get_digest(tb[JOBWARD_A_EVENT_KEY], e->key, &e->has_key);
	if (!get_bytes(tb[JOBWARD_A_EVENT_ARGV], &e->argv, &e->argv_len) ||
	    !get_bytes(tb[JOBWARD_A_EVENT_ENV], &e->env, &e->env_len) ||
	    !get_bytes(tb[JOBWARD_A_EVENT_TEXT], &e->text, &e->text_len) ||
	    !get_string(tb[JOBWARD_A_EVENT_UNIT], &e->unit) || !get_string(tb[JOBWARD_A_EVENT_DETAIL], &e->detail))
		return -ENOMEM;
	if (tb[JOBWARD_A_EVENT_SUBJECT])
		r = read_subject(tb[JOBWARD_A_EVENT_SUBJECT], &e->subject);
	if (!r)
		r = read_object(tb[JOBWARD_A_EVENT_OBJECT], &e->object);
	if (!r)
		r = read_object(tb[JOBWARD_A_EVENT_TARGET], &e->target);
	return r;
}

static int read_gate(struct nlattr *nest, struct jw_module_status *s)
{
	struct nlattr *tb[JOBWARD_A_GATE_MAX + 1] = { 0 };
	struct jw_gate_status *gate;
	uint32_t id;

	if (nla_parse_nested(tb, JOBWARD_A_GATE_MAX, nest, NULL) < 0)
		return -EBADMSG;
	id = get_u32(tb[JOBWARD_A_GATE_ID]);
	if (id > JOBWARD_GATE_MAX)
		return 0;
	gate = &s->gates[id];
	gate->mode = get_u32(tb[JOBWARD_A_GATE_MODE]);
	gate->judged = get_u64(tb[JOBWARD_A_GATE_JUDGED]);
	gate->denied = get_u64(tb[JOBWARD_A_GATE_DENIED]);
	return get_string(tb[JOBWARD_A_GATE_OFF], &gate->off) ? 0 : -ENOMEM;
}

/*
 * An array of parsed attributes has only the last of several equal attributes: the gates are found from the first
 * attribute on.
 */
static int read_gates(struct nlattr **tb, struct jw_module_status *s)
{
	struct nlattr *a = tb[JOBWARD_A_STATUS_GATE];
	const struct nlattr *first = NULL;
	int r = 0;

	for (int i = 1; i <= JOBWARD_A_STATUS_MAX; i++)
		if (tb[i] && (!first || tb[i] < first))
			first = tb[i];
	for (const struct nlattr *at = first; a && at <= a && !r; at = (void *)((char *)at + NLA_ALIGN(at->nla_len)))
		if (nla_type(at) == JOBWARD_A_STATUS_GATE)
			r = read_gate((struct nlattr *)at, s);
	return r;
}

int jw_genl_read_status(struct nlattr **tb, struct jw_module_status *s)
{
	s->instance = get_u64(tb[JOBWARD_A_STATUS_INSTANCE]);
	s->seq = get_u64(tb[JOBWARD_A_STATUS_SEQ]);
	s->acked = get_u64(tb[JOBWARD_A_STATUS_ACKED]);
	s->lost = get_u64(tb[JOBWARD_A_STATUS_LOST]);
	s->lost_denials = get_u64(tb[JOBWARD_A_STATUS_LOST_DENIALS]);
	s->generation = get_u64(tb[JOBWARD_A_STATUS_GENERATION]);
	s->covers_seq = get_u64(tb[JOBWARD_A_STATUS_COVERS_SEQ]);
	s->lineage_lost = get_u64(tb[JOBWARD_A_STATUS_LINEAGE_LOST]);
	s->unrecorded = get_u64(tb[JOBWARD_A_STATUS_UNRECORDED]);
	s->memory = get_u64(tb[JOBWARD_A_STATUS_MEMORY]);
	s->ring_bytes = get_u32(tb[JOBWARD_A_STATUS_RING_BYTES]);
	s->ring_used = get_u32(tb[JOBWARD_A_STATUS_RING_USED]);
	s->verdicts = get_u32(tb[JOBWARD_A_STATUS_VERDICTS]);
	s->objects = get_u32(tb[JOBWARD_A_STATUS_OBJECTS]);
	s->auditor_pid = get_u32(tb[JOBWARD_A_STATUS_AUDITOR_PID]);
	s->held = get_u32(tb[JOBWARD_A_STATUS_HELD]);
	s->lineage = get_u32(tb[JOBWARD_A_STATUS_LINEAGE]);
	s->mode_locked = tb[JOBWARD_A_STATUS_MODE_LOCKED];
	s->locked = tb[JOBWARD_A_STATUS_LOCKED];
	if (!get_string(tb[JOBWARD_A_STATUS_VERSION], &s->version) ||
	    !get_string(tb[JOBWARD_A_STATUS_SRCVERSION], &s->srcversion))
		return -ENOMEM;
	return read_gates(tb, s);
}
