"""The memory of tests that need no process, and runs of whole programs."""

import pytest

from tests.qemu.conftest import Run, run, run_anywhere, runner
from tests.vfs.conftest import memory

__all__ = ["memory", "run", "run_anywhere", "run_hosted"]


@pytest.fixture(scope="session")
def run_hosted() -> Run:
    """Run one program under CPython."""
    return runner("--hosted")
