// SPDX-License-Identifier: GPL-2.0
/* The command table, and from the words on the command line to one of its rows. */
#include <locale.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "cli.h"
#include "help.h"
#include "lib/control.h"
#include "render.h"

#define STATES "approved unknown changed denied"
#define SCHEDULERS "cron anacron at systemd systemd-user run-parts cronie bcron busybox"
#define KINDS "run write module net chain tamper admin"
#define VERDICTS "allow audit deny"
#define GATES "run write module"
#define MODES "audit hold enforce"
#define TIMES "a time: 2026-11-24 08:00, 08:00, yesterday, -2h"

#define REASON {"reason", 0, "R", "why; kept on record", NULL}

const struct jw_command jw_commands[] = {
	{
		"status", "", "is all well? Module, gates, daemon, jobs, events, findings",
		"Ends with 3 when module or daemon is missing.",
		jw_cmd_status, 0, 0, NULL, {{0}},
	}, {
		"jobs", "", "every scheduled job of every scheduler on this host",
		"A state is approved, unknown (nobody decided), changed (since its approval) or denied.",
		jw_cmd_jobs, 0, 0, NULL, {
			{"state", 0, "S", "only approved, unknown, changed or denied ones", STATES},
			{"scheduler", 0, "S", "only cron, anacron, at, systemd, systemd-user, run-parts, cronie, bcron or busybox", SCHEDULERS},
			{"owner", 0, "U", "only those that run as this user", NULL},
			{0},
		},
	}, {
		"show", "JOB", "all about one job: text, schedule, origin, approval, history",
		"JOB is the beginning of an id, a unit's name, or the place in a file (/etc/cron.d/x:3).",
		jw_cmd_show, 1, 1, "@job", {{0}},
	}, {
		"approve", "JOB... | --all", "puts jobs on the allowlist, at once",
		"It is in force in the kernel when the command returns, and covers the command as it is and the content "
		"of the files that it runs.",
		jw_cmd_approve, 0, 10000, "@job", {
			{"all", 0, NULL, "all jobs that are unknown or changed now", NULL},
			{"until", 0, "T", "the approval ends then; a time, or a duration from now: 30d", NULL},
			REASON,
			{0},
		},
	}, {
		"revoke", "JOB...", "takes decisions about jobs back, so that the policy decides",
		NULL, jw_cmd_revoke, 1, 10000, "@job", {REASON, {0}},
	}, {
		"deny", "JOB...", "denies jobs, whatever the policy says",
		NULL, jw_cmd_deny, 1, 10000, "@job", {REASON, {0}},
	}, {
		"edit", "FILE", "opens an editor on a job store, and offers the approval",
		"What was written is checked before it goes into the store. The editor is $VISUAL, $EDITOR or "
		"sensible-editor and works on a private copy.",
		jw_cmd_edit, 1, 1, "@file", {
			{"yes", 'y', NULL, "approve the jobs of the file afterwards without asking", NULL},
			{"no-approve", 0, NULL, "do not approve and do not ask", NULL},
			{0},
		},
	}, {
		"learn", "", "approves today's jobs of packages, lists the rest for a decision",
		NULL, jw_cmd_learn, 0, 0, NULL, {
			{"for", 0, "D", "go on for so long (10m, 2h), with the jobs that appear meanwhile", NULL},
			{0},
		},
	}, {
		"mode", "[MODE]", "shows the mode of the gates, or sets it",
		"audit lets all through and records; hold lets an unapproved job wait for an answer; enforce denies.",
		jw_cmd_mode, 0, 1, MODES, {
			{"gate", 0, "G", "only this gate: run, write or module", GATES},
			{0},
		},
	}, {
		"lock", "", "until the next boot: no unload, no weaker mode, no other auditor",
		"Nobody can take it back, root included. Approvals and stronger modes go on. What is tried against it is an event "
		"of kind tamper.",
		jw_cmd_lock, 0, 0, NULL, {
			{"no-kexec", 0, NULL, "load or start no other kernel by kexec either, not even for crash dumps", NULL},
			{0},
		},
	}, {
		"log", "", "what was tried, by whom, and what came of it; oldest first",
		NULL, jw_cmd_log, 0, 0, NULL, {
			{"since", 0, "T", "from then on; " TIMES, NULL},
			{"until", 0, "T", "up to then", NULL},
			{"kind", 0, "K", "only run, write, module, net, chain, tamper or admin", KINDS},
			{"verdict", 0, "V", "only allow, audit (enforce would have denied) or deny", VERDICTS},
			{"job", 0, "J", "only what has to do with this job", "@job"},
			{"scheduler", 0, "S", "only this scheduler's jobs", SCHEDULERS},
			{"follow", 'f', NULL, "go on with what comes; ends with Ctrl-C", NULL},
			{"all", 0, NULL, "a line for each event, also for those that are many and say one thing", NULL},
			{"n", 'n', "N", "the newest N; 0: all; default 200 on a terminal, 10 with --follow, else all", NULL},
			{0},
		},
	}, {
		"why", "SEQ | JOB | PATH | FINDING", "why that verdict, and what would change it",
		"SEQ is the number of an event in the log, JOB a job, PATH a file that jobs come from, FINDING one of a rule (F12).",
		jw_cmd_why, 1, 1, "@job", {{0}},
	}, {
		"hunt", "[NAME]", "looks for traces of an intruder in all that is on record; without NAME lists the hunts",
		"A hunt is a question to the store with a word on how to read the answer. --sql asks one of your own; "
		"jobward-hunt(5) has the views to ask and how to keep a hunt as a file. Hunts that are rules are asked by the daemon "
		"all the time, and what they find is listed by --findings. Ends with 1 when nothing matches.",
		jw_cmd_hunt, 0, 1, "@hunt", {
			{"findings", 0, NULL, "lists what rules found and nobody acknowledged; jobward why F12 tells all of one", NULL},
			{"all", 0, NULL, "with --findings: acknowledged ones too", NULL},
			{"acknowledge", 0, "F", "a finding is dealt with", NULL},
			REASON,
			{"try", 0, NULL, "what rules, or the one named, would find in the record; stores nothing", NULL},
			{"sql", 0, "SELECT", "asks this instead of a hunt", NULL},
			{"since", 0, "T", "only what happened from then on, for hunts that heed it; " TIMES, NULL},
			{"until", 0, "T", "only up to then; default now", NULL},
			{"csv", 0, NULL, "comma-separated values, the first line has the names", NULL},
			{"n", 'n', "N", "at most N rows; 0: all; default 1000 for a table, else all", NULL},
			{"timeout", 0, "D", "gives up after so long; default 1m", NULL},
			{"from", 0, "FOLDER", "takes the hunts from here alone", "@file"},
			{0},
		},
	}, {
		"evidence", "export FILE | show FILE | verify FILE", "takes what is on record along, sealed; shows and checks what was taken",
		"A bundle is one tar file: the events with their hashes, all versions of the jobs, decisions, findings, and a "
		"signature over all of it. show and verify need nothing but the bundle; verify ends with 1 when something in it "
		"was altered, and names the place. FILE - is standard output.",
		jw_cmd_evidence, 1, 10000, "@file", {
			{"job", 0, "JOB...", "only this job, with its file's writes; several times, or further jobs after it", "@job"},
			{"since", 0, "T", "only what happened from then on; " TIMES, NULL},
			{"until", 0, "T", "only up to then", NULL},
			{"note", 0, "TEXT", "what the case is about; goes into the bundle", NULL},
			{"format", 0, "F", "bundle, stix (STIX 2.1), navigator (ATT&CK Navigator layer) or timeline (CSV); default bundle",
			 "bundle stix navigator timeline"},
			{"key", 0, "FILE", "show and verify: the public key that it has to be signed with", "@file"},
			{0},
		},
	}, {
		"report", "--html FILE", "one self-contained page to look at, to hand on and to print",
		"It loads nothing and runs no script. FILE - is standard output.",
		jw_cmd_report, 0, 0, NULL, {
			{"html", 0, "FILE", "writes the page there", "@file"},
			{"since", 0, "T", "what is told of the events begins there; default -7d; " TIMES, NULL},
			{0},
		},
	}, {
		"modules", "", "loaded kernel modules: file, hash, signer, package, verdict",
		"Ends with 1 when there are findings.",
		jw_cmd_modules, 0, 0, NULL, {{0}},
	}, {
		"policy", "check [FILE] | diff FILE | replay FILE", "checks a policy, and tells what it would change",
		"diff judges today's jobs as if FILE, or a folder of files, were the whole policy; replay the runs on record, and "
		"tells what the rules would have found. Both change nothing, and end with 1 where a verdict would differ.",
		jw_cmd_policy, 1, 2, "@file", {
			{"since", 0, "T", "replay: only what happened from then on; " TIMES, NULL},
			{"from", 0, "FOLDER", "replay: takes the rules from here alone", "@file"},
			{0},
		},
	}, {
		"selftest", "", "tries each gate with a harmless canary and says which held",
		NULL, jw_cmd_selftest, 0, 0, NULL, {{0}},
	}, {
		"verify", "", "walks the store's hash chain: was anything altered?",
		NULL, jw_cmd_verify, 0, 0, NULL, {{0}},
	}, {
		"sync", "", "reads all stores again and waits until all events are on record",
		NULL, jw_cmd_sync, 0, 0, NULL, {{0}},
	}, {
		"reload", "", "reads the policy again and puts it in force",
		NULL, jw_cmd_reload, 0, 0, NULL, {{0}},
	},
	{0},
};

