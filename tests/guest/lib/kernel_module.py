# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_module.sh. The module is unsigned; with a byte behind its end it is another one to the gate, and the same to the kernel."""
import ctypes
import errno
import os
import shutil
import subprocess

import tap
from auditor import Auditor, sha256

LISTED, OTHER = "/srv/mod/probe.ko", "/srv/mod/other.ko"
os.makedirs("/srv/mod")
shutil.copy("/share/probe.ko", LISTED)
with open(LISTED, "rb") as f:
    code = f.read()
with open(OTHER, "wb") as f:
    f.write(code + b"\0")
libc = ctypes.CDLL(None, use_errno=True)
INIT_MODULE, FINIT_MODULE = 175, 313    # x86-64


def finit(path, params=""):
    fd = os.open(path, os.O_RDONLY)
    rc = libc.syscall(FINIT_MODULE, fd, params.encode(), 0)
    err = ctypes.get_errno()
    os.close(fd)
    return err if rc else 0


def init(path, params=""):
    data = open(path, "rb").read()
    return ctypes.get_errno() if libc.syscall(INIT_MODULE, data, ctypes.c_ulong(len(data)), params.encode()) else 0


def there():
    return any(line.startswith("probe ") for line in open("/proc/modules"))


def init_ran():
    """Since this was asked last."""
    out = subprocess.run(["dmesg", "-c"], capture_output=True, text=True).stdout
    return "probe: init ran" in out


def rmmod(name="probe"):
    return subprocess.run(["rmmod", name]).returncode


aud = Auditor()


def events():
    return [e for e in aud.drain() if e["kind"] == "module"]


def table(modules=(), signed=True):
    aud.commit(modules=modules, signed=signed)
    aud.drain()


def one(name, got, want_rc, action, verdict, reason, **obj):
    e = events()
    good = got == want_rc and len(e) == 1 and (e[0]["action"], e[0]["verdict"], e[0]["reason"]) == (action, verdict, reason)
    good = good and all(e[0].get("object", {}).get(k) == v for k, v in obj.items()) and e[0]["subject"]["exe"].startswith("/usr/bin/python3")
    tap.ok(good, name, "errno %s" % errno.errorcode.get(got, got), e)
    return e[0] if e else {}


A, O = sha256(LISTED).hex(), sha256(OTHER).hex()
init_ran()
tap.note("before the first table")
aud.mode("enforce")
aud.drain()
e = one("everything loads, with a record", finit(LISTED), 0, "load", "allow", "no-table", path=LISTED, sha256=A)
tap.eq((e.get("detail"), init_ran(), there(), rmmod()), ("probe", True, True, 0), "the record has its name; it is there")
tap.eq([(x["action"], x.get("detail")) for x in events()], [("unload", "probe")], "and so is its unloading")

tap.note("enforce")
table([(bytes.fromhex(A), "approved")])
for how, fn in (("finit_module", finit), ("init_module", init)):
    seen = {"path": None} if fn is init else {"path": OTHER}
    e = one("%s: not listed, not signed: refused" % how, fn(OTHER), errno.EPERM, "load", "deny", "not-listed", sha256=O, **seen)
    tap.eq((e.get("detail"), init_ran(), there()), ("probe", False, False), "%s: its init did not run, it is not there" % how)
    seen = {"path": None} if fn is init else {"path": LISTED}
    one("%s: listed by its digest: loads" % how, fn(LISTED), 0, "load", "allow", "listed", sha256=A, **seen)
    tap.eq((init_ran(), there(), rmmod()), (True, True, 0), "%s: its init ran" % how)
    tap.eq([(x["action"], x.get("detail")) for x in events()], [("unload", "probe")], "%s: one that came after a refusal leaves with a record" % how)
for i in range(20):
    finit(OTHER)
tap.eq([(x["action"], x["verdict"]) for x in events()], [("load", "deny")] * 20, "20 refusals: no unloads among them")
finit(LISTED)
rmmod()
tap.eq([x["action"] for x in events()], ["load", "unload"], "and the next one is recorded in full")
tap.eq(finit(LISTED, "x=7"), errno.EINVAL, "one whose init fails")
e = events()
tap.eq([(x["action"], x["verdict"]) for x in e], [("load", "allow"), ("unload", "allow")], "is a load and an unload")
if os.uname().release.startswith("6"):
    tap.eq(e[0].get("argv"), ["x=7"], "its parameters are in the record")
else:
    tap.skip("its parameters are in the record", "7.x does not keep them")
os.makedirs("/srv/mod/kernel/drivers/net", exist_ok=True)
os.rename(OTHER, "/srv/mod/kernel/drivers/net/dummy.ko")
OTHER = "/srv/mod/kernel/drivers/net/dummy.ko"
e = one("a path that pretends", finit(OTHER), errno.EPERM, "load", "deny", "not-listed", path=OTHER)
tap.eq(e.get("detail"), "probe", "the name in the record is the module's own")
subprocess.run(["unshare", "-m", "sh", "-c", "mount --bind /srv/mod/kernel/drivers/net/dummy.ko /srv/mod/probe.ko && insmod /srv/mod/probe.ko"], stderr=subprocess.DEVNULL)
e = events()
tap.ok(e and e[0]["verdict"] == "deny" and e[0]["object"]["sha256"] == O, "another file mounted over the listed one", e)
init_ran()

tap.note("signed modules")
subprocess.run(["rmmod", "dummy"], stderr=subprocess.DEVNULL)
events()
rc = subprocess.run(["modprobe", "dummy"]).returncode
e = events()
tap.ok(rc == 0 and len(e) == 1 and (e[0]["verdict"], e[0]["reason"], e[0]["detail"]) == ("allow", "signed", "dummy"), "a module of the distribution loads", rc, e)
digest = e[0].get("object", {}).get("sha256", "") if e else ""
tap.ok(digest and "dummy.ko" in e[0]["object"].get("path", ""), "with path and digest", e)
rmmod("dummy")
if digest:
    table([(bytes.fromhex(digest), "denied")])
    rc = subprocess.run(["modprobe", "dummy"], stderr=subprocess.DEVNULL).returncode
    e = events()
    tap.ok(rc != 0 and len(e) == 1 and (e[0]["verdict"], e[0]["reason"]) == ("deny", "denied"), "unless its digest is denied: a signature does not help", rc, e)
table(signed=False)
rc = subprocess.run(["modprobe", "dummy"], stderr=subprocess.DEVNULL).returncode
e = events()
tap.ok(rc != 0 and len(e) == 1 and (e[0]["verdict"], e[0]["reason"]) == ("deny", "not-listed"), "or signatures do not count in this table", rc, e)

tap.note("audit")
aud.mode("audit", "module")
aud.drain()
one("audit: loads, and says what enforce would have done", finit(OTHER), 0, "load", "audit", "not-listed", path=OTHER)
tap.eq((init_ran(), rmmod()), (True, 0), "its init ran")
events()
aud.mode("hold", "module")
aud.drain()
one("hold is enforce here", finit(OTHER), errno.EPERM, "load", "deny", "not-listed")
g = aud.gate(2)
tap.ok("off" not in g and g["denied"] >= 25, "counters, and no part of the gate is off", g)
tap.done()
