# SPDX-License-Identifier: GPL-2.0
"""The auditor's part of the protocol, for tests of the kernel module without the daemon: attach, tables, modes, events as dicts."""
import hashlib
import os
import struct

from jwnl import Jobward, Refused, attr, constants, nest, parse, u64  # noqa: F401 (tests take them from here)

HEADER = os.environ.get("JW_HEADER", "/share/jobward.h")
C = constants(HEADER)


def words(prefix):
    """value -> word, as the CLI spells it."""
    return {v: k[len(prefix):].lower().replace("_", "-") for k, v in C.items()
            if k.startswith(prefix) and not k.endswith(("_MAX", "_MASK"))}


ENUMS = {n: words("JOBWARD_%s_" % n) for n in ("KIND", "ACTION", "VERDICT", "REASON", "SCHEDULER", "STATE", "MODE")}
BYTES = {"KEY", "SHA256"}
LISTS = {"ARGV", "ENV"}
TEXTS = {"VERSION", "SRCVERSION", "OFF", "TTY", "COMM", "EXE", "CGROUP", "PATH", "UNIT", "TEXT", "DETAIL"}
NESTS = {"SUBJECT": "SUBJECT", "OBJECT": "OBJECT", "TARGET": "OBJECT", "ANCESTOR": "ANCESTOR", "GATE": "GATE"}
REPEATED = {"ANCESTOR", "GATE"}
SETS = ("STATUS", "GATE", "EVENT", "SUBJECT", "ANCESTOR", "OBJECT", "CONTROL")
NAMES = {s: {v: k[len("JOBWARD_A_%s_" % s):] for k, v in C.items() if k.startswith("JOBWARD_A_%s_" % s) and not k.endswith("_MAX")} for s in SETS}
NAMES["TABLE"] = {C["JOBWARD_A_TABLE_" + n]: n for n in ("TXN", "GENERATION")}


def decode(kind, data):
    """The attributes of a set as a dict of words, numbers and texts."""
    out = {}
    for number, value in parse(data) if isinstance(data, bytes) else data:
        name = NAMES[kind].get(number, str(number))
        if name in NESTS and kind in ("STATUS", "EVENT", "SUBJECT"):
            value = decode(NESTS[name], value)
        elif name in TEXTS:
            value = value.rstrip(b"\0").decode(errors="replace")
        elif name in LISTS:
            value = [x.decode(errors="replace") for x in value.split(b"\0")[:-1]]
        elif name in BYTES:
            value = value.hex()
        else:
            value = int.from_bytes(value, "little") if value else True
            if name in ENUMS and kind in ("EVENT", "GATE"):
                value = ENUMS[name].get(value, value)
        name = name.lower()
        if name.upper() in REPEATED:
            out.setdefault(name, []).append(value)
        else:
            out[name] = value
    return out


def bits(prefix, names):
    value = 0
    for n in names.split():
        value |= C[prefix + n.upper().replace("-", "_")]
    return value


def obj(path, roles, classes=0, scheduler="none", image=""):
    """An object of a table; roles and image as words."""
    return path, bits("JOBWARD_ROLE_", roles), classes, C["JOBWARD_SCHEDULER_" + scheduler.upper().replace("-", "_")], bits("JOBWARD_IMAGE_", image)


def pin(path, absent=False, always=False):
    """A pin as the auditor takes it: descriptor, content, size, ctime (always: none, so that the content is compared)."""
    return path, absent, always


def key(scheduler, uid, argv, env=(), unit="", content=None):
    """The key of a job, spelt here a third time so that a change of layout does not go unnoticed. See include/jobward/job_key.h."""
    uid = 61184 if 61184 <= uid <= 65519 else uid
    args = b"".join(os.fsencode(a) + b"\0" for a in argv)
    d = b"jobward-key-1\0" + struct.pack("<II", C["JOBWARD_SCHEDULER_" + scheduler.upper().replace("-", "_")], uid)
    d += struct.pack("<I", len(unit)) + unit.encode()
    d += struct.pack("<I", len(args)) + args + struct.pack("<I", len(env))
    for e in sorted(os.fsencode(e) for e in env):
        d += struct.pack("<I", len(e)) + e
    return hashlib.sha256(d + (b"\1" + content if content else b"\0" * 33)).digest()


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).digest()


