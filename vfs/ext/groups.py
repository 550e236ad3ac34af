"""Group descriptors: where each group keeps its bitmaps and inodes, how much of it is free, and its checksums.

Descriptors are read and changed in their blocks; nothing is kept beside them, so an operation that fails leaves no trace here either.

Source: Linux, Documentation/filesystems/ext4, "Block Group Descriptors".
"""

from scarlet.lang.errno import EIO, Errno
from vfs.ext import layout
from vfs.ext.blocks import Block, Blocks, Guard
from vfs.ext.checksums import START16, crc16, crc32c, crc32c_u32
from vfs.ext.fields import get16, get32, put16
from vfs.ext.geometry import Geometry
from vfs.ext.layout import BG_CHECKSUM, BG_FLAGS


class DescriptorGuard(Guard):
    """Each descriptor has a checksum of its own, which begins with the group's number."""

    name = "block of group descriptors"

    def __init__(self, geometry: Geometry, first_group: int) -> None:
        self._geometry = geometry
        self._first = first_group
        self._uuid = bytearray(geometry.on_disk.s_uuid)

    def is_good(self, number: int, data: bytearray) -> bool:
        if not self._geometry.group_csum:
            return True
        for index in range(self._used()):
            at = index * self._geometry.descriptor_size
            if get16(data, at + BG_CHECKSUM) != self._checksum(data, at, self._first + index):
                return False
        return True

    def seal(self, number: int, data: bytearray) -> None:
        if self._geometry.group_csum:
            for index in range(self._used()):
                at = index * self._geometry.descriptor_size
                put16(data, at + BG_CHECKSUM, self._checksum(data, at, self._first + index))

    def _used(self) -> int:
        return min(self._geometry.descriptors_per_block, self._geometry.groups - self._first)

    def _checksum(self, data: bytearray, at: int, group: int) -> int:
        geometry = self._geometry
        end = at + geometry.descriptor_size
        behind = at + BG_CHECKSUM + 2
        if geometry.metadata_csum:
            value = crc32c_u32(geometry.seed, group)
            value = crc32c(value, data, at, at + BG_CHECKSUM)
            value = crc32c(value, bytearray(2), 0, 2)
            return crc32c(value, data, behind, end) & 0xFFFF
        value = crc16(START16, self._uuid, 0, 16)
        value = crc16(value, bytearray(group.to_bytes(4, "little")), 0, 4)
        value = crc16(value, data, at, at + BG_CHECKSUM)
        return crc16(value, data, behind, end) if geometry.wide else value


