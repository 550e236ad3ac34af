"""Buffers: where the bytes of a read or write are, whatever memory they are in.

A file system or device moves bytes between its own memory and a Buffer and never knows whether a user program, the kernel or an iovec
array is behind it. Offsets count from the start of the buffer. A Buffer over user memory raises Errno(EFAULT) at the first page that is
not there; what was moved before stays moved.
"""

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.area import Access
from scarlet.lang import u64
from scarlet.machine import physmem


class Pinned:
    """Memory that stays where it is while a device works on it: runs of physical memory, whose frames are held as long as this is."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.counts: list[int] = []
        self.total = 0
        self._frames: list[int] = []

    def __del__(self) -> None:
        for frame in self._frames:
            frames.unref(frame)

    def add(self, pa: int, count: int, frame: int) -> None:
        """`count` more bytes, in one frame."""
        self._hold(frame)
        self.extend(pa, count)

    def extend(self, pa: int, count: int) -> None:
        """The same for memory that is held in another way."""
        self.total += count
        if len(self.starts) > 0 and self.starts[-1] + self.counts[-1] == pa:
            self.counts[-1] += count
        else:
            self.starts.append(pa)
            self.counts.append(count)

    def _hold(self, frame: int) -> None:
        self._frames.append(0)  # no frame's address, which needs no unref()
        frames.ref(frame)
        self._frames[-1] = frame

    def join(self, other: "Pinned") -> None:
        """What another one has comes behind it."""
        for frame in other._frames:
            self._hold(frame)
        for index in range(len(other.starts)):
            self.extend(other.starts[index], other.counts[index])


class Buffer:
    """`length` bytes of memory. A range outside of it is a kernel bug: IndexError."""

    def __init__(self, length: int) -> None:
        self.length = length

    def read(self, offset: int, count: int) -> bytes:
        """Bytes copied out of the buffer. EFAULT."""
        raise NotImplementedError("Buffer.read")

    def write(self, offset: int, data: bytes) -> None:
        """Copy all of `data` into the buffer. EFAULT."""
        raise NotImplementedError("Buffer.write")

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        """Copy out of the buffer into physical memory. EFAULT."""
        raise NotImplementedError("Buffer.to_physical")

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        """Copy from physical memory into the buffer. EFAULT."""
        raise NotImplementedError("Buffer.from_physical")

    def zero(self, offset: int, count: int) -> None:
        """Fill a range with zero bytes. EFAULT."""
        raise NotImplementedError("Buffer.zero")

    def reach(self, offset: int, count: int, access: Access) -> int:
        """How many of these bytes there are in front of the first page that is not there. (A write that ends in EFAULT writes those.)"""
        return count

    def pin(self, offset: int, count: int, access: Access) -> Pinned | None:
        """The memory itself, for a device: of all these bytes, or of those before the first page that is not there. EFAULT when that is the
        first; None when the memory cannot be held."""
        return None

    def _check(self, offset: int, count: int) -> None:
        if offset < 0 or count < 0 or count > self.length - offset:
            raise IndexError("range outside the buffer")


class KernelBytes(Buffer):
    """A buffer over the kernel's own bytes, in `data`."""

    def __init__(self, data: bytearray) -> None:
        super().__init__(len(data))
        self.data = data

    def read(self, offset: int, count: int) -> bytes:
        self._check(offset, count)
        return bytes(self.data[offset : offset + count])

    def write(self, offset: int, data: bytes) -> None:
        self._check(offset, len(data))
        self.data[offset : offset + len(data)] = data

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        physmem.write(pa, bytes(self.data[offset : offset + count]))

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        self.data[offset : offset + count] = physmem.read(pa, count)

    def zero(self, offset: int, count: int) -> None:
        self._check(offset, count)
        self.data[offset : offset + count] = bytes(count)


class PhysicalBytes(Buffer):
    """A buffer over physically contiguous memory: a frame of a file, a device's ring."""

    def __init__(self, pa: int, length: int) -> None:
        super().__init__(length)
        self.pa = pa

    def read(self, offset: int, count: int) -> bytes:
        self._check(offset, count)
        return physmem.read(self.pa + offset, count)

    def write(self, offset: int, data: bytes) -> None:
        self._check(offset, len(data))
        physmem.write(self.pa + offset, data)

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        physmem.copy(pa, self.pa + offset, count)

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        physmem.copy(self.pa + offset, pa, count)

    def zero(self, offset: int, count: int) -> None:
        self._check(offset, count)
        physmem.zero(self.pa + offset, count)

    def load_u64(self, offset: int) -> u64:
        """The eight bytes at an offset as a number."""
        self._check(offset, 8)
        return u64(physmem.load64(self.pa + offset))

    def store_u64(self, offset: int, value: u64) -> None:
        """Put a number into the eight bytes at an offset."""
        self._check(offset, 8)
        physmem.store64(self.pa + offset, value)
