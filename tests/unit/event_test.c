// SPDX-License-Identifier: GPL-2.0
/* Events as the contract's JSON, there and back; origin and ATT&CK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "event.h"
#include "scheduler/table.h"

static char *bytes(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

/* Everything that an event can have. */
static struct jw_event make_full(void)
{
	struct jw_event event = {
		.seq = 412,
		.boot = "0b0f1c2d-0000-4000-8000-000000000001",
		.time_ns = 1795508693123456789,
		.boot_ns = 77,
		.kind = JOBWARD_KIND_WRITE,
		.action = JOBWARD_ACTION_RENAME,
		.verdict = JOBWARD_VERDICT_AUDIT,
		.reason = JOBWARD_REASON_NOT_A_WRITER,
		.generation = 9,
		.scheduler = JOBWARD_SCHEDULER_CRON,
		.job = 0x3f9c1d0000000001,
		.has_key = true,
		.root_seq = 400,
		.first = 5,
		.last = 9,
		.denials = 1,
	};
	struct jw_subject *subject = &event.subject;

	memset(event.key, 0xab, sizeof(event.key));
	*subject = (struct jw_subject){ .pid = 10,
					.tid = 11,
					.ppid = 9,
					.uid = 1000,
					.euid = 0,
					.gid = 100,
					.start_ns = 5,
					.has_auid = true,
					.auid = 1000,
					.has_session = true,
					.session = 3 };
	subject->tty = strdup("pts/0");
	subject->comm = strdup("bash");
	subject->exe = strdup("/usr/bin/bash");
	subject->cgroup = strdup("/user.slice");
	subject->argv = bytes("bash\0\0-c\0", 9);
	subject->argv_len = 9;
	subject->n_ancestors = 2;
	subject->ancestors[0] = (struct jw_ancestor){ 9, 1000, strdup("sshd"), strdup("/usr/sbin/sshd") };
	subject->ancestors[1] = (struct jw_ancestor){ 1, 0, strdup("systemd"), NULL };
	subject->origin = "ssh";
	subject->origin_address = strdup("192.0.2.7");
	event.object = (struct jw_object){ .present = true,
					   .path = strdup("/etc/cron.d/.x"),
					   .dev = 8 << 20 | 1,
					   .ino = 77,
					   .gen = 3,
					   .mode = 0100644,
					   .uid = 0,
					   .size = 12,
					   .roles = JOBWARD_ROLE_STORE | JOBWARD_ROLE_PIN,
					   .classes = 1,
					   .has_sha256 = true };
	memset(event.object.sha256, 0x0f, 32);
	event.target = (struct jw_object){ .present = true, .path = strdup("/etc/cron.d/x"), .ino = UINT64_MAX };
	event.argv = bytes("/bin/sh\0-c\0x\0", 13);
	event.argv_len = 13;
	event.env = bytes("LD_PRELOAD=/tmp/x.so\0", 21);
	event.env_len = 21;
	event.text = strdup("echo hi\n");
	event.text_len = 8;
	event.unit = strdup("cron.service");
	event.detail = strdup("a word");
	event.job_owner = strdup("root");
	event.job_command = strdup("/opt/x.sh");
	event.job_source = strdup("/etc/cron.d/x:3");
	event.rule = strdup("policy.yaml:14");
	event.attack[0] = "T1053.003";
	return event;
}

