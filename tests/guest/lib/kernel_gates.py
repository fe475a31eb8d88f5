# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_gates.sh. One row a way in; each row is tried by a stranger in enforce and in audit, by a writer, and by a child of one.
Each of the three has a world of its own, W:

    W/gate            G: an ancestor
    W/gate/store      S: a store of class 1, a folder: file, sub/, dir/
    W/gate/two        a store of class 2
    W/gate/one        ONE: a store of class 1, a file
    W/out             O: nobody's; link, one: symlinks to store and one; bind: the store by a bind mount; hard: a hard link to one
    W/out/pinned      what an approved job runs

    /srv/bin          stranger (no role), writer (class 1), manager (writer with all it starts, classes 1 and 2)
"""
import ctypes
import os
import shutil
import subprocess

import tap
from auditor import Auditor, obj

B = "/srv/bin"
EPERM = 1
WORLDS = ("stranger", "writer", "manager")
libc = ctypes.CDLL(None, use_errno=True)

os.makedirs(B)
for name in ("stranger", "writer"):
    shutil.copy("/run/acts", B + "/" + name)
shutil.copy("/bin/bash", B + "/manager")


def names(world):
    w = "/srv/" + world
    return {"W": w, "G": w + "/gate", "S": w + "/gate/store", "ONE": w + "/gate/one", "O": w + "/out"}


def write(path, text="some text of a file\n"):
    with open(path, "w") as f:
        f.write(text)


def mounts():
    """What is mounted in the worlds, the newest first."""
    return [line.split()[4] for line in open("/proc/self/mountinfo") if " /srv/" in line][::-1]


def build(world):
    """A world from nothing. The auditor's own writes are let through and not recorded."""
    n = names(world)
    shutil.rmtree(n["W"], ignore_errors=True)
    for p in "{S}/sub", "{S}/dir", "{G}/two", "{G}/work", "{O}/empty", "{O}/full", "{O}/bind", "{O}/jail", "{O}/ov", "{O}/low":
        os.makedirs(p.format(**n))
    for p in "{S}/file", "{S}/sub/deep", "{G}/two/file", "{ONE}", "{O}/file", "{O}/full/x", "{O}/pinned":
        write(p.format(**n))
    os.setxattr(n["S"] + "/file", "user.have", b"1")
    os.link(n["ONE"], n["O"] + "/hard")
    os.symlink(n["S"], n["O"] + "/link")
    os.symlink(n["ONE"], n["O"] + "/one")


aud = Auditor()


def renew():
    aud.mode("audit")
    for p in mounts():
        libc.umount2(p.encode(), 2)
    rows = [obj("/srv", "ancestor"), obj(B + "/writer", "writer", 1), obj(B + "/manager", "writer writer-lineage", 3)]
    for w in WORLDS:
        build(w)
        n = names(w)
        rows += [obj(n["G"], "ancestor"), obj(n["W"], "ancestor"), obj(n["S"], "store", 1), obj(n["ONE"], "store", 1),
                 obj(n["G"] + "/two", "store", 2), obj(n["O"] + "/pinned", "pin")]
    aud.commit(rows)
    for w in WORLDS:
        n = names(w)
        if libc.mount(n["S"].encode(), (n["O"] + "/bind").encode(), None, 4096, None):
            raise OSError(ctypes.get_errno(), "bind mount")
    aud.mode("enforce")
    aud.drain()


def listing():
    """All that a change in the stranger's world would change, times of reading aside."""
    out = []
    for folder, dirs, files in os.walk(names("stranger")["W"]):
        for n in [""] + dirs + files:
            p = os.path.join(folder, n)
            st = os.lstat(p)
            out.append((p, st.st_mode, st.st_uid, st.st_nlink, st.st_mtime_ns, st.st_size, st.st_ino, st.st_dev, tuple(os.listxattr(p, follow_symlinks=False))))
    return sorted(out) + mounts()


