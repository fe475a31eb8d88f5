# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_taint.sh. Every "denied" stands beside the same act with clean hands, which goes through."""
import ctypes
import os
import shutil
import subprocess
import time

import tap
from auditor import Auditor, obj

B, S = "/srv/bin", "/srv/store"
EPERM = 1
libc = ctypes.CDLL(None, use_errno=True)
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
os.makedirs(B)
os.makedirs(S)
for name, src in (("stranger", "/run/acts"), ("writer", "/run/acts"), ("secure", "/run/acts"), ("manager", "/bin/bash")):
    shutil.copy(src, B + "/" + name)
os.chown(B + "/secure", 0, 1234)
os.chmod(B + "/secure", 0o2755)         # as crontab has it: exec by anybody else's group is AT_SECURE
open(S + "/file", "w").close()
OBJECTS = [obj("/srv", "ancestor"), obj(S, "store", 1), obj(B + "/writer", "writer", 1), obj(B + "/secure", "writer", 1),
           obj(B + "/manager", "writer writer-lineage", 1)]
aud = Auditor()
aud.commit(OBJECTS)
aud.mode("enforce")
aud.drain()


def writes():
    return [(e["verdict"], e["reason"], e.get("detail")) for e in aud.drain() if e["kind"] == "write"]


def run(by, *words, **env):
    return subprocess.run([by if by.startswith("/") else B + "/" + by, *words], env={**CLEAN, **env}, stderr=subprocess.DEVNULL).returncode


def may(name, by, *words, reason="writer", **env):
    rc, w = run(by, *words, **env), writes()
    tap.ok(rc == 0 and w and set(w) == {("allow", reason, None)}, name, "exit code %d" % rc, w)


def may_not(name, by, *words, detail, reason="tainted-writer", **env):
    rc, w = run(by, *words, **env), writes()
    tap.ok(rc == EPERM and w and set(w) == {("deny", reason, detail)}, name, "exit code %d" % rc, w)


WRITE = ("write", S + "/file")

tap.note("the auditor")
aud.mode("enforce")
open(S + "/own", "w").close()
tap.eq(writes(), [], "the auditor's own acts are no events")


def other(then):
    """An auditor in a process of its own; what `then` does there. The process that looks on is attached again after it."""
    global aud
    cursor = aud.cursor
    aud.sock.close()
    rc = then()
    aud = Auditor()
    aud.cursor = cursor
    return rc, writes()


def child(fn):
    pid = os.fork()
    if not pid:
        try:
            fn()
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def executes():
    a = Auditor()
    os.set_inheritable(a.sock.fileno(), True)
    os.execve(B + "/stranger", ["x", *WRITE], CLEAN)


DENIED = (EPERM, [("deny", "not-a-writer", None)])
tap.eq(other(lambda: child(executes)), DENIED, "who was the auditor and now runs another program")


def own_child():
    a = Auditor()
    os._exit(subprocess.run([B + "/stranger", *WRITE], env=CLEAN).returncode)


tap.eq(other(lambda: child(own_child)), DENIED, "a child of the auditor")


def with_pid(pid):
    """Runs the act as the process that has this number, in the namespace of the caller."""
    for _ in range(200):
        with open("/proc/sys/kernel/ns_last_pid", "w") as f:
            f.write(str(pid - 1))
        new = os.fork()
        if not new:
            if os.getpid() == pid:
                os.execve(B + "/stranger", ["x", *WRITE], CLEAN)
            os._exit(98)
        rc = os.waitstatus_to_exitcode(os.waitpid(new, 0)[1])
        if new == pid:
            return rc
    return 97


def recycled():
    """The auditor ends, its socket lives on in a child; then somebody gets its number."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        a = Auditor()
        if not os.fork():
            os.read(r, 1)       # until the others are done
            os._exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
    rc = with_pid(pid)
    os.write(w, b"x")
    os.close(r)
    os.close(w)
    time.sleep(0.5)
    return rc


tap.eq(other(recycled), DENIED, "somebody who got the auditor's number")


def in_namespace():
    a = Auditor()
    me = os.getpid()
    if libc.unshare(0x20000000):        # CLONE_NEWPID
        os._exit(96)

    def first():
        libc.unshare(0x20000)           # CLONE_NEWNS, for a /proc of its own
        libc.mount(b"none", b"/", None, 0x44000, None)
        libc.mount(b"proc", b"/proc", b"proc", 0, None)
        os._exit(with_pid(me))
    os._exit(child(first))


tap.eq(other(lambda: child(in_namespace)), DENIED, "somebody with the auditor's number in a namespace of his own")
g = aud.gate(1)
tap.ok("off" not in g, "every look is armed", g)
aud.mode("audit")
tap.done()
