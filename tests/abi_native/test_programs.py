"""Native programs on the hosted machine: programs/checks.py starts itself in many ways and says what it found."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "programs"
ROOT = Path(__file__).parents[2]
TIMEOUT = 600


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled program `checks`; `hostile` lies beside it."""
    output = tmp_path_factory.mktemp("native")
    compiler = [sys.executable, "-m", "scarlet.compiler", "--target", "native", "--programs", "-o", str(output)]
    subprocess.run([*compiler, *map(str, sorted(FOLDER.glob("*.py")))], cwd=ROOT, check=True, timeout=TIMEOUT)
    return output / "checks"


def answers(checks: Path, *options: str, program: Sequence[str] = ("/tmp/checks",)) -> "subprocess.CompletedProcess[str]":
    """What a run of the program, or of another one beside it, says."""
    scarlet = [sys.executable, "-c", "from scarlet.cli.main import main; main()", "run", *options]
    command = [*scarlet, "--add", f"{checks}:/tmp/checks", "--", *program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT)


@pytest.mark.hosted
def test_every_check_is_passed(checks: Path) -> None:
    done = answers(checks, "--hosted")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert len(lines) == (FOLDER / "checks.py").read_text().count('    ("')


@pytest.mark.hosted
def test_faults_are_told_in_the_log(checks: Path) -> None:
    done = answers(checks, "--hosted", "--log")
    assert "(checks) is ended by SIGSEGV at 0x" in done.stderr


@pytest.mark.qemu
def test_every_check_is_passed_on_the_machine(checks: Path) -> None:
    done = answers(checks)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if not line.startswith("ok ")] == []


QUIET = [
    "a child has",
    "inheriting",
    "arguments",
    "rights",
    "a task",
    "a program",
    "a chosen",
    "a group",
    "a handle",
    "memory",
    "a trace",
    "a Linux",
]
"""Checks that neither write to the kernel's log nor make names, both of which the kernel remembers for a while."""
LOOK = "grep -E 'frames_free|objects|processes|tasks' /proc/scarlet/memory"


@pytest.mark.qemu
def test_children_channels_and_groups_leave_nothing_behind(checks: Path) -> None:
    rounds = "; ".join(f"/tmp/checks only '{name}'" for name in QUIET)
    script = f"for n in 1 2 3 4 5 6 7 8; do {{ {rounds}; }} > /dev/null; sleep 0.1; {LOOK}; echo ==; done"
    done = answers(checks, program=["busybox", "sh", "-c", script])
    assert done.returncode == 0, done.stderr
    looks = done.stdout.split("==\n")
    assert len(looks) == 9
    assert looks[-4] == looks[-2] != ""


@pytest.mark.qemu
def test_hostile_calls_are_refused_and_nothing_more(checks: Path) -> None:
    script = "for seed in 1 2 3; do /tmp/hostile $seed 3000; done"
    done = answers(checks, "--log", "--add", f"{checks.with_name('hostile')}:/tmp/hostile", program=["busybox", "sh", "-c", script])
    assert done.returncode == 0, done.stderr
    assert [line.partition(" ")[2] for line in done.stdout.splitlines()] == ["of 3000 refused"] * 3
    assert "the kernel failed" not in done.stderr
