"""Protocols, abstract classes, operator methods, iteration protocol, comparison methods."""

from abc import ABC, abstractmethod
from typing import Iterator, Protocol


class Reader(Protocol):
    def read(self, count: int) -> bytes: ...

    def title(self) -> str: ...


class Named(Protocol):
    @property
    def label(self) -> str: ...


class Zeros:
    def __init__(self) -> None:
        self.name = "zero"

    def read(self, count: int) -> bytes:
        return bytes(count)

    def title(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return "Z"


class Text(Reader):
    def __init__(self, data: bytes) -> None:
        self.name = "text"
        self.data = data
        self.position = 0

    def read(self, count: int) -> bytes:
        chunk = self.data[self.position : self.position + count]
        self.position += len(chunk)
        return chunk

    def title(self) -> str:
        return "T" + self.name


class Device(ABC):
    @abstractmethod
    def probe(self) -> bool: ...

    def status(self) -> str:
        return "present" if self.probe() else "absent"


class Uart(Device):
    def probe(self) -> bool:
        return True


class Ghost(Device):
    def probe(self) -> bool:
        return False


class Vector:
    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def __add__(self, other: "Vector") -> "Vector":
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other: "Vector") -> "Vector":
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor: int) -> "Vector":
        return Vector(self.x * factor, self.y * factor)

    def __neg__(self) -> "Vector":
        return Vector(-self.x, -self.y)

    def __iadd__(self, other: "Vector") -> "Vector":
        self.x += other.x
        self.y += other.y
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and self.x == other.x and self.y == other.y

    def __lt__(self, other: "Vector") -> bool:
        return self.x * self.x + self.y * self.y < other.x * other.x + other.y * other.y

    def __hash__(self) -> int:
        return hash((self.x, self.y))

    def __repr__(self) -> str:
        return f"Vector({self.x}, {self.y})"

    def __str__(self) -> str:
        return f"<{self.x} {self.y}>"

    def __bool__(self) -> bool:
        return self.x != 0 or self.y != 0

    def __abs__(self) -> int:
        return abs(self.x) + abs(self.y)


class Ring:
    def __init__(self, size: int) -> None:
        self.slots = [0] * size

    def __len__(self) -> int:
        return len(self.slots)

    def __getitem__(self, i: int) -> int:
        return self.slots[i % len(self.slots)]

    def __setitem__(self, i: int, value: int) -> None:
        self.slots[i % len(self.slots)] = value

    def __delitem__(self, i: int) -> None:
        self.slots[i % len(self.slots)] = 0

    def __contains__(self, value: int) -> bool:
        return value in self.slots

    def __iter__(self) -> Iterator[int]:
        return iter(self.slots)

    def __call__(self, n: int) -> int:
        return n + len(self)


class Silent:
    pass


def drain(r: Reader) -> bytes:
    return r.read(3) + r.title().encode()


def total(readers: list[Reader]) -> int:
    return sum(len(r.read(2)) for r in readers)


def label_of(n: Named) -> str:
    return n.label


def main() -> None:
    print(drain(Zeros()), drain(Text(b"abcdef")), total([Zeros(), Text(b"x")]), label_of(Zeros()))
    devices: list[Device] = [Uart(), Ghost()]
    print([d.status() for d in devices])
    a, b = Vector(1, 2), Vector(3, -4)
    print(a + b, a - b, a * 3, -a, a == Vector(1, 2), a != b, a < b, b > a, [a, b], abs(b), bool(Vector(0, 0)), str(a), repr(a))
    a += b
    print(a, {a: 1}[Vector(4, -2)], sorted([b, Vector(0, 1)]), max(a, b), not a)
    r = Ring(3)
    r[4] = 7
    r[-1] = 9
    del r[0]
    print(len(r), r[1], r[7], list(r), 7 in r, 8 in r, [x for x in r], r(10), sum(r))
    r[1] += 5
    print(r[1], f"{a} {a!r}")
    s = Silent()
    print(s == s, s == Silent(), s is s, bool(s), hash(s) == hash(s))
    both: Reader = Text(b"zz")
    print(isinstance(both, Text), both.title())


main()
