"""UDP, ping and raw sockets over the loopback interface, call by call: addresses, errors, options, limits, waiting."""

import struct
from collections.abc import Callable
from functools import partial

import pytest

from net import configuration, interfaces, routes, start, statistics, udp
from net.icmp_errors import make_message
from net.inet import table
from net.interface import HardwareType, Interface, InterfaceFlags
from objects.netdevice import Counters, SendBudget
from objects.object import PollEvents, Status
from objects.socket import Shutdown, Socket
from objects.socketaddress import Address, Family, InetAddress, UnixAddress
from objects.socketfamilies import create
from objects.socketmessage import Ancillary, MessageFlags, PacketInfo, Received
from objects.task import Task
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import (
    EACCES,
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EAGAIN,
    ECONNREFUSED,
    EDESTADDRREQ,
    EINVAL,
    EMSGSIZE,
    ENETUNREACH,
    ENOPROTOOPT,
    ENOTCONN,
    EOPNOTSUPP,
    EPERM,
    EPIPE,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
    Errno,
)  # fmt: skip
from tests.net.support import forget
from tests.objects.support import pause, run, spawn, wait

HOME = 0x7F000001
STREAM, DGRAM, RAW, SEQPACKET = 1, 2, 3, 5
ICMP, UDP = 1, 17
LEVEL_IP = 0


class Wire(Interface):
    """An interface that keeps what is sent."""

    def __init__(self) -> None:
        flags = InterfaceFlags.BROADCAST | InterfaceFlags.MULTICAST
        super().__init__(b"eth0", bytes(6), 1500, Counters(), flags, HardwareType.ETHERNET)
        self.sent: list[bytes] = []

    def transmit(self, packet: bytes, next_hop: int, budget: SendBudget | None) -> None:
        self.sent.append(packet)


def with_network(body: Callable[[Task], None]) -> None:
    def inner(task: Task) -> None:
        forget()
        thread = start.start(0, b"ip=off")
        body(task)
        pause(3)
        assert len(table._entries) == 0, "sockets are left"
        assert udp.ports.every() == []
        del thread

    try:
        run(inner)
    finally:
        forget()


def with_wire(body: Callable[[Wire], None]) -> None:
    def inner(task: Task) -> None:
        wire = Wire()
        interfaces.add(wire)
        configuration.set_up(wire)
        configuration.add_address(wire, 0x0A00020F, 24, 0x0A0002FF)
        body(wire)

    with_network(inner)


def udp_socket(port: int = -1, host: int = HOME, status: Status = Status.NONBLOCK) -> Socket:
    made = create(Family.INET, DGRAM, 0, status)
    if port >= 0:
        made.bind(InetAddress(host, port))
    return made


def send(
    socket: Socket,
    data: bytes,
    port: int = 0,
    *,
    host: int = HOME,
    flags: MessageFlags = MessageFlags.NONE,
    ancillary: Ancillary | None = None,
) -> int:
    count = socket.send(KernelBytes(bytearray(data)), flags, InetAddress(host, port) if port else None, ancillary)
    pause(3)
    return count


def receive(socket: Socket, size: int = 2000, flags: MessageFlags = MessageFlags.NONE) -> tuple[bytes, Received]:
    memory = bytearray(size)
    buffer = KernelBytes(memory)
    received = socket.receive(buffer, flags)
    return bytes(memory[: min(received.count, size)]), received


def code(action: Callable[[], object]) -> int:
    try:
        action()
    except Errno as error:
        return error.code
    return 0


def inet(address: Address | None) -> tuple[int, int]:
    assert isinstance(address, InetAddress)
    return address.host, address.port


def test_a_datagram_and_its_answer() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000), udp_socket()
        assert send(client, b"question", 5000) == 8
        data, received = receive(server)
        assert data == b"question"
        host, port = inet(received.address)
        assert host == HOME
        assert inet(client.name()) == (0, port), "a port by chance, no address"
        assert send(server, b"", port, host=host) == 0
        data, received = receive(client)
        assert (data, received.count, inet(received.address)) == (b"", 0, (HOME, 5000))
        assert code(lambda: receive(client)) == EAGAIN

    with_network(body)


