"""str, bytes, bytearray, number formatting and parsing of the runtime against CPython's own."""

# ruff: noqa: B023 - the lambdas are called before the loop goes on

import importlib
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.simulated import bytes_value, iterate, native, outcome, text_value

bytearrays = importlib.import_module("scarlet.runtime.bytearray")
formats = importlib.import_module("scarlet.runtime.format")
integers = importlib.import_module("scarlet.runtime.integers")
parsing = importlib.import_module("scarlet.runtime.parsing")

LARGEST = (1 << 63) - 1
TEXT = st.text(st.sampled_from([*"aabB1 0-+_x.,\t\n\r\\'\"", "é", "漢", "🐍", "\u00a0", "\u2028", "\x1c", "\x00", "\x7f"]), max_size=8)
PLAIN = st.text(st.sampled_from(list("abAB1 _-+\t")), max_size=7)
RAW = st.lists(st.sampled_from(list(b"ab \t\n\r\x00\xff\xc3\xa9\xe6\xbc\xa2\xf0\x9f\xed\xa0'\"\\")), max_size=9).map(bytes)
BOUND = st.sampled_from([None, 0, 1, 2, 3, 5, -1, -2, -4, 100, -100])
STEP = st.sampled_from([1, 2, 3, -1, -2])
NUMBER = st.one_of(st.integers(-(1 << 63), LARGEST), st.sampled_from([0, 1, -1, 42, 255, -255, 65, 8364, 1114111, LARGEST, -LARGEST - 1]))
thorough = settings(max_examples=400, derandomize=True, deadline=None)


