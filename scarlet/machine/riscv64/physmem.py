"""Physical memory, through the direct map: a load or a store is one instruction after an addition."""

from typing import Final

from scarlet.lang import raw, u8, u16, u32, u64
from scarlet.lang.raw import Ptr, inline, memcpy, memmove, memset, unchecked_cast
from scarlet.machine.kernel_space import direct
from scarlet.runtime.bytes import Bytes, make

ONES: Final = 0x0101010101010101
HIGHS: Final = 0x8080808080808080


@inline
def load8(pa: int) -> int:
    return int(raw.load8(direct(pa)))


@inline
def load16(pa: int) -> int:
    return int(raw.load16(direct(pa)))


@inline
def load32(pa: int) -> int:
    return int(raw.load32(direct(pa)))


@inline
def load64(pa: int) -> u64:
    return raw.load64(direct(pa))


@inline
def store8(pa: int, value: int) -> None:
    raw.store8(direct(pa), u8(value))


@inline
def store16(pa: int, value: int) -> None:
    raw.store16(direct(pa), u16(value))


@inline
def store32(pa: int, value: int) -> None:
    raw.store32(direct(pa), u32(value))


@inline
def store64(pa: int, value: u64) -> None:
    raw.store64(direct(pa), value)


def read(pa: int, count: int) -> bytes:
    """Copy bytes out of memory."""
    return make(Ptr(direct(pa)), count)


def write(pa: int, data: bytes) -> None:
    """Copy bytes into memory."""
    memcpy(Ptr(direct(pa)), unchecked_cast(Bytes, data).start(), u64(len(data)))


def write_slice(pa: int, data: bytes, start: int, count: int) -> None:
    """Copy data[start:start + count] into memory. IndexError when data has not so many."""
    if start < 0 or count < 0 or start + count > len(data):
        raise IndexError("slice outside the data")
    memcpy(Ptr(direct(pa)), unchecked_cast(Bytes, data).start() + start, u64(count))


def copy(destination_pa: int, source_pa: int, count: int) -> None:
    """Copy within memory; the ranges may overlap."""
    memmove(Ptr(direct(destination_pa)), Ptr(direct(source_pa)), u64(count))


def zero(pa: int, count: int) -> None:
    memset(Ptr(direct(pa)), 0, u64(count))


def find_zero_byte(pa: int, count: int) -> int:
    """The index of the first zero byte among `count`, -1 if there is none."""
    at = direct(pa)
    index = 0
    while index + 8 <= count:
        word = raw.load64(u64(at + u64(index)))
        if u64(word - ONES) & u64(~word) & HIGHS != 0:
            break  # one of these eight
        index += 8
    while index < count:
        if raw.load8(u64(at + u64(index))) == 0:
            return index
        index += 1
    return -1


def compare_exchange32(pa: int, expected: int, new: int) -> int:
    """Store `new` if the word is `expected`, at once for all harts; gives the old value."""
    word = Ptr[u32](direct(pa))
    while True:
        old = raw.atomic_load(word)
        if int(old) != expected:
            return int(old)
        if raw.atomic_compare_swap(word, u32(expected), u32(new)):
            return expected
