"""NETLINK_ROUTE: what can be asked for and changed, who may, and that no message harms the kernel. (rtnetlink(7))"""

import struct
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from net import configuration, interfaces, routes
from net.ethernetlink import EthernetInterface
from net.loopback import LoopbackInterface
from net.netlink import groups
from objects.credentials import Credentials
from objects.netdevice import NetDevice, SendBudget
from scarlet.kernel import log
from scarlet.lang import errno
from tests.net.support import forget as forget_network
from tests.sockets.support import AF_NETLINK, EINVAL, EPERM, RAW, Sockets, run

GETLINK, NEWLINK, SETLINK, DELLINK = 18, 16, 19, 17
NEWADDR, DELADDR, GETADDR = 20, 21, 22
NEWROUTE, DELROUTE, GETROUTE = 24, 25, 26
NEWNEIGH, DELNEIGH, GETNEIGH = 28, 29, 30
ERROR, DONE = 2, 3
REQUEST, ACK, DUMP, REPLACE, EXCLUSIVE, CREATE = 1, 4, 0x300, 0x100, 0x200, 0x400
UP = 1
HOST = bytes([10, 0, 0, 7])


class Answer:
    """One message that came back."""

    def __init__(self, data: bytes) -> None:
        length, self.type, self.flags, self.sequence, self.port = struct.unpack_from("<IHHII", data)
        self.body = data[16:length]

    @property
    def error(self) -> int:
        assert self.type == ERROR
        return int(struct.unpack_from("<i", self.body)[0])

    def attributes(self, size: int) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        rest = self.body[(size + 3) // 4 * 4 :]
        while len(rest) >= 4:
            length, kind = struct.unpack_from("<HH", rest)
            found[kind] = rest[4:length]
            rest = rest[(length + 3) // 4 * 4 :]
        return found


def attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def request(kind: int, flags: int, body: bytes, *attributes: bytes) -> bytes:
    whole = body + b"".join(attributes)
    return struct.pack("<IHHII", 16 + len(whole), kind, REQUEST | flags, 5, 0) + whole


class Netlink:
    """A netlink socket of a program."""

    def __init__(self, sockets: Sockets) -> None:
        self.sockets = sockets
        self.fd = sockets.socket(RAW, AF_NETLINK)
        assert self.fd >= 0

    def ask(self, data: bytes) -> list[Answer]:
        assert self.sockets.send(self.fd, data) == len(data)
        return self.answers()

    def answers(self) -> list[Answer]:
        found: list[Answer] = []
        while True:
            data = self.sockets.receive(self.fd, 8192, 0x40)
            if isinstance(data, int):
                return found
            while len(data) >= 16:
                found.append(Answer(data))
                data = data[(struct.unpack_from("<I", data)[0] + 3) // 4 * 4 :]

    def result(self, data: bytes) -> int:
        """The errno that a request gets, 0 for success."""
        [answer] = self.ask(data)
        return answer.error


def network(body: Callable[[Netlink], None]) -> None:
    """Run the function on a machine with lo (127.0.0.1/8) and eth0 (10.0.0.2/24, and a route by 10.0.0.1)."""

    def inside(sockets: Sockets) -> None:
        forget_network()
        groups.start()
        loopback = LoopbackInterface()
        card = EthernetInterface(Card())
        for interface in (loopback, card):
            interfaces.add(interface)
            configuration.set_up(interface)
        configuration.add_address(loopback, 0x7F000001, 8)
        configuration.add_address(card, 0x0A000002, 24, 0x0A0000FF)
        routes.add(routes.Route(0, 0, card, 0x0A000001))
        try:
            body(Netlink(sockets))
        finally:
            card.neighbours.clear()
            forget_network()

    run(inside)


class Card(NetDevice):
    """A card that swallows what is sent."""

    def __init__(self) -> None:
        super().__init__(b"\x52\x54\0\0\0\1", 1500)
        self.name = b"eth0"

    def send(self, frame: bytes, budget: SendBudget | None = None) -> bool:
        return True

    def poll(self, most: int) -> bool:
        return False


# --- asking -----------------------------------------------------------------------------------------------------------------------


def test_a_dump_of_links_has_all_of_them_and_an_end() -> None:
    def body(netlink: Netlink) -> None:
        first, second, end = netlink.ask(request(GETLINK, DUMP, bytes(16)))
        assert (first.type, second.type, end.type) == (NEWLINK, NEWLINK, DONE)
        assert all(answer.flags & 2 and answer.sequence == 5 and answer.port == 1 for answer in (first, second, end))
        assert first.attributes(16)[3] == b"lo\0" and second.attributes(16)[3] == b"eth0\0"
        assert second.attributes(16)[4] == struct.pack("<I", 1500)
        assert second.attributes(16)[1] == b"\x52\x54\0\0\0\1"
        family, kind, index, flags, _change = struct.unpack_from("<BxHiII", second.body)
        assert (family, kind, index, flags & 0x10043) == (0, 1, 2, 0x10043)

    network(body)


@pytest.mark.parametrize(
    ("header", "attributes", "error"),
    [
        (struct.pack("<iII", 2, 0, 0), (), 0),
        (bytes(12), (attribute(3, b"lo\0"),), 0),
        (struct.pack("<iII", 9, 0, 0), (), errno.ENODEV),
        (bytes(12), (attribute(3, b"eth9\0"),), errno.ENODEV),
        (bytes(12), (), errno.EINVAL),
    ],
)
def test_one_link_is_found_by_index_or_name(header: bytes, attributes: tuple[bytes, ...], error: int) -> None:
    def body(netlink: Netlink) -> None:
        [answer] = netlink.ask(request(GETLINK, 0, bytes(4) + header, *attributes))
        if error:
            assert answer.error == -error
        else:
            assert answer.type == NEWLINK and not answer.flags & 2

    network(body)


def test_addresses_and_routes_are_dumped() -> None:
    def body(netlink: Netlink) -> None:
        lo, eth0, _end = netlink.ask(request(GETADDR, DUMP, bytes(8)))
        assert struct.unpack("<BBBBI", lo.body[:8]) == (2, 8, 0x80, 254, 1)
        assert struct.unpack("<BBBBI", eth0.body[:8]) == (2, 24, 0x80, 0, 2)
        assert eth0.attributes(8)[2] == bytes([10, 0, 0, 2]) and eth0.attributes(8)[4] == bytes([10, 0, 0, 255])
        default, link, _end = netlink.ask(request(GETROUTE, DUMP, bytes(12)))
        assert link.body[1] == 24 and link.attributes(12)[1] == bytes([10, 0, 0, 0]) and 5 not in link.attributes(12)
        assert default.body[1] == 0 and default.attributes(12)[5] == bytes([10, 0, 0, 1]) and 1 not in default.attributes(12)
        for kind, size in ((GETADDR, 8), (GETROUTE, 12), (GETNEIGH, 12)):
            [end] = netlink.ask(request(kind, DUMP, b"\x0a" + bytes(size - 1)))
            assert end.type == DONE, "there is no IPv6"

    network(body)


@pytest.mark.parametrize(
    ("host", "kind", "gateway"),
    [
        (bytes([10, 0, 0, 9]), 1, None),
        (bytes([8, 8, 8, 8]), 1, bytes([10, 0, 0, 1])),
        (bytes([10, 0, 0, 2]), 2, None),
        (bytes([127, 0, 0, 1]), 2, None),
    ],
)
def test_the_way_to_one_host_can_be_asked_for(host: bytes, kind: int, gateway: bytes | None) -> None:
    def body(netlink: Netlink) -> None:
        [answer] = netlink.ask(request(GETROUTE, 0, bytes([2, 32]) + bytes(10), attribute(1, host)))
        assert answer.type == NEWROUTE and answer.body[7] == kind
        assert answer.attributes(12).get(5) == gateway
        routes.remove(0, 0)
        [answer] = netlink.ask(request(GETROUTE, 0, bytes([2, 32]) + bytes(10), attribute(1, bytes([9, 9, 9, 9]))))
        assert answer.error == -errno.ENETUNREACH

    network(body)


# --- changing ---------------------------------------------------------------------------------------------------------------------


def address(kind: int, flags: int, host: bytes, prefix: int = 24, index: int = 2, family: int = 2) -> bytes:
    return request(kind, ACK | flags, struct.pack("<BBBBI", family, prefix, 0, 0, index), attribute(2, host), attribute(1, host))


def test_addresses_come_and_go() -> None:
    def body(netlink: Netlink) -> None:
        assert netlink.result(address(NEWADDR, CREATE, HOST)) == 0
        assert netlink.result(address(NEWADDR, CREATE | EXCLUSIVE, HOST)) == -errno.EEXIST
        assert len(interfaces.addresses()) == 3
        assert netlink.result(address(DELADDR, 0, HOST, prefix=25)) == -errno.EADDRNOTAVAIL
        assert netlink.result(address(DELADDR, 0, HOST)) == 0
        assert netlink.result(address(DELADDR, 0, HOST)) == -errno.EADDRNOTAVAIL
        assert netlink.result(address(NEWADDR, CREATE, HOST, index=7)) == -errno.ENODEV
        assert netlink.result(address(NEWADDR, CREATE, HOST, prefix=33)) == -errno.EINVAL
        assert netlink.result(address(NEWADDR, CREATE, HOST, family=10)) == -errno.EAFNOSUPPORT

    network(body)


def test_links_go_down_and_up() -> None:
    def body(netlink: Netlink) -> None:
        def link(flags: int, mask: int, *attributes: bytes) -> bytes:
            return request(SETLINK, ACK, struct.pack("<BBHiII", 0, 0, 0, 2, flags, mask), *attributes)

        assert netlink.result(link(0, UP)) == 0
        assert not interfaces.every()[1].up and len(routes.every()) == 0
        assert netlink.result(link(UP, UP, attribute(4, struct.pack("<I", 1400)))) == 0
        assert interfaces.every()[1].up and interfaces.every()[1].mtu == 1400
        assert netlink.result(link(0, 0, attribute(4, struct.pack("<I", 9000)))) == -errno.EINVAL
        assert netlink.result(link(0x100, 0x100)) == -errno.EOPNOTSUPP
        assert netlink.result(link(0, 0, attribute(1, bytes(6)))) == -errno.EOPNOTSUPP
        assert netlink.result(request(NEWLINK, ACK | CREATE, bytes(16), attribute(3, b"dummy0\0"))) == -errno.EOPNOTSUPP
        assert netlink.result(request(DELLINK, ACK, struct.pack("<BBHiII", 0, 0, 0, 2, 0, 0))) == -errno.EOPNOTSUPP

    network(body)


def route(kind: int, flags: int, prefix: int, *attributes: bytes, table: int = 254, type: int = 1) -> bytes:
    return request(kind, ACK | flags, bytes([2, prefix, 0, 0, table, 3, 0, type]) + bytes(4), *attributes)


def test_routes_come_and_go() -> None:
    to = attribute(1, bytes([192, 168, 0, 0]))
    by, nowhere = attribute(5, bytes([10, 0, 0, 9])), attribute(5, bytes([7, 7, 7, 7]))

    def body(netlink: Netlink) -> None:
        assert netlink.result(route(NEWROUTE, CREATE | EXCLUSIVE, 16, to, by)) == 0
        found = routes.find(0xC0A80101)
        assert found is not None and found.gateway == 0x0A000009 and found.interface.name == b"eth0"
        assert netlink.result(route(NEWROUTE, CREATE | EXCLUSIVE, 16, to, by)) == -errno.EEXIST
        assert netlink.result(route(NEWROUTE, REPLACE, 16, to, attribute(5, bytes([10, 0, 0, 8])))) == 0
        assert netlink.result(route(NEWROUTE, CREATE, 8, to, by)) == -errno.EINVAL
        assert netlink.result(route(NEWROUTE, CREATE, 16, to)) == -errno.ENODEV
        assert netlink.result(route(NEWROUTE, CREATE, 16, to, nowhere)) == -errno.EEXIST
        assert netlink.result(route(NEWROUTE, CREATE, 24, to, nowhere)) == -errno.ENETUNREACH
        assert netlink.result(route(NEWROUTE, CREATE, 16, to, by, table=7)) == -errno.EOPNOTSUPP
        assert netlink.result(route(NEWROUTE, CREATE, 16, to, by, type=7)) == -errno.EOPNOTSUPP
        assert netlink.result(route(NEWROUTE, CREATE, 16, to, by, attribute(9, bytes(8)))) == -errno.EOPNOTSUPP
        assert netlink.result(route(DELROUTE, 0, 16, to)) == 0
        assert netlink.result(route(DELROUTE, 0, 16, to)) == -errno.ESRCH

    network(body)


def test_permanent_neighbours_come_and_go() -> None:
    def neighbour(kind: int, flags: int, state: int = 0x80, index: int = 2) -> bytes:
        header = struct.pack("<BBHiHBB", 2, 0, 0, index, state, 0, 0)
        return request(kind, ACK | flags, header, attribute(1, HOST), attribute(2, b"\2\0\0\0\0\7"))

    def body(netlink: Netlink) -> None:
        assert netlink.result(neighbour(NEWNEIGH, CREATE)) == 0
        [entry, _end] = netlink.ask(request(GETNEIGH, DUMP, bytes(12)))
        assert entry.attributes(12)[1] == HOST and entry.attributes(12)[2] == b"\2\0\0\0\0\7"
        assert struct.unpack_from("<iH", entry.body, 4) == (2, 0x80)
        assert netlink.result(neighbour(NEWNEIGH, CREATE | EXCLUSIVE)) == -errno.EEXIST
        assert netlink.result(neighbour(NEWNEIGH, CREATE, state=2)) == -errno.EOPNOTSUPP
        assert netlink.result(neighbour(NEWNEIGH, CREATE, index=1)) == -errno.EINVAL
        assert netlink.result(neighbour(DELNEIGH, 0)) == 0
        assert netlink.result(neighbour(DELNEIGH, 0)) == -errno.ENOENT

    network(body)


def test_only_the_privileged_change_something() -> None:
    def body(netlink: Netlink) -> None:
        task = netlink.sockets.program.task
        task.process.credentials = Credentials(5, 5)
        task.refresh()
        assert netlink.result(address(NEWADDR, CREATE, HOST)) == -errno.EPERM
        assert netlink.result(route(DELROUTE, 0, 0)) == -errno.EPERM
        assert len(netlink.ask(request(GETLINK, DUMP, bytes(16)))) == 3

    network(body)


# --- the protocol -----------------------------------------------------------------------------------------------------------------


def test_requests_in_one_message_are_answered_in_order() -> None:
    def body(netlink: Netlink) -> None:
        both = address(NEWADDR, CREATE, HOST) + address(DELADDR, 0, HOST)
        assert [answer.error for answer in netlink.ask(both)] == [0, 0]
        assert netlink.ask(request(NEWADDR, 0, bytes(8))[:-4]) == [], "cut short"
        assert netlink.result(request(77, ACK, b"")) == -errno.EOPNOTSUPP
        silent = struct.pack("<IHHII", 16, 1, REQUEST, 0, 0)
        assert netlink.ask(silent) == [], "messages of netlink itself want no answer"

    network(body)


def test_an_error_repeats_the_request_unless_that_is_not_wanted() -> None:
    def body(netlink: Netlink) -> None:
        wrong = address(DELADDR, 0, HOST)
        [answer] = netlink.ask(wrong)
        assert answer.body[4:] == wrong
        sockets = netlink.sockets
        place = sockets.program.put(struct.pack("<i", 1))
        assert sockets.program.call(208, netlink.fd, 270, 10, place, 4) == 0  # NETLINK_CAP_ACK
        [answer] = netlink.ask(wrong)
        assert answer.body[4:] == wrong[:16] and answer.flags == 0x100

    network(body)


def test_members_of_a_group_hear_of_changes() -> None:
    def body(netlink: Netlink) -> None:
        sockets = netlink.sockets
        listener = Netlink(sockets)
        assert sockets.bind(listener.fd, struct.pack("<HHII", AF_NETLINK, 0, 0, 1 | 1 << 4)) == 0
        netlink.ask(address(NEWADDR, CREATE, HOST))
        [news] = listener.answers()
        assert news.type == NEWADDR and news.attributes(8)[2] == HOST
        configuration.remove_address(interfaces.every()[1], 0x0A000007)
        [news] = listener.answers()
        assert news.type == DELADDR
        configuration.set_mtu(interfaces.every()[1], 1000)
        [news] = listener.answers()
        assert news.type == NEWLINK and news.attributes(16)[4] == struct.pack("<I", 1000)
        assert sockets.bind(listener.fd, struct.pack("<HHII", AF_NETLINK, 0, 0, 1 << 30)) == -errno.EOPNOTSUPP

    network(body)


def test_who_does_not_listen_is_told_that_something_was_lost() -> None:
    def body(netlink: Netlink) -> None:
        sockets = netlink.sockets
        assert sockets.bind(netlink.fd, struct.pack("<HHII", AF_NETLINK, 0, 0, 1)) == 0
        for number in range(1000):
            configuration.set_mtu(interfaces.every()[1], 1000 + number % 2)
        assert sockets.receive(netlink.fd, 8192, 0x40) == -errno.ENOBUFS
        assert isinstance(sockets.receive(netlink.fd, 8192, 0x40), bytes)

    network(body)


def test_ports_are_given_once() -> None:
    def body(netlink: Netlink) -> None:
        sockets = netlink.sockets
        second = sockets.socket(RAW, AF_NETLINK)
        assert sockets.bind(netlink.fd, struct.pack("<HHII", AF_NETLINK, 0, 7, 0)) == 0
        assert sockets.bind(second, struct.pack("<HHII", AF_NETLINK, 0, 7, 0)) == -errno.EADDRINUSE
        assert sockets.bind(netlink.fd, struct.pack("<HHII", AF_NETLINK, 0, 8, 0)) == EINVAL
        sockets.close(netlink.fd)
        assert sockets.bind(second, struct.pack("<HHII", AF_NETLINK, 0, 7, 0)) == 0
        assert sockets.connect(second, struct.pack("<HHII", AF_NETLINK, 0, 9, 0)) == EPERM
        assert sockets.socket(1, AF_NETLINK) == -errno.ESOCKTNOSUPPORT
        assert sockets.socket(RAW, AF_NETLINK, 15) == -errno.EPROTONOSUPPORT

    network(body)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.integers(16, 31), flags=st.integers(0, 0xFFF), body=st.binary(max_size=24),
    attributes=st.lists(st.tuples(st.integers(0, 60), st.one_of(st.binary(max_size=9), st.binary(min_size=4, max_size=4))), max_size=4),
    cut=st.integers(0, 3), length=st.one_of(st.none(), st.integers(0, 100)),
)  # fmt: skip
def test_no_message_harms(
    kind: int, flags: int, body: bytes, attributes: list[tuple[int, bytes]], cut: int, length: int | None
) -> None:  # fmt: skip
    data = request(kind, flags, body, *[attribute(*item) for item in attributes])
    if length is not None:
        data = struct.pack("<I", length) + data[4:]

    def inside(netlink: Netlink) -> None:
        before = len(log.lines())
        for answer in netlink.ask(data[: len(data) - cut] if len(data) > 16 + cut else data):
            assert answer.type in (ERROR, DONE) or 16 <= answer.type <= 31
        assert not [line for line in log.lines()[before:] if "failed in" in line.text]

    network(inside)
