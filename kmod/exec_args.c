// SPDX-License-Identifier: GPL-2.0
/* See exec_args.h. The strings lie one behind the other from bprm->p: argc arguments, then envc variables (fs/exec.c, copy_strings). */
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "compat/compat.h"
#include "digest.h"
#include "exec_args.h"

/* A variable is looked at so far; a covered one may not be longer. */
#define VAR_MAX 4095u

struct cursor {
	struct linux_binprm *bprm;
	unsigned long pos;
	struct page *page;
	const char *map;
};

static void leave_page(struct cursor *c)
{
	if (c->page) {
		kunmap_local(c->map);
		put_page(c->page);
		c->page = NULL;
	}
}

static int enter_page(struct cursor *c)
{
	long got;

	mmap_read_lock(c->bprm->mm);
	got = jw_get_user_page(c->bprm->mm, c->pos, &c->page);
	mmap_read_unlock(c->bprm->mm);
	if (got != 1) {
		c->page = NULL;
		return -EFAULT;
	}
	c->map = kmap_local_page(c->page);
	return 0;
}

/*
 * Copies up to and with the next NUL byte, @max bytes at most; the rest of a longer string is passed over.
 * Return: bytes that the string has, with its NUL byte, or negative errno.
 */
static long next_string(struct cursor *c, char *to, u32 max)
{
	unsigned long len = 0;
	int err;

	for (;;) {
		u32 off = offset_in_page(c->pos), n, copy;
		const char *from;

		if (!c->page) {
			err = enter_page(c);
			if (err)
				return err;
		}
		from = c->map + off;
		n = strnlen(from, PAGE_SIZE - off);
		if (n < PAGE_SIZE - off)
			n++;	/* the NUL byte too */
		copy = len < max ? min_t(unsigned long, n, max - len) : 0;
		memcpy(to + min_t(unsigned long, len, max), from, copy);
		len += n;
		c->pos += n;
		if (!from[n - 1] && n) {
			if (!offset_in_page(c->pos))
				leave_page(c);
			return len;
		}
		leave_page(c);
	}
}

static int make_room(char **buf, u32 *room, u32 len, u32 want, u32 max)
{
	u32 more = *room ? *room : 1024;
	char *p;

	if (want > max || len > max - want)
		return -E2BIG;
	while (more < len + want)
		more *= 2;
	if (more == *room)
		return 0;
	p = kvmalloc(more, GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	if (*buf)
		memcpy(p, *buf, len);
	kvfree(*buf);
	*buf = p;
	*room = more;
	return 0;
}

/* What is more than a job may have is passed over, to come to the environment: that says whether it is a job. */
static int read_argv(struct jw_exec_args *args, struct cursor *c)
{
	int left, err = make_room(&args->argv, &args->argv_room, 0, 1, JW_ARGV_MAX);
	long n;

	if (err)
		return err;
	for (left = c->bprm->argc; left > 0; left--) {
		/* As much as there is room for already; a longer one is read again, whole. */
		u32 room = args->argv_room - args->argv_len;
		unsigned long at = c->pos;

		n = next_string(c, args->argv + args->argv_len, room);
		if (n < 0)
			return n;
		if (!err)
			err = make_room(&args->argv, &args->argv_room, args->argv_len, n, JW_ARGV_MAX);
		if (err == -ENOMEM)
			return err;
		if (err)
			continue;
		if (n > room) {
			leave_page(c);
			c->pos = at;
			n = next_string(c, args->argv + args->argv_len, n);
			if (n < 0)
				return n;
		}
		args->argv_len += n;
	}
	return err;
}

static bool says_timer(const char *var)
{
	size_t n = strlen(var);

	if (!strncmp(var, "TRIGGER_TIMER_", 14))
		return true;
	return !strncmp(var, "TRIGGER_UNIT=", 13) && n > 6 && !strcmp(var + n - 6, ".timer");
}

static int take_var(struct jw_exec_args *args, const char *var, long n, bool path)
{
	int err;

	if (says_timer(var))
		args->timer = true;
	if (!jw_job_key_env_covered(var, path))
		return 0;
	if (n > VAR_MAX || args->n_vars == JW_JOB_KEY_ENV_MAX)
		return -E2BIG;
	err = make_room(&args->env, &args->env_room, args->env_len, n, JW_ENV_MAX);
	if (err)
		return err;
	memcpy(args->env + args->env_len, var, n);
	args->env_len += n;
	args->n_vars++;
	return 0;
}

/* The string at the cursor where it lies, if it ends before its page does; the cursor then stands behind it. Else NULL. */
static const char *string_in_place(struct cursor *c, long *n)
{
	u32 off = offset_in_page(c->pos);
	const char *from;

	if (!c->page && enter_page(c))
		return NULL;	/* next_string() says why */
	from = c->map + off;
	*n = strnlen(from, PAGE_SIZE - off) + 1;
	if (*n >= PAGE_SIZE - off)
		return NULL;
	c->pos += *n;
	return from;
}

static int read_env(struct jw_exec_args *args, struct cursor *c, bool path)
{
	char *buf = NULL;	/* for those over the edge of a page */
	int left, err = 0, bad;
	const char *at;
	u32 i;

	for (left = c->bprm->envc; left > 0 && err != -ENOMEM; left--) {
		long n;
		const char *var = string_in_place(c, &n);

		if (!var) {
			if (!buf)
				buf = kmalloc(VAR_MAX + 1, GFP_KERNEL);
			n = buf ? next_string(c, buf, VAR_MAX) : -ENOMEM;
			if (n < 0) {
				err = n;
				break;
			}
			buf[min_t(long, n, VAR_MAX)] = 0;
			var = buf;
		}
		bad = take_var(args, var, n, path);
		if (bad)
			err = bad;
	}
	kfree(buf);
	/* The buffer may have moved while it grew: point into it only now. */
	for (i = 0, at = args->env; i < args->n_vars; i++, at += strlen(at) + 1)
		args->vars[i] = at;
	jw_digest_sort_env(args->vars, args->n_vars);
	return err;
}

int jw_exec_args_read(struct jw_exec_args *args, struct linux_binprm *bprm, bool path)
{
	struct cursor c = { .bprm = bprm, .pos = bprm->p };
	int err = read_argv(args, &c), env_err = 0;

	if (!err || err == -E2BIG)
		env_err = read_env(args, &c, path);
	leave_page(&c);
	return err ? err : env_err;
}

void jw_exec_args_done(struct jw_exec_args *args)
{
	kvfree(args->argv);
	kvfree(args->env);
}
