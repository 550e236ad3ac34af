"""bytes, bytearray and memoryview: three owners of a span of bytes, with the methods of the Python reference's "Binary Sequence Types".

Bytes is immutable and carries its bytes inside the object. ByteArray owns a growing block. MemoryView is a window on
one of the two: slicing it shares, and a bytearray cannot change its size while views of it exist (BufferError, as in
CPython). Wherever CPython takes "a bytes-like object", the parameter here is a Buffer, the base class of the three.
"""

from typing import TYPE_CHECKING, Final

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, allocate_trailing, inline, memcpy, memmove, memset, noinline, payload, unchecked_cast, unlikely
from scarlet.runtime import heap, spans
from scarlet.runtime.hashing import hash_bytes
from scarlet.runtime.spans import Slice, clamp

if TYPE_CHECKING:  # the two modules need each other; neither runs anything of the other's at start-up
    from scarlet.runtime.str import decode, decode_as

LARGEST: Final = 9223372036854775807
SMALLEST_BLOCK: Final = 16


class Buffer:
    """A span of bytes that is valid until the owner changes or dies."""

    def start(self) -> Ptr[u8]:
        """The address of the first byte."""
        raise NotImplementedError

    def count_bytes(self) -> int:
        """How many there are."""
        raise NotImplementedError


