"""As lowering.py, for what Python accepts and compiled code would do differently: each is refused, none is done silently."""

import weakref
from collections import OrderedDict  # refused: collections.OrderedDict does not exist
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

T = TypeVar("T")
limit = 5


def made() -> int:
    return limit


def late(a: int = limit) -> int:  # refused: the default of a is not a constant
    return a


def computed(a: int = made()) -> int:  # refused: the default of a is not a constant
    return a


def display(a: list[int] = []) -> int:  # refused: the default of a is not a constant
    return len(a)


def outer(n: int) -> int:
    def inner(m: int = n) -> int:  # refused: the default of m is not a constant
        return m

    return inner()


class Shared:
    items: list[int] = []  # refused: the value of Shared.items, which each object has, is not a constant


def share() -> None:
    a = Shared()
    a.items = [1]


@dataclass
class Record:
    value: int = made()  # refused: the default of value is not a constant


@dataclass
class Hashed:
    value: int = field(default=0, hash=False)  # refused: hash of a dataclass field is outside the dialect


@dataclass
class Maybe:
    value: list[int] | None = field(default_factory=list)  # refused: value may be None and has a default_factory


class Equal:
    def __eq__(self, other: object) -> bool:
        return True


@dataclass
class Plain:
    n: int


def keys() -> None:
    print({Equal(): 1})  # refused: Equal cannot be hashed


def record_keys() -> None:
    print({Plain(1)})  # refused: Plain cannot be hashed


def list_keys() -> None:
    print(hash([1]))  # refused: a list cannot be hashed


def starred(v: list[int]) -> None:
    print(*v)  # refused: starred arguments of print() are outside the dialect


def starred_method(v: list[str]) -> None:
    "".join(*[v])  # refused: starred arguments of join are outside the dialect


def starred_error(v: list[str]) -> None:
    raise ValueError(*v)  # refused: starred arguments of an exception are outside the dialect


def weak_list(v: list[int]) -> bool:
    return weakref.ref(v)() is None  # refused: there are no weak references to list[int]


def weak_same(a: Equal) -> bool:
    return weakref.ref(a) == weakref.ref(a)  # refused: weak references to objects with __eq__ are not compared


def weak_is(a: Plain) -> bool:
    return weakref.ref(a) is weakref.ref(a)  # refused: between weak references


def number(n: int) -> None:
    raise OSError(n, "gone")  # refused: OSError with a number


def leave() -> None:
    raise SystemExit(3)  # refused: raise of SystemExit


def asserted(n: int) -> None:
    assert n, n  # refused: the message of an assert must be a str


def spaced(v: list[int]) -> str:
    return f"{v:>5}"  # refused: a format specification for a value of this type


def mixed_lists(a: list[int], b: list[bool]) -> bool:
    return a == b  # refused: are not compared in the dialect


def views(d: dict[int, int]) -> bool:
    return d.keys() == {1}  # refused: a DictKeys is not compared


class Mixed(Enum):  # refused: the values of Mixed are of several types
    A = 1
    B = "b"


class New:
    def __new__(cls) -> "New":  # refused: nothing calls __new__
        return super().__new__(cls)


class Get:
    def __getattribute__(self, name: str) -> int:  # refused: nothing calls __getattribute__
        return 1


class Body:
    for i in range(3):  # refused: a class body holds methods, attributes and classes only
        pass


def decorate(cls: type[T]) -> type[T]:
    return cls


@decorate  # refused: this decorator of a class is outside the dialect
class Decorated:
    pass


class Base:
    @property
    def n(self) -> int:
        return 1


class Derived(Base):
    @property
    def n(self) -> int:
        return super().n + 1  # refused: super() without a method call


def groups() -> None:
    try:  # refused: except* is outside the dialect
        pass
    except* ValueError:
        pass


print(late())
print(computed())
print(display())
print(outer(1))
print(Shared().items)
print(Record().value)
print(Hashed().value)
print(Maybe().value)
share()
keys()
record_keys()
list_keys()
starred([])
starred_method([])
starred_error([])
print(weak_list([]))
print(weak_same(Equal()))
print(weak_is(Plain(1)))
number(1)
leave()
asserted(1)
print(spaced([]))
print(mixed_lists([], []))
print(views({}))
print(Mixed.A)
print(Derived().n)
groups()
