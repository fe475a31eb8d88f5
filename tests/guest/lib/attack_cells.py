# SPDX-License-Identifier: GPL-2.0
"""The ways into the stores of ../attacks_ways.sh, as data: a cell is a way against a store."""
WRITE = "write gate"

# Name, scheduler, place. A folder's file is made for the test; a place that is a file has no folder.
STORES = [
    ("/etc/crontab", "cron", "file"),
    ("/etc/cron.d", "cron", "folder"),
    ("/var/spool/cron/crontabs", "cron", "folder"),
    ("/etc/cron.hourly", "run-parts", "folder"),
    ("/etc/cron.daily", "run-parts", "folder"),
    ("/etc/cron.weekly", "run-parts", "folder"),
    ("/etc/cron.monthly", "run-parts", "folder"),
    ("/etc/anacrontab", "anacron", "file"),
    ("/var/spool/anacron", "anacron", "folder"),
    ("/var/spool/cron/atjobs", "at", "folder"),
    ("/etc/systemd/system", "systemd", "folder"),
    ("/etc/systemd/system/jw.service.d", "systemd", "folder"),
    ("/etc/systemd/system/timers.target.wants", "systemd", "folder"),
    ("/run/systemd/system", "systemd", "folder"),
    ("/usr/lib/systemd/system", "systemd", "folder"),
    ("/usr/lib/systemd/system-generators", "systemd", "folder"),
    ("/var/lib/systemd/timers", "systemd", "folder"),
    ("/etc/systemd/user", "systemd-user", "folder"),
    ("/var/lib/systemd/linger", "systemd-user", "folder"),
]

# By the words of programs/acts.c. {D} is the store, {F} a file in it ({N} its name), {E} an empty folder in it, {P} the folder above it; {O} is
# nobody's, on the same file system, with file, full/, low/, work/, ov/, jail/ and empty/.
WAYS = [
    ("open O_WRONLY", "write {F}"),
    ("open O_RDWR", "rdwr {F}"),
    ("open O_APPEND", "append {F}"),
    ("open O_RDONLY|O_TRUNC", "rdonly-trunc {F}"),
    ("open O_WRONLY|O_TRUNC", "write-trunc {F}"),
    ("creat of a new file", "creat {D}/new"),
    ("creat over a file", "creat {F}"),
    ("creation without an open for writing", "create-rdonly {D}/new"),
    ("openat2", "openat2 {F}"),
    ("open_by_handle_at", "handle {F}"),
    ("io_uring", "uring {F}"),
    ("O_PATH, then /proc/self/fd", "reopen {F}"),
    ("truncate", "truncate {F}"),
    ("fallocate", "fallocate {F}"),
    ("mmap MAP_SHARED", "mmap {F}"),
    ("copy_file_range", "copy-range {O}/file {F}"),
    ("splice", "splice {O}/file {F}"),
    ("rename into", "rename {O}/file {D}/new"),
    ("rename over", "rename {O}/file {F}"),
    ("rename out of", "rename {F} {O}/taken"),
    ("exchange", "exchange {O}/file {F}"),
    ("a prepared folder renamed into", "rename {O}/full {D}/new"),
    ("a prepared folder exchanged for the store", "exchange {O}/full {D}"),
    ("the store renamed away", "rename {D} {O}/taken"),
    ("the folder above renamed", "rename {P} {P}.jw"),
    ("hard link into", "link {O}/file {D}/new"),
    ("hard link out of", "link {F} {O}/taken"),
    ("symlink", "symlink /etc/passwd {D}/new"),
    ("mknod of a FIFO", "fifo {D}/new"),
    ("mkdir", "mkdir {D}/new"),
    ("O_TMPFILE in the store", "tmpfile {D}"),
    ("O_TMPFILE elsewhere, linkat of an empty path", "tmpfile-link {O} {D}/new"),
    ("O_TMPFILE elsewhere, linkat of /proc/self/fd", "tmpfile-proc {O} {D}/new"),
    ("unlink", "unlink {F}"),
    ("rmdir", "rmdir {E}"),
    ("chmod", "chmod {F}"),
    ("chmod of the store", "chmod {D}"),
    ("chown", "chown {F}"),
    ("utimes", "utimes {F}"),
    ("setxattr", "setxattr {F}"),
    ("removexattr", "removexattr {F}"),
    ("POSIX ACL", "acl {F}"),
    ("through a hard link made before, of a file that is itself the store", "write {O}/hard"),
    ("through a symlinked parent", "creat {O}/link/new"),
    ("through a bind mount made before", "creat {O}/bind/new"),
    ("through a bind mount in a namespace of its own", "ns bind {D} {O}/jail creat {O}/jail/new"),
    ("in a chroot", "ns bind {D} {O}/jail chroot {O}/jail creat /new"),
    ("through /proc/PID/root", "write /proc/1/root{F}"),
    ("through an overlay with the store as upper", "ns overlay {O}/low {D} {O}/work {O}/ov creat {O}/ov/new"),
    ("through an overlay, a file that is there", "ns overlay {O}/low {D} {O}/work {O}/ov write {O}/ov/{N}"),
    ("bind mount over the store", "mount {O}/full {D}"),
    ("bind mount over a file", "mount {O}/file {F}"),
    ("bind mount over the folder above", "mount {O}/full {P}"),
    ("tmpfs over the store", "tmpfs {D}"),
    ("open_tree and move_mount over the store", "move-mount {O}/full {D}"),
    ("unmount of a bind mount of the store", "umount {O}/bind"),
    ("after two forks, with a session of its own", "fork write {F}"),
    ("by a thread", "thread append {F}"),
]

# The file of a folder that the scheduler would take for its own.
NAMES = {"/var/spool/cron/crontabs": "root", "/var/spool/cron/atjobs": "a0000101000000"}


def file_of(store):
    place, _, kind = store
    return place if kind == "file" else place + "/" + NAMES.get(place, "jw")


def ways_of(store):
    """What can be done to a store: a file has no entries. (The root of a file system and what lies in it have no other end.)"""
    for name, words in WAYS:
        if store[2] == "file" and any(x in words for x in ("{D}", "{E}", "{P}", "/link/", "/bind", "/ov/", "/jail")):
            continue
        if store[2] == "folder" and "/hard" in words:   # (the folder watches what is in it, by its names there: another name made before is the run gate's)
            continue
        yield name, words
