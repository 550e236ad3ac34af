"""User memory: the typed ways in and out. Nothing else in the kernel reads or writes it.

A user pointer is a number that a program made up. It is checked here, once, against the user half of the address space and against
overflow (`check_range`); then each page is looked up in the page table, faulted in if need be, and reached through the kernel's direct
map. The kernel never dereferences a user address, so there is no fault to survive and no SUM bit to toggle (which would flush the TLB
under emulation).
"""

from collections.abc import Callable
from typing import Final, Generic, NewType, Protocol, TypeVar

from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.buffer import Buffer, Pinned
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import u32, u64
from scarlet.lang.errno import EFAULT, EINVAL, ENAMETOOLONG, Errno
from scarlet.machine import physmem
from scarlet.machine.sv39 import PAGE_MASK, PAGE_SIZE, USER_TOP, page_down

UserPtr = NewType("UserPtr", u64)
"""An address in the current program, unchecked."""

MAX_TRANSFER: Final = 0x7FFF_F000
"""MAX_RW_COUNT: one read or write moves no more."""


def check_range(address: u64, length: u64) -> int:
    """The address as an int, if all of the range is user addresses; else EFAULT."""
    if address > USER_TOP or length > USER_TOP or int(address) + int(length) > USER_TOP:
        raise Errno(EFAULT)
    return int(address)


class UserBytes(Buffer):
    """`length` bytes at a user address. EFAULT at once if that is not all user addresses, later if a page is not there."""

    def __init__(self, space: AddressSpace, address: u64, length: u64) -> None:
        super().__init__(int(length) if length < MAX_TRANSFER else MAX_TRANSFER)
        self.space = space
        self.address = check_range(address, length)

    def read(self, offset: int, count: int) -> bytes:
        self._check(offset, count)
        return read_user(self.space, self.address + offset, count)

    def write(self, offset: int, data: bytes) -> None:
        self._check(offset, len(data))
        write_user(self.space, self.address + offset, data)

    def to_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        address = self.address + offset
        while count > 0:
            part = min(PAGE_SIZE - (address & PAGE_MASK), count)
            physmem.copy(pa, self.space.locate(address, Access.READ), part)
            pa += part
            address += part
            count -= part

    def from_physical(self, offset: int, pa: int, count: int) -> None:
        self._check(offset, count)
        address = self.address + offset
        while count > 0:
            part = min(PAGE_SIZE - (address & PAGE_MASK), count)
            physmem.copy(self.space.locate(address, Access.WRITE), pa, part)
            pa += part
            address += part
            count -= part

    def zero(self, offset: int, count: int) -> None:
        self._check(offset, count)
        address = self.address + offset
        while count > 0:
            part = min(PAGE_SIZE - (address & PAGE_MASK), count)
            physmem.zero(self.space.locate(address, Access.WRITE), part)
            address += part
            count -= part

    def reach(self, offset: int, count: int, access: Access) -> int:
        self._check(offset, count)
        address = self.address + offset
        done = 0
        while done < count:
            try:
                self.space.locate(address + done, access)
            except (Errno, MemoryError):
                break
            done += min(PAGE_SIZE - ((address + done) & PAGE_MASK), count - done)
        return done

    def pin(self, offset: int, count: int, access: Access) -> Pinned | None:
        self._check(offset, count)
        address = self.address + offset
        pinned = Pinned()
        while pinned.total < count:
            try:
                pa = self.space.locate(address, access)
            except Errno:
                if pinned.total == 0:
                    raise
                break
            part = min(PAGE_SIZE - (address & PAGE_MASK), count - pinned.total)
            pinned.add(pa, part, page_down(pa))
            address += part
        return pinned


class Layout(Protocol):
    """What every @struct class offers."""

    def pack(self) -> bytes: ...


T = TypeVar("T", bound=Layout)


class UserStruct(Generic[T]):
    """A @struct at a user address: UserStruct(space, address, Timespec.parse, Timespec.SIZE)."""

    def __init__(self, space: AddressSpace, address: u64, parse: Callable[[bytes], T], size: int) -> None:
        self.space = space
        self.address = address
        self.parse = parse
        self.size = size

    def load(self) -> T:
        """Read the structure. EFAULT."""
        return self.parse(load_bytes(self.space, self.address, self.size))

    def store(self, value: T) -> None:
        """Write the structure. EFAULT."""
        store_bytes(self.space, self.address, value.pack())


# --- plain values ---


def load_bytes(space: AddressSpace, address: u64, count: int) -> bytes:
    """`count` bytes from user memory. EFAULT."""
    return read_user(space, check_range(address, u64(count)), count)


