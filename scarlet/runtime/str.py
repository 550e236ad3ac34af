"""str: immutable text, as the Python reference's "Text Sequence Type" behaves.

What it can do is here, as far as it makes text of text, and in Text, which looks only. Case (upper, title ...) is that of ASCII and raises
NotImplementedError for other text, as the character classes do.
"""

from typing import TYPE_CHECKING, Final

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, allocate_trailing, make_immortal, memcpy, static_bytes, unchecked_cast, unlikely
from scarlet.runtime import ascii, spans, utf8
from scarlet.runtime.buffer import Buffer
from scarlet.runtime.hashing import hash_bytes
from scarlet.runtime.spans import Slice, clamp
from scarlet.runtime.text import Text

if TYPE_CHECKING:  # codecs needs this module, too; neither runs anything of the other's at start-up
    from scarlet.runtime.codecs import encode_as


class Str(Text):
    """The class of all text; it has the fields of Text."""

    # --- the sequence -----------------------------------------------------------------------------------------------------

    def _part(self, start: int, stop: int) -> str:
        """The text between two byte offsets."""
        if start >= stop:
            return ""
        if start == 0 and stop == self.size:
            return unchecked_cast(str, self)
        if self._ascii():
            return make_ascii(self._start() + start, stop - start)
        return make_text(self._start() + start, stop - start)

    def __getitem__(self, index: int) -> str:
        at = i64(index + self.length) if index < 0 else index
        if unlikely(u64(at) >= u64(self.length)):
            raise IndexError("string index out of range")
        return self.item_at(at)

    def item_at(self, index: int) -> str:
        """Character `index`, which the caller knows to exist."""
        start = self._offset(index)
        return self.character_at(start)

    def character_at(self, offset: int) -> str:
        """The character that begins at a byte offset."""
        byte = self._start()[offset]
        if byte < 128:
            return ascii_character(int(byte))
        return make_text(self._start() + offset, utf8.length_of(byte))

    def getslice(self, start: int, stop: int) -> str:
        """self[start:stop]; missing ends are 0 and the largest int."""
        low = clamp(start, self.length)
        high = clamp(stop, self.length)
        if low >= high:
            return ""
        return self._part(self._offset(low), self._offset(high))

    def getslice_step(self, start: int | None, stop: int | None, step: int) -> str:
        bounds = Slice(start, stop, step, self.length)
        parts: list[str] = []
        at = bounds.start
        for _ in range(bounds.count):
            parts.append(self.item_at(at))
            at = i64(at + step)
        return "".join(parts)

    def __iter__(self) -> "StrIterator":
        return StrIterator(self)

    def __add__(self, other: "Str") -> str:
        if self.size == 0:
            return unchecked_cast(str, other)
        if other.size == 0:
            return unchecked_cast(str, self)
        out = new(self.size + other.size)
        memcpy(out._start(), self._start(), u64(self.size))
        memcpy(out._start() + self.size, other._start(), u64(other.size))
        out.length = self.length + other.length
        return unchecked_cast(str, out)

    def __mul__(self, times: int) -> str:
        if times <= 0 or self.size == 0:
            return ""
        out = new(self.size * times)
        for at in range(times):
            memcpy(out._start() + at * self.size, self._start(), u64(self.size))
        out.length = self.length * times
        return unchecked_cast(str, out)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Str) or self.size != other.size:
            return False
        return self is other or spans.equal(self._start(), other._start(), self.size)

    def __hash__(self) -> int:
        if self.hash_value == 0:
            self.hash_value = hash_bytes(self._start(), u64(self.size))
        return i64(self.hash_value >> 1)

    def __str__(self) -> str:
        return unchecked_cast(str, self)

    def __repr__(self) -> str:
        return text_of(utf8.represent(self._start(), self.size))

    # --- splitting and joining --------------------------------------------------------------------------------------------

    def split(self, separator: "Str", maxsplit: int = -1) -> list[str]:
        return self._pieces(spans.split(self._start(), self.size, separator._start(), separator.size, maxsplit))

    def rsplit(self, separator: "Str", maxsplit: int = -1) -> list[str]:
        return self._pieces(spans.rsplit(self._start(), self.size, separator._start(), separator.size, maxsplit))

    def split_whitespace(self, maxsplit: int = -1) -> list[str]:
        return self._pieces(utf8.split_space(self._start(), self.size, maxsplit))

    def rsplit_whitespace(self, maxsplit: int = -1) -> list[str]:
        return self._pieces(utf8.rsplit_space(self._start(), self.size, maxsplit))

    def splitlines(self, keepends: bool = False) -> list[str]:
        return self._pieces(utf8.split_lines(self._start(), self.size, keepends))

    def _pieces(self, offsets: list[int]) -> list[str]:
        out: list[str] = []
        for at in range(0, len(offsets), 2):
            out.append(self._part(offsets[at], offsets[at + 1]))
        return out

    def partition(self, separator: "Str") -> tuple[str, str, str]:
        at = self.find_separator(separator)
        if at < 0:
            return unchecked_cast(str, self), "", ""
        after = at + separator.size
        return self._part(0, at), self._part(at, after), self._part(after, self.size)

    def rpartition(self, separator: "Str") -> tuple[str, str, str]:
        at = self.rfind_separator(separator)
        if at < 0:
            return "", "", unchecked_cast(str, self)
        after = at + separator.size
        return self._part(0, at), self._part(at, after), self._part(after, self.size)

    def join(self, parts: list[str]) -> str:
        if len(parts) == 1:
            return parts[0]
        size = 0
        length = 0
        for part in parts:
            text = unchecked_cast(Str, part)
            size += text.size
            length += text.length
        if len(parts) > 1:
            size += self.size * (len(parts) - 1)
            length += self.length * (len(parts) - 1)
        if size == 0:
            return ""
        out = new(size)
        out.length = length
        target = out._start()
        first = True
        for part in parts:
            if not first:
                memcpy(target, self._start(), u64(self.size))
                target = target + self.size
            first = False
            text = unchecked_cast(Str, part)
            memcpy(target, text._start(), u64(text.size))
            target = target + text.size
        return unchecked_cast(str, out)

    def replace(self, old: "Str", replacement: "Str", most: int = -1) -> str:
        if old.size == 0:
            return self._interleave(replacement, most)
        parts: list[str] = []
        at = 0
        while most != 0:
            hit = spans.find(self._start(), old._start(), old.size, at, self.size)
            if hit < 0:
                break
            parts.append(self._part(at, hit))
            parts.append(unchecked_cast(str, replacement))
            at = hit + old.size
            most -= 1
        if at == 0 and len(parts) == 0:
            return unchecked_cast(str, self)
        parts.append(self._part(at, self.size))
        return "".join(parts)

    def _interleave(self, replacement: "Str", most: int) -> str:
        """Replace the empty text: before each character and at the end."""
        parts: list[str] = []
        at = 0
        while most != 0 and at <= self.size:
            parts.append(unchecked_cast(str, replacement))
            most -= 1
            if at == self.size:
                at += 1
                break
            parts.append(self.character_at(at))
            at = self.next_offset(at)
        if at < self.size:
            parts.append(self._part(at, self.size))
        return "".join(parts)

    # --- trimming and filling ---------------------------------------------------------------------------------------------

    def strip_whitespace(self) -> str:
        left = utf8.skip_space(self._start(), self.size)
        return self._part(left, utf8.skip_space_back(self._start(), self.size))

    def lstrip_whitespace(self) -> str:
        return self._part(utf8.skip_space(self._start(), self.size), self.size)

    def rstrip_whitespace(self) -> str:
        return self._part(0, utf8.skip_space_back(self._start(), self.size))

    def strip(self, chars: "Str") -> str:
        left = self._left_edge(chars)
        return self._part(left, max(left, self._right_edge(chars)))

    def lstrip(self, chars: "Str") -> str:
        return self._part(self._left_edge(chars), self.size)

    def rstrip(self, chars: "Str") -> str:
        return self._part(0, self._right_edge(chars))

    def _left_edge(self, chars: "Str") -> int:
        at = 0
        while at < self.size and self.character_at(at) in unchecked_cast(str, chars):
            at = self.next_offset(at)
        return at

    def _right_edge(self, chars: "Str") -> int:
        at = self.size
        while at > 0:
            before = utf8.previous(self._start(), at)
            if self.character_at(before) not in unchecked_cast(str, chars):
                break
            at = before
        return at

    def removeprefix(self, prefix: "Str") -> str:
        return self._part(prefix.size if self.startswith(prefix) else 0, self.size)

    def removesuffix(self, suffix: "Str") -> str:
        return self._part(0, self.size - suffix.size if self.endswith(suffix) else self.size)

    def ljust(self, width: int, fill: str = " ") -> str:
        return self._padded(0, max(0, width - self.length), fill)

    def rjust(self, width: int, fill: str = " ") -> str:
        return self._padded(max(0, width - self.length), 0, fill)

    def center(self, width: int, fill: str = " ") -> str:
        missing = max(0, width - self.length)
        left = missing // 2 + (missing & width & 1)
        return self._padded(left, missing - left, fill)

    def _padded(self, left: int, right: int, fill: str) -> str:
        if len(fill) != 1:
            raise TypeError("The fill character must be exactly one character long")
        if left == 0 and right == 0:
            return unchecked_cast(str, self)
        return fill * left + unchecked_cast(str, self) + fill * right

    def zfill(self, width: int) -> str:
        missing = width - self.length
        if missing <= 0:
            return unchecked_cast(str, self)
        signed = self.size > 0 and (self._start()[0] == 43 or self._start()[0] == 45)
        sign = 1 if signed else 0
        return self._part(0, sign) + "0" * missing + self._part(sign, self.size)

    def expandtabs(self, tabsize: int = 8) -> str:
        parts: list[str] = []
        column = 0
        for character in unchecked_cast(str, self):
            if character == "\t":
                gap = tabsize - column % tabsize if tabsize > 0 else 0
                parts.append(" " * gap)
                column += gap
            else:
                parts.append(character)
                column = 0 if character == "\n" or character == "\r" else column + 1
        return "".join(parts)

    # --- characters -------------------------------------------------------------------------------------------------------

    def upper(self) -> str:
        self._ascii_only("upper")
        out = new(self.size)
        ascii.copy_upper(out._start(), self._start(), self.size)
        out.length = self.length
        return unchecked_cast(str, out)

    def lower(self) -> str:
        self._ascii_only("lower")
        out = new(self.size)
        ascii.copy_lower(out._start(), self._start(), self.size)
        out.length = self.length
        return unchecked_cast(str, out)

    def casefold(self) -> str:
        return self.lower()

    def swapcase(self) -> str:
        self._ascii_only("swapcase")
        out = new(self.size)
        ascii.copy_swapped(out._start(), self._start(), self.size)
        out.length = self.length
        return unchecked_cast(str, out)

    def capitalize(self) -> str:
        self._ascii_only("capitalize")
        return self.getslice(0, 1).upper() + self.getslice(1, self.size).lower()

    def title(self) -> str:
        self._ascii_only("title")
        out = new(self.size)
        ascii.copy_title(out._start(), self._start(), self.size)
        out.length = self.length
        return unchecked_cast(str, out)

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return encode_as(self, encoding, errors)


