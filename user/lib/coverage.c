// SPDX-License-Identifier: GPL-2.0
/* See coverage.h. What is pinned: pins.c; what is part of the key: include/jobward/job_key.h. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <jobward/job_key.h>
#include "cleanup.h"
#include "coverage.h"
#include "grow.h"
#include "parse/parse.h"
#include "parse/shell_lex.h"
#include "parse/shell_tools.h"

static const char *const names[] = {
	[JW_COVERS_COMMAND] = "command",      [JW_COVERS_CONTENT] = "content",
	[JW_COVERS_FILE] = "file",	      [JW_COVERS_ABSENT] = "absent",
	[JW_COVERS_EXEC] = "exec",	      [JW_LIMIT_PATTERN] = "pattern",
	[JW_LIMIT_COMPUTED] = "computed",     [JW_LIMIT_CODE] = "code",
	[JW_LIMIT_SCRIPT] = "script",	      [JW_LIMIT_NETWORK] = "network",
	[JW_LIMIT_DIRECTORY] = "directory",   [JW_LIMIT_PATH] = "path",
	[JW_LIMIT_ENVIRONMENT] = "environment", [JW_LIMIT_ENVIRONMENT_FILE] = "environment-file",
	[JW_LIMIT_UNIT] = "unit",	      [JW_LIMIT_NUMBER] = "number",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == JW_COVERAGE_KINDS, "a kind has no name");

const char *jw_coverage_name(enum jw_coverage_kind kind)
{
	return (unsigned int)kind < JW_COVERAGE_KINDS ? names[kind] : NULL;
}

/* ---- the lists ---- */

struct finding {
	const struct jw_job *job;
	struct jw_coverage *out;
	int err;
};

static bool is_there(const struct jw_coverage_note *v, size_t n, enum jw_coverage_kind kind, const char *subject)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == kind && !strcmp(v[i].subject, subject))
			return true;
	return false;
}

