"""Open block devices: the bytes of a disk as a file of a fixed size, through the page cache.

The inode whose pages they are (`DiskInode`) belongs to the disk; nodes with the disk's number, in any file system, lead to it.

Sources: open(2), lseek(2), write(2) on ENOSPC, fsync(2).
"""

import weakref
from typing import Final

from objects.block import BlockDevice
from objects.file import File
from objects.inode import FileSystem, Inode, InodeType
from objects.metadata import Metadata, device_number
from objects.object import Advice, AllocateMode, Rights, Status
from objects.view import Location
from objects.window import Window
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EINVAL, ENOSPC, EOPNOTSUPP, Errno
from vfs.pagecache.backing import Backing, Extent
from vfs.pagecache.cache import PageCache

MAJOR: Final = 254


class WholeDisk(Backing):
    """The content of a disk is the disk."""

    def map(self, offset: int, count: int) -> list[Extent]:
        return [Extent(0, self.device.size, 0)]

    def reserve(self, offset: int, count: int) -> None:
        pass

    def allocate(self, offset: int, count: int) -> list[Extent]:
        return self.map(offset, count)


class DiskInode(Inode):
    """The content of a disk."""

    def __init__(self, filesystem: FileSystem, minor: int, device: BlockDevice) -> None:
        super().__init__(filesystem, minor, InodeType.BLOCK)
        self.number_in_dev = device_number(MAJOR, minor)
        self.device = device
        self.cache = PageCache(WholeDisk(device), device.size)
        self.cache.owner = weakref.ref(self)
        self.errors = self.cache.errors

    def size(self) -> int:
        self.cache.size = self.device.size
        return self.device.size

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read(buffer, offset)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.write(buffer, offset)

    def read_direct(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read_direct(buffer, offset)

    def write_direct(self, buffer: Buffer, offset: int) -> int:
        return self.cache.write_direct(buffer, offset)

    def page(self, index: int, *, write: bool) -> int:
        return self.cache.page(index, write=write)

    def resident(self, index: int) -> int:
        return self.cache.resident(index)

    def tracks_writes(self) -> bool:
        return True

    def sync(self, *, data_only: bool) -> None:
        self.cache.sync()
        self.device.flush()

    def sync_range(self, offset: int, count: int) -> None:
        self.cache.sync_range(offset, count)

    def start_write_back(self, offset: int, count: int) -> None:
        self.cache.start_write_back()

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        self.cache.advise(advice, offset, count)


class BlockFile(File):
    """An open device node."""

    def __init__(self, content: DiskInode, node: Inode, location: Location, access: Rights, status: Status) -> None:
        super().__init__(content, location, Rights(int(access) & ~int(Rights.WRITE)), status)
        self._node = node
        self._content = content

    def _write(self, buffer: Buffer, offset: int) -> int:
        """Up to the end of the disk, which no limit of files concerns. ENOSPC behind it."""
        if buffer.length == 0:
            return 0
        room = self._content.size() - offset
        if room <= 0:
            raise Errno(ENOSPC, "the end of the device")
        if buffer.length > room:
            buffer = Window(buffer, 0, room)
        if self.status & Status.DIRECT:
            count = self._content.write_direct(buffer, offset)
        else:
            count = self._content.write_at(buffer, offset)
        if self.status & Status.DSYNC:
            self.sync(data_only=True)
        return count

    def truncate(self, length: int) -> None:
        raise Errno(EINVAL, "a device has the size it has")

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        raise Errno(EOPNOTSUPP, "a device has no holes")

    def metadata(self) -> Metadata:
        return self._node.metadata()

    def inode(self) -> Inode | None:
        return self._node
