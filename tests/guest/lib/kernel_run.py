# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_run.sh. Every "does not run" stands beside the same act approved, which runs."""
import glob
import mmap
import os
import shutil
import signal
import subprocess
import time

import tap
from auditor import Auditor, key, obj, pin, sha256

B, PATH = "/srv/bin", "PATH=/usr/bin:/bin"
DENIED = 101            # sched.c: 100 + EPERM
RAN = "/run/ran"
os.makedirs(B)
for name, src in (("sched", "/run/sched"), ("atsched", "/run/sched"), ("parts", "/run/sched"), ("busybox", "/run/sched"), ("stranger", "/run/acts"), ("manager", "/bin/bash")):
    shutil.copy(src, B + "/" + name)
os.makedirs("/srv/daily")
os.makedirs("/srv/store")


def sh(cmd, **kw):
    return subprocess.run(cmd, shell=True, capture_output=True, text=True, **kw)


def write(path, text, mode=0o644):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def wait_for(fn, seconds=20):
    """fn's first true value, looked for often; the time only ends a failure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = fn()
        if got:
            return got
        time.sleep(0.05)
    return fn()


aud = Auditor()
MANAGER = next(p for p in ("/usr/lib/systemd/systemd-executor", "/usr/lib/systemd/systemd") if os.path.exists(p))
OBJECTS = [obj(B + "/sched", "scheduler", 0, "cron"), obj(B + "/atsched", "scheduler", 0, "at", "stdin"),
           obj(B + "/parts", "scheduler", 0, "run-parts", "file periodic-only"), obj(B + "/busybox", "scheduler", 0, "busybox", "crond"), obj("/usr/bin/run-parts", "scheduler", 0, "run-parts", "file periodic-only"),
           obj("/srv/daily", "periodic", 0, "run-parts"), obj("/srv/store", "store", 1), obj(B + "/manager", "writer-lineage writer", 3),
           obj("/usr/sbin/cron", "scheduler", 0, "cron"), obj("/usr/sbin/atd", "scheduler", 0, "at", "stdin"),
           obj("/usr/lib/systemd/systemd", "scheduler", 0, "systemd", "unit")]
if MANAGER.endswith("executor"):
    OBJECTS.append(obj(MANAGER, "scheduler", 0, "systemd", "unit"))
for helper in ("/usr/sbin/unix_chkpwd", "/sbin/unix_chkpwd", "/usr/sbin/sendmail"):
    if os.path.exists(helper):
        OBJECTS.append(obj(helper, "helper"))


def commit(*verdicts, **kw):
    """Puts a table in force; what happened until now is read and done with."""
    aud.commit(OBJECTS, list(verdicts), covers=kw.pop("covers", aud.status()["seq"]), **kw)
    return aud.drain()


def approve(argv, job=0x77, env=(PATH,), scheduler="cron", pins=(), content=None, unit="", uid=0):
    return key(scheduler, uid, argv, env, unit, content), "approved", job, pins


def sched(*words, by="sched"):
    return subprocess.run([B + "/" + by, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def runs(events=None):
    return [e for e in (aud.drain() if events is None else events) if e["kind"] == "run"]


def denied(name, words, reason="unapproved", by="sched", **more):
    """Is refused with EPERM, with one event that says why."""
    rc, e = sched(*words, by=by), runs()
    good = rc == DENIED and len(e) == 1 and e[0]["verdict"] == "deny" and e[0]["reason"] == reason and e[0]["action"] == "exec" and all(e[0].get(k) == v for k, v in more.items())
    tap.ok(good, name, "exit code %d" % rc, e)
    return e[0] if e else {}


def ran(name, words, by="sched", rc=0, **more):
    got, e = sched(*words, by=by), runs()
    good = got == rc and len(e) == 1 and e[0]["verdict"] == "allow" and e[0]["reason"] == "approved" and all(e[0].get(k) == v for k, v in more.items())
    tap.ok(good, name, "exit code %d" % got, e)
    return e[0] if e else {}


tap.note("before the first table everything runs")
tap.eq((sched("exec", "/bin/true"), runs()), (0, []), "no table, no job")
aud.mode("enforce")
tap.eq((sched("exec", "/bin/true"), runs()), (0, []), "in enforce as well")

tap.note("ways to execute")
write("/srv/b.sh", "#!/bin/sh\nexit 0\n", 0o755)
write("/srv/chain.sh", "#!/srv/mid.sh\n", 0o755)
write("/srv/mid.sh", "#!/bin/sh\nexit 0\n", 0o755)
ok_argv = ["/bin/echo", "ok"]
commit(approve(ok_argv, 0x123456789abcdef), approve(["/srv/b.sh", "ok"]), approve(["/srv/chain.sh"]))
for how in ("exec", "vfork", "spawn", "fd", "memfd"):
    denied("by %s: unapproved" % how, (how, "/bin/echo", "no"), scheduler="cron", argv=["/bin/echo", "no"], env=[PATH])
    ran("by %s: approved" % how, (how, *ok_argv), scheduler="cron", job=0x123456789abcdef, key=key("cron", 0, ok_argv, (PATH,)).hex())
denied("#! script: unapproved", ("exec", "/srv/b.sh", "no"))
ran("#! script: approved, one event for both rounds", ("exec", "/srv/b.sh", "ok"))
ran("#! script by descriptor: approved", ("fd", "/srv/b.sh", "ok"))
denied("#! script of a #! script: unapproved", ("exec", "/srv/chain.sh", "no"))
ran("#! script of a #! script: approved", ("exec", "/srv/chain.sh"))
tap.eq((subprocess.run(["/bin/echo", "no"], stdout=subprocess.DEVNULL).returncode, runs()), (0, []), "by no scheduler: anything goes, no event")
shutil.copy(B + "/sched", "/srv/copy")
tap.eq((subprocess.run([B + "/sched", "exec", "/bin/true"], executable="/srv/copy").returncode, runs()), (0, []), "by a copy that calls itself the scheduler: no job")
os.chmod("/srv/b.sh", 0o644)
tap.eq((sched("exec", "/srv/b.sh", "ok"), runs()), (113, []), "what can't be executed at all is no event")
os.chmod("/srv/b.sh", 0o755)
aud.mode("audit")
rc, e = sched("exec", "/bin/echo", "no"), runs()
tap.ok(rc == 0 and len(e) == 1 and e[0]["verdict"] == "audit" and e[0]["reason"] == "unapproved", "audit: runs, and says what enforce would have done", rc, e)
aud.mode("enforce")
commit((key("cron", 0, ok_argv, (PATH,)), "denied", 5), (key("cron", 0, ["/bin/true"], (PATH,)), "changed", 6), (key("cron", 0, ["/bin/false"], (PATH,)), "unknown", 7))
denied("a job that was denied", ("exec", *ok_argv), "denied", job=5)
denied("a job that was changed", ("exec", "/bin/true"), "changed", job=6)
denied("a job that is known, and not approved", ("exec", "/bin/false"), "unapproved", job=7)

tap.note("arguments and environment")
big = ["/bin/true"] + ["x" * 100000]
huge = ["/bin/true"] + ["x" * 100000] * 2
commit(approve(big), approve(["/bin/true"]), approve(["/bin/true", "pre"], env=(PATH, "LD_PRELOAD=/nowhere.so")), approve(["/bin/true", "path"], env=(PATH,)))
ran("argv of 100 KB: read and approved", ("big-arg", "100000", "exec", "/bin/true"))
denied("argv of 200 KB: more than a job may have", ("big-arg", "200000", "exec", "/bin/true"), "unreadable")
ran("100 KB of an environment that does not matter", ("big-env", "100000", "exec", "/bin/true"))
ran("LD_PRELOAD where it was approved with it", ("env", "LD_PRELOAD=/nowhere.so", "exec", "/bin/true", "pre"), env=[PATH, "LD_PRELOAD=/nowhere.so"])
denied("LD_PRELOAD where it was approved without", ("env", "LD_PRELOAD=/nowhere.so", "exec", "/bin/true"))
denied("LD_PRELOAD left away where it was approved with it", ("exec", "/bin/true", "pre"))
denied("another LD_PRELOAD", ("env", "LD_PRELOAD=/tmp/evil.so", "exec", "/bin/true", "pre"))
for var in ("LD_AUDIT=x", "BASH_ENV=/tmp/x", "ENV=/tmp/x", "PYTHONPATH=/tmp", "PERL5OPT=-Mx", "BASH_FUNC_x%%=() { :; }"):
    denied("%s counts" % var.split("=")[0], ("env", var, "exec", "/bin/true"))
ran("HOME does not", ("env", "HOME=/tmp", "exec", "/bin/true"))
denied("a second PATH counts", ("env", "PATH=/tmp", "exec", "/bin/true"))
denied("a covered variable of 5000 bytes", ("env", "LD_PRELOAD=" + "x" * 5000, "exec", "/bin/true"), "unreadable")
denied("65 covered variables", [w for i in range(64) for w in ("env", "LD_%d=x" % i)] + ["exec", "/bin/true"], "unreadable")
denied("an argument of no bytes more", ("exec", "/bin/true", ""))

tap.note("pins")
JOB = ["/bin/sh", "-c", ". /srv/job.sh"]   # (an exec of it would be refused by exec itself while it is open for writing)
TEXT = "#!/bin/sh\nexit 7\n"


def pinned(*more, always=False):
    write("/srv/job.sh", TEXT, 0o755)
    commit(approve(JOB, pins=list(range(1 + len(more)))), pins=[pin("/srv/job.sh", always=always), *more])


def job(name, why=None):
    if why:
        denied(name, ("exec", *JOB), "changed", detail=why)
    else:
        ran(name, ("exec", *JOB), rc=7)


pinned()
job("unchanged: runs")
with open("/srv/job.sh", "r+") as f:
    f.write("#!/bin/SH\n")
job("changed in place, same size: does not run", "/srv/job.sh")
pinned()
os.utime("/srv/job.sh", (1, 1))
job("touched, same content: runs")
write("/srv/other.sh", TEXT, 0o755)
os.rename("/srv/other.sh", "/srv/job.sh")
job("replaced by the same content: runs")
write("/srv/other.sh", TEXT.replace("7", "8"), 0o755)
os.rename("/srv/other.sh", "/srv/job.sh")
job("replaced by another content: does not run", "/srv/job.sh")
pinned()
os.unlink("/srv/job.sh")
job("removed: does not run", "/srv/job.sh")
os.symlink("/srv/b.sh", "/srv/job.sh")
job("a symlink to something else in its place: does not run", "/srv/job.sh")
os.unlink("/srv/job.sh")
os.mkfifo("/srv/job.sh")
job("a FIFO in its place: does not run, and nobody waits", "/srv/job.sh")
os.unlink("/srv/job.sh")
pinned(always=True)
job("content compared always: runs")
pinned(("/srv/shadow", True, False))
job("nothing where nothing may be: runs")
write("/srv/shadow", "")
job("something where nothing may be: does not run", "/srv/shadow")
os.unlink("/srv/shadow")
job("gone again: runs")
pinned()
f = open("/srv/job.sh", "r+b")
view = mmap.mmap(f.fileno(), 0)
view[0:1] = b"#"            # the page is dirty from here on: later stores change no ctime
f.flush()
commit(approve(JOB, pins=[0]), pins=[pin("/srv/job.sh")])
job("mapped writable, not changed: runs")
view[15:16] = b"9"
job("changed through a mapping, ctime and size as before: does not run", "/srv/job.sh")
view.close()
f.close()
sh("mount -t tmpfs t /srv/mnt || { mkdir -p /srv/mnt; mount -t tmpfs t /srv/mnt; }")
pinned()
write("/srv/mnt/job.sh", TEXT.replace("7", "8"), 0o755)
sh("mount --bind /srv/mnt/job.sh /srv/job.sh")
job("another file mounted over it: does not run", "/srv/job.sh")
sh("umount /srv/job.sh; umount /srv/mnt")
job("unmounted again: runs")
OBJECTS.append(obj("/srv/job.sh", "pin"))
pinned()
OBJECTS[-1] = obj("/srv/job.sh", "pin")
pinned()
subprocess.run([B + "/manager", "-c", "echo '#!/bin/sh\nexit 9' >/srv/job.sh; :"])
aud.drain()
ran("changed by the package manager alone: runs", ("exec", *JOB), rc=9)
sh("echo 'exit 8 # more' >>/srv/job.sh")
aud.drain()
job("and by somebody else too: does not run", "/srv/job.sh")
OBJECTS.pop()

tap.note("scripts on standard input, files in a periodic folder")
write("/srv/at", "#!/bin/sh\n# atrun uid=0 gid=0\nexit 5\n", 0o700)
at = ("stdin", "/srv/at", "exec", "/bin/sh")
commit(approve(["/bin/sh"], scheduler="at", content=sha256("/srv/at")))
ran("an approved script", at, by="atsched", rc=5, text=open("/srv/at").read())
hold = open("/srv/at", "a")
denied("which somebody has open for writing", at, "busy-script", by="atsched")
hold.close()
ran("and then no more", at, by="atsched", rc=5)
write("/srv/at", "#!/bin/sh\nexit 6\n", 0o700)
denied("another script", at, by="atsched", text="#!/bin/sh\nexit 6\n")
denied("no file on standard input", ("stdin", "/dev/null", "exec", "/bin/sh"), "unreadable", by="atsched")
write("/srv/daily/ok", "#!/bin/sh\nexit 3\n", 0o755)
write("/srv/daily/no", "#!/bin/sh\nexit 4\n", 0o755)
os.symlink("/srv/b.sh", "/srv/daily/link")
write("/srv/elsewhere", "#!/bin/sh\nexit 2\n", 0o755)
commit(approve(["/srv/daily/ok"], scheduler="run-parts", content=sha256("/srv/daily/ok")))
ran("an approved file in a periodic folder", ("exec", "/srv/daily/ok"), by="parts", rc=3)
denied("another one", ("exec", "/srv/daily/no"), by="parts")
denied("a symlink there to a file elsewhere", ("exec", "/srv/daily/link"), by="parts")
tap.eq((sched("exec", "/srv/elsewhere", by="parts"), runs()), (2, []), "what lies elsewhere is no job of run-parts")
for name, rc in ("crond", 101), ("/usr/sbin/crond", 101), ("-sh", 0), ("busybox", 0), ("xargs", 0):
    got = subprocess.run([name, "vfork", "/bin/echo", "no"], executable=B + "/busybox", stdout=subprocess.DEVNULL).returncode
    tap.eq((got, len(runs())), (rc, rc and 1), "a program of many names, started as %s: %s" % (name, "its jobs are judged" if rc else "no job"))
write("/srv/daily/ok", "#!/bin/sh\nexit 9\n", 0o755)
denied("changed in place", ("exec", "/srv/daily/ok"), by="parts")
write("/srv/daily/ok", "#!/bin/sh\nexit 3\n", 0o755)
sh("env -i %s run-parts --report /srv/daily" % PATH)
e = runs()
tap.eq(sorted((x["argv"][0], x["verdict"]) for x in e), [("/srv/daily/link", "deny"), ("/srv/daily/no", "deny"), ("/srv/daily/ok", "allow")], "run-parts itself")

tap.note("binfmt_misc")
aud.mode("audit", "module")     # else the module gate would keep it out
# services with a mount namespace of their own may have it mounted, too: out of each of them
sh("""systemctl stop proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount
    for p in /proc/[0-9]*; do readlink $p/ns/mnt | sed "s,$, ${p#/proc/},"; done | sort -u -k1,1 | while read -r _ pid; do nsenter -t "$pid" -m umount -l /proc/sys/fs/binfmt_misc; done
    rmmod binfmt_misc""")
write("/srv/m", "JWMAGIC\n", 0o755)
PINS = [pin("/bin/true")]
commit(approve(["/srv/m", "ok"], pins=[0]), approve(ok_argv), pins=PINS)


def misc(on):
    if on:
        r = sh("modprobe binfmt_misc; mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc b /proc/sys/fs/binfmt_misc; echo ':jw:M::JWMAGIC::/bin/true:' >/proc/sys/fs/binfmt_misc/register")
    else:
        r = sh("echo -1 >/proc/sys/fs/binfmt_misc/jw; umount /proc/sys/fs/binfmt_misc; rmmod binfmt_misc")
    return r


if "binfmt_misc" in open("/proc/modules").read():
    tap.skip("binfmt_misc", "is in use and can't be loaded after the gate")
elif sh("modprobe binfmt_misc").returncode == 0:
    misc(True)
    aud.drain()
    ran("loaded after the gate: an approved job runs, with an interpreter that is pinned", ("exec", "/srv/m", "ok"))
    denied("loaded after the gate: an unapproved one does not", ("exec", "/srv/m", "no"))
    ran("other jobs as ever", ("exec", *ok_argv))

    # a handler that puts its own program in the place of what was approved; by a mark in the unused bytes of ELF's header
    def register(rule):
        with open("/proc/sys/fs/binfmt_misc/register", "w") as f:
            f.write(rule)

    def unregister(rule):
        with open("/proc/sys/fs/binfmt_misc/" + rule, "w") as f:
            f.write("-1")

    def hijacked(name, words, by="/srv/evil", **more):
        """Is approved as itself, and refused as what the handler makes of it."""
        if os.path.exists(RAN):
            os.unlink(RAN)
        rc, e = sched(*words), runs()
        good = [(x["verdict"], x["reason"], x.get("detail")) for x in e] == [("allow", "approved", None), ("deny", "changed", by)]
        tap.ok(rc == DENIED and good and all(e[1].get(k) == v for k, v in more.items()), name, "exit code %d" % rc, e)
        tap.ok(not os.path.exists(RAN), name + ": and nothing of it ran")

    elf = bytearray(open("/bin/true", "rb").read())
    elf[9:13] = b"JWEL"
    with open("/srv/elf", "wb") as f:
        f.write(elf)
    os.chmod("/srv/elf", 0o755)
    shutil.copy("/lib64/ld-linux-x86-64.so.2", "/srv/ld.so")
    write("/srv/evil", "#!/bin/sh\ntouch %s\n" % RAN, 0o755)
    write("/srv/by-elf", "#! /srv/elf word\n", 0o755)
    commit(approve(["/srv/m", "ok"]), approve(["/srv/elf"], 0x321), approve(["/srv/by-elf"]), approve(["/srv/b.sh"]))
    hijacked("an interpreter that is not pinned", ("exec", "/srv/m", "ok"), by="/bin/true")
    ran("a program before a handler takes it", ("exec", "/srv/elf"))
    ran("a script before a handler takes its interpreter", ("exec", "/srv/by-elf"))
    for flags in ("", "P", "OC", "F"):
        register(":jwelf:M:9:JWEL::/srv/evil:" + flags)
        hijacked("an approved program that a handler (%s) takes" % flags, ("exec", "/srv/elf"),
                 job=0x321, key=key("cron", 0, ["/srv/elf"], (PATH,)).hex(), scheduler="cron")
        hijacked("an approved script whose interpreter a handler (%s) takes" % flags, ("exec", "/srv/by-elf"))
        unregister("jwelf")
    # 7.3: an interpreter under the program's name; and the program itself with another loader
    for flags, by in (("T", "/srv/evil"), ("L", "another loader, by a handler of binfmt_misc")):
        try:
            register(":jwelf:M:9:JWEL::%s:%s" % ("/srv/evil" if flags == "T" else "/srv/ld.so", flags))
        except OSError:
            tap.skip("an approved program that a handler (%s) takes" % flags, "no such flag before 7.3")
            continue
        hijacked("an approved program that a handler (%s) takes" % flags, ("exec", "/srv/elf"), by=by, job=0x321)
        unregister("jwelf")
    register(":jwelf:E::sh::/srv/evil:")
    hijacked("an approved script that a handler takes", ("exec", "/srv/b.sh"))
    unregister("jwelf")
    register(":jwelf:M:9:JWEL::/srv/evil:")
    aud.mode("audit", "run")
    rc, e = sched("exec", "/srv/elf"), runs()
    tap.ok(rc == 0 and os.path.exists(RAN) and [(x["verdict"], x["reason"], x.get("detail")) for x in e] == [("allow", "approved", None), ("audit", "changed", "/srv/evil")],
           "audit: it runs, with a record beside the approval's", rc, e)
    rc, e = sched("exec", "/srv/elf", "other"), runs()
    tap.ok(rc == 0 and [(x["verdict"], x["reason"]) for x in e] == [("audit", "unapproved")], "audit: of an unapproved one that is said", rc, e)
    aud.mode("enforce", "run")
    unregister("jwelf")
    ran("and without the handler again", ("exec", "/srv/elf"))
    if os.uname().release.startswith("7"):
        commit(approve(["/srv/elf"], pins=[0]), pins=[pin("/srv/ld.so")])
        register(":jwelf:M:9:JWEL::/srv/ld.so:L")
        ran("a loader that the approval pins", ("exec", "/srv/elf"))
        unregister("jwelf")
    commit(approve(["/srv/m", "ok"], pins=[0]), approve(ok_argv), pins=PINS)
    # an exec that waits while the gate goes back to the head must find its way on through the list
    misc(False)
    aud.mode("hold", "run", hold_ms=20000)
    aud.drain()
    p = subprocess.Popen([B + "/sched", "exec", "/bin/true", "held"], stderr=subprocess.DEVNULL)
    tap.ok(wait_for(lambda: aud.status()["held"] == 1), "an exec is held")
    misc(True)
    commit(approve(["/bin/true", "held"]), approve(["/srv/m", "ok"], pins=[0]), pins=PINS)
    tap.eq(p.wait(20), 0, "binfmt_misc loaded meanwhile: it goes on to the right handler")
    aud.mode("enforce", "run")
    misc(False)
    aud.drain()
    loads, end = 0, time.monotonic() + 120
    while loads < 20 and time.monotonic() < end:
        sh("modprobe binfmt_misc; umount /proc/sys/fs/binfmt_misc; rmmod binfmt_misc")
        loads += sum(e["kind"] == "module" and e["action"] == "unload" for e in aud.drain())
    tap.eq(loads, 20, "binfmt_misc is loaded and unloaded 20 times")
    denied("after 20 loads of it: unapproved", ("exec", "/bin/echo", "no"))
    misc(True)
    aud.drain()
    denied("the gate is behind it now, and an approved job that it takes is refused", ("exec", "/srv/m", "ok"), "late")
    tap.ok("behind binfmt_misc" in aud.gate(0).get("off", ""), "which status says", aud.gate(0))
    misc(False)
    aud.drain()
else:
    tap.ok(False, "binfmt_misc is loaded", sh("modprobe binfmt_misc").stderr)

tap.note("hold")
aud.mode("hold", hold_ms=30000)


def held(*words):
    aud.drain()
    p = subprocess.Popen([B + "/sched", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: aud.status()["held"])
    return p, runs()


commit()
p, e = held("exec", "/bin/true", "1")
tap.ok(p.poll() is None and [x["action"] for x in e] == ["hold"] and e[0]["argv"] == ["/bin/true", "1"], "an unknown job waits, and asks", e)
e = commit(approve(["/bin/true", "1"]))
tap.eq((p.wait(10), [(x["action"], x["verdict"]) for x in runs(e + aud.drain())]), (0, [("exec", "allow")]), "a commit that approves lets it run")
p, e = held("exec", "/bin/true", "2")
e = commit(approve(["/bin/true", "1"]))
tap.eq((p.wait(10), [(x["verdict"], x["reason"]) for x in runs(e + aud.drain())]), (DENIED, [("deny", "unapproved")]), "a commit that has seen the question and does not approve ends it")
p, e = held("exec", "/bin/true", "3")
e = commit((key("cron", 0, ["/bin/true", "3"], (PATH,)), "denied", 3), covers=0)
tap.eq((p.wait(10), [x["reason"] for x in runs(e + aud.drain())]), (DENIED, ["denied"]), "a commit that denies ends it")
p, e = held("exec", "/bin/true", "4")
commit(covers=0)
time.sleep(0.3)
tap.ok(p.poll() is None and aud.status()["held"] == 1, "a commit that has not seen the question leaves it waiting")
p.kill()
tap.eq(p.wait(10), -signal.SIGKILL, "who waits can be killed")
tap.ok(wait_for(lambda: aud.status()["held"] == 0), "and is gone")
aud.drain()
tap.eq((sched("vfork", "/bin/true", "5"), [x["action"] for x in runs()]), (DENIED, ["exec"]), "a vfork child never waits: its parent would stand still")
aud.mode("hold", hold_ms=500)
p, e = held("exec", "/bin/true", "6")
tap.eq((p.wait(10), [(x["verdict"], x["reason"]) for x in runs()]), (DENIED, [("deny", "hold-timeout")]), "nobody answers: after the time it is denied")
aud.mode("hold", hold_ms=60000)
p, e = held("exec", "/bin/true", "7")
cursor = aud.cursor
aud.sock.close()
tap.eq(p.wait(10), DENIED, "the auditor dies: nobody waits any more")
tap.eq(subprocess.run([B + "/sched", "exec", "/bin/true", "8"]).returncode, DENIED, "and without one nobody begins to")
aud = Auditor()
aud.cursor = cursor
aud.drain()
aud.mode("enforce")

tap.note("lineage")
argv = ["/bin/bash", "-c", "(setsid %s/stranger fork fork creat /srv/store/new &) ; %s/stranger uring /srv/store/f; exit 0" % (B, B)]
write("/srv/store/f", "")
commit(approve(argv, 0xabc))
sched("exec", *argv)
e = wait_for(lambda: (lambda x: x if sum(y["kind"] == "write" for y in x) >= 2 else None)(aud.events(0))) or aud.events(0)
root = [x for x in e if x["kind"] == "run"]
writes = [x for x in e if x["kind"] == "write"]
tap.ok(len(root) == 1 and root[0]["verdict"] == "allow", "the job ran", e)
uring = subprocess.run(["/run/acts", "uring", "/dev/null"]).returncode == 0
for action, what in (("create", "a write after double forks and sessions of its own"), ("modify", "a write through io_uring")):
    if action == "modify" and not uring:
        tap.skip(what + " belongs to the job", "no io_uring")
        continue
    w = [x for x in writes if x["action"] == action]
    tap.ok(len(w) == 1 and w[0].get("job") == 0xabc and w[0].get("root_seq") == root[0]["seq"] and w[0].get("scheduler") == "cron" and w[0]["verdict"] == "deny",
           what + " belongs to the job", w)
aud.drain()
subprocess.run([B + "/stranger", "creat", "/srv/store/new"])
w = aud.drain()
tap.ok(len(w) == 1 and "job" not in w[0], "nobody else's does", w)
tap.ok(wait_for(lambda: aud.status()["lineage"] == 0), "when all have ended nothing is kept", aud.status())

tap.note("cron, at and systemd themselves")
for f in glob.glob("/etc/cron.d/*") + ["/etc/crontab"]:
    write(f, "")
write("/etc/cron.d/good", "* * * * * root touch /run/cron-good\n")
write("/etc/cron.d/evil", "* * * * * root touch /run/cron-evil\n")
env = (PATH,)
commit(approve(["/bin/sh", "-c", "touch /run/cron-good"], 0x99))
sh("date -s \"$(date +'%Y-%m-%d %H:%M'):57\"; systemctl restart cron")
seen = []


def cron_done():
    seen.extend(runs())
    return os.path.exists("/run/cron-good") and any(e["verdict"] == "deny" for e in seen)


wait_for(cron_done, 100)
tap.ok(os.path.exists("/run/cron-good"), "cron: the approved job ran", seen)
tap.ok(not os.path.exists("/run/cron-evil") and [e["argv"][-1] for e in seen if e["verdict"] == "deny"] == ["touch /run/cron-evil"], "cron: the other did not", seen)
os.unlink("/etc/cron.d/good")
os.unlink("/etc/cron.d/evil")
sh("systemctl stop cron; systemctl start atd")
aud.drain()
sh("echo 'touch /run/at-evil' | at now")
e = wait_for(runs)
tap.ok(e and e[0]["scheduler"] == "at" and e[0]["verdict"] == "deny" and e[0]["text"].startswith("#!/bin/sh\n# atrun uid=0") and not os.path.exists("/run/at-evil"), "at: an unapproved script does not run", e)
sh("echo 'touch /run/at-good' | at 23:59")
script = max(glob.glob("/var/spool/cron/atjobs/a*"), key=os.path.getmtime)
commit(approve(e[0]["argv"] if e else ["sh"], scheduler="at", env=e[0].get("env", ()) if e else env, content=sha256(script)))
sh("date -s 23:58:58")
wait_for(lambda: os.path.exists("/run/at-good"), 90)
tap.ok(os.path.exists("/run/at-good"), "at: an approved one does", runs())
sh("systemctl stop atd")

UNITS = {"plain": "/run/u-plain", "timed": "/run/u-timed", "lost": "/run/u-lost"}
for u, f in UNITS.items():
    write("/run/systemd/system/%s.service" % u, "[Service]\nType=oneshot\nExecStart=/usr/bin/touch %s\n" % f)
sh("systemctl daemon-reload")


def unit_verdict(u, **kw):
    return approve(["/usr/bin/touch", UNITS.get(u, u)], scheduler="systemd", env=(), unit=u + ".service", **kw)


def start(u):
    sh("rm -f %s; systemctl start %s.service; systemctl reset-failed %s.service" % (UNITS[u], u, u))
    # (the clock was stepped: the distribution's timers may run beside)
    return os.path.exists(UNITS[u]), [(e["unit"], e["verdict"]) for e in runs() if e["unit"] == u + ".service"]


units = [("plain.service", False), ("timed.service", True)]
commit(units=units)
tap.eq(start("plain"), (True, []), "an ordinary unit: no job")
tap.eq(start("timed"), (False, [("timed.service", "deny")]), "a timer's unit: unapproved")
tap.eq(start("lost"), (True, []), "a unit that the table does not know: no job")
commit(unit_verdict("timed"), units=units)
tap.eq(start("timed"), (True, [("timed.service", "allow")]), "a timer's unit: approved")
write("/run/systemd/system/timed.service", "[Service]\nType=oneshot\nExecStart=/usr/bin/touch /run/u-timed\nEnvironment=LD_PRELOAD=/tmp/x.so\n")
sh("systemctl daemon-reload")
tap.eq(start("timed"), (False, [("timed.service", "deny")]), "with LD_PRELOAD it is another job")
tap.eq(start("plain"), (True, []), "an ordinary unit: still none")


def transient(name, *command, options=()):
    """By a timer of its own; returns the events of its run."""
    aud.drain()
    sh("systemd-run -q --unit=%s --on-active=0.1 --timer-property=AccuracySec=10ms %s %s" % (name, " ".join(options), " ".join(command)))
    got = []

    def mine():
        return [e for e in runs() if e["unit"] == name + ".service"]

    def over():
        got.extend(mine())
        return got or "inactive" in sh("systemctl is-active %s.timer" % name).stdout and not sh("systemctl is-active -q %s.service" % name).returncode == 0
    wait_for(over, 30)
    time.sleep(0.5)
    return got + mine()


e = transient("t1", "/usr/bin/touch", "/run/t1")
tap.ok(not os.path.exists("/run/t1") and [(x["unit"], x["verdict"]) for x in e] == [("t1.service", "deny")], "a transient timer's unit: unapproved", e)
aud.commit(OBJECTS, [approve(["/usr/bin/touch", "/run/t2"], scheduler="systemd", env=(), unit="t2.service")], covers=aud.status()["seq"], units=units)
e = transient("t2", "/usr/bin/touch", "/run/t2")
tap.ok(os.path.exists("/run/t2") and [(x["unit"], x["verdict"]) for x in e] == [("t2.service", "allow")], "a transient timer's unit: approved", e)
e = transient("t3", "/bin/sh", "-c", "'touch /run/t3 #'", "$(head -c 120000 /dev/zero | tr '\\0' x)", "$(head -c 120000 /dev/zero | tr '\\0' y)")
tap.ok(not os.path.exists("/run/t3") and [(x["verdict"], x["reason"]) for x in e] == [("deny", "unreadable")], "a transient timer's unit with 240 KB of arguments", e)
long = "-".join("s%02d" % i for i in range(20))
e = transient("t4", "/usr/bin/touch", "/run/t4", options=("--slice=" + long,))
tap.ok(not os.path.exists("/run/t4") and [(x["unit"], x["verdict"]) for x in e] == [("t4.service", "deny")], "a transient timer's unit so deep in slices that no path holds it", e)
e = transient("t5", "/usr/bin/touch", "/run/t5", options=["-E A%d=x -E LD_X%d=x" % (i, i) for i in range(70)])
tap.ok(not os.path.exists("/run/t5") and [(x["verdict"], x["reason"]) for x in e] == [("deny", "unreadable")], "a transient timer's unit with 70 covered variables", e)
tap.eq(start("lost"), (True, []), "other units all the while")
aud.mode("audit")
OBJECTS.append(obj("/run/systemd/system", "store", 4))
commit(units=units)
sh("echo '[Timer]' >/run/systemd/system/new.timer")
aud.mode("enforce")
tap.eq(start("lost"), (False, [("lost.service", "deny")]), "a timer was planted that the table does not cover: what it does not know may be that timer's")
tap.eq(start("plain"), (True, []), "what it knows is not")
commit(units=units)
tap.eq(start("lost"), (True, []), "a table that covers the planting: no job again")
aud.mode("audit")
tap.done()
