"""The parts of the xv6 programs that are Python like any other: grep's patterns, the shell's language."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scarlet.xv6.commands import Background, Command, Direction, Group, Pipe, Sequence, Simple, SyntaxMistake, parse
from scarlet.xv6.patterns import matches

ATOMS = st.sampled_from([b"a", b"b", b".", b"a*", b"b*", b".*"])
PATTERNS = st.builds(
    lambda start, atoms, end: start + b"".join(atoms) + end,
    st.sampled_from([b"", b"^"]),
    st.lists(ATOMS, max_size=5),
    st.sampled_from([b"", b"$"]),
)


@given(PATTERNS, st.text("abc", max_size=8))
def test_patterns_match_what_regular_expressions_match(pattern: bytes, line: str) -> None:
    assert matches(pattern, line.encode()) == (re.search(pattern, line.encode()) is not None)


@pytest.mark.parametrize(("pattern", "line"), [(b"a$b", b"a$b"), (b"a^b", b"a^b"), (b"*a", b"*a"), (b"", b"")])
def test_special_bytes_elsewhere_are_themselves(pattern: bytes, line: bytes) -> None:
    assert matches(pattern, line)


def show(command: Command) -> str:
    """A command as text that says how it was understood."""
    text = ""
    match command:
        case Simple(words=words):
            text = " ".join(word.decode() for word in words)
        case Pipe(left=left, right=right):
            text = f"({show(left)} | {show(right)})"
        case Sequence(first=first, second=second):
            text = f"({show(first)} ; {show(second)})"
        case Background(command=inner):
            text = f"({show(inner)} &)"
        case Group(command=inner):
            text = f"[{show(inner)}]"
    symbols = {Direction.INPUT: "<", Direction.OUTPUT: ">", Direction.APPEND: ">>"}
    return text + "".join(f" {symbols[item.direction]}{item.file.decode()}" for item in command.redirections)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("", ""),
        ("  ls  -l\t/ ", "ls -l /"),
        ("a|b | c", "(a | (b | c))"),
        ("a; b ;c", "(a ; (b ; c))"),
        ("a;", "a"),
        ("a &", "(a &)"),
        ("a & b", "((a &) ; b)"),
        ("a & ; b", "((a &) ; b)"),
        ("a | b & c; d", "(((a | b) &) ; (c ; d))"),
        ("(a; b) | c", "([(a ; b)] | c)"),
        ("(a) > f", "[a] >f"),
        ("a<in>out", "a <in >out"),
        ("> out a b", "a b >out"),
        ("a >>f b < g", "a b >>f <g"),
        ("((a))", "[[a]]"),
        ("(a & )", "[(a &)]"),
    ],
)
def test_lines_are_understood(line: str, meaning: str) -> None:
    assert show(parse(line.encode())) == meaning


@pytest.mark.parametrize("line", ["(a", "a)", "a >", "a > | b", "(a) b", "a < ; b", ")"])
def test_mistakes_are_told(line: str) -> None:
    with pytest.raises(SyntaxMistake):
        parse(line.encode())


@given(st.text("ab |&;()<>", max_size=30))
def test_every_line_is_a_command_or_a_mistake(line: str) -> None:
    try:
        show(parse(line.encode()))
    except SyntaxMistake:
        pass
