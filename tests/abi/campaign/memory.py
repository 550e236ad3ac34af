"""The memory of a script: the same addresses in both worlds, so that every argument of every call is a plain number.

0x100000  PATHS       names, 64 bytes apart
0x101000  STRUCTS     structures that calls read, 64 bytes apart
0x102000  SCRATCH     two pages that calls write to; filled anew before each call
0x104000  HOLE        nothing
0x105000  READ_ONLY   a page that may not be written
0x106000  nothing
0x107000  PLAYGROUND  eight pages for the calls that change the address space
0x10f000  END         nothing
"""

import struct

PAGE = 4096
PATHS, STRUCTS, SCRATCH, HOLE, READ_ONLY, PLAYGROUND, END = 0x100000, 0x101000, 0x102000, 0x104000, 0x105000, 0x107000, 0x10F000
SLOT = 64
FILLING = bytes([0xA5]) * (HOLE - SCRATCH)
"""What SCRATCH holds before each call."""

NAMES = [
    b"",
    b".",
    b"..",
    b"/",
    b"file",
    b"file/",
    b"file/x",
    b"read-only",
    b"secret",
    b"dir",
    b"dir/",
    b"dir/a",
    b"dir/sub",
    b"dir/sub/..",
    b"dir/none",
    b"dir/none/",
    b"closed",
    b"closed/x",
    b"none",
    b"none/x",
    b"new",
    b"link",
    b"link/",
    b"dir-link",
    b"dir-link/a",
    b"dangling",
    b"loop",
    b"loop/x",
    b"fifo",
    b"/dev/null",
    b"/dev/full",
    b"/proc/self/fd/0",
    b"/proc/self/fd/4",
    b"/proc/self/fd/0/x",
    b"/proc/sys/kernel/ostype",
    b"own",
    b"own/mine",
    b"own/new",
    b"a",
    b"sticky",
    b"sticky/theirs",
    b"sticky/new",
    b"../file",
    b"//file",
    b"./dir/./a",
    b"user.a",
    b"trusted.b",
    b"user.",
]
LONGEST_NAME = PATHS + 48 * SLOT
"""A name of 255 bytes, and one of 256."""
TOO_LONG_NAME = PATHS + 52 * SLOT + 64
HALF_A_NAME = HOLE - 4
"""Text that runs into the hole: SCRATCH is full of it."""
assert len(NAMES) <= 48


def path(name: bytes) -> int:
    """Where that name lies."""
    return PATHS + NAMES.index(name) * SLOT


def paths_page() -> bytes:
    page = bytearray(PAGE)
    for index, name in enumerate(NAMES):
        page[index * SLOT : index * SLOT + len(name)] = name
    for place, size in ((LONGEST_NAME, 255), (TOO_LONG_NAME, 256)):
        page[place - PATHS : place - PATHS + size] = b"n" * size
    return bytes(page)


def iovec(*pieces: tuple[int, int]) -> bytes:
    return b"".join(struct.pack("<QQ", *piece) for piece in pieces)


VECTORS = [
    iovec((SCRATCH, 10), (SCRATCH + 100, 20)),
    iovec((SCRATCH, 0), (HOLE, 5), (SCRATCH, 10)),
    iovec((SCRATCH, 10), (HOLE - 3, 10)),
    iovec((SCRATCH, 10), ((1 << 64) - 1, 1 << 62)),
    iovec((SCRATCH, 1 << 63), (SCRATCH, 1)),
    iovec((HOLE, 0), (0, 0)),
    iovec((READ_ONLY, 16), (SCRATCH, 4)),
]
"""Good; a hole in between; running into it; not a user address; a size that is negative; nothing at all; not writable."""

