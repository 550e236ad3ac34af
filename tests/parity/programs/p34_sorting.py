"""Stability, keys, reverse, comparison through __lt__, exceptions in a key."""


class Record:
    def __init__(self, key: int, tag: str) -> None:
        self.key = key
        self.tag = tag

    def __lt__(self, other: "Record") -> bool:
        return self.key < other.key

    def __repr__(self) -> str:
        return f"{self.key}{self.tag}"


def bad_key(n: int) -> int:
    if n == 5:
        raise ValueError("five")
    return n


def main() -> None:
    records = [Record(n * 7 % 5, chr(97 + n)) for n in range(15)]
    print(sorted(records), sorted(records, reverse=True))
    records.sort(key=lambda r: r.tag, reverse=True)
    print(records)
    seed = 12345
    values: list[int] = []
    for _ in range(300):
        seed = (seed * 1103515245 + 12345) % 2147483648
        values.append(seed % 1000 - 500)
    ordered = sorted(values)
    print(ordered[:10], ordered[-10:], all(ordered[i] <= ordered[i + 1] for i in range(299)), sum(values) == sum(ordered))
    by_mod = sorted(values, key=lambda v: v % 7)
    print([v % 7 for v in by_mod][::30], by_mod[:8])
    names = ["b", "", "ab", "a", "B", "é", "aa"]
    print(sorted(names), sorted(names, key=len), sorted([b"b", b"\xff", b"", b"ab"]), sorted([(2, "a"), (1, "z"), (1, "b")], reverse=True))
    work = [3, 5, 1]
    try:
        work.sort(key=bad_key)
    except ValueError as e:
        print(e, work)
    print(sorted([True, False, True]), sorted({3: 1, 1: 2}), sorted("hello"), sorted(range(5, 0, -1)))
    print(min(records, key=lambda r: r.key), max(values, key=abs) in (min(values), max(values)))


main()
