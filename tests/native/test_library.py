"""The parts of scarlet.user that need no kernel: paths, options, patterns, tables, dates."""

import datetime
import fnmatch
import os.path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scarlet.user import options, paths, tables
from scarlet.user.calendar import Date, duration
from scarlet.user.environment import Environment
from scarlet.user.errors import UsageError
from scarlet.user.modes import parse_octal
from scarlet.user.patterns import escaped, is_pattern, matches, unescaped

USAGE = """
usage: tool [-ab] [-n COUNT] [FILE...]

  -a, --all           everything
  -b                  something
  -n, --lines COUNT   how many
      --only-long     no letter
"""


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b.c"]), max_size=6), st.booleans())
def test_paths_are_made_plain_as_posixpath_does(parts: list[str], absolute: bool) -> None:
    path = ("/" if absolute else "") + "/".join(parts)
    expected = os.path.normpath(path)
    assert paths.normal(path.encode()) == (expected[1:] if expected.startswith("//") else expected).encode()


@pytest.mark.parametrize(
    ("path", "base", "parent"),
    [("/a/b", "b", "/a"), ("a", "a", "."), ("/a", "a", "/"), ("a/b/", "b", "a"), ("/", "/", "/"), ("a//b", "b", "a"), ("", "", ".")],
)
def test_paths_are_split(path: str, base: str, parent: str) -> None:
    assert (paths.base_name(path.encode()).decode(), paths.parent(path.encode()).decode()) == (base, parent)


@pytest.mark.parametrize(
    ("words", "given", "operands"),
    [
        ("-ab x", {"a": [""], "b": [""]}, "x"),
        ("x -a y", {"a": [""]}, "x y"),
        ("-an3 -n 4 --lines=5 --lines 6", {"a": [""], "n": ["3", "4", "5", "6"]}, ""),
        ("--only-long - -- -a", {"only-long": [""]}, "- -a"),
    ],
)
def test_a_command_line_is_taken_apart(words: str, given: dict[str, list[str]], operands: str) -> None:
    found = options.parse(USAGE, [word.encode() for word in words.split()])
    for name, values in given.items():
        assert [value.decode() for value in found.values(name)] == values
    assert not any(found.has(name) for name in {"a", "b", "n", "only-long"} - set(given))
    assert b" ".join(found.operands).decode() == operands


@pytest.mark.parametrize("words", ["-x", "--unknown", "-n", "--lines", "--all=3", "--"[:1] + "an"])
def test_a_wrong_command_line_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        options.parse(USAGE, [words.encode()])


def test_the_first_operand_may_end_the_options() -> None:
    found = options.parse(USAGE, [b"-a", b"prog", b"-b"], interspersed=False)
    assert found.has("a") and not found.has("b") and found.operands == [b"prog", b"-b"]


@pytest.mark.parametrize("text", ["", "x", "1x", "0x10", "1" * 19, "--1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        options.number(text.encode())


@given(st.text("ab*?[]!-x", max_size=8), st.text("abx-", max_size=8))
def test_patterns_match_what_fnmatch_matches(pattern: str, text: str) -> None:
    if "[]" in pattern.replace("[!", "[") or "--" in pattern or "[-" in pattern or "-]" in pattern or "[!-" in pattern:
        return  # ranges that are empty or end in brackets: POSIX leaves them open
    assert matches(pattern.encode(), text.encode()) == fnmatch.fnmatchcase(text, pattern)


@given(st.binary(max_size=12))
def test_an_escaped_text_matches_itself_only(text: bytes) -> None:
    assert unescaped(escaped(text)) == text
    assert matches(escaped(text), text) and not is_pattern(escaped(text))
    assert not matches(escaped(text), text + b"x")


@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2262, 1, 1)))
def test_dates_are_those_of_the_calendar(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=0)
    date = Date(int((moment - datetime.datetime(1970, 1, 1)).total_seconds()) * 1_000_000_000)
    assert (date.year, date.month, date.day, date.hour, date.minute, date.second) == moment.timetuple()[:6]


def test_durations_are_minutes_and_hours() -> None:
    assert [duration(seconds * 10**9) for seconds in (0, 59, 61, 3600, 36_061)] == ["0:00", "0:59", "1:01", "1:00:00", "10:01:01"]


@pytest.mark.parametrize(
    ("kind", "mode", "text"),
    [
        (8, 0o644, "-rw-r--r--"),
        (4, 0o1777, "drwxrwxrwt"),
        (8, 0o4755, "-rwsr-xr-x"),
        (8, 0o2640, "-rw-r-S---"),
        (10, 0o777, "lrwxrwxrwx"),
        (2, 0, "c---------"),
    ],
)
def test_modes_are_shown_as_ls_does(kind: int, mode: int, text: str) -> None:
    assert tables.mode_text(kind, mode) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0"),
        (1023, "1023"),
        (1024, "1.0K"),
        (1025, "1.1K"),
        (10240, "10K"),
        (10 * 1024 - 1, "10K"),
        (1 << 20, "1.0M"),
        (5 << 40, "5.0T"),
    ],
)
def test_sizes_are_rounded_up(size: int, text: str) -> None:
    assert tables.size_text(size) == text


def test_columns_are_filled_downwards() -> None:
    assert tables.columns([b"a", b"bb", b"ccc", b"d", b"e"], 9) == [b"a    d", b"bb   e", b"ccc"]
    assert tables.columns([b"a", b"b"], 80) == [b"a  b"]
    assert tables.columns([b"toolong", b"x"], 3) == [b"toolong", b"x"]
    assert tables.columns([], 80) == []


def test_tables_line_up() -> None:
    assert tables.table([["1", "a", "x"], ["10", "bbb", "yy"]], [True, False, False]) == [" 1 a   x", "10 bbb yy"]


def test_octal_modes() -> None:
    assert parse_octal(b"1755") == 0o1755
    for text in (b"", b"8", b"77777", b"-1"):
        with pytest.raises(UsageError):
            parse_octal(text)


def test_an_environment_keeps_its_order() -> None:
    environment = Environment([b"A=1", b"B=x=y", b"EMPTY="])
    environment.set(b"A", b"2")
    environment.remove(b"none")
    assert environment.settings() == [b"A=2", b"B=x=y", b"EMPTY="] and environment.get(b"EMPTY") == b"" and environment.get(b"Z") is None
