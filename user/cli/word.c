// SPDX-License-Identifier: GPL-2.0
/* The contract's words for people. */
#include <string.h>
#include "lib/names_gen.h"
#include "lib/parse/parse.h"
#include "when.h"
#include "word.h"

int jw_word_option(const struct jw_cli *cli, const char *option, int (*from_name)(const char *), int *ret)
{
	const char *value = jw_cli_option(cli, option), *words = "";
	size_t i;

	*ret = value ? from_name(value) : -1;
	if (!value || *ret >= 0)
		return JW_EXIT_YES;
	for (i = 0; cli->command->options[i].name; i++)
		if (!strcmp(cli->command->options[i].name, option))
			words = cli->command->options[i].words;
	return jw_cli_usage(cli, "--%s is one of %s, not '%s'", option, words, jw_show(value));
}

int jw_time_option(const struct jw_cli *cli, const char *option, int64_t *ret_ns)
{
	const char *text = jw_cli_option(cli, option);

	if (text && jw_when_parse(text, jw_when_now(), false, ret_ns))
		return jw_cli_usage(cli, "'%s' is no time: give -2h, yesterday, 08:00 or 2026-11-24 08:00",
				    jw_show(text));
	return JW_EXIT_YES;
}

enum jw_style jw_word_state_style(enum jobward_state state)
{
	return state == JOBWARD_STATE_APPROVED ? JW_GOOD : state == JOBWARD_STATE_DENIED ? JW_BAD : JW_WARN;
}

enum jw_style jw_word_verdict_style(enum jobward_verdict verdict)
{
	return verdict == JOBWARD_VERDICT_DENY ? JW_BAD : verdict == JOBWARD_VERDICT_AUDIT ? JW_WARN : JW_GOOD;
}

static const char *const reasons[] = {
	[JOBWARD_REASON_NONE] = "no reason is on record",
	[JOBWARD_REASON_APPROVED] = "the job is approved",
	[JOBWARD_REASON_UNAPPROVED] = "nobody has approved this job",
	[JOBWARD_REASON_CHANGED] = "the job, or a file that it runs, has changed since it was approved",
	[JOBWARD_REASON_DENIED] = "the job was denied by decision",
	[JOBWARD_REASON_UNREADABLE] =
		"its arguments or content could not be read, and what cannot be read cannot be recognised",
	[JOBWARD_REASON_BUSY_SCRIPT] = "somebody had the script open for writing",
	[JOBWARD_REASON_LATE] = "it reached the gate only after another handler had taken hold of the exec",
	[JOBWARD_REASON_NO_TABLE] = "the daemon had not yet given the kernel any verdicts",
	[JOBWARD_REASON_HOLD_TIMEOUT] = "it waited for an answer and none came in time",
	[JOBWARD_REASON_WRITER] = "the program is a writer of that store",
	[JOBWARD_REASON_WRITER_LINEAGE] = "it was started by a writer of that store",
	[JOBWARD_REASON_NOT_A_WRITER] = "the program has no business in that store: it is not one of its writers",
	[JOBWARD_REASON_TAINTED_WRITER] =
		"the program is a writer, but somebody else may have decided what it does",
	[JOBWARD_REASON_SIGNED] = "the module has a signature that the kernel trusts",
	[JOBWARD_REASON_LISTED] = "the module is on the allowlist",
	[JOBWARD_REASON_NOT_LISTED] = "the module is not on the allowlist",
	[JOBWARD_REASON_NO_MEMORY] = "memory ran out",
	[JOBWARD_REASON_RING_FULL] = "the event ring was full",
	[JOBWARD_REASON_AUDITOR_EXIT] = "the daemon ended",
	[JOBWARD_REASON_IPMODIFY_CONFLICT] = "another user of the same kernel function (a livepatch) holds it",
	[JOBWARD_REASON_COMMAND] = "an administrator said so",
	[JOBWARD_REASON_PACKAGE] = "an unmodified file of a package",
	[JOBWARD_REASON_PLANTED_BY_JOB] =
		"a job was at work, and jobs plant no jobs, but for those that the policy names as planters",
	[JOBWARD_REASON_LOCKED] = "the module is locked until the next boot",
	[JOBWARD_REASON_DISARMED] = "somebody has taken a piece of the gates away",
	[JOBWARD_REASON_REARMED] = "a piece that was taken away is armed again",
	[JOBWARD_REASON_SILENT] = "the daemon gave no sign of life",
	[JOBWARD_REASON_RETURNED] = "the daemon gives signs of life again",
};

