# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_lock_load.sh."""
import errno
import shutil
import subprocess

import tap
from auditor import C, Auditor, Refused
from switches import attaching, kexec_file_load, kexec_load, unload

shutil.copy("/usr/bin/python3", "/srv/other")

looker = Auditor(attach=False)
ATTACH = attaching(looker, C["JOBWARD_CMD_ATTACH"])
tap.ok(looker.status().get("locked"), "locked since the load")
tap.eq((unload("jobward"), unload("jobward", forced=True)), (errno.EPERM, errno.EPERM), "no unload, nor a forced one, before an auditor came")
aud = Auditor()
events = [(e["action"], e["verdict"]) for e in aud.drain() if e["kind"] == "tamper" and e["reason"] == "locked"]
tap.eq(events, [("unload", "deny")] * 2, "both are on record")
aud.mode("enforce")
try:
    aud.mode("audit")
    rc = 0
except Refused as e:
    rc = e.errno
tap.eq(rc, errno.EPERM, "a stronger mode is taken, a weaker is not")
tap.eq(kexec_load(), errno.EPERM, "kexec_load is refused")
tap.eq(kexec_file_load("/share/jobward.ko"), errno.EPERM, "kexec_file_load is refused")
events = [(e["action"], e["verdict"], e["reason"]) for e in aud.drain() if e["kind"] == "tamper" and e["reason"] == "locked"]
tap.eq(events, [("mode", "deny", "locked")] + [("kexec", "deny", "locked")] * 2, "all are on record")
aud.sock.close()
tap.eq(subprocess.run(["/srv/other", "-SIc", ATTACH]).returncode, errno.EPERM, "the first auditor's program stays the only one")
tap.eq(subprocess.run(["/usr/bin/python3", "-SIc", ATTACH]).returncode, 0, "which may come again")
tap.done()
