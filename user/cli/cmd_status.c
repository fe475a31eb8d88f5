// SPDX-License-Identifier: GPL-2.0
/*
 * jobward status: the one screen to look at first. Gathers from kernel, daemon and store; any of them may be missing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "cli.h"
#include "finding.h"
#include "lib/control.h"
#include "lib/genl.h"
#include "lib/names_gen.h"
#include "render.h"
#include "report.h"

#define FINDINGS_SHOWN 5
#define DAY_NS (86400 * 1000000000LL)
#define LABEL_COLUMNS 9
#define SCAN_MAX 1000	/* events of a day that are looked at: "1000 and more" is answer enough */

struct gathered {
	int module_err;		/* of asking the kernel */
	struct jw_module_status module;
	int daemon_err;		/* of connecting to the daemon */
	pid_t daemon_pid;
	int64_t uptime_ns;	/* 0: not known */
	char *daemon_version;
	int store_code;		/* exit code of opening the store */
	size_t jobs[JOBWARD_STATE_MAX + 1];
	json_t *findings;
	uint64_t last_seq;
	size_t denied, audited;
	void (*line)(void *ctx, const char *label, enum jw_style style, const char *text);
	void *ctx;
};

/* ---- gathering ---- */
static int ask_kernel(struct jw_module_status *ret)
{
	struct jw_genl *genl;
	int err = jw_genl_open(&genl);

	if (err)
		return err;
	err = jw_genl_status(genl, ret);
	jw_genl_close(genl);
	return err;
}

/* The kernel knows who listens on the socket; no question to the daemon is needed, and one that hangs is seen too. */
static int find_daemon(const char *path, pid_t *ret_pid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd, err = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) && errno != EAGAIN)
		err = -errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		err = -errno;
	else
		*ret_pid = peer.pid;
	close(fd);
	return err;
}

/*
 * proc(5): the 22nd field of stat, in clock ticks since the boot. The second field may hold anything up to its last
 * ")".
 */
static int64_t process_age_ns(pid_t pid)
{
	unsigned long long start = 0;
	struct timespec now;
	char line[1024], *p;
	FILE *file = fopen(jw_showf("/proc/%d/stat", (int)pid), "re");
	int field;

	if (!file)
		return 0;
	p = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	for (field = 2; p && field < 22; field++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	if (!p || sscanf(p, "%llu", &start) != 1)
		return 0;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec - (int64_t)start * (1000000000LL / sysconf(_SC_CLK_TCK));
}

static int take_finding(void *ctx, const char *name, const char *text, int64_t since_ns)
{
	json_t *finding = jw_must(json_object());

	jw_json_set_text(finding, "name", name);
	jw_json_set_text(finding, "text", text);
	jw_json_set_time(finding, "since", since_ns);
	jw_json_add(ctx, finding);
	return 0;
}

static bool is_listed(const json_t *findings, const char *name)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
		if (!strcmp(json_string_value(json_object_get(finding, "name")), name))
			return true;
	return false;
}

static void take_rule_findings(struct jw_store *store, struct gathered *all)
{
	struct jw_rule_findings list = {0};
	size_t i;

	jw_store_rule_findings(store, &(struct jw_finding_filter){.all = false}, &list);
	for (i = 0; i < list.n; i++)
		jw_json_add(all->findings, jw_finding_json(&list.v[i]));
	jw_rule_findings_done(&list);
}

/* What the daemon says beside its socket: a store that is full or gone cannot have it. */
static void read_live_findings(const struct jw_cli *cli, json_t *findings)
{
	const char *slash = strrchr(cli->control_path, '/');
	json_t *list, *finding;
	size_t i;

	if (!slash)
		return;
	list = json_load_file(jw_showf("%.*s/" JW_FINDINGS_NAME, (int)(slash - cli->control_path), cli->control_path), 0, NULL);
	json_array_foreach(list, i, finding) {
		const char *name = json_string_value(json_object_get(finding, "name"));
		const char *text = json_string_value(json_object_get(finding, "text"));

		if (name && text && !is_listed(findings, name))
			take_finding(findings, name, text, json_integer_value(json_object_get(finding, "since")));
	}
	json_decref(list);
}

static int count_event(void *ctx, uint64_t row, const struct jw_event *event)
{
	(void)row;
	(void)event;
	++*(size_t *)ctx;
	return 0;
}

