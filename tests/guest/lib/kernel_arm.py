# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_arm.sh. Each act on a store meets one row."""
import os
import subprocess

import tap
from auditor import C, Auditor, obj

STORE = "/srv/arm"
ACTS = {"inode_mkdir": "mkdir new", "file_open": ": >>file", "inode_rename": "mv old older", "inode_unlink": "rm file"}


def shell(text):
    return subprocess.run(["sh", "-c", "cd %s && { %s; } 2>/dev/null" % (STORE, text)]).returncode


def run(*argv):
    return subprocess.run(argv).returncode


def callbacks():
    """On functions of the security modules, the distribution's own among them."""
    return sorted(line.split()[0] for line in open("/sys/kernel/tracing/enabled_functions") if line.startswith("security_"))


def armed():
    """Loaded, with a table, in enforce: what the write gate says of itself, and which acts go through. Unloaded again."""
    os.makedirs(STORE + "/old")
    shell("touch file")
    loaded, seen = run("insmod", os.environ["JW_KO"]), callbacks()
    aud = Auditor()
    aud.commit([obj(STORE, "store", 1)])
    aud.mode("enforce", gate="write")
    off = aud.gate(C["JOBWARD_GATE_WRITE"]).get("off")
    through = [row for row, act in ACTS.items() if shell(act) == 0]
    aud.sock.close()
    unloaded = run("rmmod", "jobward")
    subprocess.run(["rm", "-r", STORE])
    return loaded, unloaded, seen, off, through


before = callbacks()
loaded, unloaded, everywhere, off, through = armed()
tap.eq((loaded, unloaded), (0, 0), "it loads and unloads")
tap.ok(len(everywhere) >= len(before) + 17, "it has callbacks", everywhere)
tap.eq((off, through), (None, []), "all rows hold")
tap.eq(callbacks(), before, "no callback is left")
for row in ("inode_mkdir", "file_open"):
    tap.eq(run("insmod", "/share/occupy.ko", "function=security_" + row), 0, "security_%s belongs to another" % row)
    loaded, unloaded, seen, off, through = armed()
    tap.eq((loaded, unloaded), (0, 0), "it loads and unloads all the same")
    tap.eq(seen, everywhere, "each function has its callback")
    tap.eq((off, through), ("not armed: " + row, [row]), "that row is off, and said to be; the others hold")
    tap.eq(run("rmmod", "occupy"), 0, "the other one goes")
    tap.eq(callbacks(), before, "no callback is left")
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "the kernel's log is clean")
tap.done()
