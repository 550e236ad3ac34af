"""User generics by monomorphisation: classes, functions, bounds."""

from typing import Callable, Generic, Iterator, TypeVar

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")


class Stack(Generic[T]):
    def __init__(self) -> None:
        self.items: list[T] = []

    def push(self, item: T) -> "Stack[T]":
        self.items.append(item)
        return self

    def pop(self) -> T:
        return self.items.pop()

    def peek(self) -> T | None:
        return self.items[-1] if self.items else None

    def map(self, f: Callable[[T], U]) -> "Stack[U]":
        out: Stack[U] = Stack()
        for item in self.items:
            out.push(f(item))
        return out

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


class Pair(Generic[T, U]):
    def __init__(self, left: T, right: U) -> None:
        self.left = left
        self.right = right

    def swap(self) -> "Pair[U, T]":
        return Pair(self.right, self.left)

    def __repr__(self) -> str:
        return f"Pair({self.left!r}, {self.right!r})"


class IntStack(Stack[int]):
    def total(self) -> int:
        return sum(self.items)


class Shape:
    def area(self) -> int:
        return 0


class Square(Shape):
    def __init__(self, side: int) -> None:
        self.side = side

    def area(self) -> int:
        return self.side * self.side


S = TypeVar("S", bound=Shape)


def largest(shapes: list[S]) -> S:
    best = shapes[0]
    for s in shapes:
        if s.area() > best.area():
            best = s
    return best


def identity(x: T) -> T:
    return x


def first(items: list[T], default: T) -> T:
    return items[0] if items else default


def index_by(items: list[T], key: Callable[[T], K]) -> dict[K, T]:
    return {key(item): item for item in items}


def main() -> None:
    s: Stack[int] = Stack()
    s.push(1).push(2).push(3)
    print(len(s), s.pop(), s.peek(), [x * 2 for x in s])
    t = s.map(lambda n: "n" + str(n))
    print(t.items, t.peek(), len(t))
    e: Stack[str] = Stack()
    print(e.peek(), e.peek() is None)
    p = Pair(1, "one")
    print(p, p.swap(), p.swap().left.upper(), Pair((1, 2), [b"x"]))
    i = IntStack()
    i.push(4)
    i.push(5)
    print(i.total(), i.pop())
    print(largest([Square(2), Square(9), Square(3)]).side)
    print(identity(5), identity("x"), identity([1]), first([], 7), first(["a"], "b"))
    print(index_by(["apple", "bob"], lambda w: w[0]), index_by([1, 2], lambda n: n * n))
    tuples: Stack[tuple[int, str]] = Stack()
    tuples.push((1, "x"))
    print(tuples.peek(), tuples.pop()[1])
    opt: Stack[int | None] = Stack()
    opt.push(None)
    opt.push(3)
    print(opt.items)


main()
