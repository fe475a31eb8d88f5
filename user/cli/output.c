// SPDX-License-Identifier: GPL-2.0
/* Files that commands make: beside their place first, and put there when they are whole; nobody else may read them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "evidence.h"
#include "render.h"

static int failed(const char *path, int err)
{
	jw_complain("cannot write '%s': %s", jw_show(path), strerror(err ? err : EIO));
	return err == EACCES || err == EPERM ? JW_EXIT_NOT_PERMITTED : JW_EXIT_USAGE;
}

int jw_output_open(struct jw_cli *cli, const char *path, struct jw_output *ret)
{
	struct stat st;
	int fd;

	*ret = (struct jw_output){ .path = jw_must(strdup(path)) };
	if (!strcmp(path, "-")) {
		ret->file = stdout;
		return JW_EXIT_YES;
	}
	/* A pipe or device is written to, not replaced. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		ret->file = fopen(path, "we");
		return ret->file ? JW_EXIT_YES : failed(path, errno);
	}
	if (asprintf(&ret->tmp, "%s.XXXXXX", path) < 0)
		jw_must(NULL);
	fd = mkostemp(ret->tmp, O_CLOEXEC);
	ret->file = fd < 0 ? NULL : jw_must(fdopen(fd, "w"));
	if (ret->file)
		return JW_EXIT_YES;
	free(ret->tmp);
	ret->tmp = NULL;
	return failed(path, errno);
}

int jw_output_close(struct jw_output *output, bool keep)
{
	int code = JW_EXIT_YES, err = 0;

	if (output->file) {
		errno = 0;
		if (fflush(output->file) || ferror(output->file) || (output->tmp && fsync(fileno(output->file))))
			err = errno ? errno : EIO;
		if (output->file != stdout)
			fclose(output->file);
	}
	if (output->tmp && keep && !err && rename(output->tmp, output->path))
		err = errno;
	if (output->tmp && (!keep || err))
		unlink(output->tmp);
	if (keep && err)
		code = failed(output->path, err);
	free(output->tmp);
	free(output->path);
	*output = (struct jw_output){ 0 };
	return code;
}
