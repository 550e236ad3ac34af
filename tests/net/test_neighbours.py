"""ARP: who is asked when, what waits, what is believed. The clock is the hosted machine's, so minutes pass at once."""

import struct
from collections.abc import Callable

import pytest

from net.neighbours import MAX_NEIGHBOURS, MAX_WAITING, NeighbourLink, NeighbourState, NeighbourTable
from net.protocols import DeliveryError, Protocol, announce
from objects.netdevice import SendBudget
from scarlet.kernel.waitqueue import WaitQueue
from tests.net.support import GUEST, SECOND, Lab, UserNetwork, echo_request, pause

THERE = bytes.fromhex("525600000002")
OTHER = bytes.fromhex("525600000003")
HOST = 0x0A000202


class Link(NeighbourLink):
    def __init__(self) -> None:
        self.asked: list[tuple[int, bytes]] = []
        self.delivered: list[tuple[bytes, bytes]] = []
        self.lost: list[bytes] = []

    def ask(self, target: int, hardware: bytes) -> None:
        self.asked.append((target, hardware))

    def deliver(self, packet: bytes, hardware: bytes, budget: SendBudget | None) -> None:
        self.delivered.append((packet, hardware))

    def unreachable(self, packet: bytes) -> None:
        self.lost.append(packet)


def in_lab(check: Callable[[Link, NeighbourTable], None]) -> None:
    with Lab(dhcp=False) as lab:
        link = Link()
        table = NeighbourTable(link)
        lab.run(lambda: check(link, table))


def state(table: NeighbourTable) -> NeighbourState:
    found = table.find(HOST)
    assert found is not None
    return found.state


def test_packets_wait_for_the_answer_in_order() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        table.send(b"one", HOST, None)
        table.send(b"two", HOST, None)
        assert link.asked == [(HOST, bytes(6))], "asked once, and everybody"
        assert state(table) is NeighbourState.INCOMPLETE
        table.heard(HOST, THERE, answer=True, create=False)
        assert link.delivered == [(b"one", THERE), (b"two", THERE)]
        assert state(table) is NeighbourState.REACHABLE
        table.send(b"three", HOST, None)
        assert link.delivered[-1] == (b"three", THERE)

    in_lab(check)


