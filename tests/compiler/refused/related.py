"""As differently.py, for classes that are related, and for values that stand for others: what Python would look up or show in another way."""

import weakref
from collections.abc import Callable
from typing import NamedTuple


class Base:
    def __add__(self, other: "Base") -> int:
        return 1

    def shown(self, width: int = 1) -> int:
        return width

    def read(self, count: int) -> int:
        return count


class Derived(Base):
    def __radd__(self, other: Base) -> int:
        return 2

    def __bool__(self) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __format__(self, spec: str) -> str:
        return spec

    def shown(self, width: int = 2) -> int:  # refused: shown is called as Base declares it, and has other defaults
        return width

    def read(self, count: int, at: int = 0) -> int:  # refused: read is called as Base declares it, and has other parameters
        return count + at


def added(a: Base, b: Base) -> int:
    return a + b  # refused: Derived.__radd__ goes before Base.__add__


def true(a: Base | None) -> bool:
    return not a  # refused: Derived has __bool__, which decides whether an object is true


def unequal(a: Base, b: Base) -> bool:
    return a != b  # refused: Derived has __ne__


def formatted(a: Base) -> str:
    return f"{a}"  # refused: Derived has __format__


class Equal:
    def __eq__(self, other: object) -> bool:
        return True


def number(a: Equal) -> bool:
    return a == 1  # refused: Equal.__eq__ cannot be asked about int


def undefined(a: Equal) -> bool:
    return NotImplemented  # refused: the name NotImplemented is outside the dialect


class Counted:
    n = 0

    def count(self) -> None:
        self.n += 1


def reset() -> None:
    Counted.n = 5  # refused: each Counted has a n of its own


class Twice:
    def one(self) -> int:
        return 1

    two = one  # refused: a second name for a method


class Silent(Exception):
    def __init__(self, code: int) -> None:  # refused: Silent.__init__ does not call super().__init__()
        self.code = code


class Guard:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException], error: object, trace: object) -> None:  # refused: are None when there is no exception
        pass


class Named(NamedTuple):  # refused: named tuples and typed dicts
    x: int


def texts(many: tuple[int, ...], few: range) -> None:
    print(many)  # refused: the text of a tuple[T, ...]
    print([str(few)])  # refused: the text of a range
    print(isinstance(many, tuple))  # refused: isinstance() of a tuple[T, ...]
    print(many == [1])  # refused: a tuple[T, ...] and a list are never equal


def kept() -> int:
    pairs = zip([1], [2])  # refused: a zip that is kept
    return 1


def measured(f: Callable[[str], int]) -> int:
    return f("")


def given(n: int, by: int = 2) -> int:
    return n * by


def functions() -> None:
    print(measured(len))  # refused: len as a value
    f: Callable[[int], int] = given  # refused: does not convert
    print(round(2))  # refused: round() is outside the dialect


def unordered() -> list[tuple[int, Twice]]:
    return sorted([(1, Twice())])  # refused: Twice < 


def weak(items: list[int]) -> bool:
    return weakref.ref(items)() is None  # refused: there are no weak references to list[int]


def main(things: list[Base]) -> None:
    for thing in things:
        print(thing.shown(), thing.read(1), added(thing, thing), true(thing), unequal(thing, thing), formatted(thing))
    print(number(Equal()), undefined(Equal()))
    Counted().count()
    reset()
    print(Twice().one(), Silent(1))
    with Guard():
        pass
    texts((1, 2), range(2))
    print(kept())
    functions()
    print(len(unordered()), weak([]))


main([Base(), Derived()])
