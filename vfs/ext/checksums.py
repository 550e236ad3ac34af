"""The checksums of ext4: CRC-32C over everything where the file system has metadata_csum, CRC-16 over group descriptors before that.

As the kernel's functions of these names they take the value so far and do no final inversion: what is stored is the raw remainder.

Sources: Linux, Documentation/filesystems/ext4, "Checksums"; the polynomials are Castagnoli's 0x1EDC6F41 and 0x8005, both reflected.
"""

from typing import Final

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


_crc32c: Final[list[int]] = []
_crc16: Final[list[int]] = []
"""Made when first needed: a boot without such a disk pays nothing."""


def crc32c(value: int, data: bytearray, start: int, end: int) -> int:
    """Go on from `value` over data[start:end]."""
    if len(_crc32c) == 0:
        _crc32c.extend(_table(CASTAGNOLI))
    table = _crc32c
    for at in range(start, end):
        value = table[(value ^ data[at]) & 0xFF] ^ value >> 8
    return value


def crc32c_u32(value: int, number: int) -> int:
    """Go on over four bytes, the least significant first."""
    return crc32c(value, bytearray(number.to_bytes(4, "little")), 0, 4)


def crc16(value: int, data: bytearray, start: int, end: int) -> int:
    """The same for CRC-16."""
    if len(_crc16) == 0:
        _crc16.extend(_table(ANSI))
    table = _crc16
    for at in range(start, end):
        value = table[(value ^ data[at]) & 0xFF] ^ value >> 8
    return value
