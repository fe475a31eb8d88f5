// SPDX-License-Identifier: GPL-2.0
/*
 * The one object of the daemon. What can be missing (module, store, a valid policy) is tried for again by timers; until
 * then a finding says so and everything else goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include "control.h"
#include "finding.h"
#include "ingest.h"
#include "lib/cleanup.h"
#include "lib/control.h"
#include "lib/names_gen.h"
#include "manager.h"
#include "push.h"
#include "reconcile.h"
#include "retention.h"
#include "rules.h"

#define KERNEL_RETRY_USEC 2000000
#define KERNEL_REFUSED_USEC 60000000	/* the module is locked: each try is recorded */
#define STORE_RETRY_USEC 500000
#define STORE_RETRY_MAX_USEC 30000000
#define WATCH_USEC 5000000

int64_t jw_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

/* systemd reads the level from the prefix (sd-daemon(3)); on a terminal it does no harm. */
void jw_log(int priority, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "<%d>%s\n", priority, text);
}

void jw_admin_event(struct manager *m, enum jobward_action action, uint64_t job, const char *path, const char *fmt, ...)
{
	struct jw_event event = { .kind = JOBWARD_KIND_ADMIN,
				  .action = action,
				  .job = job,
				  .verdict = JOBWARD_VERDICT_ALLOW,
				  .reason = JOBWARD_REASON_COMMAND };
	char detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	event.detail = detail;
	event.object.path = (char *)path;
	jw_log(LOG_NOTICE, "%s: %s", jw_action_name(action), detail);
	if (m->genl && jw_genl_add_event(m->genl, &event) < 0)
		jw_log(LOG_WARNING, "the kernel did not take an event: %s", jw_genl_error(m->genl));
}

/* ---- kernel ---- */

static int on_kernel(sd_event_source *source, int fd, uint32_t revents, void *ctx)
{
	struct manager *m = ctx;

	if (jw_genl_drain(m->genl, NULL, NULL) < 0)
		jw_log(LOG_DEBUG, "wake-ups were missed; the ring has what they were about");
	jw_ingest(m);
	return 0;
}

static void report_gates(struct manager *m, const struct jw_module_status *status)
{
	for (int gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		char name[32];

		snprintf(name, sizeof(name), "gate-%s", jw_gate_name(gate));
		if (status->gates[gate].off)
			jw_finding(m, name, "the %s gate is off: %s", jw_gate_name(gate), status->gates[gate].off);
		else
			jw_finding_clear(m, name);
	}
}

void jw_manager_apply_modes(struct manager *m)
{
	struct jw_module_status status = { 0 };

	if (!m->genl || jw_genl_status(m->genl, &status) < 0)
		return;
	report_gates(m, &status);
	for (int gate = 0; gate <= JOBWARD_GATE_MAX && !status.mode_locked; gate++) {
		_cleanup_free_ char *value = NULL;
		char name[32];
		int mode = -1, r;

		snprintf(name, sizeof(name), "mode.%s", jw_gate_name(gate));
		r = m->store ? jw_store_get(m->store, name, &value) : -EIO;
		if (!r)
			mode = m->chosen_mode[gate] = jw_mode_from_name(value);
		else if (m->policy && m->policy->has_mode[gate])
			mode = m->policy->mode[gate];
		/* a store that cannot be read is no reason to weaken what somebody may have chosen */
		if (r && r != -ENOENT && mode < (int)status.gates[gate].mode)
			continue;
		if (mode < 0 || (mode == (int)status.gates[gate].mode && mode != JOBWARD_MODE_HOLD))
			continue;
		if (jw_genl_set_mode(m->genl, gate, mode, m->policy ? m->policy->hold_ms : 0) < 0)
			jw_finding(m, "mode", "the %s gate did not take the mode '%s': %s", jw_gate_name(gate),
				   jw_mode_name(mode), jw_genl_error(m->genl));
	}
	jw_module_status_done(&status);
}

/* Numbers of this load of the module: where the store stands with them. */
static int find_cursor(struct manager *m)
{
	uint64_t last = 0;
	int r;

	m->cursor = 0;
	m->seq_base = 0;
	if (!m->store)
		return -EIO;
	r = jw_store_seq_base(m->store, m->boot, m->instance, &m->seq_base);
	if (!r)
		r = jw_store_last_seq(m->store, m->boot, &last);
	if (r < 0) {
		jw_manager_store_failed(m, r, "read numbers from");
		return r;
	}
	m->cursor = last > m->seq_base ? last - m->seq_base : 0;
	return 0;
}

