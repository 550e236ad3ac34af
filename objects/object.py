"""What a handle refers to: one open file, pipe end, terminal, directory, process ...

Every operation has a default that fails with the errno Linux gives when the object cannot do that, so a kind of object states
only what it can do, and nobody asks an object for its type. An object is shared by every handle that dup(2) or fork(2) made of
the same open; `status` (the flags F_SETFL changes) belongs to it, rights and close-on-exec belong to the handle.

The last handle closes the object: its `__del__` runs at once. A destructor here never sleeps.

Sources: open(2), fcntl(2), lseek(2), poll(2).
"""

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from scarlet.lang.errno import EBADF, EINVAL, ENODEV, ENOTTY, ESPIPE, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.metadata import Metadata
    from objects.openlocks import LockOwner
    from objects.terminal import Terminal
    from objects.view import Location
    from scarlet.kernel.memory.area import Pager
    from scarlet.kernel.memory.buffer import Buffer
    from scarlet.kernel.waitqueue import Waiter


class Rights(IntFlag):
    """What a handle allows its owner to do with the object."""

    NONE = 0
    READ = 1
    WRITE = 2
    SEEK = 4
    CONTROL = 8
    MAP = 16
    POLL = 32
    METADATA = 64
    EXECUTE = 128
    DUPLICATE = 256
    TRANSFER = 512


class Status(IntFlag):
    """Flags of an open object, shared by its duplicates. The values are those of the asm-generic O_ constants."""

    NONE = 0
    EXCLUSIVE = 0o200
    """Only while a disk is opened: to be its only user. (open(2), O_EXCL)"""
    NOCTTY = 0o400
    APPEND = 0o2000
    NONBLOCK = 0o4000
    DSYNC = 0o10000
    ASYNC = 0o20000
    DIRECT = 0o40000
    LARGEFILE = 0o100000
    DIRECTORY = 0o200000
    """Asked for when it was opened, as the next one: of no use afterwards, but told. (fcntl(2), F_GETFL)"""
    NOFOLLOW = 0o400000
    NOATIME = 0o1000000
    SYNC = 0o4010000
    PATH = 0o10000000
    TMPFILE = 0o20000000
    """Opened without ever having a name. Told, too."""


class PollEvents(IntFlag):
    """The events of poll(2)."""

    NONE = 0
    IN = 0x1
    PRI = 0x2
    OUT = 0x4
    ERR = 0x8
    HUP = 0x10
    NVAL = 0x20
    RDNORM = 0x40
    RDBAND = 0x80
    WRNORM = 0x100
    WRBAND = 0x200
    RDHUP = 0x2000

    READABLE = 0x41
    WRITABLE = 0x104


class Whence(IntEnum):
    """Where lseek(2) counts from."""

    SET = 0
    CURRENT = 1
    END = 2
    DATA = 3
    HOLE = 4


class AllocateMode(IntFlag):
    """The mode of fallocate(2). Whoever allocates refuses what it does not know."""

    NONE = 0
    KEEP_SIZE = 1
    PUNCH_HOLE = 2
    NO_HIDE_STALE = 4
    COLLAPSE_RANGE = 8
    ZERO_RANGE = 16
    INSERT_RANGE = 32
    UNSHARE_RANGE = 64


class Advice(IntEnum):
    """What a program is going to do with a range of a file. (posix_fadvise(2))"""

    NORMAL = 0
    RANDOM = 1
    SEQUENTIAL = 2
    WILL_NEED = 3
    DONT_NEED = 4
    NO_REUSE = 5


