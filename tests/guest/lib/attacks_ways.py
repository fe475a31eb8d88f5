# SPDX-License-Identifier: GPL-2.0
"""See ../attacks_ways.sh. In enforce each act on each store fails with EPERM, is on record, and nothing has changed."""
import json
import os
import subprocess

import tap
from attack_cells import STORES, WRITE, file_of, ways_of
from attack_guest import call, caught_up, done, events, mode, note_time, settle, status, write

ACTS = "/run/acts"


class Place:
    """A store with what the acts need: a file and an empty folder in it, and a place outside on the same file system."""

    def __init__(self, store, number):
        self.store, self.place = store[0], store
        self.outside = o = ("/run" if self.store.startswith("/run/") else "/srv") + "/attacks/%d" % number
        self.file = file_of(store)
        for d in "full", "low", "work", "ov", "jail", "empty", "bind":
            os.makedirs("%s/%s" % (o, d))
        for f in "file", "full/x":
            write("%s/%s" % (o, f), "some text of a file\n")
        if store[2] == "folder":
            os.makedirs(self.store + "/jw-empty", exist_ok=True)
            if not os.path.exists(self.file):
                write(self.file, "# nothing\n")
            os.symlink(self.store, o + "/link")
            call("mount", "--bind", self.store, o + "/bind")
        else:
            os.link(self.file, o + "/hard")

    def words(self, words):
        return words.format(D=self.store, F=self.file, N=os.path.basename(self.file), E=self.store + "/jw-empty", P=os.path.dirname(self.store), O=self.outside).split()

    def listing(self):
        """All that an act would change, times of reading aside."""
        out = []
        for folder, dirs, files in os.walk(self.store) if self.place[2] == "folder" else [("/", [], [self.store])]:
            for n in [""] + dirs + files:
                p = os.path.join(folder, n)
                st = os.lstat(p)
                out.append((p, st.st_mode, st.st_uid, st.st_nlink, st.st_mtime_ns, st.st_ctime_ns, st.st_size, st.st_ino, st.st_dev))
        return sorted(out)

    def clear(self):
        call("umount", self.outside + "/bind")
        if self.place[2] == "folder":
            os.rmdir(self.store + "/jw-empty")
            if open(self.file).read() == "# nothing\n":
                os.unlink(self.file)


def mounts():
    return [line.split()[4] for line in open("/proc/self/mountinfo")]


def ways_in():
    mode("audit", "write")
    places = []
    for i, store in enumerate(STORES):
        os.makedirs(os.path.dirname(store[0]) if store[2] == "file" else store[0], exist_ok=True)
        places.append(Place(store, i))
    mode("enforce", "write")
    settle()
    since = status()["events"]["seq"]
    tried = {}
    no_uring = subprocess.run((ACTS, "uring", "/dev/null")).returncode
    before = mounts()
    for p in places:
        was = p.listing()
        todo = [p.words(words) for _, words in ways_of(p.place)]
        said = call("sh", "-c", "while read -r words; do %s $words 2>/dev/null; echo $?; done" % ACTS, input="".join(" ".join(t) + "\n" for t in todo))
        tried.update(zip(((ACTS, *t) for t in todo), map(int, said.stdout.split())))
        p.changed = set(was) ^ set(p.listing())
    tap.eq(mounts(), before, "no way in left a mount")
    caught_up()
    seen = {}
    for e in events(since, "--kind", "write"):
        seen.setdefault(tuple(e["subject"].get("argv", ())), []).append(e)
    for p in places:
        for way, words in ways_of(p.place):
            cell, argv = "attack: %s: %s: " % (p.store, way), (ACTS, *p.words(words))
            e = seen.get(argv, [])
            if words.startswith("uring") and no_uring:
                tap.ok(True, cell + "not on this kernel: it has no io_uring")
                continue
            s = e[0]["subject"] if e else {}
            tap.ok(tried[argv] == 1 and e and {x["verdict"] for x in e} == {"deny"} and not p.changed and s.get("exe") == ACTS and s.get("uid") == 0 and s.get("ancestors"),
                   cell + WRITE, "exit code %d" % tried[argv], "changed: %r" % p.changed, *[json.dumps(x)[:400] for x in e])
    mode("audit", "write")
    for p in places:
        p.clear()


tap.ok(call("gcc", "-O1", "-w", "-static", "-o", ACTS, "programs/acts.c").returncode == 0, "the program is built")
note_time("to begin with")
ways_in()
done()
