from dataclasses import dataclass, field
from enum import Enum, IntEnum


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


@dataclass
class Point:
    x: int
    y: int = 5


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0
    label: str = ""


@dataclass
class Bag:
    items: list[int] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    hidden: int = field(default=3, repr=False, compare=False)


@dataclass(order=True)
class Nested:
    v: Version
    p: tuple[int, str]


@dataclass
class Base:
    a: int
    b: str = "b"


@dataclass
class Derived(Base):
    c: int = 7

    def __post_init__(self) -> None:
        self.d = self.a + self.c


class Shape:
    pass


class Circle(Shape):
    __match_args__ = ("r",)

    def __init__(self, r: int) -> None:
        self.r = r


class Rect(Shape):
    __match_args__ = ("w", "h")

    def __init__(self, w: int, h: int) -> None:
        self.w = w
        self.h = h


class Color(Enum):
    RED = 1
    GREEN = 2


class Level(IntEnum):
    LOW = 1
    HIGH = 2


def area(s: Shape) -> str:
    match s:
        case Circle(0):
            return "point"
        case Circle(r) if r > 10:
            return f"big circle {r}"
        case Circle(r=radius):
            return f"circle {radius}"
        case Rect(w, h) if w == h:
            return f"square {w}"
        case Rect(1 | 2 as w, h):
            return f"thin {w} {h}"
        case Rect():
            return "rect"
        case _:
            return "other"


def seq(items: list[int]) -> str:
    match items:
        case []:
            return "empty"
        case [1]:
            return "one"
        case [x]:
            return f"single {x}"
        case [1, 2]:
            return "one two"
        case [x, y]:
            return f"pair {x} {y}"
        case _:
            return "many"


def tup(t: tuple[int, str]) -> str:
    match t:
        case (0, ""):
            return "zero"
        case (n, "x"):
            return f"x{n}"
        case (1 | 2 | 3 as n, text):
            return f"small {n} {text}"
        case (n, text) if n < 0:
            return f"neg {text}"
        case _:
            return "else"


def dc(p: Point | None) -> str:
    match p:
        case None:
            return "none"
        case Point(x=0, y=0):
            return "origin"
        case Point(x, y) if x == y:
            return f"diag {x}"
        case Point(x, 5):
            return f"five {x}"
        case Point():
            return "point"


def col(c: Color, level: Level, text: str, data: bytes) -> str:
    out = ""
    match c:
        case Color.RED:
            out += "r"
        case Color.GREEN:
            out += "g"
    match level:
        case Level.LOW | Level.HIGH as which:
            out += str(which)
    match text:
        case "a" | "b":
            out += "ab"
        case str():
            out += "s"
    match data:
        case b"x":
            out += "x"
        case _:
            out += "?"
    return out


def ordered() -> None:
    vs = [Version(1, 2), Version(1), Version(0, 9, "z"), Version(1, 2, "a")]
    print(sorted(vs))
    print(max(vs), min(vs), Version(1) == Version(1), Version(1) != Version(1, 1), hash(Version(1)) == hash(Version(1)))
    print(Version(1) < Version(1, 1), Version(2) <= Version(1), Version(1) >= Version(1), {Version(1): 3}[Version(1)])
    print(Nested(Version(1), (1, "a")) < Nested(Version(1), (1, "b")), Nested(Version(1), (1, "a")))
    b1, b2 = Bag(), Bag()
    b1.items.append(1)
    print(b1, b2, b1 == b2, Bag([1]) == b1, Bag(hidden=9) == Bag())
    print(Derived(1), Derived(1, "x", 2).d, Derived(1) == Derived(1), Base(1) == Base(1, "b"))


class Fails:
    def __init__(self, n: int) -> None:
        self.a = Noisy(f"a{n}")
        if n == 1:
            raise ValueError("ctor")
        self.b = Noisy(f"b{n}")


def make(n: int) -> list[Noisy]:
    first = Noisy("first")
    second = [Noisy("l1"), Noisy("l2")]
    if n:
        raise KeyError(n)
    second.append(first)
    return second


def destructors() -> None:
    for n in (0, 1):
        try:
            f = Fails(n)
            print("made", f.a.name)
        except ValueError as error:
            print("caught", error)
    for n in (0, 1):
        try:
            print(len(make(n)))
        except KeyError as error:
            print("caught", error)
    try:
        x = Noisy("inner")
        try:
            raise ValueError("1")
        finally:
            print("finally", x.name)
    except ValueError as error:
        print("outer", error)
        del x
        print("deleted")
    d = {"a": Noisy("da"), "b": Noisy("db")}
    d["a"] = Noisy("da2")
    print("replaced")
    d.pop("b")
    print("popped")
    t = (Noisy("t1"), Noisy("t2"))
    t = (Noisy("t3"), Noisy("t4"))
    print("tuple")
    try:
        raise RuntimeError("a") from ValueError("b")
    except RuntimeError as error:
        print(repr(error))


def main() -> None:
    for s in (Circle(0), Circle(3), Circle(30), Rect(2, 2), Rect(1, 9), Rect(5, 6), Shape()):
        print(area(s))
    for items in ([], [1], [5], [1, 2], [3, 4], [1, 2, 3]):
        print(seq(items))
    for t in ((0, ""), (5, "x"), (2, "q"), (-4, "n"), (9, "z")):
        print(tup(t))
    for p in (None, Point(0, 0), Point(3, 3), Point(2), Point(1, 9)):
        print(dc(p))
    print(col(Color.RED, Level.HIGH, "a", b"x"), col(Color.GREEN, Level.LOW, "zz", b"y"))
    ordered()
    destructors()


main()
