# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_descent.sh. Every "no record" stands beside the same act by a job, which is on record."""
import os
import shutil
import socket
import subprocess

import tap
from auditor import C, Auditor, key, obj, words

B, PATH = "/srv/bin", "PATH=/usr/bin:/bin"
FAMILY, PROTOCOL = words("JOBWARD_FAMILY_"), words("JOBWARD_PROTOCOL_")
os.makedirs(B)
shutil.copy("/run/sched", B + "/sched")
shutil.copy("/run/connects", B + "/connects")
subprocess.run("dmesg -C; ip link set lo up", shell=True)
aud = Auditor()
OBJECTS = [obj(B + "/sched", "scheduler", 0, "cron")]
APPROVED = ["/bin/sh", "-c", B + "/connects connect 127.0.0.1 4001; exit 0"]
aud.commit(OBJECTS, [(key("cron", 0, APPROVED, (PATH,)), "approved", 0x77)])
aud.drain()


def job(*argv, **kw):
    """Runs argv as a job. Returns its root event and what its processes are on record with, in order."""
    subprocess.run([B + "/sched", "exec", *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)
    events = aud.drain()
    roots = [e for e in events if e["kind"] == "run"]
    return (roots[0] if roots else {}), [e for e in events if e["kind"] in ("chain", "net")]


def execs(events):
    return [(e["object"]["path"], e["argv"][1:]) for e in events if e["kind"] == "chain" and e["action"] == "exec"]


def peer(e):
    """A destination in words."""
    o = e["object"]
    family = FAMILY[o["family"]]
    address = o.get("address", b"")
    where = socket.inet_ntop(socket.AF_INET if family == "ipv4" else socket.AF_INET6, number(address, family)) if address else o.get("path")
    return family, PROTOCOL[o["protocol"]], where, o.get("port")


def number(value, family):
    return value.to_bytes(4 if family == "ipv4" else 16, "little") if isinstance(value, int) else value


def peers(events):
    return [peer(e) for e in events if e["kind"] == "net" and e["action"] == "connect"]


def reach(*words):
    return job(B + "/connects", *words)


tap.note("whose")
CONNECT = (B + "/connects", "connect", "127.0.0.1", "4001")
subprocess.run(CONNECT)
subprocess.run(["/bin/sh", "-c", "/bin/true; " + " ".join(CONNECT)])
tap.eq(aud.drain(), [], "who is no job's: no record")
root, e = job(*CONNECT)
tap.eq(peers(e), [("ipv4", "tcp", "127.0.0.1", 4001)], "a job that connects")
tap.ok(e and e[0]["root_seq"] == root["seq"] and e[0]["verdict"] == "allow" and e[0]["subject"]["exe"] == B + "/connects"
       and e[0]["subject"]["argv"] == list(CONNECT) and "job" not in e[0], "says of which run and who", root, e)
tap.eq(execs(e), [], "the job's own exec is no second record")
root, e = job(*APPROVED)
tap.eq((execs(e), peers(e)), ([(B + "/connects", list(CONNECT[1:]))], [("ipv4", "tcp", "127.0.0.1", 4001)]), "its child: what it executes, and connects to")
tap.ok(all(x["job"] == 0x77 and x["root_seq"] == root["seq"] and x["scheduler"] == "cron" for x in e), "with the job's number where the table has it", e)
tap.ok(e and e[0]["subject"]["exe"].endswith("sh") and e[0]["object"]["ino"] == os.stat(B + "/connects").st_ino and e[0]["argv"] == list(CONNECT), "who executes is the shell", e)
root, e = job("/bin/sh", "-c", "(setsid sh -c '(%s) & wait' &) ; wait; sleep 1" % " ".join(CONNECT))
tap.ok(("ipv4", "tcp", "127.0.0.1", 4001) in peers(e) and all(x["root_seq"] == root["seq"] for x in e), "in a session of its own, its parents gone", e)
root, e = reach("thread", "127.0.0.1", "4001")
tap.eq(peers(e), [("ipv4", "tcp", "127.0.0.1", 4001)], "a thread of it")
subprocess.run(CONNECT)
tap.eq(aud.drain(), [], "and again nobody else's")

tap.note("ways and families")
for name, words_, want in (
        ("IPv6", ("connect", "::1", "4002"), ("ipv6", "tcp", "::1", 4002)),
        ("IPv4 within IPv6 is IPv4", ("connect", "::ffff:127.0.0.1", "4002"), ("ipv4", "tcp", "127.0.0.1", 4002)),
        ("a path", ("connect", "/run/nobody.sock"), ("unix", "stream", "/run/nobody.sock", None)),
        ("an abstract name", ("connect", "@nobody"), ("unix", "stream", "@nobody", None)),
        ("a datagram to a path", ("sendto", "/run/nobody.sock"), ("unix", "dgram", "/run/nobody.sock", None)),
        ("non-blocking, to where no route leads", ("nonblock", "192.0.2.1", "443"), ("ipv4", "tcp", "192.0.2.1", 443)),
        ("UDP, connected", ("udp", "127.0.0.1", "53"), ("ipv4", "udp", "127.0.0.1", 53)),
        ("UDP, sent without a connect", ("sendto", "127.0.0.1", "53"), ("ipv4", "udp", "127.0.0.1", 53)),
        ("UDP over IPv6, sent without a connect", ("sendto", "::1", "53"), ("ipv6", "udp", "::1", 53)),
        ("sendmmsg", ("sendmmsg", "127.0.0.1", "53"), ("ipv4", "udp", "127.0.0.1", 53)),
        ("MSG_FASTOPEN", ("fastopen", "127.0.0.1", "4003"), ("ipv4", "tcp", "127.0.0.1", 4003)),
        ("io_uring, by a worker", ("uring", "127.0.0.1", "4004"), ("ipv4", "tcp", "127.0.0.1", 4004)),
        ("a raw socket", ("raw", "127.0.0.1"), ("ipv4", "icmp", "127.0.0.1", 0))):
    root, e = reach(*words_)
    tap.eq((peers(e), {x["root_seq"] for x in e}), ([want], {root["seq"]}), name)
root, e = reach("unspec", "127.0.0.1")
tap.eq(e, [], "AF_UNSPEC, which leads nowhere: no record")

tap.note("ways to execute")
with open("/srv/a.sh", "w") as f:
    f.write("#!/bin/sh\n/bin/true\n")
os.chmod("/srv/a.sh", 0o755)
os.symlink("/bin/true", "/srv/link")
TRUE = os.path.realpath("/bin/true")
tap.eq(execs(job("/bin/sh", "-c", "/srv/a.sh one; exit 0")[1]), [("/srv/a.sh", ["one"]), (TRUE, [])], "a script is one record, and what it executes")
tap.eq(execs(job("/bin/sh", "-c", "cd /srv && ./link; exit 0")[1]), [(TRUE, [])], "by a link and a relative path: where it lies")
tap.eq(execs(job("/bin/sh", "-c", "cp /bin/true /srv/gone; %s fd /srv/gone; exit 0" % "/run/sched")[1])[1:], [("/run/sched", ["fd", "/srv/gone"]), ("/srv/gone", [])], "by a descriptor")
e = execs(job("/bin/sh", "-c", "/run/sched memfd /bin/true; exit 0")[1])
tap.ok(len(e) == 2 and e[1][0].startswith("/memfd:"), "of what lies nowhere", e)
tap.eq(execs(job("/bin/sh", "-c", "/srv/nothing; /srv; exit 0")[1]), [], "what is not there is none")

tap.note("repeats")
root, e = reach("connect", "127.0.0.1", "4001", "5000")
tap.eq(peers(e), [("ipv4", "tcp", "127.0.0.1", 4001)], "5,000 connects to one destination are one record")
root, e = job("/bin/sh", "-c", "i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done")
tap.eq(execs(e), [(TRUE, [])], "500 execs of one program are one record")
root, e = job("/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do /bin/true $i; done; /bin/true 1; /bin/false; exit 0")
tap.eq(execs(e), [(TRUE, [str(i)]) for i in (1, 2, 3, 4)] + [(os.path.realpath("/bin/false"), [])], "other arguments: four records, and others' go on")
tap.ok([x.get("detail") for x in e][:4] == [None] * 3 + ["again with other arguments: from here on not recorded in this run"], "the fourth says so", e)
root, e = job("/bin/sh", "-c", "%s; %s; exit 0" % (" ".join(CONNECT), "/run/connects connect 127.0.0.1 4001"))
tap.eq(len(peers(e)), 2, "the same destination by another program is another record")
tap.eq(aud.status()["unrecorded"], 0, "nothing was left out until here")

tap.note("a run that does too much")
root, e = reach("udp", "127.0.0.1", "10000", "2", "500")
tap.eq(len(peers(e)), 128, "500 destinations: 128 of them")
limits = [x for x in e if x["action"] == "limit"]
tap.ok(len(limits) == 1 and limits[0]["kind"] == "net" and limits[0]["root_seq"] == root["seq"] and peer(limits[0]) == ("ipv4", "udp", "127.0.0.1", 10128), "is told once, where it began", limits)
tap.eq(aud.status()["unrecorded"], 2 * (500 - 128), "and counted")
os.makedirs("/srv/many")
for i in range(200):
    shutil.copy("/srv/a.sh", "/srv/many/%d" % i)
    with open("/srv/many/%d" % i, "w") as f:
        f.write("#!/bin/true\n")
root, e = job("/bin/sh", "-c", "for f in /srv/many/*; do $f; done; %s; exit 0" % " ".join(CONNECT))
limits = [x for x in e if x["action"] == "limit"]
tap.ok(len(limits) == 1 and limits[0]["kind"] == "chain" and len(execs(e)) == 192, "200 programs: 192 of them, told once", limits, len(execs(e)))
tap.eq(peers(e), [("ipv4", "tcp", "127.0.0.1", 4001)], "which takes nothing from its connects")
root, e = job(*CONNECT)
tap.eq(peers(e), [("ipv4", "tcp", "127.0.0.1", 4001)], "the next run has room again")
s = aud.status()
tap.eq((s["lost"], s["lineage"]), (0, 0), "no event was lost, nobody is left in a lineage")
tap.ok("off" not in aud.gate(C["JOBWARD_GATE_RUN"]), "every look is armed", aud.gate(C["JOBWARD_GATE_RUN"]))
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|general protection|UBSAN|refcount_t|stall'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "the kernel's log is clean")
tap.done()