class Auditor(Jobward):
    def __init__(self, attach=True):
        super().__init__()
        self.cursor = 0
        if attach:
            self.attach()

    def cmd(self, name, *attrs, dump=False):
        return self.request(C["JOBWARD_CMD_" + name], b"".join(attrs), dump)

    def attach(self):
        self.cmd("ATTACH")

    def status(self):
        return decode("STATUS", self.cmd("STATUS_GET")[0])

    def gate(self, number):
        return next(g for g in self.status()["gate"] if g["id"] == number)

    def mode(self, mode, gate=None, hold_ms=None):
        a = attr(C["JOBWARD_A_CONTROL_MODE"], C["JOBWARD_MODE_" + mode.upper()])
        if gate:
            a += attr(C["JOBWARD_A_CONTROL_GATE"], C["JOBWARD_GATE_" + gate.upper()])
        if hold_ms:
            a += attr(C["JOBWARD_A_CONTROL_HOLD_MS"], hold_ms)
        self.cmd("MODE_SET", a)

    # ---- tables

    def begin(self):
        return struct.unpack("=I", dict(self.cmd("TABLE_BEGIN")[0])[C["JOBWARD_A_TABLE_TXN"]])[0]

    def add(self, txn, *nests):
        self.cmd("TABLE_ADD", attr(C["JOBWARD_A_TABLE_TXN"], txn), *nests)

    def end(self, txn, covers=None, signed=False):
        a = attr(C["JOBWARD_A_TABLE_TXN"], txn)
        if covers is not None:
            a += attr(C["JOBWARD_A_TABLE_COVERS_SEQ"], u64(covers))
        if signed:
            a += attr(C["JOBWARD_A_TABLE_SIGNED_MODULES"], b"")
        return decode("TABLE", self.cmd("TABLE_COMMIT", a)[0])["generation"]

    @staticmethod
    def object_attr(fd, roles, classes, scheduler, image):
        t = "JOBWARD_A_TABLE_OBJECT"
        return nest(C[t], attr(C[t + "_FD"], fd), attr(C[t + "_ROLES"], roles), attr(C[t + "_CLASSES"], u64(classes)),
                    attr(C[t + "_SCHEDULER"], scheduler), attr(C[t + "_IMAGE"], image))

    @staticmethod
    def verdict_attr(k, state="approved", job=1, pins=(), may_plant=False):
        t = "JOBWARD_A_TABLE_VERDICT"
        a = [attr(C[t + "_KEY"], k), attr(C[t + "_STATE"], C["JOBWARD_STATE_" + state.upper()]), attr(C[t + "_JOB"], u64(job))]
        if pins:
            a.append(attr(C[t + "_PINS"], struct.pack("=%dI" % len(pins), *pins)))
        if may_plant:
            a.append(attr(C[t + "_MAY_PLANT"], b""))
        return nest(C[t], *a)

    @staticmethod
    def pin_attr(path, absent, always, fds):
        t = "JOBWARD_A_TABLE_PIN"
        if absent:
            return nest(C[t], attr(C[t + "_PATH"], path))
        fd = os.open(path, os.O_PATH)
        fds.append(fd)
        st = os.stat(path)
        return nest(C[t], attr(C[t + "_PATH"], path), attr(C[t + "_FD"], fd), attr(C[t + "_SHA256"], sha256(path)),
                    attr(C[t + "_SIZE"], u64(st.st_size)), attr(C[t + "_CTIME_NS"], u64(0 if always else st.st_ctime_ns)))

    @staticmethod
    def unit_attr(name, timer, uid=0):
        t = "JOBWARD_A_TABLE_UNIT"
        return nest(C[t], attr(C[t + "_NAME"], name), attr(C[t + "_UID"], uid), attr(C[t + "_CLASS"], 1 if timer else 0))

    @staticmethod
    def module_attr(digest, state="approved"):
        t = "JOBWARD_A_TABLE_MODULE"
        return nest(C[t], attr(C[t + "_SHA256"], digest), attr(C[t + "_STATE"], C["JOBWARD_STATE_" + state.upper()]))

    def commit(self, objects=(), verdicts=(), pins=(), units=(), modules=(), covers=None, signed=False):
        """A whole table. verdicts: (key, state, job, [pin numbers], may plant), shorter ones filled up. Returns the generation."""
        txn, fds, rows = self.begin(), [], []
        try:
            for path, roles, classes, scheduler, image in objects:
                fds.append(os.open(path, os.O_PATH))
                rows.append(self.object_attr(fds[-1], roles, classes, scheduler, image))
            rows += [self.pin_attr(*p, fds) for p in pins]
            rows += [self.unit_attr(*u) for u in units]
            rows += [self.module_attr(*m) for m in modules]
            rows += [self.verdict_attr(*(v if isinstance(v, tuple) else (v,))) for v in verdicts]
            for i in range(0, len(rows), 400):
                self.add(txn, *rows[i:i + 400])
        finally:
            for fd in fds:
                os.close(fd)
        return self.end(txn, covers, signed)

    # ---- events

    def events(self, since=None):
        """Events after a sequence number, by default after those that were asked for last."""
        since = self.cursor if since is None else since
        out = [decode("EVENT", dict(m)[C["JOBWARD_A_CONTROL_EVENT"]])
               for m in self.cmd("EVENT_GET", attr(C["JOBWARD_A_CONTROL_CURSOR"], u64(since)), dump=True)]
        if out:
            self.cursor = max(self.cursor, out[-1]["seq"])
        return out

    def ack(self, seq=None):
        self.cmd("EVENT_ACK", attr(C["JOBWARD_A_CONTROL_CURSOR"], u64(self.cursor if seq is None else seq)))

    def drain(self):
        """Everything up to now is read and acknowledged."""
        out = self.events()
        self.ack()
        return out
