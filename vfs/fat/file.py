"""A regular file: its pages are in the page cache, over clusters that are chosen when the pages go to the disk.

FAT has no holes: between the end of the file and what is written behind it, zeros are written. What the entry says of the size grows with
the clusters, so that it never leads beyond them.
"""

import weakref
from typing import Final

from objects.inode import InodeType
from objects.object import Advice
from objects.window import Window
from scarlet.kernel.memory.buffer import Buffer, KernelBytes
from scarlet.kernel.mutex import Mutex
from scarlet.lang.errno import EFBIG, EIO, EROFS, Errno
from vfs.fat.filesystem import FatFileSystem
from vfs.fat.inode import FatInode
from vfs.fat.layout import MAX_FILE_SIZE
from vfs.fat.node import Node
from vfs.pagecache.backing import HOLE, Backing, Extent
from vfs.pagecache.cache import PageCache
from vfs.pagecache.page import PAGE_SHIFT, pages_of

PIECE: Final = 65536


class FatBacking(Backing):
    """The clusters of one file, for its pages."""

    def __init__(self, filesystem: FatFileSystem, node: Node) -> None:
        super().__init__(filesystem.disk)
        self._filesystem = filesystem
        self._node = node
        self._size_of: weakref.ref[PageCache] | None = None

    def belongs_to(self, cache: PageCache) -> None:
        """The cache, which knows the size."""
        self._size_of = weakref.ref(cache)

    def _size(self) -> int:
        cache = self._size_of() if self._size_of is not None else None
        return cache.size if cache is not None else int(self._node.entry.slot.size)

    def _clusters(self, size: int) -> int:
        cluster_size = self._filesystem.geometry.cluster_size
        return (size + cluster_size - 1) // cluster_size

    def map(self, offset: int, count: int) -> list[Extent]:
        with self._filesystem.mutex:
            return self._extents(offset, count)

    def _extents(self, offset: int, count: int) -> list[Extent]:
        geometry = self._filesystem.geometry
        chain = self._node.chain
        end = offset + count
        mapped = min(end, chain.count * geometry.cluster_size)
        extents: list[Extent] = []
        while offset < mapped:
            run = chain.run_of(offset // geometry.cluster_size)
            start = run.index * geometry.cluster_size
            stop = min(start + run.count * geometry.cluster_size, mapped)
            extents.append(Extent(offset, stop - offset, geometry.start_of(run.cluster) + offset - start))
            offset = stop
        if offset < end:
            extents.append(Extent(offset, end - offset, HOLE))
        return extents

    def reserve(self, offset: int, count: int) -> None:
        """Promise clusters up to the end of the range, as far as the file will reach."""
        fs = self._filesystem
        if fs.read_only:
            raise Errno(EROFS)
        with fs.operation():
            node = self._node
            more = self._clusters(min(offset + count, MAX_FILE_SIZE)) - node.chain.count - node.reserved
            if more > 0:
                fs.table.reserve(more)
                node.reserved += more

    def allocate(self, offset: int, count: int) -> list[Extent]:
        fs = self._filesystem
        with fs.operation():
            node = self._node
            wanted = self._clusters(min(offset + count, self._size()))
            while node.chain.count < wanted:
                if node.reserved > 0:
                    node.reserved -= 1
                    fs.table.unreserve(1)
                was_empty = node.chain.count == 0
                cluster = self._take_cluster()
                if was_empty:
                    node.entry.set_cluster(cluster)
            fs.touch(node)
            return self._extents(offset, pages_of(count) << PAGE_SHIFT)

    def _take_cluster(self) -> int:
        fs = self._filesystem
        if not fs.table.has_free:
            fs.make_room()
        return fs.table.extend(self._node.chain)

    def written(self, offset: int, count: int) -> None:
        fs = self._filesystem
        with fs.mutex:
            self.store_size()

    def store_size(self) -> None:
        """Let the entry say the size, as far as there are clusters. The caller holds the mutex."""
        node = self._node
        size = min(self._size(), node.chain.count * self._filesystem.geometry.cluster_size)
        if size != int(node.entry.slot.size):
            node.set_size(size)
            self._filesystem.touch(node)

    def dirtied(self) -> None:
        inode = self._node.inode() if self._node.inode is not None else None
        if inode is not None:
            self._filesystem.keep(inode)

    def cleaned(self) -> None:
        inode = self._node.inode() if self._node.inode is not None else None
        if inode is not None:
            self._filesystem.let_go(inode.number)


class FatFile(FatInode):
    """A file. The caller of the constructor holds the mutex. EIO when its chain is damaged."""

    def __init__(self, filesystem: FatFileSystem, node: Node, number: int, above: FatInode) -> None:
        super().__init__(filesystem, node, number, InodeType.REGULAR, above)
        size = int(node.entry.slot.size)
        node.chain = filesystem.table.chain(node.entry.cluster)
        if size > node.chain.count * filesystem.geometry.cluster_size:
            raise Errno(EIO, "a file that is longer than its chain")
        self._backing = FatBacking(filesystem, node)
        self.cache = PageCache(self._backing, size)
        self.cache.owner = weakref.ref(self)
        self._backing.belongs_to(self.cache)
        self.errors = self.cache.errors
        self._growing = Mutex()
        """Held while the file may get longer: nobody else cuts it between the zeros and what is written behind them."""

    def size(self) -> int:
        return self.cache.size

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read(buffer, offset)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        self.require_writable()
        with self._growing:
            return self._write(buffer, offset, direct=False)

    def append(self, buffer: Buffer) -> int:
        self.require_writable()
        with self._growing:
            return self._write(buffer, self.cache.size, direct=False)

    def read_direct(self, buffer: Buffer, offset: int) -> int:
        return self.cache.read_direct(buffer, offset)

    def write_direct(self, buffer: Buffer, offset: int) -> int:
        self.require_writable()
        with self._growing:
            return self._write(buffer, offset, direct=True)

    def _write(self, buffer: Buffer, offset: int, *, direct: bool) -> int:
        if buffer.length == 0:
            return 0
        if offset >= MAX_FILE_SIZE:
            raise Errno(EFBIG, "no file on FAT reaches 4 GiB")
        if buffer.length > MAX_FILE_SIZE - offset:
            buffer = Window(buffer, 0, MAX_FILE_SIZE - offset)
        if offset > self.cache.size:
            self._fill(offset)
        count = self.cache.write_direct(buffer, offset) if direct else self.cache.write(buffer, offset)
        with self.fat.mutex:
            self.touch()
        return count

    def tracks_writes(self) -> bool:
        return True

    def _fill(self, size: int) -> None:
        """Write zeros from the end of the file on, up to a new end. ENOSPC: as far as there is room."""
        while self.cache.size < size:
            count = min(PIECE - self.cache.size % PIECE, size - self.cache.size)
            self.cache.write(KernelBytes(bytearray(count)), self.cache.size)

    def truncate(self, size: int) -> None:
        self.require_writable()
        if size > MAX_FILE_SIZE:
            raise Errno(EFBIG, "no file on FAT reaches 4 GiB")
        with self._growing:
            before = self.cache.size
            if size > before:
                try:
                    self._fill(size)
                except (Errno, MemoryError):
                    self._cut(before)
                    raise
            else:
                self._cut(size)
        with self.fat.mutex:
            self.touch()

    def _cut(self, size: int) -> None:
        geometry = self.fat.geometry
        with self.cache.mutex, self.cache.resizing(size), self.fat.operation():
            node = self.node
            self.fat.table.unreserve(node.reserved)
            node.reserved = 0
            self.fat.table.shorten(node.chain, (size + geometry.cluster_size - 1) // geometry.cluster_size)
            node.entry.set_cluster(node.chain.first)
            node.set_size(min(size, node.chain.count * geometry.cluster_size))
            self.fat.touch(node)

    def page(self, index: int, *, write: bool) -> int:
        if write:
            self.require_writable()
        return self.cache.page(index, write=write)

    def resident(self, index: int) -> int:
        return self.cache.resident(index)

    def sync_range(self, offset: int, count: int) -> None:
        self.cache.sync_range(offset, count)

    def start_write_back(self, offset: int, count: int) -> None:
        self.cache.start_write_back()

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        self.cache.advise(advice, offset, count)

    def sync(self, *, data_only: bool) -> None:
        if not self.fat.read_only:
            self.cache.sync()
            self.fat.commit()
