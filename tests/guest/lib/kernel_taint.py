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

tap.note("environment of a writer")
may("nothing odd: a writer may", "writer", *WRITE)
for var in ("LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH", "GCONV_PATH", "LD_DEBUG_OUTPUT", "LD_PROFILE_OUTPUT"):
    may_not("with %s it may not" % var, "writer", *WRITE, detail=var, **{var: "/nowhere"})
    may("an empty %s is none" % var, "writer", *WRITE, **{var: ""})
for var in ("LD_BIND_NOW", "LD_PRELOADS", "XLD_PRELOAD", "ld_preload", "PYTHONPATH", "PERL5LIB", "BASH_ENV"):
    may("%s is nothing to a program of its own" % var, "writer", *WRITE, **{var: "/nowhere"})
may_not("behind 100 KB of other variables", "writer", *WRITE, detail="LD_PRELOAD", A="x" * 100000, LD_PRELOAD="/nowhere")
may("100 KB of other variables alone", "writer", *WRITE, A="x" * 100000)
may_not("more than anybody reads", "writer", *WRITE, detail="environment too long or not readable", **{"A%d" % i: "x" * 100000 for i in range(3)})
may_not("those that it forks inherit it", "writer", "fork", *WRITE, detail="LD_PRELOAD", LD_PRELOAD="/nowhere")
may_not("and its threads", "writer", "thread", *WRITE, detail="LD_PRELOAD", LD_PRELOAD="/nowhere")
rc = run("writer", "read", "/dev/null", LD_PRELOAD="/run/foreign", FOREIGN=S + "/planted")
tap.eq((rc, writes(), os.path.exists(S + "/planted")), (0, [("deny", "tainted-writer", "LD_PRELOAD")], False), "code of a preloaded library plants nothing")
may("AT_SECURE: the loader does not look at them", "secure", *WRITE, LD_PRELOAD="/nowhere", LD_LIBRARY_PATH="/nowhere")
may("nobody else is tainted by it", "writer", *WRITE)
rc = run("stranger", *WRITE, LD_PRELOAD="/nowhere")
tap.eq((rc, writes()), (EPERM, [("deny", "not-a-writer", None)]), "for a stranger it makes no difference")
aud.mode("audit")
rc = run("writer", *WRITE, LD_PRELOAD="/nowhere")
tap.eq((rc, writes()), (0, [("audit", "tainted-writer", "LD_PRELOAD")]), "audit lets it through and says so")
aud.mode("enforce")

tap.note("package manager")
CHILD = ("-c", "%s/stranger write %s/file; exit $?" % (B, S))
OWN = ("-c", "echo x >%s/file || exit 1" % S)
may("nothing odd: what it starts may", "manager", *CHILD, reason="writer-lineage")
may("and itself", "manager", *OWN)
for var in ("LD_PRELOAD", "LD_LIBRARY_PATH", "PERL5LIB", "PERL5OPT", "PYTHONPATH", "BASH_ENV", "BASH_FUNC_x%%", "SHELLOPTS"):
    value = "() { :; }" if "FUNC" in var else "braceexpand" if var == "SHELLOPTS" else "/nowhere"
    may_not("with %s what it starts may not" % var, "manager", *CHILD, detail=None, reason="not-a-writer", **{var: value})
    may_not("with %s nor itself" % var, "manager", *OWN, detail=var.split("x%")[0], **{var: value})
for var in ("DEBIAN_FRONTEND", "LC_ALL", "SUDO_COMMAND", "ENV", "PAGER", "DPKG_MAINTSCRIPT_NAME"):
    may("%s is nothing to it" % var, "manager", *CHILD, reason="writer-lineage", **{var: "x"})
may("a script that sets LD_PRELOAD itself, for a stranger", "manager", "-c", "LD_PRELOAD=/nowhere %s/stranger write %s/file; exit $?" % (B, S), reason="writer-lineage")
may("and for a writer", "manager", "-c", "LD_PRELOAD=/nowhere %s/writer write %s/file; exit $?" % (B, S), reason="writer-lineage")
may_not("a tainted one that starts a clean one", "writer", *WRITE, detail="LD_PRELOAD", LD_PRELOAD="/nowhere")
may("whom a tainted one starts with clean hands", "manager", "-c", "unset LD_PRELOAD; %s/writer write %s/file; exit $?" % (B, S), LD_PRELOAD="/nowhere")

tap.note("a handler of binfmt_misc")
MISC = "/proc/sys/fs/binfmt_misc/"
aud.mode("audit", "module")
subprocess.run("modprobe binfmt_misc; test -e %sregister || mount -t binfmt_misc b %s" % (MISC, MISC), shell=True, check=True)
aud.mode("enforce")
marked = bytearray(open("/run/acts", "rb").read())
marked[9:13] = b"JWEL"          # unused bytes of ELF's header
with open(B + "/marked", "wb") as f:
    f.write(marked)
os.chmod(B + "/marked", 0o755)
shutil.copy("/lib64/ld-linux-x86-64.so.2", "/srv/ld.so")
OBJECTS.append(obj(B + "/marked", "writer", 1))
aud.commit(OBJECTS)
may("a writer that no handler takes", "marked", *WRITE)


