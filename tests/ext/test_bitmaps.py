"""Looking for free bits, against looking at each."""

import random

import pytest

from vfs.ext.bitmaps import FULL, clear_range, first_not_full, is_set, set_range


@pytest.mark.parametrize("seed", range(20))
def test_the_first_byte_with_a_free_bit(seed: int) -> None:
    chance = random.Random(seed)
    bits = bytearray(chance.choices([FULL, FULL, FULL, FULL, 0x7F, 0xFE], k=40))
    for at in range(40):
        for end in (at, at + 1, at + 3, 40):
            expected = next((place for place in range(at, min(end, 40)) if bits[place] != FULL), min(end, 40))
            assert first_not_full(bits, at, min(end, 40)) == expected


@pytest.mark.parametrize("seed", range(20))
def test_ranges_are_set_and_cleared_and_nothing_beside_them(seed: int) -> None:
    chance = random.Random(seed)
    bits = bytearray(16)
    first = chance.randrange(128)
    count = chance.randrange(1, 129 - first)
    set_range(bits, first, count)
    assert [place for place in range(128) if is_set(bits, place)] == list(range(first, first + count))
    clear_range(bits, first, count)
    assert bits == bytes(16)