static int connect_kernel(struct manager *m)
{
	struct jw_module_status status = { 0 };
	int fd, r = jw_genl_open(&m->genl);

	if (r < 0)
		return r;
	r = jw_genl_attach(m->genl);
	if (r == -EBUSY) {
		jw_finding(m, "kernel", "another auditor is attached to the module");
		goto err_close;
	}
	if (!r)
		r = jw_genl_status(m->genl, &status);
	if (!r)
		r = jw_genl_listen(m->genl, &fd);
	if (r < 0)
		goto err_close;
	m->instance = status.instance;
	find_cursor(m);
	/* a store that was deleted, or is younger than the ring: what the ring has acknowledged is gone from it */
	if (m->cursor < status.acked)
		m->cursor = status.acked;
	r = sd_event_add_io(m->event, &m->genl_source, fd, EPOLLIN, on_kernel, m);
	if (r < 0)
		goto err_close;
	jw_finding_clear(m, "kernel");
	jw_module_status_done(&status);
	return 0;

err_close:
	if (r != -EBUSY)
		jw_finding(m, "kernel", "the module does not answer: %s%s%s", strerror(-r),
			   *jw_genl_error(m->genl) ? ": " : "", jw_genl_error(m->genl));
	jw_module_status_done(&status);
	jw_genl_close(m->genl);
	m->genl = NULL;
	return r;
}