static size_t count_verdicts(struct jw_store *store, enum jobward_verdict verdict)
{
	struct jw_event_filter filter = {
		.since_ns = jw_when_now() - DAY_NS,
		.kind = -1,
		.verdict = verdict,
		.scheduler = -1,
		.action = -1,
		.limit = SCAN_MAX,
	};
	size_t n = 0;

	jw_store_events(store, &filter, count_event, &n);
	return n;
}

static void read_boot(char boot[37])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	*boot = '\0';
	if (!file)
		return;
	if (!fgets(boot, 37, file))
		*boot = '\0';
	fclose(file);
}

/* The daemon records each of its starts, with its name and version. */
static int take_start(void *ctx, uint64_t row, const struct jw_event *event)
{
	const char *blank = event->detail ? strrchr(event->detail, ' ') : NULL;

	(void)row;
	if (blank)
		*(char **)ctx = jw_must(strdup(blank + 1));
	return 0;
}

static void read_daemon_version(struct jw_store *store, struct gathered *all)
{
	struct jw_event_filter filter = {
		.kind = JOBWARD_KIND_ADMIN, .action = JOBWARD_ACTION_START, .verdict = -1, .scheduler = -1, .limit = 1,
	};

	jw_store_events(store, &filter, take_start, &all->daemon_version);
}

static void read_store(struct jw_cli *cli, struct gathered *all)
{
	struct jw_jobs jobs = {0};
	char boot[37];
	size_t i;

	all->store_code = jw_cli_jobs(cli, false, &jobs);
	if (all->store_code)
		return;
	for (i = 0; i < jobs.n; i++)
		if ((unsigned int)jobs.v[i].state <= JOBWARD_STATE_MAX)
			all->jobs[jobs.v[i].state]++;
	jw_jobs_done(&jobs);
	jw_store_findings(cli->store, take_finding, all->findings);
	take_rule_findings(cli->store, all);
	read_boot(boot);
	if (jw_store_last_seq(cli->store, boot, &all->last_seq))
		all->last_seq = 0;
	read_daemon_version(cli->store, all);
	all->denied = count_verdicts(cli->store, JOBWARD_VERDICT_DENY);
	all->audited = count_verdicts(cli->store, JOBWARD_VERDICT_AUDIT);
}

static void gather(struct jw_cli *cli, struct gathered *all)
{
	all->findings = jw_must(json_array());
	all->module_err = ask_kernel(&all->module);
	all->daemon_err = find_daemon(cli->control_path, &all->daemon_pid);
	if (all->daemon_err && !all->module_err && all->module.auditor_pid) {
		all->daemon_err = 0;
		all->daemon_pid = (pid_t)all->module.auditor_pid;
	}
	if (!all->daemon_err)
		all->uptime_ns = process_age_ns(all->daemon_pid);
	read_store(cli, all);
	if (!all->daemon_err)
		read_live_findings(cli, all->findings);
}

static void gathered_done(struct gathered *all)
{
	if (!all->module_err)
		jw_module_status_done(&all->module);
	free(all->daemon_version);
	json_decref(all->findings);
}

static bool not_permitted(int err)
{
	return err == -EPERM || err == -EACCES;
}

static int exit_code(const struct gathered *all)
{
	if ((all->module_err && !not_permitted(all->module_err)) ||
	    (all->daemon_err && !not_permitted(all->daemon_err)))
		return JW_EXIT_UNREACHABLE;
	return all->module_err || all->daemon_err ? JW_EXIT_NOT_PERMITTED : all->store_code;
}

/* ---- words ---- */
static const char *module_trouble(const struct gathered *all)
{
	if (not_permitted(all->module_err))
		return "only root may ask the kernel";
	return all->module_err == -ENOENT ? "module not loaded" : strerror(-all->module_err);
}

/* The mode, or "off: WHY"; as the contract has it. */
static const char *gate_words(const struct gathered *all, unsigned int gate)
{
	if (all->module_err)
		return jw_showf("off: %s", module_trouble(all));
	if (all->module.gates[gate].off)
		return jw_showf("off: %s", all->module.gates[gate].off);
	return jw_mode_name(all->module.gates[gate].mode);
}

static const char *common_mode(const struct gathered *all)
{
	const char *first = gate_words(all, 0);
	unsigned int gate;

	if (all->module_err)
		return "off";
	for (gate = 1; gate <= JOBWARD_GATE_MAX; gate++)
		if (strcmp(first, gate_words(all, gate)))
			return "mixed";
	return all->module.gates[0].off ? "off" : first;
}

