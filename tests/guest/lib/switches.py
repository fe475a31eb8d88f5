# SPDX-License-Identifier: GPL-2.0
"""System calls by which root might switch the guard off. Each gives back 0 or an errno."""
import ctypes
import os
import struct

DELETE_MODULE, KEXEC_LOAD, KEXEC_FILE_LOAD = 176, 246, 320  # x86-64
libc = ctypes.CDLL(None, use_errno=True)


def attaching(aud, command):
    """Code for `python -SIc` that does no more than to attach: it ends with the errno."""
    message = struct.pack("=IHHIIBBH", 20, aud.family, 5, 1, 0, command, 1, 0)
    return ("import _socket, sys; s = _socket.socket(16, 3, 16); s.bind((0, 0)); s.send(bytes.fromhex('%s')); "
            "sys.exit(-int.from_bytes(s.recv(4096)[16:20], 'little', signed=True))" % message.hex())


def call(number, *args):
    ctypes.set_errno(0)
    args = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in args]
    return ctypes.get_errno() if libc.syscall(ctypes.c_long(number), *args) < 0 else 0


def unload(name, forced=False):
    return call(DELETE_MODULE, name.encode(), os.O_NONBLOCK | (os.O_TRUNC if forced else 0))


def kexec_load():
    """Of no segments, which only takes away what is loaded; asked for like any other."""
    return call(KEXEC_LOAD, 0, 0, 0, 0)


def kexec_file_load(path):
    """A file that is no kernel gets as far as being read."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return call(KEXEC_FILE_LOAD, fd, -1, 1, b"", 4)  # KEXEC_FILE_NO_INITRAMFS
    finally:
        os.close(fd)


def write(path, data, at=None):
    """0 when it was taken."""
    try:
        fd = os.open(path, os.O_WRONLY | (os.O_APPEND if at is None else 0))
    except OSError as e:
        return e.errno
    try:
        if at is None:
            os.write(fd, data.encode())
        else:
            os.pwrite(fd, data.encode(), at)
        return 0
    except OSError as e:
        return e.errno
    finally:
        os.close(fd)
