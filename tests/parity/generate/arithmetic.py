"""Integer expressions over int and every sized type, evaluated on values at the edges of the widths."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.parity.generate.batch import Case

SIZED = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")
EVALUATIONS = 40


def bounds(kind: str) -> tuple[int, int]:
    if kind == "int":
        return -(1 << 63), (1 << 63) - 1
    bits = int(kind[1:])
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if kind[0] == "i" else (0, (1 << bits) - 1)


def edges(kind: str) -> list[int]:
    low, high = bounds(kind)
    bits = high.bit_length()
    values = [
        0,
        1,
        2,
        3,
        7,
        10,
        63,
        64,
        high,
        high - 1,
        high // 2,
        high // 2 + 1,
        high // 3,
        1 << (bits - 1),
        (1 << (bits // 2)) + 1,
        1 << (bits // 2),
    ]
    if low < 0:
        values += [-1, -2, -3, -7, -10, -64, low, low + 1, low // 2, low // 2 - 1, -(1 << (bits // 2)), low // 3]
    return [v for v in values if low <= v <= high]


IMPORTS = "from scarlet.lang import i8, i16, i32, i64, u8, u16, u32, u64\n\n" + "\n".join(
    f"{kind.upper()}S: list[{kind}] = {edges(kind)}" for kind in ("int", *SIZED)
)

ORACLE_IMPORTS = (
    IMPORTS
    + """

BOUNDS = {"int": (-(1 << 63), (1 << 63) - 1)}
for _bits in (8, 16, 32, 64):
    BOUNDS[f"u{_bits}"] = (0, (1 << _bits) - 1)
    BOUNDS[f"i{_bits}"] = (-(1 << (_bits - 1)), (1 << (_bits - 1)) - 1)


def check(kind, value):
    low, high = BOUNDS[kind]
    if not low <= value <= high:
        raise OverflowError
    return value


