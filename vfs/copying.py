"""Copying a tree from one file system into another, with what inodes know of themselves: content, mode, owner, times.

Directories are merged; a file takes the place of what has its name, unless that is a directory. What the target cannot keep (an xv6 disk
has neither owners nor modes) is left out. An entry that fails is reported and does not keep the others.
"""

from typing import Final

from objects.inode import Inode, InodeType
from objects.metadata import Owner
from scarlet.kernel import log
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import EISDIR, ENOSPC, EPERM, Errno

BLOCK: Final = 65536


def copy_tree(source: Inode, target: Inode, path: bytes) -> None:
    """Copy what is in one directory into another; `path` is what messages call it."""
    cursor = 0
    entries = source.list(cursor)
    while len(entries) > 0:
        for entry in entries:
            cursor = entry.cursor
            try:
                _copy(source.lookup(entry.name), target, entry.name, path + b"/" + entry.name)
            except Errno as error:
                log.error(f"{(path + b'/' + entry.name).decode(errors='replace')} is not copied: {error}")
        entries = source.list(cursor)


def _copy(file: Inode, directory: Inode, name: bytes, path: bytes) -> None:
    there = directory.find(name)
    if file.type == InodeType.DIRECTORY:
        if there is None:
            there = _made(file, directory, name)
            _dress(file, there)
        copy_tree(file, there, path)
        return
    if there is not None:
        if there.type == InodeType.DIRECTORY:
            raise Errno(EISDIR, "a directory has its name")
        directory.unlink(name)
    copy = _made(file, directory, name)
    if file.type == InodeType.REGULAR:
        _copy_content(file, copy)
    _dress(file, copy)


def _made(file: Inode, directory: Inode, name: bytes) -> Inode:
    owner = Owner(file.uid, file.gid)
    if file.type == InodeType.SYMLINK:
        return directory.symlink(name, file.readlink(), owner)
    return directory.create(name, file.type, file.mode, owner, file.metadata().rdev)


def _copy_content(file: Inode, copy: Inode) -> None:
    offset = 0
    while True:
        buffer = KernelBytes(bytearray(BLOCK))
        count = file.read_at(buffer, offset)
        if count == 0:
            return
        if copy.write_at(KernelBytes(bytearray(buffer.read(0, count))), offset) != count:
            raise Errno(ENOSPC, "no room for all of it")
        offset += count


def _dress(file: Inode, copy: Inode) -> None:
    """Give the copy what its making did not: exact times."""
    metadata = file.metadata()
    try:
        copy.change_times(metadata.atime_ns, metadata.mtime_ns)
    except Errno as error:
        if error.code != EPERM:
            raise
