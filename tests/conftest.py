"""All tests, from fast to slow: what is wrong with the source is said before anything boots."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from scarlet.kernel import clock
from scarlet.machine.hosted.run import CALL_DEPTH

# The same examples every time: a run says something about the change, not about luck. SCARLET_EXPLORE=1 looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("explore" if os.environ.get("SCARLET_EXPLORE") else "repeatable")

TESTS = Path(__file__).parent
ORDER = (
    "source",
    "lang",
    "runtime",
    "objects",
    "kernel",
    "vfs",
    "drivers",
    "net",
    "machine",
    "executor",
    "abi",
    "cli",
    "plugins",
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


def pytest_collection_finish() -> None:
    """Not in the middle of a test: hypothesis warns of it."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), CALL_DEPTH))


@pytest.fixture(scope="module", autouse=True)
def what_is_there_already_stays() -> None:
    """Garbage is collected when a world ends (scarlet/machine/hosted/world.py), some forty thousand times. Without this each time would
    look at all that pytest and the tests before have made."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def real_time_is_set_for_one_test() -> Iterator[None]:
    """What a test set the clock to is an offset to its own world's time, and may be before 1970 in the next one's."""
    before = clock.realtime_offset_ns()
    yield
    clock._realtime_offset_ns = before
