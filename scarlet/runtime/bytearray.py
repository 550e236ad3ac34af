"""bytearray: a block of bytes that grows (the Python reference's "Binary Sequence Types").

While memoryviews of it exist it cannot change its size (BufferError, as in CPython). What it has in common with bytes is in ByteString.
"""

from typing import TYPE_CHECKING, Final

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, inline, memcpy, memmove, memset, noinline, payload, unchecked_cast, unlikely
from scarlet.runtime import ascii, heap, spans
from scarlet.runtime.buffer import LARGEST, NO_BYTE, Buffer, BufferIterator, ByteString, checked_byte
from scarlet.runtime.bytes import Bytes, copy_of_buffer
from scarlet.runtime.spans import Slice, clamp

if TYPE_CHECKING:  # these modules need this one, too; none runs anything of the other's at start-up
    from scarlet.runtime.bytetext import from_hex, represent

SMALLEST_BLOCK: Final = 16


class ByteArray(ByteString):
    """bytearray. Invariants: `_data` is 0 exactly when `_capacity` is 0; while `_exports` views exist the size does not change."""

    def __init__(self) -> None:
        self._size: int = 0
        self._capacity: int = 0
        self._exports: int = 0
        self._data: Ptr[u8] = Ptr(u64(0))

    def __del__(self) -> None:
        if self._capacity != 0:
            heap.free(self._data.address, u64(self._capacity))

    @inline
    def start(self) -> Ptr[u8]:
        return self._data

    @inline
    def count_bytes(self) -> int:
        return self._size

    # --- storage ----------------------------------------------------------------------------------------------------------

    @noinline
    def _grow(self, needed: int) -> None:
        """Make room for `needed` bytes: by half more at least."""
        if needed >> 46 != 0:
            raise MemoryError
        capacity = max(self._capacity + (self._capacity >> 1), needed, SMALLEST_BLOCK)
        address = heap.allocate(u64(capacity))
        if address == 0:
            raise MemoryError
        data: Ptr[u8] = Ptr(address)
        if self._capacity != 0:
            memcpy(data, self._data, u64(self._size))
            heap.free(self._data.address, u64(self._capacity))
        self._data = data
        self._capacity = capacity

    @inline
    def _may_resize(self) -> None:
        if unlikely(self._exports != 0):
            raise BufferError("Existing exports of data: object cannot be re-sized")

    def export(self, change: int) -> None:
        """A view comes (1) or goes (-1)."""
        self._exports += change

    def _open_gap(self, low: int, high: int, count: int) -> None:
        """Make the bytes low..high `count` long; their contents are garbage."""
        growth = count - (high - low)
        if growth == 0:
            return
        self._may_resize()
        if self._size + growth > self._capacity:
            self._grow(self._size + growth)
        memmove(self._data + (high + growth), self._data + high, u64(self._size - high))
        self._size += growth

    # --- the sequence -----------------------------------------------------------------------------------------------------

    @inline
    def __len__(self) -> int:
        return self._size

    @inline
    def __bool__(self) -> bool:
        return self._size != 0

    @inline
    def item_at(self, index: int) -> int:
        """Byte `index`, which the caller knows to exist."""
        return int(self._data[index])

    @inline
    def _position(self, index: int) -> int:
        at = i64(index + self._size) if index < 0 else index
        if unlikely(u64(at) >= u64(self._size)):
            raise IndexError("bytearray index out of range")
        return at

    @inline
    def __getitem__(self, index: int) -> int:
        return int(self._data[self._position(index)])

    @inline
    def __setitem__(self, index: int, value: int) -> None:
        byte = checked_byte(value, NO_BYTE)
        self._data[self._position(index)] = byte

    def __delitem__(self, index: int) -> None:
        at = self._position(index)
        self._open_gap(at, at + 1, 0)

    def getslice(self, start: int, stop: int) -> bytearray:
        low = clamp(start, self._size)
        out = ByteArray()
        out.extend_span(self._data + low, max(0, clamp(stop, self._size) - low))
        return unchecked_cast(bytearray, out)

    def getslice_step(self, start: int | None, stop: int | None, step: int) -> bytearray:
        bounds = Slice(start, stop, step, self._size)
        out = ByteArray()
        at = bounds.start
        for _ in range(bounds.count):
            out.append(int(self._data[at]))
            at = i64(at + step)
        return unchecked_cast(bytearray, out)

    def setslice(self, start: int, stop: int, data: Buffer) -> None:
        """self[start:stop] = data; the slice may grow or shrink."""
        source = data
        if data is self:
            source = unchecked_cast(Buffer, copy_of_buffer(data))
        low = clamp(start, self._size)
        high = max(low, clamp(stop, self._size))
        self._open_gap(low, high, source.count_bytes())
        memmove(self._data + low, source.start(), u64(source.count_bytes()))

    def setslice_step(self, start: int | None, stop: int | None, step: int, data: Buffer) -> None:
        bounds = Slice(start, stop, step, self._size)
        if step == 1:
            self.setslice(bounds.start, bounds.stop, data)
            return
        source = unchecked_cast(Bytes, copy_of_buffer(data))
        if source.size != bounds.count:
            raise ValueError(f"attempt to assign bytes of size {source.size} to extended slice of size {bounds.count}")
        for at in range(bounds.count):
            self._data[bounds.start + at * step] = payload(source)[at]

    def delslice(self, start: int, stop: int) -> None:
        low = clamp(start, self._size)
        self._open_gap(low, max(low, clamp(stop, self._size)), 0)

    def delslice_step(self, start: int | None, stop: int | None, step: int) -> None:
        bounds = Slice(start, stop, step, self._size)
        if bounds.count == 0:
            return
        self._may_resize()
        leaving = bounds.start if step > 0 else bounds.start + (bounds.count - 1) * step
        stride = step if step > 0 else -step
        left = bounds.count
        kept = leaving
        for at in range(leaving, self._size):
            if at == leaving and left > 0:
                leaving = i64(leaving + stride)
                left -= 1
            else:
                self._data[kept] = self._data[at]
                kept += 1
        self._size = kept

    def __iter__(self) -> BufferIterator:
        return BufferIterator(self)

    # --- growing and shrinking --------------------------------------------------------------------------------------------

    @inline
    def append(self, value: int) -> None:
        byte = checked_byte(value, NO_BYTE)
        self._may_resize()
        if unlikely(self._size == self._capacity):
            self._grow(i64(self._size + 1))
        self._data[self._size] = byte
        self._size = i64(self._size + 1)

    def extend(self, data: Buffer) -> None:
        if data is self:
            self.extend(unchecked_cast(Bytes, copy_of_buffer(data)))
            return
        if data.count_bytes() != 0:
            self._may_resize()
        self.extend_span(data.start(), data.count_bytes())

    def extend_list(self, items: list[int]) -> None:
        """Of integers; nothing is appended when one of them is no byte."""
        self.extend(unchecked_cast(ByteArray, from_list(items)))

    def extend_span(self, source: Ptr[u8], count: int) -> None:
        """Append bytes that do not belong to this bytearray."""
        if self._size + count > self._capacity:
            self._grow(self._size + count)
        memcpy(self._data + self._size, source, u64(count))
        self._size += count

    def append_zeros(self, count: int) -> None:
        end = self._size
        self._open_gap(end, end, count)
        memset(self._data + end, 0, u64(count))

    def insert(self, index: int, value: int) -> None:
        byte = checked_byte(value, NO_BYTE)
        at = clamp(index, self._size)
        self._open_gap(at, at, 1)
        self._data[at] = byte

    def pop_last(self) -> int:
        if self._size == 0:
            raise IndexError("pop from empty bytearray")
        return self.pop(-1)

    def pop(self, index: int) -> int:
        if self._size == 0:
            raise IndexError("pop from empty bytearray")
        at = i64(index + self._size) if index < 0 else index
        if u64(at) >= u64(self._size):
            raise IndexError("pop index out of range")
        value = int(self._data[at])
        self._open_gap(at, at + 1, 0)
        return value

    def remove(self, value: int) -> None:
        at = spans.find_byte(self._data, checked_byte(value, NO_BYTE), 0, self._size)
        if at < 0:
            raise ValueError("value not found in bytearray")
        self._open_gap(at, at + 1, 0)

    def clear(self) -> None:
        self._may_resize()
        self._size = 0

    def reverse(self) -> None:
        low = 0
        high = self._size - 1
        while low < high:
            byte = self._data[low]
            self._data[low] = self._data[high]
            self._data[high] = byte
            low += 1
            high -= 1

    def copy(self) -> bytearray:
        return self.getslice(0, self._size)

    def __add__(self, other: Buffer) -> bytearray:
        out = ByteArray()
        out.extend_span(self._data, self._size)
        out.extend_span(other.start(), other.count_bytes())
        return unchecked_cast(bytearray, out)

    def __iadd__(self, other: Buffer) -> "ByteArray":
        self.extend(other)
        return self

    def __mul__(self, times: int) -> bytearray:
        out = ByteArray()
        for _ in range(times):
            out.extend_span(self._data, self._size)
        return unchecked_cast(bytearray, out)

    # --- comparison and text ----------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Buffer) and self.equals_buffer(other)

    def __repr__(self) -> str:
        return "bytearray(" + represent(self._data, self._size, True) + ")"

    def __str__(self) -> str:
        return "bytearray(" + represent(self._data, self._size, True) + ")"

    # --- the methods of bytes ---------------------------------------------------------------------------------------------

    def split(self, separator: Buffer, maxsplit: int = -1) -> list[bytearray]:
        return self._pieces(spans.split(self._data, self._size, separator.start(), separator.count_bytes(), maxsplit))

    def split_whitespace(self, maxsplit: int = -1) -> list[bytearray]:
        return self._pieces(spans.split_space(self._data, self._size, maxsplit))

    def rsplit(self, separator: Buffer, maxsplit: int = -1) -> list[bytearray]:
        return self._pieces(spans.rsplit(self._data, self._size, separator.start(), separator.count_bytes(), maxsplit))

    def rsplit_whitespace(self, maxsplit: int = -1) -> list[bytearray]:
        return self._pieces(spans.rsplit_space(self._data, self._size, maxsplit))

    def splitlines(self, keepends: bool = False) -> list[bytearray]:
        return self._pieces(spans.split_lines(self._data, self._size, keepends))

    def _pieces(self, offsets: list[int]) -> list[bytearray]:
        out: list[bytearray] = []
        for at in range(0, len(offsets), 2):
            out.append(self.getslice(offsets[at], offsets[at + 1]))
        return out

    def partition(self, separator: Buffer) -> tuple[bytearray, bytearray, bytearray]:
        at = self.find_separator(separator)
        if at < 0:
            return self.copy(), bytearray(), bytearray()
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self._size)

    def rpartition(self, separator: Buffer) -> tuple[bytearray, bytearray, bytearray]:
        at = self.rfind_separator(separator)
        if at < 0:
            return bytearray(), bytearray(), self.copy()
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self._size)

    def join(self, parts: list[bytes]) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, unchecked_cast(Bytes, copy_of_buffer(self)).join(parts)))

    def replace(self, old: Buffer, replacement: Buffer, most: int = -1) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, replaced(self, old, replacement, most)))

    def _frozen(self) -> Bytes:
        return unchecked_cast(Bytes, copy_of_buffer(self))

    def strip_whitespace(self) -> bytearray:
        return self.getslice(ascii.skip_space(self._data, self._size), ascii.skip_space_back(self._data, self._size))

    def lstrip_whitespace(self) -> bytearray:
        return self.getslice(ascii.skip_space(self._data, self._size), self._size)

    def rstrip_whitespace(self) -> bytearray:
        return self.getslice(0, ascii.skip_space_back(self._data, self._size))

    def strip(self, chars: Buffer) -> bytearray:
        return self.getslice(self.left_edge(chars), self.right_edge(chars))

    def lstrip(self, chars: Buffer) -> bytearray:
        return self.getslice(self.left_edge(chars), self._size)

    def rstrip(self, chars: Buffer) -> bytearray:
        return self.getslice(0, self.right_edge(chars))

    def removeprefix(self, prefix: Buffer) -> bytearray:
        return self.getslice(prefix.count_bytes() if self.startswith(prefix, 0, LARGEST) else 0, self._size)

    def removesuffix(self, suffix: Buffer) -> bytearray:
        return self.getslice(0, self._size - suffix.count_bytes() if self.endswith(suffix, 0, LARGEST) else self._size)

    def ljust(self, width: int, fill: Buffer = b" ") -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().ljust(width, fill)))

    def rjust(self, width: int, fill: Buffer = b" ") -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().rjust(width, fill)))

    def center(self, width: int, fill: Buffer = b" ") -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().center(width, fill)))

    def zfill(self, width: int) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().zfill(width)))

    def upper(self) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().upper()))

    def lower(self) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().lower()))

    def translate(self, table: Buffer) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, self._frozen().translate(table)))

    @staticmethod
    def fromhex(text: str) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, from_hex(text)))