/*
 * The kernel's numbers begin anew with each load of the module, those of the log do not: people and scripts are told
 * the log's. What the kernel has beyond its cursor is what the log does not have yet.
 */
static uint64_t acked_seq(const struct gathered *all)
{
	return all->module_err || all->last_seq > all->module.acked ? all->last_seq : all->module.acked;
}

static uint64_t pending_events(const struct gathered *all)
{
	return all->module_err || all->module.seq < all->module.acked ? 0 : all->module.seq - all->module.acked;
}

/* ---- JSON ---- */
static json_t *json_module(const struct gathered *all)
{
	json_t *object = jw_must(json_object());

	jw_json_set(object, "loaded", json_boolean(!all->module_err));
	if (all->module_err)
		return object;
	jw_json_set_text(object, "version", all->module.version);
	jw_json_set_text(object, "srcversion", all->module.srcversion);
	jw_json_set(object, "generation", json_integer((json_int_t)all->module.generation));
	jw_json_set(object, "objects", json_integer(all->module.objects));
	jw_json_set(object, "held", json_integer(all->module.held));
	jw_json_set(object, "ring_bytes", json_integer(all->module.ring_bytes));
	jw_json_set(object, "ring_used", json_integer(all->module.ring_used));
	jw_json_set(object, "memory", json_integer((json_int_t)all->module.memory));
	jw_json_set(object, "mode_from_parameter", json_boolean(all->module.mode_locked));
	return object;
}

static json_t *json_daemon(const struct gathered *all)
{
	json_t *object = jw_must(json_object());

	if (all->daemon_err)
		return object;
	jw_json_set(object, "pid", json_integer(all->daemon_pid));
	jw_json_set(object, "uptime", json_integer(all->uptime_ns / 1000000000));
	jw_json_set_text(object, "version", all->daemon_version);
	return object;
}

static void print_json(const struct gathered *all)
{
	json_t *root = jw_must(json_object()), *gates = jw_must(json_object()), *events = jw_must(json_object());
	json_t *jobs = jw_must(json_object());
	unsigned int i;

	jw_json_set(root, "mode", json_string(common_mode(all)));
	for (i = 0; i <= JOBWARD_GATE_MAX; i++)
		jw_json_set_text(gates, jw_gate_name(i), gate_words(all, i));
	jw_json_set(root, "gates", gates);
	jw_json_set(root, "module", json_module(all));
	jw_json_set(root, "daemon", json_daemon(all));
	jw_json_set(events, "seq", json_integer((json_int_t)(acked_seq(all) + pending_events(all))));
	jw_json_set(events, "acked", json_integer((json_int_t)acked_seq(all)));
	jw_json_set(events, "lost", json_integer(all->module_err ? 0 : (json_int_t)all->module.lost));
	jw_json_set(events, "unrecorded", json_integer(all->module_err ? 0 : (json_int_t)all->module.unrecorded));
	jw_json_set(root, "events", events);
	jw_json_set(root, "verdicts", json_integer(all->module_err ? 0 : all->module.verdicts));
	for (i = 0; i <= JOBWARD_STATE_MAX; i++)
		jw_json_set(jobs, jw_state_name(i), json_integer((json_int_t)all->jobs[i]));
	jw_json_set(root, "jobs", jobs);
	jw_json_set(root, "findings", json_incref(all->findings));
	jw_json_set(root, "locked", json_boolean(all->module.locked));
	jw_json_print(root);
}

/* ---- for people ---- */
/* Events of a day are not counted to their end. */
static const char *events(size_t n, const char *one, const char *many)
{
	return n == SCAN_MAX ? jw_showf("%zu and more %s", n, many) : jw_show_count(n, one, many);
}

static bool is_any_gate_off(const struct gathered *all)
{
	unsigned int gate;

	for (gate = 0; !all->module_err && gate <= JOBWARD_GATE_MAX; gate++)
		if (all->module.gates[gate].off)
			return true;
	return false;
}

static void tell(const struct gathered *all, const char *label, enum jw_style style, const char *text)
{
	all->line(all->ctx, label, style, text);
}

