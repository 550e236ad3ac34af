"""One mounted FAT file system: its metadata, and which of its files are in use as objects.

Changes are made in operations, one at a time: `with filesystem.operation(): ...`. There is no journal, so an operation that fails in the
middle has to put back itself what it changed; it checks everything before it changes anything.

The disk is marked as in use by the first change after a sync, and as clean by a sync that left nothing to write.

Inodes hold the file system, the file system holds them weakly, but for those with pages that are not on the disk yet, and those that were
made last.
"""

import weakref
from typing import TYPE_CHECKING, Final

from objects.block import BlockDevice
from objects.inode import FileSystem, FileSystemStatistics
from scarlet.kernel import log
from scarlet.kernel.mutex import Mutex
from scarlet.lang import u32
from scarlet.lang.errno import Errno
from vfs.fat.layout import (
    DIRTY,
    INFO_LEAD,
    INFO_MARK,
    INFO_MARK_OFFSET,
    LARGEST_SECTOR,
    SIGNED,
    Extended,
    Geometry,
    Info,
)  # fmt: skip
from vfs.fat.metadata import Metadata
from vfs.fat.node import Node
from vfs.fat.settings import FatSettings
from vfs.fat.table import Table
from vfs.pagecache import spare
from vfs.pagecache.spare import Spare
from vfs.pagecache.writeback import Periodic, register
from vfs.recent import RecentInodes

if TYPE_CHECKING:
    from vfs.fat.inode import FatInode

MAGIC: Final = 0x4D44
NAME_LENGTH: Final = 255
MADE_UP: Final = 1 << 40
"""Inode numbers from here on are for files whose own number, the place of their entry, is another's meanwhile."""


class WriteBack(Periodic):
    """Brings what has changed to the disk, some seconds later."""

    def __init__(self, filesystem: "weakref.ref[FatFileSystem]") -> None:
        self._filesystem = filesystem

    def write_back_old(self) -> None:
        filesystem = self._filesystem()
        if filesystem is not None:
            filesystem.sync()
            if filesystem.in_use:
                register(self)


class SpareChunks(Spare):
    """Tables and directories that are on the disk as they are in memory."""

    def __init__(self, mutex: Mutex, metadata: Metadata) -> None:
        self._mutex = mutex
        self._metadata = metadata
        spare.offer(self)

    def shed(self) -> bool:
        return not self._mutex.is_held and self._metadata.shed()


