"""One mounted ext file system: its volume, and the inodes of it that are in use as objects.

Who holds whom: an inode holds the file system, which knows its inodes weakly, but for those that were made last. A file that lost its last
name is freed by the first operation after its last user let go (or, after a crash, by the next mount: orphans.py).

What has happened is committed five seconds later, or by fsync(2) and sync(2). The latter also brings everything to its place and marks the
file system as clean, so that a disk is as good as unmounted after it; the next change marks it as in use again.
"""

import weakref
from typing import TYPE_CHECKING, Final

from objects.inode import FileSystem, FileSystemStatistics
from scarlet.kernel import deferred, log
from scarlet.kernel.deferred import Deferred
from scarlet.kernel.thread import set_must_succeed
from scarlet.lang.errno import EIO, Errno
from vfs.ext.attributes import Attributes
from vfs.ext.layout import MAGIC, NAME_LENGTH, ROOT_INODE, Compat, InodeFlags
from vfs.ext.maps import map_of
from vfs.ext.orphans import Orphans
from vfs.ext.record import Record
from vfs.ext.volume import Operation, Relief, Volume
from vfs.pagecache import writeback
from vfs.recent import RecentInodes

if TYPE_CHECKING:
    from vfs.ext.inode import ExtInode

DIRECTORY: Final = 4
REGULAR: Final = 8
SYMLINK: Final = 10
"""Types of records."""
STEPS_AT_ONCE: Final = 16


class Committer(writeback.Periodic):
    """Commits what has happened, some seconds later, if it was not unmounted since."""

    def __init__(self, volume: Volume) -> None:
        self._volume = weakref.ref(volume)
        self.waits = False

    def write_back_old(self) -> None:
        self.waits = False
        volume = self._volume()
        if volume is not None and not volume.damaged:
            volume.commit()


class Shortage(Relief):
    """When blocks run short, those of files that nobody can reach any more are there to be had."""

    def __init__(self, filesystem: "ExtFileSystem") -> None:
        self._filesystem = weakref.ref(filesystem)

    def free(self) -> None:
        filesystem = self._filesystem()
        if filesystem is not None:
            filesystem.free_unused()


class Unused(Deferred):
    """Has them freed soon even if nothing else happens: the destructor that finds out must not sleep."""

    def __init__(self, filesystem: "ExtFileSystem") -> None:
        self._filesystem = weakref.ref(filesystem)

    def work(self) -> None:
        filesystem = self._filesystem()
        if filesystem is not None and not filesystem.volume.damaged:
            filesystem.free_unused()


class InodeMaker:
    """Makes the object of an inode. (directory.py has the classes)"""

    def make(self, filesystem: "ExtFileSystem", record: Record) -> "ExtInode":
        """EIO for an inode of no known type."""
        raise NotImplementedError("InodeMaker.make")


