# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_load.sh. Every fourth cycle ends another way: an auditor attached, one killed in a transaction, an exec held, plainly."""
import ctypes
import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time

import tap
from auditor import Auditor, key, obj, parse, pin

CYCLES = int(os.environ.get("JW_CYCLES", "6"))
KO = os.environ["JW_KO"]
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("/srv/load/store")
for n in ("f", "store/f", "pinned"):
    open("/srv/load/" + n, "w").write("x\n")
shutil.copy("/bin/bash", "/srv/load/sched")
DESCENT = "/bin/true $RANDOM; : 2>/dev/null >/dev/udp/127.0.0.1/9"      # by processes of a job, in the first of the loads
LOAD = """trap 'exit 0' TERM
while :; do
    /bin/true; /bin/true approved; (exit 0)
    /bin/bash -c "$2"
    { : >>/srv/load/f; : >>/srv/load/store/f; } 2>/dev/null
    read -r _ </srv/load/store/f
    mv /srv/load/f$1 /srv/load/g$1 2>/dev/null || : >/srv/load/f$1
    rm -f /srv/load/g$1
done"""


def figures():
    """Kernel memory in KiB after caches were dropped, and the number of functions that ftrace has a callback on."""
    subprocess.run("sync; for i in 1 2 3; do echo 3 >/proc/sys/vm/drop_caches; sleep 0.3; done", shell=True)
    m = {k: int(v.split()[0]) for k, v in (line.split(":") for line in open("/proc/meminfo"))}
    out = {k: m[k] for k in ("Slab", "SUnreclaim", "VmallocUsed", "Percpu", "KernelStack", "PageTables")}
    out["ftrace"] = sum(1 for _ in open("/sys/kernel/tracing/enabled_functions"))
    return out


def load():
    return subprocess.run(["insmod", KO, "ring_kib=256"]).returncode == 0


def unload():
    """Execs under way hold the module: again until none is."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if libc.syscall(176, b"jobward", os.O_NONBLOCK) == 0:   # delete_module
            return True
        if ctypes.get_errno() not in (errno.EBUSY, errno.EAGAIN):
            return False
        time.sleep(0.02)
    return False


def table(aud):
    env = ("PATH=/usr/bin:/bin",)
    aud.commit([obj("/srv/load/sched", "scheduler", 0, "cron"), obj("/srv/load/store", "store", 1), obj("/srv/load", "ancestor"), obj("/srv/load/pinned", "pin")],
               [(hashlib.sha256(b"%d" % i).digest(), "approved", i + 1, [0]) for i in range(1500)] +
               [(key("cron", 0, argv, env), "approved", 1, [0]) for argv in (["/bin/true", "approved"], ["/bin/bash", "-c", DESCENT])],
               [pin("/srv/load/pinned")])
    aud.mode("enforce")


def viewer(aud):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    s.bind((0, 0))
    ident = int.from_bytes(dict(parse(parse(aud.groups)[0][1]))[2], "little")     # the first group's id
    s.setsockopt(270, 1, ident)     # NETLINK_ADD_MEMBERSHIP
    s.setblocking(False)
    return s


def dying():
    """An auditor in a process of its own that stops in the middle of a transaction; returns it."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        aud = Auditor()
        t = aud.begin()
        aud.add(t, *[aud.verdict_attr(hashlib.sha256(b"%d" % i).digest()) for i in range(300)])
        os.write(w, b"x")
        signal.pause()
    os.read(r, 1)
    os.close(r)
    os.close(w)
    return pid


def cycle(i):
    """What went wrong, or None."""
    if not load():
        return "does not load"
    aud = Auditor()
    table(aud)
    views = viewer(aud)
    wrong = None
    events = seen = 0
    end = time.monotonic() + 120
    while (events < 3 or not seen) and time.monotonic() < end:
        time.sleep(0.05)
        events = len(aud.events(0))
        try:
            seen += len(views.recv(1 << 16))
        except BlockingIOError:
            pass
    if events < 3 or not seen:
        wrong = "%d events, %d bytes for the viewer" % (events, seen)
    held = None
    if i % 4 == 1:
        aud.sock.close()
        os.kill(dying(), signal.SIGKILL)
        os.wait()
    elif i % 4 == 2:
        aud.mode("hold", hold_ms=60000)
        held = subprocess.Popen(["/srv/load/sched", "-c", "exec /bin/echo held"], env={"PATH": "/usr/bin:/bin"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        # (the load's own execs are held as well)
        while not any(e["action"] == "hold" and e["argv"][-1] == "held" for e in aud.drain()) and time.monotonic() < end:
            time.sleep(0.05)
        if libc.syscall(176, b"jobward", os.O_NONBLOCK) == 0:
            return "unloaded under an exec that is held"
        aud.sock.close()
    elif i % 4 == 3:
        aud.sock.close()
    # (0: the auditor stays attached)
    if not unload():
        wrong = "does not unload"
    if held and held.wait(120) == 0:
        wrong = "what was held ran"
    for s in (views, aud.sock):
        s.close()
    return wrong


subprocess.run(["dmesg", "-C"])
workers = []
for n in range(3):
    workers.append(subprocess.Popen(["/srv/load/sched" if n == 0 else "bash", "-c", LOAD, "load", str(n), DESCENT], env={"PATH": "/usr/bin:/bin"}, stderr=subprocess.DEVNULL))


def settle():
    for w in workers:
        w.send_signal(signal.SIGSTOP)
    got = figures()
    for w in workers:
        w.send_signal(signal.SIGCONT)
    return got


bad = []
for i in range(4):      # the first ones make what the kernel keeps: caches, workqueues
    wrong = cycle(i)
    if wrong:
        bad.append((i, "warming up: " + wrong))
before = settle()
t = time.monotonic()
for i in range(CYCLES):
    wrong = cycle(i)
    if wrong:
        bad.append((i, wrong))
    if i % 10 == 9:
        tap.note("%d cycles, %.1f s each" % (i + 1, (time.monotonic() - t) / (i + 1)))
tap.eq(bad, [], "%d loads and unloads under load" % CYCLES)
after = settle()
for w in workers:
    w.kill()
tap.note("before %r" % before)
tap.note("after  %r" % after)
tap.eq(after["ftrace"], before["ftrace"], "as many functions with callbacks as before")
# A table of these cycles has 140 KiB, a ring 256: one that stayed each time would be far above.
for name in ("VmallocUsed", "SUnreclaim", "Percpu"):
    grown = after[name] - before[name]
    tap.ok(grown < 512 + 20 * CYCLES, "%s has not grown with the cycles: %+d KiB" % (name, grown))
tap.eq(subprocess.run("modprobe binfmt_misc && { umount /proc/sys/fs/binfmt_misc; rmmod binfmt_misc; } 2>/dev/null; /bin/true", shell=True).returncode, 0, "the list of binary formats is whole")
open("/srv/load/store/f", "a").write("x")
tap.ok(True, "nobody minds writes any more")
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|general protection|UBSAN|refcount_t|stall'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "the kernel's log is clean")
tap.done()
