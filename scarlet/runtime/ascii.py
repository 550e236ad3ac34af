"""ASCII: classes of characters, case and digits, of one byte and of a span of bytes.

str and bytes share all of it: a byte above 127 is no letter, no digit and no space, and has no case.
"""

from scarlet.lang import u8
from scarlet.lang.raw import Ptr


def is_space(byte: u8) -> bool:
    """White space, as bytes.isspace has it."""
    return byte == 32 or 9 <= byte <= 13


def upper_byte(byte: u8) -> u8:
    return byte - 32 if 97 <= byte <= 122 else byte


def lower_byte(byte: u8) -> u8:
    return byte + 32 if 65 <= byte <= 90 else byte


def is_upper(byte: u8) -> bool:
    return 65 <= byte <= 90


def is_lower(byte: u8) -> bool:
    return 97 <= byte <= 122


def is_digit(byte: u8) -> bool:
    return 48 <= byte <= 57


def is_alpha(byte: u8) -> bool:
    return is_upper(byte) or is_lower(byte)


def hex_digit(value: int) -> u8:
    """The character of 0..15."""
    return u8(value + (48 if value < 10 else 87))


def digit_value(byte: u8) -> int:
    """The value of a digit in any base up to 36; 99 for anything else."""
    if is_digit(byte):
        return int(byte) - 48
    if is_upper(byte):
        return int(byte) - 55
    if is_lower(byte):
        return int(byte) - 87
    return 99


def escape_letter(code: int, quote: int) -> int:
    """What stands behind the backslash in a literal between such quotes; 0 for a character that is not written so."""
    if code == quote or code == 92:
        return code
    return 116 if code == 9 else 110 if code == 10 else 114 if code == 13 else 0


# --- spans: white space at the ends ----------------------------------------------------------------------------------------


def skip_space(text: Ptr[u8], size: int) -> int:
    """The first offset that is not white space."""
    at = 0
    while at < size and is_space(text[at]):
        at += 1
    return at


def skip_space_back(text: Ptr[u8], end: int) -> int:
    """One past the last offset before `end` that is not white space."""
    while end > 0 and is_space(text[end - 1]):
        end -= 1
    return end


# --- spans: whether all bytes are of a class, which no empty span is -------------------------------------------------------


def all_digits(text: Ptr[u8], size: int) -> bool:
    for at in range(size):
        if not is_digit(text[at]):
            return False
    return size > 0


def all_alpha(text: Ptr[u8], size: int) -> bool:
    for at in range(size):
        if not is_alpha(text[at]):
            return False
    return size > 0


def all_alnum(text: Ptr[u8], size: int) -> bool:
    for at in range(size):
        if not is_alpha(text[at]) and not is_digit(text[at]):
            return False
    return size > 0


def all_space(text: Ptr[u8], size: int) -> bool:
    for at in range(size):
        if not is_space(text[at]):
            return False
    return size > 0


def one_case(text: Ptr[u8], size: int, upper: bool) -> bool:
    """Whether there is a letter and all letters are of that case."""
    seen = False
    for at in range(size):
        byte = text[at]
        if is_upper(byte) != upper and is_alpha(byte):
            return False
        seen = seen or is_alpha(byte)
    return seen


# --- spans: a copy in another case -----------------------------------------------------------------------------------------


def copy_upper(target: Ptr[u8], text: Ptr[u8], size: int) -> None:
    for at in range(size):
        target[at] = upper_byte(text[at])


def copy_lower(target: Ptr[u8], text: Ptr[u8], size: int) -> None:
    for at in range(size):
        target[at] = lower_byte(text[at])


def copy_swapped(target: Ptr[u8], text: Ptr[u8], size: int) -> None:
    for at in range(size):
        byte = text[at]
        target[at] = lower_byte(byte) if is_upper(byte) else upper_byte(byte)


def copy_title(target: Ptr[u8], text: Ptr[u8], size: int) -> None:
    """Each word begins with a capital and goes on without."""
    inside = False
    for at in range(size):
        byte = text[at]
        target[at] = lower_byte(byte) if inside else upper_byte(byte)
        inside = is_alpha(byte)
