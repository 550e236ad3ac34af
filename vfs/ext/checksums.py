"""The checksums of ext4: CRC-32C over everything where the file system has metadata_csum, CRC-16 over group descriptors before that.

As the kernel's functions of these names they take the value so far and do no final inversion: what is stored is the raw remainder.

Sources: Linux, Documentation/filesystems/ext4, "Checksums"; the polynomials are Castagnoli's 0x1EDC6F41 and 0x8005, both reflected; for
eight bytes at a time M. Kounavis and F. Berry, "A Systematic Approach to Building High Performance, Software-based, CRC Generators", 2005.
"""

from typing import Final

from vfs.ext.fields import get32, put32

CASTAGNOLI: Final = 0x82F63B78
ANSI: Final = 0xA001
START: Final = 0xFFFFFFFF
"""Where a CRC-32C begins."""
START16: Final = 0xFFFF


def _table(polynomial: int) -> list[int]:
    """What each byte does to a remainder."""
    table: list[int] = []
    for byte in range(256):
        remainder = byte
        for _bit in range(8):
            remainder = remainder >> 1 ^ polynomial if remainder & 1 else remainder >> 1
        table.append(remainder)
    return table


def _sliced(table: list[int]) -> list[int]:
    """Eight tables in one: what a byte does with 0, 1 ... 7 zero bytes behind it."""
    sliced = list(table)
    for at in range(256, 8 * 256):
        before = sliced[at - 256]
        sliced.append(table[before & 0xFF] ^ before >> 8)
    return sliced


_crc32c: Final[list[int]] = []
_crc16: Final[list[int]] = []
"""Made when first needed: a boot without such a disk pays nothing."""


def crc32c(value: int, data: bytearray, start: int, end: int) -> int:
    """Go on from `value` over data[start:end]: eight bytes at a time, each with the table that says what it does at its distance."""
    if len(_crc32c) == 0:
        _crc32c.extend(_sliced(_table(CASTAGNOLI)))
    table = _crc32c
    at = start
    last = end - 8
    while at <= last:
        low = value ^ get32(data, at)
        high = get32(data, at + 4)
        value = (
            table[0x700 | low & 0xFF] ^ table[0x600 | low >> 8 & 0xFF] ^ table[0x500 | low >> 16 & 0xFF] ^ table[0x400 | low >> 24 & 0xFF]
        )
        value ^= table[0x300 | high & 0xFF] ^ table[0x200 | high >> 8 & 0xFF] ^ table[0x100 | high >> 16 & 0xFF] ^ table[high >> 24 & 0xFF]
        at += 8
    while at < end:
        value = table[(value ^ data[at]) & 0xFF] ^ value >> 8
        at += 1
    return value


def crc32c_u32(value: int, number: int) -> int:
    """Go on over four bytes, the least significant first."""
    word = bytearray(4)
    put32(word, 0, number)
    return crc32c(value, word, 0, 4)


def crc16(value: int, data: bytearray, start: int, end: int) -> int:
    """The same for CRC-16."""
    if len(_crc16) == 0:
        _crc16.extend(_table(ANSI))
    table = _crc16
    for at in range(start, end):
        value = table[(value ^ data[at]) & 0xFF] ^ value >> 8
    return value
