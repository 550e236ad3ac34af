"""Memory for the file systems under test, as in tests/vfs; every test gives back what it took."""

import gc
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from scarlet.kernel.memory import frames
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from tests.pagecache.support import reset
from vfs.ext import content
from vfs.pagecache import writeback

MEMORY = 64 << 20


@pytest.fixture(scope="module", autouse=True)
def memory() -> Iterator[None]:
    reset()
    here = world.World(MEMORY)
    before = world.install(here)
    frames.init([MemoryRange(world.RAM_BASE, MEMORY)], [])
    # No threads: tests say when something is written back, and work for root.
    with patch.object(writeback, "_see_to_it"), patch.object(content, "caller", return_value=None):
        yield
    reset()
    world.install(before)


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    """No write-back is left over for the next test."""
    yield
    writeback.write_everything()
    writeback.write_periodic()
    gc.collect()
