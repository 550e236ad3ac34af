def numbers(n: int) -> list[int]:
    return list(range(n))


class Point:
    def __init__(self) -> None:
        self.rest: list[int] = []
        self.x = 0


def attempt(n: int) -> str:
    try:
        a, *b, c = numbers(n)
        return f"{a} {b} {c}"
    except ValueError as error:
        return str(error)


def exact(n: int) -> str:
    try:
        a, b = numbers(n)
        return f"{a} {b}"
    except ValueError as error:
        return str(error)


def zipped(n: int, m: int, k: int) -> str:
    out: list[str] = []
    try:
        for a, b, c in zip(numbers(n), numbers(m), numbers(k), strict=True):
            out.append(f"{a}{b}{c}")
    except ValueError as error:
        out.append(str(error))
    return " ".join(out)


def two(n: int, m: int) -> str:
    try:
        return str([a * b for a, b in zip(numbers(n), "x" * m, strict=True)])
    except ValueError as error:
        return str(error)


def closing(n: int) -> int:
    first, *others = numbers(n)

    def total() -> int:
        return sum(others) + first

    return total()


def main() -> None:
    for n in range(6):
        print(attempt(n), "|", exact(n))
    head, *tail = (1, 2, 3)
    print(head, tail)
    *init, last = [1, 2, 3]
    print(init, last)
    *everything, = numbers(3)
    print(everything)
    none: list[int]
    x, *none = (5,)
    print(x, none)
    p = Point()
    p.x, *p.rest = numbers(4)
    print(p.x, p.rest)
    for a, *b in [[1, 2, 3], [4]]:
        print(a, b)
    print(closing(5))
    for i in range(3):
        for j in range(3):
            print(two(i, j))
            for k in range(3):
                print(zipped(i, j, k))
    print(id(p) == id(p), id(p) > 0, id(p) != id(init))


main()
