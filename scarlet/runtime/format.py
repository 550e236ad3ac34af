"""Numbers as text: str(), hex(), chr(), and the format specifications of f-strings.

Source: Python library reference, "Format Specification Mini-Language":
[[fill]align][sign][#][0][width][grouping][.precision][type], here with the types d x X o b c for integers and s for
text.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import inline, payload, unchecked_cast
from scarlet.runtime import ascii, utf8
from scarlet.runtime.bytearray import ByteArray
from scarlet.runtime.parsing import parse_int
from scarlet.runtime.str import Str, ascii_character, text_of

MOST_CODES: Final = 0x110000


# --- plain text -----------------------------------------------------------------------------------------------------------


@inline
def magnitude_of(value: int) -> u64:
    return u64(-u64(value)) if value < 0 else u64(value)


def int_to_str(value: int) -> str:
    """str(value)"""
    if 0 <= value < 10:
        return ascii_character(value + 48)
    return text_of(signed_digits(value < 0, magnitude_of(value), 10, ""))


def u64_to_str(value: u64) -> str:
    return text_of(signed_digits(False, value, 10, ""))


def digits_of(magnitude: u64, base: u64, upper: bool = False) -> ByteArray:
    """The digits, the highest first."""
    out = ByteArray()
    while True:
        digit = i64(magnitude % base)
        out.append(int(ascii.hex_digit(digit)) - (32 if upper and digit > 9 else 0))
        magnitude = u64(magnitude // base)
        if magnitude == 0:
            break
    out.reverse()
    return out


def signed_digits(negative: bool, magnitude: u64, base: u64, prefix: str) -> ByteArray:
    out = ByteArray()
    if negative:
        out.append(45)
    append_text(out, prefix)
    out.extend(digits_of(magnitude, base))
    return out


def append_text(out: ByteArray, text: str) -> None:
    source = unchecked_cast(Str, text)
    out.extend_span(payload(source), source.size)


def hex_text(value: int) -> str:
    """hex(value)"""
    return text_of(signed_digits(value < 0, magnitude_of(value), 16, "0x"))


def oct_text(value: int) -> str:
    return text_of(signed_digits(value < 0, magnitude_of(value), 8, "0o"))


def bin_text(value: int) -> str:
    return text_of(signed_digits(value < 0, magnitude_of(value), 2, "0b"))


def u64_hex_text(value: u64) -> str:
    return text_of(signed_digits(False, value, 16, "0x"))


def u64_oct_text(value: u64) -> str:
    return text_of(signed_digits(False, value, 8, "0o"))


def u64_bin_text(value: u64) -> str:
    return text_of(signed_digits(False, value, 2, "0b"))


def chr(code: int) -> str:
    if code < 0 or code >= MOST_CODES:
        raise ValueError("chr() arg not in range(0x110000)")
    if code < 128:
        return ascii_character(code)
    out = ByteArray()
    utf8.append_code(out, code)
    return text_of(out)


def ord(text: str) -> int:
    if len(text) != 1:
        raise TypeError(f"ord() expected a character, but string of length {len(text)} found")
    return utf8.code_at(payload(unchecked_cast(Str, text)), 0)


def ascii_text(shown: str) -> str:
    """ascii(x), given repr(x)."""
    out = ByteArray()
    source = unchecked_cast(Str, shown)
    at = 0
    while at < source.size:
        code = utf8.code_at(payload(source), at)
        if code < 0x80:
            out.append(code)
        else:
            utf8.escaped(out, code)
        at = source.next_offset(at)
    return text_of(out)


# --- format specifications ------------------------------------------------------------------------------------------------


class Spec:
    """A parsed format specification."""

    def __init__(self, text: str) -> None:
        self.fill = " "
        self.align = ""
        self.sign = ""
        self.alternate = False
        self.zero = False
        self.width = 0
        self.grouping = ""
        self.precision = -1
        self.kind = ""
        self._parse(text)

    def _parse(self, text: str) -> None:
        at = 0
        filled = len(text) >= 2 and text[1] in "<>^="
        if filled:
            self.fill = text[0]
            self.align = text[1]
            at = 2
        elif len(text) >= 1 and text[0] in "<>^=":
            self.align = text[0]
            at = 1
        if at < len(text) and text[at] in "+- ":
            self.sign = text[at]
            at += 1
        if at < len(text) and text[at] == "#":
            self.alternate = True
            at += 1
        if at < len(text) and text[at] == "0":
            self.zero = True
            if not filled:
                self.fill = "0"
            at += 1
        start = at
        at = digits_end(text, start)
        if at > start:
            self.width = parse_int(text[start:at], 10)
        if at < len(text) and text[at] in ",_":
            self.grouping = text[at]
            at += 1
        if at < len(text) and text[at] == ".":
            start = at + 1
            at = digits_end(text, start)
            if at == start:
                raise ValueError("Format specifier missing precision")
            self.precision = parse_int(text[start:at], 10)
        if at < len(text):
            self.kind = text[at]
            at += 1
        if at < len(text):
            raise ValueError("Invalid format specifier")


def digits_end(text: str, at: int) -> int:
    while at < len(text) and text[at] in "0123456789":
        at += 1
    return at


def format_int(value: int, spec: str) -> str:
    if spec == "":
        return int_to_str(value)
    return format_number(value < 0, magnitude_of(value), Spec(spec))


def format_u64(value: u64, spec: str) -> str:
    if spec == "":
        return u64_to_str(value)
    return format_number(False, value, Spec(spec))


def format_number(negative: bool, magnitude: u64, spec: Spec) -> str:
    if spec.precision >= 0:
        raise ValueError("Precision not allowed in integer format specifier")
    if spec.kind == "c":
        return format_character(negative, magnitude, spec)
    base = 10
    prefix = ""
    match spec.kind:
        case "" | "d" | "n":
            pass
        case "x" | "X":
            base = 16
            prefix = "0" + spec.kind
        case "o":
            base = 8
            prefix = "0o"
        case "b":
            base = 2
            prefix = "0b"
        case _:
            raise ValueError("Unknown format code '" + spec.kind + "' for object of type 'int'")
    if spec.grouping == "," and base != 10:
        raise ValueError("Cannot specify ',' with '" + spec.kind + "'.")
    sign = "-" if negative else "" if spec.sign == "-" else spec.sign
    lead = sign + (prefix if spec.alternate else "")
    digits = text_of(digits_of(magnitude, u64(base), spec.kind == "X"))
    align = spec.align
    if align == "":
        align = "=" if spec.zero else ">"
    least = spec.width - len(lead) if align == "=" and spec.fill == "0" else 0
    if spec.grouping != "":
        digits = grouped(digits, spec.grouping, 3 if base == 10 else 4, least)
    if align == "=":
        return lead + spec.fill * (spec.width - len(lead) - len(digits)) + digits
    return aligned(lead + digits, spec.fill, align, spec.width)


def format_character(negative: bool, magnitude: u64, spec: Spec) -> str:
    if spec.sign != "":
        raise ValueError("Sign not allowed with integer format specifier 'c'")
    if spec.alternate:
        raise ValueError("Alternate form (#) not allowed with integer format specifier 'c'")
    if spec.grouping != "":
        raise ValueError("Cannot specify '" + spec.grouping + "' with 'c'.")
    if negative or magnitude >= MOST_CODES:
        raise OverflowError("%c arg not in range(0x110000)")
    return aligned(chr(i64(magnitude)), spec.fill, spec.align if spec.align != "" else ">", spec.width)


def grouped(digits: str, separator: str, size: int, least: int) -> str:
    """Digits in groups from the right; zeros are put before them until the text is `least` long."""
    parts: list[str] = []
    length = 0
    at = len(digits)
    while at > 0 or length < least:
        if length > 0:
            parts.append(separator)
            length += 1
        if at > 0:
            chunk = digits[max(0, at - size) : at]
        else:
            chunk = ""
        missing = min(size - len(chunk), least - length - len(chunk))
        if missing > 0:
            chunk = "0" * missing + chunk
        if chunk == "":
            chunk = "0"
        parts.append(chunk)
        length += len(chunk)
        at -= size
    parts.reverse()
    return "".join(parts)


def aligned(text: str, fill: str, align: str, width: int) -> str:
    missing = width - len(text)
    if missing <= 0:
        return text
    if align == "<":
        return text + fill * missing
    if align == "^":
        return fill * (missing // 2) + text + fill * (missing - missing // 2)
    return fill * missing + text


def format_str(value: str, spec: str) -> str:
    if spec == "":
        return value
    parsed = Spec(spec)
    if parsed.kind != "" and parsed.kind != "s":
        raise ValueError("Unknown format code '" + parsed.kind + "' for object of type 'str'")
    if parsed.align == "=":
        raise ValueError("'=' alignment not allowed in string format specifier")
    if parsed.sign != "":
        raise ValueError("Sign not allowed in string format specifier")
    if parsed.alternate:
        raise ValueError("Alternate form (#) not allowed in string format specifier")
    if parsed.grouping != "":
        raise ValueError("Cannot specify '" + parsed.grouping + "' with 's'.")
    text = value[: parsed.precision] if parsed.precision >= 0 else value
    return aligned(text, parsed.fill, parsed.align if parsed.align != "" else "<", parsed.width)