def op(name, kind, a, b):
    if name in ("<<", ">>"):
        if b < 0:
            raise ValueError
        if name == "<<" and b > 200:
            b = 200
        return check(kind, a << b if name == "<<" else a >> b)
    a, b = check(kind, a), check(kind, b)
    match name:
        case "+":
            return check(kind, a + b)
        case "-":
            return check(kind, a - b)
        case "*":
            return check(kind, a * b)
        case "//":
            return check(kind, a // b)
        case "%":
            return check(kind, a % b)
        case "&":
            return a & b
        case "|":
            return a | b
        case "^":
            return a ^ b


def shl_wrap(a, b):
    if b < 0:
        raise ValueError
    return a << min(b, 200)


def invert(kind, a):
    return ~a if kind[0] == "i" else ~a & BOUNDS[kind][1]
"""
)


@dataclass(frozen=True)
class Expr:
    kind: str
    dialect: str
    oracle: str


def same(kind: str, text: str) -> Expr:
    return Expr(kind, text, text)


def literal(draw: DrawFn, kind: str) -> Expr:
    value = draw(st.sampled_from(edges(kind)))
    return same(kind, f"({value})" if value < 0 else str(value))


@st.composite
def expressions(draw: DrawFn, kind: str, names: dict[str, str], depth: int) -> Expr:
    """An expression of a type; `names` maps parameters to their types."""
    fitting = [name for name, its in names.items() if its == kind]
    choice = draw(st.integers(0, 13)) if depth > 0 else 0
    deeper = depth - 1
    if choice <= 1:
        if len(fitting) > 0 and draw(st.integers(0, 3)) > 0:
            return same(kind, draw(st.sampled_from(fitting)))
        if kind == "int":
            return literal(draw, kind)
        # A literal alone is an int.
        return same(kind, draw(st.sampled_from(fitting)) if fitting else f"{kind}({literal(draw, kind).dialect})")
    if choice <= 6:
        return draw(binary(kind, names, deeper))
    if choice == 7:
        left = draw(expressions(kind, names, deeper))
        count = same("int", draw(st.sampled_from(["a", "b", "(a & 7)", "(b & 15)", "(a & 31)", "(b & 63)", "(a % 70)", "1", "5"])))
        name = draw(st.sampled_from(["<<", ">>"]))
        return Expr(kind, f"({left.dialect} {name} {count.dialect})", f'op("{name}", "{kind}", {left.oracle}, {count.oracle})')
    if choice == 8:
        inner = draw(expressions(kind, names, deeper))
        if draw(st.booleans()) and bounds(kind)[0] < 0:
            return Expr(kind, f"(-{inner.dialect})", f'check("{kind}", -({inner.oracle}))')
        return Expr(kind, f"(~{inner.dialect})", f'invert("{kind}", {inner.oracle})')
    if choice == 9 and kind != "int":
        inner = draw(modular(draw(st.sampled_from(["int", kind, *SIZED])), names, deeper))
        return Expr(kind, f"{kind}({inner.dialect})", f"{kind}({inner.oracle})")
    if choice == 9:
        other = draw(st.sampled_from(SIZED))
        inner = draw(expressions(other, names, deeper))
        return Expr("int", f"int({inner.dialect})", f'check("int", {inner.oracle})')
    if choice == 10:
        condition = draw(conditions(names, deeper))
        left, right = draw(expressions(kind, names, deeper)), draw(expressions(kind, names, deeper))
        return Expr(
            kind,
            f"({left.dialect} if {condition.dialect} else {right.dialect})",
            f"({left.oracle} if {condition.oracle} else {right.oracle})",
        )
    if choice == 11:
        name = draw(st.sampled_from(["min", "max"]))
        left, right = draw(expressions(kind, names, deeper)), draw(expressions(kind, names, deeper))
        return Expr(kind, f"{name}({left.dialect}, {right.dialect})", f"{name}({left.oracle}, {right.oracle})")
    if choice == 12 and bounds(kind)[0] < 0:
        inner = draw(expressions(kind, names, deeper))
        return Expr(kind, f"abs({inner.dialect})", f'check("{kind}", abs({inner.oracle}))')
    return draw(binary(kind, names, deeper))


@st.composite
def binary(draw: DrawFn, kind: str, names: dict[str, str], depth: int) -> Expr:
    """a op b; beside a sized operand the other may be an int, which is converted."""
    name = draw(st.sampled_from(["+", "-", "*", "//", "%", "&", "|", "^", "+", "-", "*"]))
    left = draw(expressions(kind, names, depth))
    mixed = kind != "int" and draw(st.integers(0, 4)) == 0
    right = same("int", draw(st.sampled_from(["a", "b"]))) if mixed else draw(expressions(kind, names, depth))
    return Expr(kind, f"({left.dialect} {name} {right.dialect})", f'op("{name}", "{kind}", {left.oracle}, {right.oracle})')


@st.composite
def modular(draw: DrawFn, kind: str, names: dict[str, str], depth: int) -> Expr:
    """An expression inside an explicit wrap, where + - * & | ^ ~ << are not checked, however deep they are in one another."""
    if depth <= 0 or draw(st.integers(0, 4)) == 0:
        return draw(expressions(kind, names, 0))
    choice = draw(st.integers(0, 7))
    if choice == 6:
        inner = draw(modular(kind, names, depth - 1))
        sign = draw(st.sampled_from("-~"))
        if sign == "-" and bounds(kind)[0] == 0:
            sign = "~"
        return Expr(kind, f"({sign}{inner.dialect})", f"({sign}({inner.oracle}))")
    left = draw(modular(kind, names, depth - 1))
    if choice == 7:
        count = draw(st.sampled_from(["a", "b", "3", "(b & 31)", "(a & 63)"]))
        return Expr(kind, f"({left.dialect} << {count})", f"shl_wrap({left.oracle}, {count})")
    right = draw(modular(kind, names, depth - 1))
    name = ("+", "-", "*", "&", "|", "^")[choice]
    return Expr(kind, f"({left.dialect} {name} {right.dialect})", f"(({left.oracle}) {name} ({right.oracle}))")


@st.composite
def conditions(draw: DrawFn, names: dict[str, str], depth: int) -> Expr:
    if depth > 0 and draw(st.integers(0, 2)) == 0:
        left, right = draw(conditions(names, depth - 1)), draw(conditions(names, depth - 1))
        name = draw(st.sampled_from(["and", "or"]))
        negation = draw(st.sampled_from(["", "not "]))
        return Expr("bool", f"({negation}{left.dialect} {name} {right.dialect})", f"({negation}{left.oracle} {name} {right.oracle})")
    kind = draw(st.sampled_from(sorted(set(names.values()))))
    other = kind if kind == "int" or draw(st.booleans()) else "int"
    left, right = draw(expressions(kind, names, depth - 1)), draw(expressions(other, names, depth - 1))
    name = draw(st.sampled_from(["<", "<=", "==", "!=", ">", ">="]))
    return Expr("bool", f"({left.dialect} {name} {right.dialect})", f"({left.oracle} {name} {right.oracle})")


@st.composite
def cases(draw: DrawFn) -> Case:
    """A function of two ints and two values of a sized type, and its evaluations."""
    sized = draw(st.sampled_from(SIZED))
    names = {"a": "int", "b": "int", "c": sized, "d": sized}
    kind = draw(st.sampled_from(["int", sized, sized]))
    body = draw(expressions(kind, names, 4))
    n, m = len(edges("int")), len(edges(sized))
    p, q, r, s = (draw(st.integers(1, 30)) for _ in range(4))
    table = f"{sized.upper()}S"
    call = (
        f"value§(INTS[(i * {p} + {q}) % {n}], INTS[(i * {r} + {s}) % {n}], {table}[(i * {q} + {r}) % {m}], {table}[(i * {s} + {p}) % {m}])"
    )
    runner = f"""
def case§() -> None:
    for i in range({EVALUATIONS}):
        try:
            print({call})
        except OverflowError:
            print("OverflowError")
        except ZeroDivisionError:
            print("ZeroDivisionError")
        except ValueError:
            print("ValueError")
"""
    head = f"def value§(a: int, b: int, c: {sized}, d: {sized}) -> {kind}:\n    return "
    return Case(head + body.dialect + "\n\n" + runner, head + body.oracle + "\n\n" + runner)
