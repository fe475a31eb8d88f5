// SPDX-License-Identifier: GPL-2.0
/*
 * The table: from the inventory into the kernel, one transaction: objects (images, helpers, writers, stores and what
 * lies above them, jobward's own files), pins, verdicts, units, modules. It is whole or it is dropped: the gates go on
 * with the one before.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <sys/stat.h>
#include <unistd.h>
#include "finding.h"
#include "lib/cleanup.h"
#include "lib/control.h"
#include "lib/scheduler/store_file.h"
#include "modules.h"
#include "push.h"

#define FDS_MAX 200		/* open at once, below the usual soft limit of 1024 */

struct push {
	struct manager *m;
	int fds[FDS_MAX];
	size_t n_fds;
	bool odd_helper;		/* one that passes as none */
	/* pins by path: open addressing, number + 1 */
	struct slot { const char *path; uint32_t number; } *slots;
	size_t n_slots;
};

/* ---- objects ---- */

static int close_fds(struct push *p)
{
	int r = jw_genl_table_flush(p->m->genl);

	while (p->n_fds)
		close(p->fds[--p->n_fds]);
	return r;
}

/* Takes @fd over; it stays open until the kernel has seen it. */
static int add_fd(struct push *p, int fd, const struct jw_table_object *like)
{
	struct jw_table_object object = *like;
	int r;

	object.fd = fd;
	p->fds[p->n_fds++] = fd;
	r = jw_genl_table_object(p->m->genl, &object);
	if (!r && p->n_fds == FDS_MAX)
		r = close_fds(p);
	return r;
}

/* What is not there is passed over. */
static int add_path(struct push *p, const char *path, const struct jw_table_object *like)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? 0 : add_fd(p, fd, like);
}

/* @path may end in a star: every entry of the folder. */
static int add_row(struct push *p, const char *path, const struct jw_table_object *like)
{
	char one[JOBWARD_PATH_MAX], folder[JOBWARD_PATH_MAX], **names;
	size_t len = strlen(path), n;
	int r = 0;

	if (len < 2 || strcmp(path + len - 2, "/*"))
		return add_path(p, path, like);
	snprintf(folder, sizeof(folder), "%.*s", (int)len - 2, path);
	if (jw_store_folder_names(folder, &names, &n) < 0)
		return 0;
	for (size_t i = 0; i < n && !r; i++)
		if (snprintf(one, sizeof(one), "%s/%s", folder, names[i]) < (int)sizeof(one))
			r = add_path(p, one, like);
	jw_store_names_free(names, n);
	return r;
}

static int add_writers(struct push *p, const struct jw_writer_row *rows)
{
	int r = 0;

	for (; rows && rows->path && !r; rows++)
		r = add_row(p, rows->path, &(struct jw_table_object){
			.roles = JOBWARD_ROLE_WRITER | (rows->lineage ? JOBWARD_ROLE_WRITER_LINEAGE : 0),
			.classes = rows->classes });
	return r;
}

/*
 * What cron and at execute that is no job, PAM's helper and the mailer, passes the run gate unasked: so only what a package delivered
 * does. As a pin it stays in sight, and a change ends that until it was looked at again.
 */
static int add_helper(struct push *p, const char *path)
{
	char link[40], real[JOBWARD_PATH_MAX];
	struct jw_owner owner;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	real[n > 0 ? n : 0] = 0;
	if (!jw_provenance_owner(p->m->provenance, real, &owner) || jw_provenance_verify_fd(&owner, fd) != 1) {
		close(fd);
		if (!p->odd_helper)
			jw_finding(p->m, "helper", "'%s' is not as a package delivered it: cron and at may not start it",
				   path);
		p->odd_helper = true;
		return 0;
	}
	return add_fd(p, fd, &(struct jw_table_object){ .roles = JOBWARD_ROLE_HELPER | JOBWARD_ROLE_PIN });
}