static const char full[] =
	"{\"seq\":412,\"boot\":\"0b0f1c2d-0000-4000-8000-000000000001\",\"time\":\"2026-11-24T08:24:53.123456789Z\","
	"\"boot_ns\":77,\"kind\":\"write\",\"action\":\"rename\",\"verdict\":\"audit\",\"reason\":\"not-a-writer\","
	"\"rule\":\"policy.yaml:14\",\"generation\":9,\"scheduler\":\"cron\","
	"\"job\":{\"id\":\"3f9c1d0000000001\",\"owner\":\"root\",\"command\":\"/opt/x.sh\","
	"\"source\":\"/etc/cron.d/x:3\"},"
	"\"key\":\"abababababababababababababababababababababababababababababababab\",\"root_seq\":400,"
	"\"subject\":{\"pid\":10,\"tid\":11,\"ppid\":9,\"start_ns\":5,\"uid\":1000,\"euid\":0,\"gid\":100,"
	"\"auid\":1000,"
	"\"session\":3,\"tty\":\"pts/0\",\"comm\":\"bash\",\"exe\":\"/usr/bin/bash\",\"argv\":[\"bash\",\"\",\"-c\"],"
	"\"cgroup\":\"/user.slice\",\"ancestors\":[{\"pid\":9,\"uid\":1000,\"comm\":\"sshd\","
	"\"exe\":\"/usr/sbin/sshd\"},"
	"{\"pid\":1,\"uid\":0,\"comm\":\"systemd\"}],\"origin\":{\"kind\":\"ssh\",\"address\":\"192.0.2.7\"}},"
	"\"object\":{\"path\":\"/etc/cron.d/.x\",\"device\":\"8:1\",\"inode\":77,\"generation\":3,"
	"\"mode\":\"100644\",\"uid\":0,"
	"\"size\":12,\"sha256\":\"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\","
	"\"roles\":[\"store\",\"pin\"],\"classes\":1},"
	"\"target\":{\"path\":\"/etc/cron.d/x\",\"device\":\"0:0\",\"inode\":\"18446744073709551615\"},"
	"\"argv\":[\"/bin/sh\",\"-c\",\"x\"],\"env\":[\"LD_PRELOAD=/tmp/x.so\"],\"unit\":\"cron.service\","
	"\"text\":\"echo hi\\n\",\"detail\":\"a word\",\"gap\":{\"first\":5,\"last\":9,\"denials\":1},"
	"\"attack\":[\"T1053.003\"]}";

