// SPDX-License-Identifier: GPL-2.0
/* See symbols.h. */
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include "symbols.h"

int jw_symbols_find(const char *const *names, unsigned long *addrs, unsigned int n)
{
	struct kprobe *probes = kcalloc(n, sizeof(*probes), GFP_KERNEL);
	struct kprobe **found = kcalloc(n, sizeof(struct kprobe *), GFP_KERNEL);
	unsigned int i, n_found = 0;
	int err = probes && found ? 0 : -ENOMEM;

	for (i = 0; i < n && !err; i++) {
		probes[i].symbol_name = names[i];
		probes[i].flags = KPROBE_FLAG_DISABLED;
		addrs[i] = 0;
		if (register_kprobe(&probes[i]))
			continue;
		addrs[i] = (unsigned long)probes[i].addr;
		found[n_found++] = &probes[i];
	}
	/* waits for readers once, for all */
	if (n_found)
		unregister_kprobes(found, n_found);
	kfree(found);
	kfree(probes);
	return err;
}
