// SPDX-License-Identifier: GPL-2.0
/* What a job runs; see pins.h. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <openssl/evp.h>
#include "cleanup.h"
#include "parse/parse.h"
#include "pins.h"
#include "scheduler/store_file.h"

#define FILE_MAX_BYTES (256u << 20)
#define BUCKETS 1024
#define NS 1000000000
/*
 * The clock of file systems ticks in jiffies (current_time()), and ctime in whole seconds on some: a second write
 * within one tick of the first leaves no trace in ctime. A file that changed just now is compared by content for as
 * long.
 */
#define SETTLED_NS (2 * (int64_t)NS)

struct known {
	struct known *next;
	char *path;
	uint64_t dev, ino, size, ctime_ns;
	uint8_t sha256[JW_DIGEST_SIZE];
	char *package;
	char head[128];		/* first line, for its interpreter; "" where it has none */
	bool owner_known, unmodified, settled, used;
};

struct jw_pins {
	struct jw_provenance_db *db;
	struct known *buckets[BUCKETS];
};

int jw_pins_new(struct jw_pins **ret, struct jw_provenance_db *db)
{
	struct jw_pins *pins = calloc(1, sizeof(*pins));

	if (!pins)
		return -ENOMEM;
	pins->db = db;
	*ret = pins;
	return 0;
}

static void known_free(struct known *k)
{
	free(k->path);
	free(k->package);
	free(k);
}

void jw_pins_free(struct jw_pins *pins)
{
	if (!pins)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (pins->buckets[i]) {
			struct known *k = pins->buckets[i];

			pins->buckets[i] = k->next;
			known_free(k);
		}
	free(pins);
}

void jw_pins_sweep(struct jw_pins *pins)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct known **at = &pins->buckets[i]; *at; ) {
			struct known *k = *at;

			if (k->used) {
				k->used = false;
				at = &k->next;
			} else {
				*at = k->next;
				known_free(k);
			}
		}
}

void jw_pins_forget_owners(struct jw_pins *pins)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct known *k = pins->buckets[i]; k; k = k->next)
			k->owner_known = false;
}

/* ---- one file ---- */

static struct known **bucket_of(struct jw_pins *pins, const char *path)
{
	uint32_t h = 2166136261u;	/* FNV-1a */

	for (const char *p = path; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	return &pins->buckets[h % BUCKETS];
}

static uint64_t ctime_of(const struct stat *st)
{
	return (uint64_t)st->st_ctim.tv_sec * NS + st->st_ctim.tv_nsec;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * NS + ts.tv_nsec;
}

/* Digest and first line. Return: 0 or negative errno. */
static int read_content(int fd, struct known *k)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	_cleanup_free_ char *buf = malloc(64 << 10);
	uint64_t size = 0;
	ssize_t n;
	int r = md && buf && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;

