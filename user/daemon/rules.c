// SPDX-License-Identifier: GPL-2.0
/*
 * Rules, in a process of their own: a question may take seconds and 192 MiB, and the ring must be drained meanwhile. The
 * process is this program again, with a read-only store; it answers on a pipe that the event loop reads.
 *
 *   timer ▶ process: rules ▶ store (read-only) ▶ JSON ▶ pipe ▶ loop: findings ▶ store ▶ event and journal for new ones
 *
 * It looks back a day and an hour from where the last one ended: some traces are only complete a day later (a cron line
 * that is gone the next morning), and what is found twice is put in once. It rests a hundred times as long as it worked,
 * and a minute at least, and does not start when nothing has happened.
 */
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <syslog.h>
#include <unistd.h>
#include <jansson.h>
#include "finding.h"
#include "lib/cleanup.h"
#include "lib/control.h"
#include "lib/event_json.h"
#include "lib/rule.h"
#include "rules.h"

#define FIRST_USEC (30 * UINT64_C(1000000))
#define PAUSE_USEC (60 * UINT64_C(1000000))
#define PAUSE_TIMES 100
#define LOOK_BACK_NS (25 * 3600 * NS_PER_SEC)
#define RULE_TIMEOUT_MS 5000
#define ANSWER_MAX (16u << 20)
/* Findings of one go that get an event of their own; the rest is in the store like them. */
#define EVENTS_MAX 20
#define UNTIL_NAME "rules.until"

extern char **environ;

/* The process under way, and what the last one was asked about. */
static struct {
	pid_t pid;			/* 0: none */
	sd_event_source *source;
	int fd;
	char *answer;
	size_t len;
	int64_t until_ns;
	uint64_t started_usec, cursor;
	uint8_t signature[JW_DIGEST_SIZE];
	bool due;			/* again, as soon as it ends */
} asked;

/* ---- the process ---- */

static json_t *finding_to_json(const struct jw_rule_finding *finding)
{
	json_t *object = json_object(), *rows = json_array();
	char key[JW_KEY_HEX], job[JW_ID_HEX];
	int err = object && rows ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < JW_DIGEST_SIZE; i++)
		sprintf(key + 2 * i, "%02x", finding->key[i]);
	jw_job_id_format(finding->job, job);
	for (i = 0; i < finding->n_rows && !err; i++)
		err = json_array_append_new(rows, json_integer((json_int_t)finding->rows[i])) ? -ENOMEM : 0;
	jw_json_put_text(object, "rule", finding->rule, &err);
	jw_json_put_text(object, "text", finding->text, &err);
	jw_json_put_text(object, "severity", jw_hunt_severity_name(finding->severity), &err);
	jw_json_put_text(object, "because", finding->because, &err);
	jw_json_put_text(object, "technique", finding->technique, &err);
	jw_json_put_text(object, "mitigation", finding->mitigation, &err);
	jw_json_put_text(object, "advice", finding->advice, &err);
	jw_json_put_text(object, "key", key, &err);
	jw_json_put_text(object, "job", finding->job ? job : NULL, &err);
	jw_json_put(object, "rows", rows, &err);
	jw_json_put(object, "since", json_integer(finding->since_ns), &err);
	jw_json_put(object, "last", json_integer(finding->last_ns), &err);
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *diag_to_json(const struct jw_diag *diag)
{
	json_t *object = json_object();
	int err = object ? 0 : -ENOMEM;

	jw_json_put_text(object, "file", diag->file, &err);
	jw_json_put_text(object, "cause", diag->cause, &err);
	jw_json_put(object, "severity", json_integer(diag->severity), &err);
	jw_json_put(object, "line", json_integer(diag->line), &err);
	jw_json_put(object, "column", json_integer(diag->column), &err);
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

static int print_answer(const struct jw_rule_findings *findings, const struct jw_diags *diags)
{
	json_auto_t *root = json_object(), *list = json_array(), *wrong = json_array();
	size_t i;
	int err = 0;

	for (i = 0; i < findings->n && !err; i++)
		err = json_array_append_new(list, finding_to_json(&findings->v[i]));
	for (i = 0; i < diags->n && !err; i++)
		err = json_array_append_new(wrong, diag_to_json(&diags->v[i]));
	if (err || json_object_set(root, "findings", list) || json_object_set(root, "diags", wrong))
		return -ENOMEM;
	return json_dumpf(root, stdout, JSON_COMPACT) || fflush(stdout) ? -EIO : 0;
}

static int load_hunts(struct jw_hunts *hunts, struct jw_diags *diags)
{
	static const char *const folders[] = { JOBWARD_HUNTS, JOBWARD_HUNTS_D };
	int r = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !r; i++) {
		r = jw_hunts_load(hunts, folders[i], diags);
		if (r == -ENOENT)
			r = 0;
		else if (r && r != -ENOMEM)
			r = jw_diag_add(diags, JW_DIAG_ERROR, folders[i], 0, 0, "can't be read: %s", strerror(-r));
	}
	return r;
}