_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == JOBWARD_REASON_MAX + 1, "a reason has no words");

const char *jw_word_reason(enum jobward_reason reason)
{
	return (unsigned int)reason <= JOBWARD_REASON_MAX ? reasons[reason] :
							    "a reason that this version does not know";
}

static const char *const done[] = {
	[JOBWARD_ACTION_EXEC] = "started",
	[JOBWARD_ACTION_CREATE] = "created",
	[JOBWARD_ACTION_MODIFY] = "modified",
	[JOBWARD_ACTION_DELETE] = "deleted",
	[JOBWARD_ACTION_RENAME] = "renamed",
	[JOBWARD_ACTION_LINK] = "linked",
	[JOBWARD_ACTION_SYMLINK] = "made a symbolic link",
	[JOBWARD_ACTION_MKDIR] = "made the directory",
	[JOBWARD_ACTION_RMDIR] = "removed the directory",
	[JOBWARD_ACTION_MKNOD] = "made the node",
	[JOBWARD_ACTION_TRUNCATE] = "truncated",
	[JOBWARD_ACTION_ATTR] = "changed the attributes of",
	[JOBWARD_ACTION_XATTR] = "changed the extended attributes of",
	[JOBWARD_ACTION_MOUNT] = "mounted over",
	[JOBWARD_ACTION_UMOUNT] = "unmounted",
	[JOBWARD_ACTION_LOAD] = "loaded",
	[JOBWARD_ACTION_UNLOAD] = "unloaded",
	[JOBWARD_ACTION_CONNECT] = "connected to",
	[JOBWARD_ACTION_MODE] = "set the mode",
	[JOBWARD_ACTION_ATTACH] = "attached",
	[JOBWARD_ACTION_DETACH] = "detached",
	[JOBWARD_ACTION_TABLE] = "put a table in force",
	[JOBWARD_ACTION_GAP] = "lost events",
	[JOBWARD_ACTION_GATE] = "changed a gate",
	[JOBWARD_ACTION_APPROVE] = "approved",
	[JOBWARD_ACTION_REVOKE] = "revoked",
	[JOBWARD_ACTION_LEARN] = "learnt",
	[JOBWARD_ACTION_POLICY] = "read the policy",
	[JOBWARD_ACTION_START] = "started",
	[JOBWARD_ACTION_STOP] = "stopped",
	[JOBWARD_ACTION_FINDING] = "found",
	[JOBWARD_ACTION_CANARY] = "tried the gates",
	[JOBWARD_ACTION_HOLD] = "began to wait",
	[JOBWARD_ACTION_LIMIT] = "did more than is recorded of one run",
	[JOBWARD_ACTION_LOCK] = "locked the module",
	[JOBWARD_ACTION_SIGNAL] = "sent a signal",
	[JOBWARD_ACTION_PTRACE] = "took hold of the daemon",
	[JOBWARD_ACTION_KEXEC] = "called for another kernel",
};

_Static_assert(sizeof(done) / sizeof(done[0]) == JOBWARD_ACTION_MAX + 1, "an action has no words");

const char *jw_word_action_done(enum jobward_action action)
{
	return (unsigned int)action <= JOBWARD_ACTION_MAX ? done[action] :
							    "did something that this version does not know";
}

const char *jw_word_base(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return jw_show(slash && slash[1] ? slash + 1 : path);
}

const char *jw_word_who(const struct jw_subject *subject)
{
	const char *who;

	if (subject->kthread)
		return "kernel";
	who = jw_cli_user(subject->uid);
	if (subject->has_auid && subject->auid != subject->uid)
		who = jw_showf("%s as %s", jw_cli_user(subject->auid), who);
	if (subject->euid != subject->uid)
		who = jw_showf("%s (effective %s)", who, jw_cli_user(subject->euid));
	if (subject->tty)
		who = jw_showf("%s, %s", who, jw_show(subject->tty));
	if (subject->origin_address)
		who = jw_showf("%s, %s from %s", who, subject->origin ? subject->origin : "",
			       jw_show(subject->origin_address));
	else if (subject->origin && !(subject->tty && !strcmp(subject->origin, "console")))
		who = jw_showf("%s, %s", who, !strcmp(subject->origin, "service") ? "a service" : subject->origin);
	return who;
}

