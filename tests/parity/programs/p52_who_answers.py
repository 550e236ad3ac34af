"""Whose method answers: operands of related classes, the same object in containers, ends that come once, and smaller meetings of both."""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntFlag


class Point:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self.x == other.x

    def __lt__(self, other: "Point") -> bool:
        print("Point.lt", self.x)
        return self.x < other.x

    def __gt__(self, other: "Point") -> bool:
        print("Point.gt", self.x)
        return self.x > other.x


class Point3(Point):
    def __init__(self, x: int, z: int) -> None:
        super().__init__(x)
        self.z = z

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point3) and self.x == other.x and self.z == other.z


class Plain:
    pass


class All:
    def __eq__(self, other: object) -> bool:
        return True


class Never:
    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 3


@dataclass(order=True)
class Version:
    number: int


class Beta(Version):
    pass


def related() -> None:
    flat, deep = Point(1), Point3(1, 2)
    print(flat == deep, deep == flat, flat != deep, flat == Point(1), deep == Point3(1, 2), flat in [deep], [flat] == [deep])
    print(flat < deep, deep < flat, flat < Point(2), flat > deep)
    print(Plain() == All(), All() == Plain(), "a" == All(), [1] == All(), Version(1) == All(), Plain() != All())
    old: list[Version] = [Version(1), Beta(2)]
    print(old[0] == Beta(1), old[0] < Version(2))
    try:
        print(old[0] < old[1])
    except TypeError as error:
        print(error)


def same_object() -> None:
    n = Never()
    print(n == n, n in [n], [n].index(n), [n].count(n), [n] == [n], (n, 1) == (n, 1), n in (n,), n in {n}, {n: 1}.get(n), {1: n} == {1: n})


class Phoenix:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("end of", self.name)
        KEPT.append(self)


KEPT: list[Phoenix] = []


def once() -> None:
    bird = Phoenix("bird")
    seen = weakref.ref(bird)
    del bird
    print(len(KEPT), seen() is KEPT[0])
    KEPT.clear()
    print(len(KEPT), seen() is None)


class Counter:
    total = 0

    def __init__(self) -> None:
        Counter.total += 1

    def seen(self) -> int:
        return self.total


class Totals:
    def __init__(self) -> None:
        self.total = 7


class Guard:
    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        print("left", kind is None, error is None, error)


class Money:
    def __format__(self, spec: str) -> str:
        return f"<{spec}>"


class Mode(IntFlag):
    READ = 4
    WRITE = 2


def total(items: Iterable[int]) -> int:
    return sum(items)


def apply(function: Callable[[int], int], items: Iterable[int]) -> list[int]:
    return [function(item) for item in items]


def scaled(n: int, by: int = 10) -> int:
    return n * by


def meetings() -> None:
    first, second = Counter(), Counter()
    print(Counter.total, first.total, second.seen(), Totals().total)
    with Guard():
        pass
    print(f"{Money()} {Money():>5}", Mode.READ | Mode.WRITE)
    many: tuple[int, ...] = (1, 2)
    pair = (1, 2)
    print(many == pair, pair == many, many != pair, many == (1, 3))
    print(total(pair), total(range(4)), apply(lambda n: -n, range(2)), list(map(scaled, [1, 2])), list(map(scaled, [1, 2], [3, 4])))
    table = {"a": 1}
    table.update([("c", 3)], d=4)
    table.update(b=2)
    print(table, {1}.union([2], [3]), {1, 2, 3}.difference([1], (3,)), bytes("\u00e9", "latin-1"), bytearray("\u00e9", "utf-8"))
    print(b"-".join([b"a", bytearray(b"b")]), b"".join((memoryview(b"cd")[1:], b"e")))
    print(dict({"a": 1}, b=2), list(map(lambda a, b: a + b, [1, 2, 3], (4, 5))))
    for encoding in ("ascii", "utf-8"):
        try:
            print("x\u00e9y".encode(encoding), b"a\xe2\x82".decode(encoding))
        except (UnicodeEncodeError, UnicodeDecodeError) as error:
            print(repr(error))


related()
same_object()
once()
meetings()
