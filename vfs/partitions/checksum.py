"""CRC-32 as GPT has it: the polynomial of IEEE 802.3, bits reflected, all ones before and after."""

from typing import Final

POLYNOMIAL: Final = 0xEDB88320
ONES: Final = 0xFFFFFFFF

_table: Final[list[int]] = []


def crc32(data: bytes) -> int:
    """The checksum of bytes."""
    if len(_table) == 0:
        for value in range(256):
            for _ in range(8):
                value = value >> 1 ^ POLYNOMIAL if value & 1 else value >> 1
            _table.append(value)
    state = ONES
    for byte in data:
        state = _table[(state ^ byte) & 0xFF] ^ state >> 8
    return state ^ ONES
