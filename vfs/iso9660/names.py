"""Names as they are shown: those of the plain tree in small letters, those of Joliet in UTF-8, neither with a version number.

Sources: ECMA-119, 7.5, 7.6; Joliet Specification; mount(8), map and check.
"""

from typing import Final

from scarlet.lang.errno import EIO, Errno
from vfs.utf16 import from_units

VERSION: Final = b";1"
SLASH: Final = b"/"
DOT: Final = b"."
LONGEST: Final = 255


def shown(raw: bytes, *, joliet: bool, mapped: bool) -> bytes:
    """The name of a file. EIO for what cannot be one."""
    if joliet:
        name = _of_joliet(raw)
    else:
        name = raw
        if 0 in name:
            name = name[: name.index(0)]
        if mapped:
            name = _mapped(name)
    name = name.replace(SLASH, DOT)
    if not is_possible(name):
        raise Errno(EIO, "a name that cannot be one")
    return name


def is_possible(name: bytes) -> bool:
    """Can a file have this name?"""
    return 0 < len(name) <= LONGEST and name != b"." and name != b".." and SLASH not in name and b"\0" not in name


def _mapped(name: bytes) -> bytes:
    """Without the version, and without the dot before it that even a name without an extension has; as Linux does."""
    if name.endswith(b".;1"):
        name = name[:-3]
    elif name.endswith(VERSION):
        name = name[:-2]
    return name.lower().replace(b";", DOT)


def _of_joliet(raw: bytes) -> bytes:
    """UTF-16, the most significant byte first; without dots at its end, which would not be found by Windows."""
    units: list[int] = []
    for at in range(0, len(raw) - 1, 2):
        unit = raw[at] << 8 | raw[at + 1]
        if unit == 0:
            break
        units.append(unit)
    name = _cut(from_units(units))
    if len(name) > 2 and name.endswith(VERSION):
        name = name[:-2]
    while len(name) > 1 and name.endswith(DOT):
        name = name[:-1]
    return name


def _cut(name: bytes) -> bytes:
    """As much of a name in UTF-8 as a name may have."""
    end = LONGEST
    if len(name) <= end:
        return name
    while name[end] & 0xC0 == 0x80:
        end -= 1
    return name[:end]


def folded(name: bytes, *, joliet: bool, relaxed: bool) -> bytes:
    """The form in which names are compared."""
    key = name.rstrip(DOT) if joliet else name
    return key.lower() if relaxed else key