	k->head[0] = 0;
	while (!r) {
		n = pread(fd, buf, 64 << 10, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		if (!size && n > 2 && buf[0] == '#' && buf[1] == '!') {
			size_t len = n - 2 < (ssize_t)sizeof(k->head) - 1 ? (size_t)n - 2 : sizeof(k->head) - 1;

			memcpy(k->head, buf + 2, len);
			k->head[len] = 0;
			k->head[strcspn(k->head, "\n")] = 0;
		}
		size += n;
		if (size > FILE_MAX_BYTES)
			r = -EFBIG;
		else if (EVP_DigestUpdate(md, buf, n) != 1)
			r = -ENOMEM;
	}
	if (!r && EVP_DigestFinal_ex(md, k->sha256, NULL) != 1)
		r = -ENOMEM;
	k->size = size;
	EVP_MD_CTX_free(md);
	return r;
}

/* The package's record is about the file behind all links; the descriptor's own name says which that is. */
static void find_owner(struct jw_pins *pins, int fd, struct known *k)
{
	char link[40], real[PATH_MAX];
	struct jw_owner owner;
	ssize_t n;

	free(k->package);
	k->package = NULL;
	k->unmodified = false;
	k->owner_known = true;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (!pins->db || n <= 0)
		return;
	real[n] = 0;
	if (!jw_provenance_owner(pins->db, real, &owner) && !jw_provenance_owner(pins->db, k->path, &owner))
		return;
	k->package = strdup(owner.package);
	k->unmodified = k->package && jw_provenance_verify_fd(&owner, fd) == 1;
}

static struct known *add_known(struct jw_pins *pins, const char *path)
{
	struct known **bucket = bucket_of(pins, path), *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->path = strdup(path);
	if (!k->path) {
		free(k);
		return NULL;
	}
	k->next = *bucket;
	*bucket = k;
	return k;
}

static struct known *find_known(struct jw_pins *pins, const char *path)
{
	for (struct known *k = *bucket_of(pins, path); k; k = k->next)
		if (!strcmp(k->path, path))
			return k;
	return NULL;
}

void jw_pins_forget(struct jw_pins *pins, const char *path)
{
	struct known *k = find_known(pins, path);

	if (k)
		k->settled = false;
}

/* What is at @path now. Return: 0 and *ret; -ENOENT: nothing, or nothing that is a file; or another errno. */
static int look(struct jw_pins *pins, const char *path, struct known **ret)
{
	struct known *k;
	struct stat st;
	_cleanup_fd_ int fd = jw_store_file_open(path, true, &st);
	bool same;
	int r;

	if (fd == -ENOTDIR || fd == -ENOTSUP || fd == -ELOOP || fd == -ENXIO)
		return -ENOENT;
	if (fd < 0)
		return fd;
	k = find_known(pins, path);
	if (!k)
		k = add_known(pins, path);
	if (!k)
		return -ENOMEM;
	same = k->ino && k->settled && k->dev == st.st_dev && k->ino == st.st_ino && k->size == (uint64_t)st.st_size &&
	       k->ctime_ns == ctime_of(&st);
	if (!same) {
		k->ino = 0;
		r = read_content(fd, k);
		if (r < 0)
			return r;
		k->dev = st.st_dev;
		k->ino = st.st_ino;
		k->ctime_ns = ctime_of(&st);
		k->settled = (uint64_t)st.st_size == k->size && now_ns() - (int64_t)k->ctime_ns > SETTLED_NS;
	}
	if (!same || !k->owner_known)
		find_owner(pins, fd, k);
	k->used = true;
	*ret = k;
	return 0;
}

/* ---- the pins of one job ---- */

struct resolving {
	struct jw_pins *pins;
	struct jw_job *job;
	const char *home;
	const char *path;		/* PATH of the exec at hand */
	struct jw_diags *diags;
	gid_t groups[64];		/* of the job's user, once they are asked for */
	int n_groups;			/* -1: not asked yet */
	char **absent;			/* added last, as far as there is room */
	size_t n_absent;
	bool full;
};

static void fill_pin(struct jw_pin *pin, const struct known *k)
{
	pin->present = true;
	pin->dev = k->dev;
	pin->ino = k->ino;
	pin->size = k->size;
	pin->ctime_ns = k->settled ? k->ctime_ns : 0;
	pin->unmodified = k->unmodified;
	memcpy(pin->sha256, k->sha256, sizeof(pin->sha256));
	free(pin->package);
	pin->package = k->package ? strdup(k->package) : NULL;
}

static bool may_search(struct resolving *r, const struct stat *st)
{
	if (st->st_uid == r->job->uid)
		return st->st_mode & S_IXUSR;
	if (r->n_groups < 0) {
		struct passwd *pw = getpwuid(r->job->uid);

		r->n_groups = sizeof(r->groups) / sizeof(r->groups[0]);
		if (!pw || getgrouplist(pw->pw_name, pw->pw_gid, r->groups, &r->n_groups) < 0)
			r->n_groups = 0;
	}
	for (int i = 0; i < r->n_groups; i++)
		if (st->st_gid == r->groups[i])
			return st->st_mode & S_IXGRP;
	return st->st_mode & S_IXOTH;
}

/*
 * The run gate resolves a pin as the job's user. What that user can't reach (an EnvironmentFile= that the manager reads as
 * root) would always look changed: it is no pin.
 */
static bool is_reachable(struct resolving *r, const char *path)
{
	char real[PATH_MAX];
	struct stat st;

	if (r->job->uid == 0 || !realpath(path, real))
		return true;
	for (char *slash = real + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = 0;
		if (stat(real, &st) == 0 && !may_search(r, &st))
			return false;
	}
	return true;
}

static int add_pin(struct resolving *r, const char *path, const struct known *k)
{
	struct jw_job *job = r->job;
	struct jw_pin *v;

	for (size_t i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return 0;
	if (job->n_pins == JOBWARD_PINS_MAX) {
		r->full = true;
		return 0;
	}
	if (k && !is_reachable(r, path))
		return 0;
	v = reallocarray(job->pins, job->n_pins + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	job->pins = v;
	v += job->n_pins;
	*v = (struct jw_pin){ .path = strdup(path) };
	if (!v->path)
		return -ENOMEM;
	if (k)
		fill_pin(v, k);
	job->n_pins++;
	return 0;
}

static int add_absent(struct resolving *r, const char *path)
{
	char **v;

	if (r->n_absent == JOBWARD_PINS_MAX)
		return 0;
	v = reallocarray(r->absent, r->n_absent + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	r->absent = v;
	v[r->n_absent] = strdup(path);
	return v[r->n_absent++] ? 0 : -ENOMEM;
}

static int add_program(struct resolving *r, const char *name, int depth);

/* "#!/usr/bin/env python3" runs what PATH has; anything else what it names. */
static int add_interpreter(struct resolving *r, const char *head, int depth)
{
	char line[sizeof(((struct known *)NULL)->head)], *save = NULL, *word, *base;
	int err;

	strcpy(line, head);
	word = strtok_r(line, " \t", &save);
	if (!word || depth > 1)
		return 0;
	err = add_program(r, word, depth + 1);
	base = strrchr(word, '/');
	if (err || strcmp(base ? base + 1 : word, "env"))
		return err;
	while ((word = strtok_r(NULL, " \t", &save)))
		if (word[0] != '-' && !strchr(word, '='))
			return add_program(r, word, depth + 1);
	return 0;
}

/* @path is absolute. Return: 1 when a file is there, 0 when not, or negative errno. */
static int add_file(struct resolving *r, const char *path, int depth)
{
	struct known *k;
	int err = look(r->pins, path, &k);

	if (err == -ENOENT)
		return 0;
	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		err = jw_diag_add(r->diags, JW_DIAG_WARNING, r->job->path, r->job->line, 0,
				  "'%s' can't be read and is not covered by an approval: %s", path, strerror(-err));
		return err < 0 ? err : 1;
	}
	err = add_pin(r, path, k);
	if (!err && k->head[0])
		err = add_interpreter(r, k->head, depth);
	return err < 0 ? err : 1;
}

/* A file operand: what is not there yet must stay so. */
static int add_operand(struct resolving *r, const char *name)
{
	char path[PATH_MAX];
	int n = name[0] == '/' ? snprintf(path, sizeof(path), "%s", name) :
		snprintf(path, sizeof(path), "%s/%s", r->home, name);

	if (n >= (int)sizeof(path))
		return 0;
	n = add_file(r, path, 0);
	/* a directory, a device: no content to compare */
	if (n || access(path, F_OK) == 0)
		return n < 0 ? n : 0;
	return add_absent(r, path);
}

static bool is_builtin(const char *name)
{
	/* dash(1) and bash(1); a shell looks for these before PATH */
	static const char *const names[] = {
		".",	   ":",	       "[",	  "[[",	    "alias",   "bg",	 "break", "builtin",  "cd",
		"command", "continue", "declare", "dirs",   "echo",    "enable", "eval",  "exec",     "exit",
		"export",  "false",    "fc",	  "fg",	    "getopts", "hash",	 "jobs",  "kill",     "let",
		"local",   "logout",   "popd",	  "printf", "pushd",   "pwd",	 "read",  "readonly", "return",
		"set",	   "shift",    "shopt",	  "source", "suspend", "test",	 "times", "trap",     "true",
		"type",	   "typeset",  "ulimit",  "umask",  "unalias", "unset",	 "wait",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static int add_program(struct resolving *r, const char *name, int depth)
{
	char path[PATH_MAX];
	int found;

	if (name[0] == '/') {
		found = add_file(r, name, depth);
		return found ? (found < 0 ? found : 0) : add_absent(r, name);
	}
	if (strchr(name, '/'))
		return add_operand(r, name);
	for (const char *at = r->path; at && *at; ) {
		size_t len = strcspn(at, ":");

		/* an empty entry is the current directory */
		if (snprintf(path, sizeof(path), "%.*s%s/%s", (int)len, at, len ? "" : r->home, name) <
		    (int)sizeof(path)) {
			found = access(path, X_OK) == 0 ? add_file(r, path, depth) : 0;
			if (found)
				return found < 0 ? found : 0;
			found = add_absent(r, path);
			if (found < 0)
				return found;
		}
		at += len + (at[len] == ':');
	}
	return 0;
}

/*
 * "cd DIR && …": relative paths of the rest start there. Return: length of DIR at *ret, 0 when the command is no such.
 */
static size_t leading_cd(const char *command, const char **ret)
{
	command += strspn(command, " \t");
	if (strncmp(command, "cd ", 3))
		return 0;
	command += 3 + strspn(command + 3, " \t");
	*ret = command;
	return *command == '/' ? strcspn(command, " \t;&|$\"'\\*?[") : 0;
}

static int add_shell_command(struct resolving *r, const char *command)
{
	struct jw_shell_words words = { 0 };
	const char *home = r->home, *dir = NULL;
	char cd[PATH_MAX];
	size_t len = leading_cd(command, &dir);
	bool dynamic = false;
	int err = jw_parse_shell_command(command, &words);

	if (len && len < sizeof(cd)) {
		memcpy(cd, dir, len);
		cd[len] = 0;
		r->home = cd;
	}
	for (size_t i = 0; i < words.n && !err; i++) {
		const struct jw_shell_word *w = &words.v[i];

		if (w->kind == JW_SHELL_COMMAND)
			err = is_builtin(w->text) ? 0 : add_program(r, w->text, 0);
		else if (w->kind == JW_SHELL_SCRIPT)
			err = add_operand(r, w->text);
		else
			dynamic = true;
	}
	if (!err && dynamic)
		err = jw_diag_add(r->diags, JW_DIAG_NOTE, r->job->path, r->job->line, 0,
				  "the command has expansions: what they name is not covered by an approval");
	jw_shell_words_done(&words);
	r->home = home;
	return err;
}

static bool is_interpreter(const char *program, bool *shell)
{
	static const char *const names[] = { "python", "perl", "ruby", "node", "php", "lua", "tclsh", "awk" };
	const char *base = strrchr(program, '/');
	size_t len;

	base = base ? base + 1 : program;
	len = strlen(base);
	*shell = len >= 2 && len <= 5 && !strcmp(base + len - 2, "sh") && strcmp(base, "ssh");
	if (*shell)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(base, names[i], strlen(names[i])))
			return true;
	return false;
}

/* One exec: its program, and what an interpreter is given to run. */
static int add_exec(struct resolving *r, const struct jw_exec *exec)
{
	const char *arg = exec->argv, *end = exec->argv + exec->argv_len, *program;
	bool shell, command = false;
	int err;

	if (!arg || arg == end)
		return 0;
	program = exec->program ? exec->program : r->job->scheduler == JOBWARD_SCHEDULER_AT ? "/bin/sh" : arg;
	err = add_program(r, program, 0);
	if (err || !is_interpreter(program, &shell))
		return err;
	for (arg += strlen(arg) + 1; arg < end; arg += strlen(arg) + 1) {
		if (command)
			return add_shell_command(r, arg);
		if (arg[0] != '-' && arg[0] != '+')
			return add_operand(r, arg);
		/* "-c" and its like "-ec": the next word is a command, for shells alone */
		if (strcmp(arg, "--") && arg[1] != '-' && strchr(arg, 'c')) {
			if (!shell)
				return 0;
			command = true;
		}
	}
	return r->job->scheduler == JOBWARD_SCHEDULER_AT && r->job->command ? add_shell_command(r, r->job->command) : 0;
}

static const char *path_of(const struct jw_exec *exec)
{
	const char *path = NULL;

	for (char **e = exec->env; e && *e; e++)
		if (!strncmp(*e, "PATH=", 5))
			path = *e + 5;
	return path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

int jw_pins_resolve(struct jw_pins *pins, struct jw_job *job, const char *home, struct jw_diags *diags)
{
	struct resolving r = { .pins = pins, .job = job, .home = home, .diags = diags, .n_groups = -1 };
	struct known *k;
	int err = 0;

	for (size_t i = 0; i < job->n_pins && !err; ) {
		struct jw_pin *pin = &job->pins[i];

		if (!is_reachable(&r, pin->path)) {
			free(pin->path);
			free(pin->package);
			*pin = job->pins[--job->n_pins];
			continue;
		}
		err = look(pins, pin->path, &k);
		if (!err)
			fill_pin(pin, k);
		else
			pin->present = false;
		if (err != -ENOMEM)
			err = 0;
		i++;
	}
	for (size_t i = 0; i < job->n_execs && !err; i++) {
		r.path = path_of(&job->execs[i]);
		err = add_exec(&r, &job->execs[i]);
	}
	for (size_t i = 0; i < r.n_absent; i++) {
		if (!err)
			err = add_pin(&r, r.absent[i], NULL);
		free(r.absent[i]);
	}
	free(r.absent);
	if (!err && r.full)
		err = jw_diag_add(diags, JW_DIAG_NOTE, job->path, job->line, 0,
				  "the job runs more than %d files: the rest is not covered by an approval",
				  JOBWARD_PINS_MAX);
	return err;
}
