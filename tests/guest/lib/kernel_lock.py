# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_lock.sh. Runs as /srv/bin/auditor, a copy of python. Each way is tried before the lock too where that harms nothing."""
import errno
import os
import shutil
import subprocess
import sys
import time

import tap
from auditor import C, Auditor, Refused, attr, key, obj, sha256
from switches import attaching, kexec_file_load, kexec_load, unload, write

B, STORE, TRACING = "/srv/bin", "/srv/store", "/sys/kernel/tracing"
SELF = B + "/auditor"
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
os.makedirs(STORE)
shutil.copy("/bin/bash", B + "/manager")
shutil.copy("/bin/bash", B + "/stranger")
shutil.copy(SELF, B + "/other")
OBJECTS = [obj(STORE, "store", 1), obj(B + "/manager", "writer writer-lineage", 1), obj(SELF, "writer", 1)]
MODULES = [(sha256("/share/%s.ko" % m), "approved") for m in ("occupy", "rob")]


def run(*argv, **env):
    return subprocess.run(argv, env={**CLEAN, **env}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode


def refusal(fn, *args, **kw):
    """0 or the errno of a request."""
    try:
        fn(*args, **kw)
        return 0
    except Refused as e:
        return e.errno


def tampers():
    """Silences aside, which a slow machine makes."""
    return [(e["action"], e["verdict"], e.get("detail")) for e in aud.drain() if e["kind"] == "tamper" and e["reason"] not in ("silent", "returned")]


def denies(name):
    tap.ok(run("mkdir", STORE + "/x") != 0, "the gates hold: " + name)
    aud.drain()


def in_child(fn):
    pid = os.fork()
    if not pid:
        rc = 99
        try:
            rc = fn()
        finally:
            os._exit(rc or 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def free_seat(then):
    """Somebody else may try the seat; afterwards it is taken again. The tampering that was recorded meanwhile goes with the answer."""
    global aud
    cursor = aud.cursor
    aud.sock.close()
    rc = then()
    aud = Auditor()
    aud.cursor = cursor
    return rc, tampers()


def attaches(program=SELF, **env):
    return run(program, "-SIc", ATTACH, **env)


aud = Auditor()
ATTACH = attaching(aud, C["JOBWARD_CMD_ATTACH"])
aud.commit(OBJECTS, modules=MODULES)
aud.mode("enforce")
aud.drain()
tap.note("before the lock")
tap.ok("locked" not in aud.status(), "not locked")
denies("before the lock")
tap.eq(refusal(aud.mode, "audit"), 0, "a mode may be weakened")
aud.mode("enforce")
tap.eq(free_seat(lambda: attaches(B + "/other")), (0, []), "another program may be the auditor")
viewer = Auditor(attach=False)
tap.eq(refusal(viewer.cmd, "LOCK"), errno.EBUSY, "while an auditor is attached nobody else locks")
tap.eq(unload("nothere", forced=True), errno.ENOENT, "an unload is the kernel's to answer")
tap.eq(kexec_load(), 0, "kexec_load as ever")
kexec_file = kexec_file_load("/share/jobward.ko")
tap.ok(kexec_file != errno.EPERM, "kexec_file_load as ever", kexec_file)
tap.eq(tampers(), [], "none of that is tampering")

aud.cmd("LOCK")
e = [x for x in aud.drain() if x["action"] == "lock"]
tap.ok(len(e) == 1 and e[0]["kind"] == "admin" and "detail" not in e[0], "locked: an event", e)
tap.ok(aud.status().get("locked"), "locked: the status")
tap.eq(refusal(aud.cmd, "LOCK"), 0, "locked twice is locked")
aud.drain()

tap.note("unload")
tap.eq(unload("jobward"), errno.EPERM, "unload")
tap.eq(tampers(), [("unload", "deny", "unload of module jobward")], "is on record")
tap.eq(unload("jobward", forced=True), errno.EPERM, "forced unload")
tap.eq(tampers(), [("unload", "deny", "forced unload of module jobward")], "is on record")
tap.eq(unload("nothere", forced=True), errno.EPERM, "forced unload of whatever")
tap.eq(tampers(), [("unload", "deny", "forced unload of module nothere")], "is on record")
tap.eq(unload("not\nhere", forced=True), errno.EPERM, "with a name that is none")
tap.eq(tampers(), [("unload", "deny", "forced unload of module not?here")], "is on record, harmless")
tap.eq(unload("nothere"), errno.ENOENT, "an unload of another one is the kernel's to answer")
tap.eq(run("rmmod", "jobward") != 0, True, "rmmod")
tap.eq(run("rmmod", "-f", "jobward") != 0, True, "rmmod -f")
tap.ok(os.path.isdir("/sys/module/jobward"), "it is there")
tampers()

tap.note("requests")
for gate in ("run", "write", "module", None):
    for mode in ("audit", "hold"):
        tap.eq(refusal(aud.mode, mode, gate), errno.EPERM, "no weaker mode: %s of %s, by the auditor" % (mode, gate or "all"))
        tap.eq(tampers(), [("mode", "deny", mode)], "is on record")
tap.eq(refusal(viewer.mode, "audit"), errno.EPERM, "nor by anybody else")
tap.eq(tampers(), [("mode", "deny", "audit")], "is on record")
tap.eq(refusal(aud.mode, "enforce"), 0, "the mode that is")
tap.eq([g["mode"] for g in aud.status()["gate"]], ["enforce"] * 3, "all are as they were")
for name in ("TABLE_BEGIN", "TABLE_ADD", "TABLE_COMMIT", "TABLE_ABORT", "EVENT_ACK", "EVENT_ADD"):
    tap.eq(refusal(viewer.cmd, name), errno.EPERM, name + " by another socket")
    tap.eq(tampers(), [("table", "deny", "a request that is the auditor's alone")], "is on record")
    tap.eq(in_child(lambda: refusal(aud.cmd, name)), errno.EPERM, name + " by the auditor's own socket in another process")
    tap.eq(len(tampers()), 1, "is on record")
    aud.seq += 1        # as far as the child has counted
tap.eq(refusal(viewer.attach), errno.EBUSY, "ATTACH while there is one")
tap.eq(refusal(viewer.status), 0, "STATUS_GET is a question")
tap.eq(refusal(viewer.events, 0), 0, "so is EVENT_GET")
aud.commit(OBJECTS, [key("cron", 0, ["sh"])], modules=MODULES)
tap.eq(aud.status()["verdicts"], 1, "the auditor goes on: its table is in force")
denies("with another table")

tap.note("the auditor's seat")
tap.eq(free_seat(attaches), (0, []), "the same program may come again")
tap.eq(free_seat(lambda: attaches(B + "/other")), (errno.EPERM, [("attach", "deny", "not the program that was the auditor")]), "a copy of it may not")
tap.eq(free_seat(lambda: attaches(LD_PRELOAD="/run/foreign")), (errno.EPERM, [("attach", "deny", "LD_PRELOAD")]), "nor with somebody else's library in it")
tap.eq(free_seat(lambda: run("/run/meddle", "trace", SELF, "-SIc", ATTACH)), (errno.EPERM, [("attach", "deny", "traced by another process")]), "nor traced")
shutil.copy(SELF, B + "/new")
with open(B + "/new", "ab") as f:
    f.write(b"another version")
shutil.copy(B + "/new", B + "/evil")
os.link(SELF, B + "/kept")
run(B + "/stranger", "-c", "mv -f %s/evil %s; true" % (B, SELF))
tap.eq(free_seat(attaches), (errno.EPERM, [("attach", "deny", "not the program that was the auditor")]), "nor what somebody has put in its place")
run(B + "/manager", "-c", "mv -f %s/other %s/elsewhere; true" % (B, B))
tap.eq(free_seat(lambda: attaches(B + "/elsewhere")), (errno.EPERM, [("attach", "deny", "not the program that was the auditor")]),
       "nor what the package manager has put elsewhere")
os.rename(B + "/kept", SELF)
tap.eq(free_seat(attaches), (0, []), "the old one in its place again may")
run(B + "/manager", "-c", "mv -f %s/new %s; true" % (B, SELF))
tap.eq(free_seat(attaches), (0, []), "what the package manager has put in its place may")
with open(SELF, "ab") as f:
    f.write(b"!")
tap.eq(free_seat(attaches), (errno.EPERM, [("attach", "deny", "the auditor's program was changed")]), "but not when it was changed since")
tap.eq(free_seat(lambda: attaches(LD_PRELOAD="/run/foreign")), (errno.EPERM, [("attach", "deny", "LD_PRELOAD")]), "an environment counts for a new one, too")

tap.note("hands on the auditor")
me = str(os.getpid())
tap.ok(run("/run/meddle", "attach", me) != 0, "ptrace")
tap.eq(tampers()[:1], [("ptrace", "deny", "ptrace of the auditor")], "is refused and on record")
run("/run/meddle", "write", me)
tap.eq(tampers()[:1], [("ptrace", "deny", "access to the auditor's memory")], "process_vm_writev is refused and on record")
tap.ok(run("/run/meddle", "open-write", me) != 0, "/proc/PID/mem for writing")
tap.eq(tampers()[:1], [("ptrace", "deny", "access to the auditor's memory")], "is refused and on record")
aud.commit(OBJECTS, [key("cron", 0, ["sh"])] * 1, modules=MODULES)
tap.eq(tampers(), [], "the auditor's hands are clean all the same")

tap.note("parameters")
for name in ("mode", "ring_kib", "lock", "lock_kexec"):
    path = "/sys/module/jobward/parameters/" + name
    tap.ok(write(path, "0\n") != 0, "%s can't be written" % name)
    os.chmod(path, 0o644)
    tap.ok(write(path, "0\n") != 0, "nor with other permissions")

tap.note("tracing and probes")
rc = write("/proc/sys/kernel/ftrace_enabled", "0\n")
tap.ok(rc in (errno.EBUSY, errno.EOPNOTSUPP) and open("/proc/sys/kernel/ftrace_enabled").read() == "1\n", "ftrace_enabled=0 is refused by the kernel", rc)
for path, data in (("set_ftrace_filter", "security_inode_*\n"), ("current_tracer", "function\n"), ("set_ftrace_notrace", "security_*\n"),
                   ("set_ftrace_pid", "1\n"), ("tracing_on", "0\n"), ("current_tracer", "nop\n"), ("kprobe_events", "p:jw_own jobward:decide\n"),
                   ("kprobe_events", "p:jw_gate security_inode_mkdir\n"), ("events/kprobes/enable", "1\n")):
    rc = write("%s/%s" % (TRACING, path), data)
    tap.note("%s <- %s: %s" % (path, data.strip(), os.strerror(rc) if rc else "taken"))
    denies("%s %s" % (path, data.strip()))
write(TRACING + "/events/kprobes/enable", "0\n")
write(TRACING + "/kprobe_events", "\n-:jw_own\n-:jw_gate\n")
if not os.path.exists("/sys/kernel/debug/kprobes"):
    run("mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug")
tap.eq(write("/sys/kernel/debug/kprobes/enabled", "0\n"), 0, "kprobes/enabled=0 is taken")
denies("it concerns no callback of ftrace")
write("/sys/kernel/debug/kprobes/enabled", "1\n")

tap.note("modules")
tap.ok(run("insmod", "/share/occupy.ko", "function=security_inode_mkdir") != 0, "a livepatch of a gated function, even a listed one, is refused by the kernel")
tap.ok(run("insmod", "/share/probe.ko") != 0, "a module that is not listed does not load")
tampers()
tap.eq(run("insmod", "/share/rob.ko", "what=ops:rows_ops"), 0, "a listed module may do as it likes")
seen = []
end = time.monotonic() + 15
while time.monotonic() < end and len(seen) < 2:
    time.sleep(0.5)
    seen += tampers()
tap.eq(seen, [("gate", "allow", "the write gate's callbacks")] * 2, "what it takes away is missed and put back")
denies("after that")

tap.note("other kernels, other memory")
tap.eq(kexec_load(), 0, "kexec_load, which this lock does not refuse")
tap.eq(tampers(), [("kexec", "allow", "kexec_load of another kernel")], "is on record")
tap.eq(kexec_file_load("/share/jobward.ko"), kexec_file, "kexec_file_load")
tap.eq(tampers(), [("kexec", "allow", "kexec_file_load of another kernel")], "is on record")
code = next(line for line in open("/proc/iomem") if "Kernel code" in line or "System RAM" in line and not line.startswith("0000"))
tap.ok(write("/dev/mem", "x", int(code.split("-")[0], 16)) != 0, "/dev/mem takes nothing into RAM")
tap.ok(write("/proc/kcore", "x", 0x1000) != 0, "/proc/kcore takes nothing")
tap.ok(write("/dev/kmem", "x", 0) != 0, "/dev/kmem is not there")
tap.eq(refusal(aud.cmd, "LOCK", attr(C["JOBWARD_A_CONTROL_NO_KEXEC"], b"")), 0, "the lock may be made stronger")
tap.eq((kexec_load(), kexec_file_load("/share/jobward.ko")), (errno.EPERM, errno.EPERM), "now both are refused")
tap.eq(refusal(aud.cmd, "LOCK"), 0, "and not weaker")
tap.eq(kexec_load(), errno.EPERM, "refused all the same")
tap.eq([(a, v) for a, v, _ in tampers()], [("kexec", "deny")] * 3, "all are on record")

tap.note("at the end")
g = aud.status()
tap.eq(([x["mode"] for x in g["gate"]], [x.get("off") for x in g["gate"]]), (["enforce"] * 3, [None] * 3), "every gate is in force")
tap.ok(os.path.isdir("/sys/module/jobward") and g.get("locked"), "and the lock")
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "the kernel's log is clean")
tap.ok("jobward: tamper: forced unload of module jobward, by auditor" in subprocess.run(["dmesg"], capture_output=True, text=True).stdout, "and has the tries")
sys.stdout.flush()
tap.done()
