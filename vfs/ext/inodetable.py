"""The inodes of a volume: loading, storing, finding free ones.

A record is shared by all who use its inode, and lives as long as one of them, or a transaction, holds it.

Where the inodes go: a directory into a group with more than its share of free inodes and blocks, so that trees spread over the disk;
everything else into the group of its directory.
"""

import weakref
from typing import Final

from scarlet.kernel import clock, log
from scarlet.lang.errno import EIO, ENOSPC, Errno
from vfs.ext.bitmaps import NONE, Bitmaps, clear_bit, is_set, set_bit
from vfs.ext.blocks import Block, Blocks, Guard
from vfs.ext.fields import get32, put32
from vfs.ext.geometry import Geometry
from vfs.ext.groups import Groups
from vfs.ext.layout import END_OF_EXTRA, I_DTIME, INODE_ZEROED, OLD_INODE_SIZE, ROOT_INODE, DiskInode
from vfs.ext.record import Record, is_good, put_checksum
from vfs.ext.transaction import Changes

SWEEP_FROM: Final = 1024
"""References to records; when there are as many, those to dead ones go."""


class TableGuard(Guard):
    """Inodes have their checksums one by one."""

    name = "block of inodes"


class InodeTable:
    """All inodes. Numbers begin with 1. The caller holds the mutex."""

    def __init__(self, blocks: Blocks, geometry: Geometry, groups: Groups, bitmaps: Bitmaps, changes: Changes) -> None:
        self._blocks = blocks
        self._geometry = geometry
        self._groups = groups
        self._bitmaps = bitmaps
        self._changes = changes
        self._guard = TableGuard()
        self._known: dict[int, weakref.ref[Record]] = {}
        self._sweep_at = SWEEP_FROM
        self._next_generation = clock.realtime_ns() & 0x7FFFFFFF

    # Loading and storing

    def group_of(self, number: int) -> int:
        """The group an inode belongs to."""
        return (number - 1) // self._geometry.group_inodes

    def load(self, number: int) -> Record:
        """The record of an inode, free or not. EIO for a number that cannot be, and for a damaged inode."""
        reference = self._known.get(number)
        record = reference() if reference is not None else None
        if record is not None:
            return record
        if number < 1 or number > self._geometry.inodes:
            raise Errno(EIO, "a name for an inode that cannot be")
        raw = self.raw(number)
        if not is_good(self._geometry, number, raw):
            log.error(f"ext4: the checksum of inode {number} is wrong")
            raise Errno(EIO, "a damaged inode")
        record = Record(number, self._geometry, DiskInode())
        record.unpack(raw)
        self._remember(record)
        return record

    def _remember(self, record: Record) -> None:
        if len(self._known) >= self._sweep_at:
            self._known = {number: reference for number, reference in self._known.items() if reference() is not None}
            self._sweep_at = max(SWEEP_FROM, 2 * len(self._known))
        self._known[record.number] = weakref.ref(record)

    def known(self, number: int) -> Record | None:
        """The record of an inode if it is in memory."""
        reference = self._known.get(number)
        return reference() if reference is not None else None

    def raw(self, number: int) -> bytearray:
        """An inode as its block has it."""
        at = self._at(number)
        return self._block(number).data[at : at + self._geometry.inode_size]

    def change(self, record: Record) -> None:
        """The record is about to change, within the caller's operation."""
        if not self._changes.has_saved(record):
            if record.number not in self._changes.running.records:
                self._blocks.join(self._block(record.number))
            self._changes.change_record(record)

    def pack(self, record: Record) -> None:
        """Put a changed record into its block, which is part of the transaction, with its checksum."""
        at = self._at(record.number)
        raw = record.pack()
        put_checksum(self._geometry, record.number, raw)
        self._block(record.number).data[at : at + self._geometry.inode_size] = raw

    def set_next_orphan(self, number: int, following: int) -> None:
        """Change the link of the list of orphans in an inode that may be in memory or not."""
        record = self.known(number)
        if record is not None:
            self.change(record)
            record.dtime = following
            return
        raw = self.raw(number)
        put32(raw, I_DTIME, following)
        put_checksum(self._geometry, number, raw)
        at = self._at(number)
        self._blocks.change_part(self._block(number), at, len(raw))[at : at + len(raw)] = raw

    def next_orphan(self, number: int) -> int:
        """That link."""
        record = self.known(number)
        return record.dtime if record is not None else get32(self.raw(number), I_DTIME)

    def _block(self, number: int) -> Block:
        index = (number - 1) % self._geometry.group_inodes // self._geometry.inodes_per_block
        return self._blocks.read(self._groups.inode_table(self.group_of(number)) + index, self._guard)

    def _at(self, number: int) -> int:
        return (number - 1) % self._geometry.group_inodes % self._geometry.inodes_per_block * self._geometry.inode_size

    # Making and freeing, within the caller's operation

    def take(self, parent: int, *, directory: bool) -> Record:
        """A new record, empty but for its number, generation and times. ENOSPC."""
        group = self._group_for_directory(parent) if directory else self.group_of(parent)
        for _attempt in range(self._geometry.groups):
            if self._groups.free_inodes(group) > 0:
                first = max(self._geometry.first_inode - 1 - group * self._geometry.group_inodes, 0)
                bit = self._bitmaps.find_free_inode(group, first)
                if bit != NONE:
                    return self._make(group, bit, directory=directory)
            group = (group + 1) % self._geometry.groups
        raise Errno(ENOSPC, "no free inode")

    def _group_for_directory(self, parent: int) -> int:
        """The first group, from the parent's on, with at least the average of free inodes and blocks; directories of the root spread."""
        groups = self._geometry.groups
        start = self.group_of(parent)
        if parent == ROOT_INODE:
            start = self._next_generation % groups
        inodes = self._changes.free_inodes // groups
        blocks = self._changes.free_blocks // groups
        for step in range(groups):
            group = (start + step) % groups
            if self._groups.free_inodes(group) >= max(inodes, 1) and self._groups.free_blocks(group) >= blocks:
                return group
        return start

    def _make(self, group: int, bit: int, *, directory: bool) -> Record:
        set_bit(self._bitmaps.change_inodes(group, bit), bit)
        self._groups.add_free_inodes(group, -1)
        self._changes.free_inodes -= 1
        if directory:
            self._groups.add_directories(group, 1)
        self._begin_to_use(group, bit)
        number = group * self._geometry.group_inodes + bit + 1
        empty = Record(number, self._geometry, DiskInode())
        known = self.known(number)
        record = known if known is not None else empty
        if known is None:
            self._remember(record)
        self.change(record)
        record.take_over(empty)
        self._next_generation = self._next_generation * 1103515245 + 12345 & 0x7FFFFFFF
        record.generation = self._next_generation
        record.renew_seed()
        if self._geometry.inode_size > OLD_INODE_SIZE:
            record.extra_size = END_OF_EXTRA
            record.attributes = bytearray(self._geometry.inode_size - OLD_INODE_SIZE - END_OF_EXTRA)
        now = clock.realtime_ns()
        record.atime_ns = now
        record.mtime_ns = now
        record.ctime_ns = now
        record.btime_ns = now if record.extra_size > 0 else -1
        return record

    def _begin_to_use(self, group: int, bit: int) -> None:
        """The end of a table that was never used moves behind an inode; what becomes part of the table is zeroed, if mkfs did not."""
        unused = self._groups.unused_inodes(group)
        begin = self._geometry.group_inodes - unused
        if bit < begin:
            return
        if not self._groups.flag(group, INODE_ZEROED):
            size = self._geometry.inode_size
            for place in range(begin, bit + 1):
                number = group * self._geometry.group_inodes + place + 1
                at = self._at(number)
                self._blocks.change_part(self._block(number), at, size)[at : at + size] = bytes(size)
        self._groups.set_unused_inodes(group, self._geometry.group_inodes - bit - 1)

    def give(self, record: Record, *, directory: bool) -> None:
        """An inode without names and content becomes free. EIO when it was."""
        group = self.group_of(record.number)
        bit = (record.number - 1) % self._geometry.group_inodes
        bits = self._bitmaps.change_inodes(group, bit)
        if not is_set(bits, bit):
            raise Errno(EIO, "an inode was freed twice")
        clear_bit(bits, bit)
        self._groups.add_free_inodes(group, 1)
        self._changes.free_inodes += 1
        if directory:
            self._groups.add_directories(group, -1)
        self.change(record)
        record.type_and_mode = 0
        record.links = 0
        record.size = 0
        seconds = clock.realtime_ns() // clock.NS_PER_SECOND
        record.dtime = max(seconds, self._geometry.inodes) & 0xFFFFFFFF  # a smaller one would be taken for a link of the orphans

    def is_in_use(self, number: int) -> bool:
        """What the bitmap says."""
        return is_set(self._bitmaps.of_inodes(self.group_of(number)).data, (number - 1) % self._geometry.group_inodes)
