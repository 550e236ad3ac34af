"""Files whose content the kernel makes up when they are read: what procfs and sysfs are made of.

A text file is made anew at each read from offset 0, and read on from the same copy, so that one pass over it is consistent. Such files have
size 0 and no times of their own: all were made when the machine was switched on.
"""

import weakref
from collections.abc import Callable
from typing import Final

from objects.inode import DirectoryEntry, FileSystem, FileSystemStatistics, Inode, InodeType, Metadata
from objects.object import KernelObject, PollEvents, Rights, Status, Whence
from objects.opened import Opened
from objects.view import Location
from scarlet.kernel import clock
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang.errno import EFBIG, EINVAL, ENOENT, Errno
from vfs.filesystems import device_numbers

MAX_STORED: Final = 4096
"""The longest text that may be written at once."""


class PseudoFileSystem(FileSystem):
    """A file system of such files. Its root keeps it alive, not the other way round."""

    def __init__(self, name: bytes, magic: int) -> None:
        super().__init__(name, device_numbers.next())
        self.magic = magic
        self.last_number = 0

    def next_number(self) -> int:
        """An inode number for a file that stays."""
        self.last_number += 1
        return self.last_number

    def statistics(self) -> FileSystemStatistics:
        return FileSystemStatistics(self.magic, identity=self.device)


class PseudoInode(Inode):
    """The base: attributes, and that nothing about them can be changed."""

    def __init__(self, filesystem: FileSystem, number: int, type: InodeType, mode: int, uid: int = 0, gid: int = 0) -> None:
        super().__init__(filesystem, number, type, mode, uid, gid)

    def size(self) -> int:
        return 0

    def links(self) -> int:
        """How many names it has."""
        return 1

    def metadata(self) -> Metadata:
        booted_ns = clock.realtime_offset_ns()
        return Metadata(
            self.type, self.mode, self.number, device=self.filesystem.device, nlink=self.links(), uid=self.uid, gid=self.gid,
            size=self.size(), block_size=1024, atime_ns=booted_ns, mtime_ns=booted_ns, ctime_ns=booted_ns,
        )  # fmt: skip


class PseudoDirectory(PseudoInode):
    """A directory whose names stay: `entries` in the order they were added."""

    def __init__(self, filesystem: FileSystem, number: int, above: "PseudoDirectory | None", mode: int = 0o555) -> None:
        super().__init__(filesystem, number, InodeType.DIRECTORY, mode)
        self.entries: dict[bytes, Inode] = {}
        self._above: weakref.ref[PseudoDirectory] | None = weakref.ref(above) if above is not None else None

    def links(self) -> int:
        return 2 + sum([1 for inode in self.entries.values() if inode.type == InodeType.DIRECTORY])

    def lookup(self, name: bytes) -> Inode:
        inode = self.entries.get(name)
        if inode is None:
            raise Errno(ENOENT)
        return inode

    def parent(self) -> Inode:
        above = self._above() if self._above is not None else None
        return above if above is not None else self

    def name_of(self, child: Inode) -> bytes:
        for name, inode in self.entries.items():
            if inode is child:
                return name
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        return listing(self.entries, cursor)


def listing(entries: dict[bytes, Inode], cursor: int) -> list[DirectoryEntry]:
    """The entries after the first `cursor` ones: good cursors as long as names are only added."""
    batch: list[DirectoryEntry] = []
    position = 0
    for name, inode in entries.items():
        position += 1
        if position > cursor:
            batch.append(DirectoryEntry(name, inode.number, inode.type, position))
    return batch


class TextInode(PseudoInode):
    """A text file."""

    def __init__(self, filesystem: FileSystem, number: int, mode: int = 0o444, uid: int = 0, gid: int = 0) -> None:
        super().__init__(filesystem, number, InodeType.REGULAR, mode, uid, gid)

    def text(self) -> bytes:
        """What a read from the start shows now."""
        raise Errno(EINVAL, "this file is only written")

    def store(self, text: bytes) -> None:
        """Take what was written. EINVAL for nonsense."""
        raise Errno(EINVAL, "this file is only read")

    def truncate(self, size: int) -> None:
        """Nothing to cut: what is written replaces everything. (O_TRUNC)"""

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        return TextFile(self, location, status)


class FunctionText(TextInode):
    """A text file whose content is what a function gives; `taker` takes what is written, if anything may be."""

    def __init__(
        self, filesystem: FileSystem, number: int, maker: Callable[[], bytes], taker: Callable[[bytes], None] | None, mode: int
    ) -> None:
        super().__init__(filesystem, number, mode)
        self.maker = maker
        self.taker = taker

    def text(self) -> bytes:
        return self.maker()

    def store(self, text: bytes) -> None:
        if self.taker is None:
            raise Errno(EINVAL, "this file is only read")
        self.taker(text)


class TextFile(Opened):
    """A text file, opened."""

    def __init__(self, text_inode: TextInode, location: Location, status: Status) -> None:
        super().__init__(text_inode, location, status)
        self._text_inode = text_inode
        self._content = b""
        self.offset = 0

    def read(self, buffer: Buffer) -> int:
        count = self.read_at(buffer, self.offset)
        self.offset += count
        return count

    def read_at(self, buffer: Buffer, offset: int) -> int:
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        if offset == 0 or len(self._content) == 0:
            self._content = self._text_inode.text()
        if offset >= len(self._content):
            return 0
        part = self._content[offset : offset + buffer.length]
        if len(part) > 0:
            buffer.write(0, part)
        return len(part)

    def write(self, buffer: Buffer) -> int:
        count = self.write_at(buffer, self.offset)
        self.offset += count
        return count

    def write_at(self, buffer: Buffer, offset: int) -> int:
        if buffer.length > MAX_STORED:
            raise Errno(EINVAL, "too long")
        self._text_inode.store(buffer.read(0, buffer.length))
        return buffer.length

    def seek(self, offset: int, whence: Whence) -> int:
        if whence == Whence.CURRENT:
            offset += self.offset
        elif whence != Whence.SET:
            raise Errno(EINVAL, "the end is not known")
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        self.offset = offset
        return offset

    def truncate(self, length: int) -> None:
        if length != 0:
            raise Errno(EFBIG, "the content is made up")

    def sync_range(self, offset: int, count: int) -> None:
        """Nothing to bring anywhere (fsync(2) is EINVAL, though)."""

    def poll(self, waiter: Waiter | None) -> PollEvents:
        return PollEvents.READABLE | PollEvents.WRITABLE


class PseudoLink(PseudoInode):
    """A symbolic link with a text that a function gives."""

    def __init__(self, filesystem: FileSystem, number: int, maker: Callable[[], bytes]) -> None:
        super().__init__(filesystem, number, InodeType.SYMLINK, 0o777)
        self.maker = maker

    def readlink(self) -> bytes:
        return self.maker()
