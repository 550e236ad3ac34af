"""What is free: the bitmap of blocks, and the inodes of type 0.

Everything happens within the caller's transaction. The search begins where the last one ended.
"""

from typing import Final

from scarlet.lang.errno import EIO, ENOSPC, Errno
from vfs.xv6fs.layout import (
    BITS_PER_BLOCK,
    BLOCK_SIZE,
    FREE,
    INODE_SIZE,
    INODES_PER_BLOCK,
    ROOT_INODE,
    DiskInode,
    Geometry,
)  # fmt: skip
from vfs.xv6fs.log import Log

FULL: Final = 0xFF


class Allocator:
    """Hands out blocks and inodes of one file system."""

    def __init__(self, log: Log, geometry: Geometry) -> None:
        self._log = log
        self._geometry = geometry
        self._next_block = geometry.data_start
        self._next_inode = ROOT_INODE

    # Blocks

    def take_block(self) -> int:
        """A free block, zeroed. ENOSPC."""
        geometry = self._geometry
        block = self._find_free(self._next_block, geometry.size)
        if block == 0:
            block = self._find_free(geometry.data_start, self._next_block)
        if block == 0:
            raise Errno(ENOSPC, "no free block")
        self._log.change(self._bitmap_block(block))[_byte(block)] |= _bit(block)
        self._log.replace(block, bytearray(BLOCK_SIZE))
        self._next_block = block + 1 if block + 1 < geometry.size else geometry.data_start
        return block

    def give_block(self, block: int) -> None:
        """A block that no file uses any more. EIO when it was not in use: the file system is damaged."""
        self.require_data(block)
        bits = self._log.change(self._bitmap_block(block))
        if bits[_byte(block)] & _bit(block) == 0:
            raise Errno(EIO, "a block was freed twice")
        bits[_byte(block)] &= FULL ^ _bit(block)

    def require_data(self, block: int) -> None:
        """EIO unless a file may use this block."""
        if not self._geometry.is_data(block):
            raise Errno(EIO, "a block number outside of the data")

    def is_used(self, block: int) -> bool:
        """What the bitmap says."""
        return self._log.read(self._bitmap_block(block))[_byte(block)] & _bit(block) != 0

    def free_blocks(self) -> int:
        """Their number."""
        count = 0
        block = self._geometry.data_start
        while block < self._geometry.size:
            if block % 8 == 0 and self._log.read(self._bitmap_block(block))[_byte(block)] == FULL:
                block += 8
                continue
            if not self.is_used(block):
                count += 1
            block += 1
        return count

    def _find_free(self, start: int, end: int) -> int:
        """The first free block from `start` to before `end`; 0 when there is none."""
        block = start
        while block < end:
            if block % 8 == 0 and self._log.read(self._bitmap_block(block))[_byte(block)] == FULL:
                block += 8
            elif self.is_used(block):
                block += 1
            else:
                return block
        return 0

    def _bitmap_block(self, block: int) -> int:
        return self._geometry.bitmap_start + block // BITS_PER_BLOCK

    # Inodes

    def load(self, number: int) -> DiskInode:
        """An inode as it is now."""
        block = self._log.read(self._geometry.inode_block(number))
        return DiskInode.parse(block, number % INODES_PER_BLOCK * INODE_SIZE)

    def store(self, number: int, inode: DiskInode) -> None:
        """Change an inode."""
        start = number % INODES_PER_BLOCK * INODE_SIZE
        self._log.change(self._geometry.inode_block(number))[start : start + INODE_SIZE] = inode.pack()

    def take_inode(self, inode: DiskInode) -> int:
        """Store a new inode in a free place; its number. ENOSPC."""
        number = self._next_inode
        for _attempt in range(self._geometry.inodes - 1):
            if self.load(number).type == FREE:
                self.store(number, inode)
                self._next_inode = number
                return number
            number = number + 1 if number + 1 < self._geometry.inodes else ROOT_INODE
        raise Errno(ENOSPC, "no free inode")

    def give_inode(self, number: int) -> None:
        """An inode without names, content and users becomes free."""
        self.store(number, DiskInode())

    def free_inodes(self) -> int:
        """Their number."""
        count = 0
        for number in range(ROOT_INODE, self._geometry.inodes):
            if self.load(number).type == FREE:
                count += 1
        return count


def _byte(block: int) -> int:
    return block % BITS_PER_BLOCK // 8


def _bit(block: int) -> int:
    return 1 << block % 8
