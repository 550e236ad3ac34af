"""Socket calls in short form, made through the Linux ABI by a program that is a Python function (tests/abi/support.py).

def body(sockets: Sockets) -> None:
    left, right = sockets.pair(STREAM)
    assert sockets.send(left, b"x") == 1
run(body)
"""

import struct
from collections.abc import Callable

from net.netlink import groups
from net.unix import endpoint, inflight, names, start
from objects.process import Process
from objects.socketfamilies import _makers
from scarlet.lang import errno
from tests.abi.support import Program, linux
from vfs import socketfiles

SOCKET, SOCKETPAIR, BIND, LISTEN, ACCEPT, CONNECT, GETSOCKNAME, GETPEERNAME = 198, 199, 200, 201, 202, 203, 204, 205
SENDTO, RECVFROM, SETSOCKOPT, GETSOCKOPT, SHUTDOWN, SENDMSG, RECVMSG, ACCEPT4 = 206, 207, 208, 209, 210, 211, 212, 242
CLOSE, READ, WRITE, IOCTL, PPOLL, DUP, FCNTL, PIPE2 = 57, 63, 64, 29, 73, 23, 25, 59
STREAM, DATAGRAM, RAW, SEQPACKET = 1, 2, 3, 5
NONBLOCK, CLOEXEC = 0o4000, 0o2000000
PEEK, CTRUNC, TRUNC, DONTWAIT, NOSIGNAL = 2, 8, 0x20, 0x40, 0x4000
SOL_SOCKET, SCM_RIGHTS, SCM_CREDENTIALS = 1, 1, 2
SO_ERROR, SO_SNDBUF, SO_PASSCRED, SO_PEERCRED, SO_RCVTIMEO, SO_SNDTIMEO, SO_PEEK_OFF = 4, 7, 16, 17, 20, 21, 42
AF_UNIX, AF_INET, AF_NETLINK = 1, 2, 16


