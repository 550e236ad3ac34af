"""DHCP against a server that loses, repeats, delays and refuses: the interface is configured whenever the server can be understood, and
never by anything else."""

import random
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net import interfaces, routes
from net.dhcp import resolver
from net.dhcp.client import DhcpClient, DhcpState
from objects.uts import uts
from scarlet.kernel import clock
from scarlet.machine.hosted.devices.usernet import ACK, DISCOVER, NAK, OFFER, REQUEST, UserNetwork, dhcp_options
from tests.net.support import GATEWAY, GUEST, SECOND, Lab, echo_request, make_udp, pause

HOUR = 3600 * SECOND


class Server(UserNetwork):
    """Notes what it is asked, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, int, bytes]] = []
        """Time, kind, message."""
        self.lose = 0
        """Lose so many of what comes first."""
        self.refuse = 0
        self.extra = b""
        """More options in every answer."""

    def _dhcp(self, mac: bytes, data: bytes) -> None:
        self.asked.append((clock.monotonic_ns(), dhcp_options(data)[53][0], data))
        if self.lose > 0:
            self.lose -= 1
            return
        super()._dhcp(mac, data)

    def dhcp_reply(self, request: bytes, answer: int) -> bytes:
        if answer == ACK and self.refuse > 0:
            self.refuse -= 1
            answer = NAK
        packet = super().dhcp_reply(request, answer)
        if not self.extra:
            return packet
        body = packet[28:-1] + self.extra + b"\xff"
        return make_udp(GATEWAY, 67, packet[16:20], 68, body)

    def kinds(self) -> list[int]:
        return [kind for _time, kind, _data in self.asked]


def client() -> DhcpClient:
    return resolver.clients()[0]


def configured() -> bool:
    interface = interfaces.by_name(b"eth0")
    assert interface is not None
    return [entry.address.to_bytes(4, "big") for entry in interface.addresses] == [GUEST]


def with_server(server: Server, check: Callable[[Lab], None]) -> None:
    with Lab(network=server) as lab:

        def body() -> None:
            check(lab)
            assert lab.complaints() == []

        lab.run(body)


def test_the_interface_is_what_the_server_says() -> None:
    server = Server()
    server.extra = bytes([15, 8]) + b"test.lan" + bytes([12, 5]) + b"guest" + bytes([26, 2, 5, 120])
    before = uts.nodename

    def check(lab: Lab) -> None:
        pause(SECOND)
        assert configured()
        entry = lab.plugged.interface.addresses[0]
        assert (entry.prefix, entry.broadcast) == (24, 0x0A0002FF)
        assert [(route.prefix, route.gateway) for route in routes.every()] == [(24, 0), (0, 0x0A000202)]
        assert lab.plugged.interface.mtu == 1400
        assert uts.nodename == b"guest"
        assert resolver.resolver_text() == b"#PROTO: DHCP\ndomain test.lan\nnameserver 10.0.2.3\nbootserver 10.0.2.2\n"
        assert server.kinds() == [DISCOVER, REQUEST]

    try:
        with_server(server, check)
    finally:
        uts.nodename = before


def test_the_first_three_discovers_are_lost() -> None:
    server = Server()
    server.lose = 3

    def check(lab: Lab) -> None:
        pause(40 * SECOND)
        assert configured()
        assert server.kinds() == [DISCOVER] * 4 + [REQUEST]
        times = [time for time, _kind, _data in server.asked]
        assert times[1] - times[0] == pytest.approx(SECOND, abs=SECOND // 100)
        assert 3 * SECOND <= times[2] - times[1] <= 5 * SECOND
        assert 7 * SECOND <= times[3] - times[2] <= 9 * SECOND
        seconds = [struct.unpack(">H", data[8:10])[0] for _time, _kind, data in server.asked]
        assert seconds == [(time - times[0]) // SECOND for time in times]

    with_server(server, check)


def test_without_a_server_it_goes_on_asking_once_a_minute() -> None:
    server = Server()
    server.dhcp_answers = False

    def check(lab: Lab) -> None:
        pause(HOUR)
        assert not configured()
        assert 50 <= len(server.asked) <= 70
        server.dhcp_answers = True
        pause(66 * SECOND)
        assert configured()

    with_server(server, check)


def test_a_lost_request_is_sent_again_and_given_up_in_the_end() -> None:
    server = Server()
    acks = [0]

    def no_ack(frame: bytes) -> bool:
        mine = frame[6:12] == bytes.fromhex("525600000002") and frame[12:14] == b"\x08\x00" and frame[23] == 17
        if mine and dhcp_options(frame[42:]).get(53) == bytes([ACK]):
            acks[0] += 1
            return acks[0] < 8
        return False

    server.drop = no_ack

    def check(lab: Lab) -> None:
        pause(300 * SECOND)
        assert configured()
        kinds = server.kinds()
        assert kinds[:6] == [DISCOVER] + [REQUEST] * 5
        assert kinds[6] == DISCOVER, "another try from the beginning"

    with_server(server, check)


def test_a_refusal_begins_anew_after_a_while() -> None:
    server = Server()
    server.refuse = 2

    def check(lab: Lab) -> None:
        pause(SECOND)
        assert not configured()
        pause(30 * SECOND)
        assert configured()
        times = [time for time, kind, _data in server.asked if kind == DISCOVER]
        assert times[1] - times[0] >= 10 * SECOND

    with_server(server, check)


def test_the_lease_is_renewed_with_its_server_alone() -> None:
    server = Server()
    server.lease_seconds = 3600

    def check(lab: Lab) -> None:
        pause(SECOND)
        pause(HOUR // 2 + SECOND)
        assert server.kinds() == [DISCOVER, REQUEST, REQUEST]
        frame = server.seen[-1]
        assert frame[26:34] == GUEST + GATEWAY, "not to everybody"
        assert client().state is DhcpState.BOUND
        pause(10 * HOUR)
        assert configured()
        assert len(server.asked) == pytest.approx(23, abs=1)

    with_server(server, check)


def test_without_its_server_the_lease_is_rebound_then_lost_then_looked_for() -> None:
    server = Server()
    server.lease_seconds = 3600

    def check(lab: Lab) -> None:
        pause(SECOND)
        server.dhcp_answers = False
        server.asked.clear()
        pause(HOUR * 6 // 8)
        assert client().state is DhcpState.RENEWING
        assert 2 <= len(server.asked) <= 8
        pause(HOUR * 3 // 16)
        assert client().state is DhcpState.REBINDING
        assert server.seen[-1][30:34] == b"\xff" * 4
        assert configured()
        pause(HOUR // 8)
        assert not configured()
        assert routes.every() == []
        assert resolver.resolver_text() == b"#PROTO: DHCP\n"
        server.dhcp_answers = True
        pause(70 * SECOND)
        assert configured()

    with_server(server, check)


def test_a_lease_for_ever_is_never_renewed() -> None:
    server = Server()
    server.lease_seconds = 0xFFFFFFFF

    def check(lab: Lab) -> None:
        pause(10000 * HOUR)
        assert configured()
        assert len(server.asked) == 2

    with_server(server, check)


def test_another_cable_may_be_another_network() -> None:
    server = Server()

    def check(lab: Lab) -> None:
        pause(SECOND)
        lab.plugged.card.set_link(False)
        pause(SECOND)
        server.refuse = 1
        lab.plugged.card.set_link(True)
        pause(SECOND)
        assert server.kinds()[-1] == REQUEST
        assert 50 in dhcp_options(server.asked[-1][2]), "INIT-REBOOT names the address"
        assert not configured(), "refused"
        pause(30 * SECOND)
        assert configured()

    with_server(server, check)


def test_a_silent_network_after_a_cable_keeps_the_lease() -> None:
    server = Server()

    def check(lab: Lab) -> None:
        pause(SECOND)
        server.dhcp_answers = False
        lab.plugged.card.set_link(False)
        lab.plugged.card.set_link(True)
        pause(60 * SECOND)
        assert configured()
        assert client().state is DhcpState.BOUND

    with_server(server, check)


def test_answers_for_others_and_broken_ones_are_not_for_us() -> None:
    server = Server()
    server.dhcp_answers = False

    def check(lab: Lab) -> None:
        pause(SECOND // 2)
        request = server.asked[0][2]
        good = server.dhcp_reply(request, OFFER)
        for place, length in ((28, 1), (32, 4), (56, 6), (28 + 236, 4)):  # operation, xid, hardware, cookie
            body = bytearray(good[28:])
            body[place - 28 : place - 28 + length] = bytes(byte ^ 0x55 for byte in body[place - 28 : place - 28 + length])
            server.give(b"\xff" * 6, make_udp(GATEWAY, 67, b"\xff" * 4, 68, bytes(body)))
        server.give(b"\xff" * 6, make_udp(GATEWAY, 66, b"\xff" * 4, 68, good[28:]))
        pause(SECOND // 10)
        assert client().state is DhcpState.SELECTING
        server.give(b"\xff" * 6, good)
        pause(SECOND // 10)
        assert client().state is DhcpState.REQUESTING

    with_server(server, check)


class Unreliable(Server):
    """Loses, repeats, delays and mixes what it is told and what it tells, as a seed says."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.late: list[tuple[bytes, bytes]] = []
        self.until_ns = 120 * SECOND

    def give(self, mac: bytes, packet: bytes, kind: int = 0x0800) -> None:
        if clock.monotonic_ns() > self.until_ns:
            super().give(mac, packet, kind)
            return
        match self.chance.randrange(5):
            case 0:
                return
            case 1:
                super().give(mac, packet, kind)
                super().give(mac, packet, kind)
            case 2:
                self.late.append((mac, packet))
            case 3:
                broken = bytearray(packet)
                broken[self.chance.randrange(len(broken))] ^= 1 << self.chance.randrange(8)
                super().give(mac, bytes(broken), kind)
            case _:
                super().give(mac, packet, kind)
                self.chance.shuffle(self.late)
                while self.late:
                    super().give(*self.late.pop())