# What is done, by which words of acts.c, and the event: action, path, and the other end where both are watched.
ROWS = [
    ("open for writing", "write {S}/file", "modify", "{S}/file"),
    ("open for reading and writing", "rdwr {S}/file", "modify", "{S}/file"),
    ("open for appending", "append {ONE}", "modify", "{ONE}"),
    ("open O_RDONLY|O_TRUNC", "rdonly-trunc {S}/file", "truncate", "{S}/file"),
    ("open O_WRONLY|O_TRUNC", "write-trunc {S}/file", "modify", "{S}/file"),
    ("creat of a new file", "creat {S}/new", "create", "{S}/new"),
    ("creat over a file", "creat {S}/file", "modify", "{S}/file"),
    ("creation without an open for writing", "create-rdonly {S}/new", "create", "{S}/new"),
    ("a file two levels down", "write {S}/sub/deep", "modify", "{S}/sub/deep"),
    ("creation two levels down", "creat {S}/sub/new", "create", "{S}/sub/new"),
    ("openat2", "openat2 {S}/file", "modify", "{S}/file"),
    ("open_by_handle_at", "handle {S}/file", "modify", "{S}/file"),
    ("io_uring", "uring {S}/file", "modify", "{S}/file"),
    ("O_PATH, then /proc/self/fd", "reopen {S}/file", "modify", "{S}/file"),
    ("truncate", "truncate {ONE}", "truncate", "{ONE}"),
    ("fallocate", "fallocate {S}/file", "modify", "{S}/file"),
    ("copy_file_range", "copy-range {O}/file {S}/file", "modify", "{S}/file"),
    ("rename into", "rename {O}/file {S}/new", "rename", "{S}/new"),
    ("rename over", "rename {O}/file {S}/file", "rename", "{S}/file"),
    ("rename within", "rename {S}/file {S}/other", "rename", "{S}/file", "{S}/other"),
    ("rename out of", "rename {S}/file {O}/taken", "rename", "{S}/file"),
    ("exchange, from outside", "exchange {O}/file {S}/file", "rename", "{S}/file"),
    ("exchange, from inside", "exchange {S}/file {O}/file", "rename", "{S}/file"),
    ("a folder renamed into", "rename {O}/full {S}/new", "rename", "{S}/new"),
    ("a folder renamed over an empty one", "rename {O}/full {S}/dir", "rename", "{S}/dir"),
    ("rename of the store itself", "rename {S} {O}/taken", "rename", "{S}"),
    ("rename of a folder above it", "rename {G} {W}/moved", "rename", "{G}"),
    ("exchange of a folder above it", "exchange {O}/full {G}", "rename", "{G}"),
    ("hard link into", "link {O}/file {S}/new", "link", "{S}/new"),
    ("hard link out of", "link {S}/file {O}/taken", "link", "{S}/file"),
    ("hard link of a watched file", "link {ONE} {O}/taken", "link", "{ONE}"),
    ("write through a hard link made before", "write {O}/hard", "modify", "{ONE}"),
    ("symlink", "symlink /etc/passwd {S}/new", "symlink", "{S}/new"),
    ("mknod of a FIFO", "fifo {S}/new", "mknod", "{S}/new"),
    ("mkdir", "mkdir {S}/new", "mkdir", "{S}/new"),
    ("O_TMPFILE in the store", "tmpfile {S}", "modify", None),
    ("O_TMPFILE elsewhere, linkat with an empty path", "tmpfile-link {O} {S}/new", "link", "{S}/new"),
    ("O_TMPFILE elsewhere, linkat of /proc/self/fd", "tmpfile-proc {O} {S}/new", "link", "{S}/new"),
    ("unlink", "unlink {S}/file", "delete", "{S}/file"),
    ("unlink of a watched file", "unlink {ONE}", "delete", "{ONE}"),
    ("rmdir", "rmdir {S}/dir", "rmdir", "{S}/dir"),
    ("chmod", "chmod {S}/file", "attr", "{S}/file"),
    ("chmod of the store", "chmod {S}", "attr", "{S}"),
    ("chown", "chown {S}/file", "attr", "{S}/file"),
    ("utimes", "utimes {S}/file", "attr", "{S}/file"),
    ("setxattr", "setxattr {S}/file", "xattr", "{S}/file"),
    ("removexattr", "removexattr {S}/file", "xattr", "{S}/file"),
    ("POSIX ACL", "acl {S}/file", "xattr", "{S}/file"),
    ("through a symlink to the store", "creat {O}/link/new", "create", "{S}/new"),
    ("through a symlink to the file", "write {O}/one", "modify", "{ONE}"),
    ("through a bind mount", "creat {O}/bind/new", "create", "{S}/new"),
    ("through a bind mount, open", "write {O}/bind/file", "modify", "{S}/file"),
    ("through a bind mount in a namespace of its own", "ns bind {S} {O}/jail creat {O}/jail/new", "create", "{S}/new"),
    ("in a chroot", "ns bind {S} {O}/jail chroot {O}/jail creat /new", "create", "{S}/new"),
    ("through /proc/PID/root", "write /proc/1/root{S}/file", "modify", "{S}/file"),
    ("through an overlay with the store below it as upper", "ns overlay {O}/low {S} {G}/work {O}/ov creat {O}/ov/new", "create", "{S}/new"),
    ("through an overlay, a file that is there", "ns overlay {O}/low {S} {G}/work {O}/ov write {O}/ov/file", "modify", "{S}/file"),
    ("bind mount over the store", "mount {O}/full {S}", "mount", "{S}"),
    ("bind mount over a watched file", "mount {O}/file {ONE}", "mount", "{ONE}"),
    ("bind mount over a file in it", "mount {O}/file {S}/file", "mount", "{S}/file"),
    ("bind mount over a folder above it", "mount {O}/full {G}", "mount", "{G}"),
    ("tmpfs over the store", "tmpfs {S}", "mount", "{S}"),
    ("open_tree and move_mount over the store", "move-mount {O}/full {S}", "mount", "{S}"),
    ("move_mount over a folder above it", "move-mount {O}/full {G}", "mount", "{G}"),
    ("unmount of the store's bind mount", "umount {O}/bind", "umount", "{S}"),
    ("a fork of a fork with its own session", "fork write {S}/file", "modify", "{S}/file"),
]


