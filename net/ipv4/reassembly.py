"""Putting fragments together again. (RFC 791 3.2, RFC 815; limits as RFC 1122 3.3.2 and the attacks since ask)

Fragments that belong together have source, destination, protocol and identification in common. What is held is bounded: in bytes
altogether, in packets, in fragments of one packet, and in time. A packet whose fragments overlap was made by nobody honest: it is
dropped whole (RFC 5722, for IPv6, and every system since); an exact duplicate is ignored.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from net import statistics
from net.ipv4.packet import MAX_PACKET, Packet
from net.worker import Work
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER

TIMEOUT_NS: Final = 30_000_000_000
MAX_BYTES: Final = 1 << 20
MAX_PACKETS: Final = 256
MAX_FRAGMENTS: Final = 1024
"""Of one packet."""

Key: TypeAlias = tuple[int, int, int, int]


class Assembly:
    """The fragments of one packet that have come, by their place."""

    def __init__(self, key: Key, deadline_ns: int) -> None:
        self.key = key
        self.deadline_ns = deadline_ns
        self.parts: list[Packet] = []
        self.bytes = 0
        self.end = -1
        """The length of the whole payload; -1 until the last fragment has come."""

    def place_of(self, offset: int) -> int:
        """Where in the list a fragment at this offset belongs."""
        low = 0
        high = len(self.parts)
        while low < high:
            middle = (low + high) // 2
            if self.parts[middle].offset < offset:
                low = middle + 1
            else:
                high = middle
        return low

    @property
    def complete(self) -> bool:
        return self.end >= 0 and self.bytes == self.end


class Reassembly(Work):
    """All packets that are not whole yet. `expired_first` is given the first fragment of one that never became whole."""

    def __init__(self, expired_first: Callable[[Packet], None]) -> None:
        super().__init__()
        self._assemblies: dict[Key, Assembly] = {}
        self._expired_first = expired_first
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._assemblies)

    def add(self, packet: Packet) -> Packet | None:
        """Take in a fragment: the whole packet when it was the last one missing."""
        statistics.ip.reasm_reqds += 1
        end = packet.offset + len(packet.payload)
        broken = len(packet.payload) == 0 or packet.more_fragments and len(packet.payload) % 8 != 0
        if broken or end > MAX_PACKET - len(packet.head):
            statistics.ip.reasm_fails += 1
            return None
        assembly = self._assembly_of(packet)
        place = assembly.place_of(packet.offset)
        if self._is_duplicate(assembly, place, packet):
            return None
        if not self._fits(assembly, place, packet, end) or len(assembly.parts) >= MAX_FRAGMENTS:
            self._drop(assembly)
            return None
        if not packet.more_fragments:
            assembly.end = end
        assembly.parts.insert(place, packet)
        assembly.bytes += len(packet.payload)
        self.bytes += len(packet.payload)
        if assembly.complete:
            return self._put_together(assembly)
        while self.bytes > MAX_BYTES or len(self._assemblies) > MAX_PACKETS:
            self._drop_oldest()
        return None

    def _assembly_of(self, packet: Packet) -> Assembly:
        key = (packet.source, packet.destination, packet.protocol, packet.identification)
        found = self._assemblies.get(key)
        if found is None:
            found = Assembly(key, clock.deadline_after(TIMEOUT_NS))
            self._assemblies[key] = found
            if not self.armed:
                self.start(found.deadline_ns)
        return found

    def _is_duplicate(self, assembly: Assembly, place: int, packet: Packet) -> bool:
        if place >= len(assembly.parts):
            return False
        other = assembly.parts[place]
        return other.offset == packet.offset and other.payload == packet.payload and other.more_fragments == packet.more_fragments

    def _fits(self, assembly: Assembly, place: int, packet: Packet, end: int) -> bool:
        """Does it touch no byte that has come already, and agree with the others about where the packet ends?"""
        parts = assembly.parts
        if place > 0 and parts[place - 1].offset + len(parts[place - 1].payload) > packet.offset:
            return False
        if place < len(parts) and end > parts[place].offset:
            return False
        if packet.more_fragments:
            return assembly.end < 0 or end <= assembly.end
        return assembly.end < 0 and place == len(parts)

    def _put_together(self, assembly: Assembly) -> Packet:
        """The first fragment becomes the packet."""
        parts = assembly.parts
        self._forget(assembly)
        whole = parts[0]
        whole.payload = b"".join([part.payload for part in parts])
        whole.more_fragments = False
        whole.total_length = len(whole.head) + len(whole.payload)
        statistics.ip.reasm_oks += 1
        return whole

    def _forget(self, assembly: Assembly) -> None:
        del self._assemblies[assembly.key]
        self.bytes -= assembly.bytes

    def _drop(self, assembly: Assembly) -> None:
        statistics.ip.reasm_fails += 1
        self._forget(assembly)

    def _oldest(self) -> Assembly | None:
        """Dictionaries keep the order of insertion, and the time limit is the same for all."""
        for assembly in self._assemblies.values():
            return assembly
        return None

    def _drop_oldest(self) -> None:
        oldest = self._oldest()
        if oldest is not None:
            self._drop(oldest)

    def work(self) -> bool:
        """The timer: drop what has waited too long."""
        now = clock.monotonic_ns()
        oldest = self._oldest()
        while oldest is not None and oldest.deadline_ns <= now:
            self._drop(oldest)
            statistics.ip.reasm_timeout += 1
            if len(oldest.parts) > 0 and oldest.parts[0].offset == 0:
                self._expired_first(oldest.parts[0])
            oldest = self._oldest()
        self.start(NEVER if oldest is None else oldest.deadline_ns)
        return False
