"""After a thousand rounds of everything, as many frames and objects are in use as before."""

import pytest

from tests.qemu.conftest import Run, added

pytestmark = pytest.mark.qemu

IN_USE = ("frames_free", "frames_in_files", "objects", "processes", "tasks")
"""The lines of /proc/scarlet/memory that say what is in use; the others count events."""

ROUNDS = (200, 200, 200, 200, 1000)
"""The first ones let every table grow to the size it keeps; the last two are compared. The shell does the same each time."""


def in_use(text: str) -> dict[str, int]:
    values = dict(line.split() for line in text.splitlines() if len(line.split()) == 2)
    return {name: int(values[name]) for name in IN_USE}


def test_rounds_of_fork_exec_signals_pipes_and_mappings_leave_nothing_behind(run: Run) -> None:
    script = f"for n in {' '.join(map(str, ROUNDS))}; do rounds $n; sleep 0.1; cat /proc/scarlet/memory; echo ==; done"
    done = run("sh", "-c", script, options=[*added("rounds"), "--net", "none"])
    assert done.returncode == 0, done.stderr.decode()
    looks = done.stdout.decode().split("==\n")[:-1]
    assert [look.split("\n")[0] for look in looks] == [f"{count} rounds" for count in ROUNDS]
    before, after = in_use(looks[-2].partition("\n")[2]), in_use(looks[-1].partition("\n")[2])
    assert before["objects"] > 100
    assert before == after
