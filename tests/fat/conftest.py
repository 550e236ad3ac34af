"""Memory for the page cache, and a scheduler whose write-back thread never has its turn: what is written is written by a sync."""

from collections.abc import Iterator

import pytest

from scarlet.kernel import scheduler
from tests.vfs.conftest import memory
from vfs.pagecache import writeback

__all__ = ["memory"]


@pytest.fixture(scope="module", autouse=True)
def threads(memory: None) -> Iterator[None]:
    scheduler._harts.clear()
    scheduler.prepare()
    writeback._threads.clear()
    yield
    writeback._threads.clear()
    scheduler._harts.clear()