static void note(struct finding *f, enum jw_coverage_kind kind, const char *subject, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Each subject once a kind. */
static void note(struct finding *f, enum jw_coverage_kind kind, const char *subject, const char *fmt, ...)
{
	bool covers = kind < JW_LIMIT_PATTERN;
	struct jw_coverage_note **list = covers ? &f->out->covers : &f->out->limits, *v;
	size_t *n = covers ? &f->out->n_covers : &f->out->n_limits;
	va_list args;

	if (f->err || is_there(*list, *n, kind, subject))
		return;
	v = jw_grow(*list, *n, sizeof(*v));
	if (!v) {
		f->err = -ENOMEM;
		return;
	}
	*list = v;
	v += *n;
	*v = (struct jw_coverage_note){ .kind = kind, .subject = strdup(subject) };
	va_start(args, fmt);
	if (!v->subject || vasprintf(&v->text, fmt, args) < 0) {
		v->text = NULL;
		f->err = -ENOMEM;
	}
	va_end(args);
	(*n)++;
}

void jw_coverage_done(struct jw_coverage *coverage)
{
	while (coverage->n_covers) {
		free(coverage->covers[--coverage->n_covers].subject);
		free(coverage->covers[coverage->n_covers].text);
	}
	while (coverage->n_limits) {
		free(coverage->limits[--coverage->n_limits].subject);
		free(coverage->limits[coverage->n_limits].text);
	}
	free(coverage->covers);
	free(coverage->limits);
	*coverage = (struct jw_coverage){ 0 };
}

static const struct jw_pin *find_pin(const struct jw_job *job, const char *path)
{
	for (size_t i = 0; i < job->n_pins; i++)
		if (!strcmp(job->pins[i].path, path))
			return &job->pins[i];
	return NULL;
}

static bool has_units(const struct jw_job *job)
{
	return job->scheduler == JOBWARD_SCHEDULER_SYSTEMD || job->scheduler == JOBWARD_SCHEDULER_SYSTEMD_USER;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- commands ---- */

static bool fetches(const char *program)
{
	static const char *const fetchers[] = { "curl", "wget", "ftp", "tftp", "nc",  "ncat",  "socat",
						"ssh",	"scp",	"sftp", "rsync", "git", "svn" };

	for (size_t i = 0; i < sizeof(fetchers) / sizeof(fetchers[0]); i++)
		if (!strcmp(base_of(program), fetchers[i]))
			return true;
	return false;
}

/* Is this word an option with code behind it ("-c", "-lane")? Shells are followed into theirs, other interpreters are not. */
static bool gives_code(const char *program, const char *option)
{
	const struct jw_shell_tool *tool = jw_shell_tool_find(program);

	return tool && tool->kind == JW_TOOL_INTERPRETER && option[0] == '-' && option[1] != '-' && tool->code &&
	       strpbrk(option + 1, tool->code);
}

static void look_at_program(struct finding *f, const char *program)
{
	if (fetches(program))
		note(f, JW_LIMIT_NETWORK, program, "'%s' brings in what is not on this host: no approval covers that",
		     program);
}

/* A word behind the program that it may belong to. */
static void look_at_argument(struct finding *f, const char *program, const char *word)
{
	if (program && gives_code(program, word))
		note(f, JW_LIMIT_CODE, program,
		     "'%s %s' runs code of its arguments: covered to the letter, but not what that loads or calls",
		     program, word);
}

/* What shell.c does not report, since it is no program's name: wildcards among the arguments, code, fetchers. */
static void look_at_words(struct finding *f, const char *command)
{
	struct jw_shell_words ignored = { 0 };
	struct jw_shell sh = { .s = command, .out = &ignored };
	char *program = NULL;
	int t;

	while ((t = jw_shell_next(&sh)) != JW_SHELL_END && !f->err) {
		if (t < 0) {
			f->err = t;
			break;
		}
		if (t != JW_SHELL_WORD)
			continue;
		if (sh.word.glob && !sh.word.dynamic)
			note(f, JW_LIMIT_PATTERN, sh.word.text,
			     sh.word.text[0] == '/' || sh.word.text[0] == '.' ?
				     "'%s' is a pattern: which files it means is only known when the job runs" :
				     "'%s' is a pattern: which files it means is only known when the job runs, and a name that"
				     " begins with '-' is an option then",
			     sh.word.text);
		look_at_argument(f, program, sh.word.text);
		if (jw_shell_tool_find(sh.word.text)) {
			free(program);
			program = strdup(sh.word.text);
		}
	}
	free(program);
	jw_shell_done(&sh);
	jw_shell_words_done(&ignored);
}

static void look_at_shell(struct finding *f, const char *command)
{
	struct jw_shell_words words = { 0 };

	if (jw_parse_shell_command(command, &words) < 0)
		f->err = -ENOMEM;
	for (size_t i = 0; i < words.n; i++) {
		if (words.v[i].kind == JW_SHELL_DYNAMIC)
			note(f, JW_LIMIT_COMPUTED, words.v[i].text, "'%s' is only known when the job runs", words.v[i].text);
		else if (words.v[i].kind == JW_SHELL_COMMAND)
			look_at_program(f, words.v[i].text);
	}
	jw_shell_words_done(&words);
	look_at_words(f, command);
}

static void look_at_exec(struct finding *f, const struct jw_exec *exec)
{
	const char *end = exec->argv + exec->argv_len, *program = exec->program ? exec->program : exec->argv;
	const struct jw_shell_tool *tool = program ? jw_shell_tool_find(program) : NULL;
	bool command = false;

	if (!exec->argv_len)
		return;
	look_at_program(f, program);
	for (const char *arg = exec->argv + strlen(exec->argv) + 1; arg < end; arg += strlen(arg) + 1) {
		if (command) {
			look_at_shell(f, arg);
			break;
		}
		look_at_argument(f, program, arg);
		command = tool && tool->kind == JW_TOOL_SHELL && arg[0] == '-' && arg[1] != '-' && strchr(arg, 'c');
	}
}

/* ---- environment ---- */

/* Set by schedulers and logins, and of no weight for what runs. HOME is where relative names start, which pins follow. */
static bool is_common(const char *env)
{
	static const char *const common[] = { "HOME=",	"LOGNAME=", "USER=",	"SHELL=",    "LANG=",	"LANGUAGE=", "TZ=",
					      "TERM=",	"MAILTO=",  "MAILFROM=", "CRON_TZ=", "PATH=", "RANDOM_DELAY=",
					      "START_HOURS_RANGE=", "DEBIAN_FRONTEND=" };

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (!strncmp(env, common[i], strlen(common[i])))
			return true;
	return !strncmp(env, "LC_", 3) || !strncmp(env, "SYSTEMD_", 8) || !strncmp(env, "XDG_", 4) ||
	       !strncmp(env, "DBUS_", 5);
}

/* (A variable without a name was taken away: scheduler/systemd.c.) */
static void look_at_variable(struct finding *f, const char *env)
{
	const char *value = strchr(env, '=');
	_cleanup_free_ char *name = value && value > env ? strndup(env, (size_t)(value - env)) : NULL;

	if (!value || value == env || is_common(env))
		return;
	if (!name)
		f->err = -ENOMEM;
	else if (!jw_job_key_env_covered(env, false))
		note(f, JW_LIMIT_ENVIRONMENT, name, "the variable %s is set for the job and is no part of the approval", name);
	else if (value[1] && !find_pin(f->job, value + 1))
		note(f, JW_LIMIT_ENVIRONMENT, name,
		     "%s changes what runs: its value is covered, the content of what it names is not", env);
}

static void look_at_path(struct finding *f, const char *path)
{
	for (const char *at = path;; at++) {
		size_t len = strcspn(at, ":");

		if (*at != '/')
			note(f, JW_LIMIT_PATH, path, "PATH names '%.*s', which is no whole path: it means the folder that the job"
			     " is in", (int)(len ? len : 1), len ? at : ".");
		at += len;
		if (!*at)
			break;
	}
}

/* ---- who may write on the way ---- */

static const char *user_of(uid_t uid, char out[32])
{
	struct passwd *pw = getpwuid(uid);

	if (pw)
		snprintf(out, 32, "%.31s", pw->pw_name);
	else
		snprintf(out, 32, "%u", uid);
	return out;
}

static const char *group_of(gid_t gid, char out[32])
{
	struct group *gr = getgrgid(gid);

	if (gr)
		snprintf(out, 32, "%.31s", gr->gr_name);
	else
		snprintf(out, 32, "%u", gid);
	return out;
}

/*
 * May somebody other than root and the job's own user put something else there? In a folder with the sticky bit only
 * what is his own, which is told of the file itself.
 */
static bool others_may_write(const struct jw_job *job, const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != job->uid)
		return true;
	if (S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX)
		return false;
	return st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && st->st_gid != 0);
}

