"""dict: order, methods, views, deletion, growth, comparison, errors."""


class Key:
    def __init__(self, n: int) -> None:
        self.n = n

    def __hash__(self) -> int:
        return self.n % 3

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.n == other.n

    def __repr__(self) -> str:
        return f"Key({self.n})"


class Plain:
    def __init__(self, n: int) -> None:
        self.n = n


def main() -> None:
    d = {"one": 1, "two": 2, "three": 3}
    print(d, len(d), d["two"], "one" in d, "four" in d, d.get("one"), d.get("four"), d.get("four", 44))
    d["four"] = 4
    d["one"] = 11
    print(d, list(d), list(d.keys()), list(d.values()), list(d.items()))
    del d["two"]
    d["two"] = 22
    print(d, d.pop("three"), d.pop("zzz", -1), d)
    print(d.setdefault("five", 5), d.setdefault("one", 0), d)
    d.update({"six": 6, "one": 1})
    print(d, d.popitem(), d.copy() == d, d == {"one": 1}, d != {"one": 1})
    for k in d:
        print(k, end=" ")
    for k, v in d.items():
        print(k, v, end=" ")
    for v in d.values():
        print(v, end=" ")
    for i, (k, v) in enumerate(d.items()):
        print(i, k, v, end=" ")
    print()
    d["five"] += 100
    d["five"] *= 2
    print(d["five"], sum(d.values()), max(d), sorted(d), sorted(d.items(), key=lambda kv: kv[1]), "five" in d.keys(), 210 in d.values())
    d.clear()
    print(d, bool(d), len(d))
    big: dict[int, int] = {}
    for i in range(500):
        big[i * 7919 % 1009] = i
    for i in range(0, 500, 3):
        big.pop(i, 0)
    print(len(big), list(big.items())[:12], list(big.items())[-5:], big.get(0), big.get(1))
    negative = {-1: "a", -2: "b", 0: "c", 1 << 62: "d"}
    print(negative, negative[-1], negative[-2], negative[1 << 62])
    keys = {Key(1): "a", Key(4): "b", Key(7): "c", Key(1): "again"}
    print(keys, keys[Key(4)], Key(10) in keys)
    p = Plain(1)
    identity = {p: "p", Plain(1): "other"}
    print(identity[p], len(identity), Plain(1) in identity)
    by_bytes = {b"/bin": 1, b"/": 2}
    print(by_bytes, by_bytes[b"/bin"], b"/x" in by_bytes)
    groups: dict[str, list[int]] = {}
    for n in range(10):
        groups.setdefault("even" if n % 2 == 0 else "odd", []).append(n)
    print(groups, {True: 1, False: 0}, {"k": None}, {"n": {"m": (1, "x")}})
    merged = {"a": 1, "b": 2} | {"b": 3}
    print(merged, dict([("x", 1), ("y", 2)]), {1: 2} == {1: 2}, {1: 2, 3: 4} == {3: 4, 1: 2}, dict(merged), list(reversed(merged)))
    try:
        print(big[-77])
    except KeyError as e:
        print("KeyError", e)
    try:
        print(merged["no'pe"])
    except KeyError as e:
        print("KeyError", e)
    try:
        del keys[Key(99)]
    except KeyError as e:
        print("KeyError", e)
    try:
        d.popitem()
    except KeyError as e:
        print("KeyError", e)
    try:
        for k in merged:
            merged[k + "!"] = 0
    except RuntimeError as e:
        print("RuntimeError", e)
    try:
        for v in big.values():
            big.popitem()
    except RuntimeError as e:
        print("RuntimeError", e)
    print(len(merged))


main()
