/* SPDX-License-Identifier: GPL-2.0 */
/* Arguments and environment of an exec that has not happened yet, read out of bprm's new memory. */
#ifndef JOBWARD_EXEC_ARGS_H
#define JOBWARD_EXEC_ARGS_H

#include <linux/binfmts.h>
#include <linux/types.h>
#include <jobward/job_key.h>

#define JW_ARGV_MAX (128u * 1024)
#define JW_ENV_MAX (16u * 1024)

struct jw_exec_args {
	char *argv;			/* each with its NUL byte */
	u32 argv_len, argv_room;
	char *env;			/* covered variables, each with its NUL byte */
	u32 env_len, env_room;
	const char *vars[JW_JOB_KEY_ENV_MAX];	/* into env, sorted */
	u32 n_vars;
	bool timer;			/* TRIGGER_TIMER_* or a TRIGGER_UNIT that is a timer: systemd.exec(5) */
};

/**
 * jw_exec_args_read() - reads argv and what of the environment matters
 * @args: zero-initialised; for jw_exec_args_done() whatever is returned
 * @bprm: before the point of no return
 * @path: PATH matters
 *
 * Page by page, so that 100 KB and more are read like the rest.
 * Context: may sleep. Return: 0, -E2BIG for more than a job may have, -EFAULT for what can't be read, -ENOMEM.
 */
int jw_exec_args_read(struct jw_exec_args *args, struct linux_binprm *bprm, bool path);
void jw_exec_args_done(struct jw_exec_args *args);

#endif