def same(ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    left, right = outcome(ours), outcome(theirs)
    assert left == right and type(left[1]) is type(right[1])


@thorough
@given(TEXT, st.one_of(TEXT, st.sampled_from(["a", "", " ", "b", "aa"])), BOUND, BOUND, STEP, st.integers(-1, 3), st.integers(0, 9))
def test_str_methods_match(s: str, t: str, a: int | None, b: int | None, step: int, most: int, width: int) -> None:
    ours, wanted = text_value(s), text_value(t)
    low, high = a if a is not None else 0, b if b is not None else LARGEST
    same(lambda: ours.getslice(low, high), lambda: s[a:b])
    same(lambda: ours.getslice_step(a, b, step), lambda: s[a:b:step])
    same(lambda: ours[low], lambda: s[low])
    for name in ("find", "rfind", "index", "rindex", "count", "startswith", "endswith"):
        same(lambda: getattr(ours, name)(wanted, low, high), lambda: getattr(s, name)(t, low, high))
    for name in ("split", "rsplit"):
        same(lambda: getattr(ours, name)(wanted, most), lambda: getattr(s, name)(t, most))
        same(lambda: getattr(ours, name + "_whitespace")(most), lambda: getattr(s, name)(None, most))
    for name in ("partition", "rpartition", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip"):
        same(lambda: getattr(ours, name)(wanted), lambda: getattr(s, name)(t))
    for name in ("strip", "lstrip", "rstrip"):
        same(lambda: getattr(ours, name + "_whitespace")(), lambda: getattr(s, name)())
    for name in ("ljust", "rjust", "center"):
        same(lambda: getattr(ours, name)(width, "é"), lambda: getattr(s, name)(width, "é"))
    same(lambda: ours.replace(wanted, text_value("<>"), most), lambda: s.replace(t, "<>", most))
    same(lambda: ours.zfill(width), lambda: s.zfill(width))
    same(lambda: ours.splitlines(most > 0), lambda: s.splitlines(most > 0))
    for name in ("__repr__", "encode", "isspace", "isprintable", "isascii"):
        same(getattr(ours, name), getattr(s, name))
    same(lambda: ours.expandtabs(4), lambda: s.expandtabs(4))
    same(lambda: ours.encode("ascii"), lambda: s.encode("ascii"))
    same(lambda: wanted.join([s, t, s]), lambda: t.join([s, t, s]))
    same(lambda: list(iterate(ours)), lambda: list(s))
    same(lambda: (ours < wanted, ours == wanted, ours >= wanted, ours.__contains__(wanted)), lambda: (s < t, s == t, s >= t, t in s))


@thorough
@given(PLAIN)
def test_ascii_case_and_classes_match(s: str) -> None:
    ours = text_value(s)
    for name in (
        "upper",
        "lower",
        "title",
        "swapcase",
        "capitalize",
        "isalpha",
        "isdigit",
        "isalnum",
        "isupper",
        "islower",
        "isidentifier",
    ):
        same(getattr(ours, name), getattr(s, name))


@thorough
@given(
    RAW, st.one_of(RAW, st.sampled_from([b"", b"a", b" "])), BOUND, BOUND, STEP, st.integers(-1, 3), st.sampled_from([97, 0, 255, 256, -1])
)
def test_bytes_and_bytearray_methods_match(raw: bytes, t: bytes, a: int | None, b: int | None, step: int, most: int, byte: int) -> None:
    low, high = a if a is not None else 0, b if b is not None else LARGEST
    array = bytearrays.ByteArray()
    array.extend(bytes_value(raw))
    wanted = bytes_value(t)
    for ours, s in ((bytes_value(raw), raw), (array, bytearray(raw))):
        same(lambda: ours.getslice(low, high), lambda: s[a:b])
        same(lambda: ours.getslice_step(a, b, step), lambda: s[a:b:step])
        for name in ("find", "rfind", "index", "rindex", "count", "startswith", "endswith"):
            same(lambda: getattr(ours, name)(wanted, low, high), lambda: getattr(s, name)(t, low, high))
        for name in ("find", "rfind", "index", "count"):
            same(lambda: getattr(ours, name + "_byte")(byte, low, high), lambda: getattr(s, name)(byte, low, high))
        for name in ("split", "rsplit"):
            same(lambda: getattr(ours, name)(wanted, most), lambda: getattr(s, name)(t, most))
            same(lambda: getattr(ours, name + "_whitespace")(most), lambda: getattr(s, name)(None, most))
        for name in ("partition", "rpartition", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip"):
            same(lambda: getattr(ours, name)(wanted), lambda: getattr(s, name)(t))
        same(lambda: ours.replace(wanted, bytes_value(b"XY"), most), lambda: s.replace(t, b"XY", most))
        same(lambda: ours.splitlines(True), lambda: s.splitlines(True))
        for name in ("ljust", "rjust", "center"):
            same(lambda: getattr(ours, name)(7, bytes_value(b"*")), lambda: getattr(s, name)(7, b"*"))
        for name in ("__repr__", "upper", "lower", "isalpha", "isdigit", "isalnum", "isspace", "isupper", "islower", "isascii", "hex"):
            same(getattr(ours, name), getattr(s, name))
        same(lambda: (ours < wanted, ours <= wanted, ours == wanted, ours >= wanted), lambda: (s < t, s <= t, s == t, s >= t))
        same(lambda: (ours.__contains__(wanted), ours.contains_byte(97)), lambda: (t in s, 97 in s))


@thorough
@given(RAW, st.sampled_from([("utf-8", "strict"), ("ascii", "strict"), ("latin-1", "strict"), ("utf-8", "replace"), ("utf-8", "ignore")]))
def test_decoding_matches_with_its_error_texts(raw: bytes, how: tuple[str, str]) -> None:
    def attempt(decode: Callable[..., Any]) -> str:
        try:
            return str(native(decode(*how)))
        except ValueError as error:
            return "refused: " + str(error)

    assert attempt(bytes_value(raw).decode) == attempt(raw.decode)


SPEC = st.tuples(
    st.sampled_from(["", "<", ">", "^", "=", "*<", "0>", "é^", " =", "*="]),
    st.sampled_from(["", "", "+", " ", "-"]),
    st.sampled_from(["", "#"]),
    st.sampled_from(["", "0"]),
    st.sampled_from(["", "1", "5", "12", "27"]),
    st.sampled_from(["", "", ",", "_"]),
    st.sampled_from(["", "d", "x", "X", "o", "b", "c"]),
).map("".join)


def formatted(function: Callable[[], str]) -> str:
    try:
        return function()
    except (ValueError, OverflowError) as error:
        return "refused: " + type(error).__name__


@settings(max_examples=3000, derandomize=True, deadline=None)
@given(NUMBER, SPEC)
def test_integer_formats_match(number: int, spec: str) -> None:
    assert formatted(lambda: formats.format_int(number, spec)) == formatted(lambda: format(number, spec))


@thorough
@given(
    TEXT,
    st.sampled_from(["", "<", ">", "^", "*<", "0>", "é^"]),
    st.sampled_from(["", "0", "5", "012"]),
    st.sampled_from(["", ".3", ".0", ".3s", "s"]),
)
def test_text_formats_match(text: str, align: str, width: str, rest: str) -> None:
    assert formatted(lambda: formats.format_str(text, align + width + rest)) == formatted(lambda: format(text, align + width + rest))


@settings(max_examples=3000, derandomize=True, deadline=None)
@given(st.text(st.sampled_from(list("0011279afzxXobOB_-+ \u00a0")), max_size=8), st.sampled_from([0, 2, 3, 8, 10, 16, 36]))
def test_parsing_integers_matches(digits: str, base: int) -> None:
    same(lambda: parsing.parse_int(digits, base), lambda: int(digits, base))
    same(lambda: parsing.parse_int_bytes(digits.encode("ascii", "replace"), 10), lambda: int(digits.encode("ascii", "replace")))


@settings(max_examples=1000, derandomize=True, deadline=None)
@given(NUMBER, st.sampled_from([0, 1, 2, 4, 7, 8, 9, 16]), st.sampled_from(["little", "big"]), st.booleans(), st.binary(max_size=12))
def test_integer_methods_match(number: int, length: int, order: str, signed: bool, raw: bytes) -> None:
    same(lambda: integers.to_bytes(number, length, order, signed), lambda: number.to_bytes(length, order, signed=signed))  # type: ignore[arg-type]
    whole = int.from_bytes(raw, order, signed=signed)  # type: ignore[arg-type]
    got = outcome(lambda: integers.from_bytes(bytes_value(raw), order, signed))
    assert got == ("value", whole) if -LARGEST - 1 <= whole <= LARGEST else got[0] == "OverflowError"
    assert integers.u64_from_bytes(bytes_value(raw), order) == int.from_bytes(raw, order) % (1 << 64)  # type: ignore[arg-type]
    assert (integers.bit_length(number), integers.bit_count(number)) == (number.bit_length(), number.bit_count())
    assert native(formats.int_to_str(number)) == str(number) and native(formats.hex_text(number)) == hex(number)
    assert native(formats.oct_text(number)) == oct(number) and native(formats.bin_text(number)) == bin(number)
