// SPDX-License-Identifier: GPL-2.0
/* The private copy of `jobward edit`. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "draft.h"
#include "lib/parse/parse.h"
#include "lib/scheduler/table.h"
#include "render.h"

#define SIZE_MAX_BYTES (4u << 20)

static int read_all(const char *path, char **ret_text, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err = 0;
	struct stat st;
	size_t len = 0;
	char *text;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (st.st_size > SIZE_MAX_BYTES)
		err = -EFBIG;
	if (err) {
		close(fd);
		return err;
	}
	text = jw_must(malloc(SIZE_MAX_BYTES + 1));
	while (len < SIZE_MAX_BYTES) {
		ssize_t n = read(fd, text + len, SIZE_MAX_BYTES - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n ? -errno : 0;
			break;
		}
		len += (size_t)n;
	}
	close(fd);
	if (err) {
		free(text);
		return err;
	}
	text[len] = '\0';
	*ret_text = jw_must(realloc(text, len + 1));
	*ret_len = len;
	return 0;
}

static int write_all(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			close(fd);
			return -errno;
		}
		text += n;
		len -= (size_t)n;
	}
	return close(fd) ? -errno : 0;
}

/*
 * A new file's folder must be there; the file itself may be a link, which is followed: what is read is what is
 * written.
 */
static char *whole_path(const char *target)
{
	char resolved[PATH_MAX], *copy, *slash, *out;
	const char *base;

	if (realpath(target, resolved))
		return strdup(resolved);
	copy = jw_must(strdup(target));
	slash = strrchr(copy, '/');
	base = slash ? slash + 1 : target;
	if (slash)
		*slash = '\0';
	if (!*base || !realpath(slash ? *copy ? copy : "/" : ".", resolved) ||
	    asprintf(&out, "%s/%s", resolved, base) < 0)
		out = NULL;
	free(copy);
	return out;
}

int jw_draft_begin(struct jw_draft *draft, const char *target)
{
	const char *tmp = getenv("TMPDIR");
	int err;

	draft->target = whole_path(target);
	if (!draft->target)
		return -ENOENT;
	err = read_all(draft->target, &draft->before, &draft->before_len);
	draft->is_new = err == -ENOENT;
	if (err && !draft->is_new)
		return err;
	if (asprintf(&draft->folder, "%s/jobward-edit.XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp") < 0)
		jw_must(draft->folder = NULL);
	if (!mkdtemp(draft->folder)) {
		free(draft->folder);
		draft->folder = NULL;
		return -errno;
	}
	/* The name stays: editors choose by it how to show the text. */
	if (asprintf(&draft->path, "%s/%s", draft->folder, strrchr(draft->target, '/') + 1) < 0)
		jw_must(draft->path = NULL);
	return write_all(draft->path, draft->before ? draft->before : "", draft->before_len);
}

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *edit = getenv("EDITOR");

	if (visual && *visual)
		return visual;
	if (edit && *edit)
		return edit;
	return access("/usr/bin/sensible-editor", X_OK) ? "vi" : "sensible-editor";
}

int jw_draft_edit(const struct jw_draft *draft)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	int status;
	pid_t pid;

	fflush(NULL);
	/* Ctrl-C belongs to the editor while it runs. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		signal(SIGPIPE, SIG_DFL);
		/* $EDITOR may hold arguments, so a shell takes it apart. */
		execl("/bin/sh", "sh", "-c", jw_showf("%s \"$@\"", editor()), editor(), draft->path, NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ECANCELED;
}

int jw_draft_read(struct jw_draft *draft)
{
	free(draft->after);
	draft->after = NULL;
	return read_all(draft->path, &draft->after, &draft->after_len);
}

bool jw_draft_is_overtaken(const struct jw_draft *draft)
{
	char *now = NULL;
	size_t len = 0;
	int err = read_all(draft->target, &now, &len);
	bool same = draft->is_new ? err == -ENOENT :
				    !err && len == draft->before_len && !memcmp(now, draft->before, len);

	free(now);
	return !same;
}

void jw_draft_done(struct jw_draft *draft, bool keep)
{
	if (draft->path && !keep)
		unlink(draft->path);
	/* Not empty where the editor left something of its own: that stays, as the person's. */
	if (draft->folder && !keep)
		rmdir(draft->folder);
	free(draft->target);
	free(draft->folder);
	free(draft->path);
	free(draft->before);
	free(draft->after);
	memset(draft, 0, sizeof(*draft));
}

/* ---- the check ---- */
static bool is_below(const char *pattern, const char *path)
{
	size_t len = strlen(pattern);

	if (strchr(pattern, '*'))
		return !fnmatch(pattern, path, 0);
	return !strncmp(path, pattern, len) && (!path[len] || path[len] == '/');
}

