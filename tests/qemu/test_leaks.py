"""After a thousand rounds of everything, as many frames and objects are in use as before."""

import pytest

from tests.qemu.conftest import Run, added

pytestmark = pytest.mark.qemu

ROUNDS = 1000
WARM_UP = 1000
"""After these every table has grown to the size it keeps, and every process number has as many digits as later ones."""
IN_USE = ("frames_free", "frames_in_files", "objects", "processes", "tasks")
"""The lines of /proc/scarlet/memory that say what is in use; the others count events."""


def in_use(text: str) -> dict[str, int]:
    values = dict(line.split() for line in text.splitlines())
    return {name: int(values[name]) for name in IN_USE}


def test_rounds_of_fork_exec_signals_pipes_and_mappings_leave_nothing_behind(run: Run) -> None:
    look = "cat /proc/scarlet/memory"
    done = run("sh", "-c", f"rounds {WARM_UP}; {look}; echo ==; rounds {ROUNDS}; {look}; true", options=added("rounds"))
    assert done.returncode == 0, done.stderr.decode()
    before, _, after = done.stdout.decode().partition("==\n")
    assert before.startswith(f"{WARM_UP} rounds\n")
    assert after.startswith(f"{ROUNDS} rounds\n")
    first, second = in_use(before.partition("\n")[2]), in_use(after.partition("\n")[2])
    assert first["objects"] > 100
    assert first == second
