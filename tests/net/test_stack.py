"""What the machine answers to packets on the wire, and what it must not answer, or believe, or fall over."""

import random
import struct
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net import statistics, udp
from net.icmp_errors import errno_of, is_fatal
from net.ipv4 import pathmtu
from net.ipv4.output import Discover, SendOptions, find_path, send
from net.ipv4.packet import Packet, parse
from net.ports import Endpoint
from net.protocols import DeliveryError, IpProtocol
from scarlet.lang.errno import EADDRNOTAVAIL, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, Errno
from scarlet.machine.hosted.devices.usernet import UserNetwork
from tests.net.support import GATEWAY, GUEST, SECOND, Lab, echo_request, icmp_message, make_ip, make_udp, pause

GATEWAY_NUMBER, GUEST_NUMBER = 0x0A000202, 0x0A00020F
FAR = bytes([192, 0, 2, 1])


class Listener(Endpoint):
    """Keeps what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[bytes] = []
        self.errors: list[DeliveryError] = []

    def deliver(self, packet: Packet, source_port: int, data: bytes) -> None:
        self.got.append(data)

    def failed(self, packet: Packet, error: DeliveryError) -> None:
        self.errors.append(error)


@pytest.fixture
def lab() -> Lab:
    return Lab()


def in_lab(lab: Lab, check: Callable[[], object]) -> None:
    with lab:

        def body() -> None:
            pause(SECOND)
            check()
            assert lab.complaints() == []

        lab.run(body)


def test_an_echo_comes_back_as_it_was(lab: Lab) -> None:
    def check() -> None:
        for size in (0, 1, 57, 1400):
            answers = lab.plugged.answer_to(echo_request(b"x" * size))
            assert len(answers) == 1
            found = parse(answers[0])
            assert found is not None
            assert (found.source, found.destination) == (GUEST_NUMBER, GATEWAY_NUMBER)
            assert found.payload == icmp_message(0, 0, struct.pack(">HH", 7, 1) + b"x" * size)

    in_lab(lab, check)


def bad_checksum() -> bytes:
    packet = bytearray(echo_request())
    packet[-1] ^= 1
    return bytes(packet)


@pytest.mark.parametrize(
    "packet",
    [
        bad_checksum(),
        echo_request(destination=b"\xff" * 4),
        echo_request(destination=bytes([10, 0, 2, 255])),
        echo_request(destination=bytes([224, 0, 0, 1])),
        echo_request(destination=bytes([10, 0, 2, 77])),
        echo_request(destination=bytes([127, 0, 0, 1])),
        echo_request(source=GUEST),
        echo_request(source=bytes([127, 0, 0, 1])),
        echo_request(source=b"\xff" * 4),
        echo_request(source=bytes([224, 0, 0, 9])),
        echo_request(source=bytes([10, 0, 2, 255])),
        echo_request(source=bytes(4)),
        make_ip(GATEWAY, GUEST, 1, b""),
        make_ip(GATEWAY, GUEST, 1, icmp_message(0, 0, b"abcd")),
        make_ip(GATEWAY, GUEST, 1, icmp_message(13, 0, bytes(16))),
        make_ip(GATEWAY, GUEST, 17, b"short"),
        make_udp(GATEWAY, 9, GUEST, 9, b"data")[:-2],
        make_udp(GATEWAY, 9, b"\xff" * 4, 9, b"data"),
        make_udp(GATEWAY, 9, bytes([224, 0, 0, 1]), 9, b"data"),
    ],
)
def test_is_not_answered(lab: Lab, packet: bytes) -> None:
    in_lab(lab, lambda: _same(lab.plugged.answer_to(packet), []))


def _same(found: object, expected: object) -> None:
    assert found == expected


def test_a_frame_for_another_machine_is_not_ours(lab: Lab) -> None:
    def check() -> None:
        before = len(lab.network.seen)
        lab.network.give(bytes.fromhex("525400999999"), echo_request())
        lab.network.give(lab.plugged.card.mac, b"\0\1\x08\0" + echo_request(), 0x8100)
        pause(SECOND)
        assert lab.network.seen[before:] == []

    in_lab(lab, check)


def test_ports_and_protocols_that_nobody_has(lab: Lab) -> None:
    def check() -> None:
        packet = make_udp(GATEWAY, 9, GUEST, 98, b"data")
        answer = parse(lab.plugged.answer_to(packet)[0])
        assert answer is not None
        assert answer.payload == icmp_message(3, 3, bytes(4) + packet)
        strange = make_ip(GATEWAY, GUEST, 253, b"data")
        answer = parse(lab.plugged.answer_to(strange)[0])
        assert answer is not None
        assert answer.payload == icmp_message(3, 2, bytes(4) + strange)

    in_lab(lab, check)


def test_a_storm_of_mistakes_is_not_answered_by_one(lab: Lab) -> None:
    def check() -> None:
        before = len(lab.network.seen)
        for _turn in range(200):
            lab.network.give(lab.plugged.card.mac, make_udp(GATEWAY, 9, GUEST, 98, b""))
            lab.plugged.interface.work()
        assert 40 <= len(lab.network.seen) - before <= 60

    in_lab(lab, check)


def test_a_large_echo_is_taken_apart_and_put_together(lab: Lab) -> None:
    def check() -> None:
        data = random.Random(1).randbytes(5000)
        request = icmp_message(8, 0, bytes(4) + data)
        answers: list[bytes] = []
        for start in range(0, len(request), 1480):
            more = 0x2000 if start + 1480 < len(request) else 0
            piece = request[start : start + 1480]
            answers += lab.plugged.answer_to(make_ip(GATEWAY, GUEST, 1, piece, identification=3, fragment=more | start // 8))
        found = [packet for packet in map(parse, answers) if packet is not None]
        assert [packet.offset for packet in found] == [0, 1480, 2960, 4440]
        assert [packet.more_fragments for packet in found] == [True, True, True, False]
        assert len({packet.identification for packet in found}) == 1
        assert b"".join(packet.payload for packet in found) == icmp_message(0, 0, bytes(4) + data)

    in_lab(lab, check)


def raised(action: Callable[[], object]) -> int:
    try:
        action()
    except Errno as error:
        return error.code
    return 0


def test_what_may_not_be_divided_is_refused(lab: Lab) -> None:
    def check() -> None:
        path = find_path(GATEWAY_NUMBER)
        for discover, size, code in (
            (Discover.DO, 1480, 0),
            (Discover.DO, 1481, EMSGSIZE),
            (Discover.PROBE, 1481, EMSGSIZE),
            (Discover.WANT, 1481, 0),
            (Discover.DONT, 9000, 0),
            (Discover.DONT, 65516, EMSGSIZE),
        ):
            assert raised(partial(send, path, 99, bytes(size), SendOptions(discover=discover))) == code

    in_lab(lab, check)


def too_big(mtu: int, about: bytes) -> bytes:
    return make_ip(GATEWAY, GUEST, 1, icmp_message(3, 4, struct.pack(">HH", 0, mtu) + about[:28]))


def test_the_path_mtu_is_learned_and_forgotten(lab: Lab) -> None:
    def check() -> None:
        far = int.from_bytes(FAR, "big")
        path = find_path(far)
        ours = make_ip(GUEST, FAR, 17, struct.pack(">HHHH", 1, 2, 1408, 0) + bytes(1400))
        lab.plugged.answer_to(too_big(1300, ours))
        assert path.mtu(Discover.WANT) == 1300
        assert path.mtu(Discover.PROBE) == 1500
        assert find_path(GATEWAY_NUMBER).mtu(Discover.WANT) == 1500
        lab.plugged.answer_to(too_big(1400, ours))
        assert path.mtu(Discover.WANT) == 1300, "a larger one is not believed"
        lab.plugged.answer_to(too_big(100, ours))
        assert path.mtu(Discover.WANT) == pathmtu.MIN_PATH_MTU, "nor one that would make dust"
        pause(601 * SECOND)
        assert path.mtu(Discover.WANT) == 1500
        forged = make_ip(FAR, FAR, 17, bytes(1400))
        lab.plugged.answer_to(too_big(1300, forged))
        assert path.mtu(Discover.WANT) == 1500, "about a packet that is not ours"

    in_lab(lab, check)


def test_an_old_router_that_does_not_say(lab: Lab) -> None:
    def check() -> None:
        ours = make_ip(GUEST, FAR, 17, struct.pack(">HHHH", 1, 2, 1408, 0) + bytes(1472))
        lab.plugged.answer_to(too_big(0, ours))
        assert find_path(int.from_bytes(FAR, "big")).mtu(Discover.WANT) == 1492

    in_lab(lab, check)


def test_icmp_errors_reach_who_sent_the_packet_and_nobody_else(lab: Lab) -> None:
    def check() -> None:
        listener, stranger = Listener(), Listener()
        udp.bind(listener, 0, 5000)
        udp.bind(stranger, 0, 5001)
        listener.peer_address, listener.peer_port = int.from_bytes(FAR, "big"), 7
        about = make_udp(GUEST, 5000, FAR, 7, b"data")[:28]
        lab.plugged.answer_to(make_ip(GATEWAY, GUEST, 1, icmp_message(3, 1, bytes(4) + about)))
        assert [(error.code, error.fatal, error.offender) for error in listener.errors] == [(EHOSTUNREACH, False, GATEWAY_NUMBER)]
        for wrong in (make_udp(GUEST, 5000, FAR, 8, b"")[:28], make_udp(GATEWAY, 5000, FAR, 7, b"")[:28], about[:27], b""):
            lab.plugged.answer_to(make_ip(GATEWAY, GUEST, 1, icmp_message(3, 1, bytes(4) + wrong)))
        assert len(listener.errors) == 1
        assert stranger.errors == []

    in_lab(lab, check)


def test_what_each_error_means() -> None:
    assert [errno_of(3, code) for code in range(17)] == [101, 113, 92, 111, 90, 95, 101, 112, 64, 101, 113, 101, 113, 113, 113, 113, 0]
    assert [is_fatal(3, code) for code in range(6)] == [False, False, True, True, False, False]
    assert (errno_of(11, 0), errno_of(12, 0), errno_of(5, 0)) == (113, 71, 0)


def test_ways(lab: Lab) -> None:
    def check() -> None:
        def way(destination: int, source: int = 0) -> tuple[bytes, int, int]:
            path = find_path(destination, source)
            return path.interface.name, path.source, path.next_hop

        assert way(GATEWAY_NUMBER) == (b"eth0", GUEST_NUMBER, GATEWAY_NUMBER)
        assert way(0xC0000201) == (b"eth0", GUEST_NUMBER, GATEWAY_NUMBER)
        assert way(0x7F000001) == (b"lo", 0x7F000001, 0x7F000001)
        assert way(0x7F050505) == (b"lo", 0x7F050505, 0x7F050505)
        assert way(GUEST_NUMBER) == (b"lo", GUEST_NUMBER, GUEST_NUMBER)
        assert way(0) == (b"lo", 0x7F000001, 0x7F000001)
        assert way(0xFFFFFFFF) == (b"eth0", GUEST_NUMBER, 0xFFFFFFFF)
        assert raised(lambda: way(GATEWAY_NUMBER, 0x01020304)) == EADDRNOTAVAIL
        lab.plugged.interface.up = False
        assert raised(lambda: way(0x01020304)) in (0, ENETUNREACH)

    in_lab(lab, check)


def test_our_own_packets_come_back_through_the_thread(lab: Lab) -> None:
    def check() -> None:
        listener = Listener()
        udp.bind(listener, 0, 5000)
        path = find_path(0x7F000001)
        datagram = udp.make_datagram(path.source, 1, path.destination, 5000, b"x" * 60000)
        send(path, IpProtocol.UDP, datagram, SendOptions())
        assert listener.got == [], "not before the sender is done"
        pause(SECOND // 1000)
        assert listener.got == [b"x" * 60000]

    in_lab(lab, check)


def test_a_broadcast_is_heard_here_too(lab: Lab) -> None:
    def check() -> None:
        listener = Listener()
        udp.bind(listener, 0, 5000)
        path = find_path(0x0A0002FF)
        send(path, IpProtocol.UDP, udp.make_datagram(path.source, 1, path.destination, 5000, b"all"), SendOptions())
        pause(SECOND // 1000)
        assert listener.got == [b"all"]
        assert lab.network.seen[-1][:6] == b"\xff" * 6

    in_lab(lab, check)


def mutate(chance: random.Random, packet: bytes) -> bytes:
    """Something that once was a packet."""
    changed = bytearray(packet)
    for _turn in range(chance.randrange(1, 6)):
        place = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[place] = chance.randrange(256)
            case 1:
                del changed[place:]
            case 2:
                changed[place:place] = chance.randbytes(chance.randrange(1, 40))
            case _:
                changed[place] ^= 1 << chance.randrange(8)
        if not changed:
            changed = bytearray(1)
    if chance.randrange(2) and len(changed) >= 20:  # a header that adds up, so that what is behind it is looked at
        size = (changed[0] & 15) * 4
        changed[0] = changed[0] & 15 | 0x40
        changed[2:4] = struct.pack(">H", len(changed))
        if 20 <= size <= len(changed):
            changed[10:12] = b"\0\0"
            words = struct.unpack(f">{size // 2}H", changed[:size])
            total = sum(words)
            while total >> 16:
                total = (total & 0xFFFF) + (total >> 16)
            changed[10:12] = struct.pack(">H", ~total & 0xFFFF)
    return bytes(changed)


@settings(max_examples=20)
@given(st.integers(0, 1 << 30))
def test_whatever_comes_the_machine_goes_on(seed: int) -> None:
    """Hundreds of damaged packets of every kind: nothing fails, and a ping is answered afterwards."""
    chance = random.Random(seed)
    lab = Lab(network=UserNetwork())

    def check() -> None:
        listener = Listener()
        udp.bind(listener, 0, 5000)
        arp = struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, bytes.fromhex("525600000003"), bytes([10, 0, 2, 9]), bytes(6), GUEST)
        seeds = [
            (0x800, echo_request()),
            (0x800, make_udp(GATEWAY, 9, GUEST, 5000, b"data")),
            (0x800, make_udp(GATEWAY, 67, GUEST, 68, bytes(300))),
            (0x800, make_ip(GATEWAY, GUEST, 1, icmp_message(3, 3, bytes(4) + make_udp(GUEST, 5000, GATEWAY, 9, b"x")))),
            (0x800, make_ip(GATEWAY, GUEST, 17, bytes(64), fragment=0x2000 | 4)),
            (0x806, arp),
        ]
        for _turn in range(150):
            kind, packet = chance.choice(seeds)
            lab.network.give(chance.choice([lab.plugged.card.mac, b"\xff" * 6]), mutate(chance, packet), kind)
        pause(SECOND)
        lab.network.give(lab.plugged.card.mac, arp, 0x806)
        assert len(lab.plugged.answer_to(echo_request(b"still there"))) == 1
        assert statistics.ip.in_receives > 0

    in_lab(lab, check)


@pytest.mark.parametrize(
    ("place", "what"),
    [("net.icmp.checksum", lambda data, start=0: 0), ("net.ipv4.packet.checksum", lambda data, start=0: 0)],
    ids=["ICMP", "IPv4"],
)
def test_a_checksum_that_is_not_looked_at_is_noticed(place: str, what: object, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: then damaged packets are answered, or packets of ours are damaged."""
    monkeypatch.setattr(place, what)
    with pytest.raises(AssertionError):
        test_is_not_answered(lab, bad_checksum())
        test_an_echo_comes_back_as_it_was(Lab())
