"""What the calls of a script are given: for each kind of argument the values at its borders, good ones more often than bad ones."""

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from tests.abi.campaign.memory import (
    END,
    HALF_A_NAME,
    HOLE,
    LOCKS,
    LONGEST_NAME,
    NAMES,
    NUMBERS,
    OPEN_HOWS,
    PAGE,
    PATHS,
    PLAYGROUND,
    POLLS,
    READ_ONLY,
    SCRATCH,
    SLOT,
    TIMES,
    TOO_LONG_NAME,
    VECTORS,
    addresses,
    path,
)

Kind: TypeAlias = Callable[[Random], int]

BAD_POINTERS = [0, 1, HOLE, HOLE + PAGE - 1, END, (1 << 64) - 1, (1 << 64) - PAGE, 1 << 63, 1 << 62]
AT_FDCWD = (1 << 64) - 100
"""As a register has it."""


def one_of(*values: int) -> Kind:
    return lambda random: random.choice(values) & (1 << 64) - 1


def mostly(share: float, good: Kind, bad: Kind) -> Kind:
    return lambda random: (good if random.random() < share else bad)(random)


def bits(*members: int, more: tuple[int, ...] = (1 << 30, 1 << 31)) -> Kind:
    """Any of them together; seldom one that there is not."""

    def kind(random: Random) -> int:
        chosen = 0
        for member in random.sample(members, min(random.choice((0, 0, 1, 1, 1, 2, 2, 3)), len(members))):
            chosen |= member
        return chosen | (random.choice(more) if random.random() < 0.06 else 0)

    return kind


SMALL_FD = one_of(*range(21))
FD = mostly(0.95, SMALL_FD, one_of(40, -1, -100, 63, 64, 65, 1023, 1 << 20, (1 << 31) - 1, -(1 << 31), 1 << 32))
NEW_FD = mostly(0.9, one_of(19, 20, 21, 22, 30, 63), FD)
DIR_FD = mostly(0.7, one_of(-100), mostly(0.7, one_of(3, 14, 17), FD))
ENTRY = one_of(*[PATHS + index * SLOT for index in range(len(NAMES))])
ATTRIBUTE = mostly(0.9, one_of(path(b"user.a"), path(b"user.a"), path(b"trusted.b"), path(b"user."), path(b"file"), path(b"")), ENTRY)
ATTRIBUTE_SIZE = one_of(0, 1, 3, 10, 100, 5000)
PATH = mostly(0.93, ENTRY, one_of(LONGEST_NAME, TOO_LONG_NAME, HALF_A_NAME, *BAD_POINTERS))
BAD = one_of(*BAD_POINTERS)
OUT = mostly(
    0.8,
    one_of(SCRATCH, SCRATCH, SCRATCH + 1, SCRATCH + 8, SCRATCH + PAGE - 4),
    one_of(HOLE - 1, HOLE - 8, HOLE - 100, READ_ONLY, PLAYGROUND, *BAD_POINTERS),
)
IN = mostly(0.8, one_of(SCRATCH, SCRATCH + 1, SCRATCH + PAGE - 4, READ_ONLY), one_of(HOLE - 1, HOLE - 8, HOLE - 100, *BAD_POINTERS))
MAYBE = mostly(0.3, one_of(0), OUT)
SIZE = one_of(
    0,
    1,
    2,
    3,
    7,
    8,
    10,
    16,
    100,
    144,
    255,
    256,
    4095,
    4096,
    4097,
    8192,
    8193,
    1 << 20,
    (1 << 31) - 1,
    1 << 31,
    1 << 32,
    (1 << 63) - 1,
    1 << 63,
    -1,
)
OFFSET = one_of(
    0, 0, 1, 5, 100, 4095, 4096, 9999, 10000, 10001, 20000, 1 << 31, 1 << 40, (1 << 63) - 4096, (1 << 63) - 1, -1, -2, -10000, -(1 << 63)
)
NEAR = mostly(0.75, one_of(0, 1, 5, 100, 4095, 4096, 5000, 9999, 10000, 10001, 20000), OFFSET)
VECTOR = mostly(0.9, one_of(*addresses(VECTORS)), BAD)
VECTOR_COUNT = one_of(0, 1, 2, 2, 2, 3, 1025, -1, 1 << 31, 1 << 32, (1 << 32) + 1)
TIME = mostly(0.9, one_of(*addresses(TIMES), 0), BAD)
NUMBER = mostly(0.9, one_of(*addresses(NUMBERS)), BAD)
MAYBE_NUMBER = mostly(0.4, one_of(0), NUMBER)
LOCK = mostly(0.9, one_of(*addresses(LOCKS)), BAD)
HOW = mostly(0.9, one_of(*addresses(OPEN_HOWS)), BAD)
HOW_SIZE = one_of(24, 24, 24, 32, 23, 0, 25, 4096, 4097, -1)
POLL = mostly(0.9, one_of(*addresses(POLLS)), BAD)
MODE = one_of(0, 0o644, 0o755, 0o600, 0o777, 0o7777, 0o1777, 0o4755, 0o2755, 0o177777, 0o400, 0o100)
NODE = one_of(0, 0o644, 0o100644, 0o10644, 0o20644, 0o40755, 0o60644, 0o120777, 0o140644, 0o170644, 0o30000)
USER = one_of(0, 1000, 1001, 65534, -1, -2, (1 << 32) - 1, 1 << 32)
AT = bits(0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, more=(1, 0x8000, 1 << 31))
_WAYS = bits(0o100, 0o200, 0o1000, 0o2000, 0o4000, 0o200000, 0o400000, 0o2000000, 0o10000000, 0o20200000, more=(0o40000000, 1 << 31))


