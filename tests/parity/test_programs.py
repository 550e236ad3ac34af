"""The corpus of feature programs: each gives the same output, error and status in CPython and compiled.

The programs are ordered from simple to hard. Those in which integers overflow run under CPython with the dialect's checks
(checked.py). All are compiled into one executable; to work on one, compile it alone
(`python -m scarlet.compiler tests/parity/programs/p07_classes.py -o OUT; qemu-riscv64 OUT`).
"""

import sys
from pathlib import Path

import pytest

from tests.parity.worlds import Outcome, compile_and_run, compile_and_run_together, first_difference, run_in_cpython

FOLDER = Path(__file__).parent / "programs"
ENDS_THE_RUN = FOLDER / "p32_uncaught.py"
PROGRAMS = [path for path in sorted(FOLDER.glob("p*.py")) if path != ENDS_THE_RUN]


FLAGS = FOLDER / "p38_flags.py"
FLAGS_CHANGED = (3, 11, 4)
"""Since this CPython `~` of several flags is what docs/dialect.md says; before, it kept bits without a name."""
OVERFLOWING = ("p05_overflow", "p47_checked_integers")


def expected(program: Path) -> Outcome:
    return run_in_cpython(program, checked=program.stem in OVERFLOWING)


@pytest.fixture(scope="module")
def compiled_outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    texts = {program.stem: program.read_text(encoding="utf-8") for program in PROGRAMS}
    return compile_and_run_together(texts, tmp_path_factory.mktemp("programs"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_behaves_alike_in_both_worlds(program: Path, compiled_outputs: dict[str, str]) -> None:
    if program == FLAGS and sys.version_info < FLAGS_CHANGED:
        pytest.skip("the inverse of several flags was another one before CPython 3.11.4")
    want, got = expected(program), compiled_outputs[program.stem]
    assert want.status == 0, want.error
    assert got == want.output, first_difference(want.output, got)


def test_uncaught_exception_ends_the_program_alike(tmp_path: Path) -> None:
    assert compile_and_run(ENDS_THE_RUN, tmp_path) == expected(ENDS_THE_RUN)