def run(by, words):
    """Exit code: the act's errno. By the manager: its child does it."""
    if by == "manager":
        return subprocess.run([B + "/manager", "-c", "%s/stranger %s; exit $?" % (B, words)]).returncode
    return subprocess.run([B + "/" + by] + words.split()).returncode


def check(name, rc, events, action, path, target, verdict, reason, exe):
    hits = [e for e in events if e["action"] == action and (path is None or e["object"].get("path") == path)]
    e = hits[0] if hits else {}
    wrong = []
    if not hits:
        wrong.append("no event %s %s" % (action, path))
    else:
        for what, got, want in (("verdict", e["verdict"], verdict), ("reason", e["reason"], reason), ("kind", e["kind"], "write"),
                                ("exe", e["subject"].get("exe"), exe), ("uid", e["subject"]["uid"], 0),
                                ("ancestors", bool(e["subject"].get("ancestor")), True), ("argv", e["subject"].get("argv", [""])[0], exe)):
            if got != want:
                wrong.append("%s is %r, not %r" % (what, got, want))
        if target and e.get("target", {}).get("path") != target:
            wrong.append("target is %r, not %r" % (e.get("target"), target))
    if {x["verdict"] for x in events} - {verdict}:
        wrong.append("verdicts %r" % [x["verdict"] for x in events])
    want_rc = EPERM if verdict == "deny" else 0
    if rc != want_rc:
        wrong.append("exit code %d, not %d" % (rc, want_rc))
    tap.ok(not wrong, name, *wrong, "events: %r" % [(x["action"], x["verdict"], x["reason"], x["object"].get("path")) for x in events])


renew()
for row in ROWS:
    words, action, path = row[1:4]
    name, target = row[0], row[4] if len(row) > 4 else None
    if words.startswith("uring") and subprocess.run(["/run/acts", "uring", "/dev/null"]).returncode:
        tap.skip(name, "no io_uring in this kernel")
        continue

    def tried(by, what, verdict, reason, exe):
        n = names(by)
        rc = run(by, words.format(**n))
        check("%s: %s" % (name, what), rc, aud.drain(), action, path and path.format(**n), target and target.format(**n), verdict, reason, exe)

    overlay, stranger = "overlay" in words, B + "/stranger"
    before = None if overlay else listing()
    tried("stranger", "denied", "deny", "not-a-writer", stranger)
    if not overlay:     # (mounting one leaves traces in its work folder)
        tap.ok(listing() == before, name + ": nothing changed", set(before) ^ set(listing()))
    # an ancestor belongs to no class, and the overlay's own acts are mixed with the writer's
    if path != "{G}" and not overlay:
        tried("writer", "a writer may", "allow", "writer", B + "/writer")
    tried("manager", "what the package manager starts may", "allow", "writer-lineage", stranger)
    aud.mode("audit")
    aud.drain()
    tried("stranger", "audit lets it through", "audit", "not-a-writer", stranger)
    renew()

