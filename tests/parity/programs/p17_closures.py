"""Closures capture variables, not values; functions are values; bound methods keep their object."""

from typing import Callable


def counter(start: int) -> Callable[[], int]:
    count = start

    def step() -> int:
        nonlocal count
        count += 1
        return count

    return step


def adder(n: int) -> Callable[[int], int]:
    return lambda x: x + n


def compose(f: Callable[[int], int], g: Callable[[int], int]) -> Callable[[int], int]:
    return lambda x: f(g(x))


def apply(f: Callable[[str, int], str], s: str, n: int) -> str:
    return f(s, n)


def late() -> list[int]:
    fs: list[Callable[[], int]] = []
    for i in range(3):
        fs.append(lambda: i * 10)
    return [f() for f in fs]


def bound() -> list[int]:
    fs: list[Callable[[], int]] = []
    for i in range(3):
        fs.append(adder_thunk(i))
    return [f() for f in fs]


def adder_thunk(i: int) -> Callable[[], int]:
    def thunk() -> int:
        return i * 10

    return thunk


class Button:
    def __init__(self, label: str) -> None:
        self.label = label
        self.handlers: list[Callable[[str], None]] = []

    def press(self) -> None:
        for h in self.handlers:
            h(self.label)

    def log(self, text: str) -> None:
        print(self.label, "logs", text)


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


def capture() -> Callable[[], str]:
    n = Noisy("captured")
    return lambda: n.name


def shared() -> tuple[Callable[[], int], Callable[[int], None]]:
    value = 0

    def get() -> int:
        return value

    def put(v: int) -> None:
        nonlocal value
        value = v

    return get, put


def recursive(n: int) -> int:
    def fact(k: int) -> int:
        return 1 if k == 0 else k * fact(k - 1)

    return fact(n)


def times(s: str, n: int) -> str:
    return s * n


def main() -> None:
    c = counter(5)
    d = counter(100)
    print(c(), c(), d(), c())
    print(adder(3)(4), compose(adder(1), adder(10))(100), apply(times, "ab", 2), apply(lambda s, n: s + str(n), "x", 9))
    print(late(), bound(), recursive(10))
    b = Button("ok")
    b.handlers.append(lambda t: print("pressed", t))
    other = Button("other")
    b.handlers.append(other.log)
    b.press()
    f = capture()
    print(f())
    del f
    print("after")
    get, put = shared()
    put(9)
    print(get())
    table: dict[str, Callable[[int, int], int]] = {"add": lambda a, b: a + b, "mul": lambda a, b: a * b}
    for name, op in table.items():
        print(name, op(6, 7))
    print(sorted([3, -1, 2], key=lambda v: -v), list(map(adder(1), [1, 2])), list(filter(lambda v: v > 1, [1, 2, 3])))
    maybe: Callable[[int], int] | None = None
    print(maybe is None)
    maybe = adder(1)
    if maybe is not None:
        print(maybe(1))


main()
