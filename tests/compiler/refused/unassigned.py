"""As lowering.py, for what may be read before it has a value."""

from collections.abc import Iterator


def risky(n: int) -> int:
    if n:
        raise ValueError("n")
    return 1


class Swallow:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        return True


def after_a_branch(n: int) -> int:
    if n:
        x = 1
    return x  # refused: x may have no value


def after_a_loop(n: int) -> int:
    for x in range(n):
        pass
    return x  # refused: x may have no value


def after_try(n: int) -> int:
    try:
        x = risky(n)
    except ValueError:
        pass
    return x  # refused: x may have no value


def in_finally(n: int) -> int:
    try:
        x = risky(n)
    finally:
        print(x)  # refused: x may have no value
    return x


def after_with(n: int) -> int:
    with Swallow():
        x = risky(n)
    return x  # refused: x may have no value


def after_del(n: int) -> int:
    x = 1
    if n:
        del x
    return x  # refused: x may have no value


def captured(n: int) -> int:
    def later() -> int:  # refused: x may have no value
        return x + n

    x = 3
    return later()


def generated(n: int) -> Iterator[int]:
    if n:
        x = 1
    yield n
    yield x  # refused: x may have no value


def every_way(n: int) -> int:
    while True:
        x = risky(n)
        if x:
            break
    match n:
        case 0:
            y = 1
        case _:
            raise ValueError("n")
    try:
        z = risky(n)
    finally:
        print(y)
    return x + z


class Declared:
    name: str

    def __init__(self, n: int) -> None:  # refused: Declared.name may have no value after __init__
        if n:
            self.name = "a"


class Early:
    def __init__(self) -> None:
        self.first = self.second()
        self.number = 1

    def second(self) -> int:
        return self.number  # refused: Early.number may have no value here


class Derived(Declared):
    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.name = "b"


if risky(0):
    LATER = 5


def use() -> int:
    return LATER  # refused: LATER may have no value


print(after_a_branch(1), after_a_loop(1), after_try(1), in_finally(0), after_with(1), after_del(0), captured(1), list(generated(1)))
print(every_way(0), Declared(1).name, Early().number, Derived(1).name, use())
