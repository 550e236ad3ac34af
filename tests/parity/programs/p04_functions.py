"""Calls: defaults, keywords, recursion, tuples as results, module constants and variables."""

from typing import Final

LIMIT: Final = 10
TABLE: Final = (2, 3, 5, 7)
counter = 0


def bump(by: int = 1) -> int:
    global counter
    counter += by
    return counter


def area(width: int, height: int = 2, *, scale: int = 1, name: str = "box") -> str:
    print(name, width * height * scale)
    return name


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def is_even(n: int) -> bool:
    return True if n == 0 else is_odd(n - 1)


def is_odd(n: int) -> bool:
    return False if n == 0 else is_even(n - 1)


def minmax(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def swap(pair: tuple[int, str]) -> tuple[str, int]:
    a, b = pair
    return b, a


def nothing() -> None:
    return


def order(tag: str, value: int) -> int:
    print("arg", tag)
    return value


def three(a: int, b: int, c: int) -> int:
    return a * 100 + b * 10 + c


def early(n: int) -> str:
    if n > LIMIT:
        return "over"
    for p in TABLE:
        if p == n:
            return "prime"
    return "other"


def main() -> None:
    print(bump(), bump(5), bump(by=10), counter)
    area(3)
    area(3, 4)
    area(3, scale=5)
    area(height=7, width=1, name="tall", scale=2)
    print(fib(20), is_even(10), is_odd(10))
    lo, hi = minmax(9, 4)
    print(lo, hi, minmax(1, 2), swap((1, "one")))
    nothing()
    print(three(order("a", 1), order("b", 2), order("c", 3)))
    print(three(c=order("c", 3), a=order("a", 1), b=order("b", 2)))
    for n in (3, 4, 11):
        print(early(n))
    a, b, c = 1, 2, 3
    a, b = b, a
    (a, (b, c)) = (c, (a, b))
    print(a, b, c)
    x = y = 5
    x += 1
    print(x, y)
    f = fib
    print(f(10))


main()
