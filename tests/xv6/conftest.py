"""The memory of tests that need no process."""

from tests.vfs.conftest import memory

__all__ = ["memory"]
