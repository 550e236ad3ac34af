"""A split virtqueue: gives chains of buffers to the device, and takes them back in whatever order the device is done with them.

Free descriptors form a list through `_next`, a copy of the links in memory that the device cannot change. A chain in flight is known by
its head; the request stays with it until the device gives the head back. What the device says is believed only as far as it was checked: a
head that is not in flight, or more bytes than the chain has room for, is a DeviceError, and the device is to be taken offline.

Invariants: every descriptor is either in the free list or in exactly one chain in flight; `free` counts the list.

Source: VIRTIO 1.2, 2.7.13 "Supplying Buffers to The Device", 2.7.14 "Receiving Used Buffers From The Device".
"""

from typing import Final, Generic, TypeVar

from drivers.virtio.ring import (
    INDIRECT,
    MAX_SIZE,
    NEXT,
    NO_INTERRUPT,
    NO_NOTIFY,
    WRITE,
    AvailableRing,
    UsedRing,
    available_offset,
    store_descriptor,
    used_offset,
)  # fmt: skip
from scarlet.machine import mmio

R = TypeVar("R")
INDEX_MASK: Final = 0xFFFF


class DeviceError(Exception):
    """The device broke the rules."""


class Segment:
    """A piece of physical memory that the device reads, or writes."""

    def __init__(self, pa: int, length: int, *, device_writes: bool = False) -> None:
        self.pa = pa
        self.length = length
        self.device_writes = device_writes


class Completion(Generic[R]):
    """A request that the device is done with, and how many bytes it wrote."""

    def __init__(self, request: R, written: int) -> None:
        self.request = request
        self.written = written


class Chain(Generic[R]):
    """A request in flight."""

    def __init__(self, request: R, descriptors: int, room: int, table_pa: int) -> None:
        self.request = request
        self.descriptors = descriptors
        self.room = room
        """Bytes the device may write."""
        self.table_pa = table_pa


