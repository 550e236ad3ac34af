"""A panic says what went wrong and where, in Python's terms, and the command fails."""

import pytest

from tests.qemu.conftest import Run

pytestmark = pytest.mark.qemu


def test_a_panic_names_its_reason_and_its_place(run: Run) -> None:
    done = run("sh", "-c", "echo before; echo c >/proc/sysrq-trigger; echo never")
    assert done.returncode == 125
    assert done.stdout == b"before\n"
    words = done.stderr.decode()
    assert "kernel panic: " in words
    assert words.splitlines()[-1].startswith("scarlet: kernel panic: ")
    assert ".py:" in words  # file and line of the frames
    assert "sepc" in words or "pc" in words  # registers