int jw_rules_ask_and_print(int64_t since_ns, int64_t until_ns)
{
	const struct jw_rule_span span = { since_ns, until_ns, RULE_TIMEOUT_MS };
	struct jw_rule_findings findings = { 0 };
	struct jw_diags diags = { 0 };
	struct jw_hunts hunts = { 0 };
	struct jw_store *store = NULL;
	int r;

	/* the daemon's own work goes first, and without a daemon there is nobody to answer to */
	if (nice(10) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL))
		jw_log(LOG_DEBUG, "rules are asked with the priority of the daemon");
	r = load_hunts(&hunts, &diags);
	if (!r)
		r = jw_store_open(&store, JW_STORE_PATH, true, NULL);
	if (!r)
		r = jw_rules_ask(store, &hunts, &span, &findings, &diags);
	if (!r)
		r = print_answer(&findings, &diags);
	if (r)
		jw_log(LOG_WARNING, "the rules could not be asked: %s%s%s", strerror(-r), store ? ": " : "",
		       store ? jw_store_error(store) : "");
	jw_store_close(store);
	jw_rule_findings_done(&findings);
	jw_hunts_done(&hunts);
	jw_diags_done(&diags);
	return r ? 1 : 0;
}

/* ---- its answer ---- */

static char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return strdup(s ? s : "");
}

static int read_finding(const json_t *object, struct jw_rule_finding *ret)
{
	const char *severity = json_string_value(json_object_get(object, "severity"));
	const char *job = json_string_value(json_object_get(object, "job"));
	const char *key = json_string_value(json_object_get(object, "key"));
	const json_t *row;
	size_t i;
	int word = severity ? jw_hunt_severity_from_name(severity) : -1;

	for (i = 0; key && strlen(key) == 2 * JW_DIGEST_SIZE && i < JW_DIGEST_SIZE; i++)
		if (sscanf(key + 2 * i, "%2hhx", &ret->key[i]) != 1)
			break;
	if (i < JW_DIGEST_SIZE || word < 0)
		return -EPROTO;
	ret->severity = (enum jw_hunt_severity)word;
	ret->job = job ? strtoull(job, NULL, 16) : 0;
	ret->since_ns = json_integer_value(json_object_get(object, "since"));
	ret->last_ns = json_integer_value(json_object_get(object, "last"));
	json_array_foreach(json_object_get(object, "rows"), i, row)
		if (ret->n_rows < JW_FINDING_ROWS_MAX)
			ret->rows[ret->n_rows++] = (uint64_t)json_integer_value(row);
	ret->rule = text_of(object, "rule");
	ret->text = text_of(object, "text");
	ret->because = text_of(object, "because");
	ret->technique = text_of(object, "technique");
	ret->mitigation = text_of(object, "mitigation");
	ret->advice = text_of(object, "advice");
	return ret->rule && ret->text && ret->because && ret->technique && ret->mitigation && ret->advice ? 0 : -ENOMEM;
}

static int read_answer(const char *text, size_t len, struct jw_rule_findings *findings, struct jw_diags *diags)
{
	json_auto_t *root = json_loadb(text, len, 0, NULL);
	const json_t *object;
	size_t i;
	int r = json_is_object(root) ? 0 : -EPROTO;

	json_array_foreach(json_object_get(root, "findings"), i, object) {
		struct jw_rule_finding *finding = r ? NULL : jw_rule_findings_add(findings);

		if (!r)
			r = finding ? read_finding(object, finding) : -ENOMEM;
	}
	json_array_foreach(json_object_get(root, "diags"), i, object)
		if (!r)
			r = jw_diag_add(diags, (enum jw_severity)json_integer_value(json_object_get(object, "severity")),
					json_string_value(json_object_get(object, "file")),
					(unsigned int)json_integer_value(json_object_get(object, "line")),
					(unsigned int)json_integer_value(json_object_get(object, "column")), "%s",
					json_string_value(json_object_get(object, "cause")));
	return r;
}

static void tell_new(struct manager *m, const struct jw_rule_findings *findings)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++) {
		const struct jw_rule_finding *finding = &findings->v[i];

		if (finding->is_new && n++ < EVENTS_MAX)
			jw_admin_event(m, JOBWARD_ACTION_FINDING, finding->job, NULL, "F%" PRIu64 " %s (%s): %s", finding->id,
				       finding->rule, jw_hunt_severity_name(finding->severity), finding->text);
	}
	if (n > EVENTS_MAX)
		jw_log(LOG_NOTICE, "and %zu findings more", n - EVENTS_MAX);
}

static void say_diags(struct manager *m, const struct jw_diags *diags)
{
	for (size_t i = 0; i < diags->n; i++)
		if (diags->v[i].severity == JW_DIAG_ERROR) {
			jw_finding_from_diags(m, "rules", diags);
			return;
		}
	jw_finding_clear(m, "rules");
}

