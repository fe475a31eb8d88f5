# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_netlink.sh. Cases by hand first, each with its errno and, where we promise one, its text; then deterministic noise."""
import ctypes
import errno
import os
import random
import socket
import struct
import subprocess
import sys

import tap
from auditor import C, Auditor, Refused, attr, key, nest, obj, u64
from jwnl import NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST

A, CMD = (lambda n: C["JOBWARD_A_" + n]), (lambda n: C["JOBWARD_CMD_" + n])
MSG_TRUNC, MSG_DONTWAIT = socket.MSG_TRUNC, socket.MSG_DONTWAIT


def refused(name, errnos, fn, text=None):
    """fn is refused with one of the errnos, and with a text that has the given words."""
    try:
        got = fn()
    except Refused as e:
        want = errnos if isinstance(errnos, tuple) else (errnos,)
        tap.ok(e.errno in want and (text is None or text in e.text), name, "got %s" % e, "want %s %s" % ([errno.errorcode[w] for w in want], text))
        return
    tap.ok(False, name, "it was taken", got)


aud = Auditor()
store = "/srv/nl/store"
os.makedirs(store, exist_ok=True)
open(store + "/file", "w").write("x\n")
good = key("cron", 0, ["/bin/sh", "-c", "true"])
aud.commit([obj("/usr/sbin/cron", "scheduler", 0, "cron"), obj(store, "store", 1)], [(good, "approved", 7)])
aud.mode("enforce")
generation = aud.status()["generation"]


def alive(name):
    """The table in force, the gates and the events are what they were."""
    s = aud.status()
    aud.events()
    denied = subprocess.run(["touch", store + "/new"], stderr=subprocess.DEVNULL).returncode != 0
    news = aud.events()
    tap.ok(s["generation"] == generation and s["objects"] == 2 and s["verdicts"] == 1 and {g["mode"] for g in s["gate"]} == {"enforce"}
           and denied and [e["action"] for e in news] == ["create"] and not s["lost"], name, s, denied, news)
    aud.ack()


alive("table, gates and events before")


def req(cmd, *attrs, sock=None):
    return lambda: (sock or aud).cmd(cmd, *attrs)


def txn():
    return attr(A("TABLE_TXN"), aud.begin())


def tbl(*nests):
    """table-add of these to a fresh transaction"""
    return lambda: aud.cmd("TABLE_ADD", txn(), *nests)


fd = os.open(store, os.O_PATH)
V, O, U, P, M = (A("TABLE_" + n) for n in ("VERDICT", "OBJECT", "UNIT", "PIN", "MODULE"))
vk, vs, vj, vp = (A("TABLE_VERDICT_" + n) for n in ("KEY", "STATE", "JOB", "PINS"))
of, orl, oc, osch, oim = (A("TABLE_OBJECT_" + n) for n in ("FD", "ROLES", "CLASSES", "SCHEDULER", "IMAGE"))
pp, pf, psh, psz, pct = (A("TABLE_PIN_" + n) for n in ("PATH", "FD", "SHA256", "SIZE", "CTIME_NS"))
I, R = errno.EINVAL, errno.ERANGE

