// SPDX-License-Identifier: GPL-2.0
/*
 * Lays hands on another process.
 *     meddle trace|trace-exec PROGRAM ARGS...   traces it until its end, or only until it is executed; exit code: the program's
 *     meddle attach|read|write|open-read|open-write PID
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int trace(char **argv, int until_exec)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execv(argv[0], argv);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	ptrace(until_exec ? PTRACE_DETACH : PTRACE_CONT, pid, 0, 0);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, pid, 0, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

int main(int argc, char **argv)
{
	const char *what = argv[1];
	pid_t pid = atoi(argv[2]);
	char byte, path[64];
	/* The right to do it is asked for before the address is looked at. */
	struct iovec here = { &byte, 1 }, there = { (void *)4096, 1 };

	if (!strncmp(what, "trace", 5))
		return trace(argv + 2, !strcmp(what, "trace-exec"));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	if (!strcmp(what, "attach")) {
		if (ptrace(PTRACE_ATTACH, pid, 0, 0))
			return 1;
		waitpid(pid, NULL, __WALL);
		return ptrace(PTRACE_DETACH, pid, 0, 0) ? 1 : 0;
	}
	if (!strcmp(what, "read"))
		return process_vm_readv(pid, &here, 1, &there, 1, 0) > 0;
	if (!strcmp(what, "write"))
		return process_vm_writev(pid, &here, 1, &there, 1, 0) > 0;
	return open(path, !strcmp(what, "open-read") ? O_RDONLY : O_RDWR) < 0;
}
