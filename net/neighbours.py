"""The neighbours on a link and their Ethernet addresses: what ARP found out, and how sure we still are.

    (nothing) -> INCOMPLETE: asked, not answered; packets wait -> FAILED after three questions
    INCOMPLETE -> REACHABLE: answered -> STALE half a minute later
    STALE -> DELAY when used -> PROBE: asked directly -> REACHABLE or FAILED

A PERMANENT entry was made by hand. A table is one interface's; it has one timer, which is set to the first thing that is to be done.
The states and times are those of Linux's neighbour cache (arp(7)), after RFC 4861 7.3.2; the rules for packets are RFC 826's: an
entry is made for who asks for us, and only renewed by anything else.
"""

from enum import IntEnum
from typing import Final

from net.addresses import NO_HARDWARE
from net.worker import Work
from objects.netdevice import ChargedPacket, SendBudget
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER

SECOND_NS: Final = 1_000_000_000
REACHABLE_NS: Final = 30 * SECOND_NS
DELAY_NS: Final = 5 * SECOND_NS
RETRY_NS: Final = SECOND_NS
QUESTIONS: Final = 3
"""Before a neighbour counts as not there."""
MAX_WAITING: Final = 8
"""Packets that wait for one answer; the oldest is dropped for one more."""
MAX_NEIGHBOURS: Final = 512


class NeighbourState(IntEnum):
    """NUD_*"""

    INCOMPLETE = 1
    REACHABLE = 2
    STALE = 4
    DELAY = 8
    PROBE = 16
    FAILED = 32
    PERMANENT = 128


