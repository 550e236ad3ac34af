"""Dataclasses, enums, flags, match statements, closures and generic classes of random shape."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.parity.generate.batch import Case

IMPORTS = """
from dataclasses import dataclass, field
from enum import Enum, IntEnum, IntFlag
from typing import Callable, Generic, Iterator, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Box(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value
        self.seen: list[T] = []

    def put(self, value: T) -> T:
        old = self.value
        self.seen.append(old)
        self.value = value
        return old

    def apply(self, f: Callable[[T], U]) -> "Box[U]":
        return Box(f(self.value))

    def __iter__(self) -> Iterator[T]:
        yield from self.seen
        yield self.value

    def __repr__(self) -> str:
        return f"Box({self.value!r})"


def twice(f: Callable[[T], T], x: T) -> T:
    return f(f(x))
"""

VALUES: dict[str, SearchStrategy[str]] = {
    "int": st.sampled_from(["0", "1", "-5", "77", "9223372036854775807"]),
    "str": st.sampled_from(['""', '"a"', '"bee"', '"é\'"']),
    "bytes": st.sampled_from(['b""', 'b"x\\x00"', 'b"/"']),
    "bool": st.sampled_from(["True", "False"]),
    "tuple[int, str]": st.sampled_from(['(1, "a")', '(0, "")', '(1, "b")']),
    "int | None": st.sampled_from(["None", "0", "3"]),
    "str | None": st.sampled_from(["None", '""', '"s"']),
}
ORDERED = ["int", "str", "bytes", "bool", "tuple[int, str]"]


@st.composite
def dataclasses(draw: DrawFn) -> Case:
    ordered = draw(st.booleans())
    frozen = draw(st.booleans())
    kinds = [draw(st.sampled_from(ORDERED if ordered else sorted(VALUES))) for _ in range(draw(st.integers(1, 4)))]
    first_default = draw(st.integers(0, len(kinds)))
    lines = []
    for number, kind in enumerate(kinds):
        default = f" = {draw(VALUES[kind])}" if number >= first_default else ""
        lines.append(f"    f{number}: {kind}{default}")
    extra = not ordered and not frozen and draw(st.booleans())
    if extra:
        lines.append("    items: list[int] = field(default_factory=list)")

    def instance() -> str:
        count = draw(st.integers(first_default, len(kinds)))
        given = [draw(VALUES[kind]) for kind in kinds[:count]]
        named = [f"f{n}={value}" if n >= 1 and draw(st.booleans()) else value for n, value in enumerate(given)]
        positional = [text for text in named if not text.startswith("f")]
        keywords = [f"f{n}={given[n]}" for n in range(len(positional), count)]
        return f"D§({', '.join(given[: len(positional)] + keywords)})"

    made = [instance() for _ in range(4)]
    pattern = ", ".join(
        f"f{n}={draw(st.sampled_from([f'v{n}', draw(VALUES[k]) if k != 'tuple[int, str]' else f'v{n}']))}" for n, k in enumerate(kinds)
    )
    body = ["v = [" + ", ".join(made) + "]", "print(v)", "print([a == b for a in v for b in v], [a != b for a in v for b in v])"]
    if ordered:
        body += ["print([a < b for a in v for b in v], [a >= b for a in v for b in v])", "print(sorted(v), max(v), min(v), v.index(v[2]))"]
    if frozen:
        body += ["d = {x: n for n, x in enumerate(v)}", "print(d, len(d), [d[x] for x in v], len(set(v)))"]
    else:
        body += [f"v[0].f0 = {draw(VALUES[kinds[0]])}", "print(v[0], v[0] == v[1])"]
    if extra:
        body += ["v[0].items.append(4)", "print(v[0].items, v[1].items, v[0])"]
    body += [
        "for x in v:",
        "    match x:",
        f"        case D§({pattern}):",
        '            print("matched", x)',
        "        case _:",
        '            print("not", x.f0)',
    ]
    text = "\n".join("    " + line for line in body)
    options = [name for name, on in (("order=True", ordered), ("frozen=True", frozen)) if on]
    decorator = f"@dataclass({', '.join(options)})" if options else "@dataclass"
    fields = "\n".join(lines)
    return Case.plain(f"\n{decorator}\nclass D§:\n{fields}\n\n\ndef case§() -> None:\n{text}\n")


@st.composite
def enums(draw: DrawFn) -> Case:
    names = draw(st.permutations(["ALPHA", "BETA", "GAMMA", "DELTA"]))[: draw(st.integers(2, 4))]
    base = draw(st.sampled_from(["Enum", "Enum", "IntEnum"]))
    values = draw(st.permutations([1, 2, 5, -3, 100]))[: len(names)]
    texts = base == "Enum" and draw(st.booleans())
    members = "\n".join(f"    {name} = " + (f'"{name.lower()}"' if texts else str(value)) for name, value in zip(names, values))
    flags = draw(st.permutations([1, 2, 4, 8]))[:3]
    probe = f'"{draw(st.sampled_from(["beta", "none"]))}"' if texts else str(draw(st.sampled_from([1, 2, 77])))
    cases = "\n".join(f'        case E§.{name}:\n            return "{name.lower()}!"' for name in names[:-1])
    arithmetic = (
        "print(E§.{0} + 1, E§.{0} < E§.{1}, int(E§.{1}), sorted(E§)[0].name)".format(names[0], names[1]) if base == "IntEnum" else "pass"
    )
    x, y = (draw(st.sampled_from(["F§.P", "F§.Q", "F§.R", "F§.P | F§.Q", "F§(0)", "F§.P | F§.R"])) for _ in range(2))
    return Case.plain(
        f"""
class E§({base}):
{members}


class F§(IntFlag):
    P = {flags[0]}
    Q = {flags[1]}
    R = {flags[2]}


def value§(e: E§) -> str:
    match e:
{cases}
        case _:
            return "last"


def show§(x: F§, y: F§) -> None:
    print((x | y).value, (x & y).value, (x ^ y).value, (x & ~y).value, bool(x & y), x == y, x in y, int(x) + 1, not x)


def case§() -> None:
    print([(e.name, e.value) for e in E§], len(E§), [value§(e) for e in E§])
    d = {{e: i for i, e in enumerate(E§)}}
    print([d[e] for e in E§], E§.{names[0]} in d)
    {arithmetic}
    try:
        print(E§({probe}).name)
    except ValueError as e:
        print(str(e))
    show§({x}, {y})
"""
    )


@st.composite
def matches(draw: DrawFn) -> Case:
    """A match over integers, texts, tuples and lists."""

    def arms(patterns: SearchStrategy[str]) -> str:
        chosen = draw(st.lists(patterns, min_size=1, max_size=5, unique=True))
        lines = []
        for number, pattern in enumerate(chosen):
            guard = draw(st.sampled_from(["", "", " if flag", " if not flag"]))
            lines.append(f'        case {pattern}{guard}:\n            return "arm {number}"')
        return "\n".join(lines)

    integer = st.sampled_from(["0", "1 | 2", "-1", "3 | 4 | 5", "100"])
    text = st.sampled_from(['"a"', '"b" | "c"', '""', '"é"'])
    pair = st.sampled_from(["(0, _)", '(1, "a")', '(_, "b")', "(1 | 2, s)", "(n, s)"])
    items = st.sampled_from(["[]", "[0]", "[x]", "[1, _]", "[x, y]", "[_, _, 9]", "[_, _, _]", "[1, 5, _, z]"])
    return Case.plain(
        f"""
def flow§(n: int, flag: bool) -> str:
    match n:
{arms(integer)}
    return "none"


def value§(s: str, flag: bool) -> str:
    match s:
{arms(text)}
    return "none"


def show§(p: tuple[int, str], flag: bool) -> str:
    match p:
{arms(pair)}
    return "none"


def take§(v: list[int], flag: bool) -> str:
    match v:
{arms(items)}
    return "none"


def case§() -> None:
    for flag in (True, False):
        print([flow§(n, flag) for n in (0, 1, 2, -1, 4, 100, 7)])
        print([value§(s, flag) for s in ("a", "c", "", "é", "zz")])
        print([show§(p, flag) for p in [(0, "a"), (1, "a"), (2, "b"), (9, "z")]])
        print([take§(v, flag) for v in [[], [0], [5], [1, 2], [1, 9], [3, 3, 9], [1, 5, 5, 2]]])
"""
    )


@st.composite
def closures(draw: DrawFn) -> Case:
    """Counters that share variables, functions in containers, generic boxes."""
    start, step = draw(st.integers(-3, 3)), draw(st.integers(1, 3))
    lines = draw(
        st.lists(
            st.sampled_from(
                [
                    "print(up(), down())",
                    "print(up(), up(), total)",
                    "fs.append(up)",
                    "fs.append(lambda: total * 10)",
                    "print([f() for f in fs])",
                    "add(3)",
                    "total += 1",
                    "print(total)",
                    "b = b.apply(lambda n: n + total)",
                    "print(b.put(total), b, list(b))",
                    "print(b.apply(str), b.apply(lambda n: (n, up())))",
                    "print(twice(lambda n: n * 2 + total, 5), twice(lambda s: s + '!', 'a'))",
                    "print(sorted([3, 1, 2], key=lambda n: (n + total) % 3))",
                    "print(list(map(lambda n: n + up(), [1, 2])), [g(2) for g in [double, double]])",
                    "by['k'] = lambda n: n + total",
                    "print([f(1) for f in by.values()])",
                ]
            ),
            min_size=6,
            max_size=12,
        )
    )
    body = "\n".join("    " + line for line in lines)
    return Case.plain(
        f"""
def case§() -> None:
    total = {start}
    b: Box[int] = Box({step})

    def up() -> int:
        nonlocal total
        total += {step}
        return total

    def down() -> int:
        nonlocal total
        total -= 1
        return total

    def add(n: int) -> None:
        nonlocal total
        total += n

    def double(n: int) -> int:
        return n * 2

    fs: list[Callable[[], int]] = [up]
    by: dict[str, Callable[[int], int]] = {{}}
{body}
    print(total, len(fs), len(by), b)
"""
    )
