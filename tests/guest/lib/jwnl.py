# SPDX-License-Identifier: GPL-2.0
"""A small client of the jobward family, with nothing but the standard library: it can also say what libnl would not.

Numbers come from the uapi header, so the protocol is not typed twice.
"""
import os
import re
import socket
import struct

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
NESTED = 0x8000


def constants(path):
    """Every JOBWARD_ name of the generated header."""
    out, value = {}, 0
    for line in open(path, encoding="utf-8"):
        line = re.sub(r"/\*.*?\*/", "", line)
        m = re.match(r"#define\s+(JOBWARD_\w+)\s+(\d+)", line)
        if m:
            out[m[1]] = int(m[2])
            continue
        if re.match(r"enum\b", line):
            value = 0
        m = re.match(r"\s+(_*JOBWARD_\w+)(?:\s*=\s*([^,]+))?,?", line)
        if m:
            if m[2]:
                value = eval(m[2], {}, out)  # the header's own small sums
            out[m[1]] = value
            value += 1
    return out


def attr(kind, data):
    """One attribute; ints are u32."""
    if isinstance(data, int):
        data = struct.pack("=I", data)
    elif isinstance(data, str):
        data = data.encode() + b"\0"
    head = struct.pack("=HH", 4 + len(data), kind)
    return head + data + b"\0" * (-len(data) % 4)


def u64(v):
    return struct.pack("=Q", v)


def nest(kind, *attrs):
    return attr(kind | NESTED, b"".join(attrs))


def parse(data):
    """Attributes as a list of (type, bytes)."""
    out = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:
            break
        out.append((kind & 0x3FFF, data[4:size]))
        data = data[(size + 3) & ~3:]
    return out


class Refused(OSError):
    """The kernel said no; .text is its own word for it."""

    def __init__(self, errno, text):
        super().__init__(errno, os.strerror(errno) + (": " + text if text else ""))
        self.text = text


class Jobward:
    def __init__(self, family=True):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        self.sock.setsockopt(270, 11, 1)  # NETLINK_EXT_ACK
        self.seq = 0
        self.family = GENL_ID_CTRL
        if family:
            reply = self.request(CTRL_CMD_GETFAMILY, attr(2, "jobward"))
            self.family = struct.unpack("=H", dict(reply[0])[1][:2])[0]
            self.groups = dict(reply[0]).get(7)

    def send(self, cmd, payload, flags=NLM_F_REQUEST | NLM_F_ACK):
        self.seq += 1
        body = struct.pack("=BBH", cmd, 1, 0) + payload
        self.sock.send(struct.pack("=IHHII", 16 + len(body), self.family, flags, self.seq, 0) + body)

    def request(self, cmd, payload=b"", dump=False):
        """Replies as lists of attributes; raises Refused."""
        self.send(cmd, payload, NLM_F_REQUEST | (NLM_F_DUMP if dump else NLM_F_ACK))
        out = []
        while True:
            data = self.sock.recv(1 << 20)
            while data:
                size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
                body, data = data[16:size], data[(size + 3) & ~3:]
                if seq != self.seq:
                    continue
                if kind == NLMSG_ERROR or kind == NLMSG_DONE:
                    err = struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
                    if err < 0:
                        text = ""
                        if kind == NLMSG_ERROR and flags & 0x200:
                            skip = 4 + (16 if flags & 0x100 else struct.unpack_from("=I", body, 4)[0])
                            text = dict(parse(body[skip:])).get(1, b"").rstrip(b"\0").decode()
                        raise Refused(-err, text)
                    return out
                out.append(parse(body[4:]))
