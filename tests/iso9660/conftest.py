"""Memory for the page cache, and a scheduler for who waits for it."""

from tests.fat.conftest import memory, threads

__all__ = ["memory", "threads"]