class FatFileSystem(FileSystem):
    """EINVAL when the device holds no FAT file system, EIO."""

    def __init__(self, disk: BlockDevice, device: int, settings: FatSettings) -> None:
        super().__init__(b"vfat", device, read_only=disk.read_only)
        self.folds_case = True
        self.disk = disk
        self.geometry = Geometry(disk.read(0, min(LARGEST_SECTOR, disk.size)), disk.size)
        self.metadata = Metadata(disk, self.geometry)
        self.table = Table(self.metadata, self.geometry)
        self.settings = settings
        self.mutex = Mutex()
        self._spare = SpareChunks(self.mutex, self.metadata)
        self.recent = RecentInodes()
        self._numbers: set[int] = set()
        self._made_up = MADE_UP
        self._touched: set[Node] = set()
        """Files whose entries differ from their slots."""
        self._kept: dict[int, FatInode] = {}
        """Files with dirty pages, by number."""
        self._unused: list[Node] = []
        """Files that have neither a name nor a user any more."""
        self._marked = False
        if self._state() & DIRTY:
            log.warn("fat: the file system was not unmounted cleanly; a check (fsck.fat) may find lost clusters")

    def options(self) -> bytes:
        return self.settings.text()

    # Files in use

    def number_for(self, place: int) -> int:
        """A number that no other file in use has: that of the entry's place, if it is free."""
        number = place
        if number in self._numbers:
            self._made_up += 1
            number = self._made_up
        self._numbers.add(number)
        return number

    def number_unused(self, number: int) -> None:
        """Nobody came to use it."""
        self._numbers.discard(number)

    def forget(self, inode: "FatInode") -> None:
        """The object of a file is gone. Does not sleep."""
        self._numbers.discard(inode.number)
        self._take_promise_back(inode.node)
        if inode.nameless:
            self._unused.append(inode.node)

    def keep(self, inode: "FatInode") -> None:
        """It has dirty pages. Does not sleep."""
        self._kept[inode.number] = inode

    def let_go(self, number: int) -> None:
        """It has none any more. Does not sleep."""
        if number in self._kept:
            self._kept.pop(number)

    def touch(self, node: Node) -> None:
        """The entry of a file is to be written with the next write-back."""
        if node.home is not None:
            self._touched.add(node)

    def unmounted(self) -> None:
        self.recent.clear()

    # Operations

    def operation(self) -> "Operation":
        """Holds the file system while the body of a `with` changes it."""
        return Operation(self)

    def begin(self) -> None:
        """Before the first change: the mark, and the clusters of files that nobody can reach any more."""
        if not self._marked:
            self._mark(True)
            register(WriteBack(weakref.ref(self)))
        while len(self._unused) > 0:
            self.release(self._unused.pop())

    def release(self, node: Node) -> None:
        """Give the clusters of a file without a name back."""
        self._take_promise_back(node)
        self.table.shorten(node.chain, 0)

    def _take_promise_back(self, node: Node) -> None:
        """The clusters that were promised to a file, and did not become its own."""
        self.table.unreserve(node.reserved)
        node.reserved = 0

    def end(self) -> None:
        """After a change."""
        if self.metadata.too_dirty:
            self.write_back()

    def store_entries(self) -> None:
        """Let the slots say what the entries say: before they are written, or read again. The caller holds the mutex. EIO."""
        for node in self._touched:
            node.store()
        self._touched.clear()

    def write_back(self) -> None:
        """Bring tables and directories to the disk, in the right order. The caller holds the mutex. EIO."""
        self.store_entries()
        self.metadata.write_back()
        if self.table.has_leaving:
            self.table.free_leaving()

    def make_room(self) -> None:
        """Clusters that were given back, but are still named on the disk, become free. The caller holds the mutex."""
        if self.table.has_leaving:
            self.write_back()

    # The mark of use

    @property
    def in_use(self) -> bool:
        """Does the disk say that somebody uses it?"""
        return self._marked

    def _state(self) -> int:
        extended = Extended.parse(self.metadata.read(self.geometry.extended, Extended.SIZE))
        return int(extended.state) if extended.signature == SIGNED else 0

    def _mark(self, in_use: bool) -> None:
        """Say on the disk whether somebody uses it."""
        sector = self.geometry.sector_size
        extended = Extended.parse(self.metadata.read(self.geometry.extended, Extended.SIZE))
        if extended.signature == SIGNED:
            state = int(extended.state) & ~DIRTY | (DIRTY if in_use else 0)
            self.metadata.write(self.geometry.extended + 1, bytes([state]))
            self.disk.write(0, self.metadata.read(0, sector))
            self.disk.flush()
        self._marked = in_use

    def _store_counts(self) -> None:
        """The hints for the next mount, which a check compares."""
        start = self.geometry.info_start
        if start == 0 or self.metadata.u32(start) != INFO_LEAD or self.metadata.u32(start + INFO_MARK_OFFSET) != INFO_MARK:
            return
        info = Info(mark=u32(INFO_MARK), free_clusters=u32(self.table.unpromised()), next_free=u32(self.table.next_free))
        self.metadata.write(start + INFO_MARK_OFFSET, info.pack())

    # The whole

    def commit(self) -> None:
        """Bring everything about files to the disk; their pages are the caller's matter. EIO."""
        with self.mutex:
            self.write_back()
            self.disk.flush()

    def _write_files(self) -> None:
        for inode in list(self._kept.values()):
            inode.sync(data_only=True)

    def sync(self) -> None:
        self._write_files()
        if self.read_only:
            return
        with self.mutex:
            if self._marked or len(self._unused) > 0:
                self.begin()
                self.write_back()
                self._store_counts()
                self.write_back()
                if len(self._kept) == 0:
                    self._mark(False)

    def statistics(self) -> FileSystemStatistics:
        with self.mutex:
            free = self.table.free_count()
            return FileSystemStatistics(
                MAGIC, block_size=self.geometry.cluster_size, blocks=self.geometry.clusters, blocks_free=free, blocks_available=free,
                identity=self.device, name_length=NAME_LENGTH,
            )  # fmt: skip


class Operation:
    """Holds the file system while the body of a `with` changes it."""

    def __init__(self, filesystem: FatFileSystem) -> None:
        self._filesystem = filesystem

    def __enter__(self) -> "Operation":
        self._filesystem.mutex.acquire()
        try:
            self._filesystem.begin()
        except (Errno, MemoryError):
            self._filesystem.mutex.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._filesystem.end()
        finally:
            self._filesystem.mutex.release()
