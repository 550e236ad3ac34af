"""int(text, base): numbers from text, as the Python reference's "Integer literals" and int() have them."""

from typing import Final

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, payload, unchecked_cast
from scarlet.runtime import ascii, utf8
from scarlet.runtime.bytes import Bytes
from scarlet.runtime.str import Str

LARGEST_MAGNITUDE: Final = 1 << 63
"""Of a negative int; a positive one is below it."""


def parse_int(text: str, base: int) -> int:
    """int(text, base): sign, prefix, underscores between digits, white space around."""
    source = unchecked_cast(Str, text)
    start = utf8.skip_space(payload(source), source.size)
    end = utf8.skip_space_back(payload(source), source.size)
    value = parse_span(payload(source), start, end, base)
    if value.wrong:
        raise invalid(base, repr(text))
    return value.number()


def parse_int_bytes(text: bytes, base: int) -> int:
    """int(text, base) of bytes."""
    source = unchecked_cast(Bytes, text)
    start = ascii.skip_space(payload(source), source.size)
    end = ascii.skip_space_back(payload(source), source.size)
    value = parse_span(payload(source), start, end, base)
    if value.wrong:
        raise invalid(base, repr(text))
    return value.number()


def invalid(base: int, shown: str) -> ValueError:
    return ValueError(f"invalid literal for int() with base {base}: {shown}")


class Parsed:
    """What a number's text says; `wrong` when it is none, `large` when it exceeds 64 bits."""

    def __init__(self) -> None:
        self.wrong = True
        self.large = False
        self.negative = False
        self.magnitude: u64 = 0

    def add_digit(self, base: u64, digit: u64) -> None:
        limit = u64(0xFFFFFFFFFFFFFFFF) // base
        if self.magnitude > limit or u64(self.magnitude * base) > u64(~digit):
            self.large = True
        self.magnitude = u64(self.magnitude * base + digit)

    def number(self) -> int:
        """OverflowError when it is no int."""
        if self.large or self.magnitude > LARGEST_MAGNITUDE or (self.magnitude == LARGEST_MAGNITUDE and not self.negative):
            raise OverflowError("the number does not fit in an int")
        return i64(-self.magnitude) if self.negative else i64(self.magnitude)


def prefix_base(text: Ptr[u8], at: int, end: int) -> int:
    """The base that a prefix at this offset announces; 0 when there is none."""
    if at + 1 >= end or text[at] != 48:
        return 0
    match int(ascii.lower_byte(text[at + 1])):
        case 120:
            return 16
        case 111:
            return 8
        case 98:
            return 2
    return 0


def parse_span(text: Ptr[u8], start: int, end: int, base: int) -> Parsed:
    if base != 0 and (base < 2 or base > 36):
        raise ValueError("int() base must be >= 2 and <= 36, or 0")
    out = Parsed()
    at = start
    if at < end and (text[at] == 43 or text[at] == 45):
        out.negative = text[at] == 45
        at += 1
    announced = prefix_base(text, at, end)
    prefixed = announced != 0 and (base == 0 or base == announced)
    if prefixed:
        base = announced
        at += 2
    decimal_without_zeros = base == 0
    if base == 0:
        base = 10
    first = at
    after_digit = prefixed
    while at < end:
        digit = ascii.digit_value(text[at])
        if text[at] == 95 and after_digit:
            after_digit = False
        elif digit < base:
            out.add_digit(u64(base), u64(digit))
            after_digit = True
        else:
            return out
        at += 1
    if not after_digit or at == first:
        return out
    if decimal_without_zeros and text[first] == 48 and out.magnitude != 0:
        return out
    out.wrong = False
    return out
