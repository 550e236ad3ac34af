"""Around the cache: O_DIRECT moves data between the disk and the program's own pages.

Offset, length and memory must be whole sectors. What the cache has of the range is written first and, before a write, taken out, so cached
readers and mappings see what was written. The program's pages are held while the device works, even if the program unmaps them. A write
that would give a part of a block its first data goes through the cache and is written back at once: the rest of the block must be zero.

Source: open(2), O_DIRECT.
"""

from typing import TYPE_CHECKING, Final

from objects.block import SECTOR, Operation, Transfer
from objects.window import Window
from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer, PhysicalBytes, Pinned
from scarlet.kernel.memory.framebytes import FrameBytes, frame_bytes
from scarlet.lang.errno import EINVAL, Errno
from vfs.pagecache.backing import Extent
from vfs.pagecache.closing import Closed
from vfs.pagecache.filling import settle_tail, submit
from vfs.pagecache.page import PAGE_MASK, PAGE_SHIFT, pages_of
from vfs.pagecache.planning import Planner

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

AT_ONCE: Final = 1 << 20
"""Bytes."""
BOUNCED_AT_ONCE: Final = 1 << 17
"""Bytes that go through memory of ours, because the buffer is not in pages that a device could reach."""


def read(cache: "PageCache", buffer: Buffer, offset: int) -> int:
    """Bytes read from the disk, 0 at the end. EINVAL, EIO, EFAULT if there were none."""
    _require_sectors(buffer.length, offset)
    count = min(buffer.length, _whole_sectors(cache.size - offset))
    done = 0
    while done < count:
        try:
            done += _read_part(cache, buffer, done, offset + done, count - done)
        except (Errno, MemoryError):
            if done == 0:
                raise
            break
    return max(min(done, cache.size - offset), 0)


def _read_part(cache: "PageCache", buffer: Buffer, start: int, offset: int, most: int) -> int:
    memory = Memory(buffer, start, most, Access.WRITE)
    first = offset >> PAGE_SHIFT
    end = pages_of(offset + memory.count)
    cache.sync_range(offset, memory.count)
    while any(closure.first < end and first < closure.end for closure in cache.closures):
        cache.changes.wait(interruptible=False)
    cache.direct_readers += 1
    try:
        extents = cache.backing.map(first << PAGE_SHIFT, (end - first) << PAGE_SHIFT)
        _transfer(cache, Operation.READ, offset, memory, extents)
    finally:
        cache.direct_readers -= 1
        cache.changes.wake_all()
    memory.finish_reading()
    return memory.count


def write(cache: "PageCache", buffer: Buffer, offset: int) -> int:
    """Bytes written to the disk. EINVAL, ENOSPC, EIO, EFAULT if there were none."""
    _require_sectors(buffer.length, offset)
    done = 0
    with cache.mutex:
        if offset > cache.size:
            settle_tail(cache)
        while done < buffer.length:
            try:
                part = _write_part(cache, buffer, done, offset + done)
            except (Errno, MemoryError):
                if done == 0:
                    raise
                break
            if part == 0:
                break
            done += part
    if done < buffer.length:
        done += _write_through(cache, buffer, done, offset + done)
    return done


def _write_part(cache: "PageCache", buffer: Buffer, start: int, offset: int) -> int:
    """0: the next part cannot be written without the cache."""
    memory = Memory(buffer, start, buffer.length - start, Access.READ)
    first = offset >> PAGE_SHIFT
    end = pages_of(offset + memory.count)
    if first < end - 1 and (offset + memory.count) & PAGE_MASK != 0:
        memory.count = ((end - 1) << PAGE_SHIFT) - offset
        end -= 1
    extents = cache.backing.map(first << PAGE_SHIFT, (end - first) << PAGE_SHIFT)
    while any(first <= index < end for index in cache.dirty):
        cache.sync_range(offset, memory.count)
    with Closed(cache, first << PAGE_SHIFT, end << PAGE_SHIFT, zero=False):
        if not _has_data(extents, offset, memory.count):
            if (offset | memory.count) & PAGE_MASK != 0:
                return 0
            cache.backing.reserve(offset, memory.count)
            extents = cache.backing.allocate(offset, memory.count)
        _transfer(cache, Operation.WRITE, offset, memory, extents)
        cache.size = max(cache.size, offset + memory.count)
        cache.backing.written(offset, memory.count)
    return memory.count


