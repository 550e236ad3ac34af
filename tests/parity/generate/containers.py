"""Sequences of operations on list, dict, set, deque, bytearray, str and bytes, the state printed after each."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.parity.generate.batch import Case

IMPORTS = """
from collections import deque


class Key:
    def __init__(self, n: int) -> None:
        self.n = n

    def __hash__(self) -> int:
        return self.n % 4

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.n == other.n

    def __lt__(self, other: "Key") -> bool:
        return self.n < other.n

    def __repr__(self) -> str:
        return f"K{self.n}"
"""

INDEX = st.sampled_from(["0", "1", "-1", "2", "-2", "5", "-6", "100", "-100"])
BOUND = st.sampled_from(["", "0", "1", "2", "4", "-1", "-2", "-5", "100", "-100"])
STEP = st.sampled_from(["1", "2", "3", "-1", "-2", "-3"])

ELEMENTS: dict[str, SearchStrategy[str]] = {
    "int": st.sampled_from(["0", "1", "2", "-1", "7", "1000000007", "-9223372036854775808", "8", "16", "31"]),
    "str": st.sampled_from(['""', '"a"', '"b"', '"ab"', '"é"', '"x" * 3', '"longer text"', '"it\'s"']),
    "bytes": st.sampled_from(['b""', 'b"a"', 'b"b"', 'b"a\\x00"', 'b"\\xff"', 'b"/bin"']),
    "tuple[int, str]": st.sampled_from(['(1, "a")', '(1, "b")', '(0, "")', '(2, "a")']),
    "Key": st.sampled_from(["Key(1)", "Key(5)", "Key(2)", "Key(1 + 8)", "Key(0)"]),
    "bool": st.sampled_from(["True", "False"]),
}


def slice_text(draw: DrawFn, stepped: bool) -> str:
    text = f"{draw(BOUND)}:{draw(BOUND)}"
    return f"{text}:{draw(STEP)}" if stepped else text


def program(setup: str, steps: list[str], show: str) -> Case:
    """A case that runs each step by number under a handler and shows the state."""
    lines = []
    for number, step in enumerate(steps):
        lines.append(f"        {'if' if number == 0 else 'elif'} step == {number}:\n            {step}")
    body = "\n".join(lines)
    return Case.plain(
        f"""
def case§() -> None:
{setup}
    for step in range({len(steps)}):
        try:
{_indent(body)}
        except (IndexError, ValueError, KeyError) as e:
            print(repr(e))
        print({show})
