"""What lies on an xv6 disk: the structures, and a superblock that was checked before anything relies on it."""

from typing import Annotated, Final

from scarlet.lang import i16, struct, u16, u32
from scarlet.lang.errno import EINVAL, Errno

BLOCK_SIZE: Final = 1024
MAGIC: Final = 0x10203040
SUPERBLOCK: Final = 1
"""The block it is in; block 0 is the boot block."""
ROOT_INODE: Final = 1
DIRECT: Final = 12
INDIRECT: Final = BLOCK_SIZE // 4
"""Block numbers in the one indirect block."""
MAX_BLOCKS: Final = DIRECT + INDIRECT
MAX_SIZE: Final = MAX_BLOCKS * BLOCK_SIZE
INODE_SIZE: Final = 64
INODES_PER_BLOCK: Final = BLOCK_SIZE // INODE_SIZE
BITS_PER_BLOCK: Final = BLOCK_SIZE * 8
NAME_LENGTH: Final = 14
SLOT_SIZE: Final = 16
MAX_LINKS: Final = 0x7FFF

FREE: Final = 0
DIRECTORY: Final = 1
FILE: Final = 2
DEVICE: Final = 3
"""The types of an inode on disk."""

LARGEST_OPERATION: Final = 12
"""Blocks that one operation (rename, at worst) may change; the log must hold them."""


@struct
class Superblock:
    """Where everything is; all in blocks."""

    magic: u32
    size: u32
    """Of the whole file system."""
    data_blocks: u32
    inodes: u32
    log_blocks: u32
    log_start: u32
    inode_start: u32
    bitmap_start: u32


@struct
class DiskInode:
    """One file."""

    type: i16
    major: i16
    minor: i16
    links: i16
    size: u32
    addresses: Annotated[list[u32], 13]
    """Twelve blocks of data, and the block that holds the numbers of the others; 0 where there is none."""


@struct
class Slot:
    """One name in a directory. Inode number 0: the slot is free."""

    inode: u16
    name: Annotated[bytes, 14]


class Geometry:
    """The regions of one file system. EINVAL when the superblock makes no sense."""

    def __init__(self, block: bytes, device_size: int) -> None:
        on_disk = Superblock.parse(block)
        if on_disk.magic != MAGIC:
            raise Errno(EINVAL, "not an xv6 file system")
        self.size = int(on_disk.size)
        self.inodes = int(on_disk.inodes)
        self.log_start = int(on_disk.log_start)
        self.log_blocks = int(on_disk.log_blocks)
        self.inode_start = int(on_disk.inode_start)
        self.bitmap_start = int(on_disk.bitmap_start)
        self.inode_blocks = self.inodes // INODES_PER_BLOCK + 1
        """One more than needed at times: so mkfs counts."""
        self.bitmap_blocks = self.size // BITS_PER_BLOCK + 1
        self.data_start = self.bitmap_start + self.bitmap_blocks
        self.log_capacity = min(self.log_blocks - 1, INDIRECT - 1)
        """Blocks in one transaction: the first block of the log is its header."""
        self._check(device_size)

    def _check(self, device_size: int) -> None:
        if self.size * BLOCK_SIZE > device_size:
            raise Errno(EINVAL, "the file system is larger than its device")
        if self.inodes <= ROOT_INODE or self.inodes > 0xFFFF:
            raise Errno(EINVAL, "an impossible number of inodes")
        if self.log_capacity < LARGEST_OPERATION:
            raise Errno(EINVAL, "the log is too small")
        ends = [SUPERBLOCK + 1, self.log_start + self.log_blocks, self.inode_start + self.inode_blocks, self.data_start]
        starts = [self.log_start, self.inode_start, self.bitmap_start, self.size]
        for index in range(len(ends)):
            if ends[index] > starts[index]:
                raise Errno(EINVAL, "regions of the file system overlap")

    def inode_block(self, number: int) -> int:
        """The block an inode is in."""
        return self.inode_start + number // INODES_PER_BLOCK

    def is_data(self, block: int) -> bool:
        """May a file use this block?"""
        return self.data_start <= block < self.size
