"""What a virtual call, an allocation and a checked call cost in instructions: exact counts, so a regression shows at once.

The program costs.py runs as a kernel under `qemu-system-riscv64 -icount shift=0`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VIRTUAL_CALL_LIMIT = 12
ALLOCATE_FREE_LIMIT = 40
BYTES_LIMIT = 130
CHECKED_CALL_EXTRA_LIMIT = 2


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Instructions an iteration of each loop, the empty loop's subtracted."""
    image = tmp_path_factory.mktemp("costs") / "costs.elf"
    build = [sys.executable, "-m", "scarlet.compiler", "--target", "kernel", "tests/bench/costs/costs.py", "-o", str(image)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert built.returncode == 0, built.stdout + built.stderr
    machine = [
        "qemu-system-riscv64",
        "-machine",
        "virt",
        "-m",
        "128M",
        "-nographic",
        "-icount",
        "shift=0",
        "-monitor",
        "none",
        "-kernel",
        str(image),
    ]
    run = subprocess.run(machine, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    lines = [line.split() for line in run.stdout.splitlines() if line.startswith("cost ")]
    found = {name: int(value) for _, name, value in lines}
    assert "hart" in found, f"the benchmark did not finish:\n{run.stdout[-2000:]}{run.stderr}"
    return {name: value - found["empty"] for name, value in found.items()}


def test_virtual_call_costs_at_most_12_instructions(costs: dict[str, int]) -> None:
    assert 0 < costs["virtual_call"] <= VIRTUAL_CALL_LIMIT


def test_allocating_and_freeing_an_object_costs_at_most_40_instructions(costs: dict[str, int]) -> None:
    assert 0 < costs["allocate_free"] <= ALLOCATE_FREE_LIMIT


def test_making_a_slice_of_bytes_and_dropping_it_costs_at_most_130_instructions(costs: dict[str, int]) -> None:
    assert 0 < costs["bytes"] <= BYTES_LIMIT


def test_a_call_that_may_raise_costs_at_most_2_instructions_more(costs: dict[str, int]) -> None:
    assert 0 <= costs["checked_call"] - costs["plain_call"] <= CHECKED_CALL_EXTRA_LIMIT