tap.note("verdicts, objects, pins, units, modules")
refused("key too short", (I, R), tbl(nest(V, attr(vk, b"k" * 31), attr(vs, 1))))
refused("key too long", (I, R), tbl(nest(V, attr(vk, b"k" * 33), attr(vs, 1))))
refused("no key", I, tbl(nest(V, attr(vs, 1))), "lacks JOBWARD_A_TABLE_VERDICT_KEY")
refused("no state", I, tbl(nest(V, attr(vk, good))), "lacks JOBWARD_A_TABLE_VERDICT_STATE")
refused("state out of range", R, tbl(nest(V, attr(vk, good), attr(vs, 4))))
refused("state of 8 bytes", (I, R), tbl(nest(V, attr(vk, good), attr(vs, u64(1)))))
refused("state of 2 bytes", (I, R), tbl(nest(V, attr(vk, good), attr(vs, b"\1\0"))))
refused("job of 4 bytes", (I, R), tbl(nest(V, attr(vk, good), attr(vs, 1), attr(vj, 1))))
refused("a pin that is not there", I, tbl(nest(V, attr(vk, good), attr(vs, 1), attr(vp, struct.pack("=I", 0)))), "pin that is not in the table")
refused("the highest number as a pin", I, tbl(nest(V, attr(vk, good), attr(vs, 1), attr(vp, struct.pack("=I", 0xffffffff)))), "pin that is not in the table")
refused("pins of a broken length", I, tbl(nest(V, attr(vk, good), attr(vs, 1), attr(vp, b"\0" * 7))), "array")
refused("65 pins", I, tbl(nest(V, attr(vk, good), attr(vs, 1), attr(vp, b"\0" * 260))), "array")
refused("verdict not nested", I, tbl(attr(V, attr(vk, good) + attr(vs, 1))))
refused("verdict of garbage", (I, R), tbl(nest(V, b"\x03\x00\x01\x00" * 8)))
refused("verdict with a length beyond its end", I, tbl(nest(V, struct.pack("=HH", 500, vk) + good)))
refused("unknown attribute in a verdict", I, tbl(nest(V, attr(vk, good), attr(vs, 1), attr(99, 1))))
refused("attribute number 0", I, tbl(nest(V, attr(0, 1), attr(vk, good), attr(vs, 1))))
refused("no descriptor", I, tbl(nest(O, attr(orl, 1))), "lacks JOBWARD_A_TABLE_OBJECT_FD")
refused("a descriptor that is not open", errno.EBADF, tbl(nest(O, attr(of, 999), attr(orl, 1))), "no such descriptor")
refused("descriptor -1", errno.EBADF, tbl(nest(O, attr(of, 0xffffffff), attr(orl, 1))), "no such descriptor")
refused("no roles", I, tbl(nest(O, attr(of, fd))), "lacks JOBWARD_A_TABLE_OBJECT_ROLES")
refused("a role that does not exist", I, tbl(nest(O, attr(of, fd), attr(orl, C["JOBWARD_ROLE_MASK"] + 1))))
refused("an image bit that does not exist", I, tbl(nest(O, attr(of, fd), attr(orl, 1), attr(oim, C["JOBWARD_IMAGE_MASK"] + 1))))
refused("scheduler out of range", R, tbl(nest(O, attr(of, fd), attr(orl, 1), attr(osch, C["JOBWARD_SCHEDULER_MAX"] + 1))))
refused("classes of 4 bytes", (I, R), tbl(nest(O, attr(of, fd), attr(orl, 1), attr(oc, 1))))
refused("pin without a path", I, tbl(nest(P, attr(pf, fd))), "lacks JOBWARD_A_TABLE_PIN_PATH")
refused("pin of a relative path", I, tbl(nest(P, attr(pp, "etc/passwd"))), "not absolute")
refused("pin of an empty path", I, tbl(nest(P, attr(pp, ""))), "not absolute")
refused("path without its NUL byte", I, tbl(nest(P, attr(pp, b"/etc"))))
refused("path of no bytes", I, tbl(nest(P, attr(pp, b""))))
refused("path of 5000 bytes", (I, R), tbl(nest(P, attr(pp, "/" * 5000))))
refused("pin without a digest", I, tbl(nest(P, attr(pp, "/etc"), attr(pf, fd))), "lacks JOBWARD_A_TABLE_PIN_SHA256")
refused("pin without a size", I, tbl(nest(P, attr(pp, "/etc"), attr(pf, fd), attr(psh, good))), "lacks JOBWARD_A_TABLE_PIN_SIZE")
refused("pin of a closed descriptor", errno.EBADF, tbl(nest(P, attr(pp, "/etc"), attr(pf, 999), attr(psh, good), attr(psz, u64(1)))), "no such descriptor")
refused("unit without a name", I, tbl(nest(U, attr(A("TABLE_UNIT_CLASS"), 1))), "lacks JOBWARD_A_TABLE_UNIT_NAME")
refused("unit without a class", I, tbl(nest(U, attr(A("TABLE_UNIT_NAME"), "x.service"))), "lacks JOBWARD_A_TABLE_UNIT_CLASS")
refused("unit of class 2", R, tbl(nest(U, attr(A("TABLE_UNIT_NAME"), "x.service"), attr(A("TABLE_UNIT_CLASS"), 2))))
refused("unit name of 300 bytes", (I, R), tbl(nest(U, attr(A("TABLE_UNIT_NAME"), "x" * 300), attr(A("TABLE_UNIT_CLASS"), 1))))
refused("module without a digest", I, tbl(nest(M, attr(A("TABLE_MODULE_STATE"), 1))), "lacks JOBWARD_A_TABLE_MODULE_SHA256")
refused("module without a state", I, tbl(nest(M, attr(A("TABLE_MODULE_SHA256"), good))), "lacks JOBWARD_A_TABLE_MODULE_STATE")
refused("covers-seq in table-add", I, tbl(attr(A("TABLE_COVERS_SEQ"), u64(1))), "not an attribute of this request")

