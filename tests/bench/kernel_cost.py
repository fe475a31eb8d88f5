# SPDX-License-Identifier: GPL-2.0
"""What the module costs, in guest instructions: the same acts without it, with it, and with auditd's watches on the same paths.

Measured: the lower twentieth of acts of one process on an idle guest, file cache warm. Not measured: caches and branch predictors of a real
CPU, contention of many CPUs. Without and with it take turns, and each has the best of its turns: what the guest itself does drifts by
more than an exec's target. How far the turns without it lie apart is printed last: a difference below that is noise.
The table in force is that of a busy server: 40 store folders and 200 pins watched, 1,000 jobs approved.
"""
import hashlib
import os
import shutil
import struct
import subprocess
import sys

from auditor import Auditor, key, obj, pin

SHORT = "--short" in sys.argv
# where memory lies decides how many page tables a process needs
with open("/proc/sys/kernel/randomize_va_space", "w") as f:
    f.write("0")
ROUNDS, EXECS, PROCESSES, TURNS = (24, 32, 2, 3) if SHORT else (100, 100, 3, 6)
F, SCHED, JOB = "/srv/bench/file", "/srv/bench/sched", "/srv/bench/job"
STORES = ["/srv/bench/store%d" % i for i in range(40)]
PINS = ["/srv/bench/pin%d" % i for i in range(200)]
ENV = ("PATH=/usr/bin:/bin",)
os.makedirs("/srv/bench/deep/er/and/deeper")
shutil.copy("/run/cost", SCHED)
shutil.copy("/run/nothing", JOB)
for p in [F, "/srv/bench/deep/er/and/deeper/file"] + PINS:
    open(p, "w").write("x" * 100 + "\n")
for p in STORES:
    os.mkdir(p)


def cost(act, file, *args, by="/run/cost"):
    """The best of several processes: each has its own luck with where its memory lies."""
    got = []
    for _ in range(PROCESSES):
        out = subprocess.run([by, act, str(EXECS if act == "exec" else ROUNDS), file, *args], capture_output=True, text=True)
        if out.returncode:
            sys.exit(out.stderr)
        got.append(int(out.stdout))
    return min(got)


ACTS = [("open for reading, unrelated file", 1.0, lambda: cost("open-read", F)),
        ("open for reading, five folders down", 1.0, lambda: cost("open-read", "/srv/bench/deep/er/and/deeper/file")),
        ("open for writing, unrelated file", 1.5, lambda: cost("open-write", F)),
        ("open for writing, five folders down", 1.5, lambda: cost("open-write", "/srv/bench/deep/er/and/deeper/file")),
        ("fork, exec, exit, the smallest program", 0.2, lambda: cost("exec", JOB)),
        ("fork, exec, exit, /bin/true", 0.2, lambda: cost("exec", "/bin/true")),
        ("a job: the smallest program", None, lambda: cost("exec", JOB, "approved", by=SCHED)),
        ("a job: /bin/true", 5.0, lambda: cost("exec", "/bin/true", "approved", by=SCHED)),
        ("a job: /bin/sh -c", 5.0, lambda: cost("exec", "/bin/sh", "-c", "exit", by=SCHED))]


def module_memory():
    return int(next(line.split()[1] for line in open("/proc/modules") if line.startswith("jobward ")))


def some_key(i):
    return hashlib.sha256(b"%d" % i).digest()


def table(aud, verdicts, pins=200, pin_each=False):
    """The busy server's table with this many verdicts; the jobs that are measured are the last of them, with one pin each."""
    rows = [obj(SCHED, "scheduler", 0, "cron"), obj("/usr/sbin/cron", "scheduler", 0, "cron"), obj("/usr/bin/crontab", "writer", 1)]
    rows += [obj(p, "ancestor") for p in ("/", "/etc", "/var", "/var/spool", "/usr", "/srv", "/srv/bench")]
    rows += [obj(p, "store", 1) for p in STORES] + [obj(p, "pin") for p in PINS]
    vs = [(some_key(i), "approved", i + 1, [1 + i] if pin_each else []) for i in range(verdicts - 3)]
    ps = [pin(JOB)] + [(PINS[i % 200] if not pin_each else "/opt/jobs/some/path/%d" % i, pin_each, False) for i in range(verdicts if pin_each else pins)]
    vs += [(key("cron", 0, a, ENV), "approved", 9, [0]) for a in ([JOB, "approved"], ["/bin/true", "approved"], ["/bin/sh", "-c", "exit"])]
    aud.commit(rows, vs, ps)
    aud.drain()


def measure():
    return [act() for _, _, act in ACTS]


def load():
    subprocess.run(["insmod", os.environ["JW_KO"]], check=True)
    aud = Auditor()
    aud.mode("enforce")
    table(aud, 1000)
    return aud


def unload(aud):
    aud.sock.close()
    subprocess.run(["rmmod", "jobward"], check=True)


without, ours = [], []
for _ in range(TURNS):
    without.append(measure())
    aud = load()
    ours.append(measure())
    unload(aud)
without.append(measure())
base, ours = ([min(turns) for turns in zip(*those)] for those in (without, ours))
aud = load()
lookups = []
for n in (10, 1000, 100000):
    table(aud, n)
    lookups.append((n, ACTS[6][2]()))
    aud.drain()
table(aud, 10000)
memory = aud.status()["memory"] + module_memory()
table(aud, 10000, pin_each=True)
memory_pins = aud.status()["memory"] + module_memory()
unload(aud)
rules = ["-D"], ["-e", "1"], *(["-w", p, "-p", "wa"] for p in STORES + PINS)
have_audit = all(subprocess.run(["auditctl", *r], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0 for r in rules)
audit = measure() if have_audit else [None] * len(base)


def percent(now, before):
    return "%+.2f %%" % (100.0 * (now - before) / before)


missed = 0


def line(*cells):
    print("%-40s %10s %10s %9s %9s %9s  %s" % cells)


line("guest instructions, %s" % os.uname().release, "without", "jobward", "", "target", "audit", "")
for (name, target, _), b, o, a in zip(ACTS, base, ours, audit):
    # the smallest program as a job is what no job is: without a target, to see what the gate itself takes
    met = target is None or o <= b * (1 + target / 100)
    missed += not met
    line(name, b, o, percent(o, b), "" if target is None else "%+.1f %%" % target, percent(a, b) if a else "-", "" if met else "MISSED")
for n, c in lookups:
    met = c <= lookups[0][1] * 1.01
    missed += not met
    line("exec of a job among %s verdicts" % format(n, ","), "", c, percent(c, lookups[0][1]), "+1.0 %", "", "" if met else "MISSED")
for name, m in (("memory with 10,000 verdicts", memory), ("and a pin for each", memory_pins)):
    met = m <= 4 << 20
    missed += not met
    line(name, "", "%.2f MiB" % (m / 2**20), "", "4 MiB", "", "" if met else "MISSED")
print("(turns without it, the worst against the best: %s)" % ", ".join(percent(max(t), min(t)) for t in zip(*without)))
sys.exit(1 if missed else 0)