class Bytes(Buffer):
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

    def __iter__(self) -> "BufferIterator":
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

    def equals_buffer(self, other: Buffer) -> bool:
        return self.size == other.count_bytes() and spans.equal(payload(self), other.start(), self.size)

    def __lt__(self, other: Buffer) -> bool:
        return order(self, other) < 0

    def __le__(self, other: Buffer) -> bool:
        return order(self, other) <= 0

    def __gt__(self, other: Buffer) -> bool:
        return order(self, other) > 0

    def __ge__(self, other: Buffer) -> bool:
        return order(self, other) >= 0

    def __hash__(self) -> int:
        if self.hash_value == 0:
            self.hash_value = hash_bytes(payload(self), u64(self.size))
        return i64(self.hash_value >> 1)

    def __repr__(self) -> str:
        return represent(payload(self), self.size)

    def __str__(self) -> str:
        return represent(payload(self), self.size)

    # --- searching --------------------------------------------------------------------------------------------------------

    def __contains__(self, wanted: Buffer) -> bool:
        return find(self, wanted, 0, LARGEST) >= 0

    def contains_byte(self, wanted: int) -> bool:
        return spans.find_byte(payload(self), checked_byte(wanted, "byte must be in range(0, 256)"), 0, self.size) >= 0

    def find(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return find(self, wanted, start, stop)

    def find_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return find_byte(self, wanted, start, stop)

    def index_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return found(find_byte(self, wanted, start, stop))

    def count_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return count_byte(self, wanted, start, stop)

    def rfind(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return rfind(self, wanted, start, stop)

    def rfind_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return rfind_byte(self, wanted, start, stop)

    def index(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return found(find(self, wanted, start, stop))

    def rindex(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return found(rfind(self, wanted, start, stop))

    def count(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return count(self, wanted, start, stop)

    def startswith(self, prefix: Buffer, start: int = 0, stop: int = LARGEST) -> bool:
        return startswith(self, prefix, start, stop)

    def endswith(self, suffix: Buffer, start: int = 0, stop: int = LARGEST) -> bool:
        return endswith(self, suffix, start, stop)

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
        at = nonempty_find(self, separator)
        if at < 0:
            return unchecked_cast(bytes, self), b"", b""
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self.size)

    def rpartition(self, separator: Buffer) -> tuple[bytes, bytes, bytes]:
        at = nonempty_rfind(self, separator)
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
        return replace(self, old, replacement, most)

    # --- trimming and filling ---------------------------------------------------------------------------------------------

    def strip_whitespace(self) -> bytes:
        return self.getslice(left_edge(self, None), right_edge(self, None))

    def lstrip_whitespace(self) -> bytes:
        return self.getslice(left_edge(self, None), self.size)

    def rstrip_whitespace(self) -> bytes:
        return self.getslice(0, right_edge(self, None))

    def strip(self, chars: Buffer) -> bytes:
        return self.getslice(left_edge(self, chars), right_edge(self, chars))

    def lstrip(self, chars: Buffer) -> bytes:
        return self.getslice(left_edge(self, chars), self.size)

    def rstrip(self, chars: Buffer) -> bytes:
        return self.getslice(0, right_edge(self, chars))

    def removeprefix(self, prefix: Buffer) -> bytes:
        return self.getslice(prefix.count_bytes() if startswith(self, prefix, 0, LARGEST) else 0, self.size)

    def removesuffix(self, suffix: Buffer) -> bytes:
        return self.getslice(0, self.size - suffix.count_bytes() if endswith(self, suffix, 0, LARGEST) else self.size)

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

    # --- ASCII letters ----------------------------------------------------------------------------------------------------

    def upper(self) -> bytes:
        out = new(self.size)
        for at in range(self.size):
            payload(out)[at] = spans.upper_byte(payload(self)[at])
        return unchecked_cast(bytes, out)

    def lower(self) -> bytes:
        out = new(self.size)
        for at in range(self.size):
            payload(out)[at] = spans.lower_byte(payload(self)[at])
        return unchecked_cast(bytes, out)

    def isdigit(self) -> bool:
        for at in range(self.size):
            if not spans.is_digit(payload(self)[at]):
                return False
        return self.size > 0

    def isalpha(self) -> bool:
        for at in range(self.size):
            if not spans.is_alpha(payload(self)[at]):
                return False
        return self.size > 0

    def isalnum(self) -> bool:
        for at in range(self.size):
            byte = payload(self)[at]
            if not spans.is_alpha(byte) and not spans.is_digit(byte):
                return False
        return self.size > 0

    def isspace(self) -> bool:
        for at in range(self.size):
            if not spans.is_space(payload(self)[at]):
                return False
        return self.size > 0

    def isascii(self) -> bool:
        for at in range(self.size):
            if payload(self)[at] >= 128:
                return False
        return True

    def isupper(self) -> bool:
        return one_case(self, True)

    def islower(self) -> bool:
        return one_case(self, False)

    def translate(self, table: Buffer) -> bytes:
        """Each byte replaced by table[byte]; the table has 256 bytes."""
        if table.count_bytes() != 256:
            raise ValueError("translation table must be 256 characters long")
        out = new(self.size)
        for at in range(self.size):
            payload(out)[at] = table.start()[int(payload(self)[at])]
        return unchecked_cast(bytes, out)

    # --- conversion -------------------------------------------------------------------------------------------------------

    def hex(self) -> str:
        return hex_text(self)

    @staticmethod
    def fromhex(text: str) -> bytes:
        return from_hex(text)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return decode_as(self, encoding, errors)


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


def copy_of_bytearray(source: "ByteArray") -> bytes:
    return copy_of_buffer(source)


def copy_of_view(source: "MemoryView") -> bytes:
    return copy_of_buffer(source)


@inline
def checked_byte(value: int, message: str) -> u8:
    if unlikely(u64(value) > 255):
        raise ValueError(message)
    return u8(value)


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


def order(left: Buffer, right: Buffer) -> int:
    return spans.compare(left.start(), left.count_bytes(), right.start(), right.count_bytes())


# --- what the three classes share ----------------------------------------------------------------------------------------


def find(text: Buffer, wanted: Buffer, start: int, stop: int) -> int:
    size = text.count_bytes()
    low = start + size if start < 0 else start
    return spans.find(text.start(), wanted.start(), wanted.count_bytes(), max(0, low), clamp(stop, size))


def rfind(text: Buffer, wanted: Buffer, start: int, stop: int) -> int:
    size = text.count_bytes()
    low = start + size if start < 0 else start
    return spans.rfind(text.start(), wanted.start(), wanted.count_bytes(), max(0, low), clamp(stop, size))


def find_byte(text: Buffer, wanted: int, start: int, stop: int) -> int:
    size = text.count_bytes()
    return spans.find_byte(text.start(), checked_byte(wanted, "byte must be in range(0, 256)"), clamp(start, size), clamp(stop, size))


def rfind_byte(text: Buffer, wanted: int, start: int, stop: int) -> int:
    size = text.count_bytes()
    byte = checked_byte(wanted, "byte must be in range(0, 256)")
    at = clamp(stop, size) - 1
    while at >= clamp(start, size):
        if text.start()[at] == byte:
            return at
        at -= 1
    return -1


def count_byte(text: Buffer, wanted: int, start: int, stop: int) -> int:
    size = text.count_bytes()
    byte = checked_byte(wanted, "byte must be in range(0, 256)")
    total = 0
    for at in range(clamp(start, size), clamp(stop, size)):
        if text.start()[at] == byte:
            total += 1
    return total


def found(at: int) -> int:
    if at < 0:
        raise ValueError("subsection not found")
    return at


def nonempty_find(text: Buffer, separator: Buffer) -> int:
    if separator.count_bytes() == 0:
        raise ValueError("empty separator")
    return find(text, separator, 0, LARGEST)


def nonempty_rfind(text: Buffer, separator: Buffer) -> int:
    if separator.count_bytes() == 0:
        raise ValueError("empty separator")
    return rfind(text, separator, 0, LARGEST)


def count(text: Buffer, wanted: Buffer, start: int, stop: int) -> int:
    size = text.count_bytes()
    low = start + size if start < 0 else start
    low = max(0, low)
    high = clamp(stop, size)
    if wanted.count_bytes() == 0:
        return high - low + 1 if low <= high else 0
    return spans.count(text.start(), wanted.start(), wanted.count_bytes(), low, high)


def startswith(text: Buffer, prefix: Buffer, start: int, stop: int) -> bool:
    size = text.count_bytes()
    low = start + size if start < 0 else start
    low = max(0, low)
    length = prefix.count_bytes()
    return length <= clamp(stop, size) - low and spans.equal(text.start() + low, prefix.start(), length)


def endswith(text: Buffer, suffix: Buffer, start: int, stop: int) -> bool:
    size = text.count_bytes()
    low = start + size if start < 0 else start
    low = max(0, low)
    high = clamp(stop, size)
    length = suffix.count_bytes()
    return length <= high - low and spans.equal(text.start() + (high - length), suffix.start(), length)


def replace(text: Buffer, old: Buffer, replacement: Buffer, most: int) -> bytes:
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


def in_set(byte: u8, chars: Buffer | None) -> bool:
    if chars is None:
        return spans.is_space(byte)
    return spans.find_byte(chars.start(), byte, 0, chars.count_bytes()) >= 0


def left_edge(text: Buffer, chars: Buffer | None) -> int:
    """The first offset whose byte is not to be stripped."""
    at = 0
    while at < text.count_bytes() and in_set(text.start()[at], chars):
        at += 1
    return at


def right_edge(text: Buffer, chars: Buffer | None) -> int:
    """One past the last offset whose byte is not to be stripped."""
    at = text.count_bytes()
    while at > 0 and in_set(text.start()[at - 1], chars):
        at -= 1
    return at


def padded(text: Buffer, left: int, right: int, fill: Buffer) -> bytes:
    if fill.count_bytes() != 1:
        raise TypeError("the fill must be a byte string of length 1")
    size = text.count_bytes()
    out = new(left + size + right)
    memset(payload(out), int(fill.start()[0]), u64(out.size))
    memcpy(payload(out) + left, text.start(), u64(size))
    return unchecked_cast(bytes, out)


def one_case(text: Buffer, upper: bool) -> bool:
    """Whether there is a letter and all letters are of that case."""
    seen = False
    for at in range(text.count_bytes()):
        byte = text.start()[at]
        if spans.is_upper(byte) != upper and spans.is_alpha(byte):
            return False
        seen = seen or spans.is_alpha(byte)
    return seen


def hex_text(data: Buffer) -> str:
    out = ByteArray()
    for at in range(data.count_bytes()):
        byte = int(data.start()[at])
        out.append(int(spans.hex_digit(byte >> 4)))
        out.append(int(spans.hex_digit(byte & 15)))
    return decode(copy_of_buffer(out))


def from_hex(text: str) -> bytes:
    """Pairs of digits; white space may stand between pairs."""
    raw = text.encode()
    out = ByteArray()
    at = 0
    while at < len(raw):
        if spans.is_space(u8(raw[at])):
            at += 1
            continue
        high = spans.digit_value(u8(raw[at]))
        low = spans.digit_value(u8(raw[at + 1])) if at + 1 < len(raw) else 99
        if high > 15 or low > 15:
            raise ValueError(f"non-hexadecimal number found in fromhex() arg at position {at if high > 15 else at + 1}")
        out.append(high * 16 + low)
        at += 2
    return copy_of_buffer(out)


def represent(data: Ptr[u8], size: int, in_bytearray: bool = False) -> str:
    """The repr of bytes: b'...', with double quotes when there are single ones and no double ones (a bytearray's
    escapes single ones all the same)."""
    single = spans.find_byte(data, 39, 0, size) >= 0
    double = spans.find_byte(data, 34, 0, size) >= 0
    quote = 34 if single and not double else 39
    out = ByteArray()
    out.append(98)
    out.append(quote)
    for at in range(size):
        escape(out, int(data[at]), 39 if in_bytearray else quote)
    out.append(quote)
    return decode(copy_of_buffer(out))


def escape(out: "ByteArray", byte: int, quote: int) -> None:
    """One byte as a literal shows it."""
    if byte == quote or byte == 92:
        out.append(92)
        out.append(byte)
    elif byte == 9 or byte == 10 or byte == 13:
        out.append(92)
        out.append(116 if byte == 9 else 110 if byte == 10 else 114)
    elif 32 <= byte < 127:
        out.append(byte)
    else:
        out.append(92)
        out.append(120)
        out.append(int(spans.hex_digit(byte >> 4)))
        out.append(int(spans.hex_digit(byte & 15)))


class ByteArray(Buffer):
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
        byte = checked_byte(value, "byte must be in range(0, 256)")
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

    def __iter__(self) -> "BufferIterator":
        return BufferIterator(self)

    # --- growing and shrinking --------------------------------------------------------------------------------------------

    @inline
    def append(self, value: int) -> None:
        byte = checked_byte(value, "byte must be in range(0, 256)")
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
        self.extend(unchecked_cast(Bytes, from_list(items)))

    def extend_span(self, source: Ptr[u8], count: int) -> None:
        """Append bytes that do not belong to this bytearray."""
        if self._size + count > self._capacity:
            self._grow(self._size + count)
        memcpy(self._data + self._size, source, u64(count))
        self._size += count

    def insert(self, index: int, value: int) -> None:
        byte = checked_byte(value, "byte must be in range(0, 256)")
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
        at = spans.find_byte(self._data, checked_byte(value, "byte must be in range(0, 256)"), 0, self._size)
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

    def equals_buffer(self, other: Buffer) -> bool:
        return self._size == other.count_bytes() and spans.equal(self._data, other.start(), self._size)

    def __lt__(self, other: Buffer) -> bool:
        return order(self, other) < 0

    def __le__(self, other: Buffer) -> bool:
        return order(self, other) <= 0

    def __gt__(self, other: Buffer) -> bool:
        return order(self, other) > 0

    def __ge__(self, other: Buffer) -> bool:
        return order(self, other) >= 0

    def __repr__(self) -> str:
        return "bytearray(" + represent(self._data, self._size, True) + ")"

    def __str__(self) -> str:
        return "bytearray(" + represent(self._data, self._size, True) + ")"

    # --- the methods of bytes ---------------------------------------------------------------------------------------------

    def __contains__(self, wanted: Buffer) -> bool:
        return find(self, wanted, 0, LARGEST) >= 0

    def contains_byte(self, wanted: int) -> bool:
        return find_byte(self, wanted, 0, LARGEST) >= 0

    def find(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return find(self, wanted, start, stop)

    def find_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return find_byte(self, wanted, start, stop)

    def index_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return found(find_byte(self, wanted, start, stop))

    def count_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return count_byte(self, wanted, start, stop)

    def rfind(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return rfind(self, wanted, start, stop)

    def rfind_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return rfind_byte(self, wanted, start, stop)

    def index(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return found(find(self, wanted, start, stop))

    def count(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return count(self, wanted, start, stop)

    def startswith(self, prefix: Buffer, start: int = 0, stop: int = LARGEST) -> bool:
        return startswith(self, prefix, start, stop)

    def endswith(self, suffix: Buffer, start: int = 0, stop: int = LARGEST) -> bool:
        return endswith(self, suffix, start, stop)

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
        at = nonempty_find(self, separator)
        if at < 0:
            return self.copy(), bytearray(), bytearray()
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self._size)

    def rpartition(self, separator: Buffer) -> tuple[bytearray, bytearray, bytearray]:
        at = nonempty_rfind(self, separator)
        if at < 0:
            return bytearray(), bytearray(), self.copy()
        after = at + separator.count_bytes()
        return self.getslice(0, at), self.getslice(at, after), self.getslice(after, self._size)

    def join(self, parts: list[bytes]) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, unchecked_cast(Bytes, copy_of_buffer(self)).join(parts)))

    def replace(self, old: Buffer, replacement: Buffer, most: int = -1) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, replace(self, old, replacement, most)))

    def _frozen(self) -> Bytes:
        return unchecked_cast(Bytes, copy_of_buffer(self))

    def strip_whitespace(self) -> bytearray:
        return self.getslice(left_edge(self, None), right_edge(self, None))

    def lstrip_whitespace(self) -> bytearray:
        return self.getslice(left_edge(self, None), self._size)

    def rstrip_whitespace(self) -> bytearray:
        return self.getslice(0, right_edge(self, None))

    def strip(self, chars: Buffer) -> bytearray:
        return self.getslice(left_edge(self, chars), right_edge(self, chars))

    def lstrip(self, chars: Buffer) -> bytearray:
        return self.getslice(left_edge(self, chars), self._size)

    def rstrip(self, chars: Buffer) -> bytearray:
        return self.getslice(0, right_edge(self, chars))

    def removeprefix(self, prefix: Buffer) -> bytearray:
        return self.getslice(prefix.count_bytes() if startswith(self, prefix, 0, LARGEST) else 0, self._size)

    def removesuffix(self, suffix: Buffer) -> bytearray:
        return self.getslice(0, self._size - suffix.count_bytes() if endswith(self, suffix, 0, LARGEST) else self._size)

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

    def isdigit(self) -> bool:
        return self._frozen().isdigit()

    def isalpha(self) -> bool:
        return self._frozen().isalpha()

    def isalnum(self) -> bool:
        return self._frozen().isalnum()

    def isspace(self) -> bool:
        return self._frozen().isspace()

    def isascii(self) -> bool:
        return self._frozen().isascii()

    def isupper(self) -> bool:
        return one_case(self, True)

    def islower(self) -> bool:
        return one_case(self, False)

    def hex(self) -> str:
        return hex_text(self)

    @staticmethod
    def fromhex(text: str) -> bytearray:
        return from_buffer(unchecked_cast(Bytes, from_hex(text)))

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return decode_as(self, encoding, errors)


def from_buffer(source: Buffer) -> bytearray:
    """bytearray(source)"""
    out = ByteArray()
    out.extend_span(source.start(), source.count_bytes())
    return unchecked_cast(bytearray, out)


def bytearray_zeros(count: int) -> bytearray:
    """bytearray(count)"""
    if count < 0:
        raise ValueError("negative count")
    out = ByteArray()
    out.setslice(0, 0, unchecked_cast(Bytes, zeros(count)))
    return unchecked_cast(bytearray, out)


def bytearray_from_bytes(source: bytes) -> bytearray:
    return from_buffer(unchecked_cast(Bytes, source))


def bytearray_from_bytearray(source: bytearray) -> bytearray:
    return from_buffer(unchecked_cast(ByteArray, source))


def bytearray_from_view(source: "MemoryView") -> bytearray:
    return from_buffer(source)


def bytearray_from_list(items: list[int]) -> bytearray:
    """bytearray(items)"""
    out = ByteArray()
    for item in items:
        out.append(item)
    return unchecked_cast(bytearray, out)


class MemoryView(Buffer):
    """memoryview of bytes or of a bytearray: `_offset` and `_size` are within the owner, which is exported while the view is alive."""

    def __init__(self, owner: Buffer, offset: int, size: int, readonly: bool) -> None:
        self._owner: Buffer | None = owner
        self._offset = offset
        self._size = size
        self.readonly = readonly
        if not readonly:
            unchecked_cast(ByteArray, owner).export(1)

    def __del__(self) -> None:
        self.release()

    def release(self) -> None:
        """Let the owner go; the view cannot be used any more."""
        owner = self._owner
        self._owner = None
        if owner is not None and not self.readonly:
            unchecked_cast(ByteArray, owner).export(-1)

    def __enter__(self) -> "MemoryView":
        self._live()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.release()

    @inline
    def _live(self) -> Buffer:
        owner = self._owner
        if owner is None:
            raise ValueError("operation forbidden on released memoryview object")
        return owner

    def start(self) -> Ptr[u8]:
        return self._live().start() + self._offset

    def count_bytes(self) -> int:
        self._live()
        return self._size

    @property
    def nbytes(self) -> int:
        return self.count_bytes()

    @property
    def itemsize(self) -> int:
        return 1

    @property
    def obj(self) -> Buffer:
        return self._live()

    def __len__(self) -> int:
        return self.count_bytes()

    def __bool__(self) -> bool:
        return self.count_bytes() != 0

    def item_at(self, index: int) -> int:
        """Byte `index`, which the caller knows to exist."""
        return int(self.start()[index])

    def _position(self, index: int) -> int:
        at = i64(index + self._size) if index < 0 else index
        if u64(at) >= u64(self._size):
            raise IndexError("index out of bounds on dimension 1")
        return at

    def __getitem__(self, index: int) -> int:
        start = self.start()
        return int(start[self._position(index)])

    def __setitem__(self, index: int, value: int) -> None:
        start = self.start()
        if self.readonly:
            raise TypeError("cannot modify read-only memory")
        at = self._position(index)
        start[at] = checked_byte(value, "memoryview: invalid value for format 'B'")

    def getslice(self, start: int, stop: int) -> "MemoryView":
        owner = self._live()
        low = clamp(start, self._size)
        size = max(0, clamp(stop, self._size) - low)
        return MemoryView(owner, self._offset + low, size, self.readonly)

    def getslice_step(self, start: int | None, stop: int | None, step: int) -> "MemoryView":
        """Only of step 1: a view of every n-th byte is refused."""
        bounds = Slice(start, stop, step, self._size)
        if step != 1:
            raise NotImplementedError("memoryview slices have step 1")
        return self.getslice(bounds.start, max(bounds.start, bounds.stop))

    def setslice(self, start: int, stop: int, data: Buffer) -> None:
        """self[start:stop] = data, of the same size."""
        target = self.start()
        if self.readonly:
            raise TypeError("cannot modify read-only memory")
        low = clamp(start, self._size)
        size = max(0, clamp(stop, self._size) - low)
        if data.count_bytes() != size:
            raise ValueError("memoryview assignment: lvalue and rvalue have different structures")
        memmove(target + low, data.start(), u64(size))

    def __iter__(self) -> "BufferIterator":
        return BufferIterator(self)

    def __contains__(self, wanted: int) -> bool:
        return spans.find_byte(self.start(), u8(wanted), 0, self._size) >= 0 if 0 <= wanted < 256 else False

    def contains_byte(self, wanted: int) -> bool:
        return wanted in self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Buffer) and self.equals_buffer(other)

    def equals_buffer(self, other: Buffer) -> bool:
        return self._size == other.count_bytes() and spans.equal(self.start(), other.start(), self._size)

    def __hash__(self) -> int:
        if not self.readonly:
            raise ValueError("cannot hash writable memoryview object")
        return hash(self.tobytes())

    def tobytes(self) -> bytes:
        return copy_of_buffer(self)

    def tolist(self) -> list[int]:
        out: list[int] = []
        for at in range(self.count_bytes()):
            out.append(self.item_at(at))
        return out

    def toreadonly(self) -> "MemoryView":
        if self.readonly:
            return MemoryView(self._live(), self._offset, self._size, True)
        raise NotImplementedError("memoryview.toreadonly of a bytearray")

    def hex(self) -> str:
        return hex_text(self)


def view_of_bytes(owner: bytes) -> MemoryView:
    source = unchecked_cast(Bytes, owner)
    return MemoryView(source, 0, source.size, True)


def view_of_bytearray(owner: bytearray) -> MemoryView:
    source = unchecked_cast(ByteArray, owner)
    return MemoryView(source, 0, len(source), False)


def view_of_view(owner: MemoryView) -> MemoryView:
    return owner.getslice(0, LARGEST)


class BufferIterator:
    """The bytes as integers; the length may change meanwhile."""

    def __init__(self, owner: Buffer) -> None:
        self._owner: Buffer | None = owner
        self._at = 0

    def __iter__(self) -> "BufferIterator":
        return self

    def __next__(self) -> int:
        owner = self._owner
        if owner is not None:
            if self._at < owner.count_bytes():
                self._at += 1
                return int(owner.start()[self._at - 1])
            self._owner = None
        raise StopIteration