tap.note("a table that had a wrong part is gone whole")
t = aud.begin()
refused("a good verdict and a bad one in one message", I, lambda: aud.add(t, aud.verdict_attr(good), nest(V, attr(vk, good))))
refused("and its transaction can't be committed", errno.ENOENT, lambda: aud.end(t), "no such transaction")
refused("nor added to", errno.ENOENT, lambda: aud.add(t, aud.verdict_attr(good)), "no such transaction")

tap.note("transactions")
refused("add without txn", I, req("TABLE_ADD", aud.verdict_attr(good)))
refused("commit without txn", I, req("TABLE_COMMIT"))
refused("abort without txn", I, req("TABLE_ABORT"))
refused("txn of 8 bytes", (I, R), req("TABLE_COMMIT", attr(A("TABLE_TXN"), u64(1))))
refused("commit of one that never was", errno.ENOENT, req("TABLE_COMMIT", attr(A("TABLE_TXN"), 0xffffffff)), "no such transaction")
old, new = aud.begin(), aud.begin()
refused("commit of an older one", errno.ENOENT, lambda: aud.end(old), "no such transaction")
aud.cmd("TABLE_ABORT", attr(A("TABLE_TXN"), new))
refused("commit of an aborted one", errno.ENOENT, lambda: aud.end(new), "no such transaction")
t = aud.begin()
refused("a verdict in table-commit", I, req("TABLE_COMMIT", attr(A("TABLE_TXN"), t), aud.verdict_attr(good)))
refused("generation in table-commit", I, req("TABLE_COMMIT", attr(A("TABLE_TXN"), t), attr(A("TABLE_GENERATION"), u64(9))), "not an attribute of this request")
refused("begin with an attribute", I, req("TABLE_BEGIN", attr(A("TABLE_TXN"), 1)), "not an attribute of this request")

tap.note("modes, cursors, events")
cm, cg, cc, ce, ch = (A("CONTROL_" + n) for n in ("MODE", "GATE", "CURSOR", "EVENT", "HOLD_MS"))
refused("mode-set without a mode", I, req("MODE_SET"))
refused("mode 3", R, req("MODE_SET", attr(cm, 3)))
refused("gate 3", R, req("MODE_SET", attr(cm, 2), attr(cg, 3)))
refused("mode of 1 byte", (I, R), req("MODE_SET", attr(cm, b"\2")))
refused("hold of 1 ms", R, req("MODE_SET", attr(cm, 2), attr(ch, 1)), "hold-ms is not between")
refused("hold of an hour", R, req("MODE_SET", attr(cm, 2), attr(ch, 3600000)), "hold-ms is not between")
refused("mode-set with a cursor", I, req("MODE_SET", attr(cm, 2), attr(cc, u64(1))), "not an attribute of this request")
refused("ack without a cursor", I, req("EVENT_ACK"))
refused("ack of the future", R, req("EVENT_ACK", attr(cc, u64(1 << 60))), "beyond the newest")
refused("ack of -1", R, req("EVENT_ACK", attr(cc, u64((1 << 64) - 1))), "beyond the newest")
refused("event-add without an event", I, req("EVENT_ADD"))
ek, ea, ev, ed, eo = (A("EVENT_" + n) for n in ("KIND", "ACTION", "VERDICT", "DETAIL", "OBJECT"))
for kind in ("RUN", "WRITE", "MODULE", "NET"):
    refused("event-add of a %s event" % kind.lower(), I, req("EVENT_ADD", nest(ce, attr(ek, C["JOBWARD_KIND_" + kind]))), "not one that the auditor may report")
