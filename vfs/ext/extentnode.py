"""The nodes of a tree of extents: a header and entries, sorted by the file's block; in a leaf extents, above that the first block and the
place of each child.

Source: Linux, Documentation/filesystems/ext4, "Extent Tree".
"""

from typing import Final

from vfs.ext.blockmap import Mapped
from vfs.ext.blocks import Block, Guard
from vfs.ext.checksums import crc32c
from vfs.ext.fields import get16, get32, put16, put32
from vfs.ext.layout import EXTENT_DEPTH, EXTENT_MAGIC, EXTENT_SIZE, MAX_EXTENT

ENTRIES: Final = 2
MAX: Final = 4
DEPTH: Final = 6
"""Fields of a header, behind its magic number."""
LENGTH: Final = 4
START_HIGH: Final = 6
START_LOW: Final = 8
"""Fields of an extent, behind its first block."""
CHILD_LOW: Final = 4
CHILD_HIGH: Final = 8
"""Fields of an index entry, behind its first block."""


class ExtentGuard(Guard):
    """The checksum follows the last entry that there is room for."""

    name = "extent block"

    def __init__(self, seed: int, *, checked: bool) -> None:
        self._seed = seed
        self._checked = checked

    def is_good(self, number: int, data: bytearray) -> bool:
        if get16(data, 0) != EXTENT_MAGIC or get16(data, MAX) == 0 or get16(data, MAX) > (len(data) - EXTENT_SIZE) // EXTENT_SIZE:
            return False
        if get16(data, ENTRIES) > get16(data, MAX) or get16(data, DEPTH) >= EXTENT_DEPTH:
            return False
        if not self._checked:
            return True
        end = EXTENT_SIZE * (1 + get16(data, MAX))
        return end + 4 <= len(data) and get32(data, end) == crc32c(self._seed, data, 0, end)

    def seal(self, number: int, data: bytearray) -> None:
        if self._checked:
            end = EXTENT_SIZE * (1 + get16(data, MAX))
            put32(data, end, crc32c(self._seed, data, 0, end))


class Node:
    """One node on the way to a leaf, and the entry that the way goes through: -1 when all are behind what is looked for."""

    def __init__(self, data: bytearray, block: Block | None) -> None:
        self.data = data
        self.block = block
        """None: the root, in the inode."""
        self.at = -1

    @property
    def count(self) -> int:
        """Its entries."""
        return get16(self.data, ENTRIES)

    @property
    def depth(self) -> int:
        """0: a leaf."""
        return get16(self.data, DEPTH)

    def is_full(self) -> bool:
        """Is there no room for another entry?"""
        return self.count >= get16(self.data, MAX)

    def key(self, index: int) -> int:
        """The first block that an entry is about."""
        return get32(self.data, place(index))

    def child(self, index: int) -> int:
        """The block of a child."""
        at = place(index)
        return get32(self.data, at + CHILD_LOW) | get16(self.data, at + CHILD_HIGH) << 32

    def extent(self, index: int) -> Mapped:
        """An extent of a leaf."""
        at = place(index)
        length = get16(self.data, at + LENGTH)
        unwritten = length > MAX_EXTENT
        start = get32(self.data, at + START_LOW) | get16(self.data, at + START_HIGH) << 32
        return Mapped(get32(self.data, at), length - MAX_EXTENT if unwritten else length, start, unwritten=unwritten)

    def search(self, key: int) -> None:
        """Let `at` be the last entry that does not begin behind `key`."""
        low = 0
        high = self.count
        while low < high:
            middle = (low + high) // 2
            if self.key(middle) <= key:
                low = middle + 1
            else:
                high = middle
        self.at = low - 1


def place(index: int) -> int:
    """Where an entry of a node is."""
    return EXTENT_SIZE * (1 + index)


def touch(before: Mapped, behind: Mapped) -> bool:
    """Could these be one extent?"""
    longest = MAX_EXTENT - 1 if before.unwritten else MAX_EXTENT
    return (
        before.unwritten == behind.unwritten
        and before.first + before.count == behind.first
        and before.start + before.count == behind.start
        and before.count + behind.count <= longest
    )


def put_extent(data: bytearray, index: int, extent: Mapped) -> None:
    """Store an extent in a leaf."""
    at = place(index)
    put32(data, at, extent.first)
    put16(data, at + LENGTH, extent.count + MAX_EXTENT if extent.unwritten else extent.count)
    put16(data, at + START_HIGH, extent.start >> 32)
    put32(data, at + START_LOW, extent.start & 0xFFFFFFFF)


def put_index(data: bytearray, index: int, key: int, child: int) -> None:
    """Store the first block and the place of a child."""
    at = place(index)
    put32(data, at, key)
    put32(data, at + CHILD_LOW, child & 0xFFFFFFFF)
    put32(data, at + CHILD_HIGH, child >> 32)


def make_gap(node: Node) -> None:
    """Room for an entry at node.at."""
    count = node.count
    data = node.data
    data[place(node.at + 1) : place(count + 1)] = data[place(node.at) : place(count)]
    put16(data, ENTRIES, count + 1)


def close_gap(node: Node) -> None:
    """Take the entry at node.at out."""
    count = node.count
    data = node.data
    data[place(node.at) : place(count - 1)] = data[place(node.at + 1) : place(count)]
    data[place(count - 1) : place(count)] = bytes(EXTENT_SIZE)
    put16(data, ENTRIES, count - 1)
