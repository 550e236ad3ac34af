"""Overflow wherever an integer changes its type or is computed with: the CPython side runs with the dialect's checks (checked.py)."""

from collections.abc import Callable
from typing import Final

from scarlet.lang import i8, i32, i64, u8, u16, u32, u64

TOP: Final = 18446744073709551615
PAGE: Final = 4096
MASK: Final = ~(PAGE - 1)


class Area:
    def __init__(self, start: u64, size: u64) -> None:
        self.start = start
        self.size = size
        self.uses: u8 = 0
        self.balance = 0

    def end(self) -> u64:
        return self.start + self.size

    def grow(self, by: u64) -> None:
        self.size += by

    def use(self, times: int) -> None:
        for _ in range(times):
            self.uses += 1

    @property
    def pages(self) -> int:
        return self.size // PAGE


def product(a: u64, b: u64) -> u64:
    return a * b


def mixed(a: u64, n: int) -> u64:
    return a + n


def reversed_mix(n: int, a: u64) -> u64:
    return n + a


def masked(a: u64, n: int) -> u64:
    return a & n


def aligned(a: u64) -> u64:
    return a & MASK


def aligned_up(a: u64) -> u64:
    return (a + (PAGE - 1)) & ~(PAGE - 1)


def wrapping(a: u64, b: u64) -> u64:
    return u64(a * b + (a << 3) - ~b)


def half_wrapped(a: u64, b: u64) -> u32:
    return u32((a + b) // 2)


def complement(a: u32) -> u32:
    return ~a


def keyword(*, size: u16, count: i8 = 1) -> int:
    return int(size) * count


def shifted(a: u32, by: int) -> u32:
    return a << by


def shift_and_add(a: int, by: int) -> int:
    a <<= by
    a += 1
    return a


def powers(a: u32, b: int) -> u32:
    return a**b


def local(a: int) -> int:
    small: u8 = 250
    small += 3
    other: i32 = a
    return int(small) + other


def listed(values: list[u8], value: int) -> list[u8]:
    values.append(value)
    return values


def chosen(a: u64, b: int, first: bool) -> u64:
    return a if first else b


def applied(f: Callable[[u8], u8], value: int) -> u8:
    return f(value)


def negative(a: u32) -> u32:
    return -a


def subscripted(values: list[u16], at: int, by: int) -> int:
    values[at] += by
    return values[at]


def noted(values: list[u8], made: list[int]) -> list[u8]:
    made.append(len(made))
    return values


def once_each(value: int) -> int:
    values: list[u8] = [250, 250]
    made: list[int] = []
    noted(values, made)[len(made) - 1] += value
    return int(values[0]) + len(made)


def least(a: u64, b: u64) -> u64:
    return min(a, b) - max(a, b)


def mixed_least(a: u64, n: int) -> u64:
    return min(a, n)


def summed(values: list[int]) -> int:
    return sum(values)


def floored(a: i64, b: i64) -> i64:
    return a // b


def show(name: str, f: Callable[[], int]) -> None:
    try:
        print(name, f())
    except OverflowError:
        print(name, "overflow")
    except ValueError as error:
        print(name, error)


def in_area(change: Callable[[Area], None], start: u64, size: u64) -> int:
    area = Area(start, size)
    change(area)
    return area.end() + u64(area.uses)


def main() -> None:
    big: u64 = TOP
    half: u64 = 1 << 63
    show("product", lambda: product(1 << 32, 1 << 31) >> 1)
    show("product", lambda: product(1 << 32, 1 << 32) >> 1)
    show("sum", lambda: mixed(big, 0) >> 1)
    show("sum", lambda: mixed(big, 1))
    show("sum", lambda: mixed(5, -1))
    show("sum", lambda: reversed_mix(-1, 5))
    show("sum", lambda: reversed_mix(1, half - 1) >> 1)
    show("masked", lambda: masked(12, 10))
    show("masked", lambda: masked(12, -4))
    show("aligned", lambda: aligned(8193))
    show("aligned", lambda: aligned(big) >> 1)
    show("aligned up", lambda: aligned_up(8193))
    show("aligned up", lambda: aligned_up(big))
    show("wrapping", lambda: wrapping(half, 3) >> 1)
    show("wrapping", lambda: wrapping(big, big) >> 1)
    show("half wrapped", lambda: half_wrapped(half - 1, half))
    show("half wrapped", lambda: half_wrapped(half, half))
    show("complement", lambda: complement(5))
    show("keyword", lambda: keyword(size=65535, count=-128))
    for number in (127, 128, -129):
        show("keyword", lambda: keyword(size=1, count=number))
        show("keyword", lambda: keyword(size=number))
    for by in (0, 31, 32, 100, -1):
        show("shifted", lambda: shifted(1, by))
        show("shift and add", lambda: shift_and_add(1, by))
    show("shift and add", lambda: shift_and_add(1, 62))
    show("shift and add", lambda: shift_and_add(1, 63))
    show("powers", lambda: powers(2, 31))
    show("powers", lambda: powers(2, 32))
    show("local", lambda: local(2147483394))
    show("local", lambda: local(2147483647))
    show("local", lambda: local(2147483648))
    for number in (0, 255, 256, -1):
        show("listed", lambda: len(listed([], number)))
        show("chosen", lambda: chosen(7, number, number == 0))
        show("applied", lambda: applied(lambda value: value + 1, number))
        show("once each", lambda: once_each(number))
        show("subscripted", lambda: subscripted([65280], 0, number))
    show("negative", lambda: negative(0))
    show("negative", lambda: negative(1))
    show("least", lambda: least(3, 3))
    show("least", lambda: least(3, 4))
    show("least", lambda: mixed_least(3, -4))
    show("summed", lambda: summed([half - 1, 1]))
    show("summed", lambda: summed([half - 1, 1, -1]))
    show("floored", lambda: floored(-9223372036854775808, 2))
    show("floored", lambda: floored(-9223372036854775808, -1))
    show("area", lambda: in_area(lambda area: area.grow(half), 0, half - 1) >> 1)
    show("area", lambda: in_area(lambda area: area.grow(half), 0, half))
    show("area", lambda: in_area(lambda area: area.grow(1), 5, 6))
    show("area", lambda: in_area(lambda area: area.use(255), 5, 6))
    show("area", lambda: in_area(lambda area: area.use(256), 5, 6))
    show("pages", lambda: Area(0, half).pages)
    show("pages", lambda: int(Area(0, half).end()))
    show("pages", lambda: abs(-9223372036854775807) + Area(1, 2).pages)


main()
