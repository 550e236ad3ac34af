"""The memory that an array of struct iovec describes, as one buffer (readv(2)): so an object sees one transfer."""

from typing import Final

from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer, Pinned
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import MAX_TRANSFER, UserBytes, check_range, read_user
from scarlet.lang import struct, u64
from scarlet.lang.errno import EINVAL, Errno

MAX_VECTOR: Final = 1024
"""UIO_MAXIOV."""


@struct
class Iovec:
    """struct iovec (uapi/linux/uio.h)"""

    base: u64
    len: u64


def clip(part: UserBytes, offset: int, count: int) -> tuple[int, int]:
    """Of `count` bytes that begin `offset` bytes behind the beginning of a part (before it, if negative): where they begin in the part,
    and how many of them it has (0 or less for none)."""
    at = max(offset, 0)
    return at, min(offset + count, part.length) - at


class UserVector(Buffer):
    """EFAULT; EINVAL for too many or too long ones."""

    def __init__(self, space: AddressSpace, address: u64, entries: int) -> None:
        if entries < 0 or entries > MAX_VECTOR:
            raise Errno(EINVAL, "iovcnt must be 0 to 1024")
        size = entries * Iovec.SIZE
        table = b"" if entries == 0 else read_user(space, check_range(address, u64(size)), size)
        parts: list[UserBytes] = []
        total = 0
        for index in range(entries):
            entry = Iovec.parse(table, index * Iovec.SIZE)
            if entry.len >> 63 != 0:
                raise Errno(EINVAL, "iov_len is negative")
            room = MAX_TRANSFER - total
            part = UserBytes(space, entry.base, entry.len if entry.len < room else u64(room))
            total += part.length
            parts.append(part)
        super().__init__(total)
        self.parts = parts

    def read(self, offset: int, count: int) -> bytes:
        self._check(offset, count)
        pieces: list[bytes] = []
        for part in self.parts:
            at, here = clip(part, offset, count)
            if here > 0:
                pieces.append(part.read(at, here))
            offset -= part.length
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def write(self, offset: int, data: bytes) -> None:
        self._check(offset, len(data))
        done = 0
        for part in self.parts:
            at, here = clip(part, offset, len(data))
            if here > 0:
                part.write(at, data if here == len(data) else data[done : done + here])
                done += here
            offset -= part.length

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        for part in self.parts:
            at, here = clip(part, offset, count)
            if here > 0:
                part.to_physical(at, pa, here)
                pa += here
            offset -= part.length

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        for part in self.parts:
            at, here = clip(part, offset, count)
            if here > 0:
                part.from_physical(at, pa, here)
                pa += here
            offset -= part.length

    def zero(self, offset: int, count: int) -> None:
        self._check(offset, count)
        for part in self.parts:
            at, here = clip(part, offset, count)
            if here > 0:
                part.zero(at, here)
            offset -= part.length

    def reach(self, offset: int, count: int, access: Access) -> int:
        self._check(offset, count)
        done = 0
        for part in self.parts:
            at, here = clip(part, offset, count)
            if here > 0:
                reached = part.reach(at, here, access)
                done += reached
                if reached < here:
                    break
            offset -= part.length
        return done

    def pin(self, offset: int, count: int, access: Access) -> Pinned | None:
        self._check(offset, count)
        pinned = Pinned()
        for part in self.parts:
            at, here = clip(part, offset, count)
            offset -= part.length
            if here <= 0:
                continue
            try:
                more = part.pin(at, here, access)
            except Errno:
                if pinned.total == 0:
                    raise
                break
            if more is None:
                break
            pinned.join(more)
            if more.total < here:
                break
        return pinned