def test_a_reader_sleeps_until_something_comes() -> None:
    def body(task: Task) -> None:
        server = udp_socket(5000, status=Status.NONE)
        got: list[bytes] = []
        spawn(task, lambda child: got.append(receive(server)[0]))
        pause(5)
        assert got == []
        client = udp_socket()
        send(client, b"here", 5000)
        wait(task)
        assert got == [b"here"]

    with_network(body)


def test_what_is_too_long_is_cut_off_and_peeking_leaves_it() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000), udp_socket()
        send(client, b"0123456789", 5000)
        send(client, b"next", 5000)
        assert server.available() == 10
        data, received = receive(server, 4, MessageFlags.PEEK)
        assert (data, received.count, received.flags) == (b"0123", 4, MessageFlags.TRUNC)
        data, received = receive(server, 4, MessageFlags.TRUNC)
        assert (data, received.count, received.flags) == (b"0123", 10, MessageFlags.TRUNC)
        assert receive(server)[0] == b"next"
        assert server.available() == 0

    with_network(body)


def test_a_connected_socket_hears_its_peer_alone() -> None:
    def body(task: Task) -> None:
        peer, stranger, mine = udp_socket(5000), udp_socket(5001), udp_socket()
        mine.connect(InetAddress(HOME, 5000))
        assert inet(mine.peer_name()) == (HOME, 5000)
        host, port = inet(mine.name())
        assert (host, port != 0) == (HOME, True)
        send(stranger, b"no", port)
        send(peer, b"yes", port)
        assert receive(mine)[0] == b"yes"
        assert code(lambda: receive(mine)) == EAGAIN
        assert mine.write(KernelBytes(bytearray(b"w"))) == 1
        pause(3)
        assert receive(peer)[0] == b"w"
        mine.connect(Address(Family.UNSPEC))
        assert code(mine.peer_name) == ENOTCONN
        assert inet(mine.name()) == (0, 0)
        assert code(lambda: send(mine, b"x")) == EDESTADDRREQ

    with_network(body)


def test_a_port_that_nobody_has_refuses_the_connected() -> None:
    def body(task: Task) -> None:
        loose, connected = udp_socket(), udp_socket()
        send(loose, b"x", 5999)
        assert send(loose, b"x", 5999) == 1, "who is not connected is not told"
        connected.connect(InetAddress(HOME, 5999))
        send(connected, b"x")
        assert connected.poll(None) & PollEvents.ERR
        assert code(lambda: send(connected, b"x")) == ECONNREFUSED
        assert send(connected, b"x") == 1, "once for each"
        assert code(lambda: receive(connected)) == ECONNREFUSED
        send(connected, b"x")
        assert connected.take_error() == ECONNREFUSED
        assert connected.take_error() == 0

    with_network(body)


def test_errors_with_all_that_is_known_of_them() -> None:
    def body(wire: Wire) -> None:
        mine = udp_socket()
        mine.set_option(LEVEL_IP, 11, b"\1\0\0\0")
        assert code(lambda: receive(mine, flags=MessageFlags.ERRQUEUE)) == EAGAIN
        send(mine, b"first", 5999)
        send_failed = code(lambda: send(mine, b"second", 5998))
        assert send_failed == ECONNREFUSED, "though it is not connected"
        send(mine, b"third", 5997)
        assert mine.poll(None) & PollEvents.ERR
        for data, port in ((b"first", 5999), (b"third", 5997)):
            found, received = receive(mine, flags=MessageFlags.ERRQUEUE)
            assert (found, inet(received.address), received.flags) == (data, (HOME, port), MessageFlags.ERRQUEUE)
            assert received.ancillary is not None
            error = received.ancillary.extended_error
            assert error is not None
            assert (error.code, error.origin, error.type, error.code_number, error.offender) == (ECONNREFUSED, 2, 3, 3, HOME)
        assert not mine.poll(None) & PollEvents.ERR
        mine.set_option(LEVEL_IP, 10, b"\2\0\0\0")
        assert code(lambda: send(mine, bytes(1473), 9, host=0x0A000202)) == EMSGSIZE
        found, received = receive(mine, 2000, MessageFlags.ERRQUEUE)
        assert received.ancillary is not None
        error = received.ancillary.extended_error
        assert error is not None
        assert (len(found), error.code, error.origin, error.info) == (1473, EMSGSIZE, 1, 1500)

    with_wire(body)


