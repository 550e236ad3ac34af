"""One mounted xv6 file system: its log, what is free, and which of its inodes are in use as objects.

All changes happen in operations, one at a time: `with filesystem.operation(): ...` is one transaction, which is forgotten when the
body raises.

Inodes hold the file system, the file system holds them weakly. An inode that loses its last name while it is in use is freed by the first
operation after its last user let go, or, after a crash, by the next mount.
"""

import weakref
from typing import TYPE_CHECKING

from objects.block import BlockDevice
from objects.inode import FileSystem, FileSystemStatistics, Inode
from scarlet.kernel import clock, log
from scarlet.kernel.mutex import Mutex
from scarlet.lang.errno import EIO, Errno
from vfs.xv6fs.allocator import Allocator
from vfs.xv6fs.content import Content
from vfs.xv6fs.layout import BLOCK_SIZE, FREE, MAGIC, NAME_LENGTH, ROOT_INODE, SUPERBLOCK, DiskInode, Geometry
from vfs.xv6fs.log import Log
from vfs.xv6fs.settings import Settings

if TYPE_CHECKING:
    from vfs.xv6fs.file import Xv6File
    from vfs.xv6fs.inode import Xv6Inode


class Xv6FileSystem(FileSystem):
    """EINVAL when the device holds no xv6 file system, EIO when it is damaged."""

    def __init__(self, disk: BlockDevice, device: int, settings: Settings) -> None:
        super().__init__(b"xv6fs", device, read_only=disk.read_only)
        self.geometry = Geometry(disk.read(SUPERBLOCK * BLOCK_SIZE, BLOCK_SIZE), disk.size)
        self.log = Log(disk, self.geometry)
        self.allocator = Allocator(self.log, self.geometry)
        self.content = Content(self.log, self.allocator)
        self.settings = settings
        self.mounted_ns = clock.realtime_ns()
        """The times of files that nobody has touched since: the disk keeps none."""
        self.mutex = Mutex()
        self._inodes: dict[int, weakref.ref[Xv6Inode]] = {}
        self._unused: list[int] = []
        """Inodes that have neither a name nor a user any more."""
        self._mapped: list[Xv6File] = []
        """Files whose pages programs may be writing to."""
        replayed = self.log.replay()
        if replayed > 0:
            log.info(f"xv6fs: replayed a transaction of {replayed} blocks")

    # Inodes as objects

    def known(self, number: int) -> "Xv6Inode | None":
        """The object of an inode, if one is in use."""
        reference = self._inodes.get(number)
        return reference() if reference is not None else None

    def remember(self, number: int, inode: "Xv6Inode") -> None:
        """A new object for an inode."""
        self._inodes[number] = weakref.ref(inode)

    def forget(self, number: int, *, nameless: bool) -> None:
        """The object of an inode is gone."""
        self._inodes.pop(number)
        if nameless:
            self._unused.append(number)

    def root(self) -> Inode:
        root = self.known(ROOT_INODE)
        if root is None:
            raise Errno(EIO, "the file system is gone")
        return root

    def options(self) -> bytes:
        return self.settings.text()

    # Operations

    def operation(self) -> "Operation":
        """A transaction for the body of a `with`."""
        return Operation(self)

    def free_unused(self) -> None:
        """Free the inodes nobody can reach any more. The caller holds the mutex, outside of a transaction."""
        while len(self._unused) > 0:
            self._free(self._unused.pop())

    def _free(self, number: int) -> None:
        """Take a file's content away in as many transactions as that needs, then the inode."""
        finished = False
        while not finished:
            inode = self.allocator.load(number)
            finished = self.content.shrink(inode, 0)
            self.allocator.store(number, DiskInode() if finished else inode)
            self.log.commit()

    def find_unused(self) -> None:
        """After a crash: inodes that were in use without a name."""
        for number in range(ROOT_INODE + 1, self.geometry.inodes):
            inode = self.allocator.load(number)
            if inode.type != FREE and inode.links == 0:
                self._unused.append(number)

    # Pages that programs write to

    def watch_pages(self, file: "Xv6File") -> None:
        """A page of this file was mapped for writing."""
        if file not in self._mapped:
            self._mapped.append(file)

    def sync(self) -> None:
        """Write back what programs wrote through mappings, and free what nobody uses; everything else is on the device already."""
        for file in list(self._mapped):
            file.write_back()
            if file.mappings == 0:
                self._mapped.remove(file)
        if not self.read_only and not self.log.damaged:
            with self.mutex:
                self.free_unused()

    def statistics(self) -> FileSystemStatistics:
        self.sync()
        with self.mutex:
            free = self.allocator.free_blocks()
            return FileSystemStatistics(
                MAGIC, block_size=BLOCK_SIZE, blocks=self.geometry.size - self.geometry.data_start, blocks_free=free, blocks_available=free,
                files=self.geometry.inodes - 1, files_free=self.allocator.free_inodes(), identity=self.device, name_length=NAME_LENGTH,
            )  # fmt: skip


class Operation:
    """Holds the file system while the body of a `with` changes it. Leaving commits (EIO, EROFS); an exception forgets all."""

    def __init__(self, filesystem: Xv6FileSystem) -> None:
        self._filesystem = filesystem

    def __enter__(self) -> "Operation":
        self._filesystem.mutex.acquire()
        try:
            self._filesystem.free_unused()
        except Errno:
            self._filesystem.log.abort()
            self._filesystem.mutex.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        log = self._filesystem.log
        try:
            if error is not None:
                log.abort()
            else:
                log.commit()
        finally:
            self._filesystem.mutex.release()