class Groups:
    """The descriptors of one file system. Numbers of groups are below geometry.groups. EIO for a descriptor that lies."""

    def __init__(self, blocks: Blocks, geometry: Geometry) -> None:
        self._blocks = blocks
        self._geometry = geometry
        self._pinned: dict[int, Block] = {}
        self._wide = geometry.descriptor_size >= layout.WIDE_DESCRIPTOR_SIZE

    # Numbers

    def block_bitmap(self, group: int) -> int:
        """The block with the bitmap of blocks."""
        return self._place(group, layout.BG_BLOCK_BITMAP_LO, layout.BG_BLOCK_BITMAP_HI)

    def inode_bitmap(self, group: int) -> int:
        """The block with the bitmap of inodes."""
        return self._place(group, layout.BG_INODE_BITMAP_LO, layout.BG_INODE_BITMAP_HI)

    def inode_table(self, group: int) -> int:
        """The first block of the inodes."""
        first = self._place(group, layout.BG_INODE_TABLE_LO, layout.BG_INODE_TABLE_HI)
        if not self._geometry.is_data(first, self._geometry.table_blocks):
            raise Errno(EIO, "an inode table outside of the file system")
        return first

    def free_blocks(self, group: int) -> int:
        """How many blocks are free."""
        return self._count(group, layout.BG_FREE_BLOCKS_LO, layout.BG_FREE_BLOCKS_HI)

    def free_inodes(self, group: int) -> int:
        """How many inodes are free."""
        return self._count(group, layout.BG_FREE_INODES_LO, layout.BG_FREE_INODES_HI)

    def directories(self, group: int) -> int:
        """How many inodes are directories."""
        return self._count(group, layout.BG_USED_DIRS_LO, layout.BG_USED_DIRS_HI)

    def unused_inodes(self, group: int) -> int:
        """How many inodes at the end of the table were never used; 0 where that is not kept."""
        if not self._geometry.group_csum:
            return 0
        return min(self._count(group, layout.BG_ITABLE_UNUSED_LO, layout.BG_ITABLE_UNUSED_HI), self._geometry.group_inodes)

    def flag(self, group: int, flag: int) -> bool:
        """Is a flag of the group set? They mean something only where descriptors have checksums."""
        block = self._block(group)
        return self._geometry.group_csum and get16(block.data, self._at(group) + BG_FLAGS) & flag != 0

    # Changes, in an operation

    def add_free_blocks(self, group: int, count: int) -> None:
        """So many more are free, or less if `count` is negative."""
        self._add(group, layout.BG_FREE_BLOCKS_LO, layout.BG_FREE_BLOCKS_HI, count)

    def add_free_inodes(self, group: int, count: int) -> None:
        """The same for inodes."""
        self._add(group, layout.BG_FREE_INODES_LO, layout.BG_FREE_INODES_HI, count)

    def add_directories(self, group: int, count: int) -> None:
        """The same for directories."""
        self._add(group, layout.BG_USED_DIRS_LO, layout.BG_USED_DIRS_HI, count)

    def set_unused_inodes(self, group: int, count: int) -> None:
        """How many inodes at the end were never used."""
        self._add(group, layout.BG_ITABLE_UNUSED_LO, layout.BG_ITABLE_UNUSED_HI, count - self.unused_inodes(group))

    def clear_flag(self, group: int, flag: int) -> None:
        """A group is initialised now."""
        at = self._at(group) + BG_FLAGS
        data = self._blocks.change_part(self._block(group), at, 2)
        put16(data, at, get16(data, at) & (0xFFFF ^ flag))

    def seal_bitmap(self, group: int, data: bytearray, *, inodes: bool) -> None:
        """The checksum of a bitmap stands in the descriptor. The descriptor is part of the transaction already."""
        if not self._geometry.metadata_csum:
            return
        value = self._bitmap_checksum(data, inodes=inodes)
        block = self._block(group)
        at = self._at(group)
        put16(block.data, at + (layout.BG_INODE_BITMAP_CSUM_LO if inodes else layout.BG_BLOCK_BITMAP_CSUM_LO), value & 0xFFFF)
        if self._wide:
            put16(block.data, at + (layout.BG_INODE_BITMAP_CSUM_HI if inodes else layout.BG_BLOCK_BITMAP_CSUM_HI), value >> 16)

    def is_good_bitmap(self, group: int, data: bytearray, *, inodes: bool) -> bool:
        """Has a bitmap the checksum that its descriptor says?"""
        if not self._geometry.metadata_csum:
            return True
        value = self._bitmap_checksum(data, inodes=inodes)
        block = self._block(group)
        at = self._at(group)
        low = get16(block.data, at + (layout.BG_INODE_BITMAP_CSUM_LO if inodes else layout.BG_BLOCK_BITMAP_CSUM_LO))
        if not self._wide:
            return value & 0xFFFF == low
        high = get16(block.data, at + (layout.BG_INODE_BITMAP_CSUM_HI if inodes else layout.BG_BLOCK_BITMAP_CSUM_HI))
        return value == low | high << 16

    def _bitmap_checksum(self, data: bytearray, *, inodes: bool) -> int:
        length = (self._geometry.group_inodes if inodes else self._geometry.group_size) // 8
        return crc32c(self._geometry.seed, data, 0, length)

    # Totals

    def total_free_blocks(self) -> int:
        """Of all groups."""
        return sum([self.free_blocks(group) for group in range(self._geometry.groups)])

    def total_free_inodes(self) -> int:
        """Of all groups."""
        return sum([self.free_inodes(group) for group in range(self._geometry.groups)])

    def own_blocks(self, group: int) -> list[int]:
        """The blocks in a group that describe groups: what is in use while BLOCK_UNINIT is set."""
        geometry = self._geometry
        start = geometry.group_start(group)
        end = start + geometry.blocks_in(group)
        found = [start + index for index in range(geometry.own_blocks(group))]
        near = 1
        if geometry.needs(layout.Incompat.FLEX_BG):
            near = 1 << int(geometry.on_disk.s_log_groups_per_flex)
        first = group // near * near
        for other in range(first, min(first + near, geometry.groups)):
            for block in (self.block_bitmap(other), self.inode_bitmap(other)):
                if start <= block < end:
                    found.append(block)
            table = self.inode_table(other)
            found.extend(range(max(table, start), min(table + geometry.table_blocks, end)))
        return found

    # Fields

    def _block(self, group: int) -> Block:
        number = self._geometry.descriptor_block(group)
        block = self._pinned.get(number)
        if block is None:
            first = group // self._geometry.descriptors_per_block * self._geometry.descriptors_per_block
            block = self._blocks.read(number, DescriptorGuard(self._geometry, first))
            self._pinned[number] = block
        return block

    def _at(self, group: int) -> int:
        return group % self._geometry.descriptors_per_block * self._geometry.descriptor_size

    def _place(self, group: int, low: int, high: int) -> int:
        data = self._block(group).data
        at = self._at(group)
        place = get32(data, at + low)
        if self._wide:
            place |= (get32(data, at + high) & 0xFFFF) << 32
        if not self._geometry.is_data(place):
            raise Errno(EIO, "a group descriptor points outside of the file system")
        return place

    def _count(self, group: int, low: int, high: int) -> int:
        data = self._block(group).data
        at = self._at(group)
        count = get16(data, at + low)
        return count | get16(data, at + high) << 16 if self._wide else count

    def _add(self, group: int, low: int, high: int, change: int) -> None:
        count = self._count(group, low, high) + change
        if count < 0 or count > 0xFFFF and not self._wide:
            raise Errno(EIO, "the counts of a group are wrong")
        at = self._at(group)
        data = self._blocks.change_part(self._block(group), at, self._geometry.descriptor_size)
        put16(data, at + low, count & 0xFFFF)
        if self._wide:
            put16(data, at + high, count >> 16)