def survives(seed: int) -> None:
    server = Unreliable(seed)
    server.lease_seconds = 120

    def check(lab: Lab) -> None:
        for _turn in range(120):
            pause(SECOND)
            interface = lab.plugged.interface
            assert len(interface.addresses) <= 1
            assert all(route.source in [entry.address for entry in interface.addresses] for route in routes.every())
            assert (client().lease is not None) == (len(interface.addresses) == 1)
        pause(400 * SECOND)
        assert configured()
        assert len(lab.plugged.answer_to(echo_request())) == 1

    with_server(server, check)


@settings(max_examples=25)
@given(st.integers(0, 1 << 30))
def test_any_loss_repetition_and_disorder_ends_well(seed: int) -> None:
    survives(seed)


def test_the_properties_catch_a_client_that_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DhcpClient, "_next_time", lambda self: self._asked_ns + 10000 * HOUR)
    with pytest.raises(AssertionError):
        for seed in range(20):
            survives(seed)


def test_an_address_that_stays_after_its_lease_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DhcpClient, "_deconfigure", lambda self: setattr(self, "lease", None))
    with pytest.raises(AssertionError):
        test_without_its_server_the_lease_is_rebound_then_lost_then_looked_for()


def test_packets_for_an_offered_address_reach_the_client_alone() -> None:
    """A server that does not mind the broadcast flag sends to the address that it offers."""
    server = Server()
    server.dhcp_answers = False

    def check(lab: Lab) -> None:
        pause(SECOND // 2)
        offer = server.dhcp_reply(server.asked[0][2], OFFER)[28:]
        server.give(lab.plugged.card.mac, make_udp(GATEWAY, 67, GUEST, 68, offer))
        assert [packet for packet in lab.plugged.answer_to(echo_request()) if packet[9] == 1] == []
        assert client().state is DhcpState.REQUESTING

    with_server(server, check)