static int class_of(const char *path)
{
	const struct jw_store_row *row;
	size_t i;

	for (i = 0; i < jw_n_schedulers; i++)
		for (row = jw_schedulers[i]->stores; row->path; row++)
			if (is_below(row->path, path))
				return row->class;
	return -1;
}

/* Only a warning hangs on it: the daemon reads what was written by its own knowledge of the host. */
static enum jw_cron_flavour cron_flavour(void)
{
	FILE *file = fopen("/etc/debian_version", "re");
	enum jw_cron_flavour flavour = JW_CRON_DEBIAN_13;
	int version;

	if (!file)
		return flavour;
	if (fscanf(file, "%d", &version) == 1 && version <= 12)
		flavour = JW_CRON_DEBIAN_12;
	fclose(file);
	return flavour;
}

static int check_crontab(const struct jw_draft *draft, bool is_users, struct jw_parse_out *out)
{
	struct jw_crontab_opts opts = {
		.path = draft->target,
		.flavour = cron_flavour(),
		.owner = is_users ? strrchr(draft->target, '/') + 1 : NULL,
	};

	return jw_parse_crontab(draft->after, draft->after_len, &opts, out);
}

static int check_unit(const struct jw_draft *draft, struct jw_diags *diags)
{
	struct jw_unit_file file = {0};
	int err = jw_parse_unit_file(draft->after, draft->after_len, draft->target, &file, diags);
	size_t i;

	for (i = 0; !err && i < file.n; i++) {
		struct jw_exec_line line = {0};
		char *cause = NULL;

		if (strncmp(file.v[i].key, "Exec", 4) || !*file.v[i].value || !strcmp(file.v[i].section, "Timer"))
			continue;
		err = jw_parse_exec_line(file.v[i].value, &line, &cause);
		if (err != -ENOMEM && cause)
			err = jw_diag_add(diags, JW_DIAG_ERROR, draft->target, file.v[i].line, 0, "%s: %s",
					  file.v[i].key, cause);
		else if (err != -ENOMEM)
			err = 0;
		jw_exec_line_done(&line);
		free(cause);
	}
	jw_unit_file_done(&file);
	return err;
}

static int check_run_parts(const struct jw_draft *draft, struct jw_diags *diags)
{
	const char *name = strrchr(draft->target, '/') + 1;

	if (!jw_run_parts_name_ok(name, false))
		return jw_diag_add(diags, JW_DIAG_WARNING, draft->target, 0, 0,
				   "run-parts passes over a file of this name: only letters, digits, '_' and '-' count");
	if (draft->after_len && strncmp(draft->after, "#!", 2) && strncmp(draft->after, "\177ELF", 4))
		return jw_diag_add(diags, JW_DIAG_WARNING, draft->target, 1, 0,
				   "the first line does not say which program reads it (#!)");
	return 0;
}

static int check_cron_d_name(const struct jw_draft *draft, struct jw_diags *diags)
{
	const char *name = strrchr(draft->target, '/') + 1;

	if (strncmp(draft->target, "/etc/cron.d/", 12) || jw_cron_d_name_ok(name, false))
		return 0;
	return jw_diag_add(diags, JW_DIAG_WARNING, draft->target, 0, 0,
			   "cron passes over a file of this name: only letters, digits, '_' and '-' are allowed");
}

static bool is_table(const char *path)
{
	return !strcmp(path, "/etc/crontab") || !strncmp(path, "/etc/cron.d/", 12);
}

int jw_draft_check(const struct jw_draft *draft, struct jw_diags *diags)
{
	int class = class_of(draft->target), err = 0;
	struct jw_parse_out out = {0};

	if (class == JW_CLASS_CRON && is_table(draft->target))
		err = check_crontab(draft, false, &out);
	else if (class == JW_CLASS_CRON_USER)
		err = check_crontab(draft, true, &out);
	else if (class == JW_CLASS_ANACRON && !strcmp(draft->target, "/etc/anacrontab"))
		err = jw_parse_anacrontab(draft->after, draft->after_len, draft->target, &out);
	else if (class == JW_CLASS_SYSTEMD || class == JW_CLASS_SYSTEMD_USER)
		err = check_unit(draft, diags);
	else if (class == JW_CLASS_RUN_PARTS)
		err = check_run_parts(draft, diags);
	if (!err && class == JW_CLASS_CRON)
		err = check_cron_d_name(draft, diags);
	if (!err)
		err = jw_diags_move(diags, &out.diags);
	jw_parse_out_done(&out);
	return err;
}
