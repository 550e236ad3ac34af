"""The shell's expansion of words, against what POSIX says (checked with dash)."""

import fnmatch

import pytest

from scarlet.user.errors import Failure
from scarlet.user.shell.expand import arguments
from scarlet.user.shell.lexer import Incomplete, SyntaxFailure
from scarlet.user.shell.parser import Parser, parse
from scarlet.user.shell.tree import Simple


class Shell:
    """Stands in for the running shell."""

    def __init__(self) -> None:
        self.variables = {b"HOME": b"/root", b"x": b"one two", b"empty": b"", b"path": b"/usr/lib/a.tar.gz", b"n": b"7"}

    def get(self, name: bytes) -> bytes | None:
        return self.variables.get(name)

    def set(self, name: bytes, value: bytes) -> None:
        self.variables[name] = value

    def parameters(self) -> list[bytes]:
        return [b"first", b"the second"]

    def special(self, name: bytes) -> bytes:
        return {b"?": b"3", b"$": b"42", b"0": b"sh"}[name]

    def substitute(self, commands: bytes) -> bytes:
        return b"<" + commands + b">\n\n"

    def files(self, pattern: bytes) -> list[bytes]:
        names = ["a.c", "b.c", "star*", "x y"]
        return [name.encode() for name in names if fnmatch.fnmatchcase(name, pattern.decode().replace("\\*", "[*]"))]


def expanded(text: str) -> list[str]:
    command = parse(text.encode()).items[0].command
    assert isinstance(command, Simple)
    return [field.decode() for field in arguments(command.words, Shell())]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("echo a  b", ["echo", "a", "b"]),
        ("$x", ["one", "two"]),
        ('"$x"', ["one two"]),
        ("a$x'b c'", ["aone", "twob c"]),
        ("'' \"\" $empty", ["", ""]),
        ('"$@"', ["first", "the second"]),
        ("$@", ["first", "the", "second"]),
        ('a"$@"b', ["afirst", "the secondb"]),
        ('"$*"', ["first the second"]),
        ("$# $1 ${2} $9", ["2", "first", "the", "second"]),
        ("~ ~/a '~' a~", ["/root", "/root/a", "~", "a~"]),
        ("$? $$ $0", ["3", "42", "sh"]),
        ("${x:-no} ${none:-no} ${empty:-no} ${empty-no}", ["one", "two", "no", "no"]),
        ("${none:+yes} ${x:+yes}", ["yes"]),
        ("${none:-'a b'}", ["a b"]),
        ('"${none:-a b}"', ["a b"]),
        ("${#path} ${path##*/} ${path%.*} ${path%%.*} ${path#/}", ["17", "a.tar.gz", "/usr/lib/a.tar", "/usr/lib/a", "usr/lib/a.tar.gz"]),
        ("$(echo a)", ["<echo", "a>"]),
        ('"$(echo ")" a)"', ['<echo ")" a>']),
        ("`echo \\`a\\``", ["<echo", "`a`>"]),
        ("$((1 + 2 * n)) $((n = 3 , 1))", []),
        ("$(( (1 + 2) * n )) $((-7 / 2)) $((-7 % 2)) $((n == 7 && !0))", ["21", "-3", "-1", "1"]),
        ("*.c '*.c' \\*.c", ["a.c", "b.c", "*.c", "*.c"]),
        ("star\\* nothing*", ["star*", "nothing*"]),
        ("a\\ b 'it'\\''s' $ a$", ["a b", "it's", "$", "a$"]),
        ('"\\$x \\a \\" $x"', ['$x \\a " one two']),
        ("a#b # comment", ["a#b"]),
        ("a\\\nb", ["ab"]),
    ],
)
def test_words_become_fields(text: str, fields: list[str]) -> None:
    if not fields:
        with pytest.raises(Failure):
            expanded(text)
    else:
        assert expanded(text) == fields


@pytest.mark.parametrize("text", ["${none:?gone}", "${none:?}", "$((1 / 0))", "$((1 +))", "$((1.5))", "${x!}", "${}"])
def test_what_makes_no_sense_fails_with_a_reason(text: str) -> None:
    with pytest.raises(Failure):
        expanded(text)


def test_an_assigning_default_is_kept() -> None:
    shell = Shell()
    assert arguments([b"${new:=v w}", b"$new"], shell) == [b"v", b"w", b"v", b"w"]
    assert shell.variables[b"new"] == b"v w"


@pytest.mark.parametrize(
    "text",
    [
        "if a",
        "if a; then",
        "while a; do b",
        "a |",
        "a &&",
        "'a",
        '"a',
        "$(a",
        "`a",
        "(a",
        "{ a",
        "a <<E",
        "a <<E\nb",
        "case a in",
        "f() ",
        "a \\",
    ],
)
def test_an_unfinished_command_asks_for_more(text: str) -> None:
    with pytest.raises(Incomplete):
        parse(text.encode())


@pytest.mark.parametrize(
    "text", [")", "a;;", "fi", "a || | b", "if; then a; fi", "for 1 in a; do b; done", "a > ", "()", "| a", "a & & b", "{ a; } b", "a <"]
)
def test_a_wrong_command_is_refused(text: str) -> None:
    with pytest.raises(SyntaxFailure):
        parse((text + "\n\n").encode() if "> " not in text else text.encode())


SOURCES = [
    "a b | c > d 2>&1 && e || ! f",
    "if a; then b; elif c; then d; else e; fi < in",
    "while a; do b; break; done; until x; do y; done &",
    "for i in 1 2 3; do echo $i; done | cat",
    "for i do a; done",
    "case $x in a|b) c;; (*) d; esac",
    "{ a; b; } > f; (cd /; pwd) | wc",
    "cat <<E <<'F' > out\nbody $x\nE\nraw $x\nF\nnext",
    "f() { echo $1; }; f x",
    "x=1 y='a b' env; z=3",
    "cat 2>/dev/null <&3 3>>log <>both >|over",
]


@pytest.mark.parametrize("text", SOURCES)
def test_a_tree_written_out_is_parsed_as_itself(text: str) -> None:
    once = parse(text.encode()).source()
    assert parse(once).source() == once


def test_a_here_document_is_taken_after_its_line() -> None:
    tree = parse(b"cat <<-E; echo next\n\t\tindented\n\tE\nlast")
    first = tree.items[0].command
    assert first.redirections[0].body == b"indented\n"
    assert [item.command.source() for item in tree.items[1:]] == [b"echo next", b"last"]


def test_a_number_is_a_slot_only_when_the_operator_follows_at_once() -> None:
    tree = parse(b"echo 2 >a 2>b")
    command = tree.items[0].command
    assert isinstance(command, Simple)
    assert command.words == [b"echo", b"2"] and [r.slot for r in command.redirections] == [1, 2]


def test_reserved_words_are_ordinary_elsewhere() -> None:
    assert expanded("echo if then fi { } do") == ["echo", "if", "then", "fi", "{", "}", "do"]


def test_a_parser_stops_where_the_text_does() -> None:
    with pytest.raises(SyntaxFailure):
        Parser(b"a )").expect_end()
