"""The device's side of a split virtqueue: it sees nothing but the memory of the queue.

Source: VIRTIO 1.2, 2.7 "Split Virtqueues".
"""

import struct
from dataclasses import dataclass

from scarlet.machine import physmem

NEXT, WRITE, INDIRECT = 1, 2, 4
NO_INTERRUPT = 1


@dataclass(frozen=True)
class Piece:
    """A buffer of the driver's."""

    pa: int
    length: int
    device_writes: bool

    def read(self) -> bytes:
        """What is in it."""
        return bytes(physmem.read(self.pa, self.length))


@dataclass(frozen=True)
class Request:
    """A chain that was taken from the queue."""

    head: int
    pieces: tuple[Piece, ...]
    queue: int = 0
    """The number of the queue."""

    def read(self) -> bytes:
        """Everything the driver gave to be read."""
        return b"".join(physmem.read(piece.pa, piece.length) for piece in self.pieces if not piece.device_writes)

    @property
    def room(self) -> int:
        """Bytes the device may write."""
        return sum(piece.length for piece in self.pieces if piece.device_writes)

    def write(self, data: bytes) -> int:
        """Fill the writable pieces in order; the bytes written."""
        done = 0
        for piece in self.pieces:
            if piece.device_writes:
                part = data[done : done + piece.length]
                physmem.write(piece.pa, part)
                done += len(part)
        return done


class DeviceQueue:
    """One queue, by the addresses of its three parts."""

    def __init__(self, descriptors: int, available: int, used: int, size: int, *, event_index: bool = False) -> None:
        self.descriptors, self.available, self.used_ring, self.size, self.event_index = descriptors, available, used, size, event_index
        self.seen = 0
        self.used = 0

    @classmethod
    def legacy(cls, base: int, size: int, *, event_index: bool = False) -> "DeviceQueue":
        """The layout that legacy devices prescribe: the used ring begins at a page."""
        available = base + 16 * size
        end = available + 6 + 2 * size
        return cls(base, available, -(-end // 4096) * 4096, size, event_index=event_index)

    def look(self, number: int = 0) -> list[Request]:
        """Every chain that has become available in the queue of this number; the next one is to be announced."""
        found: list[Request] = []
        while self.seen != physmem.load16(self.available + 2):
            head = physmem.load16(self.available + 4 + 2 * (self.seen % self.size))
            found.append(Request(head, tuple(self._chain(self.descriptors, head, self.size)), number))
            self.seen = (self.seen + 1) % 65536
        if self.event_index:
            physmem.store16(self.used_ring + 4 + 8 * self.size, self.seen)
        return found

    def _chain(self, table: int, index: int, limit: int) -> list[Piece]:
        found: list[Piece] = []
        for _step in range(limit):
            address, length, flags, following = struct.unpack("<QIHH", physmem.read(table + 16 * index, 16))
            if flags & INDIRECT:
                assert not flags & NEXT, "an indirect descriptor ends the chain"
                return self._chain(address, 0, length // 16)
            found.append(Piece(address, length, bool(flags & WRITE)))
            if not flags & NEXT:
                return found
            index = following
        raise AssertionError("a chain without end")

    def put(self, head: int, written: int) -> bool:
        """Give a chain back. True: the driver wants an interrupt."""
        physmem.write(self.used_ring + 4 + 8 * (self.used % self.size), struct.pack("<II", head, written))
        before = self.used
        self.used = (self.used + 1) % 65536
        physmem.store16(self.used_ring + 2, self.used)
        return self.wants_interrupt(before)

    def wants_interrupt(self, before: int) -> bool:
        """Does the driver want to hear that the index has moved from `before` to where it is?"""
        if not self.event_index:
            return not physmem.load16(self.available) & NO_INTERRUPT
        event = physmem.load16(self.available + 4 + 2 * self.size)
        return any(event == (before + step) % 65536 for step in range((self.used - before) % 65536))
