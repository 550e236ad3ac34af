"""All tests, from fast to slow: what is wrong with the source is said before anything boots."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ORDER = (
    "source",
    "lang",
    "runtime",
    "objects",
    "kernel",
    "vfs",
    "drivers",
    "machine",
    "executor",
    "abi",
    "cli",
    "compiler",
    "parity",
    "bench",
    "equivalence",
    "qemu",
)
"""Folders of tests; one that is not named comes before the slow ones."""
SLOW = ORDER.index("compiler")


def _rank(item: pytest.Item) -> tuple[int, int]:
    folder = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
    place = ORDER.index(folder) if folder in ORDER else SLOW
    return bool(item.get_closest_marker("qemu")) * 2 + bool(item.get_closest_marker("hosted")), place


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
