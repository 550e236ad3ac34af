"""Character devices without hardware: null, zero, full, random and urandom. (null(4), full(4), random(4))"""

from typing import TYPE_CHECKING, Final

from objects.object import KernelObject, PollEvents, Rights, Status, Whence
from objects.opened import Opened
from objects.random import mix, random_bytes
from scarlet.kernel import scheduler
from scarlet.kernel.memory.area import Access, Pager
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.memory.shared import SharedPages
from scarlet.lang.errno import ENOSPC, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location
    from scarlet.kernel.waitqueue import Waiter

RANDOM_CHUNK: Final = 4096
MOST_PAGES: Final = 1 << 51


class CharacterDevice(Opened):
    """What the devices here have in common: a node, offsets that mean nothing, and that they never make anyone wait."""

    def read_at(self, buffer: Buffer, offset: int) -> int:
        return self.read(buffer)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        return self.write(buffer)

    def seek(self, offset: int, whence: Whence) -> int:
        """Always 0."""
        return 0

    def poll(self, waiter: "Waiter | None") -> PollEvents:
        return PollEvents.READABLE | PollEvents.WRITABLE


class Null(CharacterDevice):
    """Always at its end; takes everything."""

    def read(self, buffer: Buffer) -> int:
        return 0

    def write(self, buffer: Buffer) -> int:
        return buffer.length


def _fill_with_zeros(buffer: Buffer) -> int:
    """Bytes until memory that is not there. EFAULT when that is at once."""
    try:
        buffer.zero(0, buffer.length)
    except Errno:
        done = buffer.reach(0, buffer.length, Access.WRITE)
        if done == 0:
            raise
        return done
    return buffer.length


class Zero(CharacterDevice):
    """Endless zeros; takes everything; a mapping of it is fresh memory."""

    def read(self, buffer: Buffer) -> int:
        return _fill_with_zeros(buffer)

    def write(self, buffer: Buffer) -> int:
        return buffer.length

    def pager(self) -> Pager:
        return SharedPages(MOST_PAGES)


class Full(CharacterDevice):
    """Endless zeros; a disk that is full."""

    def read(self, buffer: Buffer) -> int:
        return _fill_with_zeros(buffer)

    def write(self, buffer: Buffer) -> int:
        """ENOSPC."""
        raise Errno(ENOSPC, "/dev/full is full")


def fill_with_random(buffer: Buffer, count: int) -> int:
    """Random bytes until memory that is not there (EFAULT when that is at once), or until a signal comes between two pages of them."""
    done = 0
    while done < count:
        part = min(count - done, RANDOM_CHUNK)
        reachable = buffer.reach(done, part, Access.WRITE)
        if reachable > 0:
            buffer.write(done, random_bytes(reachable))
        done += reachable
        if reachable < part:
            if done == 0:
                buffer.write(0, random_bytes(1))  # fails as it must
            break
        if scheduler.pause():
            break
    return done


class Random(CharacterDevice):
    """Random bytes; what is written is mixed in. A signal cuts short what is larger than a page, as on Linux."""

    def read(self, buffer: Buffer) -> int:
        return fill_with_random(buffer, buffer.length)

    def write(self, buffer: Buffer) -> int:
        done = 0
        while done < buffer.length:
            try:
                data = buffer.read(done, min(buffer.length - done, RANDOM_CHUNK))
            except Errno:
                if done == 0:
                    raise
                break
            mix(data)
            done += len(data)
            if scheduler.pause():
                break
        return done


def open_null(inode: "Inode", location: "Location", access: Rights, status: Status) -> KernelObject:
    """Open /dev/null, (1, 3)."""
    return Null(inode, location, status)


def open_zero(inode: "Inode", location: "Location", access: Rights, status: Status) -> KernelObject:
    """Open /dev/zero, (1, 5)."""
    return Zero(inode, location, status)


def open_full(inode: "Inode", location: "Location", access: Rights, status: Status) -> KernelObject:
    """Open /dev/full, (1, 7)."""
    return Full(inode, location, status)


def open_random(inode: "Inode", location: "Location", access: Rights, status: Status) -> KernelObject:
    """Open /dev/random (1, 8) or /dev/urandom (1, 9)."""
    return Random(inode, location, status)
