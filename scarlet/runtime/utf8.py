"""UTF-8 (RFC 3629) over spans of bytes: walking, white space and lines, the repr of text, validity.

All functions but those of validity expect valid UTF-8. Offsets are byte offsets. A surrogate, which chr() can make, is
held as its three bytes and cannot leave the program: encoding refuses it (codecs.py).
"""

from typing import Final

from scarlet.lang import u8
from scarlet.lang.raw import Ptr, load64
from scarlet.runtime import ascii, spans
from scarlet.runtime.bytearray import ByteArray

ASCII_WORD: Final = 0x8080808080808080


def length_of(first: u8) -> int:
    """Bytes of the character that begins with this byte."""
    if first < 0x80:
        return 1
    if first < 0xE0:
        return 2
    return 3 if first < 0xF0 else 4


def continues(byte: u8) -> bool:
    return 0x80 <= byte < 0xC0


def count(text: Ptr[u8], size: int) -> int:
    """Code points in a span: the bytes that do not continue a character."""
    total = 0
    at = 0
    while at + 8 <= size:
        if load64((text + at).address) & ASCII_WORD != 0:
            break
        at += 8
    total = at
    while at < size:
        if not continues(text[at]):
            total += 1
        at += 1
    return total


def offset_of(text: Ptr[u8], size: int, index: int) -> int:
    """The offset of code point `index`; the size when there are only that many."""
    at = 0
    while index > 0 and at < size:
        at += length_of(text[at])
        index -= 1
    return at


def previous(text: Ptr[u8], offset: int) -> int:
    """The offset of the character that ends at `offset`."""
    at = offset - 1
    while continues(text[at]):
        at -= 1
    return at


