"""The two bitmaps of each group: which blocks and which inodes are in use.

A group that was never initialised has no bitmap on disk; it is made when it is first looked at. A block that was freed is not given out
again before the transaction that freed it is safe on the disk, or a crash could leave a file that shares it with its new owner: until then
it is `pending`.
"""

import weakref
from typing import Final

from scarlet.lang.errno import EIO, Errno
from vfs.ext.blocks import Block, Blocks, Guard
from vfs.ext.fields import get32
from vfs.ext.geometry import Geometry
from vfs.ext.groups import Groups
from vfs.ext.layout import BLOCK_UNINIT, INODE_UNINIT

FULL: Final = 0xFF
FULL_WORD: Final = 0xFFFFFFFF
NONE: Final = -1


class BitmapGuard(Guard):
    """The checksum of a bitmap is in its group's descriptor. Kept with a block that the descriptors are kept with, it knows them weakly."""

    def __init__(self, groups: Groups, group: int, *, inodes: bool) -> None:
        self._groups = weakref.ref(groups)
        self._group = group
        self._inodes = inodes
        self.name = "bitmap of inodes" if inodes else "bitmap of blocks"

    def is_good(self, number: int, data: bytearray) -> bool:
        return self._all().is_good_bitmap(self._group, data, inodes=self._inodes)

    def seal(self, number: int, data: bytearray) -> None:
        self._all().seal_bitmap(self._group, data, inodes=self._inodes)

    def _all(self) -> Groups:
        groups = self._groups()
        assert groups is not None, "blocks outlive their file system"
        return groups


class Bitmaps:
    """Looks at bits and changes them, within the caller's operation. Bits beyond the end of a group are set."""

    def __init__(self, blocks: Blocks, geometry: Geometry, groups: Groups) -> None:
        self._blocks = blocks
        self._geometry = geometry
        self._groups = groups
        self.pending: dict[int, bytearray] = {}
        """By group: blocks that were freed, and may not be used yet."""

    # Blocks

    def of_blocks(self, group: int) -> Block:
        """The bitmap of blocks."""
        number = self._groups.block_bitmap(group)
        guard = BitmapGuard(self._groups, group, inodes=False)
        if not self._groups.flag(group, BLOCK_UNINIT):
            return self._blocks.read(number, guard)
        block = Block(number, bytearray(self._geometry.block_size), guard)
        geometry = self._geometry
        for own in self._groups.own_blocks(group):
            set_bit(block.data, own - geometry.group_start(group))
        _fill(block.data, geometry.blocks_in(group), geometry.block_size * 8)
        return block

    def change_blocks(self, group: int, first: int, count: int) -> bytearray:
        """The same, so many bits of it to be changed: from now on it is on the disk."""
        block = self.of_blocks(group)
        if self._groups.flag(group, BLOCK_UNINIT):
            made = self._blocks.fresh(block.number, block.guard)
            made.data[:] = block.data
            self._groups.clear_flag(group, BLOCK_UNINIT)
            return made.data
        return self._blocks.change_part(block, first >> 3, (first + count + 7 >> 3) - (first >> 3))

    def find_free(self, group: int, start: int, wanted: int) -> "Run":
        """The first run of free blocks from bit `start` on, of at most `wanted`; of no length when there is none."""
        bits = self.of_blocks(group).data
        pending = self.pending.get(group)
        end = self._geometry.blocks_in(group)
        at = start
        while at < end and not _is_free(bits, pending, at):
            if at & 7 == 0 and bits[at >> 3] == FULL:
                at = first_not_full(bits, at >> 3, (end + 7) >> 3) << 3
            else:
                at += 1
        first = at
        while at < end and at - first < wanted and _is_free(bits, pending, at):
            at += 1
        return Run(first, max(at - first, 0))

    def find_free_bytes(self, group: int, start: int, wanted: int) -> "Run":
        """A run of `wanted` blocks that begins at a whole byte of the bitmap, if there is one: of no length otherwise."""
        bits = self.of_blocks(group).data
        pending = self.pending.get(group)
        whole = (wanted + 7) >> 3
        end = self._geometry.blocks_in(group) >> 3
        at = start >> 3
        empty = bytes(whole)
        while at + whole <= end:
            at = bits.find(empty, at, end)
            if at < 0:
                break
            if pending is None or pending.find(empty, at, at + whole) == at:
                return Run(at << 3, wanted)
            at += 1
        return Run(0, 0)

    # Inodes

    def of_inodes(self, group: int) -> Block:
        """The bitmap of inodes."""
        number = self._groups.inode_bitmap(group)
        guard = BitmapGuard(self._groups, group, inodes=True)
        if not self._groups.flag(group, INODE_UNINIT):
            return self._blocks.read(number, guard)
        block = Block(number, bytearray(self._geometry.block_size), guard)
        _fill(block.data, self._geometry.group_inodes, self._geometry.block_size * 8)
        return block

    def change_inodes(self, group: int, bit: int) -> bytearray:
        """The same, one bit of it to be changed."""
        block = self.of_inodes(group)
        if self._groups.flag(group, INODE_UNINIT):
            made = self._blocks.fresh(block.number, block.guard)
            made.data[:] = block.data
            self._groups.clear_flag(group, INODE_UNINIT)
            return made.data
        return self._blocks.change_part(block, bit >> 3, 1)

    def find_free_inode(self, group: int, start: int) -> int:
        """The first free inode of a group from bit `start` on; NONE."""
        bits = self.of_inodes(group).data
        end = self._geometry.group_inodes
        at = start
        while at < end and bits[at >> 3] & 1 << (at & 7) != 0:
            if at & 7 == 0 and bits[at >> 3] == FULL:
                at = first_not_full(bits, at >> 3, (end + 7) >> 3) << 3
            else:
                at += 1
        return at if at < end else NONE


