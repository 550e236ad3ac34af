"""An open regular file: an inode and an offset that duplicates share.

The offset moves by what was transferred. O_APPEND writes go to the end as it is at that moment (the kernel is not preempted between
looking and writing). A write that would pass RLIMIT_FSIZE is cut short, or fails with EFBIG and SIGXFSZ when nothing fits.
A file opened with O_DIRECT goes around the page cache, if it has one. What went wrong with write-back is told by sync(), once for each
open. flock locks belong to the open file and end with it; POSIX record locks belong to a handle table and end when it closes any handle
on the file.

Sources: read(2), write(2), lseek(2), setrlimit(2), flock(2), fcntl(2).
"""

from typing import TYPE_CHECKING, Final

from objects.credentials import CAP_FSETID
from objects.limits import INFINITY, Resource
from objects.object import Advice, AllocateMode, PollEvents, Rights, Status, Whence
from objects.opened import Opened
from objects.task import current_task
from objects.window import Window
from scarlet.kernel.memory.area import Pager
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.signals import Signal
from scarlet.lang.errno import EFBIG, EINVAL, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location
    from scarlet.kernel.waitqueue import Waiter

MAX_OFFSET: Final = (1 << 63) - 1


def _signal_excess(limit: int) -> None:
    """SIGXFSZ to who reached RLIMIT_FSIZE; the ceiling of an ABI gives no signal."""
    task = current_task()
    if limit != INFINITY and not task.process.limits.ends_at_ceiling(Resource.FILE_SIZE):
        task.raise_signal(Signal.SIGXFSZ)


def _require_end(buffer: Buffer, offset: int) -> None:
    """EINVAL when the end of a transfer cannot be told as an offset. (Linux: rw_verify_area)"""
    if buffer.length > MAX_OFFSET - offset:
        raise Errno(EINVAL, "the transfer would end beyond the largest offset")


class InodePager(Pager):
    """Pages of a file for mmap(2). While it is mapped the file lives, and the mount through which it was reached is in use."""

    def __init__(self, inode: "Inode", place: "Location | None" = None) -> None:
        self.inode: Inode = inode
        self.place: Location | None = place
        inode.mappings += 1

    def __del__(self) -> None:
        self.inode.mappings -= 1

    def page(self, index: int, *, write: bool) -> int:
        """The frame of a page, referenced for the caller; 0 past the end of the file."""
        return self.inode.page(index, write=write)

    def resident(self, index: int) -> int:
        """The same if it takes no work, else 0."""
        return self.inode.resident(index)

    def tracks_writes(self) -> bool:
        """As the file system has it."""
        return self.inode.tracks_writes()