static int add_scheduler(struct push *p, const struct jw_scheduler *s)
{
	int r = 0;

	for (const struct jw_image_row *i = s->images; i && i->path && !r; i++)
		if (i->flags & JOBWARD_IMAGE_CROND || !jw_image_is_busybox("", i->path))
			r = add_path(p, i->path, &(struct jw_table_object){
				.roles = JOBWARD_ROLE_SCHEDULER, .scheduler = s->id, .image = i->flags });
	for (const char *const *h = s->helpers; h && *h && !r; h++)
		r = add_helper(p, *h);
	for (const struct jw_store_row *st = s->stores; st && st->path && !r; st++)
		r = add_row(p, st->path, &(struct jw_table_object){
			.roles = JOBWARD_ROLE_STORE | (st->class == JW_CLASS_RUN_PARTS ? JOBWARD_ROLE_PERIODIC : 0),
			.classes = JW_CLASS_BIT(st->class),
			.scheduler = st->class == JW_CLASS_RUN_PARTS ? JOBWARD_SCHEDULER_RUN_PARTS : 0 });
	return r ? r : add_writers(p, s->writers);
}

/* Classes that an image's path may write to, by the rows of its scheduler. */
static uint64_t writer_classes(const struct jw_scheduler *s, const char *path)
{
	uint64_t classes = 0;

	for (const struct jw_writer_row *w = s->writers; w && w->path; w++)
		if (!strcmp(w->path, path))
			classes |= w->classes;
	return classes;
}

/*
 * A process may run an image that its path no longer has: cron until it is restarted after an upgrade, PID 1 until it
 * re-executes. @link: of /proc, as readlink gave it, " (deleted)" still on it. The role of a writer only for root's
 * own: anybody can have a process whose image once had such a path, in a mount namespace of their own.
 */
static int add_running(struct push *p, const char *magic, const char *link, bool root)
{
	static const char gone[] = " (deleted)";
	size_t len = strlen(link), k = sizeof(gone) - 1;

	if (len <= k || strcmp(link + len - k, gone))
		return 0;
	for (size_t i = 0; i < jw_n_schedulers; i++) {
		const struct jw_scheduler *s = jw_schedulers[i];

		for (const struct jw_image_row *image = s->images; image && image->path; image++) {
			/* as the kernel names it on a merged /usr, or as it was executed */
			const char *path = image->path, *tail = strncmp(path, "/usr/", 5) ? path : path + 4;
			uint64_t classes = root ? writer_classes(s, path) : 0;

			if ((strlen(path) == len - k && !strncmp(path, link, len - k)) ||
			    (strlen(tail) == len - k && !strncmp(tail, link, len - k)))
				return add_path(p, magic, &(struct jw_table_object){
					.roles = JOBWARD_ROLE_SCHEDULER | (classes ? JOBWARD_ROLE_WRITER : 0),
					.classes = classes, .scheduler = s->id, .image = image->flags });
		}
	}
	return 0;
}

