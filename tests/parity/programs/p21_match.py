"""match: literals, or-patterns, captures, guards, sequences, classes, enums."""

from enum import Enum


class Colour(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Shape:
    pass


class Circle(Shape):
    def __init__(self, radius: int) -> None:
        self.radius = radius


class Rect(Shape):
    __match_args__ = ("width", "height")

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height


def number(n: int) -> str:
    match n:
        case 0:
            return "zero"
        case 1 | 2 | 3:
            return "few"
        case -1:
            return "minus one"
        case x if x > 100:
            return f"big {x}"
        case _:
            return "other"


def word(s: str) -> int:
    match s:
        case "start" | "go":
            return 1
        case "stop":
            return 0
        case other:
            return -len(other)


def command(parts: list[str]) -> str:
    match parts:
        case []:
            return "nothing"
        case ["quit"]:
            return "bye"
        case ["load", name]:
            return f"load {name}"
        case ["move", x, y] if x != y:
            return f"move {x} {y}"
        case [first, second, third, fourth]:
            return f"{first} {fourth} of four"
        case _:
            return f"{len(parts)} words"


def shape(s: Shape) -> str:
    match s:
        case Circle(radius=0):
            return "point"
        case Circle(radius=r):
            return f"circle {r}"
        case Rect(width=w, height=h) if w == h:
            return f"square {w}"
        case Rect(w, h):
            return f"rect {w}x{h}"
        case _:
            return "shape"


def colour(c: Colour) -> str:
    match c:
        case Colour.RED:
            return "stop"
        case Colour.GREEN | Colour.BLUE as other:
            return f"go {other.name}"


def point(p: tuple[int, int]) -> str:
    match p:
        case (0, 0):
            return "origin"
        case (0, y):
            return f"on y at {y}"
        case (x, 0):
            return f"on x at {x}"
        case (x, y):
            return f"{x},{y}"


def optional(n: int | None) -> str:
    match n:
        case None:
            return "none"
        case 5:
            return "five"
        case v:
            return f"int {v}"


def raw(b: bytes) -> str:
    match b:
        case b"\x7fELF":
            return "elf"
        case b"#!":
            return "script"
        case _:
            return "data"


def main() -> None:
    for n in (0, 2, -1, 500, 50):
        print(number(n))
    print(word("go"), word("stop"), word("unknown"))
    for line in ("", "quit", "load x", "move 1 2", "move 1 1", "a b c d", "a b c d e"):
        print(command(line.split()))
    for s in (Circle(0), Circle(4), Rect(2, 2), Rect(2, 3), Shape()):
        print(shape(s))
    for c in Colour:
        print(colour(c))
    for p in ((0, 0), (0, 5), (5, 0), (1, 2)):
        print(point(p))
    print(optional(None), optional(5), optional(6), raw(b"\x7fELF"), raw(b"#!"), raw(b""))
    n = 3
    match n:
        case 1:
            print("one")
    print("falls out")


main()