class Neighbour:
    """One entry."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.hardware = NO_HARDWARE
        self.state = NeighbourState.INCOMPLETE
        self.questions = 0
        self.waiting: list[ChargedPacket] = []
        self.next_ns = NEVER
        """When something is to be done about it."""
        self.confirmed_ns = 0
        self.used_ns = 0

    @property
    def usable(self) -> bool:
        """Is there an address to send to?"""
        return self.state is not NeighbourState.INCOMPLETE and self.state is not NeighbourState.FAILED


class NeighbourLink:
    """What a table needs of its interface. Derive from it."""

    def ask(self, target: int, hardware: bytes) -> None:
        """Send an ARP request for an address, to that hardware address or, with NO_HARDWARE, to everybody."""
        raise NotImplementedError("NeighbourLink.ask")

    def deliver(self, packet: bytes, hardware: bytes, budget: SendBudget | None) -> None:
        """Send a packet that has waited."""
        raise NotImplementedError("NeighbourLink.deliver")

    def unreachable(self, packet: bytes) -> None:
        """Nobody answered, so this packet is dropped."""
        raise NotImplementedError("NeighbourLink.unreachable")


class NeighbourTable(Work):
    """The neighbours of one interface."""

    def __init__(self, link: NeighbourLink) -> None:
        super().__init__()
        self._link = link
        self._entries: dict[int, Neighbour] = {}

    def every(self) -> list[Neighbour]:
        """All entries."""
        return list(self._entries.values())

    def find(self, address: int) -> Neighbour | None:
        """The entry of an address."""
        return self._entries.get(address)

    # Sending

    def send(self, packet: bytes, address: int, budget: SendBudget | None) -> None:
        """Send a packet to a neighbour, now or when it is known where it is."""
        entry = self._entries.get(address)
        if entry is None:
            entry = self._make(address)
            if entry is None:
                return
        now = clock.monotonic_ns()
        entry.used_ns = now
        if entry.usable:
            if entry.state is NeighbourState.STALE:
                self._change(entry, NeighbourState.DELAY, now + DELAY_NS)
            self._link.deliver(packet, entry.hardware, budget)
            return
        if len(entry.waiting) >= MAX_WAITING:
            entry.waiting.pop(0)
        entry.waiting.append(ChargedPacket(packet, budget))
        if entry.state is NeighbourState.FAILED or entry.next_ns == NEVER:
            entry.questions = 0
            entry.state = NeighbourState.INCOMPLETE
            self._ask(entry, now)

    def _make(self, address: int) -> Neighbour | None:
        if len(self._entries) >= MAX_NEIGHBOURS and not self._forget_oldest():
            return None
        entry = Neighbour(address)
        self._entries[address] = entry
        return entry

    def _forget_oldest(self) -> bool:
        """Make room: of the entries that nothing waits for, the one that was not used for the longest time goes."""
        oldest: Neighbour | None = None
        for entry in self._entries.values():
            idle = entry.state is NeighbourState.STALE or entry.state is NeighbourState.FAILED or entry.state is NeighbourState.REACHABLE
            if idle and (oldest is None or entry.used_ns < oldest.used_ns):
                oldest = entry
        if oldest is None:
            return False
        del self._entries[oldest.address]
        return True

    def _ask(self, entry: Neighbour, now: int) -> None:
        entry.questions += 1
        self._change(entry, entry.state, now + RETRY_NS)
        self._link.ask(entry.address, entry.hardware if entry.state is NeighbourState.PROBE else NO_HARDWARE)

    # Learning

    def heard(self, address: int, hardware: bytes, *, answer: bool, create: bool) -> None:
        """A neighbour said where it is. `answer`: to a question of ours, so it hears us; `create`: make an entry when there is none."""
        entry = self._entries.get(address)
        if entry is None:
            if not create:
                return
            entry = self._make(address)
            if entry is None:
                return
        if entry.state is NeighbourState.PERMANENT:
            return
        now = clock.monotonic_ns()
        moved = entry.hardware != hardware
        entry.hardware = hardware
        if answer:
            entry.confirmed_ns = now
            self._change(entry, NeighbourState.REACHABLE, now + REACHABLE_NS)
        elif moved or not entry.usable:
            self._change(entry, NeighbourState.STALE, NEVER)
        self._send_waiting(entry)

    def _send_waiting(self, entry: Neighbour) -> None:
        waiting = entry.waiting
        entry.waiting = []
        for item in waiting:
            self._link.deliver(item.packet, entry.hardware, item.budget)

    def confirm(self, address: int) -> None:
        """A protocol above heard from this neighbour in answer to what was sent: no need to ask. (RFC 4861 7.3.1)"""
        entry = self._entries.get(address)
        if entry is not None and entry.usable and entry.state is not NeighbourState.PERMANENT:
            now = clock.monotonic_ns()
            entry.confirmed_ns = now
            self._change(entry, NeighbourState.REACHABLE, now + REACHABLE_NS)

    def set_permanent(self, address: int, hardware: bytes) -> None:
        """An entry made by hand; it stays until it is removed."""
        entry = self._entries.get(address)
        if entry is None:
            entry = self._make(address)
        if entry is not None:
            entry.hardware = hardware
            self._change(entry, NeighbourState.PERMANENT, NEVER)
            self._send_waiting(entry)

    def remove(self, address: int) -> bool:
        """Forget a neighbour; False when there is no such entry."""
        return self._entries.pop(address, None) is not None

    def clear(self) -> None:
        """Forget all: the interface went down."""
        self.cancel()
        self._entries.clear()

    # Time

    def _change(self, entry: Neighbour, state: NeighbourState, next_ns: int) -> None:
        entry.state = state
        entry.next_ns = next_ns
        if next_ns < self.deadline_ns or not self.armed and next_ns != NEVER:
            self.start(next_ns)

    def work(self) -> bool:
        """The timer: do what is due, and set it to what comes next."""
        now = clock.monotonic_ns()
        for entry in self.every():
            if entry.next_ns <= now:
                self._due(entry, now)
        first = NEVER
        for entry in self._entries.values():
            first = min(first, entry.next_ns)
        self.start(first)
        return False

    def _due(self, entry: Neighbour, now: int) -> None:
        match entry.state:
            case NeighbourState.REACHABLE:
                self._change(entry, NeighbourState.STALE, NEVER)
            case NeighbourState.DELAY:
                entry.questions = 0
                entry.state = NeighbourState.PROBE
                self._ask(entry, now)
            case NeighbourState.INCOMPLETE | NeighbourState.PROBE:
                if entry.questions < QUESTIONS:
                    self._ask(entry, now)
                else:
                    self._give_up(entry)
            case _:
                entry.next_ns = NEVER

    def _give_up(self, entry: Neighbour) -> None:
        self._change(entry, NeighbourState.FAILED, NEVER)
        waiting = entry.waiting
        entry.waiting = []
        for item in waiting:
            self._link.unreachable(item.packet)
