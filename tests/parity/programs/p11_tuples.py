"""Tuples: values, comparison, keys, nesting, repr."""


def stats(values: list[int]) -> tuple[int, int, int]:
    return min(values), max(values), sum(values)


def first(pair: tuple[str, int]) -> str:
    return pair[0]


def optional(n: int) -> tuple[int, str] | None:
    return (n, "even") if n % 2 == 0 else None


def many(*, values: tuple[int, ...]) -> int:
    total = 0
    for v in values:
        total += v
    return total + len(values)


def main() -> None:
    t = (1, "two", True)
    print(t, t[0], t[1], t[-1], len(t), (1,), (), ((1, 2), ("a", b"b")), (None, 3))
    lo, hi, total = stats([4, 1, 7])
    print(lo, hi, total, stats([1]))
    print((1, 2) < (1, 3), (1, 2) == (1, 2), (2, 1) > (1, 9), (1, "a") <= (1, "b"), (1, 2) != (1, 2), (1, "b") >= (1, "a"))
    print(first(("k", 1)), optional(2), optional(3), optional(4) == (4, "even"), optional(3) is None)
    pairs = [(2, "b"), (1, "z"), (2, "a")]
    pairs.sort()
    print(pairs, sorted(pairs, key=lambda p: p[1]), max(pairs), (2, "b") in pairs, pairs.index((2, "a")))
    d = {(1, 2): "x", (0, 0): "o"}
    print(d[(1, 2)], (0, 0) in d, d.get((5, 5)), d)
    for n, s in pairs:
        print(n, s)
    (a, b), c = (1, 2), 3
    print(a, b, c, (a, b) + (c,), hash((1, "a")) == hash((1, "a")))
    got = optional(8)
    if got is not None:
        number, word = got
        print(number, word, got[1])
    print(many(values=(1, 2, 3)), many(values=()), 2 in (1, 2), "x" in ("a", "b"))
    nested: list[tuple[int, list[str]]] = [(1, ["a"]), (2, [])]
    nested[1][1].append("b")
    print(nested)
    if t:
        print("true tuple")


main()
