"""Cases about the lives of values without a name: objects that report their end, and one whose end overwrites what is being read.

A value may die earlier than under CPython within its statement (docs/dialect.md, Classes), so the ends of a statement are compared as a
set; what the statement computes must be the same.
"""

from hypothesis import strategies as st

from tests.parity.generate.batch import Case

IMPORTS = """from collections.abc import Iterator

ended: list[int] = []


class Item:
    def __init__(self, n: int) -> None:
        self.n = n
        self.text = str(n) * 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and other.n % 3 == self.n % 3

    def __hash__(self) -> int:
        return self.n % 3

    def add(self, other: "Item") -> "Item":
        return Item(self.n + other.n)

    def __del__(self) -> None:
        ended.append(self.n)


class Holder:
    def __init__(self, n: int) -> None:
        self.item = Item(n)
        self.other: Item | None = None
        self.items = [Item(n + 1), Item(n + 2)]
        self.table = {1: Item(n + 3), 2: Item(n + 4)}

    def get(self) -> Item:
        return self.item

    def swap(self, n: int) -> Item:
        old = self.item
        self.item = Item(n)
        return old

    def replace(self, n: int) -> int:
        self.item = Item(n)
        return n

    def shrink(self) -> int:
        if self.items:
            self.items.pop()
        return len(self.items)

    def turns(self, n: int) -> Iterator[Item]:
        for i in range(n):
            yield Item(i)
            self.replace(i)


class Changer(Item):
    def __init__(self, holder: Holder, n: int) -> None:
        super().__init__(n)
        self.holder = holder

    def __del__(self) -> None:
        self.holder.item = Item(self.n + 1000)
        self.holder.items.append(Item(self.n + 2000))


def pair(a: Item, b: Item) -> int:
    return a.n * 1000 + b.n


def first(a: Item, b: Item) -> Item:
    return a


def take(a: Item, n: int) -> int:
    return a.n + n


def passing(a: Item) -> Item:
    return a


def finish() -> None:
    ended.sort()
    print(ended)
    ended.clear()
"""

NUMBER = st.integers(1, 99)
SELECTED = ("h.item", "h.items[0]", "h.items[-1]", "h.table[1]", "h.table[2]", "h.get()", "a")


@st.composite
def objects(draw: st.DrawFn, depth: int = 0) -> str:
    """An expression that gives an Item."""
    plain = draw(st.integers(0, 9))
    if depth > 2 or plain < 4:
        return draw(st.sampled_from(SELECTED))
    kind = draw(st.integers(0, 10))
    number = draw(NUMBER)
    if kind == 0:
        return f"Item({number})"
    if kind == 1:
        return f"Changer(h, {number})"
    if kind == 2:
        return f"h.swap({number})"
    if kind == 3:
        return f"[{draw(objects(depth + 1))}, {draw(objects(depth + 1))}][{draw(st.integers(0, 1))}]"
    if kind == 4:
        return f"({draw(objects(depth + 1))}, {draw(objects(depth + 1))})[{draw(st.integers(0, 1))}]"
    if kind == 5:
        return f"{{1: {draw(objects(depth + 1))}}}[1]"
    if kind == 6:
        return f"first({draw(objects(depth + 1))}, {draw(objects(depth + 1))})"
    if kind == 7:
        return f"passing({draw(objects(depth + 1))})"
    if kind == 8:
        return f"{draw(objects(depth + 1))}.add({draw(objects(depth + 1))})"
    if kind == 9:
        return f"({draw(objects(depth + 1))} if {draw(numbers(depth + 1))} > {number} else {draw(objects(depth + 1))})"
    return f"next(h.turns({draw(st.integers(1, 3))}))"


@st.composite
def numbers(draw: st.DrawFn, depth: int = 0) -> str:
    """An expression that gives an int."""
    kind = draw(st.integers(0, 9))
    if depth > 2 or kind < 3:
        return f"{draw(objects(depth + 1))}.n"
    if kind == 3:
        return f"len({draw(objects(depth + 1))}.text)"
    if kind == 4:
        return f"pair({draw(objects(depth + 1))}, {draw(objects(depth + 1))})"
    if kind == 5:
        return f"take({draw(objects(depth + 1))}, {draw(numbers(depth + 1))})"
    if kind == 6:
        return f"({draw(numbers(depth + 1))} - {draw(numbers(depth + 1))})"
    if kind == 7:
        return f"int({draw(objects(depth + 1))} == {draw(objects(depth + 1))})"
    if kind == 8:
        return f"h.replace({draw(NUMBER)})"
    return f"sum([x.n for x in [{draw(objects(depth + 1))}, {draw(objects(depth + 1))}]])"


@st.composite
def statements(draw: st.DrawFn) -> list[str]:
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return [f"a = {draw(objects())}"]
    if kind == 1:
        return [f"h.item = {draw(objects())}"]
    if kind == 2:
        return [f"h.items[0] = {draw(objects())}"]
    if kind == 3:
        return [
            f"for x in [{draw(objects())}, {draw(objects())}]:",
            f"    print(x.n, {draw(numbers(1))})",
            "    if x.n > 50:",
            "        break",
        ]
    if kind == 4:
        return [
            "try:",
            f"    print({draw(numbers())}, h.items[{draw(st.integers(1, 4))}].n)",
            "except IndexError:",
            "    print('no such item')",
        ]
    return [f"print({draw(numbers())}, {draw(objects())}.text)"]


@st.composite
def lifetimes(draw: st.DrawFn) -> Case:
    lines = ["def case§() -> None:", f"    h = Holder({draw(NUMBER)})", f"    a = Item({draw(NUMBER)})"]
    for _ in range(draw(st.integers(2, 5))):
        lines += ["    " + line for line in draw(statements())]
        lines.append("    finish()")
    return Case.plain("\n".join(lines))