static void arm(sd_event_source *timer, uint64_t usec)
{
	uint64_t now;

	sd_event_now(sd_event_source_get_event(timer), CLOCK_MONOTONIC, &now);
	sd_event_source_set_time(timer, now + usec);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

void jw_manager_kernel_lost(struct manager *m, int error)
{
	if (!m->genl)
		return;
	jw_finding(m, "kernel", "the connection to the module is lost: %s", strerror(-error));
	m->genl_source = sd_event_source_disable_unref(m->genl_source);
	jw_genl_close(m->genl);
	m->genl = NULL;
	arm(m->kernel_timer, KERNEL_RETRY_USEC);
}

static int on_kernel_retry(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	int r;

	if (m->genl)
		return 0;
	r = connect_kernel(m);
	if (r < 0) {
		arm(source, r == -EPERM ? KERNEL_REFUSED_USEC : KERNEL_RETRY_USEC);
		return 0;
	}
	/* the table goes first: a gate that says enforce has one to enforce */
	if (jw_reconcile(m) < 0)
		jw_reconcile_soon(m, false, true);
	jw_manager_apply_modes(m);
	return 0;
}

/* ---- store ---- */

static int open_store(struct manager *m)
{
	struct jw_diags diags = { 0 };
	int r = jw_store_open(&m->store, JW_STORE_PATH, false, &diags);

	jw_finding_from_diags(m, "store-damaged", &diags);
	jw_diags_done(&diags);
	if (r < 0) {
		m->store = NULL;
		jw_finding(m, "store", "the store '%s' can't be opened: %s; events wait in the kernel", JW_STORE_PATH,
			   strerror(-r));
		return r;
	}
	jw_finding_store_opened(m);
	return 0;
}

/*
 * Are files of the database unlinked that this process has open? SQLite goes on writing into them, for nobody to read.
 */
static bool has_lost_files(void)
{
	static const char prefix[] = JW_STORE_PATH, suffix[] = " (deleted)";
	char path[64], link[256];
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	bool lost = false;
	ssize_t n;

	while (dir && !lost && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/fd/%.20s", entry->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n <= (ssize_t)sizeof(suffix))
			continue;
		link[n] = 0;
		lost = !strncmp(link, prefix, sizeof(prefix) - 1) && !strcmp(link + n - sizeof(suffix) + 1, suffix);
	}
	if (dir)
		closedir(dir);
	return lost;
}

void jw_manager_store_failed(struct manager *m, int error, const char *doing)
{
	if (m->store && (jw_store_is_gone(m->store) || has_lost_files())) {
		jw_finding(m, "store-gone", "files of the store '%s' were deleted or replaced while it was in use",
			   JW_STORE_PATH);
		error = -EBADMSG;
	} else {
		jw_finding(m, "store", "could not %s the store: %s (%s); events wait in the kernel", doing,
			   strerror(-error), m->store ? jw_store_error(m->store) : "not open");
	}
	/* A database that could once not be written is never written again through the same handle (SQLite keeps its index read-only). */
	if ((error == -EBADMSG || error == -EROFS) && m->store) {
		jw_store_close(m->store);
		m->store = NULL;
	}
	m->store_backoff_usec = m->store_backoff_usec ? m->store_backoff_usec * 2 : STORE_RETRY_USEC;
	if (m->store_backoff_usec > STORE_RETRY_MAX_USEC)
		m->store_backoff_usec = STORE_RETRY_MAX_USEC;
	if (m->store_timer)
		arm(m->store_timer, m->store_backoff_usec);
}

/* What people decided outlives the loss of the database, as long as this process does. */
static void refill_store(struct manager *m)
{
	for (size_t i = 0; i < m->n_decisions; i++)
		if (jw_store_put_decision(m->store, &m->decisions[i]) < 0)
			jw_log(LOG_WARNING, "a decision could not be put into the new store: %s",
			       jw_store_error(m->store));
	for (int gate = 0; gate <= JOBWARD_GATE_MAX; gate++) {
		char name[32];

		snprintf(name, sizeof(name), "mode.%s", jw_gate_name(gate));
		if (m->chosen_mode[gate] >= 0)
			jw_store_set(m->store, name, jw_mode_name(m->chosen_mode[gate]));
	}
}

static int on_store_retry(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	_cleanup_free_ char *known = NULL;
	bool anew = !m->store;

	if (anew && open_store(m) < 0) {
		jw_manager_store_failed(m, -EIO, "open");
		return 0;
	}
	if (anew && jw_store_get(m->store, "daemon.version", &known) < 0)
		refill_store(m);
	jw_store_set(m->store, "daemon.version", JOBWARD_VERSION);
	if (anew && m->genl) {
		uint64_t acked = m->cursor;

		find_cursor(m);
		/* a new database has nothing; what was acknowledged is no longer in the ring either */
		if (m->cursor < acked)
			m->cursor = acked;
	}
	if (m->genl && jw_ingest(m) == -EIO)
		return 0;
	m->store_backoff_usec = 0;
	jw_finding_clear(m, "store");
	if (anew) {
		jw_admin_event(m, JOBWARD_ACTION_FINDING, 0, JW_STORE_PATH, "the store was opened again");
		jw_reconcile_soon(m, true, true);
	}
	return 0;
}

/* What no call tells: files unlinked, a module unloaded. */
static int on_watch(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	struct jw_module_status status = { 0 };
	int r;

	sd_event_source_set_time(source, usec + WATCH_USEC);
	jw_finding_expire(m, jw_now_ns());
	if (m->store && (jw_store_is_gone(m->store) || has_lost_files()))
		jw_manager_store_failed(m, -EBADMSG, "keep");
	if (!m->genl)
		return 0;
	r = jw_genl_status(m->genl, &status);
	if (r < 0)
		jw_manager_kernel_lost(m, r);
	else
		report_gates(m, &status);
	jw_module_status_done(&status);
	return 0;
}

/* ---- policy ---- */

int jw_manager_load_policy(struct manager *m, char **ret_why)
{
	struct jw_diags diags = { 0 };
	struct jw_policy *policy = NULL;
	_cleanup_free_ char *why = NULL;
	int r = jw_policy_load(&policy, JW_POLICY_FILE, JW_POLICY_FOLDER, &diags);

	if (r < 0) {
		why = diags.n ? jw_diag_format(&diags.v[0]) : strdup(strerror(-r));
		jw_finding(m, "policy", "the policy is not used: %s%s", why ? why : "out of memory",
			   m->policy ? "; the one before stands" : "; none is in force");
		jw_admin_event(m, JOBWARD_ACTION_POLICY, 0, JW_POLICY_FILE, "refused: %s", why ? why : "out of memory");
		if (ret_why) {
			*ret_why = why;
			why = NULL;
		}
	} else {
		jw_policy_free(m->policy);
		m->policy = policy;
		jw_finding_clear(m, "policy");
		jw_finding_clear(m, "policy-stores");
	}
	jw_diags_done(&diags);
	return r < 0 ? -EINVAL : 0;
}

/* ---- life ---- */

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *ctx)
{
	struct manager *m = ctx;

	if (info->ssi_signo == SIGHUP) {
		if (jw_manager_load_policy(m, NULL) == 0) {
			jw_admin_event(m, JOBWARD_ACTION_POLICY, 0, JW_POLICY_FILE, "read again");
			jw_manager_apply_modes(m);
		}
		jw_reconcile_soon(m, true, true);
		return 0;
	}
	sd_notify(0, "STOPPING=1");
	return sd_event_exit(m->event, 0);
}

static int read_boot_id(char out[37])
{
	_cleanup_fd_ int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (read(fd, out, 36) != 36)
		return -EIO;
	out[36] = 0;
	return 0;
}

