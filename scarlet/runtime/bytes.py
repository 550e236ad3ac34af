"""bytes: immutable, its bytes inside the object (the Python reference's "Binary Sequence Types").

What bytes can do is here and in ByteString (buffer.py); bytearray.py and memoryview.py have its relatives. Wherever CPython takes "a
bytes-like object", the parameter is a Buffer, the base class of the three.
"""

from typing import TYPE_CHECKING

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, allocate_trailing, inline, memcpy, memset, payload, unchecked_cast, unlikely
from scarlet.runtime import ascii, spans
from scarlet.runtime.buffer import LARGEST, NO_BYTE, Buffer, BufferIterator, ByteString, checked_byte
from scarlet.runtime.hashing import hash_bytes
from scarlet.runtime.spans import Slice, clamp

if TYPE_CHECKING:  # these modules need this one, too; none runs anything of the other's at start-up
    from scarlet.runtime.bytearray import replaced
    from scarlet.runtime.bytetext import from_hex, represent


class Bytes(ByteString):
    """bytes. `size` and `hash_value` (0: not computed yet), then the bytes: the compiler lays literals out in the same way."""

    def __init__(self) -> None:
        self.size: int = 0
        self.hash_value: u64 = 0

    def __payload_size__(self) -> u64:
        return u64(self.size)

    def start(self) -> Ptr[u8]:
        return payload(self)

    def count_bytes(self) -> int:
        return self.size

    # --- the sequence -----------------------------------------------------------------------------------------------------

    @inline
    def __len__(self) -> int:
        return self.size

    @inline
    def __bool__(self) -> bool:
        return self.size != 0

    @inline
    def item_at(self, index: int) -> int:
        """Byte `index`, which the caller knows to exist."""
        return int(payload(self)[index])

    @inline
    def __getitem__(self, index: int) -> int:
        at = i64(index + self.size) if index < 0 else index
        if unlikely(u64(at) >= u64(self.size)):
            raise IndexError("index out of range")
        return int(payload(self)[at])

    def getslice(self, start: int, stop: int) -> bytes:
        """self[start:stop]; missing ends are 0 and the largest int. The whole is the object itself."""
        low = clamp(start, self.size)
        high = clamp(stop, self.size)
        if low >= high:
            return b""
        if low == 0 and high == self.size:
            return unchecked_cast(bytes, self)
        return make(payload(self) + low, i64(high - low))

    def getslice_step(self, start: int | None, stop: int | None, step: int) -> bytes:
        return stepped(payload(self), Slice(start, stop, step, self.size), step)

    def __iter__(self) -> BufferIterator:
        return BufferIterator(self)

    def __add__(self, other: Buffer) -> bytes:
        return joined(payload(self), self.size, other.start(), other.count_bytes())

    def __mul__(self, times: int) -> bytes:
        return repeated(payload(self), self.size, times)

    # --- comparison -------------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Bytes):
            return self.size == other.size and (self is other or spans.equal(payload(self), payload(other), self.size))
        return isinstance(other, Buffer) and self.equals_buffer(other)

    def __hash__(self) -> int:
        if self.hash_value == 0:
            self.hash_value = hash_bytes(payload(self), u64(self.size))
        return i64(self.hash_value >> 1)

    def __repr__(self) -> str:
        return represent(payload(self), self.size)

    def __str__(self) -> str:
        return represent(payload(self), self.size)

    # --- searching --------------------------------------------------------------------------------------------------------

    # --- searching --------------------------------------------------------------------------------------------------------

    def contains_byte(self, wanted: int) -> bool:  # quicker than ByteString's, which asks where the bytes are
        return spans.find_byte(payload(self), checked_byte(wanted, NO_BYTE), 0, self.size) >= 0

    # --- splitting and joining --------------------------------------------------------------------------------------------

    def split(self, separator: Buffer, maxsplit: int = -1) -> list[bytes]:
        return self._pieces(spans.split(payload(self), self.size, separator.start(), separator.count_bytes(), maxsplit))

    def split_whitespace(self, maxsplit: int = -1) -> list[bytes]:
        return self._pieces(spans.split_space(payload(self), self.size, maxsplit))

    def rsplit(self, separator: Buffer, maxsplit: int = -1) -> list[bytes]:
        return self._pieces(spans.rsplit(payload(self), self.size, separator.start(), separator.count_bytes(), maxsplit))

    def rsplit_whitespace(self, maxsplit: int = -1) -> list[bytes]:
        return self._pieces(spans.rsplit_space(payload(self), self.size, maxsplit))

    def splitlines(self, keepends: bool = False) -> list[bytes]:
        return self._pieces(spans.split_lines(payload(self), self.size, keepends))

    def _pieces(self, offsets: list[int]) -> list[bytes]:
        out: list[bytes] = []
        for at in range(0, len(offsets), 2):
            out.append(self.getslice(offsets[at], offsets[at + 1]))
        return out

    def partition(self, separator: Buffer) -> tuple[bytes, bytes, bytes]:
        at = self.find_separator(separator)
        if at < 0:
            return unchecked_cast(bytes, self), b"", b""
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self.size)

    def rpartition(self, separator: Buffer) -> tuple[bytes, bytes, bytes]:
        at = self.rfind_separator(separator)
        if at < 0:
            return b"", b"", unchecked_cast(bytes, self)
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self.size)

    def join(self, parts: list[bytes]) -> bytes:
        total = 0
        for part in parts:
            total += len(part)
        if len(parts) > 1:
            total += self.size * (len(parts) - 1)
        out = new(total)
        target = payload(out)
        first = True
        for part in parts:
            if not first:
                memcpy(target, payload(self), u64(self.size))
                target = target + self.size
            first = False
            source = unchecked_cast(Bytes, part)
            memcpy(target, payload(source), u64(source.size))
            target = target + source.size
        return unchecked_cast(bytes, out)

    def replace(self, old: Buffer, replacement: Buffer, most: int = -1) -> bytes:
        return replaced(self, old, replacement, most)

    # --- trimming and filling ---------------------------------------------------------------------------------------------

    def strip_whitespace(self) -> bytes:
        return self.getslice(ascii.skip_space(payload(self), self.size), ascii.skip_space_back(payload(self), self.size))

    def lstrip_whitespace(self) -> bytes:
        return self.getslice(ascii.skip_space(payload(self), self.size), self.size)

    def rstrip_whitespace(self) -> bytes:
        return self.getslice(0, ascii.skip_space_back(payload(self), self.size))

    def strip(self, chars: Buffer) -> bytes:
        return self.getslice(self.left_edge(chars), self.right_edge(chars))

    def lstrip(self, chars: Buffer) -> bytes:
        return self.getslice(self.left_edge(chars), self.size)

    def rstrip(self, chars: Buffer) -> bytes:
        return self.getslice(0, self.right_edge(chars))

    def removeprefix(self, prefix: Buffer) -> bytes:
        return self.getslice(prefix.count_bytes() if self.startswith(prefix, 0, LARGEST) else 0, self.size)

    def removesuffix(self, suffix: Buffer) -> bytes:
        return self.getslice(0, self.size - suffix.count_bytes() if self.endswith(suffix, 0, LARGEST) else self.size)

    def ljust(self, width: int, fill: Buffer = b" ") -> bytes:
        return padded(self, 0, max(0, width - self.size), fill)

    def rjust(self, width: int, fill: Buffer = b" ") -> bytes:
        return padded(self, max(0, width - self.size), 0, fill)

    def center(self, width: int, fill: Buffer = b" ") -> bytes:
        missing = max(0, width - self.size)
        left = missing // 2 + (missing & width & 1)
        return padded(self, left, missing - left, fill)

    def zfill(self, width: int) -> bytes:
        missing = max(0, width - self.size)
        if missing == 0:
            return unchecked_cast(bytes, self)
        signed = self.size > 0 and (payload(self)[0] == 43 or payload(self)[0] == 45)
        zeros_and_rest = padded(unchecked_cast(Bytes, self.getslice(1 if signed else 0, self.size)), missing, 0, b"0")
        return self.getslice(0, 1 if signed else 0) + zeros_and_rest

    # --- characters and text ----------------------------------------------------------------------------------------------

    def upper(self) -> bytes:
        out = new(self.size)
        ascii.copy_upper(payload(out), payload(self), self.size)
        return unchecked_cast(bytes, out)

    def lower(self) -> bytes:
        out = new(self.size)
        ascii.copy_lower(payload(out), payload(self), self.size)
        return unchecked_cast(bytes, out)

    def translate(self, table: Buffer) -> bytes:
        """Each byte replaced by table[byte]; the table has 256 bytes."""
        if table.count_bytes() != 256:
            raise ValueError("translation table must be 256 characters long")
        out = new(self.size)
        for at in range(self.size):
            payload(out)[at] = table.start()[int(payload(self)[at])]
        return unchecked_cast(bytes, out)

    @staticmethod
    def fromhex(text: str) -> bytes:
        return from_hex(text)


