"""/proc/net, sockets in /proc/<pid>/fd, and what the trace says of socket calls."""

import re
import struct

import pytest

from executor.trace import LogTracer
from net import interfaces
from net.ethernetlink import EthernetInterface
from net.netlink.socket import sockets as netlink_sockets
from objects.socket import Socket
from scarlet.kernel import log
from tests.sockets.support import (
    CLOEXEC,
    DATAGRAM,
    GETSOCKNAME,
    NONBLOCK,
    NOSIGNAL,
    PEEK,
    SCM_CREDENTIALS,
    SO_SNDBUF,
    STREAM,
    Sockets,
    control,
    run,
    unix,
)  # fmt: skip
from tests.sockets.test_netlink import Netlink, network
from vfs.procfs import network as files

ABSTRACT = b"\1\0\0abs"


def test_unix_sockets_are_listed_with_their_states() -> None:
    def body(sockets: Sockets) -> None:
        listener = sockets.listener(STREAM, unix("/tmp-socket"))
        client = sockets.socket(STREAM)
        assert sockets.connect(client, unix("/tmp-socket")) == 0
        named = sockets.socket(DATAGRAM)
        assert sockets.bind(named, unix("@abstract")) == 0
        numbers = [_number(sockets, fd) for fd in (listener, client, named)]
        title, *rows = files._unix().decode().splitlines()
        assert title == "Num       RefCount Protocol Flags    Type St Inode Path"
        fields = [row.split() for row in rows]
        assert fields[0][3:] == ["00010000", "0001", "01", str(numbers[0]), "/tmp-socket"]
        assert fields[1][3:] == ["00000000", "0001", "03", str(numbers[1])]
        assert fields[2][3:] == ["00000000", "0001", "02", "0", "/tmp-socket"], "not accepted yet"
        assert fields[3][3:] == ["00000000", "0002", "01", str(numbers[2]), "@abstract"]

    run(body)


def _number(sockets: Sockets, fd: int) -> int:
    object = sockets.program.task.handles.object(fd)
    assert isinstance(object, Socket)
    assert object.link_text() == b"socket:[%d]" % object.number
    assert object.metadata().inode_number == object.number
    return object.number


def test_interfaces_routes_and_neighbours_are_listed() -> None:
    def body(netlink: Netlink) -> None:
        lo, eth0 = files._devices().decode().splitlines()[2:]
        assert lo.split()[0] == "lo:" and eth0.split()[0] == "eth0:" and len(eth0.split()) == 17
        default, link = [line.split("\t") for line in files._routes().decode().splitlines()[1:]]
        assert link[:4] == ["eth0", "0000000A", "00000000", "0001"] and link[7] == "00FFFFFF"
        assert default[:4] == ["eth0", "00000000", "0100000A", "0003"] and default[7] == "00000000"
        eth = interfaces.every()[1]
        assert isinstance(eth, EthernetInterface)
        eth.neighbours.set_permanent(0x0A000009, b"\2\0\0\0\0\x0f")
        assert files._arp().decode().splitlines()[1].split() == ["10.0.0.9", "0x1", "0x6", "02:00:00:00:00:0f", "*", "eth0"]
        netlink.ask(b"")
        assert files._netlink().decode().splitlines()[1].split()[1:3] == ["0", str(netlink_sockets()[0].port)]
        names, values = files._snmp().decode().splitlines()[:2]
        assert len(names.split()) == len(values.split()) and names.startswith("Ip: Forwarding DefaultTTL")

    network(body)


# --- the trace ----------------------------------------------------------------------------------------------------------------------


LINES = """\
socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0, [0, 1]) = 0
socket(AF_UNIX, SOCK_DGRAM, 0) = 2
bind(2, {sa_family=AF_UNIX, sun_path=@"abs"}, 6) = 0
sendto(2, "hi", 2, 0, {sa_family=AF_UNIX, sun_path=@"abs"}, 6) = 2
recvfrom(2, "hi", 1000, MSG_PEEK, NULL, NULL) = 2
setsockopt(2, SOL_SOCKET, SO_SNDBUF, [5000], 4) = 0
getsockopt(2, SOL_SOCKET, SO_SNDBUF, [10000], [4]) = 0
sendmsg(0, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="data", iov_len=4}], msg_iovlen=1, \
msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0, 2]}], msg_controllen=24, msg_flags=0}, 0) = 4
recvmsg(1, {msg_name=*, msg_namelen=0, msg_iov=[{iov_base="data", iov_len=1000}], msg_iovlen=1, \
msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3, 4]}], msg_controllen=24, msg_flags=0}, 0) = 4
sendmsg(0, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, \
msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=1, uid=0, gid=0}}], msg_controllen=32, \
msg_flags=0}, MSG_NOSIGNAL) = 1
shutdown(0, SHUT_RDWR) = 0
connect(0, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINVAL (Invalid argument) /* * */
getsockname(2, {sa_family=AF_UNIX, sun_path=@"abs"}, [6]) = 0
"""
"""What strace(1) writes on Linux, but for lengths that the call changes, which it shows as [110 => 6]; * is anything."""


def test_the_trace_is_what_strace_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(log, "trace", written.append)

    def body(sockets: Sockets) -> None:
        program = sockets.program
        program.task.process.observer = LogTracer()
        left, right = sockets.pair(STREAM | CLOEXEC | NONBLOCK)
        fd = sockets.socket(DATAGRAM)
        sockets.bind(fd, ABSTRACT)
        sockets.send(fd, b"hi", to=ABSTRACT)
        sockets.receive(fd, flags=PEEK)
        sockets.set(fd, SO_SNDBUF, 5000)
        sockets.get(fd, SO_SNDBUF)
        sockets.send_rights(left, left, fd, data=b"data")
        sockets.message(right)
        sockets.send_message(left, b"x", control(SCM_CREDENTIALS, 1, 0, 0), NOSIGNAL)
        sockets.shutdown(left, 2)
        sockets.connect(left, struct.pack("<HH", 2, 80 << 8) + bytes([127, 0, 0, 1]) + bytes(8))
        length = program.put(struct.pack("<i", 110))
        program.call(GETSOCKNAME, fd, program.room(110), length)
        program.task.process.observer = None

    run(body)
    lines = [re.sub(" +=", " =", line) for line in "".join(written).splitlines()]
    assert len(lines) == len(LINES.splitlines())
    for line, expected in zip(lines, LINES.splitlines(), strict=True):
        assert re.fullmatch(re.escape(expected).replace(r"\*", ".*").replace("/.* .* .*/", r"/\* .* \*/"), line), line