def test_binding() -> None:
    def body(task: Task) -> None:
        first = udp_socket(5000)
        assert inet(first.name()) == (HOME, 5000)
        assert code(partial(first.bind, InetAddress(HOME, 5001))) == EINVAL
        assert code(lambda: udp_socket(5000)) == EADDRINUSE
        assert code(lambda: udp_socket(5000, 0)) == EADDRINUSE
        assert code(lambda: udp_socket(5000, 0x7F000002)) == 0
        assert code(lambda: udp_socket(5000, 0x0A000001)) == EADDRNOTAVAIL
        assert code(lambda: udp_socket().bind(UnixAddress(b"/x"))) == EAFNOSUPPORT
        chosen = udp_socket(0)
        assert inet(chosen.name())[1] != 0
        free = udp_socket()
        free.set_option(LEVEL_IP, 15, b"\1\0\0\0")
        free.bind(InetAddress(0x0A000001, 7))
        del first
        assert code(lambda: udp_socket(5000)) == 0

    with_network(body)


def test_what_only_root_may() -> None:
    def body(task: Task) -> None:
        task.credentials.effective = 0
        assert code(lambda: udp_socket(53)) == EACCES
        assert code(lambda: udp_socket(5300)) == 0
        assert code(lambda: create(Family.INET, RAW, ICMP, Status.NONE)) == EPERM
        assert code(lambda: create(Family.INET, DGRAM, ICMP, Status.NONE)) == 0

    with_network(body)


@pytest.mark.parametrize(
    ("type", "protocol", "expected"),
    [
        (DGRAM, 0, 0),
        (DGRAM, UDP, 0),
        (DGRAM, ICMP, 0),
        (DGRAM, 6, EPROTONOSUPPORT),
        (DGRAM, 256, EINVAL),
        (RAW, ICMP, 0),
        (RAW, 255, 0),
        (RAW, 0, EPROTONOSUPPORT),
        (STREAM, 0, EPROTONOSUPPORT),
        (SEQPACKET, 0, ESOCKTNOSUPPORT),
        (99, 0, ESOCKTNOSUPPORT),
    ],
)
def test_kinds_of_sockets(type: int, protocol: int, expected: int) -> None:
    with_network(lambda task: _expect(code(lambda: create(Family.INET, type, protocol, Status.NONE)), expected))


def _expect(found: object, expected: object) -> None:
    assert found == expected


def test_what_cannot_be_sent() -> None:
    def body(task: Task) -> None:
        mine = udp_socket()
        assert code(lambda: send(mine, b"x")) == EDESTADDRREQ
        assert code(lambda: mine.send(KernelBytes(bytearray()), MessageFlags.NONE, InetAddress(HOME, 0), None)) == EINVAL
        assert code(lambda: send(mine, b"x", 7, flags=MessageFlags.OOB)) == EOPNOTSUPP
        assert code(lambda: send(mine, bytes(65508), 7)) == EMSGSIZE
        assert send(mine, bytes(65507), 7) == 65507
        assert code(lambda: send(mine, b"x", 7, host=0x01020304)) == ENETUNREACH
        assert code(lambda: mine.send(KernelBytes(bytearray()), MessageFlags.NONE, UnixAddress(b"/x"), None)) == EAFNOSUPPORT

    with_network(body)


def test_the_receive_buffer_is_bounded_and_counts_what_it_drops() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000), udp_socket()
        server.options.set_receive_buffer(5000)
        server.options_changed()
        for number in range(50):
            send(client, bytes([number]) * 100, 5000)
        got = []
        while code(lambda: got.append(receive(server)[0][0])) == 0:
            pass
        assert got == list(range(len(got)))
        assert 5 <= len(got) <= 15
        assert table.sockets()[0].drops == 50 - len(got)
        assert statistics.udp.rcvbuf_errors == 50 - len(got)
        assert send(client, bytes(60000), 5000) == 60000
        assert receive(server, 65536)[1].count == 60000, "one goes in, however small the buffer"

    with_network(body)