class Message:
    """What recvmsg gave."""

    def __init__(self, data: bytes, flags: int, control: bytes, address: bytes) -> None:
        self.data = data
        self.flags = flags
        self.control = control
        self.address = address

    @property
    def rights(self) -> list[int]:
        """The descriptors that came with it."""
        found: list[int] = []
        rest = self.control
        while len(rest) >= 16:
            length, level, kind = struct.unpack_from("<Qii", rest)
            if (level, kind) == (SOL_SOCKET, SCM_RIGHTS):
                found += struct.unpack_from(f"<{(length - 16) // 4}i", rest, 16)
            rest = rest[(length + 7) // 8 * 8 :]
        return found

    @property
    def identity(self) -> tuple[int, int, int] | None:
        length, level, kind = struct.unpack_from("<Qii", self.control) if len(self.control) >= 16 else (0, 0, 0)
        return struct.unpack_from("<iii", self.control, 16) if (level, kind) == (SOL_SOCKET, SCM_CREDENTIALS) and length == 28 else None


def control(kind: int, *values: int) -> bytes:
    """A control message of SOL_SOCKET with these ints, padded."""
    data = struct.pack(f"<Qii{len(values)}i", 16 + 4 * len(values), SOL_SOCKET, kind, *values)
    return data + bytes(-len(data) % 8)


def unix(name: str | bytes) -> bytes:
    """A sockaddr_un; a name that begins with @ is abstract."""
    text = name.encode() if isinstance(name, str) else name
    return struct.pack("<H", AF_UNIX) + (b"\0" + text[1:] if text[:1] == b"@" else text + b"\0")


class Sockets:
    """The calls of one program. Each gives what the call gives: a number that is negative for an errno."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def _call(self, number: int, *arguments: int) -> int:
        return self.program.call(number, *arguments)

    def scratch(self) -> int:
        """The memory of the program, used from its beginning again."""
        self.program.next = 0x110000
        return 0x110000

    def _put(self, data: bytes) -> int:
        return self.program.put(data)

    def socket(self, type: int, family: int = AF_UNIX, protocol: int = 0) -> int:
        return self._call(SOCKET, family, type, protocol)

    def pair(self, type: int) -> tuple[int, int]:
        self.scratch()
        place = self.program.room(8)
        assert self._call(SOCKETPAIR, AF_UNIX, type, 0, place) == 0
        return (self.program.word(place), self.program.word(place + 4))

    def bind(self, fd: int, address: bytes) -> int:
        self.scratch()
        return self._call(BIND, fd, self._put(address), len(address))

    def connect(self, fd: int, address: bytes) -> int:
        self.scratch()
        return self._call(CONNECT, fd, self._put(address), len(address))

    def listener(self, type: int, address: bytes, backlog: int = 8) -> int:
        fd = self.socket(type)
        assert self.bind(fd, address) == 0
        assert self._call(LISTEN, fd, backlog) == 0
        return fd

    def accept(self, fd: int, flags: int = 0) -> int:
        return self._call(ACCEPT4, fd, 0, 0, flags)

    def connected(self, type: int, name: str) -> tuple[int, int, int]:
        """A socket that listens, a client, and its accepted end."""
        listener = self.listener(type, unix(name))
        client = self.socket(type)
        assert self.connect(client, unix(name)) == 0
        return (listener, client, self.accept(listener))

    def close(self, *fds: int) -> None:
        for fd in fds:
            assert self._call(CLOSE, fd) == 0

    def send(self, fd: int, data: bytes, flags: int = 0, to: bytes = b"") -> int:
        self.scratch()
        return self._call(SENDTO, fd, self._put(data), len(data), flags, self._put(to) if to else 0, len(to))

    def receive(self, fd: int, size: int = 1000, flags: int = 0) -> bytes | int:
        self.scratch()
        place = self.program.room(size)
        count = self._call(RECVFROM, fd, place, size, flags, 0, 0)
        return self.program.get(place, min(count, size)) if count >= 0 else count

    def send_message(self, fd: int, data: bytes, ancillary: bytes = b"", flags: int = 0, to: bytes = b"") -> int:
        self.scratch()
        vector = self._put(struct.pack("<QQ", self._put(data), len(data)))
        name, extra = self._put(to) if to else 0, self._put(ancillary) if ancillary else 0
        header = struct.pack("<QiiQQQQii", name, len(to), 0, vector, 1, extra, len(ancillary), 0, 0)
        return self._call(SENDMSG, fd, self._put(header), flags)

    def send_rights(self, fd: int, *slots: int, data: bytes = b"x") -> int:
        return self.send_message(fd, data, control(SCM_RIGHTS, *slots))

    def receive_message(self, fd: int, size: int = 1000, room: int = 1100, flags: int = 0) -> Message | int:
        self.scratch()
        place, extra, name = self.program.room(size), self.program.room(room + 8), self.program.room(128)
        vector = self._put(struct.pack("<QQ", place, size))
        header = self._put(struct.pack("<QiiQQQQii", name, 128, 0, vector, 1, extra if room else 0, room, 0x77, 0))
        count = self._call(RECVMSG, fd, header, flags)
        if count < 0:
            return count
        _name, length, _pad, _vector, _one, _extra, used, result, _pad2 = struct.unpack("<QiiQQQQii", self.program.get(header, 56))
        return Message(self.program.get(place, min(count, size)), result, self.program.get(extra, used), self.program.get(name, length))

    def message(self, fd: int, size: int = 1000, room: int = 1100, flags: int = 0) -> Message:
        """The same where one is there."""
        found = self.receive_message(fd, size, room, flags)
        assert isinstance(found, Message), found
        return found

    def set(self, fd: int, option: int, value: int | bytes) -> int:
        self.scratch()
        data = value if isinstance(value, bytes) else struct.pack("<i", value)
        return self._call(SETSOCKOPT, fd, SOL_SOCKET, option, self._put(data), len(data))

    def get(self, fd: int, option: int, size: int = 4) -> bytes | int:
        self.scratch()
        place, length = self.program.room(size), self._put(struct.pack("<i", size))
        result = self._call(GETSOCKOPT, fd, SOL_SOCKET, option, place, length)
        return self.program.get(place, self.program.word(length)) if result == 0 else result

    def shutdown(self, fd: int, how: int) -> int:
        return self._call(SHUTDOWN, fd, how)

    def events(self, fd: int, wanted: int = 0x3FFF) -> int:
        self.scratch()
        place = self._put(struct.pack("<ihhqq", fd, wanted, 0, 0, 0))
        assert self._call(PPOLL, place, 1, place + 8, 0, 8) >= 0
        return int.from_bytes(self.program.get(place + 6, 2), "little")

    def poll(self, fd: int, wanted: int) -> int:
        """Wait for one of these events."""
        self.scratch()
        place = self._put(struct.pack("<ihh", fd, wanted, 0))
        assert self._call(PPOLL, place, 1, 0, 0, 8) == 1
        return int.from_bytes(self.program.get(place + 6, 2), "little")

    def fork(self, body: "Callable[[Sockets], None]") -> Process:
        return self.program.fork(lambda child: body(Sockets(child)))


def run(body: Callable[[Sockets], None]) -> None:
    """Run the function as a Linux process with AF_UNIX; afterwards no socket, name, handle in flight or frame may be left."""
    forget()
    start.start()
    socketfiles.announce()
    linux(lambda program: body(Sockets(program)))
    assert len(endpoint.sockets) == 0
    assert len(names._names.abstract) == 0 and len(names._names.files) == 0
    assert inflight._counts == {}
    forget()


def forget() -> None:
    """AF_UNIX and AF_NETLINK as they are before they start."""
    endpoint.sockets.clear()
    names._names.abstract.clear()
    names._names.files.clear()
    inflight._counts.clear()
    groups._before.clear()
    _makers.clear()


EAGAIN, EBADF, EINTR, EINVAL, EMFILE, EPERM, EPIPE = (
    -int(code) for code in (errno.EAGAIN, errno.EBADF, errno.EINTR, errno.EINVAL, errno.EMFILE, errno.EPERM, errno.EPIPE)
)
ECONNREFUSED, ECONNRESET, ETOOMANYREFS, EFAULT, ENOTSOCK = (
    -int(code) for code in (errno.ECONNREFUSED, errno.ECONNRESET, errno.ETOOMANYREFS, errno.EFAULT, errno.ENOTSOCK)
)
EOPNOTSUPP, ENOPROTOOPT, EAFNOSUPPORT = (-int(code) for code in (errno.EOPNOTSUPP, errno.ENOPROTOOPT, errno.EAFNOSUPPORT))
