// SPDX-License-Identifier: GPL-2.0
/*
 * Order of load and unload. What reports comes after what keeps reports; the gates come last, since from then on others' calls run
 * through them. Unload is the exact reverse.
 *
 * Locks, outermost first: genl_lock (requests) · life_lock · module notifier's rwsem · format_lock · bucket locks of the lineage ·
 * seen_lock of the module gate, seat_lock, notes_lock · lock of what runs were seen to do · the ring's lock. RCU keeps the table.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include "descent.h"
#include "lineage.h"
#include "lock.h"
#include "meddling.h"
#include "mode.h"
#include "module_gate.h"
#include "netlink.h"
#include "pin.h"
#include "report.h"
#include "run_gate.h"
#include "tamper.h"
#include "watch.h"
#include "write_gate.h"

static char *mode;
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "start mode of all gates: audit (default), hold or enforce; stands until an administrator changes it");

static unsigned int ring_kib = 1024;
module_param(ring_kib, uint, 0444);
MODULE_PARM_DESC(ring_kib, "size of the event ring in KiB, a power of two from 128 (default 1024)");

static bool lock;
module_param(lock, bool, 0444);
MODULE_PARM_DESC(lock, "lock from the load on, until the next boot (default off)");

static bool lock_kexec;
module_param(lock_kexec, bool, 0444);
MODULE_PARM_DESC(lock_kexec, "the same, and refuse to load or start another kernel by kexec (default off)");

static int __init jobward_init(void)
{
	int err = jw_mode_init(mode);

	if (err) {
		pr_err("jobward: mode is not audit, hold or enforce\n");
		return err;
	}
	err = jw_report_init(ring_kib);
	if (err) {
		pr_err("jobward: no event ring of %u KiB: %d\n", ring_kib, err);
		return err;
	}
	err = jw_pin_init();
	if (err)
		goto err_report;
	err = jw_lineage_init();
	if (err)
		goto err_pin;
	err = jw_nl_init();
	if (err)
		goto err_lineage;
	err = jw_module_gate_init();
	if (err)
		goto err_nl;
	err = jw_write_gate_init();
	if (err)
		goto err_module_gate;
	jw_descent_init();
	jw_meddling_init();
	jw_run_gate_init();
	jw_lock_init();
	jw_watch_init();
	if (lock || lock_kexec)
		jw_lock_set(lock_kexec);
	pr_info("jobward: gates armed, waiting for the auditor's table\n");
	return 0;

err_module_gate:
	jw_module_gate_exit();
err_nl:
	jw_nl_exit();
err_lineage:
	jw_lineage_exit();
err_pin:
	jw_pin_exit();
err_report:
	jw_report_exit();
	return err;
}

static void __exit jobward_exit(void)
{
	jw_watch_exit();
	jw_lock_exit();
	jw_run_gate_exit();
	jw_meddling_exit();
	jw_descent_exit();
	jw_write_gate_exit();
	jw_module_gate_exit();
	jw_nl_exit();
	jw_lineage_exit();
	jw_pin_exit();
	jw_tamper_exit();
	jw_report_exit();
}

module_init(jobward_init);
module_exit(jobward_exit);
MODULE_DESCRIPTION("Guards scheduled jobs: run, write and module gates with an auditor in userspace");
MODULE_AUTHOR("jobward maintainers");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
