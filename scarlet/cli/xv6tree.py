"""The files of an xv6 image, read on the host by the kernel's own modules: what programs will see whose root the image is.

The image may be damaged. What cannot be read is not there; the machine, which runs on a copy, says more.
"""

import mmap
import stat
from collections.abc import Iterator

from scarlet.cli.cpio import Entry
from scarlet.cli.imagefile import ImageFile
from scarlet.lang.errno import Errno
from vfs.xv6fs.allocator import Allocator
from vfs.xv6fs.content import Content
from vfs.xv6fs.directory import name_in
from vfs.xv6fs.layout import BLOCK_SIZE, DIRECTORY, FILE, MAX_SIZE, ROOT_INODE, SLOT_SIZE, SUPERBLOCK, DiskInode, Geometry
from vfs.xv6fs.log import Log

TYPES = {DIRECTORY: stat.S_IFDIR | 0o777, FILE: stat.S_IFREG | 0o777}
"""The disk keeps no modes. Devices are left out: no program lies in one."""


def entries(data: mmap.mmap, folder: str) -> Iterator[Entry]:
    """Every file and directory, under its path below `folder`, parents before children. Errno or ValueError when there is no file
    system."""
    geometry = Geometry(data[SUPERBLOCK * BLOCK_SIZE : (SUPERBLOCK + 1) * BLOCK_SIZE], len(data))
    log = Log(ImageFile(data), geometry)
    log.replay()
    return _Walk(geometry, Allocator(log, geometry), log).below(ROOT_INODE, folder)


class _Walk:
    def __init__(self, geometry: Geometry, allocator: Allocator, log: Log) -> None:
        self._geometry = geometry
        self._allocator = allocator
        self._content = Content(log, allocator)
        self._directories: set[int] = set()
        """Those that were entered: a damaged one may lie in itself."""

    def below(self, number: int, path: str) -> Iterator[Entry]:
        """An inode, and if it is a directory what is in it."""
        try:
            inode = self._allocator.load(number)
            data = self._data(inode)
        except Errno:
            return
        if inode.type not in TYPES or data is None or number in self._directories:
            return
        if inode.type == FILE:
            yield Entry(path, TYPES[FILE], data)
            return
        self._directories.add(number)
        yield Entry(path, TYPES[DIRECTORY])
        for offset in range(0, len(data) - SLOT_SIZE + 1, SLOT_SIZE):
            child, name = int.from_bytes(data[offset : offset + 2], "little"), name_in(data, offset)
            if ROOT_INODE < child < self._geometry.inodes and name not in (b"", b".", b"..") and b"/" not in name:
                yield from self.below(child, f"{path}/{name.decode(errors='surrogateescape')}")

    def _data(self, inode: DiskInode) -> bytes | None:
        """The content; None when no file is so large. EIO."""
        size = int(inode.size)
        if size > MAX_SIZE:
            return None
        return b"".join(self._content.read(inode, start, BLOCK_SIZE) for start in range(0, size, BLOCK_SIZE))
