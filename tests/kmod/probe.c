// SPDX-License-Identifier: GPL-2.0
/* A module that says that its init ran; with x=7 init fails. */
#include <linux/module.h>

static int x;
module_param(x, int, 0444);

static int __init probe_init(void)
{
	pr_info("probe: init ran\n");
	return x == 7 ? -EINVAL : 0;
}

static void __exit probe_exit(void)
{
}

module_init(probe_init);
module_exit(probe_exit);
MODULE_DESCRIPTION("Says that its init ran");
MODULE_LICENSE("GPL");
