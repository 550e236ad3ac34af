"""Plain int arithmetic: floors, shifts, comparisons, short circuits."""


def divisions(a: int, b: int) -> None:
    print(a, b, a // b, a % b, a // -b, a % -b, -a // b, -a % b)
    q, r = divmod(a, b)
    print(q, r, q * b + r == a)


def compares(a: int, b: int) -> None:
    print(a < b, a <= b, a == b, a != b, a > b, a >= b, a is not None)
    print(0 < a < b, a < b > 3, not a, a and b, a or b, not (a and b))


def noisy(value: bool, name: str) -> bool:
    print("eval", name)
    return value


def main() -> None:
    for a in (7, -7, 0, 1, 100):
        for b in (1, 2, 3, -3, 10):
            divisions(a, b)
    compares(3, 5)
    compares(5, 3)
    compares(-1, -1)
    print(1 + 2 * 3 - 4, (1 + 2) * 3, -(-3), +5, ~5, ~-1, 2**10, (-3) ** 3, 7**0)
    print(1 << 40, -1 << 3, 1024 >> 3, -1 >> 5, -1000 >> 2, 5 & 3, 5 | 3, 5 ^ 3, -5 & 0xFF)
    print(abs(-5), abs(5), min(3, 1, 2), max(3, 1, 2), pow(3, 4))
    x = 10
    x += 5
    x -= 1
    x *= 3
    x //= 4
    x %= 7
    x <<= 6
    x >>= 2
    x |= 1
    x &= 0x7F
    x ^= 0x55
    print(x)
    print(1 if x > 3 else 2, "big" if x > 1000 else "small")
    if noisy(False, "a") and noisy(True, "b"):
        print("no")
    if noisy(True, "c") or noisy(True, "d"):
        print("yes")
    print(int(True) + 1, bool(0), bool(7), bool(-1), int(False))
    y = x if x else -1
    print(y, (x == y) == True, True & False, True | False, True ^ True)  # noqa: E712
    big = 9223372036854775807
    print(big, big - 1, -big - 1, big // 2, big % 1000, big >> 62)


main()