def store_bytes(space: AddressSpace, address: u64, data: bytes) -> None:
    """Write bytes to user memory. EFAULT, with the pages before the bad one written."""
    write_user(space, check_range(address, u64(len(data))), data)


def load_u8(space: AddressSpace, address: u64) -> int:
    """EFAULT."""
    return physmem.load8(space.locate(check_range(address, u64(1)), Access.READ))


def load_u32(space: AddressSpace, address: u64) -> int:
    """EFAULT. The address need not be aligned."""
    if address & 3 != 0:
        return int(int.from_bytes(load_bytes(space, address, 4), "little"))
    return physmem.load32(space.locate(check_range(address, u64(4)), Access.READ))


def load_u64(space: AddressSpace, address: u64) -> u64:
    """EFAULT. The address need not be aligned."""
    if address & 7 != 0:
        return _word(load_bytes(space, address, 8), 0)
    return u64(physmem.load64(space.locate(check_range(address, u64(8)), Access.READ)))


def store_u32(space: AddressSpace, address: u64, value: int) -> None:
    """EFAULT. The address need not be aligned; 0 <= value < 2**32."""
    if address & 3 != 0:
        store_bytes(space, address, value.to_bytes(4, "little"))
    else:
        physmem.store32(space.locate(check_range(address, u64(4)), Access.WRITE), value)


def store_i32(space: AddressSpace, address: u64, value: int) -> None:
    """EFAULT. -2**31 <= value < 2**31."""
    store_u32(space, address, int(u32(value)))


def store_u64(space: AddressSpace, address: u64, value: u64) -> None:
    """EFAULT. The address need not be aligned."""
    if address & 7 != 0:
        store_bytes(space, address, value.to_bytes(8, "little"))
    else:
        physmem.store64(space.locate(check_range(address, u64(8)), Access.WRITE), value)


def compare_exchange_u32(space: AddressSpace, address: u64, expected: int, new: int) -> int:
    """Store `new` if the word is `expected`, at once for all harts; gives the old value. EFAULT; EINVAL unless aligned (futex(2))."""
    if address & 3 != 0:
        raise Errno(EINVAL, "the word is not aligned")
    return physmem.compare_exchange32(space.locate(check_range(address, u64(4)), Access.WRITE), expected, new)


def read_cstring(space: AddressSpace, address: u64, limit: int) -> bytes:
    """The bytes before a NUL. EFAULT; ENAMETOOLONG when there is no NUL among the first `limit` bytes."""
    start = check_range(address, u64(0))
    pieces: list[bytes] = []
    while limit > 0:
        if start >= USER_TOP:
            raise Errno(EFAULT)
        pa = space.locate(start, Access.READ)
        part = min(PAGE_SIZE - (start & PAGE_MASK), limit)
        length = physmem.find_zero_byte(pa, part)
        if length >= 0 and len(pieces) == 0:
            return physmem.read(pa, length)
        if length >= 0:
            pieces.append(physmem.read(pa, length))
            return b"".join(pieces)
        pieces.append(physmem.read(pa, part))
        start += part
        limit -= part
    raise Errno(ENAMETOOLONG)


# --- checked addresses ---


def read_user(space: AddressSpace, address: int, count: int) -> bytes:
    """Bytes from a range that check_range allowed. EFAULT."""
    if count == 0:
        return b""
    if (address & PAGE_MASK) + count <= PAGE_SIZE:
        return physmem.read(space.locate(address, Access.READ), count)
    pieces: list[bytes] = []
    while count > 0:
        part = min(PAGE_SIZE - (address & PAGE_MASK), count)
        pieces.append(physmem.read(space.locate(address, Access.READ), part))
        address += part
        count -= part
    return b"".join(pieces)


def write_user(space: AddressSpace, address: int, data: bytes) -> None:
    """Bytes to a range that check_range allowed. EFAULT."""
    count = len(data)
    if (address & PAGE_MASK) + count <= PAGE_SIZE:
        if count > 0:
            physmem.write(space.locate(address, Access.WRITE), data)
        return
    done = 0
    while done < count:
        part = min(PAGE_SIZE - (address & PAGE_MASK), count - done)
        physmem.write_slice(space.locate(address, Access.WRITE), data, done, part)
        address += part
        done += part


def _word(data: bytes, offset: int) -> u64:
    """A little-endian 64-bit word."""
    return u64(int.from_bytes(data[offset : offset + 4], "little") | int.from_bytes(data[offset + 4 : offset + 8], "little") << 32)