class ExtFileSystem(FileSystem):
    """EINVAL when the volume holds nothing that we understand."""

    def __init__(self, volume: Volume, name: bytes, device: int, maker: InodeMaker) -> None:
        super().__init__(name, device, read_only=volume.read_only, counts_changes=True)
        self.volume = volume
        self.orphans = Orphans(volume)
        self.recent = RecentInodes()
        self._maker: InodeMaker = maker
        self._inodes: dict[int, weakref.ref[ExtInode]] = {}
        self._unused: list[int] = []
        """Inodes that have neither a name nor a user any more."""
        self._committer = Committer(volume)
        self._last_change = 0
        self._overhead = -1
        """Blocks that no file will ever have; found out when somebody asks."""
        volume.relief = Shortage(self)

    # Inodes as objects

    def inode(self, number: int) -> "ExtInode":
        """The object of an inode, made when it is not in use yet. EIO for a number that names no file. The caller holds the mutex."""
        known = self.known(number)
        if known is not None:
            return known
        try:
            return self._made(number)
        except MemoryError:
            if not self.recent.shed():
                raise
            return self._made(number)

    def _made(self, number: int) -> "ExtInode":
        if number < self.volume.geometry.first_inode and number != ROOT_INODE:
            raise Errno(EIO, "a name for a reserved inode")
        record = self.volume.table.load(number)
        if record.links == 0:
            raise Errno(EIO, "a name for an inode that is free")
        return self.object_of(record)

    def object_of(self, record: Record) -> "ExtInode":
        """The same for one that has none. Where it is made in an operation, nothing else may fail after it."""
        inode = self._maker.make(self, record)
        self.recent.add(inode, self)
        return inode

    def known(self, number: int) -> "ExtInode | None":
        """The object of an inode, if one is in use."""
        reference = self._inodes.get(number)
        return reference() if reference is not None else None

    def remember(self, number: int, inode: "ExtInode") -> None:
        """A new object for an inode."""
        self._inodes[number] = weakref.ref(inode)

    def forget(self, inode: "ExtInode") -> None:
        """The object of an inode is gone."""
        number = inode.number
        reference = self._inodes.get(number)
        known = reference() if reference is not None else None
        if reference is None or known is not None and known is not inode:
            return  # it never came to be, for want of memory
        self._inodes.pop(number)
        if inode.nameless and not self.read_only:
            before = set_must_succeed(True)
            try:
                self._unused.append(number)
                if len(self._unused) == 1:
                    deferred.defer(Unused(self))
            finally:
                set_must_succeed(before)

    def next_change(self) -> int:
        """A number that was never used before in this file system: see Inode.changes()."""
        self._last_change += 1
        return self._last_change

    def unmounted(self) -> None:
        self.recent.clear()

    # Operations

    def operation(self) -> Operation:
        """All or nothing, for the body of a `with`. Before it, what nobody uses any more is freed. EROFS, EIO."""
        if len(self._unused) > 0:
            self.free_unused()
        if not self._committer.waits:
            self._committer.waits = True
            writeback.register(self._committer)
        return self.volume.operation()

    def free_unused(self) -> None:
        """Free the inodes nobody can reach any more. EIO; MemoryError, and those that are left wait for the next time."""
        self.volume.require_writable()
        while len(self._unused) > 0:
            number = self._unused.pop()
            try:
                self._free_number(number)
            except MemoryError:
                self._unused.append(number)
                raise

    def _free_number(self, number: int) -> None:
        with self.volume.mutex:
            if not self.volume.table.is_in_use(number):
                return  # it was being made, and that was undone
            record = self.volume.table.load(number)
        if record.links == 0 and self.known(number) is None:
            self._free(record)

    def _free(self, record: Record) -> None:
        """Take a file's content away in as many operations as that needs, then the inode."""
        volume = self.volume
        map = map_of(volume, record) if has_blocks(record) else None
        finished = False
        while not finished:
            with volume.operation():
                finished = map is None or map.remove(0, map.largest(), STEPS_AT_ONCE)
                if finished:
                    Attributes(volume, record).drop_block()
                    self.orphans.remove(record)
                    volume.table.give(record, directory=record.type == DIRECTORY)

    def recover_orphans(self) -> None:
        """After a crash: free what had no name, finish cutting what was being cut. EIO."""
        volume = self.volume
        with volume.mutex:
            numbers = self.orphans.all()
        for number in numbers:
            with volume.mutex:
                record = volume.table.load(number)
            if record.links == 0:
                self._free(record)
                continue
            if has_blocks(record):
                map = map_of(volume, record)
                bits = volume.geometry.block_bits
                first = (record.size + (1 << bits) - 1) >> bits
                finished = False
                while not finished:
                    with volume.operation():
                        finished = map.remove(first, map.largest(), STEPS_AT_ONCE)
            with volume.operation():
                self.orphans.remove(record)
        if len(numbers) > 0:
            log.info(f"ext4: {len(numbers)} orphans freed or cut")

    # The whole

    def sync(self) -> None:
        """Everything is on the disk, in its place, and marked as clean. EIO."""
        if self.read_only or self.volume.damaged:
            return
        writeback.write_device(self.volume.device)
        self.free_unused()
        self.volume.checkpoint()

    def statistics(self) -> FileSystemStatistics:
        volume = self.volume
        if len(self._unused) > 0 and not volume.damaged:
            self.free_unused()
        geometry = volume.geometry
        if self._overhead < 0:
            self._overhead = self._count_overhead()
        free = max(volume.changes.free_blocks - volume.reserved, 0)
        return FileSystemStatistics(
            MAGIC, block_size=geometry.block_size, blocks=geometry.blocks - self._overhead, blocks_free=free,
            blocks_available=max(free - geometry.reserved_blocks, 0), files=geometry.inodes, files_free=volume.changes.free_inodes,
            identity=geometry.identity(), name_length=NAME_LENGTH,
        )  # fmt: skip

    def _count_overhead(self) -> int:
        """As mke2fs counts it: what describes the groups, and the journal."""
        geometry = self.volume.geometry
        blocks = geometry.first_block + geometry.groups * (geometry.table_blocks + 2)
        for group in range(geometry.groups):
            blocks += geometry.own_blocks(group)
        if geometry.has(Compat.HAS_JOURNAL):
            with self.volume.mutex:
                blocks += self.volume.table.load(int(geometry.on_disk.s_journal_inum)).size >> geometry.block_bits
        return blocks


def has_blocks(record: Record) -> bool:
    """Does i_block say where blocks are?"""
    if record.type == SYMLINK:
        return not is_fast_symlink(record)
    return record.type == REGULAR or record.type == DIRECTORY


def is_fast_symlink(record: Record) -> bool:
    """Is the text of a symbolic link in i_block?"""
    return record.size < len(record.block) and not record.has(InodeFlags.EXTENTS)
