"""str methods, conversions of numbers, and format specifications."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.parity.generate.batch import Case
from tests.parity.generate.containers import BOUND, INDEX, STEP

IMPORTS = "from scarlet.lang import u8, u64"

ALPHABET = st.sampled_from(list("aabB1 0-+_x.,\t\n\r\\'\"") + ["é", "漢", "🐍", "\u00a0", "\u2028", "\x1c", "\x00", "\x7f"])
TEXT = st.text(ALPHABET, max_size=8)
PLAIN = st.text(st.sampled_from(list("abAB1 _-+\t")), max_size=6)


@st.composite
def strings(draw: DrawFn) -> Case:
    """A handful of expressions over three random texts."""
    s, t = draw(TEXT), draw(st.one_of(TEXT, st.sampled_from(["a", "", " ", "b", "aa"])))
    p = draw(PLAIN)
    lines = [f"s = {s!r}", f"t = {t!r}", f"p = {p!r}"]
    expressions = st.one_of(
        INDEX.map(lambda i: f"s[{i}]"),
        st.tuples(BOUND, BOUND).map(lambda b: f"s[{b[0]}:{b[1]}]"),
        st.tuples(BOUND, BOUND, STEP).map(lambda b: f"s[{b[0]}:{b[1]}:{b[2]}]"),
        st.tuples(st.sampled_from(["find", "rfind", "index", "rindex", "count", "startswith", "endswith"]), INDEX, INDEX).map(
            lambda b: f"s.{b[0]}(t), s.{b[0]}(t, {b[1]}), s.{b[0]}(t, {b[1]}, {b[2]})"
        ),
        st.tuples(st.sampled_from(["split", "rsplit"]), st.sampled_from(["t", "None", '"a"']), st.integers(-1, 3)).map(
            lambda b: f"s.{b[0]}({b[1]}, {b[2]})"
        ),
        st.tuples(st.sampled_from(["strip", "lstrip", "rstrip"]), st.sampled_from(["", "t", '"a "'])).map(lambda b: f"s.{b[0]}({b[1]})"),
        st.tuples(st.sampled_from(["ljust", "rjust", "center"]), st.integers(0, 9), st.sampled_from(["", ', "*"', ', "é"'])).map(
            lambda b: f"s.{b[0]}({b[1]}{b[2]})"
        ),
        st.sampled_from(
            [
                "s.partition(t)",
                "s.rpartition(t)",
                "s.splitlines()",
                "s.splitlines(True)",
                "s.split()",
                "s.rsplit()",
                "s.encode(), s.encode().decode() == s",
            ]
        ),
        st.sampled_from(
            [
                "t.join([s, p, s])",
                "t.join(list(s))",
                's.replace(t, "<>")',
                's.replace(t, "", 1)',
                "s.removeprefix(t)",
                "s.removesuffix(t)",
                "s.zfill(6)",
            ]
        ),
        st.sampled_from(
            [
                "s + t",
                "s * 2",
                "t in s",
                "s < t, s <= t, s == t, s >= t",
                "repr(s), repr(t), ascii(s)",
                "[c for c in s]",
                "sorted(s)",
                "len(s), bool(t)",
            ]
        ),
        st.sampled_from(
            [
                "p.upper(), p.lower(), p.title(), p.swapcase(), p.capitalize()",
                "p.isalpha(), p.isdigit(), p.isalnum(), p.isspace(), p.isupper(), p.islower()",
            ]
        ),
        st.sampled_from(
            [
                "s.isspace(), s.isascii(), s.isprintable()",
                "s.expandtabs(4)",
                "hash(s) == hash(t), s == t",
                "[ord(c) for c in s]",
                "p.isidentifier()",
            ]
        ),
        st.sampled_from(
            [
                "int(p)",
                "int(p, 16)",
                "int(s)",
                "int(p, 0)",
                'int(p + "7", 2)',
                "bytes.fromhex(p)",
                's.encode("ascii")',
                's.encode("latin-1")',
                "ord(t)",
            ]
        ),
        st.sampled_from(
            ["max(s)", "min(t)", "''.join(reversed(s))", 'f"{s}|{t!r}|{p:>5}"', "dict(zip(s, t))", "list(enumerate(t))", "set(t) == set(s)"]
        ),
    )
    body = "\n".join("    " + line for line in lines)
    for _ in range(10):
        body += (
            f"\n    try:\n        print({draw(expressions)})\n    except (IndexError, ValueError, TypeError) as e:\n        print(repr(e))"
        )
    return Case.plain(f"def case§() -> None:\n{body}\n")


NUMBERS = [
    "0",
    "1",
    "-1",
    "42",
    "255",
    "-255",
    "1234567",
    "-1234567",
    "9223372036854775807",
    "-9223372036854775808",
    "65",
    "8364",
    "1114111",
]


@st.composite
def formats(draw: DrawFn) -> Case:
    """Format specifications on integers, u64s and texts."""
    body = [
        "n = " + draw(st.sampled_from(NUMBERS)),
        f"u = u64({draw(st.sampled_from(NUMBERS))})",
        f"s = {draw(TEXT)!r}",
        f"w = {draw(st.integers(0, 20))}",
    ]
    for _ in range(8):
        fill = draw(st.sampled_from(["", "", "*", "0", "é", " "]))
        align = draw(st.sampled_from(["<", ">", "^", "="] if fill else ["", "<", ">", "^", "="]))
        sign = draw(st.sampled_from(["", "", "", "+", " ", "-"]))
        alternate = draw(st.sampled_from(["", "", "#"]))
        zero = draw(st.sampled_from(["", "", "0"]))
        width = draw(st.sampled_from(["", "1", "5", "12", "27", "{w}"]))
        grouping = draw(st.sampled_from(["", "", "", ",", "_"]))
        kind = draw(st.sampled_from(["", "d", "x", "X", "o", "b", "c"]))
        if grouping == "," and kind not in ("", "d"):
            grouping = "_"
        if kind == "c":
            sign = alternate = grouping = ""
        spec = fill + align + sign + alternate + zero + width + grouping + kind
        name = draw(st.sampled_from(["n", "n", "u"]))
        text_align = draw(st.sampled_from(["", "<", ">", "^"]))
        text_spec = (
            (fill if text_align else "") + text_align + width + draw(st.sampled_from(["", ".3", ".0"])) + draw(st.sampled_from(["", "s"]))
        )
        body.append("try:")
        body.append(f'    print(f"[{{{name}:{spec}}}] [{{s:{text_spec}}}] [{{s!r:{text_spec}}}]")')
        body.append("except (ValueError, OverflowError) as e:")
        body.append("    print(type_name(e))")
    body.append("print(n, u, hex(n), oct(n), bin(u), str(n) + str(u), repr(n), n.bit_length(), u.bit_count())")
    text = "\n".join("    " + line for line in body).replace("type_name(e)", '"refused", isinstance(e, OverflowError)')
    return Case.plain(f"def case§() -> None:\n{text}\n")


@st.composite
def conversions(draw: DrawFn) -> Case:
    """to_bytes, from_bytes, int(text, base)."""
    body = []
    for _ in range(8):
        number, length = draw(st.sampled_from(NUMBERS)), draw(st.sampled_from([0, 1, 2, 4, 7, 8, 9, 16]))
        order, signed = draw(st.sampled_from(["little", "big"])), draw(st.booleans())
        raw = draw(st.binary(max_size=8))
        if len(raw) == 8 and not signed:
            raw = raw[1:]
        base = draw(st.sampled_from([0, 2, 3, 8, 10, 16, 36]))
        digits = draw(st.text(st.sampled_from(list("0011279afzxob_-+ ")), max_size=7))
        for line in (
            f'print(({number}).to_bytes({length}, "{order}", signed={signed}))',
            f'print(int.from_bytes({raw!r}, "{order}", signed={signed}))',
            f"print(int({digits!r}, {base}), int({digits.encode()!r}))",
            f"print(chr({number} % 55000), divmod({number}, {length} - 2))",
        ):
            body += ["try:", "    " + line, "except (ValueError, OverflowError, ZeroDivisionError) as e:", "    print(str(e))"]
    text = "\n".join("    " + line for line in body)
    return Case.plain(f"def case§() -> None:\n{text}\n")