static void look_at_way(struct finding *f, const char *file)
{
	char path[PATH_MAX], user[32], group[32];
	struct stat st;

	/* as it is resolved: a symlink on the way leads through other folders, and those count */
	if (!realpath(file, path))
		return;
	for (;;) {
		char *slash;

		if (lstat(path, &st) == 0 && others_may_write(f->job, &st))
			note(f, JW_LIMIT_DIRECTORY, path,
			     "'%s' (%s:%s, mode %04o) can be written by others than root%s: who does that between the gate's look"
			     " and the job's has his own file run",
			     path, user_of(st.st_uid, user), group_of(st.st_gid, group), st.st_mode & 07777,
			     f->job->uid ? " and its own user" : "");
		slash = strrchr(path, '/');
		if (!slash || !path[1])
			break;
		slash[slash == path] = 0;
	}
}

static bool is_script(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char head[2];

	return fd >= 0 && read(fd, head, 2) == 2 && head[0] == '#' && head[1] == '!';
}

static void look_at_pin(struct finding *f, const struct jw_pin *pin)
{
	if (!pin->present) {
		note(f, JW_COVERS_ABSENT, pin->path, "nothing may turn up at '%s'", pin->path);
		return;
	}
	note(f, JW_COVERS_FILE, pin->path, "the content of '%s'", pin->path);
	look_at_way(f, pin->path);
	/* Of a package's own script its package answers for the rest. */
	if (!(pin->package && pin->unmodified) && is_script(pin->path))
		note(f, JW_LIMIT_SCRIPT, pin->path, "what '%s' calls or sources in turn is not followed", pin->path);
}

/* ---- units ---- */

static void look_at_setting(struct finding *f, const struct jw_unit_setting *s)
{
	if (!*s->value)
		return;
	if (!strcmp(s->key, "OnFailure") || !strcmp(s->key, "OnSuccess"))
		note(f, JW_LIMIT_UNIT, s->value, "%s=%s: those are other units, which this approval says nothing of", s->key,
		     s->value);
	else if (!strcmp(s->key, "EnvironmentFile") && !find_pin(f->job, s->value + (*s->value == '-')))
		note(f, JW_LIMIT_ENVIRONMENT_FILE, s->value,
		     "EnvironmentFile=%s: variables that decide what runs are covered, the file is not", s->value);
	else if (!strncmp(s->key, "Exec", 4) && strcmp(s->key, "ExecStart"))
		note(f, JW_COVERS_EXEC, s->value, "%s=%s, as the command is", s->key, s->value);
}

/* Of a unit the text is its files, one after the other, each behind a comment. */
static void look_at_unit(struct finding *f)
{
	struct jw_unit_file file = { 0 };
	struct jw_diags diags = { 0 };

	if (f->job->source && jw_parse_unit_file(f->job->source, f->job->source_len, f->job->path, &file, &diags) < 0)
		f->err = -ENOMEM;
	for (size_t i = 0; i < file.n; i++)
		look_at_setting(f, &file.v[i]);
	jw_unit_file_done(&file);
	jw_diags_done(&diags);
}

int jw_coverage_find(const struct jw_job *job, struct jw_coverage *ret)
{
	struct finding f = { .job = job, .out = ret };

	if (job->unreadable)
		return 0;
	note(&f, JW_COVERS_COMMAND, job->command ? job->command : "",
	     "the command to the letter, its user, and the variables that decide what a shell, an interpreter or the loader"
	     " runs");
	for (size_t i = 0; i < job->n_execs; i++) {
		const struct jw_exec *exec = &job->execs[i];

		if (exec->has_content)
			note(&f, JW_COVERS_CONTENT, job->path ? job->path : "", "the content of its own file");
		look_at_exec(&f, exec);
		for (char **e = exec->env; e && *e; e++) {
			look_at_variable(&f, *e);
			if (!strncmp(*e, "PATH=", 5))
				look_at_path(&f, *e + 5);
		}
	}
	if (job->scheduler == JOBWARD_SCHEDULER_AT && job->command)
		look_at_shell(&f, job->command);
	if (has_units(job))
		look_at_unit(&f);
	for (size_t i = 0; i < job->n_pins; i++)
		look_at_pin(&f, &job->pins[i]);
	if (job->n_pins >= JOBWARD_PINS_MAX)
		note(&f, JW_LIMIT_NUMBER, job->path ? job->path : "", "it runs or looks for more than %d files: the rest is not covered",
		     JOBWARD_PINS_MAX);
	if (f.err)
		jw_coverage_done(ret);
	return f.err;
}
