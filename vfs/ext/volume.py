"""One ext file system on its device, below files and names: geometry, metadata, what is free, operations.

    with volume.operation(): ...      changes, all or nothing; holds the mutex
    with volume.mutex: ...            looking

`mutex` is never held while the page cache is called, nor while user memory is touched.
"""

from typing import Final

from objects.block import BlockDevice
from objects.metadata import InodeType
from scarlet.kernel import log
from scarlet.kernel.memory import frames
from scarlet.kernel.mutex import Mutex
from scarlet.kernel.thread import set_must_succeed
from scarlet.lang.errno import EINVAL, EIO, ENOMEM, ENOSPC, EROFS, Errno
from vfs.ext.allocator import Allocator
from vfs.ext.bitmaps import Bitmaps
from vfs.ext.blocks import Blocks
from vfs.ext.commit import InPlace, Log, freeze
from vfs.ext.geometry import Geometry
from vfs.ext.groups import Groups
from vfs.ext.inodetable import InodeTable
from vfs.ext.layout import SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE
from vfs.ext.record import SECTOR_BITS, Record
from vfs.ext.superblock import Superblock
from vfs.ext.transaction import Changes, Transaction
from vfs.pagecache import reclaim, spare
from vfs.pagecache.spare import Spare

ATTEMPTS: Final = 4
"""Of bringing a transaction to the disk, when memory runs out."""
WANTED_PAGES: Final = 512
"""To be given back before the next."""
PAGE_SIZE: Final = 4096
OPERATION_FRAMES: Final = 64
"""What the objects of an operation take, generously. Those of a commit take a copy of each block, too."""


