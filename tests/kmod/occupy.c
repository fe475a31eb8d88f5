// SPDX-License-Identifier: GPL-2.0
/* Has a callback on a function that may change where it goes on, as a livepatch has: ftrace allows one such to each. */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

static char *function = "security_inode_mkdir";
module_param(function, charp, 0444);

static void notrace callback(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops ops = { .func = callback, .flags = FTRACE_OPS_FL_IPMODIFY };

static int __init occupy_init(void)
{
	int err = ftrace_set_filter(&ops, (unsigned char *)function, strlen(function), 1);

	return err ? err : register_ftrace_function(&ops);
}

static void __exit occupy_exit(void)
{
	unregister_ftrace_function(&ops);
}

module_init(occupy_init);
module_exit(occupy_exit);
MODULE_DESCRIPTION("Occupies a function as a livepatch does");
MODULE_LICENSE("GPL");
