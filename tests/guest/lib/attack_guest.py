# SPDX-License-Identifier: GPL-2.0
"""What attacks_ways.py and attacks_run.py ask the guest, and jobward in it."""
import json
import os
import re
import subprocess
import time

import tap


def call(*cmd, **more):
    return subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)


def jobward(*words):
    p = call("jobward", *words)
    if p.returncode:
        tap.note("jobward %s: %s" % (" ".join(words), p.stdout[:300]))
    return p.stdout


def mode(what, gate):
    jobward("mode", what, "--gate", gate)


def status():
    return json.loads(jobward("status", "--json"))


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.3)
    return False


def caught_up():
    """Everything that the kernel has is stored."""
    def is_so():
        e = status()["events"]
        return e["acked"] == e["seq"]
    wait_for(is_so, 60)


def settle():
    """And the inventory is as the stores are."""
    jobward("sync")
    caught_up()


def note_time(what):
    with open("/proc/stat") as f:
        t = [int(x) for x in f.readline().split()[1:]]
    tap.note("%s: %d s of the processor so far" % (what, (sum(t) - t[3] - t[4]) / os.sysconf("SC_CLK_TCK")))


def events(since, *words):
    text = subprocess.run(("jobward", "log", "--json", "-n", "100000", *words), stdout=subprocess.PIPE, text=True, check=False).stdout
    return [e for e in map(json.loads, text.splitlines()) if e["seq"] > since]


def write(path, text, how="w"):
    with open(path, how) as f:
        f.write(text)


def done():
    note_time("at the end")
    log = call("sh", "-c", "dmesg | grep -v 'ommand line:'").stdout
    tap.ok(not re.search("BUG:|WARNING:|Oops|Call Trace|general protection", log), "the kernel log is free of warnings")
    tap.done()
