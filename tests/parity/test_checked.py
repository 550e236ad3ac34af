"""The checked world of integers itself: what it finds, and that what it rewrites means the same otherwise."""

import ast
from pathlib import Path

import pytest
from mypy.modulefinder import BuildSource

from tests.parity.checked import NAMES, ROOT, rewritten
from tests.parity.integers import Checks, find

PROGRAM = """
from scarlet.lang import u8, u64
LIMIT = 7
def total(a: u64, b: u64) -> u64: return a + b
def wrapped(a: u64, b: u64) -> u64: return u64(a + b)
def given(a: int) -> u8: return a
def told(a: u8) -> str: return f"{a + 1} of {(a + 1) * 2}"
def spread(a: int, b: int) -> int:
    return (
        (a)
        + (b)
    )
"""


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Checks:
    path = tmp_path_factory.mktemp("checked") / "sums.py"
    path.write_text(PROGRAM)
    return find([BuildSource(str(path), "sums", None)], ROOT, compiled=True, cache=ROOT / "build" / "library")[str(path)]


def names_of(checks: Checks) -> dict[str, object]:
    names = dict(NAMES)
    exec(compile(rewritten(ast.parse(PROGRAM), checks), "sums.py", "exec"), names)
    return names


def call(checks: Checks, text: str) -> object:
    return eval(text, names_of(checks))


@pytest.mark.parametrize("text", ["total(1 << 63, 1 << 63)", "given(256)", "given(-1)", "spread((1 << 63) - 1, 1)"])
def test_what_overflows_when_compiled_raises(checks: Checks, text: str) -> None:
    with pytest.raises(OverflowError):
        call(checks, text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("total(1 << 63, 5)", (1 << 63) + 5),
        ("wrapped(1 << 63, 1 << 63)", 0),
        ("given(255)", 255),
        ("told(3)", "4 of 8"),
        ("spread(-1, 1)", 0),
    ],
)
def test_what_fits_stays_as_it_is(checks: Checks, text: str, result: object) -> None:
    assert call(checks, text) == result


def test_a_check_that_has_no_place_in_the_source_is_told(checks: Checks) -> None:
    moved = Checks({(line, column + 1, last, end): kind for (line, column, last, end), kind in checks.operators.items()}, {})
    with pytest.raises(AssertionError, match="disagree"):
        names_of(moved)


def test_without_its_checks_the_program_goes_on_with_larger_numbers() -> None:
    assert call(Checks(), "total(1 << 63, 1 << 63)") == 1 << 64


def test_the_modules_of_the_kernel_are_among_what_is_checked() -> None:
    from tests.parity.checked import kernel_sources

    found = {Path(str(source.path)).as_posix() for source in kernel_sources()}
    assert {"vfs/walk.py", "scarlet/kernel/memory/frames.py", "objects/pipe.py"} <= found
    assert not any(path.startswith(("scarlet/cli", "scarlet/compiler")) for path in found)
