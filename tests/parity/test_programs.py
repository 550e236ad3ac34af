"""The corpus of feature programs: each gives the same output, error and status in CPython and compiled.

The programs are ordered from simple to hard. A file PROGRAM.expected beside a program replaces the run under CPython where the dialect's rule
differs by design (an overflow raises).
"""

from pathlib import Path

import pytest

from tests.parity.worlds import Outcome, compile_and_run, first_difference, run_in_cpython

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("p*.py"))


def expected(program: Path) -> Outcome:
    text = program.with_suffix(".expected")
    if text.exists():
        return Outcome(text.read_text(encoding="utf-8"), "", 0)
    return run_in_cpython(program)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_behaves_alike_in_both_worlds(program: Path, tmp_path: Path) -> None:
    want = expected(program)
    got = compile_and_run(program, tmp_path)
    assert got.output == want.output, first_difference(want.output, got.output)
    assert (got.error, got.status) == (want.error, want.status)