class KernelObject:
    """An open file description: the base of everything a handle can hold."""

    def __init__(self, status: Status = Status.NONE) -> None:
        self.status: Status = status
        self.lock_owner: LockOwner | None = None
        """What its locks end with, once it had one (openlocks.py)."""

    def read(self, buffer: "Buffer") -> int:
        """Bytes read, 0 at end of file; waits unless NONBLOCK. EINVAL when the object cannot be read. (read(2))"""
        raise Errno(EINVAL, "this object cannot be read")

    def write(self, buffer: "Buffer") -> int:
        """Bytes written; waits unless NONBLOCK. EINVAL when the object cannot be written. (write(2))"""
        raise Errno(EINVAL, "this object cannot be written")

    def read_at(self, buffer: "Buffer", offset: int) -> int:
        """Bytes read at an offset of its own, the shared one untouched. ESPIPE when there are no offsets. (pread(2))"""
        raise Errno(ESPIPE, "this object has no offsets")

    def write_at(self, buffer: "Buffer", offset: int) -> int:
        """Bytes written at an offset of its own. ESPIPE when there are no offsets. (pwrite(2))"""
        raise Errno(ESPIPE, "this object has no offsets")

    def seek(self, offset: int, whence: Whence) -> int:
        """The new shared offset. ESPIPE when there is none. (lseek(2))"""
        raise Errno(ESPIPE, "this object has no offset")

    def truncate(self, length: int) -> None:
        """Set the size. EINVAL when this is not a regular file. (ftruncate(2))"""
        raise Errno(EINVAL, "only a regular file has a size to set")

    def allocate(self, mode: AllocateMode, offset: int, length: int) -> None:
        """Reserve or punch space. ENODEV when this is not a file. (fallocate(2))"""
        raise Errno(ENODEV, "only a regular file has space to reserve")

    def sync(self, *, data_only: bool) -> None:
        """Bring everything written to stable storage. EINVAL when the object has none. (fsync(2))"""
        raise Errno(EINVAL, "this object does not support synchronisation")

    def sync_range(self, offset: int, count: int) -> None:
        """Give what is dirty in a range to the disk. (sync_file_range(2))"""
        self.sync(data_only=True)

    def start_write_back(self, offset: int, count: int) -> None:
        """Have a range written soon; nothing to do where there is nothing to write. (sync_file_range(2), msync(2))"""

    def advise(self, advice: Advice, offset: int, count: int) -> None:
        """A program tells what it is going to do; an object that has no use for it ignores it. (posix_fadvise(2), readahead(2))"""

    def poll(self, waiter: "Waiter | None") -> PollEvents:
        """The events that are true now; a waiter, when given, is added to the queues that announce changes. (poll(2))"""
        return PollEvents.READABLE | PollEvents.WRITABLE

    def metadata(self) -> "Metadata":
        """What fstat(2) tells."""
        raise Errno(EBADF, "this object has no metadata")

    def inode(self) -> "Inode | None":
        """The file system's file below, for what works on files by handle (fchmod, fchdir, flock ...)."""
        return None

    def location(self) -> "Location | None":
        """Where the object was opened, for /proc/pid/fd and the *at calls."""
        return None

    def terminal(self) -> "Terminal | None":
        """The terminal this object is an open of."""
        return None

    def pager(self) -> "Pager":
        """The source of pages for mmap(2). ENODEV when the object cannot be mapped."""
        raise Errno(ENODEV, "this object cannot be mapped")

    def available(self) -> int:
        """Bytes that can be read without waiting (FIONREAD). ENOTTY when the object has no such notion."""
        raise Errno(ENOTTY, "this object does not count what can be read")

    def keeps(self) -> "list[KernelObject]":
        """The objects that live because they are in its queues: handles in messages, connections not yet accepted. (inflight.py)"""
        return []

    def link_text(self) -> bytes:
        """What the link in /proc/pid/fd shows when the object has no path."""
        return b"anon_inode:[object]"

    def handle_closed(self, owner: int) -> None:
        """A handle of the table `owner` was closed, whether or not others remain: all record locks that the process has on the file end
        here, as POSIX has it, but not by closing what was opened with O_PATH. (fcntl(2))"""
        inode = self.inode()
        if inode is not None and inode.locks is not None and not self.status & Status.PATH:
            inode.locks.release_records(owner)
