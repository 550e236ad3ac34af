"""Checksums against their definition, bit by bit."""

import random

import pytest

from vfs.ext import checksums


def by_bits(polynomial: int, value: int, data: bytes) -> int:
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ polynomial if value & 1 else value >> 1
    return value


def test_the_check_value_of_crc_32c() -> None:
    assert checksums.crc32c(checksums.START, bytearray(b"123456789"), 0, 9) ^ 0xFFFFFFFF == 0xE3069283


@pytest.mark.parametrize("length", [*range(27), 100, 1020])
def test_any_part_of_any_bytes(length: int) -> None:
    chance = random.Random(length)
    data = bytearray(chance.randbytes(length + 11))
    for start in (0, 3, 8):
        part = bytes(data[start : start + length])
        seed = chance.getrandbits(32)
        assert checksums.crc32c(seed, data, start, start + length) == by_bits(checksums.CASTAGNOLI, seed, part)
        assert checksums.crc16(seed & 0xFFFF, data, start, start + length) == by_bits(checksums.ANSI, seed & 0xFFFF, part)


def test_a_number_counts_as_its_four_bytes() -> None:
    for number in (0, 1, 0x80000000, 0xDEADBEEF):
        assert checksums.crc32c_u32(7, number) == by_bits(checksums.CASTAGNOLI, 7, number.to_bytes(4, "little"))
