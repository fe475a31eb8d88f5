// SPDX-License-Identifier: GPL-2.0
/*
 * What the auditor adds to the kernel's record from the record alone: where the subject came from, and which ATT&CK
 * techniques the act belongs to. A label says what kind of thing this is, not that it is evil: an approved run of a
 * cron job has T1053.003 too, so that a search by technique finds the first run of a planted job together with its
 * later ones.
 */
#include <stdio.h>
#include <string.h>
#include "event_attack.h"
#include "scheduler/table.h"

/* attack.mitre.org, Enterprise v15. */
#define T_AT "T1053.002"
#define T_CRON "T1053.003"
#define T_TIMER "T1053.006"
#define T_SERVICE "T1543.002"
#define T_MODULE "T1547.006"

static const char *const techniques[] = { T_AT, T_CRON, T_TIMER, T_SERVICE, T_MODULE };

const char *const *jw_event_attacks(size_t *ret_n)
{
	*ret_n = sizeof(techniques) / sizeof(techniques[0]);
	return techniques;
}

void jw_event_add_attack(struct jw_event *event, const char *technique)
{
	/* The last place stays NULL. */
	const size_t max = sizeof(event->attack) / sizeof(event->attack[0]) - 1;
	size_t i, k;

	for (k = 0; k < sizeof(techniques) / sizeof(techniques[0]); k++)
		if (!strcmp(techniques[k], technique))
			break;
	if (k == sizeof(techniques) / sizeof(techniques[0]))
		return;
	for (i = 0; i < max && event->attack[i]; i++)
		if (event->attack[i] == techniques[k])
			return;
	if (i < max)
		event->attack[i] = techniques[k];
}

static const char *const by_scheduler[] = {
	[JOBWARD_SCHEDULER_NONE] = NULL,
	[JOBWARD_SCHEDULER_CRON] = T_CRON,
	[JOBWARD_SCHEDULER_ANACRON] = T_CRON,
	[JOBWARD_SCHEDULER_AT] = T_AT,
	[JOBWARD_SCHEDULER_SYSTEMD] = T_TIMER,
	[JOBWARD_SCHEDULER_SYSTEMD_USER] = T_TIMER,
	[JOBWARD_SCHEDULER_RUN_PARTS] = T_CRON,
	[JOBWARD_SCHEDULER_CRONIE] = T_CRON,
	[JOBWARD_SCHEDULER_BCRON] = T_CRON,
	[JOBWARD_SCHEDULER_BUSYBOX] = T_CRON,
};
_Static_assert(sizeof(by_scheduler) / sizeof(by_scheduler[0]) == JOBWARD_SCHEDULER_MAX + 1, "a technique for each");

/* The scheduler whose store has this class. */
static const struct { enum jw_class class; enum jobward_scheduler scheduler; } by_class[] = {
	{ JW_CLASS_CRON, JOBWARD_SCHEDULER_CRON },
	{ JW_CLASS_CRON_USER, JOBWARD_SCHEDULER_CRON },
	{ JW_CLASS_RUN_PARTS, JOBWARD_SCHEDULER_RUN_PARTS },
	{ JW_CLASS_ANACRON, JOBWARD_SCHEDULER_ANACRON },
	{ JW_CLASS_AT, JOBWARD_SCHEDULER_AT },
	{ JW_CLASS_SYSTEMD, JOBWARD_SCHEDULER_SYSTEMD },
	{ JW_CLASS_SYSTEMD_USER, JOBWARD_SCHEDULER_SYSTEMD_USER },
};

static enum jobward_scheduler store_scheduler(const struct jw_object *object)
{
	size_t i;

	for (i = 0; object->present && i < sizeof(by_class) / sizeof(by_class[0]); i++)
		if (object->classes & JW_CLASS_BIT(by_class[i].class))
			return by_class[i].scheduler;
	return JOBWARD_SCHEDULER_NONE;
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = s ? strlen(s) : 0;

