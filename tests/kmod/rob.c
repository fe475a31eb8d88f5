// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a piece of the gates away, as a rootkit would that has got as far as being loaded; puts it back when it is unloaded.
 *   what=ops:NAME       the ftrace_ops of jobward that have this name
 *   what=probe:TP:FN    a probe FN of jobward's on a tracepoint TP
 *   what=head           the first place among binary formats
 *   what=format         the format itself
 */
#include <linux/binfmts.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

static char *what = "";
module_param(what, charp, 0444);

static struct ftrace_ops *ops;
static const char *point_name;
static struct tracepoint *point;
static void *fn;

static unsigned long find(const char *name)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name", .flags = KPROBE_FLAG_DISABLED };
	unsigned long (*lookup)(const char *name);
	char full[96];

	if (register_kprobe(&probe))
		return 0;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	snprintf(full, sizeof(full), "jobward:%s", name);
	return lookup(full);
}

static int pass_on(struct linux_binprm *bprm)
{
	return -ENOEXEC;
}
static struct linux_binfmt format = { .module = THIS_MODULE, .load_binary = pass_on };
static bool is_in;

static void match(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, point_name))
		point = tp;
}

static int take_probe(char *names)
{
	point_name = strsep(&names, ":");
	for_each_kernel_tracepoint(match, NULL);
	fn = names ? (void *)find(names) : NULL;
	return point && fn ? tracepoint_probe_unregister(point, fn, NULL) : -ENOENT;
}

static int __init rob_init(void)
{
	struct linux_binfmt *theirs;

	if (!strncmp(what, "ops:", 4)) {
		ops = (void *)find(what + 4);
		return ops ? unregister_ftrace_function(ops) : -ENOENT;
	}
	if (!strncmp(what, "probe:", 6))
		return take_probe(what + 6);
	if (!strcmp(what, "head")) {
		insert_binfmt(&format);
		is_in = true;
		return 0;
	}
	theirs = (void *)find("formats");
	if (strcmp(what, "format") || !theirs)
		return -ENOENT;
	unregister_binfmt(theirs);
	return 0;
}

static void __exit rob_exit(void)
{
	if (is_in)
		unregister_binfmt(&format);
	/* What jobward has put back itself is no concern any more. */
	if (fn)
		tracepoint_probe_register_may_exist(point, fn, NULL);
	tracepoint_synchronize_unregister();
}

module_init(rob_init);
module_exit(rob_exit);
MODULE_DESCRIPTION("Takes a piece of jobward's gates away");
MODULE_LICENSE("GPL");