def test_who_sends_faster_than_it_goes_waits() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000), udp_socket()
        client.options.set_send_buffer(2304)
        client.options_changed()
        buffer, target = KernelBytes(bytearray(1000)), InetAddress(HOME, 5000)
        sent = 0
        while code(lambda: client.send(buffer, MessageFlags.NONE, target, None)) == 0:
            sent += 1
        assert sent == 3
        assert client.unsent() > 3000
        assert not client.poll(None) & PollEvents.OUT
        pause(3)
        assert client.unsent() == 0
        assert client.poll(None) & PollEvents.OUT
        client.status = Status.NONE
        for _turn in range(10):
            client.send(buffer, MessageFlags.NONE, target, None)
        pause(3)
        assert sum(1 for _turn in range(20) if code(lambda: receive(server)) == 0) == 13

    with_network(body)


def test_parts_become_one_datagram() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000), udp_socket()
        send(client, b"one ", 5000, flags=MessageFlags.MORE)
        send(client, b"two ", 5000, flags=MessageFlags.MORE)
        assert code(lambda: receive(server)) == EAGAIN
        send(client, b"three", 5000)
        assert receive(server)[0] == b"one two three"
        client.set_option(17, 1, b"\1\0\0\0")
        send(client, b"a", 5000)
        send(client, b"b", 5000)
        assert client.option(17, 1, 4) == b"\1\0\0\0"
        client.set_option(17, 1, b"\0\0\0\0")
        pause(3)
        assert receive(server)[0] == b"ab"
        send(client, bytes(60000), 5000, flags=MessageFlags.MORE)
        assert code(lambda: send(client, bytes(6000), 5000, flags=MessageFlags.MORE)) == EMSGSIZE

    with_network(body)


def test_shutting_down() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000), udp_socket()
        assert code(lambda: server.shutdown(Shutdown.RECEIVE)) == ENOTCONN
        client.connect(InetAddress(HOME, 5000))
        client.shutdown(Shutdown.SEND)
        assert code(lambda: send(client, b"x", flags=MessageFlags.NOSIGNAL)) == EPIPE
        client.shutdown(Shutdown.RECEIVE)
        assert code(lambda: receive(client)) == EAGAIN, "who does not wait is not told that it is the end"
        client.status = Status.NONE
        assert receive(client)[1].count == 0
        events = client.poll(None)
        assert events & PollEvents.HUP
        assert events & PollEvents.RDHUP

    with_network(body)


def number(socket: Socket, name: int, level: int = LEVEL_IP) -> int:
    return int.from_bytes(socket.option(level, name, 4), "little", signed=True)


def test_options_of_ip() -> None:
    def body(task: Task) -> None:
        mine = udp_socket()
        values = {1: (0x10, 0), 2: (5, 64), 8: (1, 0), 10: (2, 1), 12: (1, 0), 13: (1, 0), 33: (9, 1), 34: (0, 1), 49: (0, 1)}
        for name, (value, usual) in values.items():
            assert number(mine, name) == usual
            mine.set_option(LEVEL_IP, name, struct.pack("<i", value))
            assert number(mine, name) == value
        mine.set_option(LEVEL_IP, 2, b"\x07")
        assert mine.option(LEVEL_IP, 2, 1) == b"\x07"
        for name, value in ((2, 0), (2, 256), (10, 4), (33, 256), (49, 2)):
            assert code(partial(mine.set_option, LEVEL_IP, name, struct.pack("<i", value))) == EINVAL
        assert code(lambda: mine.set_option(LEVEL_IP, 2, b"")) == EINVAL
        for level, name in ((LEVEL_IP, 99), (LEVEL_IP, 4), (41, 1)):
            assert code(partial(mine.set_option, level, name, b"\1\0\0\0")) == ENOPROTOOPT
            assert code(partial(mine.option, level, name, 4)) == ENOPROTOOPT
        assert code(lambda: mine.option(LEVEL_IP, 14, 4)) == ENOTCONN
        mine.connect(InetAddress(HOME, 9))
        assert number(mine, 14) == 65536

    with_network(body)


