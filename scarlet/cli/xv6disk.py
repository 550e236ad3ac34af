"""Images of xv6 file systems on the host: made, read, and checked by the kernel's own modules, under CPython."""

import os
from pathlib import Path

from scarlet.cli import xv6tree
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.imagefile import ImageFile, mapped
from scarlet.lang.errno import EINVAL, Errno
from vfs.xv6fs.check import check as problems_of
from vfs.xv6fs.layout import (
    BITS_PER_BLOCK,
    BLOCK_SIZE,
    DIRECTORY,
    INODE_SIZE,
    INODES_PER_BLOCK,
    MAGIC,
    ROOT_INODE,
    SLOT_SIZE,
    SUPERBLOCK,
    DiskInode,
    Geometry,
    Slot,
    Superblock,
)  # fmt: skip

LOG_START = SUPERBLOCK + 1
LOG_BLOCKS = 30
MOST_INODES = 0xFFFF
"""Names hold 16 bits of an inode's number."""
BLOCKS_PER_INODE = 4
SMALLEST = 128
MOST_BLOCKS = 0xFFFFFFFF


def format(path: Path) -> None:
    """Write an empty file system into a file of zeros, laid out as by xv6's mkfs, its regions as large as the file wants them. UserError
    when that is too small."""
    blocks = min(path.stat().st_size // BLOCK_SIZE, MOST_BLOCKS)
    if blocks < SMALLEST:
        raise UserError(f"an xv6 file system needs at least {SMALLEST} KiB", Status.USAGE)
    inodes = min(blocks // BLOCKS_PER_INODE, MOST_INODES)
    inode_start = LOG_START + LOG_BLOCKS
    bitmap_start = inode_start + inodes // INODES_PER_BLOCK + 1
    root_block = bitmap_start + blocks // BITS_PER_BLOCK + 1
    on_disk = Superblock(
        magic=MAGIC, size=blocks, data_blocks=blocks - root_block, inodes=inodes, log_blocks=LOG_BLOCKS, log_start=LOG_START,
        inode_start=inode_start, bitmap_start=bitmap_start,
    )  # fmt: skip
    root = DiskInode(type=DIRECTORY, links=1, size=2 * SLOT_SIZE, addresses=[root_block, *[0] * 12])
    names = b"".join(Slot(inode=ROOT_INODE, name=name.ljust(14, b"\0")).pack() for name in (b".", b".."))
    with path.open("r+b") as file:
        os.pwrite(file.fileno(), on_disk.pack(), SUPERBLOCK * BLOCK_SIZE)
        os.pwrite(file.fileno(), root.pack(), inode_start * BLOCK_SIZE + ROOT_INODE * INODE_SIZE)
        os.pwrite(file.fileno(), names, root_block * BLOCK_SIZE)
        for bitmap_block in range(root_block // BITS_PER_BLOCK + 1):
            used = min(root_block + 1 - bitmap_block * BITS_PER_BLOCK, BITS_PER_BLOCK)
            bits = ((1 << used) - 1).to_bytes(BLOCK_SIZE, "little")
            os.pwrite(file.fileno(), bits, (bitmap_start + bitmap_block) * BLOCK_SIZE)


def read(path: Path) -> bytes:
    """The bytes of an image. UserError when it cannot be read or is not that of an xv6 file system."""
    with mapped(path) as data:
        try:
            Geometry(data[SUPERBLOCK * BLOCK_SIZE : (SUPERBLOCK + 1) * BLOCK_SIZE], len(data))
        except (Errno, ValueError) as error:
            raise _not_xv6(path, error) from None
        return data[:]


def entries(path: Path, folder: str) -> list[Entry]:
    """The files on an image, below a folder. UserError when it cannot be read or is not that of an xv6 file system."""
    with mapped(path) as data:
        try:
            return list(xv6tree.entries(data, folder))
        except (Errno, ValueError) as error:
            raise _not_xv6(path, error) from None


def check(path: Path) -> int:
    """Print what is wrong, a line each. 0: sound; 1: not; UserError when it cannot be read or holds no xv6 file system."""
    with mapped(path) as data:
        try:
            problems = problems_of(ImageFile(data))
        except Errno as error:
            if error.code != EINVAL:
                raise UserError(f"{path}: {error.reason}") from None
            raise _not_xv6(path, error) from None
    for problem in problems:
        print(problem)
    print(f"{path}: xv6fs, {'sound' if not problems else f'{len(problems)} problem(s)'}")
    return 1 if problems else 0


def _not_xv6(path: Path, error: Exception) -> UserError:
    reason = error.reason if isinstance(error, Errno) else "it is too short"
    return UserError(f"{path} holds no xv6 file system: {reason}", Status.USAGE)
