// SPDX-License-Identifier: GPL-2.0
/*
 * What one act costs, in nanoseconds of CLOCK_MONOTONIC; in a guest whose clock counts instructions that is their number.
 *     cost open-read|open-write|exec ROUNDS FILE [ARG...]
 * open-*: open and close of a file that is there. exec: fork, exec of FILE, its end, wait. Prints the lower twentieth of ROUNDS
 * rounds; a round of open-* is 64 of them. It leaves out the rounds that a timer's interrupt or the kernel's own housekeeping fell into.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000l + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void opens(const char *file, int flags)
{
	int i, fd;

	for (i = 0; i < BATCH; i++) {
		fd = open(file, flags);
		if (fd < 0) {
			perror(file);
			exit(1);
		}
		close(fd);
	}
}

static void execs(char **argv)
{
	static char *env[] = { "PATH=/usr/bin:/bin", NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		execve(argv[0], argv, env);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) < 0 || status) {
		fprintf(stderr, "cost: %s did not run\n", argv[0]);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int i, rounds = argc > 3 ? atoi(argv[2]) : 0, each = !strcmp(argv[1], "exec") ? 1 : BATCH;
	long *took = calloc(rounds + 1, sizeof(*took)), t;

	for (i = -3; i < rounds; i++) {	/* three to warm up */
		t = now();
		if (!strcmp(argv[1], "open-read"))
			opens(argv[3], O_RDONLY);
		else if (!strcmp(argv[1], "open-write"))
			opens(argv[3], O_WRONLY);
		else
			execs(argv + 3);
		if (i >= 0)
			took[i] = now() - t;
	}
	qsort(took, rounds, sizeof(*took), compare);
	printf("%ld\n", took[rounds / 20] / each);
	return 0;
}