def new(size: int) -> Str:
    """A str whose bytes and length the caller writes before anybody sees it."""
    if size >> 46 != 0:
        raise MemoryError
    out = allocate_trailing(Str, u64(size))
    out.size = size
    return out


def make_ascii(source: Ptr[u8], size: int) -> str:
    """A copy of a span that is known to be ASCII."""
    out = new(size)
    out.length = size
    memcpy(out._start(), source, u64(size))
    return unchecked_cast(str, out)


def make_text(source: Ptr[u8], size: int) -> str:
    """A copy of a span that is known to be valid UTF-8."""
    out = new(size)
    out.length = utf8.count(source, size)
    memcpy(out._start(), source, u64(size))
    return unchecked_cast(str, out)


def text_of(buffer: Buffer) -> str:
    """make_text of a buffer."""
    return make_text(buffer.start(), buffer.count_bytes())


_CHARACTERS: Final = static_bytes(128 * 8)
"""The addresses of the one-character ASCII strings, made when first asked for."""


def ascii_character(code: int) -> str:
    """The shared one-character string."""
    table: Ptr[str] = Ptr(_CHARACTERS.address)
    if Ptr[u64](_CHARACTERS.address)[code] == 0:
        out = new(1)
        out.length = 1
        out._start()[0] = u8(code)
        make_immortal(out)
        table.init(code, unchecked_cast(str, out))
    return table[code]


def concat(parts: list[str]) -> str:
    """What f-strings build with."""
    return "".join(parts)


class StrIterator:
    def __init__(self, text: Str) -> None:
        self._text = text
        self._offset = 0

    def __iter__(self) -> "StrIterator":
        return self

    def __next__(self) -> str:
        if self._offset >= self._text.size:
            raise StopIteration
        character = self._text.character_at(self._offset)
        self._offset = self._text.next_offset(self._offset)
        return character