TIMES = [
    struct.pack("<4q", 1000000000, 5, 1100000000, 999999999),
    struct.pack("<4q", 0, 0x3FFFFFFF, 0, 0x3FFFFFFE),
    struct.pack("<4q", 0, 0x3FFFFFFE, 0, 0x3FFFFFFE),
    struct.pack("<4q", 5, 1000000000, 5, 0),
    struct.pack("<4q", 0, 0, 0, 0),
    struct.pack("<4q", -1, 0, -1, 0),
    struct.pack("<4q", 5, -1, 5, -1),
    struct.pack("<4q", 0, 0x3FFFFFFF, 0, 0x3FFFFFFF),
]
"""Two struct timespec or timeval each: good, UTIME_NOW and OMIT, both OMIT, invalid, zero, negative, invalid, both NOW."""

LOCKS = [
    struct.pack("<hhxxxxqqixxxx", *lock)
    for lock in (
        (0, 0, 0, 0, 0),
        (1, 0, 0, 10, 0),
        (2, 0, 0, 0, 0),
        (1, 1, 5, -5, 0),
        (0, 2, -10, 20, 0),
        (1, 0, -1, 10, 0),
        (3, 0, 0, 0, 0),
        (1, 3, 0, 0, 0),
        (1, 0, (1 << 63) - 1, 1, 0),
        (1, 0, (1 << 63) - 1, 2, 0),
        (1, 0, 5, -6, 0),
        (0, 0, 0, 0, 1),
        (1, 0, 1 << 62, 1 << 62, 0),
        (1, 2, (1 << 63) - 1, 0, 0),
    )
]
"""struct flock: type, whence, start, length, pid."""

OPEN_HOWS = [
    struct.pack("<QQQQ", *how)
    for how in (
        (0, 0, 0, 0),
        (0o102, 0o644, 0, 0),
        (0, 0o644, 0, 0),
        (1 << 40, 0, 0, 0),
        (0, 0, 8, 0),
        (0, 0, 16, 0),
        (0, 0, 24, 0),
        (0, 0, 4, 0),
        (0, 0, 64, 0),
        (0o102, 0o10000, 0, 0),
        (0o10000000, 0, 0, 0),
        (0o10000002, 0, 0, 0),
        (0, 0, 0, 1),
        (0o20200002, 0o600, 0, 0),
        (0o20000002, 0o600, 0, 0),
        (0, 0, 2, 0),
        (0, 0, 1, 0),
        (0o100, 0, 32, 0),
    )
]
"""struct open_how: flags, mode, resolve, and eight bytes more."""

POLLS = [
    struct.pack("<ihHihHihH", *polls)
    for polls in (
        (0, 5, 9, 4, 1, 9, 5, 4, 9),
        (-1, 1, 9, 40, 1, 9, 6, 5, 9),
        (8, 5, 9, 3, 1, 9, 15, 5, 9),
        (10, 0x2005, 9, 12, 0x45, 9, 13, 1, 9),
        (16, 4, 9, 9, 4, 9, 7, 0x41, 9),
        (4, 0, 9, 5, 0, 9, 10, 0, 9),
    )
]

NUMBERS = [
    struct.pack("<QQ", *pair)
    for pair in (
        (0, 0),
        (1, 2),
        (1 << 63, 0),
        (5, 4),
        (100, 100),
        ((1 << 64) - 1, (1 << 64) - 1),
        (1000000, 2000000),
        (32, 4096),
        (1 << 16, 0),
        (0x3F, 0),
    )
]
"""Offsets, limits, signal sets, sets of descriptors."""

_GROUPS = (VECTORS, TIMES, LOCKS, OPEN_HOWS, POLLS, NUMBERS)


def addresses(group: list[bytes]) -> list[int]:
    """Where the structures of a group lie."""
    first = sum(len(other) for other in _GROUPS[: _GROUPS.index(group)])
    return [STRUCTS + (first + index) * SLOT for index in range(len(group))]


def structs_page() -> bytes:
    items = [item for group in _GROUPS for item in group]
    page = b"".join(item.ljust(SLOT, b"\0") for item in items)
    assert len(page) <= PAGE
    return page.ljust(PAGE, b"\0")
