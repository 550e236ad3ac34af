"""with: enter, exit order, exceptions seen and swallowed, return and break through exits."""

from types import TracebackType


class Lock:
    def __init__(self, name: str) -> None:
        self.name = name
        self.held = False

    def __enter__(self) -> "Lock":
        print("acquire", self.name)
        self.held = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        print("release", self.name, "with error" if error is not None else "clean")
        self.held = False


class Swallow:
    def __enter__(self) -> int:
        return 42

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if error is not None:
            print("swallow?", error)
        return isinstance(error, KeyError)


def early(lock: Lock) -> int:
    with lock:
        return 7


def looped() -> None:
    for i in range(4):
        with Lock(f"loop{i}") as l:
            if i == 1:
                continue
            if i == 2:
                break
            print("holding", l.held)


def two() -> None:
    with Lock("a") as a, Lock("b") as b:
        print(a.name, b.name)
        raise ValueError("both")


def main() -> None:
    with Lock("plain") as lock:
        print("inside", lock.held)
    print("outside", lock.held)
    print(early(lock))
    looped()
    try:
        two()
    except ValueError as e:
        print("caught", e)
    with Swallow() as n:
        print(n)
        raise KeyError("gone")
    print("continues")
    try:
        with Swallow():
            raise ValueError("kept")
    except ValueError as e:
        print("escaped", e)
    try:
        with Lock("outer"):
            try:
                raise RuntimeError("x")
            finally:
                print("finally inside with")
    except RuntimeError:
        print("done")


main()
