"""A machine that is switched on for one test, without threads: the test itself is the kernel."""

from collections.abc import Iterator
from io import BytesIO

import pytest

from scarlet.machine.hosted import world


@pytest.fixture
def machine() -> Iterator[world.World]:
    here = world.World(8 << 20, stdout=BytesIO(), log=BytesIO())
    before = world.install(here)
    yield here
    world.install(before)
