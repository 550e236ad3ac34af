"""dataclass: init, defaults, repr, eq, order, frozen, factories, inheritance, post-init."""

from dataclasses import dataclass, field


@dataclass
class Point:
    x: int
    y: int = 0

    def norm(self) -> int:
        return abs(self.x) + abs(self.y)


@dataclass(frozen=True)
class Key:
    name: str
    number: int


@dataclass(order=True)
class Version:
    major: int
    minor: int
    tag: str = ""


@dataclass
class Bag:
    label: bytes
    items: list[int] = field(default_factory=list)
    index: dict[str, Point] = field(default_factory=dict)
    parent: "Bag | None" = None
    count: int = field(init=False, default=0)
    secret: int = field(default=7, repr=False)

    def __post_init__(self) -> None:
        self.count = len(self.items)


@dataclass
class Point3(Point):
    z: int = 9


@dataclass
class Options:
    name: str
    verbose: bool = field(default=False, kw_only=True)


def main() -> None:
    p = Point(1)
    q = Point(x=1, y=0)
    print(p, q, p == q, p is q, p != Point(2), p.norm(), repr(p))
    p.y = -5
    print(p, p == q, p.norm())
    k = {Key("a", 1): "first", Key("b", 2): "second"}
    print(k[Key("a", 1)], Key("b", 2) in k, Key("b", 3) in k, Key("a", 1) == Key("a", 1), hash(Key("a", 1)) == hash(Key("a", 1)), k)
    print(Version(1, 2) < Version(1, 3), Version(2, 0) >= Version(1, 9, "z"), max(Version(1, 0), Version(0, 9)), sorted([Version(3, 1), Version(1, 1, "b"), Version(1, 1, "a")]))
    b = Bag(b"bag")
    c = Bag(b"other", [1, 2], parent=b)
    b.items.append(5)
    b.index["p"] = p
    print(b, c, c.count, c.parent is b, b.secret)
    print(Point3(1, 2), Point3(1), Point3(1, 2, 3) == Point3(1, 2, 3), Point3(0).norm(), isinstance(Point3(1), Point))
    print(Options("x"), Options("y", verbose=True))
    match c:
        case Bag(label=b"other", items=[first, second]):
            print("matched", first, second)
    match p:
        case Point(1, y):
            print("y is", y)


main()
