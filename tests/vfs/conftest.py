"""Memory for the file systems under test: one frame allocator for the whole run, every test gives back what it took."""

import gc
from collections.abc import Iterator

import pytest

from scarlet.kernel.memory import frames
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from tests.pagecache.support import reset
from tests.vfs.support import Tree, image

MEMORY = 64 << 20
IMAGE_START = 40 << 20
"""Where the reserved memory for boot images begins."""


@pytest.fixture(scope="module", autouse=True)
def memory() -> Iterator[None]:
    here = world.World(MEMORY)
    before = world.install(here)
    frames.init([MemoryRange(world.RAM_BASE, MEMORY)], [MemoryRange(world.RAM_BASE + IMAGE_START, MEMORY - IMAGE_START)])
    image.start(world.RAM_BASE + IMAGE_START)
    yield
    reset()
    world.install(before)


@pytest.fixture
def tree() -> Iterator[Tree]:
    """An empty tmpfs as the root of everything; afterwards every frame it took is free again."""
    gc.collect()
    free = frames.free_frames()
    tree = Tree()
    yield tree
    tree.close()
    assert frames.free_frames() == free