def new(size: int) -> Bytes:
    """A bytes object whose bytes the caller writes before anybody sees it."""
    if size >> 46 != 0:
        raise MemoryError
    out = allocate_trailing(Bytes, u64(size))
    out.size = size
    return out


def make(source: Ptr[u8], size: int) -> bytes:
    """A copy of a span."""
    out = new(size)
    memcpy(payload(out), source, u64(size))
    return unchecked_cast(bytes, out)


def zeros(count: int) -> bytes:
    """bytes(count)"""
    if count < 0:
        raise ValueError("negative count")
    out = new(count)
    memset(payload(out), 0, u64(count))
    return unchecked_cast(bytes, out)


def from_list(items: list[int]) -> bytes:
    """bytes(items)"""
    out = new(len(items))
    for at in range(len(items)):
        payload(out)[at] = checked_byte(items[at], "bytes must be in range(0, 256)")
    return unchecked_cast(bytes, out)


def copy_of_buffer(source: Buffer) -> bytes:
    """bytes(source)"""
    return make(source.start(), source.count_bytes())


def copy_of_bytes(source: bytes) -> bytes:
    return source


def stepped(source: Ptr[u8], bounds: Slice, step: int) -> bytes:
    out = new(bounds.count)
    at = bounds.start
    for index in range(bounds.count):
        payload(out)[index] = source[at]
        at = i64(at + step)
    return unchecked_cast(bytes, out)


def joined(left: Ptr[u8], left_size: int, right: Ptr[u8], right_size: int) -> bytes:
    out = new(left_size + right_size)
    memcpy(payload(out), left, u64(left_size))
    memcpy(payload(out) + left_size, right, u64(right_size))
    return unchecked_cast(bytes, out)


def repeated(source: Ptr[u8], size: int, times: int) -> bytes:
    out = new(size * times if times > 0 else 0)
    for at in range(times if size > 0 else 0):
        memcpy(payload(out) + at * size, source, u64(size))
    return unchecked_cast(bytes, out)


def padded(text: Buffer, left: int, right: int, fill: Buffer) -> bytes:
    if fill.count_bytes() != 1:
        raise TypeError("the fill must be a byte string of length 1")
    size = text.count_bytes()
    out = new(left + size + right)
    memset(payload(out), int(fill.start()[0]), u64(out.size))
    memcpy(payload(out) + left, text.start(), u64(size))
    return unchecked_cast(bytes, out)
