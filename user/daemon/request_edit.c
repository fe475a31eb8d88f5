// SPDX-License-Identifier: GPL-2.0
/*
 * `jobward edit`: the daemon writes a store's file, since it is a writer and the editor is none. Only files directly in
 * a store that people edit, or jobward's own policy; the new content takes the old one's place in one rename.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "control.h"
#include "lib/cleanup.h"
#include "lib/control.h"
#include "reconcile.h"

#define RELOAD_USEC 20000000	/* generators run meanwhile */

/* What a new file of a store looks like; an old one keeps its own. */
struct shape {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	bool unit;
};

static bool lies_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && path[len] == '/' && path[len + 1];
}

static int shape_of(const char *path, struct shape *ret)
{
	*ret = (struct shape){ .mode = 0644 };
	if (!strcmp(path, JW_POLICY_FILE) || lies_in(path, JW_POLICY_FOLDER)) {
		ret->mode = 0600;
		return 0;
	}
	for (size_t i = 0; i < jw_n_schedulers; i++)
		for (const struct jw_store_row *s = jw_schedulers[i]->stores; s && s->path; s++) {
			if (strcmp(s->path, path) && !lies_in(path, s->path))
				continue;
			if (s->class == JW_CLASS_AT)
				/* a job is a file with a header that atd checks; at writes it */
				return -ENOTSUP;
			if (s->class == JW_CLASS_RUN_PARTS)
				ret->mode = 0755;
			ret->unit = s->class == JW_CLASS_SYSTEMD || s->class == JW_CLASS_SYSTEMD_USER;
			if (s->class == JW_CLASS_CRON_USER) {
				struct passwd *pw = getpwnam(strrchr(path, '/') + 1);
				struct group *gr = getgrnam("crontab");

				if (!pw)
					return -ENOENT;
				ret->mode = 0600;
				ret->uid = pw->pw_uid;
				ret->gid = gr ? gr->gr_gid : 0;
			}
			return 0;
		}
	return -EPERM;
}

/* The folder without any link in it, so that what is checked is what is written to. Caller frees. */
static char *canonical(const char *path)
{
	const char *name = strrchr(path, '/');
	_cleanup_free_ char *folder = NULL, *real = NULL;
	char *out;

	if (path[0] != '/' || !name || !name[1] || !strcmp(name, "/.") || !strcmp(name, "/.."))
		return NULL;
	folder = name == path ? strdup("/") : strndup(path, name - path);
	real = folder ? realpath(folder, NULL) : NULL;
	if (!real || asprintf(&out, "%s%s", strcmp(real, "/") ? real : "", name) < 0)
		return NULL;
	return out;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* The temporary name has a dot in front, which no reader of a store accepts. */
static int replace(const char *path, const char *text, size_t len, const struct shape *shape)
{
	const char *name = strrchr(path, '/') + 1;
	_cleanup_free_ char *temporary = NULL;
	int fd, r;

	if (asprintf(&temporary, "%.*s.%.200s.jobward-XXXXXX", (int)(name - path), path, name) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (!r && fchown(fd, shape->uid, shape->gid) < 0)
		r = -errno;
	if (!r && fchmod(fd, shape->mode) < 0)
		r = -errno;
	if (close(fd) < 0 && !r)
		r = -errno;
	if (!r && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

/* The manager keeps what it has read: a new unit file counts after a reload, which the answer waits for. */
static void reload_manager(struct manager *m)
{
	sd_bus_message *call = NULL;
	sd_bus *bus;

	if (jw_bus_get(m->bus, 0, &bus) == 0 &&
	    sd_bus_message_new_method_call(bus, &call, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
					   "org.freedesktop.systemd1.Manager", "Reload") >= 0)
		sd_bus_call(bus, call, RELOAD_USEC, NULL, NULL);
	sd_bus_message_unref(call);
}

static json_t *jobs_of(struct manager *m, const char *path)
{
	json_t *jobs = json_array();

	for (size_t i = 0; i < m->inventory.jobs.n; i++)
		if (m->inventory.jobs.v[i].path && !strcmp(m->inventory.jobs.v[i].path, path))
			jw_reply_add_job(jobs, &m->inventory.jobs.v[i]);
	return jobs;
}

json_t *jw_request_edit(struct manager *m, const json_t *request, const struct jw_peer *peer)
{
	const json_t *content = json_object_get(request, "content");
	const char *asked = json_string_value(json_object_get(request, "path"));
	_cleanup_free_ char *path = NULL;
	struct shape shape;
	struct stat st;
	int r;

	if (!asked || !json_is_string(content) || strlen(asked) >= JOBWARD_PATH_MAX)
		return jw_reply_error(2, "edit needs a path and its content");
	path = canonical(asked);
	if (!path)
		return jw_reply_error(2, "there is no folder for '%s'", asked);
	r = shape_of(path, &shape);
	if (r == -ENOENT)
		return jw_reply_error(2, "'%s': there is no user of this name", path);
	if (r < 0)
		return jw_reply_error(
			2, r == -ENOTSUP ? "'%s' is written by at, not by hand" : "'%s' lies in no job store", path);
	if (lstat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return jw_reply_error(2, "'%s' is no regular file", path);
		shape = (struct shape){
			.mode = st.st_mode & 07777, .uid = st.st_uid, .gid = st.st_gid, .unit = shape.unit
		};
	}
	r = replace(path, json_string_value(content), json_string_length(content), &shape);
	if (r < 0)
		return jw_reply_error(1, "'%s' could not be written: %s", path, strerror(-r));
	jw_admin_event(m, JOBWARD_ACTION_MODIFY, 0, path, "'%s' written for %s", path, peer->words);
	if (shape.unit)
		reload_manager(m);
	r = jw_reconcile(m);
	if (r < 0)
		return jw_reply_error(3, "'%s' is written, but the stores could not be read: %s", path, strerror(-r));
	return json_pack("{s:b, s:I, s:o}", "ok", 1, "generation", (json_int_t)m->generation, "jobs", jobs_of(m, path));
}