static const struct jw_command *find_command(const char *name)
{
	const struct jw_command *command;

	for (command = jw_commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

/* A command that begins so: nobody should have to look a name up to finish it. */
static int no_command(const struct jw_cli *cli, const char *name)
{
	const struct jw_command *command;

	for (command = jw_commands; command->name && *name; command++)
		if (!strncmp(command->name, name, strlen(name)))
			return jw_cli_usage(cli, "there is no command '%s'; do you mean '%s'?", jw_show(name), command->name);
	return jw_cli_usage(cli, "there is no command '%s'", jw_show(name));
}

/* "help" and "help COMMAND", as people expect from elsewhere. */
static int help(struct jw_cli *cli, const char *name)
{
	if (!name) {
		jw_help_all();
		return JW_EXIT_YES;
	}
	cli->command = find_command(name);
	if (!cli->command)
		return no_command(cli, name);
	jw_help_command(cli->command);
	return JW_EXIT_YES;
}

static int run_command(struct jw_cli *cli, int argc, char **argv)
{
	struct jw_args_parsed parsed = {0};
	int code;

	if (!strcmp(argv[0], "help"))
		return help(cli, argv[1]);
	cli->command = find_command(argv[0]);
	if (!cli->command)
		return no_command(cli, argv[0]);
	code = jw_args_parse(cli, argc, argv, &parsed);
	if (code)
		return code;
	if (parsed.help) {
		jw_help_command(cli->command);
		return JW_EXIT_YES;
	}
	cli->words = argv + optind;
	cli->n_words = (size_t)(argc - optind);
	if (cli->n_words < cli->command->words_min || cli->n_words > cli->command->words_max)
		return jw_cli_usage(cli, "usage: %s", jw_help_synopsis(cli->command));
	return cli->command->run(cli);
}

static int start(struct jw_cli *cli, int argc, char **argv)
{
	struct jw_args_parsed parsed = {0};
	int code = jw_args_parse(cli, argc, argv, &parsed);

	if (code)
		return code;
	if (parsed.version) {
		puts("jobward " JOBWARD_VERSION);
		return JW_EXIT_YES;
	}
	if (parsed.completion)
		return jw_help_completion(cli, parsed.completion);
	if (parsed.help)
		return help(cli, NULL);
	if (optind == argc) {
		jw_help_all();
		return JW_EXIT_USAGE;
	}
	return run_command(cli, argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	struct jw_cli cli = {.store_path = JW_STORE_PATH, .control_path = JW_CONTROL_PATH};
	int code;

	setlocale(LC_CTYPE, "");
	jw_render_init();
	/* `jobward log | head` is no failure: writing says so, and the command ends as it would have. */
	signal(SIGPIPE, SIG_IGN);
	code = start(&cli, argc, argv);
	if (cli.store)
		jw_store_close(cli.store);
	jw_show_reset();
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE) {
		jw_complain("cannot write the answer: %s", strerror(errno));
		return JW_EXIT_USAGE;
	}
	return code;
}