def handler(interpreter, flags):
    """Return: False where the kernel knows no such flag."""
    try:
        with open(MISC + "register", "w") as f:
            f.write(":jwelf:M:9:JWEL::%s:%s" % (interpreter, flags))
    except OSError:
        return False
    return True


handler(B + "/stranger", "")
tap.eq((run("marked", *WRITE), writes()), (125, []), "one that a handler runs something else for is that, with other arguments")
with open(MISC + "jwelf", "w") as f:
    f.write("-1")
if handler("/srv/ld.so", "L"):
    may_not("one that a handler loads with another loader", "marked", *WRITE, detail="run by a handler of binfmt_misc")
    with open(MISC + "jwelf", "w") as f:
        f.write("-1")
else:
    tap.skip("one that a handler loads with another loader", "no such flag before 7.3")
if handler(B + "/stranger", "T"):
    may_not("one in whose name a handler runs something else", "marked", *WRITE, detail="run by a handler of binfmt_misc")
    with open(MISC + "jwelf", "w") as f:
        f.write("-1")
else:
    tap.skip("one in whose name a handler runs something else", "no such flag before 7.3")

tap.note("tracers")
TRACED, MEMORY = "traced by another process", "memory in reach of another process"
may_not("traced since its exec", "/run/meddle", "trace", B + "/writer", *WRITE, detail=TRACED)
may_not("traced at its exec, and no more", "/run/meddle", "trace-exec", B + "/writer", *WRITE, detail=TRACED)
rc, w = run("/run/meddle", "trace", B + "/manager", *CHILD), writes()
tap.eq((rc, w), (EPERM, [("deny", "not-a-writer", None)]), "what a traced package manager starts may not")
GO = "/run/go"


def meddled(how, *words, by="writer", pid=None):
    """A process that waits, somebody who meddles, the act."""
    if os.path.exists(GO):
        os.unlink(GO)
    if by == "child":
        p = subprocess.Popen([B + "/manager", "-c", "%s/stranger wait %s %s & echo $!; wait $!; exit $?" % (B, GO, " ".join(words))], env=CLEAN,
                             stdout=subprocess.PIPE, text=True)
        target = int(p.stdout.readline())
    else:
        p = subprocess.Popen([B + "/" + by, "wait", GO, *words], env=CLEAN)
        target = p.pid
    while "stranger" not in os.readlink("/proc/%d/exe" % target) and by == "child":
        time.sleep(0.01)
    time.sleep(0.1)
    if how:
        subprocess.run(["/run/meddle", how, str(target)], check=True)
    open(GO, "w").close()
    return p.wait(), writes()


GOOD = (0, [("allow", "writer", None)])
tap.eq(meddled(None, *WRITE), GOOD, "left alone it may")
for how, what, detail in (("attach", "attached to and left", TRACED), ("write", "process_vm_writev", MEMORY), ("open-write", "/proc/PID/mem opened for writing", MEMORY)):
    tap.eq(meddled(how, *WRITE), (EPERM, [("deny", "tainted-writer", detail)]), what + ": it may not")
    tap.eq(meddled(how, "fork", *WRITE), (EPERM, [("deny", "tainted-writer", detail)]), what + ": nor may those that it forks")
    tap.eq(meddled(how, *WRITE, by="child"), (EPERM, [("deny", "not-a-writer", None)]), what + ": nor may a child of the package manager")
for how, what in (("read", "process_vm_readv"), ("open-read", "/proc/PID/mem opened for reading")):
    tap.eq(meddled(how, *WRITE), GOOD, what + ": only a look")
p = subprocess.Popen([B + "/writer", "wait", "/run/never", *WRITE], env=CLEAN)
for f in ("stack", "syscall", "maps", "environ", "cmdline", "auxv", "io"):
    open("/proc/%d/%s" % (p.pid, f), "rb").read()
p.kill()
p.wait()
may("and again a clean one may", "writer", *WRITE)
tap.eq(aud.status()["lineage"], 0, "when all have ended nothing is kept")

tap.note("another image by prctl")
rc, w = run("stranger", *WRITE), writes()
tap.eq((rc, w), (EPERM, [("deny", "not-a-writer", None)]), "a stranger")
FORGED = "image set by prctl"
may_not("that says it were the writer", "stranger", "image", B + "/writer", *WRITE, detail=FORGED)
may_not("a child of it", "stranger", "image", B + "/writer", "fork", *WRITE, detail=FORGED)
may_not("a thread that was there before", "stranger", "thread", "image", B + "/writer", *WRITE, detail=FORGED)
shutil.copy("/run/acts", B + "/new")
if os.path.exists(GO):
    os.unlink(GO)
p = subprocess.Popen([B + "/stranger", "image", B + "/new", "wait", GO, *WRITE], env=CLEAN)
while "/new" not in os.readlink("/proc/%d/exe" % p.pid):
    time.sleep(0.01)
aud.commit([*OBJECTS, obj(B + "/new", "writer", 1)])
open(GO, "w").close()
tap.eq((p.wait(), writes()), (EPERM, [("deny", "tainted-writer", FORGED)]), "that says it were what the next table has for a writer")

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
