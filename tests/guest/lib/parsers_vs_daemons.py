# SPDX-License-Identifier: GPL-2.0
"""The corpus of tables and jobs, fed to the real daemons; see parsers-vs-daemons.sh."""
import glob
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time

import tap

SHARE = "/share"
CRON_D = "/etc/cron.d"
SPOOL = "/var/spool/cron/crontabs"
AT_SPOOL = "/var/spool/cron/atjobs"


def call(*cmd):
    return subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout.decode(errors="replace")


def answer(*cmd):
    """The JSON document, or the JSON lines, that a command prints."""
    text = subprocess.run(cmd, stdout=subprocess.PIPE, check=False).stdout.decode(errors="replace")
    if text.startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines()]


def last_seq():
    return answer("jobward", "status", "--json")[0]["events"]["seq"]


def runs(since, scheduler):
    """Run events of a scheduler's jobs after a sequence number, once no more of them come."""
    before = -1
    while True:
        call("jobward", "sync")
        now = [e for e in answer("jobward", "log", "--json", "--kind", "run", "-n", "100000")
               if e["seq"] > since and e.get("scheduler") == scheduler]
        if len(now) == before:
            return now
        before = len(now)
        time.sleep(1)


def listed(path):
    return [j for j in answer("jobward", "jobs", "--json") if j["source"]["path"] == path]


def readable(jobs):
    return [j for j in jobs if not j.get("unreadable")]


def approve():
    call("jobward", "sync")
    call("jobward", "approve", "--all", "--reason", "test")


def command_of(event):
    argv = event.get("argv") or event.get("subject", {}).get("argv") or []
    return argv[2] if len(argv) > 2 else None


def all_allowed(events, name):
    wrong = [e for e in events if e["verdict"] != "allow"]
    tap.ok(events and not wrong, name, *["%s %s" % (e["verdict"], json.dumps(e)[:500]) for e in wrong[:8]])


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data, mode, uid=0, gid=0):
    with open(path, "wb") as f:
        f.write(data)
    os.chown(path, uid, gid)
    os.chmod(path, mode)


def user(name):
    call("useradd", "-m", name)
    return pwd.getpwnam(name)


def install_crontabs():
    """Each table with a probe before it that runs when cron starts. Return: {path: probe}."""
    probes = {}
    for n, source in enumerate(sorted(glob.glob(SHARE + "/cron/*.crontab"))):
        stem = os.path.basename(source)[:-len(".crontab")]
        text, probe = read(source), ": probe-" + stem
        if stem.startswith("user-"):
            owner = user("u%d" % n)
            path = "%s/%s" % (SPOOL, owner.pw_name)
            write(path, b"@reboot " + probe.encode() + b"\n" + text, 0o600, owner.pw_uid)
        else:
            path = "%s/%s" % (CRON_D, stem)
            if stem.startswith("lines-"):
                text = text.replace(b"root x\n", b"root " + probe.encode() + b"\n")
            else:
                text = b"@reboot root " + probe.encode() + b"\n" + text
            write(path, text, 0o644)
        probes[path] = probe
    return probes


def test_cron():
    user("alice")
    call("systemctl", "stop", "cron")
    saved = tempfile.mkdtemp()
    for path in glob.glob(CRON_D + "/*"):
        shutil.move(path, saved)
    probes = install_crontabs()
    approve()
    jobs = {path: readable(listed(path)) for path in probes}
    since = last_seq()
    if os.path.exists("/run/crond.reboot"):
        os.unlink("/run/crond.reboot")
    call("systemctl", "start", "cron")
    time.sleep(10)
    events = runs(since, "cron")
    ran = {command_of(e) for e in events}
    for path, probe in sorted(probes.items()):
        tap.eq(probe in ran, bool(jobs[path]), "cron: %s is read, or refused, as listed" % probe[8:])
    # An empty SHELL is kept, but nothing can be executed by that name.
    missing = [j for path, of in jobs.items() if not path.endswith("shell-empty") for j in of
               if j["schedule"] == "@reboot" and j["command"] not in ran]
    tap.ok(not missing, "cron: every listed @reboot job ran", *[json.dumps(j) for j in missing[:8]])
    all_allowed(events, "cron: what ran is what was listed and approved")
    call("systemctl", "stop", "cron")
    for path in probes:
        os.unlink(path)
    for path in glob.glob(saved + "/*"):
        shutil.move(path, CRON_D)


def test_anacron():
    original = read("/etc/anacrontab")
    for source in sorted(glob.glob(SHARE + "/anacron/*.anacrontab")):
        stem = os.path.basename(source)[:-len(".anacrontab")]
        if stem == "debian":
            continue
        write("/etc/anacrontab", read(source), 0o644)
        approve()
        jobs = [j for j in readable(listed("/etc/anacrontab")) if not j["schedule"].startswith("@often")]
        since = last_seq()
        spool = tempfile.mkdtemp()
        call("anacron", "-f", "-n", "-d", "-S", spool)
        events = runs(since, "anacron")
        shutil.rmtree(spool)
        ran = {command_of(e) for e in events if e["verdict"] == "allow"}
        tap.ok({j["command"] for j in jobs} <= ran, "anacron: %s: every listed job ran" % stem, jobs, ran)
        all_allowed(events, "anacron: %s: what ran is what was listed and approved" % stem)
    write("/etc/anacrontab", original, 0o644)


def test_at():
    alice = pwd.getpwnam("alice")
    daemon = pwd.getpwnam("daemon")
    call("systemctl", "stop", "atd")
    # A minute ago: atd starts a job at once, and one that it can't start again only after an hour.
    when = "%08x" % (int(time.time()) // 60 - 1)
    # The corpus says uid 1000; the header must name the file's owner.
    for n, source in enumerate(sorted(glob.glob(SHARE + "/at/*.atjob"))):
        text = read(source).replace(b"uid=1000", b"uid=%d" % alice.pw_uid)
        text = text.replace(b"uid=4294968296", b"uid=%d" % (4294967296 + alice.pw_uid))
        text = text.replace(b"uid= 1000", b"uid= %d" % alice.pw_uid)
        write("%s/a%05x%s" % (AT_SPOOL, n + 0x100, when), text, 0o700, alice.pw_uid, daemon.pw_gid)
    call("su", "alice", "-c", "cd /tmp; A='b c\n\"d' BASH_ENV=/x at now <<'E'\necho \"$A\"\nE")
    plain = read(SHARE + "/at/plain.atjob").replace(b"uid=1000", b"uid=%d" % alice.pw_uid)
    write("%s/a00200%s.junk" % (AT_SPOOL, when), plain, 0o700, alice.pw_uid, daemon.pw_gid)
    write("%s/a00201%s" % (AT_SPOOL, when), plain, 0o600, alice.pw_uid, daemon.pw_gid)
    approve()
    jobs = [j for j in answer("jobward", "jobs", "--json") if j["scheduler"] == "at"]
    good = readable(jobs)
    tap.eq(len(jobs), len(os.listdir(AT_SPOOL)) - len([n for n in os.listdir(AT_SPOOL) if n.startswith(".")]),
           "at: every file of the spool is listed")
    tap.ok(len(good) > 5 and len(good) < len(jobs), "at: some are readable and some are not", jobs)
    since = last_seq()
    call("systemctl", "start", "atd")
    time.sleep(5)
    events = runs(since, "at")
    tap.eq(len(events), len(good), "at: the readable ones ran, the others did not")
    all_allowed(events, "at: what ran is what was listed and approved")


test_cron()
test_anacron()
test_at()
tap.done()
