// SPDX-License-Identifier: GPL-2.0
/*
 * `jobward selftest`: each gate is given something harmless that nobody approved. A gate holds when the event is there
 * with the verdict that its mode demands, and the act failed or went through accordingly.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "control.h"
#include "ingest.h"
#include "lib/names_gen.h"

#define WAIT_MS 4000
#define STEP_MS 20

static void add(json_t *list, enum jobward_gate gate, bool tried, bool held, const char *detail)
{
	json_array_append_new(list, json_pack("{s:s, s:b, s:b, s:s}", "gate", jw_gate_name(gate), "tried", tried,
					      "held", held, "detail", detail));
}

/* Does what was seen agree with the mode? @act_failed: of the act itself. */
static void judge(struct manager *m, json_t *list, enum jobward_gate gate, enum jobward_mode mode, bool act_failed)
{
	bool denies = mode != JOBWARD_MODE_AUDIT;
	enum jobward_verdict want = denies ? JOBWARD_VERDICT_DENY : JOBWARD_VERDICT_AUDIT;

	if (!m->canary.seen)
		add(list, gate, true, false, "no event came: the gate did not see it");
	else if (mode == JOBWARD_MODE_HOLD && m->canary.verdict == JOBWARD_VERDICT_AUDIT)
		add(list, gate, true, true, "held for an answer");
	else if (m->canary.verdict != want)
		add(list, gate, true, false, "the event has another verdict than the mode demands");
	else if (denies && !act_failed)
		add(list, gate, true, false, "recorded as denied, but it went through");
	else
		add(list, gate, true, true, denies ? "denied and recorded" : "recorded; audit lets it through");
}

/* Waits for the event of the canary; the loop stands still meanwhile, for at most WAIT_MS. */
static void await_event(struct manager *m)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000 };

	for (int ms = 0; ms < WAIT_MS && !m->canary.seen; ms += STEP_MS) {
		nanosleep(&step, NULL);
		jw_ingest(m);
	}
}

/* /bin/sh is no writer of any store, whoever starts it. */
static void try_write(struct manager *m, json_t *list, enum jobward_mode mode)
{
	static const char path[] = "/etc/cron.d/.jobward-canary";
	int status = 0;
	pid_t pid;

	m->canary.path = "/.jobward-canary";
	pid = fork();
	if (pid < 0) {
		add(list, JOBWARD_GATE_WRITE, false, false, "not tried: no process could be started");
		return;
	}
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		if (null >= 0) {
			dup2(null, 0);
			dup2(null, 1);
			dup2(null, 2);
		}
		execl("/bin/sh", "sh", "-c", ": >/etc/cron.d/.jobward-canary", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	await_event(m);
	judge(m, list, JOBWARD_GATE_WRITE, mode, status != 0);
	unlink(path);
}

/* A transient timer that starts /bin/true at once, as `systemd-run --on-active=0` makes it. */
static int start_timer(sd_bus *bus, const char *timer, const char *service)
{
	sd_bus_message *call = NULL;
	int r = sd_bus_message_new_method_call(bus, &call, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
					       "org.freedesktop.systemd1.Manager", "StartTransientUnit");

	if (r >= 0)
		r = sd_bus_message_append(call, "ss", timer, "fail");
	if (r >= 0)
		r = sd_bus_message_append(call, "a(sv)", 4, "Description", "s", "jobward canary",
					  "TimersMonotonic", "a(st)", 1, "OnActiveSec", UINT64_C(1),
					  "AccuracyUSec", "t", UINT64_C(1), "RemainAfterElapse", "b", 0);
	if (r >= 0)
		r = sd_bus_message_append(call, "a(sa(sv))", 1, service, 2, "Description", "s", "jobward canary",
					  "ExecStart", "a(sasb)", 1, "/bin/true", 2, "/bin/true", service, 0);
	if (r >= 0)
		r = sd_bus_call(bus, call, 0, NULL, NULL);
	sd_bus_message_unref(call);
	return r;
}

static void try_run(struct manager *m, json_t *list, enum jobward_mode mode)
{
	char timer[64], service[64], why[128];
	uint64_t random = 0;
	sd_bus *bus;
	int r = jw_bus_get(m->bus, 0, &bus);

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = jw_now_ns();
	snprintf(timer, sizeof(timer), "jobward-canary-%016llx.timer", (unsigned long long)random);
	snprintf(service, sizeof(service), "jobward-canary-%016llx.service", (unsigned long long)random);
	m->canary.unit = service;
	if (!r)
		r = start_timer(bus, timer, service);
	if (r < 0) {
		snprintf(why, sizeof(why), "not tried: no transient timer could be started: %s", strerror(-r));
		add(list, JOBWARD_GATE_RUN, false, false, why);
	} else {
		await_event(m);
		/* /bin/true leaves no trace of having run: the kernel's word for it is the event */
		judge(m, list, JOBWARD_GATE_RUN, mode, m->canary.verdict == JOBWARD_VERDICT_DENY);
		/* a service that could not start stays as failed; nobody wants to read of a canary for ever */
		sd_bus_call_method_async(bus, NULL, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
					 "org.freedesktop.systemd1.Manager", "ResetFailedUnit", NULL, NULL, "s",
					 service);
	}
	m->canary.unit = NULL;
}

static void forget(struct manager *m)
{
	m->canary.path = m->canary.unit = NULL;
	m->canary.seen = false;
	m->canary.verdict = JOBWARD_VERDICT_ALLOW;
}

json_t *jw_request_canary(struct manager *m, const struct jw_peer *peer)
{
	struct jw_module_status status = { 0 };
	json_t *list;

	if (!m->genl || jw_genl_status(m->genl, &status) < 0)
		return jw_reply_error(3, "the module is not loaded");
	jw_admin_event(m, JOBWARD_ACTION_CANARY, 0, NULL, "the gates are tried for %s", peer->words);
	list = json_array();
	forget(m);
	try_run(m, list, status.gates[JOBWARD_GATE_RUN].mode);
	forget(m);
	try_write(m, list, status.gates[JOBWARD_GATE_WRITE].mode);
	forget(m);
	add(list, JOBWARD_GATE_MODULE, false, false,
	    "not tried: it takes a module that is built, unsigned and not needed");
	jw_module_status_done(&status);
	return json_pack("{s:b, s:o}", "ok", 1, "canaries", list);
}
