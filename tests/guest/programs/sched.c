// SPDX-License-Identifier: GPL-2.0
/*
 * A stand-in for a scheduler's image: executes the rest of its arguments in one of the ways that there are.
 *     sched [stdin FILE] [env NAME=VALUE]... [big-env BYTES] [big-arg BYTES] exec|vfork|fd|memfd|spawn PROGRAM ARGS...
 * The environment is PATH=/usr/bin:/bin and what `env` adds. Exit code: the program's; 100 + errno where exec said no.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

static char *env[70] = { "PATH=/usr/bin:/bin" };
static int n_env = 1;

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static char *filled(const char *name, long n)
{
	char *s = malloc(strlen(name) + n + 1);

	strcpy(s, name);
	memset(s + strlen(name), 'x', n);
	s[strlen(name) + n] = 0;
	return s;
}

int main(int argc, char **argv)
{
	char **a = argv + 1, *args[1100], *extra = NULL;
	int fd, mem, err, i, n = 0;
	long extra_n = 0;
	pid_t pid;

	for (;; a++) {
		if (!strcmp(*a, "stdin")) {
			fd = open(*++a, O_RDONLY);
			dup2(fd, 0);
			close(fd);
		} else if (!strcmp(*a, "env")) {
			env[n_env++] = *++a;
		} else if (!strcmp(*a, "big-env")) {
			env[n_env++] = filled("BIG=", atol(*++a));
		} else if (!strcmp(*a, "big-arg")) {
			extra_n = atol(*++a);
			extra = filled("", extra_n > 100000 ? 100000 : extra_n);
		} else {
			break;
		}
	}
	const char *how = *a++, *prog = *a;

	for (i = 0; a[i]; i++)
		args[n++] = a[i];
	for (; extra_n > 0; extra_n -= 100000)
		args[n++] = extra;
	args[n] = NULL;
	if (!strcmp(how, "exec")) {
		execve(prog, args, env);
	} else if (!strcmp(how, "vfork")) {
		pid = vfork();
		if (!pid) {
			execve(prog, args, env);
			_exit(100 + errno);
		}
		return wait_for(pid);
	} else if (!strcmp(how, "spawn")) {
		err = posix_spawn(&pid, prog, NULL, NULL, args, env);
		return err ? 100 + err : wait_for(pid);
	} else if (!strcmp(how, "fd")) {
		fd = open(prog, O_RDONLY);
		fexecve(fd, args, env);
	} else if (!strcmp(how, "memfd")) {
		fd = open(prog, O_RDONLY);
		mem = memfd_create("m", 0);
		while (sendfile(mem, fd, NULL, 1 << 20) > 0)
			;
		fexecve(mem, args, env);
	} else {
		return 97;
	}
	return 100 + errno;
}
