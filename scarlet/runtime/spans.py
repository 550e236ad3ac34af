"""Algorithms over spans of bytes (an address and a length), shared by str, bytes, bytearray and memoryview.

Offsets are byte offsets; a str maps them to code points itself. Splitting gives a flat list of offsets - start, end,
start, end ... - from which each class builds its own kind of piece.
"""

from typing import Final

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import Ptr, inline, memcmp
from scarlet.runtime.ascii import is_space

LEAST: Final = -9223372036854775808


@inline
def clamp(index: int, length: int) -> int:
    """An end of a slice as Python counts it: negative from the end, then forced into 0..length."""
    if index < 0:
        index += length
        if index < 0:
            return 0
    return index if index < length else length


def equal(left: Ptr[u8], right: Ptr[u8], count: int) -> bool:
    return memcmp(left, right, u64(count)) == 0


def compare(left: Ptr[u8], left_size: int, right: Ptr[u8], right_size: int) -> int:
    """Below, equal to or above 0. Byte order is also the code point order of UTF-8."""
    common = left_size if left_size < right_size else right_size
    order = memcmp(left, right, u64(common))
    return order if order != 0 else left_size - right_size


def find(text: Ptr[u8], needle: Ptr[u8], needle_size: int, start: int, stop: int) -> int:
    """The first offset of needle in text[start:stop], or -1; both ends are within the text."""
    last = stop - needle_size
    if needle_size == 0:
        return start if start <= stop else -1
    first = needle[0]
    at = start
    while at <= last:
        if text[at] == first and equal(text + at, needle, needle_size):
            return at
        at += 1
    return -1


def rfind(text: Ptr[u8], needle: Ptr[u8], needle_size: int, start: int, stop: int) -> int:
    """The last offset of needle in text[start:stop], or -1."""
    at = stop - needle_size
    while at >= start:
        if equal(text + at, needle, needle_size):
            return at
        at -= 1
    return -1


def find_byte(text: Ptr[u8], byte: u8, start: int, stop: int) -> int:
    at = start
    while at < stop:
        if text[at] == byte:
            return at
        at += 1
    return -1


def count(text: Ptr[u8], needle: Ptr[u8], needle_size: int, start: int, stop: int) -> int:
    """Occurrences that do not overlap; an empty needle is not for here."""
    found = 0
    at = find(text, needle, needle_size, start, stop)
    while at >= 0:
        found += 1
        at = find(text, needle, needle_size, at + needle_size, stop)
    return found


def split(text: Ptr[u8], size: int, needle: Ptr[u8], needle_size: int, most: int) -> list[int]:
    """The pieces between occurrences of needle, at most `most` splits when it is not negative."""
    if needle_size == 0:
        raise ValueError("empty separator")
    pieces: list[int] = []
    start = 0
    while most != 0:
        at = find(text, needle, needle_size, start, size)
        if at < 0:
            break
        pieces.append(start)
        pieces.append(at)
        start = at + needle_size
        most -= 1
    pieces.append(start)
    pieces.append(size)
    return pieces


def rsplit(text: Ptr[u8], size: int, needle: Ptr[u8], needle_size: int, most: int) -> list[int]:
    """The same from the right; the pieces come in the order of the text."""
    if needle_size == 0:
        raise ValueError("empty separator")
    backwards: list[int] = []
    end = size
    while most != 0:
        at = rfind(text, needle, needle_size, 0, end)
        if at < 0:
            break
        backwards.append(end)
        backwards.append(at + needle_size)
        end = at
        most -= 1
    backwards.append(end)
    backwards.append(0)
    backwards.reverse()
    return backwards


def split_lines(text: Ptr[u8], size: int, keep_ends: bool) -> list[int]:
    """Lines that end in \\n, \\r\\n or \\r; the last need not end."""
    pieces: list[int] = []
    start = 0
    while start < size:
        end = start
        while end < size and text[end] != 10 and text[end] != 13:
            end += 1
        following = end
        if end < size:
            following = end + 2 if text[end] == 13 and end + 1 < size and text[end + 1] == 10 else end + 1
        pieces.append(start)
        pieces.append(following if keep_ends else end)
        start = following
    return pieces


def split_space(text: Ptr[u8], size: int, most: int) -> list[int]:
    """The words between runs of ASCII white space; what follows the last split keeps its space."""
    pieces: list[int] = []
    at = 0
    while True:
        while at < size and is_space(text[at]):
            at += 1
        if at == size:
            return pieces
        pieces.append(at)
        if most == 0:
            pieces.append(size)
            return pieces
        while at < size and not is_space(text[at]):
            at += 1
        pieces.append(at)
        most -= 1


def rsplit_space(text: Ptr[u8], size: int, most: int) -> list[int]:
    """split_space from the right."""
    backwards: list[int] = []
    end = size
    while True:
        while end > 0 and is_space(text[end - 1]):
            end -= 1
        if end == 0:
            break
        backwards.append(end)
        if most == 0:
            backwards.append(0)
            break
        while end > 0 and not is_space(text[end - 1]):
            end -= 1
        backwards.append(end)
        most -= 1
    backwards.reverse()
    return backwards


class Slice:
    """The indices of an extended slice, start:stop:step over a length (PySlice_AdjustIndices)."""

    def __init__(self, start: int | None, stop: int | None, step: int, length: int) -> None:
        if step == 0:
            raise ValueError("slice step cannot be zero")
        lowest = 0 if step > 0 else -1
        highest = length if step > 0 else length - 1
        first = lowest if step > 0 else highest
        if start is not None:
            first = bound(start, length, lowest, highest)
        last = highest if step > 0 else lowest
        if stop is not None:
            last = bound(stop, length, lowest, highest)
        self.start = first
        self.stop = last
        self.count = 0
        if step > 0 and first < last:
            self.count = (last - first - 1) // step + 1
        elif step < 0 and last < first:
            self.count = i64((first - last - 1) // i64(-step)) + 1 if step != LEAST else 1


def bound(index: int, length: int, lowest: int, highest: int) -> int:
    if index < 0:
        index += length
        return lowest if index < lowest else index
    return highest if index > highest else index