refused("event-add of no kind", I, req("EVENT_ADD", nest(ce, attr(ea, 1))), "not one that the auditor may report")
refused("event-add of kind 7", R, req("EVENT_ADD", nest(ce, attr(ek, 7))))
refused("event-add of action 1000", R, req("EVENT_ADD", nest(ce, attr(ek, 6), attr(ea, 1000))))
refused("event-add of a detail without its NUL byte", I, req("EVENT_ADD", nest(ce, attr(ek, 6), attr(ed, b"xxxx"))))
refused("event-add of an object of garbage", (I, R), req("EVENT_ADD", nest(ce, attr(ek, 6), nest(eo, b"\xff" * 16))))
refused("event-add with a subject of garbage", (I, R), req("EVENT_ADD", nest(ce, attr(ek, 6), nest(A("EVENT_SUBJECT"), b"\xff" * 16))))
refused("event-get with an event", I, lambda: aud.cmd("EVENT_GET", nest(ce), dump=True))
refused("event-get as no dump", errno.EOPNOTSUPP, req("EVENT_GET", attr(cc, u64(0))))
refused("status as a dump", errno.EOPNOTSUPP, lambda: aud.cmd("STATUS_GET", dump=True))
refused("status with an attribute", I, req("STATUS_GET", attr(1, "x")), "not an attribute of this request")
refused("lock with a mode", I, req("LOCK", attr(cm, 0)), "not an attribute of this request")
refused("lock with a value", (I, R), req("LOCK", attr(A("CONTROL_NO_KEXEC"), 1)))
refused("attach with an attribute", I, req("ATTACH", attr(1, "x")), "not an attribute of this request")
refused("a command that is only sent", errno.EOPNOTSUPP, req("EVENT"))
refused("command 0", errno.EOPNOTSUPP, lambda: aud.request(0))
refused("command 255", errno.EOPNOTSUPP, lambda: aud.request(255))
alive("table, gates and events after all these")

tap.note("who may")
other = Auditor(attach=False)
refused("a second auditor", errno.EBUSY, other.attach, "an auditor is attached already")
refused("mode by another socket", errno.EBUSY, lambda: other.mode("audit"), "ask it (jobward mode)")
for name, fn in (("begin", other.begin), ("add", lambda: other.add(1)), ("commit", lambda: other.end(1)), ("ack", lambda: other.ack(1)),
                 ("abort", req("TABLE_ABORT", attr(A("TABLE_TXN"), 1), sock=other)), ("event-add", req("EVENT_ADD", nest(ce, attr(ek, 6)), sock=other))):
    refused("%s by another socket" % name, errno.EPERM, fn, "only the attached auditor")
t = aud.begin()
refused("commit of the auditor's own transaction by another socket", errno.EPERM, lambda: other.end(t), "only the attached auditor")
subprocess.run(["touch", store + "/new"], stderr=subprocess.DEVNULL)
tap.eq([e["action"] for e in other.events(0)], ["create"], "another socket of root's reads events")
ALL = ("ATTACH", "MODE_SET", "EVENT_ACK", "EVENT_ADD", "TABLE_BEGIN", "TABLE_ADD", "TABLE_COMMIT", "TABLE_ABORT", "STATUS_GET", "LOCK")
BODY = {"MODE_SET": attr(cm, 0), "EVENT_ACK": attr(cc, u64(0)), "EVENT_ADD": nest(ce, attr(ek, 6)), "TABLE_ADD": attr(1, 1), "TABLE_COMMIT": attr(1, 1), "TABLE_ABORT": attr(1, 1)}


def all_refused(sock):
    """Every request by this socket: None, or what was let through."""
    for cmd in ALL + ("EVENT_GET",):
        try:
            sock.request(CMD(cmd), BODY.get(cmd, b""), dump=cmd == "EVENT_GET")
            return cmd + " was taken"
        except Refused as e:
            # (a refused dump has no text on 6.1)
            if e.errno != errno.EPERM or cmd != "EVENT_GET" and "not permitted" not in e.text:
                return "%s: %s" % (cmd, e)
    return None


