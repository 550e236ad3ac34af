"""A machine that is switched on for one test; the drivers under test find the device twins at their addresses."""

from collections.abc import Iterator
from io import BytesIO

import pytest

from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.uart import ScriptInput


@pytest.fixture
def output() -> BytesIO:
    return BytesIO()


@pytest.fixture
def machine(output: BytesIO) -> Iterator[world.World]:
    here = world.World(8 << 20, stdin=ScriptInput(b"0123456789abcdefghij"), stdout=output, log=BytesIO())
    before = world.install(here)
    yield here
    world.install(before)
