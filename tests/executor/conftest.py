"""The memory and the empty root directory of the file-system tests."""

from tests.vfs.conftest import memory, tree

__all__ = ["memory", "tree"]
