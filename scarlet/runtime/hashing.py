"""Hashes, equal to CPython's wherever a program can see them: integers and tuples of integers.

Integers hash to themselves modulo the Mersenne prime 2^61 - 1 (Python reference, "Hashing of numeric types"), and -1
becomes -2. Tuples combine their items as xxHash does (CPython's Objects/tupleobject.c says so). Text and bytes hash
by a function of our own: CPython's differs from run to run.
"""

from typing import Final

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, inline, load64

PRIME: Final = (1 << 61) - 1
XX_PRIME_1: Final = 11400714785074694791
XX_PRIME_2: Final = 14029467366897019727
XX_PRIME_5: Final = 2870177450012600261
MIX: Final = 0x9FB21C651E98DF25


@inline
def hash_int(value: int) -> int:
    if -PRIME < value < PRIME:
        return -2 if value == -1 else value
    return hash_large(value)


def hash_large(value: int) -> int:
    """Outside the prime's range; the sign is kept."""
    magnitude = u64(-u64(value)) if value < 0 else u64(value)
    reduced = i64(magnitude % PRIME)
    if value < 0:
        reduced = i64(-reduced)
    return -2 if reduced == -1 else reduced


def hash_u64(value: u64) -> int:
    return i64(value % PRIME)


@inline
def tuple_start() -> u64:
    """The running value before the first item of a tuple."""
    return XX_PRIME_5


@inline
def combine(seed: u64, item: u64) -> u64:
    """The running value after one more item's hash."""
    mixed = u64(seed + item * XX_PRIME_2)
    mixed = u64(mixed << 31) | mixed >> 33
    return u64(mixed * XX_PRIME_1)


@inline
def tuple_finish(seed: u64, length: u64) -> int:
    """The hash of a tuple of `length` items."""
    result = i64(seed + (length ^ (XX_PRIME_5 ^ 3527539)))
    return 1546275796 if result == -1 else result


def hash_bytes(data: Ptr[u8], size: u64) -> u64:
    """Words, then the rest, each mixed in by a multiplication and a rotation; never 0, which means "not computed"."""
    value = u64(size * MIX + XX_PRIME_5)
    at = data.address
    left = size
    while left >= 8:
        value = u64((value ^ load64(at)) * MIX)
        value = value ^ value >> 29
        at = u64(at + 8)
        left = u64(left - 8)
    tail = u64(0)
    index = i64(0)
    while u64(index) < left:
        tail = u64(tail << 8) | u64(Ptr[u8](at)[index])
        index = i64(index + 1)
    value = u64((value ^ tail) * MIX)
    value = value ^ value >> 32
    return value if value >> 1 != 0 else 2