def replaced(text: Buffer, old: Buffer, replacement: Buffer, most: int) -> bytes:
    """A copy with the first `most` places of `old` replaced (all if negative); nothing is found before each byte and at the end."""
    out = ByteArray()
    at = 0
    size = text.count_bytes()
    length = old.count_bytes()
    while most != 0:
        if length == 0 and at > 0:
            if at > size:
                break
            out.append(int(text.start()[at - 1]))
            hit = at
        else:
            hit = spans.find(text.start(), old.start(), length, at, size)
            if hit < 0:
                break
            out.extend_span(text.start() + at, hit - at)
        out.extend_span(replacement.start(), replacement.count_bytes())
        at = hit + length if length > 0 else hit + 1
        most -= 1
    rest = at if length > 0 or at == 0 else at - 1
    if rest < size:
        out.extend_span(text.start() + rest, size - rest)
    return copy_of_buffer(out)


def from_buffer(source: Buffer) -> bytearray:
    """bytearray(source)"""
    out = ByteArray()
    out.extend_span(source.start(), source.count_bytes())
    return unchecked_cast(bytearray, out)


def zeros(count: int) -> bytearray:
    """bytearray(count)"""
    if count < 0:
        raise ValueError("negative count")
    out = ByteArray()
    out.append_zeros(count)
    return unchecked_cast(bytearray, out)


def from_list(items: list[int]) -> bytearray:
    """bytearray(items)"""
    out = ByteArray()
    for item in items:
        out.append(item)
    return unchecked_cast(bytearray, out)