class File(Opened):
    """A regular file, opened."""

    def __init__(self, inode: "Inode", location: "Location", access: Rights, status: Status) -> None:
        super().__init__(inode, location, status)
        self.offset = 0
        self._writes = access & Rights.WRITE != Rights.NONE
        if status & Status.DIRECT and not inode.supports_direct():
            self._writes = False
            raise Errno(EINVAL, "the file cannot be read and written directly")
        errors = inode.page_owner().errors
        self._errors_told = errors.position() if errors is not None else 0
        if self._writes:
            inode.writers += 1
            location.mount.writers += 1

    def __del__(self) -> None:
        if self._writes:
            self._inode.writers -= 1
            self._location.mount.writers -= 1

    # Reading and writing

    def read(self, buffer: Buffer) -> int:
        """Bytes read at the shared offset, 0 at end of file."""
        count = self.read_at(buffer, self.offset)
        self.offset += count
        return count

    def read_at(self, buffer: Buffer, offset: int) -> int:
        """Bytes read at an offset. EINVAL when it is negative."""
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        _require_end(buffer, offset)
        count = self._inode.read_direct(buffer, offset) if self.status & Status.DIRECT else self._inode.read_at(buffer, offset)
        if count > 0 and not self.status & Status.NOATIME:
            self._location.mount.record_access(self._inode)
        return count

    def write(self, buffer: Buffer) -> int:
        """Bytes written at the shared offset, at the end of the file under APPEND. EFBIG, ENOSPC."""
        offset = self._inode.size() if self.status & Status.APPEND else self.offset
        count = self._write(buffer, offset)
        self.offset = self._inode.size() if self.status & Status.APPEND and count > 0 else offset + count
        return count

    def write_at(self, buffer: Buffer, offset: int) -> int:
        """Bytes written at an offset; under APPEND at the end all the same, as on Linux. (pwrite(2), BUGS)"""
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        if self.status & Status.APPEND:
            offset = self._inode.size()
        return self._write(buffer, offset)

    def _write(self, buffer: Buffer, offset: int) -> int:
        if buffer.length == 0:
            return 0
        _require_end(buffer, offset)
        task = current_task()
        limit = task.process.limits.soft(Resource.FILE_SIZE)
        if buffer.length > limit - offset:
            buffer = self._cut(buffer, offset, limit)
        if not task.credentials.capable(CAP_FSETID):
            self._inode.drop_privileges()
        if self.status & Status.DIRECT:
            count = self._inode.write_direct(buffer, offset)
        elif self.status & Status.APPEND:
            count = self._inode.append(buffer)
        else:
            count = self._inode.write_at(buffer, offset)
        if self.status & Status.DSYNC:
            self.sync(data_only=self.status & Status.SYNC != Status.SYNC)
        return count

    def _cut(self, buffer: Buffer, offset: int, limit: int) -> Buffer:
        if offset >= limit:
            _signal_excess(limit)
            raise Errno(EFBIG, "beyond the largest file allowed")
        return Window(buffer, 0, limit - offset)

    # The offset and the size

    def is_behind_end(self) -> bool:
        """Would a write at the shared offset leave a hole?"""
        return not self.status & Status.APPEND and self.offset > self._inode.size()

    def seek(self, offset: int, whence: Whence) -> int:
        """The new offset. EINVAL when negative or too large; ENXIO from DATA and HOLE past the end."""
        base = 0
        if whence == Whence.CURRENT:
            base = self.offset
        elif whence == Whence.END:
            base = self._inode.size()
        if offset > 0 and base > MAX_OFFSET - offset:
            raise Errno(EINVAL, "offset too large")
        target = base + offset
        if whence == Whence.DATA or whence == Whence.HOLE:
            target = self._seek_content(offset, whence)
        if target < 0:
            raise Errno(EINVAL, "negative offset")
        self.offset = target
        return target

    def _seek_content(self, offset: int, whence: Whence) -> int:
        if offset < 0:
            return self._inode.next_data(MAX_OFFSET)  # ENXIO
        if whence == Whence.DATA:
            return self._inode.next_data(offset)
        return self._inode.next_hole(offset)

    def truncate(self, length: int) -> None:
        """Set the size. EINVAL when negative; EFBIG and SIGXFSZ beyond RLIMIT_FSIZE."""
        if length < 0:
            raise Errno(EINVAL, "negative size")
        if length > self._inode.size():
            self._check_growth(length)
        self._inode.truncate(length)

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        """Reserve, punch or zero a range. EINVAL, EFBIG, ENOSPC, EOPNOTSUPP."""
        if offset < 0 or length <= 0:
            raise Errno(EINVAL, "empty or negative range")
        if offset > MAX_OFFSET - length:
            raise Errno(EFBIG, "range too large")
        if not mode & (AllocateMode.KEEP_SIZE | AllocateMode.PUNCH_HOLE):
            self._check_growth(offset + length)
        self._inode.allocate(mode, offset, length)

    def _check_growth(self, size: int) -> None:
        limit = current_task().process.limits.soft(Resource.FILE_SIZE)
        if size > limit:
            _signal_excess(limit)
            raise Errno(EFBIG, "beyond the largest file allowed")

    def sync(self, *, data_only: bool) -> None:
        """Bring the file to stable storage. EIO and ENOSPC if that failed, now or unnoticed since this was opened, once."""
        try:
            self._inode.sync(data_only=data_only)
        except Errno:
            self._news()
            raise
        error = self._news()
        if error != 0:
            raise Errno(error, "what was written before did not reach the disk")

    def sync_range(self, offset: int, count: int) -> None:
        self._inode.sync_range(offset, count)

    def start_write_back(self, offset: int, count: int) -> None:
        self._inode.start_write_back(offset, count)

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        self._inode.advise(advice, offset, count)

    def _news(self) -> int:
        """What went wrong with write-back that this open file was not told yet; 0 for nothing."""
        errors = self._inode.page_owner().errors
        if errors is None:
            return 0
        error = errors.news(self._errors_told)
        self._errors_told = errors.count
        return error

    # What it is

    def poll(self, waiter: "Waiter | None") -> PollEvents:
        """A regular file never makes anyone wait."""
        return PollEvents.READABLE | PollEvents.WRITABLE

    def pager(self) -> Pager:
        """The file's pages."""
        return InodePager(self._inode, self._location)

    def available(self) -> int:
        """Bytes from the offset to the end."""
        return max(self._inode.size() - self.offset, 0)