static int add_sources(struct manager *m)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]) && r >= 0; i++)
		r = sd_event_add_signal(m->event, NULL, signals[i], on_signal, m);
	if (r >= 0)
		r = sd_event_add_time_relative(m->event, &m->kernel_timer, CLOCK_MONOTONIC, KERNEL_RETRY_USEC, 100000,
					       on_kernel_retry, m);
	if (r >= 0)
		r = sd_event_add_time_relative(m->event, &m->store_timer, CLOCK_MONOTONIC, STORE_RETRY_USEC, 100000,
					       on_store_retry, m);
	if (r >= 0)
		r = sd_event_source_set_enabled(m->store_timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time_relative(m->event, &m->watch_timer, CLOCK_MONOTONIC, WATCH_USEC, 500000,
					       on_watch, m);
	if (r >= 0)
		r = sd_event_source_set_enabled(m->watch_timer, SD_EVENT_ON);
	if (r >= 0)
		r = sd_event_set_watchdog(m->event, true);
	return r < 0 ? r : 0;
}

int jw_manager_new(struct manager **ret)
{
	struct manager *m = calloc(1, sizeof(*m));
	int r = m ? 0 : -ENOMEM;

	if (r)
		return r;
	m->inotify_fd = -1;
	for (int gate = 0; gate <= JOBWARD_GATE_MAX; gate++)
		m->chosen_mode[gate] = -1;
	m->started_ns = jw_now_ns();
	r = sd_event_new(&m->event);
	if (r >= 0)
		r = read_boot_id(m->boot);
	if (r >= 0)
		r = jw_provenance_open(&m->provenance, "");
	if (r >= 0)
		r = jw_pins_new(&m->pins, m->provenance);
	if (r >= 0)
		r = jw_bus_new(&m->bus, jw_reconcile_bus_opened, m);
	if (r >= 0)
		r = add_sources(m);
	if (r >= 0)
		r = jw_reconcile_init(m);
	if (r >= 0)
		r = jw_retention_init(m);
	if (r >= 0)
		r = jw_rules_init(m);
	if (r < 0) {
		jw_manager_free(m);
		return r;
	}
	*ret = m;
	return 0;
}

struct manager *jw_manager_free(struct manager *m)
{
	if (!m)
		return NULL;
	jw_rules_done(m);
	jw_control_free(m->control);
	jw_inventory_done(&m->inventory);
	jw_decisions_free(m->decisions, m->n_decisions);
	jw_bus_free(m->bus);
	jw_pins_free(m->pins);
	jw_provenance_close(m->provenance);
	jw_policy_free(m->policy);
	sd_event_source_disable_unref(m->genl_source);
	jw_genl_close(m->genl);
	jw_store_close(m->store);
	sd_event_source_disable_unref(m->kernel_timer);
	sd_event_source_disable_unref(m->store_timer);
	sd_event_source_disable_unref(m->watch_timer);
	sd_event_source_disable_unref(m->reconcile_timer);
	sd_event_source_disable_unref(m->signature_timer);
	sd_event_source_disable_unref(m->inotify_source);
	sd_event_source_disable_unref(m->retention_timer);
	if (m->inotify_fd >= 0)
		close(m->inotify_fd);
	sd_event_unref(m->event);
	free(m);
	return NULL;
}

/* Ready means: the gates know today's jobs, or it is known that there are no gates. */
int jw_manager_run(struct manager *m)
{
	int r;

	if (open_store(m) < 0)
		arm(m->store_timer, STORE_RETRY_USEC);
	else
		jw_store_set(m->store, "daemon.version", JOBWARD_VERSION);
	jw_manager_load_policy(m, NULL);
	r = connect_kernel(m);
	if (r == -ENOENT)
		jw_finding(m, "kernel", "the module is not loaded: nothing is guarded, changes are seen late");
	jw_admin_event(m, JOBWARD_ACTION_START, 0, NULL, "jobwardd %s", JOBWARD_VERSION);
	r = jw_reconcile(m);
	if (r < 0)
		jw_reconcile_soon(m, false, true);
	jw_manager_apply_modes(m);
	r = jw_control_init(m);
	if (r < 0) {
		jw_log(LOG_ERR, "can't listen on '%s': %s", JW_CONTROL_PATH, strerror(-r));
		return r;
	}
	sd_notify(0, "READY=1");
	m->ready = true;
	r = sd_event_loop(m->event);
	if (m->genl) {
		jw_admin_event(m, JOBWARD_ACTION_STOP, 0, NULL, "jobwardd %s", JOBWARD_VERSION);
		jw_ingest(m);
	}
	return r;
}
