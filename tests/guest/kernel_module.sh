#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module gate: what loads and what does not, by finit_module and init_module, and what the record says.
# shellcheck source=lib/kernel.sh
. "$(dirname "$0")/lib/kernel.sh"
mkdir -p /srv/mod && cd /srv/mod || exit 125
cat >probe.c <<'C'
#include <linux/module.h>
static int x;
module_param(x, int, 0444);
static int __init probe_init(void) { pr_info("probe: init ran\n"); return x == 7 ? -EINVAL : 0; }
static void __exit probe_exit(void) { }
module_init(probe_init);
module_exit(probe_exit);
MODULE_LICENSE("GPL");
C
echo 'obj-m := probe.o' >Kbuild
make -s -C "/lib/modules/$(uname -r)/build" M=/srv/mod modules >/run/make.log 2>&1 || { cat /run/make.log; exit 125; }
exec python3 "$here/lib/kernel_module.py"
