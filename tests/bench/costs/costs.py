"""A kernel of one page that counts the instructions of single operations (test_costs.py builds and runs it).

Each operation stands in a loop of its own; the count of an empty loop is subtracted. `rdinstret` counts instructions
under `-icount shift=0`.
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import noinline, rdinstret
from scarlet.machine import debug, entry, power

ROUNDS: Final = 1000


class Shape:
    def __init__(self, side: int) -> None:
        self.side = side

    def area(self) -> int:
        return self.side


class Square(Shape):
    def area(self) -> int:
        return self.side ^ 1


class Circle(Shape):
    def area(self) -> int:
        return self.side ^ 3


class Node:
    def __init__(self, key: int, value: int) -> None:
        self.key = key
        self.value = value


@noinline
def empty(count: int) -> int:
    total = 0
    for i in range(count):
        total = total ^ i
    return total


@noinline
def virtual_calls(shape: Shape, count: int) -> int:
    total = 0
    for _ in range(count):
        total = total ^ shape.area()
    return total


@noinline
def allocations(count: int) -> int:
    total = 0
    for i in range(count):
        total = total ^ Node(i, total).key
    return total


@noinline
def slices(text: bytes, count: int) -> int:
    total = 0
    for i in range(count):
        total = total ^ len(text[i & 1 : 8])
    return total


@noinline
def otherwise(x: int) -> int:
    return x


@noinline
def plain(x: int) -> int:
    if x == -1:
        return otherwise(x)
    return x ^ 3


@noinline
def checked(x: int) -> int:
    if x == -1:
        raise ValueError("minus one")
    return x ^ 3


@noinline
def plain_calls(count: int) -> int:
    total = 0
    for i in range(count):
        total = total ^ plain(i)
    return total


@noinline
def checked_calls(count: int) -> int:
    total = 0
    for i in range(count):
        total = total ^ checked(i)
    return total


@noinline
def appends(items: list[int], count: int) -> None:
    for i in range(count):
        items.append(i)


@noinline
def sums(items: list[int]) -> int:
    total = 0
    for item in items:
        total = total ^ item
    return total


def show(name: str, before: u64, after: u64) -> None:
    debug.write_last(f"cost {name} {(after - before) // ROUNDS}\n".encode())


def main() -> None:
    shapes: list[Shape] = [Square(2), Circle(3), Shape(1)]
    for shape in shapes:
        virtual_calls(shape, 1)
    allocations(1)
    slices(b"slices of this", 1)
    items: list[int] = []
    appends(items, ROUNDS)
    items.clear()
    marks: list[u64] = []
    marks.append(rdinstret())
    empty(ROUNDS)
    marks.append(rdinstret())
    virtual_calls(shapes[1], ROUNDS)
    marks.append(rdinstret())
    allocations(ROUNDS)
    marks.append(rdinstret())
    slices(b"slices of this", ROUNDS)
    marks.append(rdinstret())
    plain_calls(ROUNDS)
    marks.append(rdinstret())
    checked_calls(ROUNDS)
    marks.append(rdinstret())
    appends(items, ROUNDS)
    marks.append(rdinstret())
    sums(items)
    marks.append(rdinstret())
    for at, name in enumerate(["empty", "virtual_call", "allocate_free", "bytes", "plain_call", "checked_call", "append", "iterate"]):
        show(name, marks[at], marks[at + 1])
    debug.write_last(f"cost hart {entry.boot_hart()}\n".encode())
    power.exit(0)


main()