n = names("stranger")
G, S, ONE, O = n["G"], n["S"], n["ONE"], n["O"]
BIND = O + "/bind"

tap.note("two ends")
tap.eq(run("writer", "rename %s/file %s/two/new" % (S, G)), EPERM, "a writer of one store may not move from it into another's")
e = aud.drain()
tap.ok(len(e) == 1 and e[0]["reason"] == "not-a-writer" and e[0]["target"]["path"] == G + "/two/new", "and the record has both ends", e)
tap.eq(run("writer", "rename %s/two/file %s/new" % (G, S)), EPERM, "nor from another's into its own")
tap.eq(run("writer", "rename %s/pinned %s/new" % (O, S)), EPERM, "nor what an approved job runs")
tap.eq(run("writer", "write %s/two/file" % G), EPERM, "a writer of one class may not write into another's store")

tap.note("pins: recorded, never denied")
aud.drain()
for words, action in (("write %s/pinned", "modify"), ("chmod %s/pinned", "attr"), ("rename %s/file %s/pinned", "rename"), ("unlink %s/pinned", "delete")):
    words = words.replace("%s", O)
    if action == "rename":
        renew()
    rc = run("stranger", words)
    e = aud.drain()
    tap.ok(rc == 0 and len(e) == 1 and e[0]["action"] == action and e[0]["verdict"] == "allow" and e[0]["reason"] == "not-a-writer",
           "a pin: %s" % words.split()[0], rc, e)
    if action == "rename":
        renew()

tap.note("what is nobody's business")
renew()
for words in ("read %s/file" % S, "read " + ONE, "path %s/file" % S, "write %s/file" % O, "creat %s/new" % O, "rename %s/new %s/newer" % (O, O),
              "unlink %s/newer" % O, "mkdir %s/d" % O, "chmod %s/file" % O, "write /dev/null", "creat %s/beside" % G, "chmod %s" % G,
              "remount %s" % BIND, "tmpfs %s/empty" % O, "umount %s/empty" % O, "ns mount %s/full %s" % (O, S), "ns tmpfs " + G):
    tap.eq((run("stranger", words), [(e["action"], e["object"].get("path")) for e in aud.drain()]), (0, []), "no event: " + words)
tap.eq(len(os.listdir(S)), 3, "listing a store is free")
tap.eq(aud.drain(), [], "and no event")
os.makedirs("/tmp/x", exist_ok=True)
for path, argv0 in (("/tmp/cron", "/tmp/cron"), ("/tmp/x/crontab", "crontab"), ("/tmp/dpkg", "/usr/bin/dpkg")):
    shutil.copy("/run/acts", path)
    tap.eq(subprocess.run([argv0, "write", S + "/file"], executable=path).returncode, EPERM, "%s called %s is no writer" % (path, argv0))
    tap.eq(subprocess.run([argv0, "read", O + "/file"], executable=path).returncode, 0, "and its exec is nobody's job")
e = aud.drain()
tap.eq([(x["kind"], x["verdict"], x["subject"]["exe"]) for x in e], [("write", "deny", p) for p in ("/tmp/cron", "/tmp/x/crontab", "/tmp/dpkg")], "three denials, with the true images")

tap.note("a mount that spreads from another namespace")
rc = run("stranger", "shared-ns mount %s/full %s" % (O, S))
if os.uname().release.split(".")[0] == "6":
    # unshare with shared propagation: the copy is in the peer group of PID 1's mount, what is mounted in one appears in the other
    tap.eq((rc, [(x["action"], x["verdict"]) for x in aud.drain()]), (EPERM, [("mount", "deny")]), "a mount in a shared copy of PID 1's namespace is denied")
else:
    tap.skip("a mount in a shared copy of PID 1's namespace is denied", "7.x does not tell a module whether a mount is shared")
    libc.umount2(S.encode(), 2)

g = aud.gate(1)
tap.ok("off" not in g, "every row is armed", g)
aud.mode("audit")
for p in mounts():
    libc.umount2(p.encode(), 2)
tap.done()
