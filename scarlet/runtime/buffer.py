"""Buffer, "a bytes-like object" of the Python reference: the base of bytes, bytearray and memoryview; and ByteString, what the
first two answer alike.

What is here looks at bytes and makes none: searching, comparing, classes of characters. Methods that give a piece or a copy are in the
classes themselves, for each makes its own kind. The algorithms are those of spans.py and ascii.py.
"""

from typing import TYPE_CHECKING, Final

from scarlet.lang import u8, u64
from scarlet.lang.raw import Ptr, inline, noinline, unlikely
from scarlet.runtime import ascii, spans
from scarlet.runtime.spans import clamp

if TYPE_CHECKING:  # these modules need this one, too; none runs anything of the other's at start-up
    from scarlet.runtime.bytetext import hex_text
    from scarlet.runtime.codecs import decode_as

LARGEST: Final = 9223372036854775807


class Buffer:
    """A span of bytes that is valid until the owner changes or dies."""

    def start(self) -> Ptr[u8]:
        """The address of the first byte."""
        raise NotImplementedError

    def count_bytes(self) -> int:
        """How many there are."""
        raise NotImplementedError


class ByteString(Buffer):
    """What bytes and bytearray have in common. Bounds of searches are those of a slice; missing ends are 0 and the largest int."""

    # --- comparison -------------------------------------------------------------------------------------------------------

    def equals_buffer(self, other: Buffer) -> bool:
        size = self.count_bytes()
        return size == other.count_bytes() and spans.equal(self.start(), other.start(), size)

    def _order(self, other: Buffer) -> int:
        return spans.compare(self.start(), self.count_bytes(), other.start(), other.count_bytes())

    def __lt__(self, other: Buffer) -> bool:
        return self._order(other) < 0

    def __le__(self, other: Buffer) -> bool:
        return self._order(other) <= 0

    def __gt__(self, other: Buffer) -> bool:
        return self._order(other) > 0

    def __ge__(self, other: Buffer) -> bool:
        return self._order(other) >= 0

    # --- searching --------------------------------------------------------------------------------------------------------

    def __contains__(self, wanted: Buffer) -> bool:
        return self.find(wanted, 0, LARGEST) >= 0

    def contains_byte(self, wanted: int) -> bool:
        return self.find_byte(wanted, 0, LARGEST) >= 0

    @noinline  # it is called in many places
    def find(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        size = self.count_bytes()
        return spans.find(self.start(), wanted.start(), wanted.count_bytes(), search_start(start, size), clamp(stop, size))

    @noinline
    def rfind(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        size = self.count_bytes()
        return spans.rfind(self.start(), wanted.start(), wanted.count_bytes(), search_start(start, size), clamp(stop, size))

    def index(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return found(self.find(wanted, start, stop))

    def rindex(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        return found(self.rfind(wanted, start, stop))

    def count(self, wanted: Buffer, start: int = 0, stop: int = LARGEST) -> int:
        size = self.count_bytes()
        low = search_start(start, size)
        high = clamp(stop, size)
        if wanted.count_bytes() == 0:
            return high - low + 1 if low <= high else 0
        return spans.count(self.start(), wanted.start(), wanted.count_bytes(), low, high)

    def find_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        size = self.count_bytes()
        return spans.find_byte(self.start(), checked_byte(wanted, NO_BYTE), clamp(start, size), clamp(stop, size))

    def rfind_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        size = self.count_bytes()
        byte = checked_byte(wanted, NO_BYTE)
        at = clamp(stop, size) - 1
        while at >= clamp(start, size):
            if self.start()[at] == byte:
                return at
            at -= 1
        return -1

    def index_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        return found(self.find_byte(wanted, start, stop))

    def count_byte(self, wanted: int, start: int = 0, stop: int = LARGEST) -> int:
        size = self.count_bytes()
        byte = checked_byte(wanted, NO_BYTE)
        total = 0
        for at in range(clamp(start, size), clamp(stop, size)):
            if self.start()[at] == byte:
                total += 1
        return total

    def startswith(self, prefix: Buffer, start: int = 0, stop: int = LARGEST) -> bool:
        size = self.count_bytes()
        low = search_start(start, size)
        length = prefix.count_bytes()
        return length <= clamp(stop, size) - low and spans.equal(self.start() + low, prefix.start(), length)

    def endswith(self, suffix: Buffer, start: int = 0, stop: int = LARGEST) -> bool:
        size = self.count_bytes()
        low = search_start(start, size)
        high = clamp(stop, size)
        length = suffix.count_bytes()
        return length <= high - low and spans.equal(self.start() + (high - length), suffix.start(), length)

    # --- where pieces begin and end ---------------------------------------------------------------------------------------

    def find_separator(self, separator: Buffer) -> int:
        """Where partition() cuts, -1 for nowhere."""
        size = separator.count_bytes()
        if size == 0:
            raise ValueError("empty separator")
        return spans.find(self.start(), separator.start(), size, 0, self.count_bytes())

    def rfind_separator(self, separator: Buffer) -> int:
        size = separator.count_bytes()
        if size == 0:
            raise ValueError("empty separator")
        return spans.rfind(self.start(), separator.start(), size, 0, self.count_bytes())

    def left_edge(self, chars: Buffer) -> int:
        """The first offset whose byte is not to be stripped."""
        at = 0
        while at < self.count_bytes() and in_set(self.start()[at], chars):
            at += 1
        return at

    def right_edge(self, chars: Buffer) -> int:
        """One past the last offset whose byte is not to be stripped."""
        at = self.count_bytes()
        while at > 0 and in_set(self.start()[at - 1], chars):
            at -= 1
        return at

    # --- characters and text ----------------------------------------------------------------------------------------------

    def isdigit(self) -> bool:
        return ascii.all_digits(self.start(), self.count_bytes())

    def isalpha(self) -> bool:
        return ascii.all_alpha(self.start(), self.count_bytes())

    def isalnum(self) -> bool:
        return ascii.all_alnum(self.start(), self.count_bytes())

    def isspace(self) -> bool:
        return ascii.all_space(self.start(), self.count_bytes())

    def isascii(self) -> bool:
        for at in range(self.count_bytes()):
            if self.start()[at] >= 128:
                return False
        return True

    def isupper(self) -> bool:
        return ascii.one_case(self.start(), self.count_bytes(), True)

    def islower(self) -> bool:
        return ascii.one_case(self.start(), self.count_bytes(), False)

    def hex(self) -> str:
        return hex_text(self)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return decode_as(self, encoding, errors)


NO_BYTE: Final = "byte must be in range(0, 256)"


@inline
def checked_byte(value: int, message: str) -> u8:
    if unlikely(u64(value) > 255):
        raise ValueError(message)
    return u8(value)


@inline
def search_start(start: int, size: int) -> int:
    """The start of a search; it may lie behind the end, where not even nothing is found."""
    if start < 0:
        start += size
    return max(0, start)


def found(at: int) -> int:
    if at < 0:
        raise ValueError("subsection not found")
    return at


def in_set(byte: u8, chars: Buffer) -> bool:
    return spans.find_byte(chars.start(), byte, 0, chars.count_bytes()) >= 0


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
