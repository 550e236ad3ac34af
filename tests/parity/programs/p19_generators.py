"""Generators: for, next, early exit, cleanup, delegation, infinite streams."""

from typing import Generator, Iterator


def count(n: int) -> Iterator[int]:
    print("start")
    for i in range(n):
        yield i
    print("stop")


def fib() -> Iterator[int]:
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def take(n: int, source: Iterator[int]) -> list[int]:
    out: list[int] = []
    for x in source:
        if len(out) == n:
            break
        out.append(x)
    return out


class Tree:
    def __init__(self, value: int, left: "Tree | None" = None, right: "Tree | None" = None) -> None:
        self.value = value
        self.left = left
        self.right = right

    def __iter__(self) -> Iterator[int]:
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


def guarded() -> Iterator[str]:
    try:
        yield "a"
        yield "b"
        yield "c"
    finally:
        print("cleanup")


def failing() -> Iterator[int]:
    yield 1
    raise ValueError("inside generator")


def words(text: str) -> Generator[str, None, None]:
    word = ""
    for ch in text + " ":
        if ch != " ":
            word += ch
        elif word:
            yield word
            word = ""


def chained(n: int) -> Iterator[int]:
    yield from range(n)
    yield from [10, 20]
    yield 99


def pairs() -> Iterator[tuple[int, str]]:
    for i, s in enumerate(["x", "y"]):
        yield i, s


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


def holding() -> Iterator[str]:
    n = Noisy("held")
    yield n.name
    yield "second"


class Countdown:
    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> "Countdown":
        return self

    def __next__(self) -> int:
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


def main() -> None:
    for i in count(3):
        print(i)
    print(take(10, fib()), list(count(2)), sum(count(4)))
    tree = Tree(5, Tree(2, Tree(1)), Tree(9, Tree(7)))
    print([v for v in tree], list(tree), max(tree), 7 in list(tree))
    for s in guarded():
        print(s)
        if s == "b":
            break
    print("after break")
    for s in guarded():
        print(s)
    try:
        for n in failing():
            print(n)
    except ValueError as e:
        print("caught", e)
    it = iter([1, 2])
    print(next(it), next(it), next(it, -1))
    try:
        next(it)
    except StopIteration:
        print("StopIteration")
    g = count(1)
    print("not started")
    print(next(g), next(g, 77))
    print(list(words("the quick  brown fox")), list(chained(3)))
    for i, s in pairs():
        print(i, s)
    h = holding()
    print(next(h))
    del h
    print("generator dropped")
    print(list(Countdown(4)), sum(x * x for x in Countdown(4)))
    print(sum(x for x in range(10) if x % 2), max(len(w) for w in words("a bbb cc")), any(x > 3 for x in range(5)), all(x < 3 for x in range(5)))
    gen = (x * x for x in range(4))
    print(next(gen), list(gen), ",".join(str(x) for x in range(3)))
    for a, b in zip(fib(), count(3)):
        print(a, b)
    print(list(enumerate(words("p q"))), sorted(fib_until(30), reverse=True))


def fib_until(limit: int) -> Iterator[int]:
    for x in fib():
        if x > limit:
            return
        yield x


main()