def code_at(text: Ptr[u8], at: int) -> int:
    """The code point that begins at an offset."""
    first = int(text[at])
    if first < 0x80:
        return first
    second = int(text[at + 1]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | second
    third = int(text[at + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third
    return (first & 0x07) << 18 | second << 12 | third << 6 | int(text[at + 3]) & 0x3F


def append_code(out: ByteArray, code: int) -> None:
    """The UTF-8 of a code point."""
    if code < 0x80:
        out.append(code)
    elif code < 0x800:
        out.append(0xC0 | code >> 6)
        out.append(0x80 | code & 0x3F)
    elif code < 0x10000:
        out.append(0xE0 | code >> 12)
        out.append(0x80 | code >> 6 & 0x3F)
        out.append(0x80 | code & 0x3F)
    else:
        out.append(0xF0 | code >> 18)
        out.append(0x80 | code >> 12 & 0x3F)
        out.append(0x80 | code >> 6 & 0x3F)
        out.append(0x80 | code & 0x3F)


# --- white space and lines ------------------------------------------------------------------------------------------------


def is_space(code: int) -> bool:
    """str.isspace of one character (bidirectional type WS, B or S, or category Zs)."""
    if code < 0x80:
        return code == 32 or 9 <= code <= 13 or 28 <= code <= 31
    if code < 0x2000:
        return code == 0x85 or code == 0xA0 or code == 0x1680
    return code <= 0x200A or code == 0x2028 or code == 0x2029 or code == 0x202F or code == 0x205F or code == 0x3000


def ends_line(code: int) -> bool:
    """Whether str.splitlines ends a line here."""
    return 10 <= code <= 13 or 28 <= code <= 30 or code == 0x85 or code == 0x2028 or code == 0x2029


def skip_space(text: Ptr[u8], size: int, at: int = 0) -> int:
    """The first offset from `at` on that is not white space."""
    while at < size and is_space(code_at(text, at)):
        at += length_of(text[at])
    return at


def skip_space_back(text: Ptr[u8], end: int) -> int:
    """One past the last character before `end` that is not white space."""
    while end > 0:
        before = previous(text, end)
        if not is_space(code_at(text, before)):
            break
        end = before
    return end


def split_space(text: Ptr[u8], size: int, most: int) -> list[int]:
    """Starts and ends of the words, as spans.split_space."""
    pieces: list[int] = []
    at = skip_space(text, size)
    while at < size:
        pieces.append(at)
        if most == 0:
            pieces.append(size)
            break
        while at < size and not is_space(code_at(text, at)):
            at += length_of(text[at])
        pieces.append(at)
        most -= 1
        at = skip_space(text, size, at)
    return pieces


def rsplit_space(text: Ptr[u8], size: int, most: int) -> list[int]:
    """The same from the right."""
    backwards: list[int] = []
    end = skip_space_back(text, size)
    while end > 0:
        backwards.append(end)
        if most == 0:
            backwards.append(0)
            break
        while end > 0 and not is_space(code_at(text, previous(text, end))):
            end = previous(text, end)
        backwards.append(end)
        most -= 1
        end = skip_space_back(text, end)
    backwards.reverse()
    return backwards


def split_lines(text: Ptr[u8], size: int, keep_ends: bool) -> list[int]:
    pieces: list[int] = []
    start = 0
    while start < size:
        end = start
        while end < size and not ends_line(code_at(text, end)):
            end += length_of(text[end])
        following = end
        if end < size:
            following = end + length_of(text[end])
            if text[end] == 13 and following < size and text[following] == 10:
                following += 1
        pieces.append(start)
        pieces.append(following if keep_ends else end)
        start = following
    return pieces


# --- repr -----------------------------------------------------------------------------------------------------------------


def printable(code: int) -> bool:
    """str.isprintable of one character, except that unassigned code points count as printable."""
    if code < 0x7F:
        return code >= 32
    if code < 0x600:
        return code > 0xA0 and code != 0xAD
    if code < 0x2000:
        return not 0x600 <= code <= 0x605 and code != 0x61C and code != 0x6DD and code != 0x70F and code != 0x1680 and code != 0x180E
    if code < 0x2070:
        return 0x2010 <= code <= 0x2027 or 0x2030 <= code <= 0x205E
    if code < 0xE000:
        return code != 0x3000 and code < 0xD800
    if code < 0x10000:
        return 0xF900 <= code and code != 0xFEFF and not 0xFFF9 <= code <= 0xFFFB and code < 0xFFFE
    return code < 0xE0000


def escaped(out: ByteArray, code: int) -> None:
    """A character that is not printable as \\xNN, \\uNNNN or \\UNNNNNNNN."""
    digits = 2 if code < 0x100 else 4 if code < 0x10000 else 8
    out.append(92)
    out.append(120 if digits == 2 else 117 if digits == 4 else 85)
    for at in range(digits - 1, -1, -1):
        out.append(int(ascii.hex_digit(code >> at * 4 & 15)))


def represent(text: Ptr[u8], size: int, ascii_only: bool = False) -> ByteArray:
    """repr() of text, or ascii(): quotes chosen as for bytes."""
    single = spans.find_byte(text, 39, 0, size) >= 0
    double = spans.find_byte(text, 34, 0, size) >= 0
    quote = 34 if single and not double else 39
    out = ByteArray()
    out.append(quote)
    at = 0
    while at < size:
        code = code_at(text, at)
        step = length_of(text[at])
        letter = ascii.escape_letter(code, quote)
        if letter != 0:
            out.append(92)
            out.append(letter)
        elif printable(code) and (code < 0x80 or not ascii_only):
            out.extend_span(text + at, step)
        else:
            escaped(out, code)
        at += step
    out.append(quote)
    return out


# --- validity -------------------------------------------------------------------------------------------------------------


def sequence_at(text: Ptr[u8], size: int, at: int) -> int:
    """The length of the character that begins here, or minus the bytes of a wrong sequence that belong together.

    The bounds on the second byte rule out overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629 section 4).
    """
    first = text[at]
    if first < 0x80:
        return 1
    if first < 0xC2 or first > 0xF4:
        return -1
    length = length_of(first)
    low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
    high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
    for index in range(1, length):
        if at + index >= size:
            return -index
        byte = int(text[at + index])
        if byte < low or byte > high:
            return -index
        low = 0x80
        high = 0xBF
    return length


def first_error(text: Ptr[u8], size: int) -> int:
    """The offset of the first byte that is not UTF-8, -1 when all is well."""
    at = 0
    while at < size:
        if at + 8 <= size and load64((text + at).address) & ASCII_WORD == 0:
            at += 8
            continue
        length = sequence_at(text, size, at)
        if length < 0:
            return at
        at += length
    return -1
