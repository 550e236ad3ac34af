"""set: membership, algebra; printed sorted because CPython's order of strings varies."""


def main() -> None:
    s = {3, 1, 2, 3}
    print(sorted(s), len(s), 2 in s, 9 in s, bool(s), bool(set()))
    s.add(10)
    s.add(1)
    s.discard(99)
    s.discard(2)
    s.remove(3)
    print(sorted(s), sorted(s | {5}), sorted(s & {1, 5}), sorted(s - {1}), sorted(s ^ {1, 7}))
    t: set[str] = set()
    for w in "the quick the lazy the dog".split():
        t.add(w)
    print(sorted(t), "dog" in t, "cat" not in t, len(t))
    print(sorted(s.union({4})), sorted(s.intersection({10})), sorted(s.difference({10})), s.issubset({1, 10, 11}), s.issuperset({1}), s.isdisjoint({5}))
    print({1, 2} == {2, 1}, {1} != {2}, {1} < {1, 2}, {1, 2} <= {1, 2}, {1, 2} > {1}, sorted(set([1, 1, 2])), sorted(set("aab")))
    u = s.copy()
    u.update({100, 200})
    u |= {300}
    u &= {1, 100, 300}
    u -= {1}
    print(sorted(u), sorted(s))
    print({7}, set(), {"only"}, {(1, 2)})
    total = 0
    for x in {1, 2, 3, 4}:
        total += x
    print(total, sorted({n % 3 for n in range(10)}), max({4, 9}), sum({4, 9}))
    many: set[int] = set()
    for i in range(1000):
        many.add(i * 31 % 257)
    for i in range(0, 257, 2):
        many.discard(i)
    print(len(many), sum(many))
    one = {5}
    print(one.pop(), len(one))
    s.clear()
    print(len(s))
    try:
        one.pop()
    except KeyError as e:
        print("KeyError", e)
    try:
        one.remove(4)
    except KeyError as e:
        print("KeyError", e)
    try:
        for x in many:
            many.add(x + 1000)
    except RuntimeError as e:
        print("RuntimeError", e)
    names = frozenset({1, 2})
    print(sorted(names), 1 in names, len(names))


main()