def test_what_is_told_beside_the_data() -> None:
    def body(task: Task) -> None:
        server, client = udp_socket(5000, 0), udp_socket()
        send(client, b"x", 5000)
        assert receive(server)[1].ancillary is None
        for name in (8, 12, 13):
            server.set_option(LEVEL_IP, name, b"\1\0\0\0")
        server.options.timestamp = True
        told = Ancillary()
        told.ttl, told.tos = 9, 0x20
        told.packet_info = PacketInfo(0, 0x7F000009, 0)
        send(client, b"x", 5000, ancillary=told)
        _data, received = receive(server)
        found = received.ancillary
        assert found is not None
        assert found.packet_info is not None
        assert (found.ttl, found.tos, found.timestamp_ns > 0) == (9, 0x20, True)
        assert (found.packet_info.interface, found.packet_info.local, found.packet_info.destination) == (1, HOME, HOME)
        assert inet(received.address)[0] == 0x7F000009

    with_network(body)


def test_broadcasts_need_leave() -> None:
    def body(wire: Wire) -> None:
        server, client = udp_socket(5000, 0), udp_socket()
        for host in (0xFFFFFFFF, 0x0A0002FF):
            assert code(partial(send, client, b"x", 5000, host=host)) == EACCES
        client.options.broadcast = True
        send(client, b"all", 5000, host=0x0A0002FF)
        assert receive(server)[0] == b"all"
        assert wire.sent[-1][16:20] == bytes([10, 0, 2, 255])

    with_wire(body)


def test_not_through_a_gateway() -> None:
    def body(wire: Wire) -> None:
        routes.add(routes.Route(0, 0, wire, 0x0A000202))
        mine = udp_socket()
        assert send(mine, b"x", 9, host=0x01020304) == 1
        assert code(lambda: send(mine, b"x", 9, host=0x01020304, flags=MessageFlags.DONTROUTE)) == ENETUNREACH
        assert send(mine, b"x", 9, host=0x0A000203, flags=MessageFlags.DONTROUTE) == 1
        mine.options.dont_route = True
        assert code(lambda: send(mine, b"x", 9, host=0x01020304)) == ENETUNREACH

    with_wire(body)


def test_groups() -> None:
    def body(wire: Wire) -> None:
        group = 0xE0000109
        request = group.to_bytes(4, "big") + bytes([10, 0, 2, 15])
        member, other, picky, client = udp_socket(5000, 0), udp_socket(5001, 0), udp_socket(5002, 0), udp_socket()
        member.set_option(LEVEL_IP, 35, request)
        assert code(partial(member.set_option, LEVEL_IP, 35, request)) == EADDRINUSE
        assert code(lambda: other.set_option(LEVEL_IP, 36, request)) == EADDRNOTAVAIL
        assert code(lambda: other.set_option(LEVEL_IP, 35, bytes([10, 0, 0, 1]) + bytes(4))) == EINVAL
        picky.set_option(LEVEL_IP, 49, bytes(4))
        for port in (5000, 5001, 5002):
            send(client, b"group", port, host=group)
        assert receive(member)[0] == b"group"
        assert receive(other)[0] == b"group", "IP_MULTICAST_ALL"
        assert code(lambda: receive(picky)) == EAGAIN
        assert wire.sent[-1][8] == 1, "no further than the link"
        client.set_option(LEVEL_IP, 34, bytes(4))
        send(client, b"group", 5000, host=group)
        assert code(partial(receive, member)) == EAGAIN, "it does not come back"
        del member
        client.set_option(LEVEL_IP, 34, b"\1\0\0\0")
        send(client, b"group", 5001, host=group)
        assert code(lambda: receive(other)) == EAGAIN, "nobody is in it any more"

    with_wire(body)


