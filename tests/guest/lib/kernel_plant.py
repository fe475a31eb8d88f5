# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_plant.sh. Every "may not" stands beside the same act by a job that may, or by nobody's job."""
import os
import shutil
import subprocess
import time

import tap
from auditor import Auditor, key, obj

B, S, PATH = "/srv/bin", "/srv/store", "PATH=/usr/bin:/bin"
EPERM = 1
FILE, PIN, GO = S + "/file", "/srv/pinned", "/run/go"
JOB = 0x50b
os.makedirs(B)
os.makedirs(S + "/dir")
for name, src in (("sched", "/run/sched"), ("stranger", "/run/acts"), ("writer", "/run/acts"), ("keeper", "/run/acts"), ("many", "/run/acts"),
                  ("parts", "/run/acts"), ("unit", "/run/acts"), ("manager", "/bin/bash")):
    shutil.copy(src, B + "/" + name)
for path in FILE, PIN:
    open(path, "w").close()
OBJECTS = [obj("/srv", "ancestor"), obj(S, "store", 1), obj(PIN, "pin"), obj(B + "/sched", "scheduler", 0, "cron"),
           obj(B + "/writer", "writer", 1), obj(B + "/manager", "writer writer-lineage", 1),
           obj(B + "/keeper", "scheduler writer", 1, "anacron"), obj(B + "/many", "scheduler writer", 1, "busybox", "crond"),
           obj(B + "/parts", "scheduler writer", 1, "run-parts", "periodic-only"),
           obj(B + "/unit", "scheduler writer", 1, "systemd", "unit")]
aud = Auditor()


def commit(*jobs, may_plant=False, state="approved"):
    """A table in which each of the jobs (lists of arguments) has a verdict."""
    aud.commit(OBJECTS, [(key("cron", 0, argv, (PATH,)), state, JOB + i, (), may_plant) for i, argv in enumerate(jobs)], covers=aud.status()["seq"])
    return aud.drain()


def job(*argv):
    """Executed by the scheduler as its job. Return: exit code and all events."""
    rc = subprocess.run([B + "/sched", "exec", *argv], stderr=subprocess.DEVNULL).returncode
    return rc, aud.drain()


def writes(events):
    return [(e["verdict"], e["reason"]) for e in events if e["kind"] == "write"]


def both(name, *argv, reason="writer", action="modify"):
    """The job is refused, and may where its verdict says so; it is known by its number and by the event at which it started."""
    commit(list(argv))
    rc, e = job(*argv)
    w = [x for x in e if x["kind"] == "write"]
    good = rc == EPERM and len(e) > 1 and writes(e) == [("deny", "planted-by-job")] and e[0]["reason"] == "approved" and w[0]["action"] == action
    good = good and w[0].get("job") == JOB and w[0].get("root_seq") == e[0]["seq"] and w[0]["scheduler"] == "cron"
    tap.ok(good, name + ": it may not", "exit code %d" % rc, e)
    commit(list(argv), may_plant=True)
    rc, e = job(*argv)
    w = [x for x in e if x["kind"] == "write"]
    good = rc == 0 and writes(e) and set(writes(e)) == {("allow", reason)} and w[0].get("job") == JOB and w[0].get("root_seq") == e[0]["seq"]
    tap.ok(good, name + ": a planter may", "exit code %d" % rc, e)


aud.mode("enforce")
commit()
WRITE = ("write", FILE)
tap.eq((subprocess.run([B + "/writer", *WRITE]).returncode, writes(aud.drain())), (0, [("allow", "writer")]), "nobody's job: a writer may")

tap.note("by a writer's hand")
both("a job that is a writer itself", B + "/writer", *WRITE)
both("by a shell", "/bin/sh", "-c", "%s/writer write %s; exit $?" % (B, FILE))
both("by the package manager", B + "/manager", "-c", "%s/stranger write %s; exit $?" % (B, FILE), reason="writer-lineage")
both("by the package manager itself", B + "/manager", "-c", "echo x >%s || exit 1" % FILE)
for words, action in (("creat {S}/new", "create"), ("mkdir {S}/sub", "mkdir"), ("symlink /x {S}/link", "symlink"), ("chmod {F}", "attr"),
                      ("rename {F} {S}/other", "rename"), ("rdonly-trunc {S}/other", "truncate")):
    words = words.format(S=S, F=FILE)
    both(words.split()[0], B + "/writer", *words.split(), action=action)
open(FILE, "w").close()
aud.drain()

tap.note("away from the job")
both("a fork of a fork with its own session", B + "/writer", "fork", *WRITE)
both("a thread", B + "/writer", "thread", *WRITE)
both("setsid and nohup", "/bin/sh", "-c", "setsid -w nohup %s/writer write %s; exit $?" % (B, FILE))


