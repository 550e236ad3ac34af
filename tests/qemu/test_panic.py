"""A panic says what went wrong and where, in Python's terms, and the command fails."""

import pytest

from tests.qemu.conftest import Run


def test_a_panic_names_its_reason_and_its_place(run_anywhere: Run) -> None:
    done = run_anywhere("sh", "-c", "echo before; echo c >/proc/sysrq-trigger; echo never")
    assert done.returncode == 125
    assert done.stdout == b"before\n"
    words = done.stderr.decode()
    assert words.splitlines()[-1] == "scarlet: kernel panic: sysrq: a crash was asked for (its report is above)"
    assert "vfs/procfs/sysrq.py" in words  # the calls that led there, by file and line


@pytest.mark.qemu
def test_a_panic_names_its_functions(run: Run) -> None:
    words = run("sh", "-c", "echo c >/proc/sysrq-trigger").stderr.decode()
    assert "_pressed" in words