def _write_through(cache: "PageCache", buffer: Buffer, start: int, offset: int) -> int:
    """Write the rest into the cache, and from there to the disk."""
    try:
        count = cache.write(Window(buffer, start, buffer.length - start), offset)
        cache.sync_range(offset, count)
    except (Errno, MemoryError):
        if start == 0:
            raise
        return 0
    return count


def _transfer(cache: "PageCache", operation: Operation, offset: int, memory: "Memory", extents: list[Extent]) -> None:
    """Move everything between the memory and where the extents say it is. EIO."""
    planner = Planner(cache.backing.device.most_pieces)
    end = offset + memory.count
    at = offset
    for extent in extents:
        low = max(extent.offset, at)
        high = min(extent.end, end)
        if low >= high:
            continue
        if operation is Operation.READ and not extent.holds_data:
            memory.zero(low - offset, high - offset)
        else:
            memory.plan(planner, low - offset, high - offset, extent.position + (low - extent.offset))
        at = high
    if operation is Operation.READ:
        memory.zero(at - offset, memory.count)
    transfers = [Transfer(operation, run.position, run.pieces) for run in planner.runs]
    for transfer in transfers:
        submit(cache.backing.device, transfer)
    failure: Errno | None = None
    for transfer in transfers:
        try:
            transfer.wait()
        except Errno as problem:
            failure = problem
    if failure is not None:
        raise failure


def _has_data(extents: list[Extent], offset: int, count: int) -> bool:
    """Does the file have data on the disk in the whole range?"""
    at = offset
    for extent in extents:
        if extent.offset <= at < extent.end and extent.holds_data:
            at = extent.end
    return at >= offset + count


class Memory:
    """The next `count` bytes of a buffer, whole sectors, where a device can reach them. EFAULT, EINVAL when a sector is not in one
    piece."""

    def __init__(self, buffer: Buffer, start: int, most: int, access: Access) -> None:
        self._buffer = buffer
        self._start = start
        self._own: FrameBytes | None = None
        pinned = buffer.pin(start, min(most, AT_ONCE), access)
        if pinned is None:
            count = min(most, BOUNCED_AT_ONCE)
            own = frame_bytes(count)
            if access is Access.READ:
                buffer.to_physical(start, own.pa, count)
            pinned = Pinned()
            pinned.extend(own.pa, count)
            self._own = own
        for index in range(len(pinned.starts)):
            if (pinned.starts[index] | pinned.counts[index]) % SECTOR != 0:
                raise Errno(EINVAL, "the memory is not aligned to sectors")
        self.count = pinned.total
        self._pinned = pinned

    def plan(self, planner: Planner, start: int, end: int, position: int) -> None:
        """The bytes from `start` to before `end` lie at `position` on the disk."""
        pinned = self._pinned
        at = 0
        for index in range(len(pinned.starts)):
            low = max(start, at)
            high = min(end, at + pinned.counts[index])
            if low < high:
                planner.add(position + (low - start), pinned.starts[index] + (low - at), high - low, None)
            at += pinned.counts[index]

    def zero(self, start: int, end: int) -> None:
        """The file has nothing there."""
        pinned = self._pinned
        at = 0
        for index in range(len(pinned.starts)):
            low = max(start, at)
            high = min(end, at + pinned.counts[index])
            if low < high:
                PhysicalBytes(pinned.starts[index] + (low - at), high - low).zero(0, high - low)
            at += pinned.counts[index]

    def finish_reading(self) -> None:
        """The data is there: bring it to the buffer, or say that its pages were stored into."""
        if self._own is not None:
            self._buffer.from_physical(self._start, self._own.pa, self.count)
        else:
            self._buffer.reach(self._start, self.count, Access.WRITE)


def _require_sectors(count: int, offset: int) -> None:
    if (offset | count) % SECTOR != 0:
        raise Errno(EINVAL, "not whole sectors")


def _whole_sectors(count: int) -> int:
    return (count + SECTOR - 1) // SECTOR * SECTOR
