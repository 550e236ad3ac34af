"""Routes, addresses and ports against plain models."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net import configuration, interfaces, routes
from net.addresses import mask_of
from net.interface import HardwareType, Interface, InterfaceFlags
from net.ipv4.packet import Packet, parse
from net.loopback import LoopbackInterface
from net.ports import FIRST_EPHEMERAL, LAST_EPHEMERAL, Endpoint, PortTable
from net.routes import Route
from objects.netdevice import Counters, SendBudget
from scarlet.lang.errno import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EEXIST,
    EINVAL,
    ENETDOWN,
    ENETUNREACH,
    ESRCH,
    Errno,
)  # fmt: skip
from scarlet.machine.hosted.devices.usernet import make_ip
from tests.net.support import forget


class Link(Interface):
    """An interface that goes nowhere."""

    def __init__(self, name: bytes) -> None:
        flags = InterfaceFlags.BROADCAST | InterfaceFlags.MULTICAST
        super().__init__(name, bytes(6), 1500, Counters(), flags, HardwareType.ETHERNET)

    def transmit(self, packet: bytes, next_hop: int, budget: SendBudget | None) -> None:
        pass


@pytest.fixture(autouse=True)
def links() -> Iterator[list[Interface]]:
    forget()
    made: list[Interface] = [LoopbackInterface(), Link(b"eth0"), Link(b"eth1")]
    for link in made:
        interfaces.add(link)
        configuration.set_up(link)
    configuration.add_address(made[0], 0x7F000001, 8)
    yield made
    forget()


def code(action: Callable[[], object]) -> int:
    try:
        action()
    except Errno as error:
        return error.code
    return 0


def test_an_address_brings_its_route_and_takes_it_along(links: list[Interface]) -> None:
    eth0 = links[1]
    configuration.add_address(eth0, 0x0A00020F, 24, 0x0A0002FF)
    routes.add(Route(0, 0, eth0, 0x0A000202))
    assert [(route.destination, route.prefix, route.gateway) for route in routes.every()] == [(0x0A000200, 24, 0), (0, 0, 0x0A000202)]
    assert code(lambda: configuration.add_address(eth0, 0x0A00020F, 24)) == EEXIST
    configuration.remove_address(eth0, 0x0A00020F)
    assert routes.every() == [], "the gateway is out of reach"
    assert code(lambda: configuration.remove_address(eth0, 0x0A00020F)) == EADDRNOTAVAIL


def test_down_and_up_again(links: list[Interface]) -> None:
    eth0 = links[1]
    configuration.add_address(eth0, 0x0A00020F, 24)
    configuration.set_down(eth0)
    assert routes.every() == []
    assert not interfaces.is_own(0x0A00020F)
    assert code(lambda: routes.add(Route(0x0B000000, 8, eth0))) == ENETDOWN
    configuration.set_up(eth0)
    assert routes.find(0x0A000203) is not None
    assert interfaces.is_own(0x0A00020F)


def test_what_cannot_be_an_address_or_a_route(links: list[Interface]) -> None:
    eth0 = links[1]
    for address, prefix in ((0, 24), (0xFFFFFFFF, 24), (0xE0000001, 24), (0x0A000001, 33)):
        assert code(partial(configuration.add_address, eth0, address, prefix)) == EINVAL
    configuration.add_address(eth0, 0x0A00020F, 24)
    assert code(lambda: routes.add(Route(0x0A000201, 24, eth0))) == EINVAL
    assert code(lambda: routes.add(Route(0x0A000200, 24, eth0))) == EEXIST
    assert code(lambda: routes.add(Route(0, 0, eth0, 0x0B000001))) == ENETUNREACH
    assert code(lambda: routes.add(Route(0, 0, eth0, 0x0A00020F))) == EINVAL
    assert code(lambda: routes.remove(0x0C000000, 8)) == ESRCH
    assert code(lambda: configuration.set_mtu(eth0, 1501)) == EINVAL
    assert code(lambda: configuration.set_mtu(eth0, 67)) == EINVAL


@given(
    st.lists(
        st.tuples(st.integers(0, 0xFFFFFFFF), st.sampled_from([0, 1, 8, 15, 16, 24, 30, 31, 32]), st.integers(0, 3), st.integers(0, 1))
    ),
    st.lists(st.integers(0, 0xFFFFFFFF)),
)
def test_the_longest_prefix_then_the_least_metric_wins(table: list[tuple[int, int, int, int]], wanted: list[int]) -> None:
    routes._table.clear()
    model: list[tuple[int, int, int, Interface]] = []
    for address, prefix, metric, which in table:
        link = interfaces.every()[1 + which]
        destination = address & mask_of(prefix)
        known = any(item[:3] == (destination, prefix, metric) for item in model)
        assert code(partial(routes.add, Route(destination, prefix, link, metric=metric))) == (EEXIST if known else 0)
        if not known:
            model.append((destination, prefix, metric, link))
    for address in wanted + [item[0] | 1 for item in model]:
        fitting = [item for item in model if address & mask_of(item[1]) == item[0]]
        best = min(fitting, key=lambda item: (-item[1], item[2]), default=None)
        found = routes.find(address)
        assert (None if found is None else (found.destination, found.prefix, found.metric, found.interface)) == best
        for link in interfaces.every()[1:]:
            fitting_there = [item for item in fitting if item[3] is link]
            best = min(fitting_there, key=lambda item: (-item[1], item[2]), default=None)
            found = routes.find(address, link)
            assert (None if found is None else (found.destination, found.prefix, found.metric, found.interface)) == best


# Ports


class End(Endpoint):
    def __init__(self, *, reuse: bool = False, share: bool = False, uid: int = 0, interface: Interface | None = None) -> None:
        super().__init__()
        self.reuse, self.share, self.uid = reuse, share, uid
        self.interface = interface

    def deliver(self, packet: Packet, source_port: int, data: bytes) -> None:
        pass

    def shares_address(self) -> bool:
        return self.reuse

    def shares_port(self) -> bool:
        return self.share

    def owner(self) -> int:
        return self.uid


ANY, ONE, TWO = 0, 0x0A000001, 0x0A000002


@pytest.mark.parametrize(
    ("first", "first_address", "second", "second_address", "allowed"),
    [
        (End(), ANY, End(), ANY, False),
        (End(), ANY, End(), ONE, False),
        (End(), ONE, End(), ANY, False),
        (End(), ONE, End(), TWO, True),
        (End(reuse=True), ANY, End(reuse=True), ANY, True),
        (End(reuse=True), ANY, End(), ANY, False),
        (End(), ANY, End(reuse=True), ANY, False),
        (End(share=True), ANY, End(share=True), ANY, True),
        (End(share=True, uid=1), ANY, End(share=True, uid=2), ANY, False),
        (End(share=True), ANY, End(reuse=True), ANY, False),
    ],
)
def test_who_may_share_a_port(first: End, first_address: int, second: End, second_address: int, allowed: bool) -> None:
    table = PortTable()
    table.bind(first, first_address, 53)
    assert code(lambda: table.bind(second, second_address, 53)) == (0 if allowed else EADDRINUSE)
    table.unbind(first)
    if allowed:
        table.unbind(second)
    else:
        assert second.port == 0
    table.bind(End(), ANY, 53)


def test_interfaces_keep_ports_apart(links: list[Interface]) -> None:
    table = PortTable()
    table.bind(End(interface=links[1]), ANY, 68)
    table.bind(End(interface=links[2]), ANY, 68)
    assert code(lambda: table.bind(End(interface=links[1]), ANY, 68)) == EADDRINUSE
    assert code(lambda: table.bind(End(), ANY, 68)) == EADDRINUSE


def test_free_ports_are_given_until_there_are_none() -> None:
    table = PortTable()
    ports = set()
    for _turn in range(200):
        end = End()
        table.bind(end, ANY, 0)
        ports.add(end.port)
    assert len(ports) == 200
    assert all(FIRST_EPHEMERAL <= port <= LAST_EPHEMERAL for port in ports)
    assert sorted(ports) != list(range(min(ports), min(ports) + 200)), "not one after the other"


def packet(source: int, destination: int, interface: Interface | None = None) -> Packet:
    found = parse(make_ip(source.to_bytes(4, "big"), destination.to_bytes(4, "big"), 17, b""))
    assert found is not None
    found.interface = interface
    return found


def test_the_most_precise_gets_it(links: list[Interface]) -> None:
    table = PortTable()
    every, mine, connected, there = End(reuse=True), End(reuse=True), End(reuse=True), End(reuse=True, interface=links[2])
    for end, address in ((every, ANY), (there, ANY), (mine, ONE), (connected, ONE)):
        table.bind(end, address, 53)
    connected.peer_address, connected.peer_port = TWO, 1000
    assert table.find(packet(TWO, ONE, links[1]), 1000, 53) is connected
    assert table.find(packet(TWO, ONE, links[1]), 1001, 53) is mine
    assert table.find(packet(TWO, 0x0A000003, links[1]), 1000, 53) is every
    assert table.find(packet(TWO, 0x0A000003, links[2]), 1000, 53) is there
    assert table.find(packet(TWO, ONE, links[1]), 1000, 54) is None
    assert table.find_all(packet(TWO, ONE, links[1]), 1000, 53) == [every, mine, connected]
    late = End(reuse=True)
    table.bind(late, ANY, 53)
    assert table.find(packet(TWO, 0x0A000003, links[1]), 1000, 53) is late, "the last that came"


def test_who_shares_by_reuseport_gets_a_share() -> None:
    table = PortTable()
    ends = [End(share=True) for _turn in range(4)]
    for end in ends:
        table.bind(end, ANY, 53)
    found = [table.find(packet(TWO, ONE), port, 53) for port in range(1000, 1200)]
    assert all(found.count(end) > 20 for end in ends)
    assert table.find(packet(TWO, ONE), 1000, 53) is table.find(packet(TWO, ONE), 1000, 53), "a conversation stays where it is"


# Planted mistakes


def test_the_properties_catch_an_order_of_routes_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_before", lambda route, other: route.metric < other.metric)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        test_the_longest_prefix_then_the_least_metric_wins()


def test_the_properties_catch_a_mask_that_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "contains", lambda self, address: address >= self.destination)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        test_the_longest_prefix_then_the_least_metric_wins()