static int add_process(struct push *p, const char *pid)
{
	char magic[64], link[JOBWARD_PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(magic, sizeof(magic), "/proc/%.20s/exe", pid);
	n = readlink(magic, link, sizeof(link) - 1);
	if (n <= 0)
		return 0;
	link[n] = 0;
	return add_running(p, magic, link, lstat(magic, &st) == 0 && st.st_uid == 0);
}

/* From 255 on the manager holds the executor that it started with open: exec.c, exec_spawn() through /proc/self/fd. */
static int add_executors(struct push *p)
{
	char magic[64], link[JOBWARD_PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir("/proc/1/fd");
	int r = 0;

	while (dir && !r && (entry = readdir(dir))) {
		ssize_t n;

		snprintf(magic, sizeof(magic), "/proc/1/fd/%.20s", entry->d_name);
		n = readlink(magic, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = 0;
		r = add_running(p, magic, link, true);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int add_processes(struct push *p)
{
	const uint64_t both = JW_CLASS_BIT(JW_CLASS_SYSTEMD) | JW_CLASS_BIT(JW_CLASS_SYSTEMD_USER);
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int r = 0;

	while (dir && !r && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			r = add_process(p, entry->d_name);
	if (dir)
		closedir(dir);
	/* PID 1 is systemd wherever its socket is, whatever its path */
	if (!r && access("/run/systemd/private", F_OK) == 0)
		r = add_path(p, "/proc/1/exe", &(struct jw_table_object){
			.roles = JOBWARD_ROLE_SCHEDULER | JOBWARD_ROLE_WRITER, .classes = both,
			.scheduler = JOBWARD_SCHEDULER_SYSTEMD, .image = JOBWARD_IMAGE_UNIT });
	return r ? r : add_executors(p);
}

static int add_policy_writers(struct push *p)
{
	const struct jw_policy *policy = p->m->policy;
	int r = 0;

	for (size_t i = 0; policy && i < policy->n_writers && !r; i++) {
		const struct jw_policy_writer *w = &policy->writers[i];
		uint64_t classes = w->stores ? 0 : JW_CLASSES_STORES;

		for (size_t k = 0; k < w->n_stores; k++) {
			int class = jw_class_from_name(w->stores[k]);

			if (class >= 0 && class != JW_CLASS_JOBWARD)
				classes |= JW_CLASS_BIT(class);
			else
				jw_finding(p->m, "policy-stores", "%s:%u: there is no class of stores '%s'", w->file,
					   w->line, w->stores[k]);
		}
		r = add_path(p, w->program,
			     &(struct jw_table_object){ .roles = JOBWARD_ROLE_WRITER |
								 (w->lineage ? JOBWARD_ROLE_WRITER_LINEAGE : 0),
							.classes = classes });
	}
	return r;
}

static int add_own(struct push *p)
{
	/* not what SQLite keeps beside the database: readers open that for writing too (wal.c, sqlite3WalOpen) */
	static const char *const own[] = { "/etc/jobward", JW_POLICY_FILE, JW_POLICY_FOLDER, JW_STORE_PATH, NULL };
	int r = add_path(p, "/proc/self/exe", &(struct jw_table_object){
		.roles = JOBWARD_ROLE_WRITER, .classes = JW_CLASSES_ALL });

	if (!r)
		r = add_path(p, "/var/lib/jobward", &(struct jw_table_object){ .roles = JOBWARD_ROLE_ANCESTOR });
	for (const char *const *path = own; *path && !r; path++)
		r = add_path(p, *path, &(struct jw_table_object){
			.roles = JOBWARD_ROLE_GUARD, .classes = JW_CLASS_BIT(JW_CLASS_JOBWARD) });
	return r;
}

static int add_objects(struct push *p)
{
	int r = 0;

	for (size_t i = 0; i < jw_n_schedulers && !r; i++)
		r = add_scheduler(p, jw_schedulers[i]);
	if (!p->odd_helper)
		jw_finding_clear(p->m, "helper");
	for (const char *const *a = jw_store_ancestors; *a && !r; a++)
		r = add_path(p, *a, &(struct jw_table_object){ .roles = JOBWARD_ROLE_ANCESTOR });
	if (!r)
		r = add_writers(p, jw_common_writers);
	if (!r)
		r = add_policy_writers(p);
	if (!r)
		r = add_processes(p);
	return r ? r : add_own(p);
}

/* ---- pins ---- */

static struct slot *slot_of(struct push *p, const char *path)
{
	uint32_t h = 2166136261u;	/* FNV-1a */

	for (const char *c = path; *c; c++)
		h = (h ^ (unsigned char)*c) * 16777619u;
	while (p->slots[h & (p->n_slots - 1)].path && strcmp(p->slots[h & (p->n_slots - 1)].path, path))
		h++;
	return &p->slots[h & (p->n_slots - 1)];
}

/* A pin inside a store keeps the store's protection: the nearest object decides, and that is the pin itself. */
static void pin_object(int fd, struct jw_table_object *object)
{
	char link[40], real[JOBWARD_PATH_MAX];
	ssize_t n;

	*object = (struct jw_table_object){ .roles = JOBWARD_ROLE_PIN };
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n <= 0)
		return;
	real[n] = 0;
	for (size_t i = 0; i < jw_n_schedulers; i++)
		for (const struct jw_store_row *s = jw_schedulers[i]->stores; s && s->path; s++) {
			size_t len = strlen(s->path);

			if (strncmp(s->path, real, len) || (real[len] && real[len] != '/'))
				continue;
			object->roles |= JOBWARD_ROLE_STORE;
			object->classes |= JW_CLASS_BIT(s->class);
		}
}

/* Return: 0; -ESTALE: the file is gone since it was read; or another errno. */
static int add_pin(struct push *p, const struct jw_pin *pin, uint32_t *ret)
{
	struct slot *slot = slot_of(p, pin->path);
	struct jw_table_object object;
	uint64_t ctime_ns = pin->ctime_ns;
	struct stat st;
	int fd = -1, r;

	if (slot->path) {
		*ret = slot->number;
		return 0;
	}
	if (pin->present) {
		fd = open(pin->path, O_PATH | O_CLOEXEC);
		if (fd < 0)
			return -ESTALE;
	}
	/* replaced since it was read: the kernel compares the content and will find that it differs */
	if (fd >= 0 && (fstat(fd, &st) < 0 || st.st_ino != pin->ino || st.st_dev != pin->dev))
		ctime_ns = 0;
	r = jw_genl_table_pin(p->m->genl, pin->path, fd, pin->sha256, pin->size, ctime_ns);
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		return r;
	}
	slot->path = pin->path;
	*ret = slot->number = r;
	if (fd < 0)
		return 0;
	pin_object(fd, &object);
	return add_fd(p, fd, &object);
}

/* ---- verdicts ---- */

static int add_job(struct push *p, const struct jw_job *job)
{
	uint32_t pins[JOBWARD_PINS_MAX];
	struct jw_table_verdict verdict = {
		.state = job->state, .job = job->id, .may_plant = job->may_plant, .pins = pins,
	};
	int r = 0;

	/* pins decide about approvals alone */
	for (size_t i = 0; job->state == JOBWARD_STATE_APPROVED && i < job->n_pins && verdict.n_pins < JOBWARD_PINS_MAX && !r; i++)
		r = add_pin(p, &job->pins[i], &pins[verdict.n_pins++]);
	if (r == -ESTALE) {
		verdict = (struct jw_table_verdict){ .state = JOBWARD_STATE_CHANGED, .job = job->id };
		r = 0;
	}
	for (size_t i = 0; i < job->n_execs && !r; i++)
		r = jw_genl_table_verdict(p->m->genl, job->execs[i].key, &verdict);
	return r;
}

/* Of equal keys the first row stands in the kernel: a denial goes before an approval, that before everything else. */
static int add_jobs(struct push *p, const struct jw_jobs *jobs, int pass)
{
	int r = 0;

	for (size_t i = 0; i < jobs->n && !r; i++) {
		enum jobward_state state = jobs->v[i].state;
		int turn = state == JOBWARD_STATE_DENIED ? 0 : state == JOBWARD_STATE_APPROVED ? 1 : 2;

		if (turn == pass)
			r = add_job(p, &jobs->v[i]);
	}
	return r;
}

static int add_verdicts(struct push *p)
{
	const struct inventory *inventory = &p->m->inventory;
	int r = 0;

	for (int pass = 0; pass < 3 && !r; pass++) {
		r = add_jobs(p, &inventory->jobs, pass);
		if (!r)
			r = add_jobs(p, &inventory->lingering, pass);
	}
	for (size_t i = 0; i < inventory->units.n && !r; i++)
		if (strlen(inventory->units.v[i].name) <= 255)
			r = jw_genl_table_unit(p->m->genl, inventory->units.v[i].name, inventory->units.v[i].uid,
					       inventory->units.v[i].class);
	return r;
}

static int make_slots(struct push *p)
{
	const struct inventory *inventory = &p->m->inventory;
	size_t need = 16, n = 0;

	for (size_t i = 0; i < inventory->jobs.n; i++)
		n += inventory->jobs.v[i].n_pins;
	for (size_t i = 0; i < inventory->lingering.n; i++)
		n += inventory->lingering.v[i].n_pins;
	while (need < 2 * n)
		need *= 2;
	p->n_slots = need;
	p->slots = calloc(need, sizeof(*p->slots));
	return p->slots ? 0 : -ENOMEM;
}

int jw_push(struct manager *m)
{
	struct push p = { .m = m };
	bool signed_modules = !m->policy || m->policy->modules_signed;
	int r;

	if (!m->genl)
		return -ENOTCONN;
	r = make_slots(&p);
	if (!r)
		r = jw_genl_table_begin(m->genl);
	if (r) {
		free(p.slots);
		goto out_report;
	}
	r = add_objects(&p);
	if (!r)
		r = add_verdicts(&p);
	if (!r)
		r = jw_modules_push(m);
	if (!r)
		r = close_fds(&p);
	if (!r)
		r = jw_genl_table_commit(m->genl, m->inventory.covers_seq, signed_modules, &m->generation);
	if (r < 0)
		jw_genl_table_abort(m->genl);
	while (p.n_fds)
		close(p.fds[--p.n_fds]);
	free(p.slots);

out_report:
	if (!r) {
		jw_finding_clear(m, "table");
		return 0;
	}
	jw_finding(m, "table", "the kernel did not take the table: %s%s%s", strerror(-r),
		   *jw_genl_error(m->genl) ? ": " : "", jw_genl_error(m->genl));
	if (r == -ENOENT || r == -EIO || r == -ECONNREFUSED || r == -EPERM)
		jw_manager_kernel_lost(m, r);
	return r;
}
