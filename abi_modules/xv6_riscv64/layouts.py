"""The structures that xv6 programs read: struct stat of fstat, struct dirent of directories, in which inode numbers have 16 bits."""

from typing import Annotated, Final

from abi_modules.xv6_riscv64.limits import NAME_BYTES
from objects.inode import Inode, InodeType
from objects.metadata import Metadata
from scarlet.lang import i16, i32, struct, u16, u32, u64

T_DIR: Final = 1
T_FILE: Final = 2
T_DEVICE: Final = 3

INODE_NUMBERS: Final = 0xFFFF
"""Inode 0 marks an empty directory entry, so that so many are left."""


@struct
class Stat:
    """struct stat"""

    dev: i32
    ino: u32
    type: i16
    nlink: i16
    size: u64


@struct
class Dirent:
    """struct dirent"""

    inum: u16
    name: Annotated[bytes, 14]


def inode_number(number: int) -> int:
    """A number from 1 to 65535; the small ones, which all file systems begin with, are themselves. The same in Stat and in Dirent."""
    return (number - 1) % INODE_NUMBERS + 1


def file_type(type: InodeType) -> int:
    """T_DIR, T_FILE or T_DEVICE; 0 for what xv6 has no inodes for (pipes, sockets)."""
    match type:
        case InodeType.DIRECTORY:
            return T_DIR
        case InodeType.REGULAR | InodeType.SYMLINK:
            return T_FILE
        case InodeType.CHARACTER | InodeType.BLOCK:
            return T_DEVICE
        case _:
            return 0


def stat_of(metadata: Metadata, inode: Inode | None) -> Stat:
    """What fstat tells. A directory's size is that of its entries as read gives them."""
    size = metadata.size
    if metadata.type == InodeType.DIRECTORY and inode is not None:
        size = directory_bytes(inode)
    return Stat(
        dev=i32(metadata.device & 0x7FFFFFFF),
        ino=u32(inode_number(metadata.inode_number)),
        type=i16(file_type(metadata.type)),
        nlink=i16(min(metadata.nlink, 0x7FFF)),
        size=u64(size),
    )


def directory_bytes(inode: Inode) -> int:
    """The entries of a directory, "." and ".." among them, as bytes."""
    entries = 2
    cursor = 0
    while True:
        batch = inode.list(cursor)
        if len(batch) == 0:
            return entries * Dirent.SIZE
        entries += len(batch)
        cursor = batch[-1].cursor


def dirent(number: int, name: bytes) -> bytes:
    """One entry; of a longer name the first 14 bytes."""
    return Dirent(inum=u16(inode_number(number)), name=name[:NAME_BYTES]).pack()