def open_flags(random: Random) -> int:
    """The flags of open(2): one access mode, and ways to open."""
    return random.choice((0, 0, 1, 2)) | _WAYS(random)


CLOEXEC = bits(0o2000000, 0o4000, more=(1, 2, 0o1000, 1 << 31))
COMMAND = one_of(0, 1, 2, 3, 4, 9, 11, 1030, 1031, 1032, 1033, 1034, 99, -1)
VALUE = one_of(0, 1, 2, 5, 19, 63, 64, 1000, 4096, 4097, 65536, 1 << 20, (1 << 20) + 1, 0o2000, 0o4000, 0o6000, 1 << 31, -1, 1 << 32)
SETTING = mostly(0.9, VALUE, BAD)
LOCKING = one_of(5, 6, 36, 37)
"""F_GETLK, F_SETLK and those of open files; the ones that wait are left out."""
FLOCK = one_of(4, 5, 6, 8, 12, 7, 0, 15, 16 | 4, 64 | 4, 128 | 4, 1 << 31 | 4)
ADDRESS = mostly(0.85, one_of(*range(PLAYGROUND, END, PAGE)), one_of(PLAYGROUND + 1, HOLE, END, 0, 1 << 62, -PAGE, (1 << 63) - PAGE))
LENGTH = one_of(0, 1, 10, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 3 * PAGE, 8 * PAGE, 9 * PAGE, 1 << 62, (1 << 64) - 1, (1 << 64) - PAGE)
PROTECTION = mostly(0.9, one_of(0, 1, 2, 3, 5, 7), one_of(8, 16, 1 << 24, 1 << 25, 1 << 31, -1))
MAPPING = one_of(
    0x10 | 0x22,
    0x10 | 0x22,
    0x10 | 1,
    0x10 | 2,
    0x10 | 0x21,
    0x10,
    0x10 | 3,
    0x100000 | 0x22,
    0x10 | 0x8022,
    0x10 | 0x4022,
    0x10 | 0x80003,
    0x13 | 1 << 31,
)
SIGNAL_SET_SIZE = one_of(8, 8, 8, 8, 0, 4, 16, -1)
CLOCK = one_of(*range(13), 16, -1, -2, -3, -6, 1 << 31)
PID = one_of(0, 0, 0, -1, 1 << 22, (1 << 31) - 1, -(1 << 31))
ZERO = one_of(0)
FLAG = bits(1, 2, 4, 8, 16, 32, 64, more=(128, 1 << 31))
SMALL = one_of(-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 20, 31, 64, 65, 100, 1 << 31, 1 << 32, (1 << 32) + 1)
REQUEST = one_of(0x541B, 0x5421, 0x5450, 0x5451, 0x5401, 0x5413, 0x5402, 0x540F, 0x5414, 0x5429, 0, 0x80045430, 0x1260, -1)
STRINGS = mostly(0.8, one_of(0, addresses(NUMBERS)[0]), one_of(*BAD_POINTERS, addresses(NUMBERS)[1]))
NO_TIME = one_of(addresses(TIMES)[4])
SHORT_TIME = mostly(0.9, one_of(*addresses(TIMES)[3:7]), one_of(0, HOLE))
"""Over at once, or not a time."""
COUNT = one_of(*range(0, 100, 8), 1, 23, 144, 4096, 8192, 1 << 20)