def test_a_ping_socket() -> None:
    def body(task: Task) -> None:
        mine, other = create(Family.INET, DGRAM, ICMP, Status.NONBLOCK), create(Family.INET, DGRAM, ICMP, Status.NONBLOCK)
        target = InetAddress(HOME, 0)

        def ping(socket: Socket, message: bytes) -> int:
            count = socket.send(KernelBytes(bytearray(message)), MessageFlags.NONE, target, None)
            pause(5)
            return count

        assert ping(mine, struct.pack(">BBHHH", 8, 0, 0xBAD, 0xBAD, 3) + b"data") == 12
        name = inet(mine.name())[1]
        data, received = receive(mine)
        assert data == make_message(0, 0, name << 16 | 3, b"data")
        assert inet(received.address) == (HOME, 0)
        assert code(lambda: receive(mine)) == EAGAIN
        for wrong in (struct.pack(">BBHHH", 0, 0, 0, 0, 0), struct.pack(">BBHHH", 8, 1, 0, 0, 0), b"\x08\0\0\0"):
            assert code(partial(ping, mine, wrong)) == EINVAL
        assert code(lambda: other.bind(InetAddress(0, name))) == EADDRINUSE
        other.bind(InetAddress(0, name ^ 1))
        assert code(lambda: other.bind(InetAddress(0, 0))) == EINVAL

    with_network(body)


def test_a_raw_socket_sees_packets_with_their_headers() -> None:
    def body(task: Task) -> None:
        raw = create(Family.INET, RAW, ICMP, Status.NONBLOCK)
        request = make_message(8, 0, 7 << 16 | 1, b"data")
        raw.send(KernelBytes(bytearray(request)), MessageFlags.NONE, InetAddress(HOME, 0), None)
        pause(5)
        packets = [receive(raw)[0], receive(raw)[0]]
        assert [packet[20:] for packet in packets] == [request, make_message(0, 0, 7 << 16 | 1, b"data")]
        assert packets[0][0] == 0x45
        raw.set_option(255, 1, struct.pack("<I", 1 << 8))
        assert raw.option(255, 1, 4) == struct.pack("<I", 1 << 8)
        raw.send(KernelBytes(bytearray(request)), MessageFlags.NONE, InetAddress(HOME, 0), None)
        pause(5)
        assert receive(raw)[0][20] == 0, "requests are filtered"
        assert code(lambda: receive(raw)) == EAGAIN
        raw.bind(InetAddress(0x7F000002, 0))
        raw.send(KernelBytes(bytearray(request)), MessageFlags.NONE, InetAddress(HOME, 0), None)
        pause(5)
        assert receive(raw)[0][16:20] == bytes([127, 0, 0, 2]), "what is for its address"

    with_network(body)


def test_a_packet_with_a_header_of_ones_own() -> None:
    def body(wire: Wire) -> None:
        raw = create(Family.INET, RAW, 255, Status.NONBLOCK)
        assert number(raw, 3) == 1
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 0, 0, 0, 3, 99, 0, bytes(4), bytes([10, 0, 2, 2]))
        raw.send(KernelBytes(bytearray(header + b"data")), MessageFlags.NONE, InetAddress(0x0A000202, 0), None)
        sent = wire.sent[-1]
        assert (sent[2:4], sent[8], sent[9], sent[12:16], sent[20:]) == (b"\0\x18", 3, 99, bytes([10, 0, 2, 15]), b"data")
        assert sent[4:6] != b"\0\0"
        from scarlet.machine.hosted.devices.usernet import checksum

        assert checksum(sent[:20]) == 0
        for wrong, expected in ((header[:19], EINVAL), (b"\x4f" + header[1:], EINVAL), (header + bytes(1500), EMSGSIZE)):
            action = partial(raw.send, KernelBytes(bytearray(wrong)), MessageFlags.NONE, InetAddress(0x0A000202, 0), None)
            assert code(action) == expected

    with_wire(body)


def test_bound_to_an_interface() -> None:
    def body(wire: Wire) -> None:
        here, there, client = udp_socket(5000, 0), udp_socket(), udp_socket()
        there.options.device = b"eth0"
        there.options_changed()
        assert code(lambda: there.bind(InetAddress(0, 5000))) == EADDRINUSE
        there.bind(InetAddress(0, 5001))
        send(client, b"x", 5001)
        assert code(lambda: receive(there)) == EAGAIN, "it came by lo"
        send(client, b"x", 5000)
        assert receive(here)[0] == b"x"
        there.options.device = b"gone"
        assert code(lambda: send(there, b"x", 5000)) == 19

    with_wire(body)
