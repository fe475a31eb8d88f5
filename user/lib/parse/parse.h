/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One format a file: a buffer in, jobs and diagnoses out. Pure: no open, no clock, no users, no environment, no log.
 * What comes out is what the reader would run, byte for byte in argv; what the reader would refuse is a job with
 * ->unreadable set (one for a whole refused file, one for each skipped line that looks like a job) and a diagnosis.
 * All return 0 or -ENOMEM; bad input is not an error of the parser.
 */
#ifndef JOBWARD_PARSE_H
#define JOBWARD_PARSE_H

#include "../diag.h"
#include "../job.h"

struct jw_parse_out {
	struct jw_jobs jobs;
	struct jw_diags diags;
};
void jw_parse_out_done(struct jw_parse_out *out);

/* Which cron reads the table; they differ, see the file header of crontab.c. */
enum jw_cron_flavour { JW_CRON_DEBIAN_12, JW_CRON_DEBIAN_13, JW_CRON_CRONIE };

struct jw_crontab_opts {
	const char *path;	/* for jobs and diagnoses */
	enum jw_cron_flavour flavour;
	const char *owner;	/* user's own table: its owner; NULL: a system table with a user field */
	/* Does the user exist? NULL: all do. */
	bool (*user_exists)(void *ctx, const char *name);
	void *ctx;
};
/*
 * Each job has one exec {SHELL, "-c", COMMAND}; exec->env holds the table's assignments in effect at that line (SHELL,
 * PATH, MAILTO and all others; last one wins), without what cron itself adds.
 */
int jw_parse_crontab(const char *buf, size_t len, const struct jw_crontab_opts *opts, struct jw_parse_out *out);
/* bcron's: the same outcome. opts->flavour means nothing here. */
int jw_parse_bcrontab(const char *buf, size_t len, const struct jw_crontab_opts *opts, struct jw_parse_out *out);
struct jw_busybox_opts {
	const char *path;
	const char *owner;		/* name of the file */
	const char *const *shells;	/* what crond may run commands with, NULL-terminated; one exec for each */
};
/* busybox's, users' tables only. exec->env stays empty: what a table sets is never in a job's environment but SHELL. */
int jw_parse_busybox_crontab(const char *buf, size_t len, const struct jw_busybox_opts *opts, struct jw_parse_out *out);
/* File name rules: /etc/cron.d without and with cron -l, run-parts without and with --lsbsysinit. Pure. */
bool jw_cron_d_name_ok(const char *name, bool lsb);
bool jw_run_parts_name_ok(const char *name, bool lsb);
/* cronie's, for /etc/cron.d and the users' tables. */
bool jw_cronie_name_ok(const char *name);

/* Debian's anacron. exec is {"/bin/sh", "-c", COMMAND}; name is the job identifier, schedule "PERIOD DELAY". */
int jw_parse_anacrontab(const char *buf, size_t len, const char *path, struct jw_parse_out *out);

struct jw_at_opts {
	const char *path;	/* whole path of the spool file */
	mode_t mode;		/* st_mode */
	uid_t uid;		/* st_uid */
	nlink_t nlink;
	const char *owner;	/* name of st_uid; NULL: has none */
};
/*
 * One file of atjobs. exec is {"sh"}, content the whole file; command is the user's own text (after the cd block),
 * schedule the time as "@SECONDS queue Q". A file that atd would not run now (no x bit, wrong header, links) is a job
 * with unreadable set. Files whose name does not begin like a job's give nothing.
 */
int jw_parse_at(const char *buf, size_t len, const struct jw_at_opts *opts, struct jw_parse_out *out);
/*
 * The user's own text in a file of atjobs, without what at puts before it and blanks behind it. @whole: all of the file
 * is here, not only its beginning. Return: into @buf; NULL when the beginning ends before the text.
 */
const char *jw_at_user_text(const char *buf, size_t len, bool whole, size_t *ret_len);
/* Is this directory entry a job for atd (not .SEQ, not "=…")? *run_at and *queue are filled. */
bool jw_at_name_parse(const char *name, int64_t *run_at, char *queue);

/* A unit file or drop-in: sections of key, value, line; continuation joined, comments dropped, nothing expanded. */
struct jw_unit_setting {
	char *section, *key, *value;
	unsigned int line;
};
struct jw_unit_file {
	struct jw_unit_setting *v;
	size_t n;
};
int jw_parse_unit_file(const char *buf, size_t len, const char *path, struct jw_unit_file *out, struct jw_diags *diags);
void jw_unit_file_done(struct jw_unit_file *file);

/*
 * One Exec line of systemd: prefixes taken off, words unquoted; specifiers and $VARIABLES are still in it. Of several
 * commands on one line the first; the others follow in ->rest. What systemd refuses has *cause and nothing in @out.
 */
struct jw_exec_line {
	char **argv;		/* NULL-terminated; argv[0] may differ from path after "@" */
	char *path;
	bool ignore_failure;	/* "-" */
	bool no_env;		/* ":" */
	bool privileged;	/* "+" or "!" */
	char *rest;		/* what follows a ";" of its own: the next command; NULL: none */
};
int jw_parse_exec_line(const char *value, struct jw_exec_line *out, char **cause);
void jw_exec_line_done(struct jw_exec_line *line);
/*
 * Expands $VAR, ${VAR} and $$ in the words as systemd does at exec (a word "$VAR" splits at blanks, "${VAR}" does not).
 * @env: NULL-terminated "NAME=VALUE", later wins; unset ones become empty. argv[0] too, ->path never. Result
 * NULL-terminated.
 */
int jw_systemd_expand_env(char *const *argv, char *const *env, char ***ret_argv);
/* An EnvironmentFile: assignments in order, NULL-terminated. */
int jw_parse_environment_file(const char *buf, size_t len, const char *path, char ***ret_env, struct jw_diags *diags);

/*
 * Programs and files that a shell command names, for pins: the first word of each simple command and the file operands
 * that interpreters, ".", "source", exec, nice, env, test -x … run. Only literal words; no expansion is done. Words
 * with expansions or globs are reported as dynamic. A lexer, not a shell: what it can't follow it reports.
 */
enum jw_shell_word_kind { JW_SHELL_COMMAND, JW_SHELL_SCRIPT, JW_SHELL_DYNAMIC, JW_SHELL_GLOB };
struct jw_shell_word {
	enum jw_shell_word_kind kind;
	char *text;
};
struct jw_shell_words {
	struct jw_shell_word *v;
	size_t n;
};
int jw_parse_shell_command(const char *command, struct jw_shell_words *out);
void jw_shell_words_done(struct jw_shell_words *words);

#endif
