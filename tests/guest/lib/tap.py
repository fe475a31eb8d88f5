# SPDX-License-Identifier: GPL-2.0
"""TAP out of python tests."""
import sys

count = failed = 0


def ok(good, name, *why):
    """One line; what it is about (any values) is printed below when it fails."""
    global count, failed
    count += 1
    if not good:
        failed += 1
    print("%s %d - %s" % ("ok" if good else "not ok", count, name.replace("#", "no. ")), flush=True)
    if not good:
        for w in why:
            for line in str(w).splitlines() or [""]:
                print("#     " + line[:600], flush=True)
    return good


def eq(got, want, name):
    return ok(got == want, name, "got  %r" % (got,), "want %r" % (want,))


def skip(name, why):
    global count
    count += 1
    print("ok %d - %s # SKIP %s" % (count, name, why), flush=True)


def note(text):
    print("# " + text, flush=True)


def done():
    print("1..%d" % count, flush=True)
    sys.exit(1 if failed else 0)
