"""Numbers of 16 and 32 bits within bytes that are changed in place, little-endian: the fields of a block of a disk. A load or a store each.

A place that is not within the bytes is an IndexError, a number that does not fit a ValueError.
"""

from typing import Final

from scarlet.machine import words

LARGEST_16: Final = 0xFFFF
LARGEST_32: Final = 0xFFFFFFFF


def get16(data: bytearray, at: int) -> int:
    """Two bytes."""
    return words.load16(data, at)


def get32(data: bytearray, at: int) -> int:
    """Four bytes."""
    return words.load32(data, at)


def put16(data: bytearray, at: int, value: int) -> None:
    """Store two bytes."""
    if value < 0 or value > LARGEST_16:
        raise ValueError("more than sixteen bits")
    words.store16(data, at, value)


def put32(data: bytearray, at: int, value: int) -> None:
    """Store four bytes."""
    if value < 0 or value > LARGEST_32:
        raise ValueError("more than thirty-two bits")
    words.store32(data, at, value)