def in_child(name, become):
    """All requests are refused in a child that became somebody else; become() returns its socket."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(w, (all_refused(become()) or "fine").encode())
        except Exception as e:
            os.write(w, repr(e).encode())
        os._exit(0)
    os.close(w)
    said = os.read(r, 1000).decode()
    os.close(r)
    os.waitpid(pid, 0)
    tap.eq(said, "fine", name)


libc = ctypes.CDLL(None, use_errno=True)


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    return Auditor(attach=False)


def user_namespace():
    nobody()
    if libc.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")
    return Auditor(attach=False)


def inherited():
    sock = Auditor(attach=False)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    return sock


def as_auditors_child():
    os.setuid(65534)
    return aud


in_child("nobody may nothing", nobody)
open("/proc/sys/user/max_user_namespaces", "w").write("100")
in_child("root of a user namespace may nothing", user_namespace)
in_child("a socket that root opened does not help nobody", inherited)
in_child("nor does the auditor's own", as_auditors_child)
env = dict(os.environ, PYTHONPATH=os.path.dirname(os.path.abspath(__file__)))
out = subprocess.run(["unshare", "-n", sys.executable, "-c", "from auditor import *\nAuditor(attach=False)"], capture_output=True, text=True, env=env)
tap.ok("No such file" in out.stderr, "in another network namespace there is no such family", out)
out = subprocess.run(["capsh", "--drop=cap_sys_admin", "--", "-c", sys.executable + " -c 'from auditor import *; print(Auditor(attach=False).status()[\"version\"])'"], capture_output=True, text=True, env=env)
tap.ok(out.stdout.strip() == aud.status()["version"], "CAP_AUDIT_READ is enough for status", out)
alive("table, gates and events after all these")

tap.note("messages cut and mangled")


def raw(data):
    """Sends bytes as they are; returns the errnos of the answers (0: taken), [] where the kernel said nothing."""
    try:
        aud.sock.send(data)
    except OSError as e:
        return [e.errno]
    said = []
    while True:
        try:
            got = aud.sock.recv(1 << 17, MSG_DONTWAIT)
        except BlockingIOError:
            return said
        except OSError as e:  # ENOBUFS: answers were lost, not more
            said.append(e.errno)
            continue
        while len(got) >= 20:
            size, kind = struct.unpack_from("=IH", got)
            if kind in (2, 3):
                said.append(-struct.unpack_from("=i", got, 16)[0])
            got = got[(size + 3) & ~3:] if size >= 16 else b""


def message(cmd, payload, flags=NLM_F_REQUEST | NLM_F_ACK, version=1, length=None):
    aud.seq += 1
    body = struct.pack("=BBH", cmd, version, 0) + payload
    return struct.pack("=IHHII", length or 16 + len(body), aud.family, flags, aud.seq, 0) + body


tap.ok(raw(message(CMD("STATUS_GET"), b"")[:18]) in ([], [errno.EINVAL]), "a message shorter than its header")
tap.ok(0 not in raw(message(CMD("STATUS_GET"), b"\1\2\3")), "3 bytes behind the header")
tap.ok(0 not in raw(message(CMD("MODE_SET"), attr(cm, 0), length=4000)), "a length beyond the end")
tap.ok(0 not in raw(message(CMD("MODE_SET"), attr(cm, 0), length=8)), "a length below the header's")
tap.eq(raw(message(CMD("STATUS_GET"), b"", flags=NLM_F_REQUEST | NLM_F_ACK) * 50).count(0), 50, "50 messages in one: all answered")
deep = attr(vk, good)
for _ in range(2000):
    deep = nest(V, deep[:16000])
tap.ok(0 not in raw(message(CMD("TABLE_ADD"), txn() + deep)), "nested 2000 deep")

# truncated and interrupted reading of events
for i in range(40):
    subprocess.run(["touch", store + "/noise"], stderr=subprocess.DEVNULL)
first, want = aud.cursor, aud.status()["seq"]
small = Auditor(attach=False)
small.send(CMD("EVENT_GET"), attr(cc, u64(first)), NLM_F_REQUEST | NLM_F_DUMP)
data, _, flags, _ = small.sock.recvmsg(64)
tap.ok(flags & MSG_TRUNC, "reading events into 64 bytes says that it cut")
small.sock.close()
tap.eq([e["seq"] for e in aud.events(first)], list(range(first + 1, want + 1)), "a reading that was given up takes nothing from the next")
for i in range(200):
    s = Auditor(attach=False)
    s.send(CMD("EVENT_GET"), attr(cc, u64(first)), NLM_F_REQUEST | NLM_F_DUMP)
    s.sock.close()
tap.eq(aud.status()["seq"], want, "200 readings given up at once")
tap.eq([e["seq"] for e in aud.events(want - 1)], [want], "event-get after a cursor")
tap.eq(aud.events(want + 1000), [], "event-get after a cursor in the future")
aud.drain()

# ---- noise: valid messages with wrong bytes. What can change the table in force or the modes is sent so that it can't.
seed = int(os.environ.get("JW_SEED", "1"))
count = int(os.environ.get("JW_MUTATIONS", "4000"))
rnd = random.Random(seed)
tap.note("%d mutations, seed %d" % (count, seed))
event = nest(ce, attr(ek, 6), attr(ea, 1), attr(ev, 0), attr(ed, "x"), nest(eo, attr(A("OBJECT_PATH"), "/x")))
rows = [aud.verdict_attr(good, "approved", 5), aud.object_attr(fd, 17, 1, 1, 3), aud.pin_attr("/nowhere", True, False, []),
        nest(P, attr(pp, store), attr(pf, fd), attr(psh, good), attr(psz, u64(5)), attr(pct, u64(6))),
        aud.unit_attr("x@.service", True, 5), aud.module_attr(good)]


def sample():
    """A command and a payload that would be taken as they are, but for a mode and a transaction."""
    which = rnd.randrange(8)
    if which < 4:
        return CMD("TABLE_ADD"), attr(A("TABLE_TXN"), aud.begin()) + b"".join(rnd.choice(rows) for _ in range(rnd.randrange(1, 5)))
    if which == 4:
        return CMD("EVENT_ADD"), event
    if which == 5:
        return CMD("EVENT_GET"), attr(cc, u64(rnd.getrandbits(64)))
    if which == 6:
        return CMD("TABLE_COMMIT"), attr(A("TABLE_TXN"), 0xfffffff0) + attr(A("TABLE_COVERS_SEQ"), u64(1)) + attr(A("TABLE_SIGNED_MODULES"), b"")
    return CMD("MODE_SET"), attr(ch, 1) + attr(cm, 2) + attr(cg, 1)


def mangle(p):
    p = bytearray(p)
    for _ in range(rnd.choice((1, 1, 1, 2, 5))):
        how = rnd.randrange(6)
        at = rnd.randrange(len(p)) if p else 0
        if how == 0 and p:
            p[at] ^= 1 << rnd.randrange(8)
        elif how == 1 and p:
            p[at] = rnd.choice((0, 1, 0x7f, 0x80, 0xff, rnd.randrange(256)))
        elif how == 2:
            del p[at:at + rnd.randrange(1, 9)]
        elif how == 3:
            p[at:at] = bytes(rnd.randrange(256) for _ in range(rnd.randrange(1, 9)))
        elif how == 4 and len(p) >= 4:
            at &= ~3
            struct.pack_into("=H", p, min(at, len(p) - 2), rnd.choice((0, 1, 3, 4, 5, 8, 36, 0x100, 0x7fff, 0xffff)))
        elif how == 5 and len(p) >= 8:
            a = rnd.randrange(0, len(p), 4)
            p[at:at] = p[a:a + rnd.randrange(4, 64)]
    return bytes(p)


outcome = {}
for i in range(count):
    cmd, payload = sample()
    payload = mangle(payload)
    if cmd == CMD("MODE_SET") and attr(cm, 2) not in payload:
        continue  # a mode that is one, and not enforce
    flags = NLM_F_REQUEST | (NLM_F_DUMP if cmd == CMD("EVENT_GET") else NLM_F_ACK)
    for e in raw(message(cmd, payload, flags)) or ["silence"]:
        outcome[e] = outcome.get(e, 0) + 1
tap.note("answers: " + ", ".join("%s %d" % (errno.errorcode.get(k, k) if k else "taken", n) for k, n in sorted(outcome.items(), key=str)))
tap.ok(sum(n for e, n in outcome.items() if e in (errno.EINVAL, errno.ERANGE)) > count / 3, "most are refused as malformed", outcome)
tap.ok(not set(outcome) - {0, "silence", errno.EINVAL, errno.ERANGE, errno.EBADF, errno.ENOENT, errno.EPERM, errno.EOPNOTSUPP, errno.EMSGSIZE, errno.ENOBUFS},
       "none with an errno that means something else", outcome)
for _ in range(10):
    news = aud.drain()
aud.mode("enforce")
aud.drain()
alive("table, gates and events after the noise")

tap.note("an auditor that dies in a transaction")
t = aud.begin()
aud.add(t, aud.verdict_attr(good))
aud.sock.close()
aud = Auditor()
refused("its successor can't commit that", errno.ENOENT, lambda: aud.end(t), "no such transaction")
kinds = [(e["action"], e["reason"]) for e in aud.events(first)][-2:]
tap.eq(kinds, [("detach", "auditor-exit"), ("attach", "command")], "leaving and coming are events")
aud.ack()
alive("the table stands")
log = subprocess.run("dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|general protection|UBSAN'", shell=True, capture_output=True, text=True).stdout
tap.eq(log, "", "the kernel's log is clean")
tap.done()
