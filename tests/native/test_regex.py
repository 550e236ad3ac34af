"""Regular expressions, against Python's where both mean the same."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scarlet.user.errors import UsageError
from scarlet.user.regex import Regex, quoted

ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "[b-d]", "(a|b)", "((ab|c)*)", "^", "$", "(a*)"])
PIECES = st.tuples(ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{0,}"])).map("".join)
PATTERNS = st.lists(PIECES, min_size=1, max_size=4).map("".join)


@given(st.lists(PATTERNS, min_size=1, max_size=2).map("|".join), st.text("abcd", max_size=6))
def test_matching_is_pythons(pattern: str, text: str) -> None:
    assume(not re.search(r"[\^$][*+?{]", pattern))
    expected = re.search(pattern.replace("$", r"\Z"), text)
    found = Regex(pattern.encode()).find(text.encode())
    assert (found is None) == (expected is None)
    assert Regex(pattern.encode()).matches(text.encode()) == (expected is not None)
    if found is not None and expected is not None:
        assert found[0] == expected.start() and found[1] >= expected.end()


def test_the_longest_of_the_first_matches_is_found() -> None:
    assert Regex(b"a|ab|abc").find(b"xabcd") == (1, 4)


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("[[:digit:]]+-[[:alpha:]]", "x12-y", True),
        ("[]a]", "]", True),
        ("[^]a]", "]a", False),
        (r"\.\*", "a.*", True),
        (r"\.", "a", False),
        ("a{3}", "aa", False),
        ("^$", "", True),
        ("", "anything", True),
        ("x|", "", True),
    ],
)
def test_what_posix_says(pattern: str, text: str, matched: bool) -> None:
    assert Regex(pattern.encode()).matches(text.encode()) == matched


def test_case_may_be_ignored() -> None:
    assert Regex(b"HeLLo[a-c]", fold_case=True).matches(b"xhelloB")


@pytest.mark.parametrize("pattern", ["(", ")", "a)", "[a", "*", "a|*", "a{1", "a{2,1}", "a{x}", "\\", r"(a)\1", "[[:x:]]", r"\w", "a{300}"])
def test_what_is_no_expression_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError):
        Regex(pattern.encode())


@given(st.binary(max_size=8).filter(lambda text: b"\n" not in text))
def test_a_quoted_text_matches_itself(text: bytes) -> None:
    assert Regex(b"^" + quoted(text) + b"$").matches(text)


def test_no_text_makes_it_slow() -> None:
    assert not Regex(b"(a*)*b").matches(b"a" * 500)
