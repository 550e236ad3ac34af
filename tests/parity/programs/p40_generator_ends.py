from collections.abc import Callable, Iterator


class Noisy:
    def __init__(self, name: str) -> None:
        self.name = name

    def __del__(self) -> None:
        print("del", self.name)


class Manager:
    def __init__(self, name: str, swallow: bool) -> None:
        self.name = name
        self.swallow = swallow

    def __enter__(self) -> "Manager":
        print("enter", self.name)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> bool:
        print("exit", self.name, error is None, str(error) if error is not None else "-")
        return self.swallow


def inner(n: int) -> Iterator[int]:
    local = Noisy(f"inner{n}")
    try:
        for i in range(n):
            if i == 3:
                raise ValueError(f"at {i}")
            yield i
        print("end of inner", local.name)
    finally:
        print("finally inner")


def outer(n: int, swallow: bool) -> Iterator[int]:
    with Manager(f"outer{n}", swallow) as manager:
        for value in inner(n):
            yield value * 10
        yield 1000
    print("after with", manager.name)
    yield 2000


def delegating(n: int) -> Iterator[int]:
    try:
        yield from outer(n, False)
    except ValueError as error:
        print("delegating caught", error)
        yield -1
    else:
        yield -2
    finally:
        print("delegating finally")


def with_return(n: int) -> Iterator[int]:
    for i in range(10):
        try:
            if i == n:
                return
            yield i
        finally:
            print("leaving", i)


def nested_try(n: int) -> Iterator[str]:
    try:
        try:
            yield "a"
            if n == 1:
                raise KeyError("one")
            yield "b"
        except KeyError:
            yield "c"
            if n == 1:
                raise IndexError("two")
        finally:
            yield "d"
    except IndexError:
        yield "e"


def consume(it: Iterator[int], limit: int) -> None:
    count = 0
    try:
        for value in it:
            print("got", value)
            count += 1
            if count == limit:
                break
    except ValueError as error:
        print("consumer caught", error)


def closures(n: int) -> list[Callable[[], int]]:
    out: list[Callable[[], int]] = []
    for i in range(n):
        def make(k: int) -> Callable[[], int]:
            return lambda: k * i

        out.append(make(i + 1))
        out.append(lambda: i)
    return out


def counter_pair() -> tuple[Callable[[], int], Callable[[int], None]]:
    total = 0

    def get() -> int:
        return total

    def add(n: int) -> None:
        nonlocal total

        def really() -> None:
            nonlocal total
            total += n

        really()

    return get, add


def gen_closure(n: int) -> Iterator[Callable[[], int]]:
    acc = 0
    for i in range(n):
        acc += i

        def current() -> int:
            return acc * 100 + i

        yield current


def main() -> None:
    for n in (0, 2, 5):
        for swallow in (False, True):
            for limit in (1, 3, 100):
                print("--", n, swallow, limit)
                consume(outer(n, swallow), limit)
    for n in (2, 5):
        for limit in (2, 100):
            print("== delegating", n, limit)
            consume(delegating(n), limit)
    consume(with_return(3), 100)
    consume(with_return(3), 2)
    print(list(nested_try(0)), list(nested_try(1)))
    it = nested_try(1)
    print(next(it), next(it))
    del it
    print([f() for f in closures(3)])
    get, add = counter_pair()
    add(5)
    add(7)
    print(get())
    print([f() for f in gen_closure(4)])
    for f in gen_closure(3):
        print(f())
    gens = [inner(2), inner(5)]
    print(next(gens[0]), next(gens[1]))
    gens.pop()
    print("popped")
    gens.clear()
    print("cleared")
    try:
        print(next(iter(inner(0))))
    except StopIteration:
        print("stop")
    print(next(inner(0), 55))
    print(sum(inner(3)), max(outer(1, True)))


main()