class Virtqueue(Generic[R]):
    """A queue of `size` descriptors (a power of two) in zeroed memory at `base_pa`; `indirect`, `event_index`: negotiated features."""

    def __init__(self, base_pa: int, size: int, *, indirect: bool = False, event_index: bool = False) -> None:
        if not 0 < size <= MAX_SIZE or size & (size - 1) != 0:
            raise ValueError("the size of a virtqueue is a power of two")
        self.base_pa = base_pa
        self.size = size
        self.free = size
        self._indirect = indirect
        self._event_index = event_index
        self._available = AvailableRing(base_pa + available_offset(size), size)
        self._used = UsedRing(base_pa + used_offset(size), size)
        self._next = [index + 1 for index in range(size)]
        self._first_free = 0
        self._chains: list[Chain[R] | None] = [None] * size
        self._given = 0
        """Chains ever given to the device, and of those the ones that it was told of, modulo 2^16."""
        self._told = 0
        self._taken = 0
        """Chains taken back, modulo 2^16."""

    # Giving

    def has_room(self, segments: int, *, table: bool = False) -> bool:
        """Can a request of so many segments be given now? `table`: it brings a table of its own."""
        return self.free >= (1 if table and self._indirect else segments)

    def give(self, segments: list[Segment], request: R, table_pa: int = 0) -> None:
        """Make a request available to the device. What it reads comes before what it writes. The caller has asked has_room().

        `table_pa` is memory for the descriptors of this request (16 bytes each, until it comes back); with indirect descriptors negotiated
        the request then takes one descriptor of the queue. 0: none.
        """
        _check(segments)
        indirect = table_pa != 0 and self._indirect
        count = 1 if indirect else len(segments)
        if count > self.free:
            raise ValueError("the queue is full")
        room = 0
        for segment in segments:
            room += segment.length if segment.device_writes else 0
        head = self._first_free
        chain = Chain(request, count, room, table_pa)
        if indirect:
            _fill_table(table_pa, segments)
            self._take(table_pa, len(segments) * 16, INDIRECT)
        else:
            for index in range(count):
                last = index == count - 1
                flags = WRITE if segments[index].device_writes else 0
                self._take(segments[index].pa, segments[index].length, flags if last else flags | NEXT)
        self._chains[head] = chain
        self._available.put(self._given, head)
        self._given = (self._given + 1) & INDEX_MASK

    def _take(self, pa: int, length: int, flags: int) -> None:
        """Fill the first free descriptor; the one after it in the list is where its chain goes on."""
        index = self._first_free
        self._first_free = self._next[index]
        self.free -= 1
        store_descriptor(self.base_pa, index, pa, length, flags, self._first_free if flags & NEXT else 0)

    def publish(self) -> bool:
        """Let the device see what was given since the last time. True: it wants to be notified. (2.7.13.3, 2.7.13.4)"""
        before = self._told
        if before == self._given:
            return False
        mmio.fence()
        self._available.set_index(self._given)
        self._told = self._given
        mmio.fence()
        if self._event_index:
            return passed(self._used.available_event(), self._given, before)
        return self._used.flags() & NO_NOTIFY == 0

    # Taking back

    def take(self) -> Completion[R] | None:
        """The next request that the device is done with; None when there is none. DeviceError."""
        index = self._used.index()
        if index == self._taken:
            return None
        if (index - self._taken) & INDEX_MASK > self.size:
            raise DeviceError("the used index runs ahead")
        mmio.fence()
        head = self._used.head(self._taken)
        written = self._used.length(self._taken)
        chain = self._chains[head] if head < self.size else None
        if chain is None:
            raise DeviceError(f"descriptor {head} came back, but was not given")
        if written > chain.room:
            raise DeviceError(f"{written} bytes written to a buffer of {chain.room}")
        self._taken = (self._taken + 1) & INDEX_MASK
        self._put_back(head, chain)
        return Completion(chain.request, written)

    def _put_back(self, head: int, chain: Chain[R]) -> None:
        """The descriptors of a chain go to the front of the free list."""
        self._chains[head] = None
        last = head
        for _index in range(chain.descriptors - 1):
            last = self._next[last]
        self._next[last] = self._first_free
        self._first_free = head
        self.free += chain.descriptors

    def has_answers(self) -> bool:
        """Is the device done with something?"""
        return self._used.index() != self._taken

    def want_interrupts(self, *, after: int = 0) -> bool:
        """Interrupt for the next chain that comes back, or where both sides can say it, for the one after so many more. False: that one is
        back already, so look again. (2.7.14)"""
        if self._event_index:
            self._available.set_used_event(self._taken + after)
        else:
            self._available.set_flags(0)
        mmio.fence()
        return (self._used.index() - self._taken) & INDEX_MASK <= (after if self._event_index else 0)

    def suppress_interrupts(self) -> None:
        """No interrupts while the driver looks anyway; a hint."""
        if self._event_index:
            self._available.set_used_event(self._taken - 1)
        else:
            self._available.set_flags(NO_INTERRUPT)

    def abandon(self) -> list[R]:
        """The device was reset: every request that was in flight, its descriptors free again. The rings are not to be used any more."""
        requests: list[R] = []
        for head in range(self.size):
            chain = self._chains[head]
            if chain is not None:
                self._put_back(head, chain)
                requests.append(chain.request)
        return requests


def passed(event: int, new: int, old: int) -> bool:
    """Did an index that moved from `old` to `new` pass `event`? All modulo 2^16. (2.7.10, vring_need_event)"""
    return (new - event - 1) & INDEX_MASK < (new - old) & INDEX_MASK


def _check(segments: list[Segment]) -> None:
    """ValueError for an empty request, and for one where the device writes before it reads."""
    if len(segments) == 0:
        raise ValueError("a request without buffers")
    writes = False
    for segment in segments:
        if segment.length <= 0:
            raise ValueError("an empty buffer")
        if writes and not segment.device_writes:
            raise ValueError("what the device reads comes first")
        writes = segment.device_writes


def _fill_table(table_pa: int, segments: list[Segment]) -> None:
    last = len(segments) - 1
    for index in range(len(segments)):
        flags = WRITE if segments[index].device_writes else 0
        store_descriptor(table_pa, index, segments[index].pa, segments[index].length, flags if index == last else flags | NEXT, index + 1)
