// SPDX-License-Identifier: GPL-2.0
/* A library that acts for whoever has it loaded: it creates the file that FOREIGN names. */
#include <fcntl.h>
#include <stdlib.h>

__attribute__((constructor)) static void foreign(void)
{
	const char *path = getenv("FOREIGN");

	if (path)
		open(path, O_CREAT | O_WRONLY, 0644);
}
