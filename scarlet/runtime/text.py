"""Text: what a str is inside, and what it answers about itself.

UTF-8 inside the object, with its counts of bytes and of code points. When they agree the text is ASCII and every index is an offset;
otherwise an index is found by walking. What is here looks at text and makes none: searching, comparing, classes of characters. Methods
that give a piece or another text are in the class derived from it (str.py), which adds no field: payload() finds the bytes from either.

Character classes (isalpha ...) are those of ASCII: asking them of other characters raises NotImplementedError, because Unicode's tables are
larger than the rest of the kernel. White space, which is a short list, is Unicode's.
"""

from scarlet.lang import u8, u64
from scarlet.lang.raw import Ptr, inline, payload
from scarlet.runtime import ascii, spans, utf8
from scarlet.runtime.buffer import LARGEST
from scarlet.runtime.spans import clamp


class Text:
    """`size` in bytes, `length` in code points, `hash_value` (0: not computed yet), then the UTF-8: literals are laid
    out in the same way."""

    def __init__(self) -> None:
        self.size: int = 0
        self.length: int = 0
        self.hash_value: u64 = 0

    def __payload_size__(self) -> u64:
        return u64(self.size)

    @inline
    def _start(self) -> Ptr[u8]:
        return payload(self)

    @inline
    def _ascii(self) -> bool:
        return self.size == self.length

    @inline
    def __len__(self) -> int:
        return self.length

    @inline
    def __bool__(self) -> bool:
        return self.size != 0

    # --- offsets and indexes ----------------------------------------------------------------------------------------------

    def _offset(self, index: int) -> int:
        """The byte offset of code point `index`, which is in 0..length."""
        if self._ascii():
            return index
        return utf8.offset_of(self._start(), self.size, index)

    def _index(self, offset: int) -> int:
        """The code point at a byte offset; -1 stays -1."""
        if offset <= 0 or self._ascii():
            return offset
        return utf8.count(self._start(), offset)

    def next_offset(self, offset: int) -> int:
        """The byte offset after the character that begins at `offset`."""
        return offset + utf8.length_of(self._start()[offset])

    # --- comparison -------------------------------------------------------------------------------------------------------

    def _order(self, other: "Text") -> int:
        return spans.compare(self._start(), self.size, other._start(), other.size)

    def __lt__(self, other: "Text") -> bool:
        return self._order(other) < 0

    def __le__(self, other: "Text") -> bool:
        return self._order(other) <= 0

    def __gt__(self, other: "Text") -> bool:
        return self._order(other) > 0

    def __ge__(self, other: "Text") -> bool:
        return self._order(other) >= 0

    # --- searching --------------------------------------------------------------------------------------------------------

    def __contains__(self, wanted: "Text") -> bool:
        return spans.find(self._start(), wanted._start(), wanted.size, 0, self.size) >= 0

    def find(self, wanted: "Text", start: int = 0, stop: int = LARGEST) -> int:
        low = self._low(start)
        high = clamp(stop, self.length)
        if low > high:
            return -1
        return self._index(spans.find(self._start(), wanted._start(), wanted.size, self._offset(low), self._offset(high)))

    def _low(self, start: int) -> int:
        """The start of a search; it may lie behind the end, where not even the empty text is found."""
        if start < 0:
            start += self.length
        return max(0, start)

    def rfind(self, wanted: "Text", start: int = 0, stop: int = LARGEST) -> int:
        low = self._low(start)
        high = clamp(stop, self.length)
        if low > high:
            return -1
        return self._index(spans.rfind(self._start(), wanted._start(), wanted.size, self._offset(low), self._offset(high)))

    def index(self, wanted: "Text", start: int = 0, stop: int = LARGEST) -> int:
        return found(self.find(wanted, start, stop))

    def rindex(self, wanted: "Text", start: int = 0, stop: int = LARGEST) -> int:
        return found(self.rfind(wanted, start, stop))

    def count(self, wanted: "Text", start: int = 0, stop: int = LARGEST) -> int:
        low = self._low(start)
        high = clamp(stop, self.length)
        if low > high:
            return 0
        if wanted.size == 0:
            return high - low + 1
        return spans.count(self._start(), wanted._start(), wanted.size, self._offset(low), self._offset(high))

    def startswith(self, prefix: "Text", start: int = 0, stop: int = LARGEST) -> bool:
        low = self._low(start)
        high = clamp(stop, self.length)
        if low > high:
            return False
        begin = self._offset(low)
        return prefix.size <= self._offset(high) - begin and spans.equal(self._start() + begin, prefix._start(), prefix.size)

    def endswith(self, suffix: "Text", start: int = 0, stop: int = LARGEST) -> bool:
        low = self._low(start)
        high = clamp(stop, self.length)
        if low > high:
            return False
        end = self._offset(high)
        return suffix.size <= end - self._offset(low) and spans.equal(self._start() + (end - suffix.size), suffix._start(), suffix.size)

    def find_separator(self, separator: "Text") -> int:
        if separator.size == 0:
            raise ValueError("empty separator")
        return spans.find(self._start(), separator._start(), separator.size, 0, self.size)

    def rfind_separator(self, separator: "Text") -> int:
        if separator.size == 0:
            raise ValueError("empty separator")
        return spans.rfind(self._start(), separator._start(), separator.size, 0, self.size)

    # --- characters -------------------------------------------------------------------------------------------------------

    def _ascii_only(self, method: str) -> None:
        if not self._ascii():
            raise NotImplementedError("str." + method + " of text that is not ASCII")

    def isascii(self) -> bool:
        return self._ascii()

    def isdigit(self) -> bool:
        self._ascii_only("isdigit")
        return ascii.all_digits(self._start(), self.size)

    def isdecimal(self) -> bool:
        return self.isdigit()

    def isnumeric(self) -> bool:
        return self.isdigit()

    def isalpha(self) -> bool:
        self._ascii_only("isalpha")
        return ascii.all_alpha(self._start(), self.size)

    def isalnum(self) -> bool:
        self._ascii_only("isalnum")
        return ascii.all_alnum(self._start(), self.size)

    def isidentifier(self) -> bool:
        self._ascii_only("isidentifier")
        for at in range(self.size):
            byte = self._start()[at]
            if not ascii.is_alpha(byte) and byte != 95 and (at == 0 or not ascii.is_digit(byte)):
                return False
        return self.size > 0

    def isprintable(self) -> bool:
        at = 0
        while at < self.size:
            if not utf8.printable(utf8.code_at(self._start(), at)):
                return False
            at = self.next_offset(at)
        return True

    def isspace(self) -> bool:
        return self.size > 0 and utf8.skip_space(self._start(), self.size) == self.size

    def isupper(self) -> bool:
        self._ascii_only("isupper")
        return ascii.one_case(self._start(), self.size, True)

    def islower(self) -> bool:
        self._ascii_only("islower")
        return ascii.one_case(self._start(), self.size, False)


def found(at: int) -> int:
    if at < 0:
        raise ValueError("substring not found")
    return at