class Run:
    """`length` bits from `first` on."""

    def __init__(self, first: int, length: int) -> None:
        self.first = first
        self.length = length


def set_bit(bits: bytearray, at: int) -> None:
    """In use now."""
    bits[at >> 3] |= 1 << (at & 7)


def clear_bit(bits: bytearray, at: int) -> None:
    """Free now."""
    bits[at >> 3] &= FULL ^ 1 << (at & 7)


def is_set(bits: bytearray, at: int) -> bool:
    """Is it in use?"""
    return bits[at >> 3] & 1 << (at & 7) != 0


def set_range(bits: bytearray, first: int, count: int) -> None:
    """All of these are in use now. EIO when one was already."""
    at = first
    end = first + count
    while at < end:
        if at & 7 == 0 and end - at >= 8:
            if bits[at >> 3] != 0:
                raise Errno(EIO, "a block was given out twice")
            bits[at >> 3] = FULL
            at += 8
        else:
            if is_set(bits, at):
                raise Errno(EIO, "a block was given out twice")
            set_bit(bits, at)
            at += 1


def clear_range(bits: bytearray, first: int, count: int) -> None:
    """All of these are free now. EIO when one was already: the file system is damaged."""
    at = first
    end = first + count
    while at < end:
        if at & 7 == 0 and end - at >= 8:
            if bits[at >> 3] != FULL:
                raise Errno(EIO, "a block was freed twice")
            bits[at >> 3] = 0
            at += 8
        else:
            if not is_set(bits, at):
                raise Errno(EIO, "a block was freed twice")
            clear_bit(bits, at)
            at += 1


def _is_free(bits: bytearray, pending: bytearray | None, at: int) -> bool:
    mask = 1 << (at & 7)
    return bits[at >> 3] & mask == 0 and (pending is None or pending[at >> 3] & mask == 0)


def first_not_full(bits: bytearray, at: int, end: int) -> int:
    """The first byte from `at` on, before `end`, with a free bit; `end` when there is none."""
    while at + 4 <= end and get32(bits, at) == FULL_WORD:
        at += 4
    while at < end and bits[at] == FULL:
        at += 1
    return at


def _fill(bits: bytearray, start: int, end: int) -> None:
    """Set the bits beyond the end."""
    at = start
    while at < end and at & 7 != 0:
        set_bit(bits, at)
        at += 1
    for place in range(at >> 3, end >> 3):
        bits[place] = FULL
