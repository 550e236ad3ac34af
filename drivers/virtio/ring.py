"""The parts of a split virtqueue in memory: descriptors, the ring of what is available to the device, the ring of what it has used.

Addresses are physical; every number is little-endian. Nothing here knows what the buffers mean.

Source: VIRTIO 1.2, 2.7 "Split Virtqueues"; for legacy devices 2.7.2, which ask that the used ring begins at a page.
"""

from typing import Final

from scarlet.machine import physmem

DESCRIPTOR_SIZE: Final = 16
NEXT: Final = 1
"""The chain goes on in the descriptor `next`. (VIRTQ_DESC_F_NEXT)"""
WRITE: Final = 2
"""The device writes to this buffer. (VIRTQ_DESC_F_WRITE)"""
INDIRECT: Final = 4
"""The buffer is itself a table of descriptors. (VIRTQ_DESC_F_INDIRECT)"""
NO_INTERRUPT: Final = 1
NO_NOTIFY: Final = 1
HEADER: Final = 4
"""Flags and index, before the entries of either ring."""
USED_ENTRY: Final = 8
LEGACY_ALIGN: Final = 4096
MAX_SIZE: Final = 32768


def store_descriptor(table_pa: int, index: int, address: int, length: int, flags: int, next_index: int) -> None:
    """Fill one descriptor of a table."""
    place = table_pa + index * DESCRIPTOR_SIZE
    physmem.store64(place, address)
    physmem.store32(place + 8, length)
    physmem.store16(place + 12, flags)
    physmem.store16(place + 14, next_index)


def available_offset(size: int) -> int:
    """Where the available ring begins, from the start of the queue's memory."""
    return size * DESCRIPTOR_SIZE


def used_offset(size: int) -> int:
    """Where the used ring begins: at a page, as legacy devices want it and others allow."""
    end = available_offset(size) + HEADER + 2 * size + 2
    return (end + LEGACY_ALIGN - 1) // LEGACY_ALIGN * LEGACY_ALIGN


def total_size(size: int) -> int:
    """Bytes of memory that a queue of so many descriptors takes."""
    return used_offset(size) + HEADER + USED_ENTRY * size + 2


class AvailableRing:
    """What the driver gives to the device: heads of descriptor chains. `size` is a power of two."""

    def __init__(self, base_pa: int, size: int) -> None:
        self._base = base_pa
        self._size = size

    def set_flags(self, flags: int) -> None:
        """NO_INTERRUPT asks the device not to interrupt."""
        physmem.store16(self._base, flags)

    def put(self, position: int, head: int) -> None:
        """Write an entry; the device sees it when the index has passed it."""
        physmem.store16(self._base + HEADER + 2 * (position & (self._size - 1)), head)

    def set_index(self, index: int) -> None:
        """Where the driver will put the next entry, modulo 2^16."""
        physmem.store16(self._base + 2, index & 0xFFFF)

    def set_used_event(self, index: int) -> None:
        """Ask for an interrupt when the device's index passes this one. (VIRTIO_F_EVENT_IDX)"""
        physmem.store16(self._base + HEADER + 2 * self._size, index & 0xFFFF)


class UsedRing:
    """What the device gives back: the head of a chain, and how many bytes it wrote into it."""

    def __init__(self, base_pa: int, size: int) -> None:
        self._base = base_pa
        self._size = size

    def flags(self) -> int:
        """NO_NOTIFY: the device needs no notification."""
        return physmem.load16(self._base)

    def index(self) -> int:
        """Where the device will put the next entry, modulo 2^16."""
        return physmem.load16(self._base + 2)

    def head(self, position: int) -> int:
        """The chain of an entry, as the device claims."""
        return physmem.load32(self._entry(position))

    def length(self, position: int) -> int:
        """Bytes written, as the device claims."""
        return physmem.load32(self._entry(position) + 4)

    def _entry(self, position: int) -> int:
        return self._base + HEADER + USED_ENTRY * (position & (self._size - 1))

    def available_event(self) -> int:
        """The device wants to be notified when the driver's index passes this one. (VIRTIO_F_EVENT_IDX)"""
        return physmem.load16(self._base + HEADER + USED_ENTRY * self._size)