class VolumeMutex(Mutex):
    """Whoever gets it first lets go of metadata that nobody needs."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self._blocks = blocks

    def acquire(self) -> None:
        super().acquire()
        try:
            self._blocks.trim()
        except MemoryError:
            pass  # the next one does it


class SpareBlocks(Spare):
    """Metadata that is on the disk as it is in memory."""

    def __init__(self, mutex: Mutex, blocks: Blocks) -> None:
        self._mutex = mutex
        self._blocks = blocks
        spare.offer(self)

    def shed(self) -> bool:
        return not self._mutex.is_held and self._blocks.shed()


class Relief:
    """Who may have blocks to give back when they run short."""

    def free(self) -> None:
        """Free what nobody needs, in operations of its own. EIO."""


class Volume:
    """EINVAL when the device holds nothing that we understand.

    `replayed`: blocks as the journal has them, of a device that must not be written.
    """

    def __init__(self, device: BlockDevice, replayed: dict[int, bytearray]) -> None:
        self.device = device
        self.geometry = read_geometry(device)
        geometry = self.geometry
        self.blocks = Blocks(device, geometry.block_size)
        self.blocks.committed = replayed
        self.groups = Groups(self.blocks, geometry)
        self.bitmaps = Bitmaps(self.blocks, geometry, self.groups)
        self.changes = Changes(self.blocks, geometry, self.bitmaps)
        self.allocator = Allocator(geometry, self.groups, self.bitmaps, self.changes)
        self.table = InodeTable(self.blocks, geometry, self.groups, self.bitmaps, self.changes)
        self.mutex = VolumeMutex(self.blocks)
        self._spare = SpareBlocks(self.mutex, self.blocks)
        self.read_only = device.read_only or geometry.unwritable() != ""
        self.damaged = False
        """A transaction could not be brought to the disk: nothing is changed any more."""
        self.superblock = Superblock(self.blocks, geometry)
        self.log: Log = InPlace(device, geometry.block_size, self.superblock)
        """How transactions reach the disk; a journal takes its place."""
        self.reserved = 0
        """Blocks promised to data that was written and waits in memory."""
        self.relief: Relief | None = None
        self._committing = Mutex()

    def count_free(self) -> None:
        """Know what is free; before the first operation."""
        self.changes.free_blocks = self.groups.total_free_blocks()
        self.changes.free_inodes = self.groups.total_free_inodes()

    # Operations and commits

    def operation(self) -> "Operation":
        """All or nothing, for the body of a `with`. EROFS."""
        return Operation(self)

    def commit(self) -> None:
        """Bring everything that has happened to the disk, and what data was written before with it. EIO."""
        with self._committing:
            if self.damaged:
                raise Errno(EIO, "the last transaction was lost")
            with self.mutex:
                empty = self.changes.is_empty()
                transaction = self.changes.running
                images: dict[int, bytearray] = {}
                if not empty:
                    self.require_writable()
                    images = freeze(self)
            if empty:
                self.device.flush()
                return
            try:
                self._write(transaction, images)
            except Errno as error:
                self._fail(error)
                raise Errno(EIO, "a transaction could not be written") from error
            except MemoryError:
                self._fail(Errno(ENOMEM, "out of memory in the middle of a transaction"))
                raise Errno(EIO, "a transaction could not be written") from None
            with self.mutex:
                self.blocks.on_the_way = {}
                self.changes.safe(transaction)

    def _write(self, transaction: Transaction, images: dict[int, bytearray]) -> None:
        """Bring a frozen transaction to the disk. When memory runs out it is tried again, once there is more: until its end is written
        nothing has happened, and one that is in the journal twice is replayed twice. EIO, MemoryError."""
        before = set_must_succeed(True)
        try:
            self._try_to_write(transaction, images)
        finally:
            set_must_succeed(before)

    def _try_to_write(self, transaction: Transaction, images: dict[int, bytearray]) -> None:
        for _attempt in range(ATTEMPTS):
            try:
                frames.prepare(len(images) * (1 + self.geometry.block_size // PAGE_SIZE) + OPERATION_FRAMES)
                self.log.write(transaction, images)
                return
            except MemoryError:
                reclaim.reclaim(WANTED_PAGES)
                spare.shed_all()
        self.log.write(transaction, images)

    def flush(self) -> None:
        """Come back when what is being committed, and everything that was written before, is safe; what happened since is left. EIO."""
        with self._committing:
            if self.damaged:
                raise Errno(EIO, "the last transaction was lost")
            self.device.flush()

    def operation_lost(self) -> None:
        """Memory ran out where an operation ends: what is in memory is not what the operation made, nor what was before."""
        self._fail(Errno(ENOMEM, "out of memory at the end of an operation"))

    def _fail(self, error: Errno) -> None:
        """What is on the disk is known again only after a recovery."""
        self.damaged = True
        log.error(f"ext4: {error}: the file system can only be read from now on")

    def checkpoint(self) -> None:
        """Commit, bring everything to its place, and mark the file system as clean. EIO."""
        if self.read_only or self.damaged:
            return
        self.commit()
        with self._committing:
            with self.mutex:
                if not self.changes.is_empty():
                    return  # somebody goes on: it is not clean
                try:
                    self.log.checkpoint(clean=True)
                except Errno as error:
                    self._fail(error)
                    raise Errno(EIO, "a checkpoint could not be written") from error

    def require_room(self, blocks: int) -> None:
        """ENOSPC unless so many blocks could be had, beside those that were promised. May commit: not to be called in an operation."""
        if self.available() < blocks:
            if self.relief is not None:
                self.relief.free()
            if self.changes.pending_blocks > 0:
                self.commit()
        if self.available() < blocks:
            raise Errno(ENOSPC)

    def available(self) -> int:
        """Blocks that can be had now and were promised to nobody."""
        return self.changes.free_blocks - self.changes.pending_blocks - self.reserved

    def require_writable(self) -> None:
        """EROFS when it cannot be changed, or not any more."""
        if self.read_only or self.damaged:
            raise Errno(EROFS)

    # Blocks of files, within the caller's operation

    def goal(self, record: Record) -> int:
        """Where the search for a block of a file begins."""
        if record.next_goal != 0:
            return record.next_goal
        return self.geometry.group_start(self.table.group_of(record.number))

    def take_metadata(self, record: Record) -> int:
        """A block for what is neither content nor inode: it counts for the file. ENOSPC."""
        self.table.change(record)
        number = self.allocator.take_metadata(self.goal(record))
        record.sectors += self.geometry.block_size >> SECTOR_BITS
        return number

    def give_metadata(self, record: Record, number: int) -> None:
        """The reverse."""
        self.table.change(record)
        self.allocator.give(number, 1)
        self.blocks.forget(number)
        record.sectors = max(record.sectors - (self.geometry.block_size >> SECTOR_BITS), 0)

    def take_data(self, record: Record, start: int, count: int) -> None:
        """Blocks that were claimed for the content of a file."""
        self.table.change(record)
        self.allocator.take(start, count)
        record.sectors += count << self.geometry.block_bits - SECTOR_BITS
        record.next_goal = start + count

    def give_data(self, record: Record, start: int, count: int) -> None:
        """The reverse."""
        self.table.change(record)
        self.allocator.give(start, count)
        if record.type != InodeType.REGULAR:  # names and the texts of links are metadata
            for number in range(start, start + count):
                self.blocks.forget(number)
        record.sectors = max(record.sectors - (count << self.geometry.block_bits - SECTOR_BITS), 0)


class Operation:
    """Holds the volume while the body of a `with` changes it. An exception undoes everything."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume

    def __enter__(self) -> "Operation":
        volume = self._volume
        volume.require_writable()
        frames.prepare(OPERATION_FRAMES)
        while True:
            volume.mutex.acquire()
            if not volume.log.is_full(len(volume.changes.blocks.changed)):
                break
            volume.mutex.release()
            volume.commit()
        volume.changes.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        volume = self._volume
        before = set_must_succeed(True)
        try:
            if error is not None:
                volume.changes.undo()
            else:
                volume.changes.end()
        except MemoryError:
            volume.operation_lost()
            raise
        finally:
            set_must_succeed(before)
            volume.mutex.release()


def read_geometry(device: BlockDevice) -> Geometry:
    """What the superblock of a device says. EINVAL, EIO."""
    if device.size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE:
        raise Errno(EINVAL, "too small for any file system")
    return Geometry(bytearray(device.read(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE)), device.size)
