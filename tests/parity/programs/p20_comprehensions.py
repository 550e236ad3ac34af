"""Comprehensions: list, set, dict, nested, conditional, scoping."""


def main() -> None:
    x = "outer"
    print([x * x for x in range(5)], x)
    print([a + b for a in range(3) for b in (10, 20) if a != 1], [[j for j in range(i)] for i in range(4)])
    print({w: len(w) for w in ["a", "bb"]}, sorted({n // 2 for n in range(6)}), {i: [i] * i for i in range(3)})
    print([("even" if n % 2 == 0 else "odd") for n in range(3)], [n for n in range(20) if n % 2 if n % 3])
    matrix = [[1, 2, 3], [4, 5, 6]]
    print([[row[i] for row in matrix] for i in range(3)], [v for row in matrix for v in row])
    print([i for i, ch in enumerate("banana") if ch == "a"], [a * b for a, b in zip([1, 2], [3, 4])])
    print({v: k for k, v in {"a": 1, "b": 2}.items()}, [s.strip() for s in " a, b ,c ".split(",")], [c for c in b"ab"])
    n = 3
    print([i * n for i in range(n)], dict((i, str(i)) for i in range(2)))
    total = sum([len(w) for w in "some words here".split()])
    print(total, [y for y in [k + 1 for k in range(3)]], [(i, j) for i in range(2) for j in range(i, 2)])


main()
