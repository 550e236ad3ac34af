"""The memory of tests that need no process, and runs of whole programs."""

from tests.qemu.conftest import run, run_anywhere
from tests.vfs.conftest import memory

__all__ = ["memory", "run", "run_anywhere"]