"""
    )


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


@st.composite
def lists(draw: DrawFn) -> Case:
    kind = draw(st.sampled_from(sorted(ELEMENTS)))
    items = st.lists(ELEMENTS[kind], max_size=6).map(lambda parts: "[" + ", ".join(parts) + "]")
    x = ELEMENTS[kind]
    setup = f"    v: list[{kind}] = {draw(items)}\n    w: list[{kind}] = {draw(items)}"
    steps = []
    for _ in range(14):
        steps.append(
            draw(
                st.one_of(
                    x.map(lambda e: f"v.append({e})"),
                    st.tuples(INDEX, x).map(lambda p: f"v.insert({p[0]}, {p[1]})"),
                    st.tuples(INDEX, x).map(lambda p: f"v[{p[0]}] = {p[1]}"),
                    INDEX.map(lambda i: f"print(v[{i}])"),
                    INDEX.map(lambda i: f"print(v.pop({i}))"),
                    INDEX.map(lambda i: f"del v[{i}]"),
                    x.map(lambda e: f"v.remove({e})"),
                    x.map(lambda e: f"print(v.index({e}), v.count({e}), {e} in v)"),
                    items.map(lambda i: f"v.extend({i})"),
                    items.map(lambda i: f"v += {i}"),
                    st.sampled_from(
                        [
                            "v.reverse()",
                            "v.sort()",
                            "v.sort(reverse=True)",
                            "print(v.pop())",
                            "w = v.copy()",
                            "v = v + w",
                            "v = v * 2",
                            "v, w = w, v",
                        ]
                        + [
                            "print(v == w, v < w, v <= w, v != w)",
                            "print(sorted(v), list(reversed(v)))",
                            "v = w[:]",
                            "v.clear()",
                            "v.sort(key=repr)",
                        ]
                        + ["print(max(v), min(v))", "print([x for x in v if x in w])", "print(len(v), bool(v))", "v *= 2", "v.extend(v)"]
                    ),
                    st.just("slice"),
                    st.just("stepped"),
                    st.just("assign"),
                    st.just("assign"),
                    st.just("assign stepped"),
                    st.just("delete"),
                    st.just("delete stepped"),
                )
            )
        )
        match steps[-1]:
            case "slice":
                steps[-1] = f"print(v[{slice_text(draw, False)}])"
            case "stepped":
                steps[-1] = f"print(v[{slice_text(draw, True)}])"
            case "assign":
                steps[-1] = f"v[{slice_text(draw, False)}] = {draw(items)}"
            case "assign stepped":
                steps[-1] = f"v[{slice_text(draw, True)}] = {draw(items)}"
            case "delete":
                steps[-1] = f"del v[{slice_text(draw, False)}]"
            case "delete stepped":
                steps[-1] = f"del v[{slice_text(draw, True)}]"
    return program(setup, steps, "v, w")


@st.composite
def dicts(draw: DrawFn) -> Case:
    kind = draw(st.sampled_from(sorted(ELEMENTS)))
    value = draw(st.sampled_from(["int", "str", "tuple[int, str]"]))
    k, x = ELEMENTS[kind], ELEMENTS[value]
    items = st.lists(st.tuples(k, x), max_size=5).map(lambda ps: "{" + ", ".join(f"{a}: {b}" for a, b in ps) + "}")
    setup = f"    v: dict[{kind}, {value}] = {draw(items)}\n    w: dict[{kind}, {value}] = {draw(items)}"
    choices = st.one_of(
        st.tuples(k, x).map(lambda p: f"v[{p[0]}] = {p[1]}"),
        st.tuples(k, x).map(lambda p: f"v[{p[0]}] = {p[1]}"),
        k.map(lambda e: f"print(v[{e}])"),
        k.map(lambda e: f"del v[{e}]"),
        k.map(lambda e: f"print(v.pop({e}))"),
        k.map(lambda e: f"print(v.pop({e}, None))"),
        k.map(lambda e: f"print(v.get({e}), {e} in v)"),
        st.tuples(k, x).map(lambda p: f"print(v.get({p[0]}, {p[1]}), v.pop({p[0]}, {p[1]}))"),
        st.tuples(k, x).map(lambda p: f"print(v.setdefault({p[0]}, {p[1]}))"),
        items.map(lambda i: f"v.update({i})"),
        st.sampled_from(
            [
                "print(v.popitem())",
                "w = v.copy()",
                "v = v | w",
                "v |= w",
                "v, w = w, v",
                "print(v == w, v != w, len(v), bool(v))",
                "v.clear()",
            ]
            + ["print(list(v), list(v.keys()), list(v.values()), list(v.items()))", "print([a for a in v if a in w], list(reversed(v)))"]
            + ["print({a: b for a, b in v.items() if b in w.values()})", "print(sorted(v), sorted(v.items()))"]
        ),
    )
    return program(setup, [draw(choices) for _ in range(16)], "v, w")


@st.composite
def sets(draw: DrawFn) -> Case:
    kind = draw(st.sampled_from(["int", "int", "str", "bytes", "Key"]))
    x = ELEMENTS[kind]
    items = st.lists(x, min_size=1, max_size=2).map(lambda parts: "{" + ", ".join(parts) + "}")
    setup = f"    v: set[{kind}] = set()\n    w: set[{kind}] = {draw(items)}"
    choices = st.one_of(
        x.map(lambda e: f"v.add({e})"),
        x.map(lambda e: f"v.add({e})"),
        x.map(lambda e: f"w.add({e})"),
        x.map(lambda e: f"v.discard({e})"),
        x.map(lambda e: f"v.remove({e})"),
        x.map(lambda e: f"print({e} in v, {e} not in w)"),
        st.sampled_from(
            [
                "v = v | w",
                "v = v & w",
                "v = v - w",
                "v = v ^ w",
                "v |= w",
                "v &= w",
                "v -= w",
                "v ^= w",
                "v, w = w, v",
                "v = w.copy()",
                "v.update(w)",
            ]
            + ["print(v == w, v <= w, v < w, v >= w, v > w, v.isdisjoint(w), v.issubset(w))", "print(len(v), bool(v))", "v.clear()"]
            + ["print(sorted(v.union(w)), sorted(v.intersection(w)), sorted(v.difference(w)), sorted(v.symmetric_difference(w)))"]
        ),
    )
    show = "v, w" if kind == "int" else "sorted(v), sorted(w)"
    return program(setup, [draw(choices) for _ in range(18)], show)


@st.composite
def deques(draw: DrawFn) -> Case:
    kind = draw(st.sampled_from(["int", "str"]))
    x = ELEMENTS[kind]
    setup = f"    v: deque[{kind}] = deque()"
    choices = st.one_of(
        x.map(lambda e: f"v.append({e})"),
        x.map(lambda e: f"v.append({e})"),
        x.map(lambda e: f"v.appendleft({e})"),
        x.map(lambda e: f"v.remove({e})"),
        x.map(lambda e: f"print({e} in v, v.count({e}))"),
        INDEX.map(lambda i: f"print(v[{i}])"),
        st.tuples(INDEX, x).map(lambda p: f"v[{p[0]}] = {p[1]}"),
        st.sampled_from(
            [
                "print(v.pop())",
                "print(v.popleft())",
                "v.clear()",
                "v.reverse()",
                "v.rotate(2)",
                "v.extend(list(v))",
                "print(len(v), bool(v), list(v))",
            ]
        ),
    )
    return program(setup, [draw(choices) for _ in range(18)], "v")


BYTE = st.sampled_from(["0", "1", "97", "98", "255", "256", "-1"])
CHUNK = st.sampled_from(
    ['b""', 'b"a"', 'b"ab"', 'b"\\x00\\xff"', 'bytearray(b"ba")', 'memoryview(b"xyz")[1:]', "bytes(3)", 'b" a  b "', "bytes(v[1:3])"]
)


@st.composite
def bytearrays(draw: DrawFn) -> Case:
    setup = f"    v = bytearray({draw(CHUNK).replace('v[1:3]', 'b')})\n    b = bytes({draw(CHUNK).replace('v[1:3]', 'b')})".replace(
        "bytes(b)", 'b"q"'
    )
    choices = st.one_of(
        BYTE.map(lambda e: f"v.append({e})"),
        CHUNK.map(lambda c: f"v.extend({c})"),
        CHUNK.map(lambda c: f"v += {c}"),
        st.tuples(INDEX, BYTE).map(lambda p: f"v[{p[0]}] = {p[1]}"),
        st.tuples(INDEX, BYTE).map(lambda p: f"v.insert({p[0]}, {p[1]})"),
        INDEX.map(lambda i: f"print(v[{i}], v.pop({i}))"),
        INDEX.map(lambda i: f"del v[{i}]"),
        st.tuples(BOUND, BOUND, CHUNK).map(lambda p: f"v[{p[0]}:{p[1]}] = {p[2]}"),
        st.tuples(BOUND, BOUND).map(lambda p: f"del v[{p[0]}:{p[1]}]"),
        st.tuples(BOUND, BOUND, STEP).map(lambda p: f"print(v[{p[0]}:{p[1]}:{p[2]}], b[{p[0]}:{p[1]}:{p[2]}], b[{p[0]}:{p[1]}])"),
        st.tuples(BOUND, BOUND).map(lambda p: f"print(bytes(memoryview(v)[{p[0]}:{p[1]}]), memoryview(b)[{p[0]}:{p[1]}].tobytes())"),
        CHUNK.map(lambda c: f"print(v.find({c}), v.count({c}), b.rfind({c}), v.startswith({c}), b.endswith({c}), {c} in v, {c} in b)"),
        CHUNK.filter(lambda c: "view" not in c).map(
            lambda c: f"print(v.split({c}, 2), b.rsplit({c}), v.partition({c}), b.rpartition({c}))"
        ),
        st.tuples(CHUNK, CHUNK).map(lambda p: f"print(v.replace({p[0]}, {p[1]}), b.replace({p[0]}, {p[1]}, 2))"),
        CHUNK.map(lambda c: f"print(v.strip({c}), b.lstrip({c}), v.rstrip({c}), v + {c}, b + {c})"),
        BYTE.map(lambda e: f"print(v.find({e}), v.count({e}), b.rfind({e}), b.index({e}))"),
        st.sampled_from(
            [
                "print(v.split(), b.split(None, 1), b.rsplit(None, 1), v.hex(), b.hex())",
                "v.reverse()",
                "b = bytes(v)",
                "v = bytearray(b)",
                "v.clear()",
            ]
            + [
                "print(v.upper(), b.lower(), v.isalpha(), b.isdigit(), b.isspace(), b.isalnum())",
                "print(v == b, b == v, v != b, b < v, v * 2, b * 3)",
            ]
            + [
                "print(b.ljust(5, b'*'), b.rjust(5), b.center(6, b'-'), b.zfill(4), b.splitlines())",
                "print(list(v), sum(b), sorted(b), [x for x in v])",
            ]
            + ["print(bytes(reversed(b)), max(b), min(v))", "print(repr(v), str(b), bytes.fromhex(v.hex()))"]
        ),
    )
    return program(setup, [draw(choices) for _ in range(16)], "v, b")
