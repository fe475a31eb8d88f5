# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_watch.sh. A check comes every five seconds."""
import os
import signal
import subprocess
import time

import tap
from auditor import Auditor, obj

STORE = "/srv/store"
os.makedirs(STORE)
aud = Auditor()
aud.commit([obj(STORE, "store", 1)])
aud.mode("enforce", gate="write")
aud.drain()


def tampers():
    """Events of the kind since the last look; others are passed over."""
    return [e for e in aud.drain() if e["kind"] == "tamper"]


def wait_for(reason, seconds=20):
    """Until an event with this reason comes. Returns all of the kind that came."""
    end = time.monotonic() + seconds
    seen = []
    while time.monotonic() < end:
        seen += tampers()
        if any(e["reason"] == reason for e in seen):
            break
        time.sleep(0.5)
    return seen


def held():
    return subprocess.run(["mkdir", STORE + "/x"], stderr=subprocess.DEVNULL).returncode != 0


def dmesg(text):
    return text in subprocess.run(["dmesg"], capture_output=True, text=True).stdout


tap.ok(held(), "the write gate holds")
time.sleep(6)
tap.eq(tampers(), [], "left alone nothing is missed")
tap.note("pieces that are taken away")
for what, name in (("ops:open_ops", "the callback on security_file_open"),
                   ("ops:rows_ops", "the write gate's callbacks"),
                   ("ops:looks", "the look at tracers"),
                   ("ops:destinations", "the look at destinations"),
                   ("ops:refusals", "the lock's callbacks"),
                   ("probe:sched_process_exec:on_exec", "the probes that follow lineage"),
                   ("probe:signal_generate:on_signal", "the look at signals"),
                   ("format", "the first place among binary formats"),
                   ("head", "the first place among binary formats")):
    tap.eq(subprocess.run(["insmod", "/share/rob.ko", "what=" + what]).returncode, 0, what + ": taken away")
    if what == "ops:rows_ops":
        tap.ok(not held(), "without its callbacks the write gate lets through")
        os.rmdir(STORE + "/x")          # the auditor may
    got = [(e["action"], e["reason"], e["detail"]) for e in wait_for("rearmed")]
    tap.eq(got, [("gate", "disarmed", name), ("gate", "rearmed", name)], what + ": missed, and put back")
    tap.ok(dmesg("jobward: tamper: %s: no longer armed" % name), what + ": the kernel's log says so")
    subprocess.run(["rmmod", "rob"])
    off = [g["off"] for g in aud.status()["gate"] if "off" in g]
    tap.eq(off, [], what + ": no gate is off")
tap.ok(held(), "the write gate holds again")
aud.drain()

tap.note("signals to the auditor")


def auditor_in_child():
    """Attached and waiting: its process id."""
    global aud
    aud.sock.close()
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        child = Auditor()
        child.status()
        os.write(w, b"x")
        signal.signal(signal.SIGUSR1, lambda *_: child.status())
        while True:
            signal.pause()
    os.read(r, 1)
    os.close(r)
    os.close(w)
    return pid


def look():
    """Events for who is not the auditor."""
    viewer = Auditor(attach=False)
    viewer.cursor = aud.cursor
    seen = [e for e in viewer.events() if e["kind"] == "tamper"]
    aud.cursor = viewer.cursor
    return seen


def wait_look(seconds):
    end = time.monotonic() + seconds
    seen = []
    while not seen and time.monotonic() < end:
        time.sleep(0.2)
        seen = look()
    return seen


pid = auditor_in_child()
look()
subprocess.run(["/bin/kill", "-CONT", str(pid)])
tap.eq(look(), [], "a signal that neither ends nor stops is none of our business")
killer = subprocess.Popen(["/bin/kill", "-STOP", str(pid)])
killer.wait()
e = wait_look(5)
tap.ok(len(e) == 1 and (e[0]["action"], e[0]["detail"]) == ("signal", "signal 19 to the auditor") and e[0]["subject"]["pid"] == killer.pid and
       e[0]["subject"]["exe"].endswith("/kill") and e[0]["subject"]["comm"] == "kill" and e[0]["subject"]["uid"] == 0,
       "SIGSTOP is recorded with who sent it", e)
e = wait_look(45)
tap.eq([(x["action"], x["reason"], x["detail"]) for x in e], [("detach", "silent", "the auditor gives no sign of life")], "its silence is recorded")
subprocess.run(["/bin/kill", "-CONT", str(pid)])
os.kill(pid, signal.SIGUSR1)
# (the signal itself is a record, and may come before the return)
e = []
for _ in range(10):
    e = e or [x for x in wait_look(5) if x["action"] != "signal"]
tap.ok(e and (e[0]["action"], e[0]["reason"]) == ("attach", "returned") and e[0]["detail"].startswith("the auditor is back after 3"),
       "so is its return, with how long it was", e)
look()
with open("/proc/%d/cgroup" % pid) as f:
    tap.note(f.read().strip())
group = "/sys/fs/cgroup/jwtest"
os.makedirs(group)
with open(group + "/cgroup.procs", "w") as f:
    f.write(str(pid))
with open(group + "/cgroup.kill", "w") as f:
    f.write("1")
os.waitpid(pid, 0)
e = wait_look(5)
tap.ok(len(e) == 1 and e[0]["detail"].startswith("signal 9 to the auditor") and e[0]["subject"]["pid"] == os.getpid(), "cgroup.kill too", e)
pid = auditor_in_child()
look()
killer = subprocess.Popen(["/bin/kill", "-KILL", str(pid)])
killer.wait()
os.waitpid(pid, 0)
e = wait_look(5)
tap.ok(len(e) == 1 and e[0]["detail"] == "signal 9 to the auditor" and e[0]["subject"]["pid"] == killer.pid, "and SIGKILL", e)
aud = Auditor()
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "the kernel's log is clean")
aud.sock.close()
tap.eq(subprocess.run(["rmmod", "jobward"]).returncode, 0, "unlocked it unloads")
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "and leaves a clean log")
tap.done()