/* Destinations of each family: as JSON, back, and in one word. */
static void test_destinations(void **state)
{
	static const struct {
		struct jw_object object;
		const char *json, *word;
	} cases[] = {
		{ { .present = true, .family = JOBWARD_FAMILY_IPV4, .protocol = JOBWARD_PROTOCOL_TCP, .address = "192.0.2.1", .port = 443 },
		  "\"object\":{\"family\":\"ipv4\",\"protocol\":\"tcp\",\"address\":\"192.0.2.1\",\"port\":443}", "192.0.2.1:443" },
		{ { .present = true, .family = JOBWARD_FAMILY_IPV6, .protocol = JOBWARD_PROTOCOL_ICMP, .address = "2001:db8::1" },
		  "\"object\":{\"family\":\"ipv6\",\"protocol\":\"icmp\",\"address\":\"2001:db8::1\",\"port\":0}", "[2001:db8::1]:0" },
		{ { .present = true, .family = JOBWARD_FAMILY_UNIX, .protocol = JOBWARD_PROTOCOL_DGRAM, .path = "@x" },
		  "\"object\":{\"path\":\"@x\",\"family\":\"unix\",\"protocol\":\"dgram\"}", "@x" },
		{ { .present = true, .path = "/x" }, "\"object\":{\"path\":\"/x\"}", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_event event = { .time_ns = 1, .kind = JOBWARD_KIND_NET, .action = JOBWARD_ACTION_CONNECT, .object = cases[i].object }, back;
		char *text = jw_event_to_text(&event), *again, *word;

		assert_non_null(strstr(text, cases[i].json));
		assert_int_equal(jw_event_from_text(&back, text, strlen(text)), 0);
		again = jw_event_to_text(&back);
		assert_string_equal(again, text);
		assert_int_equal(jw_object_destination(&back.object, &word), 0);
		if (cases[i].word)
			assert_string_equal(word, cases[i].word);
		else
			assert_null(word);
		free(word);
		free(text);
		free(again);
		jw_event_done(&back);
	}
}

static void test_full_event(void **state)
{
	struct jw_event event = make_full(), back;
	char *text = jw_event_to_text(&event), *again;

	assert_string_equal(text, full);
	assert_int_equal(jw_event_from_text(&back, text, strlen(text)), 0);
	again = jw_event_to_text(&back);
	assert_string_equal(again, full);
	/* What JSON shows is back in the struct too, not only in the text. */
	assert_int_equal(back.object.dev, 8 << 20 | 1);
	assert_int_equal(back.object.mode, 0100644);
	assert_int_equal(back.object.roles, JOBWARD_ROLE_STORE | JOBWARD_ROLE_PIN);
	assert_true(back.target.ino == UINT64_MAX);
	assert_int_equal(back.subject.argv_len, 9);
	assert_memory_equal(back.subject.argv, "bash\0\0-c\0", 9);
	assert_true(back.job == event.job);
	assert_memory_equal(back.key, event.key, 32);
	assert_string_equal(back.subject.origin, "ssh");
	free(text);
	free(again);
	jw_event_done(&event);
	jw_event_done(&back);
}

/* What does not apply is absent. */
static void test_bare_event(void **state)
{
	struct jw_event event = { .kind = JOBWARD_KIND_ADMIN, .action = JOBWARD_ACTION_START }, back;
	char *text = jw_event_to_text(&event), *again;

	assert_string_equal(text,
			    "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"kind\":\"admin\",\"action\":\"start\","
			    "\"verdict\":\"allow\"}");
	assert_int_equal(jw_event_from_text(&back, text, strlen(text)), 0);
	again = jw_event_to_text(&back);
	assert_string_equal(again, text);
	free(text);
	free(again);
	jw_event_done(&back);
}

/* A job that is in no table has no id, but the store may know its command. */
static void test_job_without_id(void **state)
{
	struct jw_event event = { .job_command = strdup("x") };
	char *text = jw_event_to_text(&event);

	assert_non_null(strstr(text, "\"job\":{\"command\":\"x\"}"));
	free(text);
	jw_event_done(&event);
}

static void test_hostile_bytes(void **state)
{
	static const struct { const char *in; size_t len; const char *out; } cases[] = {
		{ "plain", 5, "plain" },
		{ "tab\t\"q\"\\", 8, "tab\\t\\\"q\\\"\\\\" },
		{ "\x1b[31mred", 8, "\\u001B[31mred" },
		{ "gr\xc3\xbcn", 5, "gr\xc3\xbcn" },
		{ "\xff\xfe", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "a\0b", 3, "a\xef\xbf\xbd" "b" },
		{ "\xc3", 1, "\xef\xbf\xbd" },
		{ "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80" },
		{ "\xe2\x82", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "", 0, "" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_event event = { .text = bytes(cases[i].in, cases[i].len), .text_len = cases[i].len }, back;
		char *text = jw_event_to_text(&event), *again, expected[128];

		snprintf(expected, sizeof(expected), "\"text\":\"%s\"}", cases[i].out);
		if (!strstr(text, expected))
			fail_msg("case %zu: %s", i, text);
		assert_int_equal(jw_event_from_text(&back, text, strlen(text)), 0);
		again = jw_event_to_text(&back);
		assert_string_equal(again, text);
		free(text);
		free(again);
		jw_event_done(&event);
		jw_event_done(&back);
	}
}

/* The last argument may lack its NUL byte: the kernel cuts long ones off. */
static void test_argv_forms(void **state)
{
	static const struct { const char *in; size_t len; const char *out; } cases[] = {
		{ "a\0b\0", 4, "\"argv\":[\"a\",\"b\"]" },
		{ "a\0b", 3, "\"argv\":[\"a\",\"b\"]" },
		{ "\0", 1, "\"argv\":[\"\"]" },
		{ "a\0\0\0", 4, "\"argv\":[\"a\",\"\",\"\"]" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_event event = { .argv = bytes(cases[i].in, cases[i].len), .argv_len = cases[i].len };
		char *text = jw_event_to_text(&event);

		if (!strstr(text, cases[i].out))
			fail_msg("case %zu: %s", i, text);
		free(text);
		jw_event_done(&event);
	}
}

static void test_bad_json(void **state)
{
#define HEAD "\"time\":\"2026-11-24T08:24:53Z\",\"kind\":\"run\",\"action\":\"exec\",\"verdict\":\"deny\""
	static const struct { const char *text; int err;
	} cases[] = {
		{ "{" HEAD "}", 0 },
		{ "{" HEAD ",\"unknown\":{\"key\":[1]}}", 0 },
		{ "", -EINVAL },
		{ "[]", -EINVAL },
		{ "{}", -EINVAL },
		{ "{" HEAD, -EINVAL },
		{ "{" HEAD ",\"kind\":\"run\"}", -EINVAL },
		{ "{" HEAD ",\"reason\":\"no such\"}", -EINVAL },
		{ "{" HEAD ",\"seq\":-1}", -EINVAL },
		{ "{" HEAD ",\"seq\":\"12x\"}", -EINVAL },
		{ "{" HEAD ",\"seq\":\"\"}", -EINVAL },
		{ "{" HEAD ",\"seq\":1.5}", -EINVAL },
		{ "{" HEAD ",\"seq\":\"99999999999999999999999\"}", -EINVAL },
		{ "{" HEAD ",\"key\":\"abc\"}", -EINVAL },
		{ "{" HEAD ",\"key\":\"zbababababababababababababababababababababababababababababababab\"}", -EINVAL },
		{ "{" HEAD ",\"job\":{\"id\":\"3f9c1d\"}}", -EINVAL },
		{ "{" HEAD ",\"subject\":{\"pid\":4294967296}}", -EINVAL },
		{ "{" HEAD ",\"subject\":{\"argv\":\"x\"}}", -EINVAL },
		{ "{" HEAD ",\"subject\":{\"argv\":[1]}}", -EINVAL },
		{ "{" HEAD ",\"subject\":{\"exe\":7}}", -EINVAL },
		{ "{" HEAD ",\"subject\":{\"kthread\":1}}", -EINVAL },
		{ "{" HEAD ",\"boot\":\"longer than a boot id can be, by far, really\"}", -EINVAL },
		{ "{\"kind\":\"run\",\"action\":\"exec\",\"verdict\":\"deny\"}", -EINVAL },
		{ "{\"time\":\"2026-11-24 08:24:53\",\"kind\":\"run\",\"action\":\"exec\",\"verdict\":\"deny\"}",
		  -EINVAL },
	};
	struct jw_event event;
	size_t i;
	int r;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = jw_event_from_text(&event, cases[i].text, strlen(cases[i].text));
		if (r != cases[i].err)
			fail_msg("%s: %d", cases[i].text, r);
		jw_event_done(&event);
	}
}

static void test_times(void **state)
{
	static const struct { const char *text; uint64_t ns; bool canonical; } cases[] = {
		{ "1970-01-01T00:00:00.000000000Z", 0, true },
		{ "2026-11-24T08:24:53.123456789Z", 1795508693123456789, true },
		{ "2554-07-21T23:34:33.709551615Z", 0, false },
		{ "2026-11-24T08:24:53Z", 1795508693000000000, false },
		{ "2026-11-24T08:24:53.5Z", 1795508693500000000, false },
	};
	static const char *const bad[] = {
		"",
		"Z",
		"2026-11-24",
		"2026-11-24T08:24:53",
		"2026-11-24T08:24:53+01:00",
		"2026-11-24T08:24:53.1234567890Z",
		"2026-13-24T08:24:53Z",
		"1969-12-31T23:59:59Z",
		"2026-11-24T08:24:53Zx",
	};
	char out[JW_TIME_MAX];
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].ns || cases[i].canonical) {
			assert_int_equal(jw_time_parse(cases[i].text, &ns), 0);
			assert_true(ns == cases[i].ns);
		}
		if (cases[i].canonical) {
			jw_time_format(cases[i].ns, out);
			assert_string_equal(out, cases[i].text);
		}
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (jw_time_parse(bad[i], &ns) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	jw_time_format(UINT64_MAX, out);
	assert_string_equal(out, "2554-07-21T23:34:33.709551615Z");
}

/* ---- enrichment ---- */

static void test_origin(void **state)
{
	static const struct {
		const char *ancestor, *second, *cgroup, *tty;
		uint64_t root_seq;
		bool kthread;
		const char *origin;
	} cases[] = {
		{ "/usr/bin/bash", "/usr/sbin/sshd", "/user.slice/session-3.scope", "pts/0", 0, false, "ssh" },
		{ "/usr/lib/openssh/sshd-session", NULL, "", NULL, 0, false, "ssh" },
		{ "/usr/sbin/sshd (deleted)", NULL, "", NULL, 0, false, "ssh" },
		{ "/tmp/notsshd", NULL, "/x", "tty1", 0, false, "console" },
		{ NULL, NULL, NULL, "tty1", 0, false, "console" },
		{ NULL, NULL, "/system.slice/cron.service", "", 0, false, "service" },
		{ NULL, NULL, "/system.slice/docker-0123.scope", NULL, 0, false, "container" },
		{ NULL, NULL, "/system.slice/docker.service", NULL, 0, false, "service" },
		{ NULL, NULL, "/docker/0123", NULL, 0, false, "container" },
		{ NULL, NULL, "/machine.slice/libpod-0123.scope", NULL, 0, false, "container" },
		{ NULL, NULL, "/lxc.payload.web/system.slice/cron.service", NULL, 0, false, "container" },
		{ NULL, NULL, "/kubepods.slice/x", NULL, 0, false, "container" },
		{ NULL, NULL, "/system.slice/systemd-machined.service", NULL, 0, false, "service" },
		{ "/usr/sbin/sshd", NULL, "/docker/0123", "pts/1", 7, false, "job" },
		{ NULL, NULL, "/user.slice", NULL, 0, false, NULL },
		{ NULL, NULL, "/system.slice/x.service", "tty1", 0, true, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_event event = { .kind = JOBWARD_KIND_RUN, .root_seq = cases[i].root_seq };
		struct jw_subject *subject = &event.subject;

		subject->n_ancestors = cases[i].second ? 2 : cases[i].ancestor ? 1 : 0;
		subject->ancestors[0].exe = (char *)cases[i].ancestor;
		subject->ancestors[1].exe = (char *)cases[i].second;
		subject->cgroup = (char *)cases[i].cgroup;
		subject->tty = (char *)cases[i].tty;
		subject->kthread = cases[i].kthread;
		jw_event_enrich(&event);
		if (!cases[i].origin != !subject->origin ||
		    (subject->origin && strcmp(subject->origin, cases[i].origin)))
			fail_msg("case %zu: %s", i, subject->origin ? subject->origin : "none");
	}
}

static void test_attack(void **state)
{
	static const struct {
		enum jobward_kind kind;
		enum jobward_scheduler scheduler;
		int class, target_class;
		const char *path, *target, *attack;
		enum jobward_scheduler then;
	} cases[] = {
#define NONE JOBWARD_SCHEDULER_NONE
		{ JOBWARD_KIND_RUN, JOBWARD_SCHEDULER_CRON, -1, -1, NULL, NULL, "T1053.003", JOBWARD_SCHEDULER_CRON },
		{ JOBWARD_KIND_RUN, JOBWARD_SCHEDULER_RUN_PARTS, -1, -1, NULL, NULL, "T1053.003",
		  JOBWARD_SCHEDULER_RUN_PARTS },
		{ JOBWARD_KIND_RUN, JOBWARD_SCHEDULER_ANACRON, -1, -1, NULL, NULL, "T1053.003",
		  JOBWARD_SCHEDULER_ANACRON },
		{ JOBWARD_KIND_RUN, JOBWARD_SCHEDULER_AT, -1, -1, NULL, NULL, "T1053.002", JOBWARD_SCHEDULER_AT },
		{ JOBWARD_KIND_RUN, JOBWARD_SCHEDULER_SYSTEMD, -1, -1, NULL, NULL, "T1053.006",
		  JOBWARD_SCHEDULER_SYSTEMD },
		{ JOBWARD_KIND_RUN, NONE, -1, -1, NULL, NULL, "", NONE },
		{ JOBWARD_KIND_MODULE, NONE, -1, -1, "/tmp/x.ko", NULL, "T1547.006", NONE },
		{ JOBWARD_KIND_ADMIN, JOBWARD_SCHEDULER_CRON, -1, -1, NULL, NULL, "", JOBWARD_SCHEDULER_CRON },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_CRON, -1, "/etc/crontab", NULL, "T1053.003",
		  JOBWARD_SCHEDULER_CRON },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_AT, -1, "/x", NULL, "T1053.002", JOBWARD_SCHEDULER_AT },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_SYSTEMD, -1, "/etc/systemd/system/x.timer", NULL, "T1053.006",
		  JOBWARD_SCHEDULER_SYSTEMD },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_SYSTEMD, -1, "/etc/systemd/system/x.service", NULL, "T1543.002",
		  JOBWARD_SCHEDULER_SYSTEMD },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_SYSTEMD_USER, -1, "/h/x.service.d/a.conf", NULL, "T1543.002",
		  JOBWARD_SCHEDULER_SYSTEMD_USER },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_SYSTEMD, -1, "/etc/systemd/system/x.service",
		  "/etc/systemd/system/x.timer", "T1543.002 T1053.006", JOBWARD_SCHEDULER_SYSTEMD },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_SYSTEMD, -1, "/etc/systemd/system", NULL, "T1053.006",
		  JOBWARD_SCHEDULER_SYSTEMD },
		/* Out of the store's eyes the object, into it the target. */
		{ JOBWARD_KIND_WRITE, NONE, -1, JW_CLASS_CRON, "/tmp/x", "/etc/cron.d/x", "T1053.003",
		  JOBWARD_SCHEDULER_CRON },
		{ JOBWARD_KIND_WRITE, NONE, JW_CLASS_JOBWARD, -1, "/etc/jobward/policy.yaml", NULL, "", NONE },
		{ JOBWARD_KIND_WRITE, NONE, -1, -1, "/opt/pinned.sh", NULL, "", NONE },
	};
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jw_event event = { .kind = cases[i].kind, .scheduler = cases[i].scheduler };
		char got[64] = "";

		event.object = (struct jw_object){ .present = true, .path = (char *)cases[i].path,
						   .classes = cases[i].class < 0 ? 0 : JW_CLASS_BIT(cases[i].class) };
		event.target = (struct jw_object){ .present = cases[i].target != NULL, .path = (char *)cases[i].target,
						   .classes = cases[i].target_class < 0 ? 0 :
							      JW_CLASS_BIT(cases[i].target_class) };
		/* Twice is once. */
		jw_event_enrich(&event);
		jw_event_enrich(&event);
		for (k = 0; event.attack[k]; k++)
			sprintf(got + strlen(got), "%s%s", k ? " " : "", event.attack[k]);
		if (strcmp(got, cases[i].attack) || event.scheduler != cases[i].then)
			fail_msg("case %zu: '%s', scheduler %d", i, got, event.scheduler);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_full_event),
		cmocka_unit_test(test_bare_event),
		cmocka_unit_test(test_job_without_id),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_argv_forms),
		cmocka_unit_test(test_bad_json),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_attack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
