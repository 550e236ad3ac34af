"""Files as ext2 and ext3 have them: twelve numbers of blocks in the inode, then one block full of numbers, one of blocks of numbers, and
one more.

Source: Linux, Documentation/filesystems/ext4, "Direct/Indirect Block Addressing".
"""

from typing import Final

from scarlet.lang.errno import EFBIG, Errno
from vfs.ext.blockmap import NOWHERE, BlockMap, Mapped
from vfs.ext.blocks import Block, Guard
from vfs.ext.fields import get32, put32
from vfs.ext.record import Record
from vfs.ext.volume import Volume

DIRECT: Final = 12
LEVELS: Final = 3
HIGHEST_BLOCK: Final = 0xFFFFFFFF


class IndirectGuard(Guard):
    """A block of numbers. It has no checksum."""

    name = "indirect block"


class IndirectMap(BlockMap):
    """The blocks of one file. EIO for numbers that cannot be."""

    def __init__(self, volume: Volume, record: Record) -> None:
        self._volume = volume
        self._record = record
        self._guard = IndirectGuard()
        self._per_block = volume.geometry.block_size // 4
        self._spans = [1, self._per_block, self._per_block * self._per_block, self._per_block * self._per_block * self._per_block]
        """How many blocks of the file lie below a number, by level; 0: the number of a block of data."""
        self._run_start = 0
        self._run_count = 0
        self._left = 0

    def largest(self) -> int:
        return min(DIRECT + self._spans[1] + self._spans[2] + self._spans[3], HIGHEST_BLOCK)

    def metadata_for(self, count: int) -> int:
        """Alone in its place, a block may need a block of numbers of each level."""
        return LEVELS + count // self._per_block * 2

    # Finding

    def find(self, first: int) -> Mapped:
        if first >= self.largest():
            return Mapped(first, 1, NOWHERE)
        if first < DIRECT:
            return self._run(self._record.block, first, DIRECT, first)
        within, level = self._split(first)
        number = get32(self._record.block, 4 * (DIRECT + level - 1))
        span = self._spans[level]
        while True:
            if number == NOWHERE:
                return Mapped(first, span - within % span, NOWHERE)
            block = self._read(number)
            span //= self._per_block
            if span == 1:
                return self._run(block.data, within % self._per_block, self._per_block, first)
            number = get32(block.data, 4 * (within // span % self._per_block))

    def _split(self, first: int) -> tuple[int, int]:
        """The place within the tree of a level, and that level: 1, 2 or 3."""
        within = first - DIRECT
        level = 1
        while within >= self._spans[level]:
            within -= self._spans[level]
            level += 1
        return within, level

    def _run(self, data: bytearray, index: int, end: int, first: int) -> Mapped:
        """As many blocks from one number on as lie side by side, or are all missing."""
        start = get32(data, 4 * index)
        count = 1
        while index + count < end and get32(data, 4 * (index + count)) == (start + count if start != NOWHERE else NOWHERE):
            count += 1
        if start != NOWHERE:
            self._volume.allocator.require_data(start, count)
        return Mapped(first, count, start)

    def _read(self, number: int) -> Block:
        self._volume.allocator.require_data(number, 1)
        return self._volume.blocks.read(number, self._guard)

    # Adding

    def insert(self, first: int, start: int, count: int, *, unwritten: bool = False) -> None:
        if unwritten:
            self.require_unwritten()
        if first + count > self.largest() or start + count > HIGHEST_BLOCK:
            raise Errno(EFBIG, "beyond what an inode without extents can name")
        for index in range(count):
            self._set(first + index, start + index)

    def _set(self, first: int, number: int) -> None:
        volume = self._volume
        record = self._record
        volume.table.change(record)
        if first < DIRECT:
            put32(record.block, 4 * first, number)
            return
        within, level = self._split(first)
        slot = 4 * (DIRECT + level - 1)
        above = get32(record.block, slot)
        if above == NOWHERE:
            above = self._new_block()
            put32(record.block, slot, above)
        span = self._spans[level - 1]
        block = self._read(above)
        while span > 1:
            slot = 4 * (within // span % self._per_block)
            below = get32(block.data, slot)
            if below == NOWHERE:
                below = self._new_block()
                put32(volume.blocks.change(block), slot, below)
            block = self._read(below)
            span //= self._per_block
        put32(volume.blocks.change(block), 4 * (within % self._per_block), number)

    def _new_block(self) -> int:
        number = self._volume.take_metadata(self._record)
        self._volume.blocks.fresh(number, self._guard)
        return number

    # Removing

    def remove(self, first: int, end: int, budget: int) -> bool:
        """A step is as many blocks as one block has numbers of."""
        volume = self._volume
        record = self._record
        volume.table.change(record)
        self._left = budget * self._per_block
        base = DIRECT + self._spans[1] + self._spans[2] + self._spans[3]
        for level in range(LEVELS, 0, -1):
            span = self._spans[level]
            base -= span
            slot = 4 * (DIRECT + level - 1)
            number = get32(record.block, slot)
            if number != NOWHERE and base < end and base + span > first and self._left > 0:
                if self._cut(number, level, base, first, end):
                    put32(record.block, slot, NOWHERE)
                    volume.give_metadata(record, number)
        for index in range(min(end, DIRECT) - 1, first - 1, -1):
            if self._left > 0 and get32(record.block, 4 * index) != NOWHERE:
                self._free(get32(record.block, 4 * index))
                put32(record.block, 4 * index, NOWHERE)
        self._free_run()
        return self._left > 0

    def _cut(self, number: int, level: int, base: int, first: int, end: int) -> bool:
        """Free what lies in a range below one block of numbers, which begins at `base`. True when the block is empty now."""
        volume = self._volume
        block = self._read(number)
        span = self._spans[level - 1]
        low = max(first - base, 0) // span
        high = min((end - base + span - 1) // span, self._per_block)
        for index in range(high - 1, low - 1, -1):
            below = get32(block.data, 4 * index)
            if below == NOWHERE:
                continue
            if self._left <= 0:
                return False
            if level > 1:
                if self._cut(below, level - 1, base + index * span, first, end):
                    put32(volume.blocks.change(block), 4 * index, NOWHERE)
                    volume.give_metadata(self._record, below)
            else:
                put32(volume.blocks.change(block), 4 * index, NOWHERE)
                self._free(below)
        return block.data.count(0) == len(block.data)

    def _free(self, number: int) -> None:
        """Free a data block, together with those beside it."""
        self._left -= 1
        if self._run_count > 0 and number == self._run_start - 1:
            self._run_start = number
            self._run_count += 1
            return
        self._free_run()
        self._run_start = number
        self._run_count = 1

    def _free_run(self) -> None:
        if self._run_count > 0:
            count = self._run_count
            self._run_count = 0
            self._volume.give_data(self._record, self._run_start, count)