static void take_answer(struct manager *m)
{
	struct jw_rule_findings findings = { 0 };
	struct jw_diags diags = { 0 };
	char until[24];
	size_t left_out = 0;
	int r = read_answer(asked.answer, asked.len, &findings, &diags);

	if (r) {
		jw_finding(m, "rules", "the rules gave no answer: %s; the journal has more", strerror(-r));
	} else if (m->store) {
		r = jw_store_put_rule_findings(m->store, &findings, &left_out);
		snprintf(until, sizeof(until), "%" PRId64, asked.until_ns);
		if (!r)
			r = jw_store_set(m->store, UNTIL_NAME, until);
		if (r)
			jw_manager_store_failed(m, r, "put findings into");
		else
			tell_new(m, &findings);
		if (left_out)
			jw_finding(m, "rules", "thousands of findings wait to be acknowledged; new ones are left out until then");
		else
			say_diags(m, &diags);
	}
	jw_rule_findings_done(&findings);
	jw_diags_done(&diags);
}

/* ---- when ---- */

static void arm(struct manager *m, uint64_t usec)
{
	uint64_t now;

	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	sd_event_source_set_time(m->rules_timer, now + usec);
	sd_event_source_set_enabled(m->rules_timer, SD_EVENT_ONESHOT);
}

static void forget_process(void)
{
	asked.source = sd_event_source_disable_unref(asked.source);
	if (asked.pid) {
		kill(asked.pid, SIGKILL);
		waitpid(asked.pid, NULL, 0);
		close(asked.fd);
	}
	asked.pid = 0;
	free(asked.answer);
	asked.answer = NULL;
	asked.len = 0;
}

static void finish(struct manager *m)
{
	uint64_t now, took;

	take_answer(m);
	forget_process();
	sd_event_now(m->event, CLOCK_MONOTONIC, &now);
	took = now - asked.started_usec;
	arm(m, asked.due ? 0 : took * PAUSE_TIMES > PAUSE_USEC ? took * PAUSE_TIMES : PAUSE_USEC);
}

static int on_answer(sd_event_source *source, int fd, uint32_t revents, void *ctx)
{
	char *more = realloc(asked.answer, asked.len + 65536);
	ssize_t n = -1;

	if (more) {
		asked.answer = more;
		n = read(fd, asked.answer + asked.len, 65536);
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && more)
		return 0;
	if (n > 0)
		asked.len += (size_t)n;
	if (n < 0 || asked.len > ANSWER_MAX)
		asked.len = 0;
	if (n <= 0 || !asked.len)
		finish(ctx);
	return 0;
}

static int start_process(int64_t since_ns, int64_t until_ns, int to)
{
	char since[24], until[24];
	char *const argv[] = { (char *)"jobwardd", (char *)JW_RULES_OPTION, since, until, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int r;

	snprintf(since, sizeof(since), "%" PRId64, since_ns);
	snprintf(until, sizeof(until), "%" PRId64, until_ns);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, to, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	/* this very program, also when a newer one has taken its path */
	r = posix_spawn(&asked.pid, "/proc/self/exe", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	if (r)
		asked.pid = 0;
	return -r;
}

static int64_t look_back(struct manager *m, int64_t now_ns)
{
	_cleanup_free_ char *value = NULL;
	int64_t from = now_ns;

	if (!jw_store_get(m->store, UNTIL_NAME, &value) && strtoll(value, NULL, 10) < from)
		from = strtoll(value, NULL, 10);
	return from > LOOK_BACK_NS ? from - LOOK_BACK_NS : 0;
}

static int start(struct manager *m)
{
	int64_t now_ns = jw_now_ns();
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = start_process(look_back(m, now_ns), now_ns, fds[1]);
	close(fds[1]);
	if (r) {
		close(fds[0]);
		return r;
	}
	asked.fd = fds[0];
	asked.until_ns = now_ns;
	asked.cursor = m->cursor;
	memcpy(asked.signature, m->inventory.signature, sizeof(asked.signature));
	asked.due = false;
	sd_event_now(m->event, CLOCK_MONOTONIC, &asked.started_usec);
	r = fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno :
	    sd_event_add_io(m->event, &asked.source, fds[0], EPOLLIN, on_answer, m);
	if (r < 0)
		forget_process();
	return r < 0 ? r : 0;
}

static int on_rules(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct manager *m = ctx;
	bool news = asked.due || asked.cursor != m->cursor ||
		    memcmp(asked.signature, m->inventory.signature, sizeof(asked.signature));
	int r;

	if (asked.pid)
		return 0;
	r = m->store && news ? start(m) : 0;
	if (r < 0)
		jw_finding(m, "rules", "the rules can't be asked: %s", strerror(-r));
	if (!asked.pid)
		arm(m, PAUSE_USEC);
	return 0;
}

void jw_rules_soon(struct manager *m)
{
	asked.due = true;
	if (!asked.pid)
		arm(m, 0);
}

int jw_rules_init(struct manager *m)
{
	int r = sd_event_add_time_relative(m->event, &m->rules_timer, CLOCK_MONOTONIC, FIRST_USEC, 1000000, on_rules, m);

	return r < 0 ? r : 0;
}

void jw_rules_done(struct manager *m)
{
	forget_process();
	m->rules_timer = sd_event_source_disable_unref(m->rules_timer);
}