def test_who_does_not_answer_is_asked_three_times_a_second_apart() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        table.send(b"one", HOST, None)
        pause(SECOND // 2)
        assert len(link.asked) == 1
        pause(SECOND)
        assert len(link.asked) == 2
        pause(10 * SECOND)
        assert len(link.asked) == 3
        assert link.lost == [b"one"]
        assert state(table) is NeighbourState.FAILED
        table.send(b"two", HOST, None)
        assert len(link.asked) == 4, "the next packet begins anew"

    in_lab(check)


def test_few_packets_wait_and_the_budget_of_the_others_comes_back() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        budget = SendBudget(1 << 20, WaitQueue())
        for number in range(MAX_WAITING + 5):
            table.send(bytes([number]), HOST, budget)
        held = budget.in_flight
        table.heard(HOST, THERE, answer=True, create=False)
        assert [packet[0] for packet, _hardware in link.delivered] == list(range(5, MAX_WAITING + 5)), "the oldest were dropped"
        assert held > 0
        assert budget.in_flight == 0

    in_lab(check)


def test_a_neighbour_that_is_used_is_confirmed_and_one_that_is_not_is_left_alone() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        table.heard(HOST, THERE, answer=True, create=True)
        pause(31 * SECOND)
        assert state(table) is NeighbourState.STALE
        pause(600 * SECOND)
        assert link.asked == []
        table.send(b"one", HOST, None)
        assert link.delivered == [(b"one", THERE)], "stale is good enough to send"
        assert state(table) is NeighbourState.DELAY
        pause(6 * SECOND)
        assert link.asked == [(HOST, THERE)], "asked directly"
        assert state(table) is NeighbourState.PROBE
        table.heard(HOST, THERE, answer=True, create=False)
        assert state(table) is NeighbourState.REACHABLE

    in_lab(check)


def test_a_neighbour_that_is_gone_is_found_out() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        table.heard(HOST, THERE, answer=False, create=True)
        assert state(table) is NeighbourState.STALE
        table.send(b"one", HOST, None)
        pause(20 * SECOND)
        assert len(link.asked) == 3
        assert state(table) is NeighbourState.FAILED

    in_lab(check)


def test_a_protocol_above_confirms() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        table.heard(HOST, THERE, answer=False, create=True)
        table.send(b"one", HOST, None)
        table.confirm(HOST)
        pause(20 * SECOND)
        assert link.asked == []

    in_lab(check)


def test_what_was_made_by_hand_stays() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        table.set_permanent(HOST, THERE)
        table.heard(HOST, OTHER, answer=True, create=True)
        pause(100 * SECOND)
        table.send(b"one", HOST, None)
        assert link.delivered == [(b"one", THERE)]
        assert table.remove(HOST)
        assert not table.remove(HOST)

    in_lab(check)


def test_the_table_is_bounded_and_forgets_the_least_used() -> None:
    def check(link: Link, table: NeighbourTable) -> None:
        for number in range(MAX_NEIGHBOURS):
            table.heard(number, THERE, answer=False, create=True)
        table.send(b"x", 0, None)
        table.heard(1 << 20, THERE, answer=False, create=True)
        assert len(table.every()) == MAX_NEIGHBOURS
        assert table.find(0) is not None
        assert table.find(1 << 20) is not None

    in_lab(check)


# On the wire


def arp(operation: int, sender_mac: bytes, sender: bytes, target: bytes, target_mac: bytes = bytes(6), **odd: int) -> bytes:
    kind, size = odd.get("kind", 1), odd.get("size", 6)
    return struct.pack(">HHBBH6s4s6s4s", kind, 0x800, size, 4, operation, sender_mac, sender, target_mac, target)


def give(lab: Lab, packet: bytes, mac: bytes = b"\xff" * 6) -> list[bytes]:
    """ARP packets that the machine sends in answer to one."""
    before = len(lab.network.seen)
    lab.network.give(mac, packet, 0x0806)
    pause(SECOND // 100)
    return [frame[14:42] for frame in lab.network.seen[before:] if frame[12:14] == b"\x08\x06"]


FRIEND = bytes([10, 0, 2, 9])
FRIEND_NUMBER = 0x0A000209


def on_wire(check: Callable[[Lab], None], network: UserNetwork | None = None) -> None:
    with Lab(network=network) as lab:

        def body() -> None:
            pause(SECOND)
            check(lab)
            assert lab.complaints() == []

        lab.run(body)


def test_a_request_for_us_is_answered_and_its_sender_known() -> None:
    def check(lab: Lab) -> None:
        answers = give(lab, arp(1, OTHER, FRIEND, GUEST))
        assert answers == [arp(2, lab.plugged.card.mac, GUEST, FRIEND, OTHER)]
        entry = lab.plugged.interface.neighbours.find(FRIEND_NUMBER)
        assert entry is not None
        assert (entry.hardware, entry.state) == (OTHER, NeighbourState.STALE)
        assert give(lab, arp(1, OTHER, bytes(4), GUEST)) == [arp(2, lab.plugged.card.mac, GUEST, bytes(4), OTHER)], "a probe"

    on_wire(check)


@pytest.mark.parametrize(
    "packet",
    [
        arp(1, OTHER, FRIEND, bytes([10, 0, 2, 77])),
        arp(2, OTHER, FRIEND, GUEST),
        arp(1, OTHER, FRIEND, FRIEND),
        arp(3, OTHER, FRIEND, GUEST),
        arp(1, b"\1" + OTHER[1:], FRIEND, GUEST),
        arp(1, bytes(6), FRIEND, GUEST),
        arp(1, OTHER, bytes([224, 0, 0, 9]), GUEST),
        arp(1, OTHER, bytes([127, 0, 0, 1]), GUEST),
        arp(1, OTHER, FRIEND, GUEST, kind=6),
        arp(1, OTHER, FRIEND, GUEST, size=8),
        b"short",
    ],
    ids=[
        "for another",
        "unasked reply",
        "gratuitous",
        "operation",
        "group",
        "no address",
        "multicast",
        "loopback",
        "kind",
        "size",
        "short",
    ],
)
def test_nobody_becomes_known_by(packet: bytes) -> None:
    def check(lab: Lab) -> None:
        assert give(lab, packet) == []
        assert lab.plugged.interface.neighbours.find(FRIEND_NUMBER) is None
        assert len(lab.plugged.answer_to(echo_request())) == 1

    on_wire(check)


def test_a_gratuitous_arp_moves_a_known_neighbour() -> None:
    def check(lab: Lab) -> None:
        give(lab, arp(1, OTHER, FRIEND, GUEST))
        give(lab, arp(1, THERE, FRIEND, FRIEND))
        entry = lab.plugged.interface.neighbours.find(FRIEND_NUMBER)
        assert entry is not None
        assert entry.hardware == THERE

    on_wire(check)


def test_who_claims_our_address_is_not_believed() -> None:
    def check(lab: Lab) -> None:
        assert give(lab, arp(1, OTHER, GUEST, GUEST)) == []
        assert give(lab, arp(2, OTHER, GUEST, GUEST)) == []
        assert lab.plugged.interface.neighbours.find(0x0A00020F) is None
        assert len(lab.plugged.answer_to(echo_request())) == 1

    on_wire(check)


def test_our_own_address_is_announced() -> None:
    def check(lab: Lab) -> None:
        announced = [frame[14:42] for frame in lab.network.seen if frame[12:14] == b"\x08\x06"]
        assert announced[0] == arp(1, lab.plugged.card.mac, GUEST, GUEST)

    on_wire(check)


def test_the_sender_learns_that_nobody_answers() -> None:
    failures: list[int] = []

    class Recorder(Protocol):
        def not_delivered(self, packet: object, error: DeliveryError) -> None:
            failures.append(error.code)

    def check(lab: Lab) -> None:
        from net.ipv4.output import SendOptions, find_path, send

        announce(99, Recorder())
        lab.network.silent = True
        send(find_path(0x0A000203), 99, b"payload", SendOptions())
        pause(10 * SECOND)
        assert failures == [113]

    on_wire(check)
