"""A regular file: its pages are in the page cache, over sections that lie on the disc in one piece each."""

import weakref

from objects.block import SECTOR
from objects.object import Advice
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EIO, EROFS, Errno
from vfs.iso9660.entry import Entry, Section
from vfs.iso9660.filesystem import IsoFileSystem
from vfs.iso9660.inode import IsoInode
from vfs.pagecache.backing import HOLE, Backing, Extent
from vfs.pagecache.cache import PageCache


class IsoBacking(Backing):
    """Where a file is. Every section but the last is whole blocks."""

    def __init__(self, filesystem: IsoFileSystem, sections: list[Section]) -> None:
        super().__init__(filesystem.disk)
        self._sections = sections

    def map(self, offset: int, count: int) -> list[Extent]:
        """EIO for what would lie behind the end of the device."""
        extents: list[Extent] = []
        end = offset + count
        start = 0
        for section in self._sections:
            low = max(offset, start)
            high = min(end, start + section.size)
            if low < high:
                extent = Extent(low, (high - low + SECTOR - 1) // SECTOR * SECTOR, section.start + low - start)
                if extent.position + extent.count > self.device.size:
                    raise Errno(EIO, "a file behind the end of the device")
                extents.append(extent)
                offset = extent.end
            start += section.size
        if offset < end:
            extents.append(Extent(offset, end - offset, HOLE))
        return extents


class IsoFile(IsoInode):
    """A file."""

    def __init__(self, filesystem: IsoFileSystem, entry: Entry, above: IsoInode) -> None:
        super().__init__(filesystem, entry, above)
        self.cache = PageCache(IsoBacking(filesystem, entry.sections), entry.size)
        self.cache.owner = weakref.ref(self)
        self.errors = self.cache.errors

    def size(self) -> int:
        return self.cache.size

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read(buffer, offset)

    def read_direct(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read_direct(buffer, offset)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        raise Errno(EROFS)

    def truncate(self, size: int) -> None:
        raise Errno(EROFS)

    def page(self, index: int, *, write: bool) -> int:
        if write:
            raise Errno(EROFS)
        return self.cache.page(index, write=False)

    def resident(self, index: int) -> int:
        return self.cache.resident(index)

    def tracks_writes(self) -> bool:
        return True

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        self.cache.advise(advice, offset, count)