/* The first line: well or not, and the one thing that matters most. */
static void tell_verdict(const struct gathered *all)
{
	size_t pending = all->jobs[JOBWARD_STATE_UNKNOWN] + all->jobs[JOBWARD_STATE_CHANGED];
	size_t findings = json_array_size(all->findings);
	enum jw_style style = JW_BAD;
	const char *text;

	if (exit_code(all) == JW_EXIT_NOT_PERMITTED)
		text = "Not known: only root may look";
	else if (all->module_err)
		text = jw_showf("Not guarded: %s", jw_show(module_trouble(all)));
	else if (is_any_gate_off(all))
		text = "Partly guarded: a gate is off";
	else if (all->daemon_err)
		text = "Guarded by what was last decided, but the daemon is not running";
	else if (all->store_code)
		text = "Guarded, but the store cannot be read";
	else if (all->module.lost || findings)
		text = jw_showf("Guarded, with %s",
				findings ? jw_show_count(findings, "finding to look at", "findings to look at") :
					   "events lost");
	else if (pending)
		style = JW_WARN,
		text = jw_showf("Guarded; %s for a decision", jw_show_count(pending, "job waits", "jobs wait"));
	else
		style = JW_GOOD, text = "All is well";
	if (!all->module_err && !strcmp(common_mode(all), "audit"))
		text = jw_showf("%s (audit: nothing is stopped, all is recorded)", text);
	tell(all, NULL, style, text);
}

static void tell_gates(const struct gathered *all)
{
	const char *text = "";
	unsigned int gate;

	for (gate = 0; !all->module_err && gate <= JOBWARD_GATE_MAX; gate++)
		text = jw_showf("%s%s%s %s", text, *text ? ", " : "", jw_gate_name(gate),
				all->module.gates[gate].off ? "OFF" : gate_words(all, gate));
	tell(all, "gates", is_any_gate_off(all) || all->module_err ? JW_BAD : JW_PLAIN,
		   all->module_err ? "all off" : text);
	for (gate = 0; !all->module_err && gate <= JOBWARD_GATE_MAX; gate++)
		if (all->module.gates[gate].off)
			tell(all, "", JW_BAD,
				   jw_showf("%s gate: %s", jw_gate_name(gate), jw_show(all->module.gates[gate].off)));
}

static void tell_parts(const struct gathered *all)
{
	if (all->module_err)
		tell(all, "module", JW_BAD, jw_show(module_trouble(all)));
	else
		tell(all, "module", JW_PLAIN,
			   jw_showf("version %s, %u verdicts in table %llu%s", jw_show(all->module.version),
				    all->module.verdicts, (unsigned long long)all->module.generation,
				    all->module.held ? jw_showf(", %u on hold", all->module.held) :
				    all->module.locked ? ", locked" : ""));
	if (all->daemon_err)
		tell(all, "daemon", JW_BAD, not_permitted(all->daemon_err) ? "only root may ask it" : "not running");
	else
		tell(all, "daemon", JW_PLAIN, jw_showf("running as process %d, for %s", (int)all->daemon_pid,
							jw_show_duration(all->uptime_ns)));
}

static void tell_counts(const struct gathered *all)
{
	const struct jw_module_status *module = &all->module;
	const char *text = "";
	unsigned int state;

	static const enum jobward_state order[] = {
		JOBWARD_STATE_APPROVED, JOBWARD_STATE_UNKNOWN, JOBWARD_STATE_CHANGED, JOBWARD_STATE_DENIED,
	};

	if (all->store_code)
		return;
	for (state = 0; state < sizeof(order) / sizeof(order[0]); state++)
		text = jw_showf("%s%s%zu %s", text, state ? ", " : "", all->jobs[order[state]],
				jw_state_name(order[state]));
	tell(all, "jobs", all->jobs[JOBWARD_STATE_UNKNOWN] + all->jobs[JOBWARD_STATE_CHANGED] ? JW_WARN : JW_PLAIN,
		   text);
	tell(all, "last 24 h", all->denied ? JW_WARN : JW_PLAIN,
		   jw_showf("%s, %s", events(all->denied, "act denied", "acts denied"),
			    events(all->audited, "that enforce would have denied", "that enforce would have denied")));
	if (all->module_err)
		return;
	text = jw_showf("%llu this boot", (unsigned long long)(acked_seq(all) + pending_events(all)));
	if (pending_events(all))
		text = jw_showf("%s, %llu not yet stored", text, (unsigned long long)pending_events(all));
	if (module->lost)
		text = jw_showf("%s, %llu LOST (%llu of them denials)", text, (unsigned long long)module->lost,
				(unsigned long long)module->lost_denials);
	else
		text = jw_showf("%s, none lost", text);
	if (module->unrecorded)
		text = jw_showf("%s; %s too many of one run to record", text, events(module->unrecorded, "act", "acts"));
	tell(all, "events", module->lost ? JW_BAD : JW_PLAIN, text);
}

