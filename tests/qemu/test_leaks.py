"""After a thousand rounds of everything, as many frames and objects are in use as before."""

import re

import pytest

from tests.qemu.conftest import Run, added

pytestmark = pytest.mark.qemu

ROUNDS = 1000
COUNTER = re.compile(r"^(\S.*?):?\s+(\d+)\b", re.MULTILINE)
IN_USE = ("used", "in use", "live", "allocated")


def counters(text: str) -> dict[str, int]:
    """The lines `name: number` of /proc/scarlet/memory."""
    return {name: int(value) for name, value in COUNTER.findall(text)}


def test_rounds_of_fork_exec_signals_pipes_and_mappings_leave_nothing_behind(run: Run) -> None:
    script = f"rounds 20; cat /proc/scarlet/memory; echo ==; rounds {ROUNDS}; cat /proc/scarlet/memory"
    done = run("sh", "-c", script, options=added("rounds"))
    assert done.returncode == 0, done.stderr.decode()
    before, _, after = done.stdout.decode().partition("==\n")
    assert before.startswith("20 rounds\n")
    assert after.startswith(f"{ROUNDS} rounds\n")
    first, second = counters(before.partition("\n")[2]), counters(after.partition("\n")[2])
    assert first, before
    assert first == second
