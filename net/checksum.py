"""The Internet checksum: the ones' complement of the ones' complement sum of 16-bit words. (RFC 1071)"""

from typing import Final

WORD: Final = 0xFFFF


def partial_sum(data: bytes, start: int = 0) -> int:
    """The sum of the words of `data` and `start`, a sum or number from before. Only the last part of a message may have an odd length."""
    total = start
    even = len(data) & ~1
    for index in range(0, even, 2):
        total += data[index] << 8 | data[index + 1]
    if even != len(data):
        total += data[even] << 8
    return total


def fold(total: int) -> int:
    """A sum in sixteen bits, carries added at the end."""
    while total > WORD:
        total = (total & WORD) + (total >> 16)
    return total


def checksum(data: bytes, start: int = 0) -> int:
    """What to store in a message whose checksum field is zero; 0 when computed over a message that carries a right one."""
    return WORD - fold(partial_sum(data, start))


def pseudo_header(source: int, destination: int, protocol: int, length: int) -> int:
    """The sum of what UDP and TCP add to theirs. (RFC 768)"""
    return (source >> 16) + (source & WORD) + (destination >> 16) + (destination & WORD) + protocol + length
