# SPDX-License-Identifier: GPL-2.0
"""See ../kernel_ring.sh."""
import os
import subprocess

import tap
from auditor import Auditor, obj

S = "/srv/ring/store"
os.makedirs(S)
open(S + "/f", "w").close()
aud = Auditor()
aud.commit([obj(S, "store", 1)])


def writes(n):
    """n writes by a stranger, one after the other."""
    subprocess.run(["bash", "-c", "for ((i = 0; i < %d; i++)); do { : >>%s/f; } 2>/dev/null; done" % (n, S)])


def story(events):
    """The numbers that are there, and those that gaps account for; True when together they are one run without a hole or a double."""
    have = [e["seq"] for e in events]
    missing = [n for e in events if e["action"] == "gap" for n in range(e["first"], e["last"] + 1)]
    both = sorted(have + missing)
    return have, missing, both == list(range(both[0], both[-1] + 1)) if both else True


aud.drain()
s = aud.status()
tap.eq((s["ring_bytes"], s["lost"]), (128 * 1024, 0), "a ring of 128 KiB")
first = s["seq"] + 1

tap.note("noise fills what is not kept for denials")
n = 0
while not aud.status()["lost"]:
    writes(20)
    n += 20
writes(30)
n += 30
s = aud.status()
e = aud.events()
tap.ok(s["seq"] == first + n - 1 and s["lost"] == n - len(e) and s["lost_denials"] == 0, "each event has its number, lost or not", s, len(e), n)
tap.ok(s["ring_used"] <= s["ring_bytes"] * 3 // 4, "a quarter of the ring stays free", s["ring_used"])
tap.eq([x["seq"] for x in e], list(range(first, first + len(e))), "what has room is there, without a hole")
lost_from = first + len(e)

tap.note("denials have room")
aud.mode("enforce")
writes(10)
s = aud.status()
e = aud.events()
tap.eq(s["lost_denials"], 0, "no denial is lost")
tap.eq([x["action"] for x in e][:2], ["gap", "mode"], "the first that has room again comes behind the gap")
g = e[0]
tap.eq((g["first"], g["last"], g["denials"], g["kind"], g["reason"]), (lost_from, first + n - 1, 0, "tamper", "ring-full"), "the gap says what is missing: from where to where, and that no denial is among it")
tap.eq([x["verdict"] for x in e][2:], ["deny"] * 10, "all ten are there")
tap.ok(story(aud.events(first - 1))[2], "the numbers have no hole but the gap's", [x["seq"] for x in aud.events(first - 1)])
aud.mode("audit", "write")
writes(20)
aud.mode("enforce", "write")
writes(3)
e = aud.events()
tap.eq([x["action"] for x in e], ["mode", "gap", "mode"] + ["modify"] * 3, "noise that finds no room meanwhile is a gap of its own")
tap.eq(e[1]["last"] - e[1]["first"] + 1, 20, "of twenty")

tap.note("more denials than there is room for")
while not aud.status()["lost_denials"]:
    writes(10)
writes(7)
s = aud.status()
before = aud.events(first - 1)
aud.cursor = before[-1]["seq"]
aud.ack()
e = aud.events()
tap.ok(len(e) == 1 and e[0]["action"] == "gap" and e[0]["last"] == s["seq"] and e[0]["denials"] == s["lost_denials"] == e[0]["last"] - e[0]["first"] + 1,
       "the next acknowledgement makes room for the gap, which counts the denials", e, s)
have, missing, whole = story(before + e)
tap.ok(whole and have[0] == first and len(missing) == aud.status()["lost"], "from first to last: every number is an event or in a gap", have, missing)

tap.note("after that")
aud.ack()
tap.eq((aud.status()["ring_used"], aud.status()["acked"]), (0, e[0]["seq"]), "the ring is empty")
for i in range(6):
    writes(40)
    got = aud.drain()
    tap.ok(len(got) == 40 and story(got)[2] and not [x for x in got if x["action"] == "gap"], "round %d through the ring's end: all forty, no gap" % (i + 1), len(got))
s = aud.status()
aud.sock.close()
aud = Auditor()
tap.eq([x["action"] for x in aud.events(s["seq"])], ["detach", "attach"], "nothing is lost while no auditor is there")
writes(5)
aud.sock.close()
aud = Auditor()
tap.eq([x["action"] for x in aud.events(s["seq"])], ["detach", "attach"] + ["modify"] * 5 + ["detach", "attach"], "what was not acknowledged is there for the next one")
tap.done()