def daemonised(may_plant):
    """The job ends at once; what it left behind, by then a child of somebody else, goes on when it is gone."""
    argv = ["/bin/sh", "-c", "(setsid %s/writer wait %s write %s </dev/null >/dev/null 2>&1 & echo $! >/run/pid) & exit 0" % (B, GO, FILE)]
    if os.path.exists(GO):
        os.unlink(GO)
    commit(argv, may_plant=may_plant)
    rc, e = job(*argv)
    root = [x for x in e if x["kind"] == "run"]
    while not os.path.exists("/run/pid") or not open("/run/pid").read().strip():
        time.sleep(0.02)
    pid = int(open("/run/pid").read())
    while "writer" not in os.readlink("/proc/%d/exe" % pid):
        time.sleep(0.02)
    ppid = int(open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[1])
    open(GO, "w").close()
    while os.path.exists("/proc/%d" % pid):
        time.sleep(0.02)
    w = [x for x in aud.drain() if x["kind"] == "write"]
    os.unlink("/run/pid")
    return rc, ppid, [(x["verdict"], x["reason"], x.get("job"), x.get("root_seq") == root[0]["seq"]) for x in w]


tap.eq(daemonised(False), (0, 1, [("deny", "planted-by-job", JOB, True)]), "a daemon that a job left behind is still of the job")
tap.eq(daemonised(True), (0, 1, [("allow", "writer", JOB, True)]), "and of a planter")


def with_pid(pid, *words):
    """Runs the writer as the process that has this number."""
    for _ in range(200):
        with open("/proc/sys/kernel/ns_last_pid", "w") as f:
            f.write(str(pid - 1))
        new = os.fork()
        if not new:
            if os.getpid() == pid:
                os.execv(B + "/writer", ["x", *words])
            os._exit(98)
        rc = os.waitstatus_to_exitcode(os.waitpid(new, 0)[1])
        if new == pid:
            return rc
    return 97


argv = ["/bin/sh", "-c", "echo $$ >/run/number"]
commit(argv)
job(*argv)
tap.eq((with_pid(int(open("/run/number").read()), *WRITE), writes(aud.drain())), (0, [("allow", "writer")]), "who gets a job's number is none")

tap.note("who is a planter")
argv = [B + "/writer", *WRITE]
aud.mode("audit", "run")
for state in "unknown", "changed", "denied":
    commit(argv, may_plant=True, state=state)
    rc, e = job(*argv)
    tap.eq((rc, writes(e)), (EPERM, [("deny", "planted-by-job")]), "a job that is %s and runs in audit is none, whatever its verdict says" % state)
commit()
rc, e = job(*argv)
tap.eq((rc, writes(e)), (EPERM, [("deny", "planted-by-job")]), "nor one that the table does not know")
tap.eq(e[1].get("root_seq"), e[0]["seq"], "which is known by its start")
aud.mode("enforce")


def nested(outer, inner):
    """A planter's job starts a scheduler whose job is none, or the other way round."""
    a = ["/bin/sh", "-c", "%s/sched exec %s/writer write %s" % (B, B, FILE)]
    aud.commit(OBJECTS, [(key("cron", 0, a, (PATH,)), "approved", 1, (), outer), (key("cron", 0, argv, (PATH,)), "approved", 2, (), inner)],
               covers=aud.status()["seq"])
    aud.drain()
    rc, e = job(*a)
    return rc, [(x["reason"], x["job"]) for x in e if x["kind"] == "write"]


tap.eq(nested(True, False), (EPERM, [("planted-by-job", 2)]), "a job within a planter's is judged by itself")
tap.eq(nested(False, True), (0, [("writer", 2)]), "and a planter's within another")

tap.note("what is no planting")
for words, left in (("unlink %s" % FILE, FILE), ("rmdir %s/dir" % S, S + "/dir")):
    argv = [B + "/writer", *words.split()]
    commit(argv)
    rc, e = job(*argv)
    tap.eq((rc, writes(e), os.path.exists(left)), (0, [("allow", "writer")], False), "a job may take away: " + words.split()[0])
open(FILE, "w").close()
aud.drain()
argv = [B + "/keeper", *WRITE]
commit(argv)
tap.eq(writes(job(*argv)[1]), [("allow", "writer")], "a scheduler that is a job itself keeps its time stamps")
for name, what in ("many", "a program of many names"), ("parts", "run-parts"), ("unit", "a manager"):
    argv = [B + "/" + name, *WRITE]
    commit(argv)
    tap.eq(writes(job(*argv)[1]), [("deny", "planted-by-job")], "%s is no such scheduler" % what)
argv = [B + "/manager", "-c", "echo x >" + PIN]
commit(argv)
rc, e = job(*argv)
tap.eq((rc, writes(e)), (0, [("allow", "writer")]), "what an approved job runs is no store")
argv = [B + "/stranger", *WRITE]
commit(argv, may_plant=True)
tap.eq(writes(job(*argv)[1]), [("deny", "not-a-writer")], "a planter is no writer")

tap.note("audit")
argv = [B + "/writer", *WRITE]
commit(argv)
aud.mode("audit")
aud.drain()
rc, e = job(*argv)
tap.eq((rc, writes(e)), (0, [("audit", "planted-by-job")]), "audit lets it through and says so")
tap.eq(aud.status()["lineage"], 0, "when all have ended nothing is kept")
tap.done()