/* The daemon's findings repeat what the kernel says; the lines above have it from the kernel itself. */
static bool is_told_already(const struct gathered *all, const char *name)
{
	unsigned int gate;

	if (all->module_err)
		return !strcmp(name, "kernel");
	for (gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		if (all->module.gates[gate].off && !strcmp(name, jw_showf("gate-%s", jw_gate_name(gate))))
			return true;
	return false;
}

/* A finding of a rule: "F12 high: WORDS". */
static const char *finding_words(json_t *finding)
{
	const char *id = json_string_value(json_object_get(finding, "id"));
	const char *text = jw_show(json_string_value(json_object_get(finding, "text")));

	return id ? jw_showf("%s %s: %s", id, json_string_value(json_object_get(finding, "severity")), text) : text;
}

static enum jw_style finding_style(json_t *finding)
{
	const char *severity = json_string_value(json_object_get(finding, "severity"));
	int word = severity ? jw_hunt_severity_from_name(severity) : JW_HUNT_HIGH;

	return jw_finding_style(word < 0 ? JW_HUNT_HIGH : (enum jw_hunt_severity)word);
}

static void tell_findings(const struct gathered *all)
{
	size_t i, n = 0, more = 0;
	json_t *finding;

	json_array_foreach(all->findings, i, finding) {
		if (is_told_already(all, json_string_value(json_object_get(finding, "name"))))
			continue;
		if (n == FINDINGS_SHOWN)
			more++;
		else
			tell(all, n++ ? "" : "findings", finding_style(finding), finding_words(finding));
	}
	if (more)
		tell(all, "", JW_PLAIN, jw_showf("and %zu more: jobward hunt --findings", more));
}

static bool has_rule_findings(const struct gathered *all)
{
	json_t *finding;
	size_t i;

	json_array_foreach(all->findings, i, finding)
		if (json_object_get(finding, "id"))
			return true;
	return false;
}

static const char *next_step(const struct gathered *all)
{
	if (exit_code(all) == JW_EXIT_NOT_PERMITTED)
		return "sudo jobward status";
	if (all->module_err)
		return "modprobe jobward; when it refuses, dmesg says why";
	if (all->daemon_err)
		return "systemctl start jobwardd; journalctl -u jobwardd says why it ended";
	if (is_any_gate_off(all))
		return "journalctl -k -g jobward has the kernel's words about the gate that is off";
	if (is_listed(all->findings, "policy"))
		return "jobward policy check, then jobward reload";
	if (has_rule_findings(all))
		return "jobward hunt --findings, then jobward why FINDING";
	if (all->jobs[JOBWARD_STATE_CHANGED])
		return "jobward jobs --state changed, then jobward why JOB";
	if (all->jobs[JOBWARD_STATE_UNKNOWN])
		return "jobward jobs --state unknown, then jobward approve JOB or jobward deny JOB";
	if (all->denied)
		return "jobward log --verdict deny --since -24h, then jobward why SEQ";
	if (all->audited && !strcmp(common_mode(all), "audit"))
		return "jobward log --verdict audit --since -24h, before jobward mode enforce";
	return NULL;
}

int jw_status_tell(struct jw_cli *cli, void (*line)(void *ctx, const char *label, enum jw_style style, const char *text),
		   void *ctx)
{
	struct gathered all = { .line = line, .ctx = ctx };
	const char *next;
	int code;

	gather(cli, &all);
	code = exit_code(&all);
	tell_verdict(&all);
	tell_gates(&all);
	tell_parts(&all);
	tell_counts(&all);
	tell_findings(&all);
	next = next_step(&all);
	if (next)
		tell(&all, "next", JW_STRONG, next);
	gathered_done(&all);
	return code;
}

static void print_line(void *ctx, const char *label, enum jw_style style, const char *text)
{
	if (!label) {
		printf("%s\n\n", jw_show_styled(style, text));
		return;
	}
	if (!strcmp(label, "next"))
		putchar('\n');
	jw_print_labelled(label, LABEL_COLUMNS, style, text);
}

int jw_cmd_status(struct jw_cli *cli)
{
	struct gathered all = {0};
	int code;

	if (!cli->json)
		return jw_status_tell(cli, print_line, NULL);
	gather(cli, &all);
	code = exit_code(&all);
	print_json(&all);
	gathered_done(&all);
	return code;
}
