"""Numbers within bytes."""

import pytest

from scarlet.kernel.memory.words import get16, get32, put16, put32


def test_the_least_significant_byte_comes_first() -> None:
    data = bytearray(b"\1\2\3\4\5\6")
    assert (get16(data, 1), get32(data, 1)) == (0x0302, 0x05040302)
    put16(data, 4, 0xABCD)
    put32(data, 0, 0xFFFEFDFC)
    assert data == b"\xfc\xfd\xfe\xff\xcd\xab"


@pytest.mark.parametrize("at", [-1, 3, 4, 5, 1 << 40, -(1 << 62)])
def test_a_place_that_is_not_within_the_bytes(at: int) -> None:
    data = bytearray(4)
    with pytest.raises(IndexError):
        get32(data, at)
    with pytest.raises(IndexError):
        put32(data, at, 1)
    if at != 3:
        return
    with pytest.raises(IndexError):
        get16(data, at)
    with pytest.raises(IndexError):
        put16(data, at, 1)
    assert data == bytes(4)


def test_a_number_that_does_not_fit() -> None:
    data = bytearray(4)
    for value in (-1, 0x10000):
        with pytest.raises(ValueError):
            put16(data, 0, value)
    for value in (-1, 1 << 32):
        with pytest.raises(ValueError):
            put32(data, 0, value)
    assert data == bytes(4)
