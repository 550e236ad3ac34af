"""Regular files: their content is the page cache's, their blocks are content.py's.

Sources: write(2), truncate(2), fallocate(2), lseek(2).
"""

import weakref
from typing import Final

from objects.inode import InodeType
from objects.object import Advice, AllocateMode
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EFBIG, ENXIO, EOPNOTSUPP, Errno
from vfs.ext.blockmap import NOWHERE
from vfs.ext.content import Content
from vfs.ext.filesystem import STEPS_AT_ONCE, ExtFileSystem
from vfs.ext.inode import ExtInode
from vfs.ext.maps import map_of
from vfs.ext.record import SECTOR_BITS, Record
from vfs.pagecache.cache import AT_END, PageCache

RESERVED_AT_ONCE: Final = 4096
"""Blocks that fallocate(2) takes in one operation."""


class ExtFile(ExtInode):
    """A regular file."""

    def __init__(self, filesystem: ExtFileSystem, record: Record) -> None:
        super().__init__(filesystem, record, InodeType.REGULAR)
        self._content = Content(filesystem.volume, record, map_of(filesystem.volume, record))
        self._content.inode = weakref.ref(self)
        self.cache = PageCache(self._content, record.size)
        self.cache.owner = weakref.ref(self)
        self.errors = self.cache.errors

    def __del__(self) -> None:
        if self.nameless:
            self.cache.forget_changes()
        super().__del__()

    def size(self) -> int:
        return self.cache.size

    def sectors(self) -> int:
        """With those that were only promised, as on Linux."""
        return self.record.sectors + (self._content.promised << self.ext.volume.geometry.block_bits - SECTOR_BITS)

    def let_go(self) -> None:
        super().let_go()
        if self.nameless:
            self._content.lost_last_name()

    def add_name(self) -> None:
        super().add_name()
        self._content.got_name(unwritten=len(self.cache.dirty) + self.cache.writing > 0)

    # Reading and writing

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read(buffer, offset)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        self._require_possible(offset)
        self._begin_writing()
        count = self.cache.write(buffer, offset)
        self.touch()
        return count

    def append(self, buffer: Buffer) -> int:
        return self.write_at(buffer, AT_END)

    def read_direct(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read_direct(buffer, offset)

    def write_direct(self, buffer: Buffer, offset: int) -> int:
        self._require_possible(offset)
        self._begin_writing()
        count = self.cache.write_direct(buffer, offset)
        self.touch()
        return count

    def _begin_writing(self) -> None:
        self.ext.volume.require_writable()
        self.part_of_commit()

    def page(self, index: int, *, write: bool) -> int:
        if write:
            self._begin_writing()
            self.touch()
        return self.cache.page(index, write=write)

    def resident(self, index: int) -> int:
        return self.cache.resident(index)

    def tracks_writes(self) -> bool:
        return True

    def sync(self, *, data_only: bool) -> None:
        self.cache.sync()
        if self.ext.read_only:
            return
        volume = self.ext.volume
        running = volume.changes.running
        if self._content.changed_in == running.number or not data_only and self.number in running.records:
            volume.commit()
        else:
            volume.flush()

    def sync_range(self, offset: int, count: int) -> None:
        self.cache.sync_range(offset, count)

    def start_write_back(self, offset: int, count: int) -> None:
        self.cache.start_write_back()

    # Size and space

    def truncate(self, size: int) -> None:
        self.ext.volume.require_writable()
        self._require_possible(size)
        with self.cache.mutex, self.cache.resizing(size):
            self._resize(size)

    def _require_possible(self, size: int) -> None:
        if size > self._content.blocks.largest() << self.ext.volume.geometry.block_bits:
            raise Errno(EFBIG, "larger than this file system's files can be")

    def _resize(self, size: int) -> None:
        """Cut the blocks behind the end, in as many operations as that takes; meanwhile the file is in the list of orphans."""
        record = self.record
        bits = self.ext.volume.geometry.block_bits
        first = (size + (1 << bits) - 1) >> bits
        shrinks = size < self.cache.size or size < record.size or self._has_blocks_behind(first)
        content = self._content
        if shrinks:
            content.forget(first)
        with self.ext.operation():
            content.begin_change()
            record.size = size
            self.touch()
            finished = not shrinks or content.blocks.remove(first, content.blocks.largest(), STEPS_AT_ONCE)
            if not finished:
                self.ext.orphans.add(record)
        if not finished:
            content.free(first, content.blocks.largest())
            with self.ext.operation():
                if record.links > 0:
                    self.ext.orphans.remove(record)

    def _has_blocks_behind(self, first: int) -> bool:
        """Were blocks reserved beyond the end?"""
        with self.ext.volume.mutex:
            run = self._content.blocks.find(first)
            return run.start != NOWHERE or first + run.count < self._content.blocks.largest()

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        """Reserve, punch or zero. EOPNOTSUPP where there are no extents, as on Linux."""
        self.ext.volume.require_writable()
        self._content.blocks.require_unwritten()
        end = offset + length
        keeps_size = mode & AllocateMode.KEEP_SIZE != AllocateMode.NONE
        others = int(mode) & ~int(AllocateMode.KEEP_SIZE)
        if others not in (0, int(AllocateMode.PUNCH_HOLE), int(AllocateMode.ZERO_RANGE)):
            raise Errno(EOPNOTSUPP, "nothing but reserving, punching and zeroing")
        if not keeps_size and others == int(AllocateMode.PUNCH_HOLE):
            raise Errno(EOPNOTSUPP, "a hole does not change the size")
        if others != int(AllocateMode.PUNCH_HOLE):
            self._require_possible(end)
        with self.cache.mutex:
            if others == int(AllocateMode.PUNCH_HOLE) or others == int(AllocateMode.ZERO_RANGE):
                self._punch(offset, end)
            if others != int(AllocateMode.PUNCH_HOLE):
                self._reserve(offset, end)
                if not keeps_size and end > self.cache.size:
                    with self.cache.resizing(end):
                        self._store_size(end)
        self.part_of_commit()
        self.touch()

    def _store_size(self, size: int) -> None:
        with self.ext.operation():
            self._content.begin_change()
            self.record.size = max(self.record.size, size)

    def _punch(self, offset: int, end: int) -> None:
        """What lies in the range becomes a hole: blocks go as far as they lie in whole pages of it, or behind the end."""
        bits = self.ext.volume.geometry.block_bits
        with self.cache.closed(offset, end) as hole:
            first = hole.first << 12 - bits
            last = hole.end << 12 - bits
            if end >= self.cache.size:
                last = max(last, end >> bits)
            if first < last:
                self._content.free(first, last)

    def _reserve(self, offset: int, end: int) -> None:
        """Give every hole of a range unwritten blocks. ENOSPC: those made so far stay."""
        volume = self.ext.volume
        bits = volume.geometry.block_bits
        first = offset >> bits
        last = (end + (1 << bits) - 1) >> bits
        while first < last:
            volume.require_room(self._content.reservation())
            with self.ext.operation():
                first = self._content.fill_holes(first, min(last, first + RESERVED_AT_ONCE))

    # Data and holes: what is dirty gets its blocks first

    def next_data(self, offset: int) -> int:
        return self._seek(offset, hole=False)

    def next_hole(self, offset: int) -> int:
        return self._seek(offset, hole=True)

    def _seek(self, offset: int, *, hole: bool) -> int:
        if offset >= self.cache.size:
            raise Errno(ENXIO, "past the end of the file")
        self.cache.sync()
        bits = self.ext.volume.geometry.block_bits
        block = offset >> bits
        size = self.cache.size
        with self.ext.volume.mutex:
            while block << bits < size:
                run = self._content.blocks.find(block)
                if (run.start == NOWHERE or run.unwritten) == hole:
                    return max(offset, block << bits)
                block += run.count
        if hole:
            return size
        raise Errno(ENXIO, "no data up to the end of the file")

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        self.cache.advise(advice, offset, count)
