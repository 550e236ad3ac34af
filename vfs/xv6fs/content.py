"""Which block holds which part of a file: twelve numbers in the inode, the others in one indirect block.

The functions work on a DiskInode in memory, which the caller stores, and within the caller's transaction.
"""

from typing import Final

from scarlet.lang import u32
from scarlet.lang.errno import EFBIG, Errno
from vfs.xv6fs.allocator import Allocator
from vfs.xv6fs.layout import BLOCK_SIZE, DIRECT, INDIRECT, MAX_BLOCKS, MAX_SIZE, DiskInode
from vfs.xv6fs.log import Log

ABSENT: Final = 0
BLOCKS_TO_GROW: Final = 4
"""A block more may change as many: itself, the indirect block, and the bitmap's blocks of both."""
BLOCKS_TO_SHRINK: Final = 3
"""The indirect block and the bitmap's blocks of it and of the block that goes."""


class Content:
    """Finds, adds and removes blocks of files."""

    def __init__(self, log: Log, allocator: Allocator) -> None:
        self._log = log
        self._allocator = allocator

    def find(self, inode: DiskInode, index: int) -> int:
        """The block with part `index` of a file, ABSENT when it has none. EIO for a number that cannot be."""
        block = ABSENT
        if index < DIRECT:
            block = int(inode.addresses[index])
        elif index < MAX_BLOCKS and inode.addresses[DIRECT] != 0:
            indirect = int(inode.addresses[DIRECT])
            self._allocator.require_data(indirect)
            block = _entry(self._log.read(indirect), index - DIRECT)
        if block != ABSENT:
            self._allocator.require_data(block)
        return block

    def read(self, inode: DiskInode, offset: int, count: int) -> bytes:
        """Bytes of a file from `offset` to at most the end of that block or of the file; zeros where it has no block."""
        within = offset % BLOCK_SIZE
        count = min(count, BLOCK_SIZE - within, int(inode.size) - offset)
        if count <= 0:
            return b""
        block = self.find(inode, offset // BLOCK_SIZE)
        if block == ABSENT:
            return bytes(count)
        return bytes(self._log.read(block)[within : within + count])

    def write(self, inode: DiskInode, offset: int, data: bytes) -> None:
        """Put bytes that lie in one block into a file, which may grow. EFBIG, ENOSPC."""
        if offset + len(data) > MAX_SIZE:
            raise Errno(EFBIG, "an xv6 file has at most 268 blocks")
        within = offset % BLOCK_SIZE
        block = self._require(inode, offset // BLOCK_SIZE)
        self._log.change(block)[within : within + len(data)] = data
        inode.size = u32(max(int(inode.size), offset + len(data)))

    def _require(self, inode: DiskInode, index: int) -> int:
        """The block with part `index`, a new one of zeros if need be."""
        block = self.find(inode, index)
        if block != ABSENT:
            return block
        block = self._allocator.take_block()
        if index < DIRECT:
            inode.addresses[index] = u32(block)
        else:
            if inode.addresses[DIRECT] == 0:
                inode.addresses[DIRECT] = u32(self._allocator.take_block())
            _set_entry(self._log.change(int(inode.addresses[DIRECT])), index - DIRECT, block)
        return block

    def shrink(self, inode: DiskInode, size: int) -> bool:
        """Make a file shorter, as far as the transaction has room; True when it is done, else another transaction goes on."""
        keep = (size + BLOCK_SIZE - 1) // BLOCK_SIZE
        blocks = (int(inode.size) + BLOCK_SIZE - 1) // BLOCK_SIZE
        while blocks > keep and self._log.room() >= BLOCKS_TO_SHRINK:
            blocks -= 1
            self._remove(inode, blocks)
            inode.size = u32(min(int(inode.size), blocks * BLOCK_SIZE))
        if blocks > keep:
            return False
        inode.size = u32(size)
        return True

    def _remove(self, inode: DiskInode, index: int) -> None:
        """Take the last block off; the indirect block goes with the first that it names."""
        block = self.find(inode, index)
        if block != ABSENT:
            self._allocator.give_block(block)
        if index < DIRECT:
            inode.addresses[index] = u32(ABSENT)
        elif inode.addresses[DIRECT] != 0:
            indirect = int(inode.addresses[DIRECT])
            if index == DIRECT:
                self._allocator.give_block(indirect)
                inode.addresses[DIRECT] = u32(ABSENT)
            else:
                _set_entry(self._log.change(indirect), index - DIRECT, ABSENT)

    def blocks(self, inode: DiskInode) -> list[int]:
        """Every block that a file uses, the indirect one included; numbers that cannot be are passed on."""
        found: list[int] = [int(number) for number in inode.addresses if number != 0]
        indirect = int(inode.addresses[DIRECT])
        if indirect != 0:
            self._allocator.require_data(indirect)
            block = self._log.read(indirect)
            for index in range(INDIRECT):
                if _entry(block, index) != ABSENT:
                    found.append(_entry(block, index))
        return found


def _entry(block: bytearray, index: int) -> int:
    return int.from_bytes(block[4 * index : 4 * index + 4], "little")


def _set_entry(block: bytearray, index: int, value: int) -> None:
    block[4 * index : 4 * index + 4] = value.to_bytes(4, "little")
