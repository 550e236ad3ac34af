"""Bytes as text that people read: the literal that repr() shows, and hexadecimal digits there and back."""

from scarlet.lang import u8
from scarlet.lang.raw import Ptr, inline
from scarlet.runtime import ascii, spans
from scarlet.runtime.buffer import Buffer
from scarlet.runtime.bytearray import ByteArray
from scarlet.runtime.bytes import copy_of_buffer
from scarlet.runtime.str import text_of


def hex_text(data: Buffer) -> str:
    out = ByteArray()
    for at in range(data.count_bytes()):
        append_hex(out, int(data.start()[at]))
    return text_of(out)


@inline
def append_hex(out: ByteArray, byte: int) -> None:
    out.append(int(ascii.hex_digit(byte >> 4)))
    out.append(int(ascii.hex_digit(byte & 15)))


def from_hex(text: str) -> bytes:
    """Pairs of digits; white space may stand between pairs."""
    raw = text.encode()
    out = ByteArray()
    at = 0
    while at < len(raw):
        if ascii.is_space(u8(raw[at])):
            at += 1
            continue
        high = ascii.digit_value(u8(raw[at]))
        low = ascii.digit_value(u8(raw[at + 1])) if at + 1 < len(raw) else 99
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
    return text_of(out)


def escape(out: ByteArray, byte: int, quote: int) -> None:
    """One byte as a literal shows it."""
    letter = ascii.escape_letter(byte, quote)
    if letter == 0 and 32 <= byte < 127:
        out.append(byte)
        return
    out.append(92)
    out.append(letter if letter != 0 else 120)
    if letter == 0:
        append_hex(out, byte)
