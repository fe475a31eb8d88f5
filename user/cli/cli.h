/* SPDX-License-Identifier: GPL-2.0 */
/* The command table's types, what every command is given, and the ways to store, daemon and jobs that they share. */
#ifndef JOBWARD_CLI_CLI_H
#define JOBWARD_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "lib/job.h"
#include "lib/judge.h"
#include "lib/store/store.h"

/* Exit codes of the contract. */
enum jw_exit {
	JW_EXIT_YES = 0,
	JW_EXIT_NO = 1,
	JW_EXIT_USAGE = 2,
	JW_EXIT_UNREACHABLE = 3,
	JW_EXIT_NOT_PERMITTED = 4,
};

#define JW_OPTIONS_MAX 16

struct jw_option {
	const char *name;	/* NULL ends a list */
	char letter;		/* 0: none */
	/* What it takes, for people; NULL: nothing. One that ends with "..." may be given several times, a line for each. */
	const char *arg;
	const char *help;
	const char *words;	/* for completion: words with blanks between, or "@job", "@file", "@hunt" */
};

struct jw_cli;

struct jw_command {
	const char *name;
	const char *args;	/* for the synopsis, after the name */
	const char *help;	/* one line */
	const char *about;	/* a paragraph for --help; may be NULL */
	int (*run)(struct jw_cli *cli);
	unsigned int words_min, words_max;
	const char *words;	/* for completion of the arguments, as in struct jw_option */
	struct jw_option options[JW_OPTIONS_MAX];
};

struct jw_cli {
	const struct jw_command *command;
	const char *store_path, *control_path;
	bool json;
	const char *values[JW_OPTIONS_MAX]; /* of command->options; NULL: not given, "" for one that takes nothing */
	char **words;
	size_t n_words;
	struct jw_store *store;			/* opened by jw_cli_store(); closed by main() */
};

extern const struct jw_command jw_commands[];	/* ends with a name of NULL */

/* Value of an option of this command by its long name; NULL when not given. */
const char *jw_cli_option(const struct jw_cli *cli, const char *name);
/* Bad input: says so, and where the help is. Return: JW_EXIT_USAGE. */
int jw_cli_usage(const struct jw_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- ways out (reach.c). Each complains by itself and returns an exit code, JW_EXIT_YES when all is well ---- */
/* Opens the store, read-only. */
int jw_cli_store(struct jw_cli *cli);
/* Complains about a call to lib/store that failed. */
int jw_cli_store_failed(struct jw_cli *cli, const char *what, int err);
/* Asks the daemon; on success the caller owns *ret_reply. */
int jw_cli_ask(struct jw_cli *cli, json_t *request, json_t **ret_reply);

/* ---- jobs (pick.c) ---- */
/* Jobs of the store in the order of the inventory: by scheduler, file, line. Caller frees with jw_jobs_done(). */
int jw_cli_jobs(struct jw_cli *cli, bool gone, struct jw_jobs *ret);
/*
 * The one job that @name means: the beginning of an id, a unit's name or the place "/etc/cron.d/x:3". Complains and
 * returns JW_EXIT_NO when there is none, JW_EXIT_USAGE with the candidates when there are several.
 */
int jw_cli_pick(const struct jw_jobs *jobs, const char *name, const struct jw_job **ret);
/* As jw_cli_pick(), silent; how many match. */
size_t jw_cli_matches(const struct jw_jobs *jobs, const char *name, const struct jw_job **ret_first);
/* The next start as of now: what the store has may be of yesterday. */
int64_t jw_cli_next_run(const struct jw_job *job, int64_t now_ns);
/* How many digits of an id tell all of these jobs apart: at least 8. */
unsigned int jw_cli_id_digits(const struct jw_jobs *jobs);
/* The first @digits of an id. Shown text. */
const char *jw_cli_short_id(uint64_t id, unsigned int digits);
/* "/etc/cron.d/x:3". Shown text. */
const char *jw_cli_place(const struct jw_job *job);
/* The command, or why there is none to be known. Shown text. */
const char *jw_cli_command(const struct jw_job *job);
/* Name of a user id; the number when it has none. Shown text. */
const char *jw_cli_user(uint32_t uid);

/* ---- JSON (json.c) ---- */
/* All take over @value; NULL is out of memory. */
void jw_json_set(json_t *object, const char *key, json_t *value);
void jw_json_add(json_t *array, json_t *value);
/* Text of strangers: bytes that are no UTF-8 become U+FFFD. NULL stays NULL: see jw_json_set_text(). */
json_t *jw_json_text(const char *text, size_t len);
/* An array of the words of @text, which have blanks between; NULL has none. */
json_t *jw_json_words(const char *text);
/* Sets nothing when @text is NULL. */
void jw_json_set_text(json_t *object, const char *key, const char *text);
/* RFC 3339, UTC, nanoseconds; sets nothing for 0. */
void jw_json_set_time(json_t *object, const char *key, int64_t ns);
json_t *jw_json_job(const struct jw_job *job, int64_t now_ns);
/* What hangs on a job. */
json_t *jw_json_execs(const struct jw_job *job);
json_t *jw_json_pins(const struct jw_job *job);
json_t *jw_json_decision(const struct jw_decision *decision);
json_t *jw_json_version(const struct jw_job_version *version);
/* A cell of an answer that is not NULL. */
json_t *jw_json_value(const struct jw_value *value);
/* All rows of a view of jobward-hunt(5), an object each. Return: exit code. */
int jw_json_rows(struct jw_cli *cli, const char *view, json_t **ret);
/* Prints one document (indented on a terminal) or one line of a stream, and drops it. */
void jw_json_print(json_t *value);
void jw_json_print_line(json_t *value);

/* ---- hunts (cmd_hunt.c) ---- */
struct jw_hunts;
/* Those that are installed (or in the folder of the command's own --from); wrong ones are passed over in silence. */
void jw_cli_hunts(struct jw_cli *cli, struct jw_hunts *ret);
/* "NAME:what it tells", one a line. */
int jw_cli_hunt_names(struct jw_cli *cli);
struct jw_hunts;
/* Those that are installed and the administrator's, or those of --from. What is wrong with files goes to @diags. Return: exit code. */
int jw_hunts_get(struct jw_cli *cli, struct jw_hunts *ret, struct jw_diags *diags);
void jw_hunts_complain(const struct jw_diags *diags);

/* ---- commands ---- */
int jw_cmd_status(struct jw_cli *cli);
int jw_cmd_jobs(struct jw_cli *cli);
int jw_cmd_show(struct jw_cli *cli);
int jw_cmd_approve(struct jw_cli *cli);
int jw_cmd_revoke(struct jw_cli *cli);
int jw_cmd_deny(struct jw_cli *cli);
int jw_cmd_edit(struct jw_cli *cli);
int jw_cmd_learn(struct jw_cli *cli);
int jw_cmd_mode(struct jw_cli *cli);
int jw_cmd_lock(struct jw_cli *cli);
int jw_cmd_log(struct jw_cli *cli);
int jw_cmd_why(struct jw_cli *cli);
int jw_cmd_modules(struct jw_cli *cli);
int jw_cmd_policy(struct jw_cli *cli);
int jw_cmd_selftest(struct jw_cli *cli);
int jw_cmd_verify(struct jw_cli *cli);
int jw_cmd_hunt(struct jw_cli *cli);
int jw_cmd_evidence(struct jw_cli *cli);
int jw_cmd_report(struct jw_cli *cli);
int jw_cmd_sync(struct jw_cli *cli);
int jw_cmd_reload(struct jw_cli *cli);

#endif
