// SPDX-License-Identifier: GPL-2.0
/* writes FILE N: tries N times to open FILE for writing: an event each, and nothing else to wait for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;

	for (; n > 0; n--) {
		int fd = open(argv[1], O_WRONLY | O_APPEND);

		if (fd >= 0)
			close(fd);
		else if (errno != EPERM) {
			perror(argv[1]);
			return 1;
		}
	}
	return 0;
}
