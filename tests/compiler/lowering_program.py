"""Functions whose IR test_lowering.py looks at."""

from scarlet.lang import u64


def wrap(a: u64, b: u64) -> u64:
    return u64(a * b + 1)


def checked(a: u64, b: u64) -> u64:
    return a * b + 1


def mixed(a: int, b: u64) -> bool:
    return a < b


def mask(a: u64) -> u64:
    return a & ~0xFFF


def count(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total


def guarded(items: list[int], at: int) -> int:
    try:
        return items[at]
    except IndexError:
        return -1


def pair(a: int, b: int) -> tuple[int, int]:
    a, b = b, a
    return a, b


print(wrap(u64(2**63), u64(2)), checked(u64(3), u64(4)), mixed(-1, u64(2**63)), mask(u64(0x12345)), count(5), guarded([1], 3), pair(1, 2))
