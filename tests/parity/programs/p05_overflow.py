"""Overflow raises; CPython alone would give a bigger integer, so it runs with the dialect's checks (checked.py)."""

from scarlet.lang import i8, i32, u8, u32, u64

BIG = 9223372036854775807


def add(a: int, b: int) -> int:
    return a + b


def sub(a: int, b: int) -> int:
    return a - b


def mul(a: int, b: int) -> int:
    return a * b


def shl(a: int, b: int) -> int:
    return a << b


def neg(a: int) -> int:
    return -a


def div(a: int, b: int) -> int:
    return a // b


def power(a: int, b: int) -> int:
    return a**b


def addu8(a: u8, b: u8) -> u8:
    return a + b


def subu64(a: u64, b: u64) -> u64:
    return a - b


def muli32(a: i32, b: i32) -> i32:
    return a * b


def shlu32(a: u32, b: int) -> u32:
    return a << b


def narrow(a: int) -> u8:
    return a


def narrow_i8(a: int) -> i8:
    return a


def widen(a: u64) -> int:
    return a


def attempt(which: int) -> None:
    try:
        if which == 0:
            print(add(BIG, 1))
        elif which == 1:
            print(add(-BIG, -2))
        elif which == 2:
            print(sub(-BIG, 2))
        elif which == 3:
            print(mul(BIG, 2))
        elif which == 4:
            print(mul(-BIG - 1, -1))
        elif which == 5:
            print(shl(1, 63))
        elif which == 6:
            print(shl(1, 64))
        elif which == 7:
            print(neg(-BIG - 1))
        elif which == 8:
            print(div(-BIG - 1, -1))
        elif which == 9:
            print(power(10, 19))
        elif which == 10:
            print(addu8(200, 56))
        elif which == 11:
            print(subu64(1, 2))
        elif which == 12:
            print(muli32(65536, 32768))
        elif which == 13:
            print(shlu32(1, 32))
        elif which == 14:
            print(narrow(256))
        elif which == 15:
            print(narrow(-1))
        elif which == 16:
            print(narrow_i8(128))
        elif which == 17:
            print(widen(u64(1 << 63)))
        elif which == 18:
            print(abs(neg(BIG) - 1))
        elif which == 19:
            print(addu8(200, 55), subu64(2, 2), muli32(-65536, 32768), shlu32(1, 31), narrow(255), narrow_i8(-128))
        elif which == 20:
            print(shl(-1, 63), shl(0, 63), shl(1, 62), neg(BIG), power(-2, 63))
    except OverflowError:
        print(which, "OverflowError")


def main() -> None:
    for which in range(21):
        attempt(which)


main()