	return len >= strlen(end) && !strcmp(s + len - strlen(end), end);
}

/* A unit file is of its own type, a drop-in of that of its folder: x.service, x.service.d/50-override.conf. */
static bool is_of_type(const char *path, const char *type)
{
	char folder[32];

	snprintf(folder, sizeof(folder), "%s.d/", type);
	return path && (ends_with(path, type) || strstr(path, folder));
}

static void add_store_attack(struct jw_event *event, enum jobward_scheduler scheduler)
{
	bool service = is_of_type(event->object.path, ".service") || is_of_type(event->target.path, ".service");
	bool timer = is_of_type(event->object.path, ".timer") || is_of_type(event->target.path, ".timer");

	if (scheduler != JOBWARD_SCHEDULER_SYSTEMD && scheduler != JOBWARD_SCHEDULER_SYSTEMD_USER) {
		if (by_scheduler[scheduler])
			jw_event_add_attack(event, by_scheduler[scheduler]);
		return;
	}
	if (service)
		jw_event_add_attack(event, T_SERVICE);
	if (timer || !service)
		jw_event_add_attack(event, T_TIMER);
}

static bool is_sshd(const char *exe)
{
	/* From 9.8 on the session is a program of its own (OpenSSH release notes); a replaced binary reads
	 * "… (deleted)". */
	return ends_with(exe, "/sshd") || ends_with(exe, "/sshd-session") || ends_with(exe, "/sshd (deleted)") ||
	       ends_with(exe, "/sshd-session (deleted)");
}

static bool is_container(const char *cgroup)
{
	static const char *const marks[] = { "docker", "containerd", "lxc", "libpod", "machine", "crio", "kubepods" };
	size_t i;

	/* Each mark begins a component: /system.slice/docker-ID.scope, /kubepods.slice/…, /lxc.payload.NAME. The
	 * service of the engine itself (docker.service) is no container. */
	for (i = 0; cgroup && i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *p = cgroup;

		while ((p = strstr(p, marks[i]))) {
			const char *end = p + strcspn(p, "/");

			if (p > cgroup && p[-1] == '/' && (end - p < 8 || strncmp(end - 8, ".service", 8)))
				return true;
			p = end;
		}
	}
	return false;
}

static const char *find_origin(const struct jw_event *event)
{
	const struct jw_subject *subject = &event->subject;
	unsigned int i;

	if (subject->kthread)
		return NULL;
	/* The job first: what it starts in a container or through ssh to itself is its doing all the same. */
	if (event->root_seq)
		return "job";
	if (is_container(subject->cgroup))
		return "container";
	for (i = 0; i < subject->n_ancestors; i++)
		if (is_sshd(subject->ancestors[i].exe))
			return "ssh";
	if (subject->tty && subject->tty[0])
		return "console";
	if (subject->cgroup && strstr(subject->cgroup, ".service"))
		return "service";
	return NULL;
}

void jw_event_enrich(struct jw_event *event)
{
	enum jobward_scheduler scheduler;

	if (!event->subject.origin)
		event->subject.origin = find_origin(event);
	switch (event->kind) {
	case JOBWARD_KIND_MODULE:
		jw_event_add_attack(event, T_MODULE);
		break;
	case JOBWARD_KIND_WRITE:
		scheduler = store_scheduler(&event->object);
		if (scheduler == JOBWARD_SCHEDULER_NONE)
			scheduler = store_scheduler(&event->target);
		if (event->scheduler == JOBWARD_SCHEDULER_NONE)
			event->scheduler = scheduler;
		add_store_attack(event, scheduler != JOBWARD_SCHEDULER_NONE ? scheduler : event->scheduler);
		break;
	case JOBWARD_KIND_RUN:
	case JOBWARD_KIND_CHAIN:
		if (by_scheduler[event->scheduler])
			jw_event_add_attack(event, by_scheduler[event->scheduler]);
		break;
	default:
		break;
	}
}
