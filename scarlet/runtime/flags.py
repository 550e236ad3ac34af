"""Values of IntFlag classes (lower/flags.py): `all_bits` is 2**n - 1 for the n bits that the members span. Source: CPython's enum, 3.11."""

from scarlet.lang import u64
from scarlet.lang.raw import inline, unlikely
from scarlet.runtime.integers import u64_bit_length


@inline
def invert(value: int, all_bits: int) -> int:
    """~ of a flag, which is not negative."""
    if unlikely(value > all_bits):
        return wide_invert(value)
    return value ^ all_bits


@inline
def of_int(value: int, all_bits: int) -> int:
    """The flag of an int: a negative one stands for the inverse of what it inverts."""
    if value >= 0:
        return value
    return invert(~value, all_bits)


def wide_invert(value: int) -> int:
    """~ of a flag with higher bits than its members': 2**m - 1 - value for the m bits of value + 1."""
    following = u64(u64(value) + 1)
    return int(u64(u64(1 << u64_bit_length(following)) - following))