const char *jw_word_who_short(const struct jw_subject *subject)
{
	const char *who = jw_cli_user(subject->euid);

	if (subject->kthread)
		return "kernel";
	if (subject->has_auid && subject->auid != subject->euid)
		who = jw_showf("%s>%s", jw_cli_user(subject->auid), who);
	/* From where is worth more than on which terminal. */
	if (subject->origin_address)
		return jw_showf("%s %s", who, jw_show(subject->origin_address));
	if (subject->tty)
		return jw_showf("%s %s", who, jw_show(subject->tty));
	return subject->origin && !strcmp(subject->origin, "container") ? jw_showf("%s container", who) : who;
}

static const char *program(const struct jw_subject *subject)
{
	return subject->exe ? jw_word_base(subject->exe) : subject->comm ? jw_show(subject->comm) : "?";
}

/* atd starts "sh" and nothing else; what runs is what sh is given to read. */
static const char *at_words(const struct jw_event *event)
{
	size_t len;
	const char *text = event->scheduler == JOBWARD_SCHEDULER_AT && event->text ?
				   jw_at_user_text(event->text, event->text_len, false, &len) : NULL;

	return text ? jw_show_bytes(text, len) : NULL;
}

const char *jw_word_command(const struct jw_event *event)
{
	const char *text;

	if (event->job_command)
		return jw_show(event->job_command);
	text = at_words(event);
	return text ? text : event->argv_len ? jw_show_argv(event->argv, event->argv_len) : jw_show(event->object.path);
}

static const char *run_words(const struct jw_event *event)
{
	const char *scheduler = event->scheduler ? jw_scheduler_name(event->scheduler) : program(&event->subject);

	return jw_showf("%s: %s", scheduler, jw_word_command(event));
}

static const char *admin_words(const struct jw_event *event)
{
	const char *text = jw_action_name(event->action);

	if (event->action == JOBWARD_ACTION_GAP)
		return jw_showf("gap: events %llu to %llu are lost, %llu denials among them",
				(unsigned long long)event->first, (unsigned long long)event->last,
				(unsigned long long)event->denials);
	if (event->job)
		text = jw_showf("%s %s", text, jw_cli_short_id(event->job, 8));
	if (event->detail)
		text = jw_showf("%s: %s", text, jw_show(event->detail));
	if (event->object.path)
		text = jw_showf("%s %s", text, jw_show(event->object.path));
	return text;
}

/* The program as it lies, its arguments as it was given them: argv[0] says what it likes. */
static const char *chain_words(const struct jw_event *event)
{
	size_t first = event->argv_len ? strnlen(event->argv, event->argv_len) + 1 : 0;
	const char *text = jw_showf("%s: %s %s", program(&event->subject), jw_action_name(event->action),
				    event->object.path ? jw_show(event->object.path) : "?");

	return first < event->argv_len ? jw_showf("%s %s", text, jw_show_argv(event->argv + first, event->argv_len - first)) :
					 text;
}

static const char *net_words(const struct jw_event *event)
{
	char *destination;
	const char *text;

	jw_object_destination(&event->object, &destination);
	text = jw_showf("%s: %s %s (%s)", program(&event->subject), jw_action_name(event->action),
			destination ? jw_show(destination) : "?", jw_protocol_name(event->object.protocol));
	free(destination);
	return text;
}

const char *jw_word_what(const struct jw_event *event)
{
	const char *text;

	switch (event->kind) {
	case JOBWARD_KIND_RUN:
		return run_words(event);
	case JOBWARD_KIND_CHAIN:
		return chain_words(event);
	case JOBWARD_KIND_NET:
		return net_words(event);
	case JOBWARD_KIND_ADMIN:
	case JOBWARD_KIND_TAMPER:
		return admin_words(event);
	default:
		text = jw_showf("%s: %s %s", program(&event->subject), jw_action_name(event->action),
				event->object.path ? jw_show(event->object.path) :
				event->detail	   ? jw_show(event->detail) :
						     "?");
		if (event->target.path)
			text = jw_showf("%s %s %s", text, jw_render_terminal()->utf8 ? "→" : "->",
					jw_show(event->target.path));
		return text;
	}
}
