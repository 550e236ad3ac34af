"""mypy strict and ruff have nothing to say."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("world", ["hosted", "riscv64", "linux_user", "native_user", "xv6_user"])
def test_mypy_strict_is_content(world: str) -> None:
    assert run("tests.source.typecheck", world) == ""


def test_ruff_is_content() -> None:
    assert run("ruff", "check", "--quiet", ".") == ""


def test_generated_files_are_fresh() -> None:
    assert run("scarlet.cli.generate", "--check") == ""
