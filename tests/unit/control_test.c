// SPDX-License-Identifier: GPL-2.0
/* The CLI's end of the control socket against daemons that behave, and that do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "lib/control.h"

static char folder[] = "/tmp/jobward-control.XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/control", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int listen_at_path(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* A daemon that reads one line and says this, in pieces of @piece bytes. */
static int call(const char *answer, size_t len, size_t piece, json_t **ret_reply)
{
	int fd = listen_at_path(), status, err;
	pid_t pid = fork();
	json_t *request;
	char byte;

	if (!pid) {
		int client = accept(fd, NULL, NULL);
		size_t at;

		while (read(client, &byte, 1) == 1 && byte != '\n')
			;
		for (at = 0; at < len; at += piece)
			if (write(client, answer + at, len - at < piece ? len - at : piece) < 0)
				break;
		close(client);
		_exit(0);
	}
	request = json_pack("{s:s, s:s}", "cmd", "approve", "reason", "line\nof two");
	err = jw_control_call(path, request, ret_reply);
	json_decref(request);
	close(fd);
	waitpid(pid, &status, 0);
	return err;
}

static void test_answers(void **state)
{
	static const char good[] = "{\"ok\":true,\"generation\":7}\n";
	json_t *reply = NULL;

	(void)state;
	assert_int_equal(call(good, strlen(good), 4096, &reply), 0);
	assert_int_equal(json_integer_value(json_object_get(reply, "generation")), 7);
	json_decref(reply);
	assert_int_equal(call(good, strlen(good), 1, &reply), 0);
	assert_true(json_is_true(json_object_get(reply, "ok")));
	json_decref(reply);
}

static void test_large_answer(void **state)
{
	const size_t len = 1 << 20;
	char *answer = malloc(len + 16), *p = answer;
	json_t *reply = NULL;

	(void)state;
	p = stpcpy(p, "{\"a\":\"");
	memset(p, 'x', len);
	strcpy(p + len, "\"}\n");
	assert_int_equal(call(answer, strlen(answer), 65536, &reply), 0);
	assert_int_equal(json_string_length(json_object_get(reply, "a")), len);
	json_decref(reply);
	free(answer);
}

static void test_no_answers(void **state)
{
	static const char *const cases[] = {"", "{\"ok\":true}", "nonsense\n", "[1]\n", "{\"a\":1,\"a\":2}\n"};
	json_t *reply = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(call(cases[i], strlen(cases[i]), 4096, &reply), -EPROTO);
	assert_null(reply);
}

static void test_no_daemon(void **state)
{
	char long_path[200];
	json_t *request = json_object(), *reply;

	(void)state;
	unlink(path);
	assert_int_equal(jw_control_call(path, request, &reply), -ENOENT);
	close(listen_at_path());
	assert_int_equal(jw_control_call(path, request, &reply), -ECONNREFUSED);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(jw_control_call(long_path, request, &reply), -ENAMETOOLONG);
	json_decref(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers), cmocka_unit_test(test_large_answer), cmocka_unit_test(test_no_answers),
		cmocka_unit_test(test_no_daemon),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
