"""Names: every file has a short one of 8+3 bytes, and a long one in UTF-16 when the short one cannot say it.

Names are UTF-8 above. They are compared without regard to the case of ASCII letters, and kept as they were given.

Source: FAT32 File System Specification 1.03, "FAT Long Directory Entries", "Name Limits and Character Sets".
"""

from collections.abc import Container
from typing import Final

from scarlet.lang.errno import EEXIST, EINVAL, ENAMETOOLONG, Errno
from vfs.fat.layout import ESCAPED_E5, FREE_SLOT, LOWER_BASE, LOWER_EXTENSION

BASE: Final = 8
SHORT: Final = 11
MAX_UNITS: Final = 255
SPACE: Final = 0x20
DOT: Final = 0x2E
TILDE: Final = 0x7E
FORBIDDEN: Final = b'"*/:<>?\\|'
"""And control characters: in no name."""
FORBIDDEN_IN_SHORT: Final = b" +,.;=[]"
MOST_ALIASES: Final = 999999


def folded(name: bytes) -> bytes:
    """The form in which names are compared."""
    return name.lower()


def accepted(name: bytes) -> bytes:
    """A name as it will be kept: dots at its end go. EINVAL for one that FAT cannot hold, ENAMETOOLONG."""
    kept = name.rstrip(b".")
    if len(kept) == 0 or kept.endswith(b" "):
        raise Errno(EINVAL, "FAT has no such names")
    for byte in kept:
        if byte < SPACE or byte in FORBIDDEN:
            raise Errno(EINVAL, "FAT has no such names")
    if len(to_units(kept)) > MAX_UNITS:
        raise Errno(ENAMETOOLONG)
    return kept


# UTF-16


def to_units(name: bytes) -> list[int]:
    """UTF-8 to UTF-16. EINVAL when it is no UTF-8."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        raise Errno(EINVAL, "names on FAT are UTF-8") from None
    units: list[int] = []
    for character in text:
        code = ord(character)
        if code >= 0x10000:
            units.append(0xD800 + (code - 0x10000 >> 10))
            units.append(0xDC00 + (code - 0x10000 & 0x3FF))
        else:
            units.append(code)
    return units


# Short names


def checksum(short: bytes) -> int:
    """What ties the pieces of a long name to the short one."""
    value = 0
    for byte in short:
        value = ((value & 1) << 7 | value >> 1) + byte & 0xFF
    return value


def shown(short: bytes, case: int) -> bytes:
    """The name of a file that has only a short one. Bytes above 127 are of an unknown code page and become question marks."""
    stem = short[:BASE].rstrip(b" ")
    extension = short[BASE:].rstrip(b" ")
    if len(stem) > 0 and stem[0] == ESCAPED_E5:
        stem = bytes([FREE_SLOT]) + stem[1:]
    if case & LOWER_BASE:
        stem = stem.lower()
    if case & LOWER_EXTENSION:
        extension = extension.lower()
    name = stem + b"." + extension if len(extension) > 0 else stem
    return bytes([byte if byte < 0x80 else 0x3F for byte in name])


class ShortName:
    """A short name and its case bits; `exact` when it says all that the long name would."""

    def __init__(self, name: bytes, case: int, *, exact: bool) -> None:
        self.name = name
        self.case = case
        self.exact = exact


def short_for(name: bytes, taken: Container[bytes]) -> ShortName:
    """A short name for an accepted name that no other file of the directory has. EEXIST when there is none left."""
    dot = name.rfind(b".")
    stem = name[:dot] if dot > 0 else name
    extension = name[dot + 1 :] if dot > 0 else b""
    if _is_short(stem, BASE) and (_is_short(extension, SHORT - BASE) or len(extension) == 0):
        plain = stem.upper().ljust(BASE, b" ") + extension.upper().ljust(SHORT - BASE, b" ")
        if plain not in taken:
            one_case = not (_is_mixed(stem) or _is_mixed(extension))
            case = (LOWER_BASE if stem != stem.upper() else 0) | (LOWER_EXTENSION if extension != extension.upper() else 0)
            return ShortName(plain, case if one_case else 0, exact=one_case)
    stem = _reduced(stem)
    extension = _reduced(extension)[: SHORT - BASE].ljust(SHORT - BASE, b" ")
    stem = stem if len(stem) > 0 else b"_"
    number = 1
    while number <= MOST_ALIASES:
        tail = b"~" + str(number).encode()
        alias = (stem[: BASE - len(tail)] + tail).ljust(BASE, b" ") + extension
        if alias not in taken:
            return ShortName(alias, 0, exact=False)
        number += 1
    raise Errno(EEXIST, "no short name is left for this one")


def _is_short(part: bytes, most: int) -> bool:
    """Can this part of a name stand in a short name, but for its case?"""
    return 0 < len(part) <= most and all(byte < 0x80 and byte not in FORBIDDEN_IN_SHORT for byte in part)


def _is_mixed(part: bytes) -> bool:
    """Has it small letters and capitals?"""
    return part != part.upper() and part != part.lower()


def _reduced(part: bytes) -> bytes:
    """What of a long name can stand in a short one."""
    out = bytearray()
    for byte in part.upper():
        if byte in FORBIDDEN_IN_SHORT:
            if byte != SPACE and byte != DOT:
                out.append(0x5F)
        elif byte < 0x80:
            out.append(byte)
        elif byte >= 0xC0:
            out.append(0x5F)  # one underscore for each character of more than one byte
    return bytes(out)
