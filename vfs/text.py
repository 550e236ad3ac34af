"""Numbers written as text: mount options, archive headers, names in /proc."""

from typing import Final

from scarlet.lang import u64

ZERO: Final = 48
NINE: Final = 57
LETTER_A: Final = 65
LETTER_F: Final = 70
SMALL_A: Final = 97
SMALL_F: Final = 102


def decimal(text: bytes) -> int:
    """A decimal number without sign, at most 18 digits long; -1 when it is none."""
    if not 1 <= len(text) <= 18:
        return -1
    value = 0
    for digit in text:
        if not ZERO <= digit <= NINE:
            return -1
        value = value * 10 + digit - ZERO
    return value


def octal(text: bytes) -> int:
    """An octal number of at most 20 digits; -1 when it is none."""
    if not 1 <= len(text) <= 20:
        return -1
    value = 0
    for digit in text:
        if not ZERO <= digit <= ZERO + 7:
            return -1
        value = value * 8 + digit - ZERO
    return value


def hexadecimal(text: bytes, start: int, digits: int) -> int:
    """The number in `digits` (at most 15) hexadecimal digits of a text; -1 when they are none."""
    value = u64(0)
    for index in range(start, start + digits):
        digit = text[index]
        if ZERO <= digit <= NINE:
            digit -= ZERO
        elif SMALL_A <= digit <= SMALL_F:
            digit -= SMALL_A - 10
        elif LETTER_A <= digit <= LETTER_F:
            digit -= LETTER_A - 10
        else:
            return -1
        value = u64(value << 4 | u64(digit))
    return int(value)


def number(text: bytes) -> int:
    """A number as C writes it: decimal, octal after 0, hexadecimal after 0x; -1 when it is none."""
    if text.startswith(b"0x") and 3 <= len(text) <= 17:
        return hexadecimal(text, 2, len(text) - 2)
    return octal(text) if text.startswith(b"0") else decimal(text)
